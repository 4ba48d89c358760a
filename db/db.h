/*
 * db.h - one connection to the shared database: statements with bound parameters, transactions,
 * reconnection.
 *
 * Synchronous: for the API, the loader and the workers' job threads, never for a call path. A
 * struct cx_db is used by one thread at a time. Every value goes in as a bound parameter; SQL text
 * never contains data. Errors are negative errno: -EEXIST unique key, -ECHILD foreign key, -EAGAIN
 * deadlock or lock time-out (try the transaction again), -ENOTCONN no connection, -EINVAL anything
 * else; cx_db_error() has the text. SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef CX_DB_H
#define CX_DB_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct cx_db;

struct cx_db_config {
    char socket[108];
    char host[256]; /* one, or several separated by commas: tried in order */
    unsigned port;
    char name[65];
    char user[81];
    char password[128];
    unsigned connect_timeout_s;
    unsigned query_timeout_s;
};

/* Reads the `database` group of a centrex.cfg. 0, or -EINVAL with "file:line: what" in error. */
int cx_db_config_read(const char *file, struct cx_db_config *config, char *error,
                      size_t error_size);

enum cx_value_type { CX_NULL, CX_INT, CX_TEXT };

/* A parameter or a column. Text is {s, len}; columns also have a NUL after it. */
struct cx_value {
    enum cx_value_type type;
    int64_t i;
    const char *s;
    size_t len;
};

struct cx_value cx_int(int64_t i);
struct cx_value cx_text(const char *s); /* NULL becomes NULL */
struct cx_value cx_textn(const char *s, size_t len);
struct cx_value cx_null(void);

/* 0 with *db, or -errno (then *db is NULL and error says why). */
int cx_db_open(const struct cx_db_config *config, struct cx_db **db, char *error,
               size_t error_size);
void cx_db_close(struct cx_db *db); /* NULL is fine */
/* Is the connection there? Tries to make it again; never inside a transaction. */
int cx_db_ping(struct cx_db *db);
const char *cx_db_error(const struct cx_db *db);
/* After -EEXIST: the name of the key that has it already. */
const char *cx_db_duplicate_key(const struct cx_db *db);

/* affected may be NULL. */
int cx_db_exec(struct cx_db *db, const char *sql, const struct cx_value *params, size_t n,
               uint64_t *affected);
/* Called for every row; columns live until it returns. 0: go on; negative: stop with this. */
typedef int cx_db_row_h(void *arg, const struct cx_value *columns, size_t n);
int cx_db_query(struct cx_db *db, const char *sql, const struct cx_value *params, size_t n,
                cx_db_row_h *each, void *arg);
uint64_t cx_db_insert_id(const struct cx_db *db);

int cx_db_begin(struct cx_db *db);
int cx_db_begin_snapshot(struct cx_db *db); /* read only, one consistent view */
int cx_db_commit(struct cx_db *db);
void cx_db_rollback(struct cx_db *db);

/* begin, fn, commit; again from the start on a deadlock, a few times. */
int cx_db_transaction(struct cx_db *db, int (*fn)(struct cx_db *db, void *arg), void *arg);

/* A script of statements separated by semicolons (migrations only: no parameters). */
int cx_db_script(struct cx_db *db, const char *sql);

#endif
