/*
 * connection.h - what db.c (connection, errors, transactions) and statement.c (prepared statements)
 * share. Nobody else includes it. SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef CX_DB_CONNECTION_H
#define CX_DB_CONNECTION_H

#include <mysql.h>

#include "db.h"

/* Kept prepared, found by its SQL text. */
struct cx_statement {
    struct cx_statement *next;
    char *sql;
    MYSQL_STMT *stmt;
    bool in_use;  /* somebody reads its rows */
    bool outcast; /* not in the cache (any more): its user ends it */
};

enum cx_transaction {
    CX_TX_NONE,
    CX_TX_OPEN,
    CX_TX_LOST, /* with its connection; statements are refused until commit or rollback is called */
};

struct cx_db {
    struct cx_db_config config;
    MYSQL mysql;
    bool connected;
    unsigned generation; /* counts connections: what was prepared on another one is gone */
    enum cx_transaction transaction;
    struct cx_statement *buckets[64];
    unsigned statement_count;
    char error[512];
    char duplicate_key[65];
};

/* Connects when there is no connection. -ENOTCONN also in a transaction that was lost: nothing may
 * be written outside of it by mistake. */
int cx_db_ready(struct cx_db *db);

/* Remembers the text, drops a connection that is broken. The errno of db.h that it is. */
int cx_db_fail(struct cx_db *db, unsigned code, const char *text);

/* Empties the cache. Statements whose rows are being read live until their reader ends. */
void cx_db_forget_statements(struct cx_db *db);

#endif
