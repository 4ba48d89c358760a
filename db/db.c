/*
 * db.c - see db.h. MariaDB Connector/C: connection, errors, transactions.
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <errmsg.h>
#include <mysqld_error.h>

#include "connection.h"

#define TRIES 5 /* of a transaction that meets deadlocks */

struct cx_value cx_int(int64_t i)
{
    return (struct cx_value){.type = CX_INT, .i = i};
}

struct cx_value cx_textn(const char *s, size_t len)
{
    return (struct cx_value){.type = CX_TEXT, .s = s, .len = len};
}

struct cx_value cx_text(const char *s)
{
    return s ? cx_textn(s, strlen(s)) : cx_null();
}

struct cx_value cx_null(void)
{
    return (struct cx_value){.type = CX_NULL};
}

static void disconnect(struct cx_db *db)
{
    if (!db->connected)
        return;
    cx_db_forget_statements(db);
    mysql_close(&db->mysql);
    db->connected = false;
    if (db->transaction == CX_TX_OPEN)
        db->transaction = CX_TX_LOST;
}

/* "Duplicate entry 'x' for key 'name'"; newer servers say 'table.name'. x is anybody's text and may
 * hold the same words, so the last ones count. */
static void keep_duplicate_key(struct cx_db *db)
{
    static const char words[] = "for key '";
    const char *key = NULL, *at = db->error, *dot;

    while ((at = strstr(at, words)) != NULL)
        key = at += sizeof(words) - 1;
    db->duplicate_key[0] = '\0';
    if (!key)
        return;
    dot = strchr(key, '.');
    if (dot)
        key = dot + 1;
    snprintf(db->duplicate_key, sizeof(db->duplicate_key), "%.*s", (int)strcspn(key, "'"), key);
}

int cx_db_fail(struct cx_db *db, unsigned code, const char *text)
{
    if (text != db->error)
        snprintf(db->error, sizeof(db->error), "%s", text);
    switch (code) {
    case CR_SERVER_GONE_ERROR:
    case CR_SERVER_LOST:
    case CR_CONNECTION_ERROR:
    case CR_CONN_HOST_ERROR:
    case CR_UNKNOWN_HOST:
    case CR_COMMANDS_OUT_OF_SYNC:
    case ER_SERVER_SHUTDOWN:
    case ER_CONNECTION_KILLED:
    case ER_CON_COUNT_ERROR:
    case ER_UNKNOWN_COM_ERROR: /* a Galera node that left its cluster: another may serve */
        disconnect(db);
        return -ENOTCONN;
    case ER_LOCK_DEADLOCK:
    case ER_LOCK_WAIT_TIMEOUT:
        return -EAGAIN;
    case ER_DUP_ENTRY:
    case ER_DUP_ENTRY_WITH_KEY_NAME:
        keep_duplicate_key(db);
        return -EEXIST;
    case ER_NO_REFERENCED_ROW:
    case ER_NO_REFERENCED_ROW_2:
    case ER_ROW_IS_REFERENCED:
    case ER_ROW_IS_REFERENCED_2:
        return -ECHILD;
    default:
        return -EINVAL;
    }
}

static int fail_connection(struct cx_db *db)
{
    return cx_db_fail(db, mysql_errno(&db->mysql), mysql_error(&db->mysql));
}

static int connect_to(struct cx_db *db, const char *host)
{
    /* Strict: a value that does not fit is an error, never cut. Our consistent reads need
     * REPEATABLE READ, whatever the server's default is. */
    static const char *const session[] = {
        "SET SESSION sql_mode = 'STRICT_ALL_TABLES,NO_ENGINE_SUBSTITUTION', time_zone = '+00:00', "
        "innodb_lock_wait_timeout = 5",
        "SET SESSION TRANSACTION ISOLATION LEVEL REPEATABLE READ",
    };
    const struct cx_db_config *c = &db->config;
    unsigned no_files = 0;

    mysql_init(&db->mysql);
    mysql_options(&db->mysql, MYSQL_OPT_CONNECT_TIMEOUT, &c->connect_timeout_s);
    mysql_options(&db->mysql, MYSQL_OPT_READ_TIMEOUT, &c->query_timeout_s);
    mysql_options(&db->mysql, MYSQL_OPT_WRITE_TIMEOUT, &c->query_timeout_s);
    mysql_options(&db->mysql, MYSQL_OPT_LOCAL_INFILE, &no_files);
    mysql_options(&db->mysql, MYSQL_SET_CHARSET_NAME, "utf8mb4");
    if (!mysql_real_connect(&db->mysql, host, c->user, c->password, c->name, c->port,
                            host ? NULL : c->socket, 0)) {
        snprintf(db->error, sizeof(db->error), "%s", mysql_error(&db->mysql));
        mysql_close(&db->mysql);
        return -ENOTCONN;
    }
    db->connected = true;
    db->generation++;
    for (size_t i = 0; i < sizeof(session) / sizeof(*session); i++)
        if (mysql_query(&db->mysql, session[i])) {
            int err = fail_connection(db);
            disconnect(db); /* never used without these */
            return err;
        }
    return 0;
}

static int connect_any(struct cx_db *db)
{
    char hosts[sizeof(db->config.host)], *host, *rest = NULL;
    int err = -ENOTCONN;

    if (db->config.socket[0])
        return connect_to(db, NULL);
    snprintf(db->error, sizeof(db->error), "neither socket nor host is set");
    snprintf(hosts, sizeof(hosts), "%s", db->config.host);
    for (host = strtok_r(hosts, ", ", &rest); host && err < 0; host = strtok_r(NULL, ", ", &rest))
        err = connect_to(db, host);
    return err;
}

int cx_db_ready(struct cx_db *db)
{
    if (db->transaction == CX_TX_LOST) {
        snprintf(db->error, sizeof(db->error), "the transaction was lost with its connection");
        return -ENOTCONN;
    }
    return db->connected ? 0 : connect_any(db);
}

int cx_db_open(const struct cx_db_config *config, struct cx_db **out, char *error,
               size_t error_size)
{
    struct cx_db *db = calloc(1, sizeof(*db));
    int err;

    *out = NULL;
    if (!db)
        return -ENOMEM;
    db->config = *config;
    err = connect_any(db);
    if (err < 0) {
        if (error)
            snprintf(error, error_size, "%s", db->error);
        cx_db_close(db);
        return err;
    }
    *out = db;
    return 0;
}

void cx_db_close(struct cx_db *db)
{
    if (!db)
        return;
    disconnect(db);
    free(db);
}

int cx_db_ping(struct cx_db *db)
{
    if (db->connected && mysql_ping(&db->mysql) == 0)
        return 0;
    disconnect(db);
    return cx_db_ready(db);
}

const char *cx_db_error(const struct cx_db *db)
{
    return db->error;
}

const char *cx_db_duplicate_key(const struct cx_db *db)
{
    return db->duplicate_key;
}

uint64_t cx_db_insert_id(const struct cx_db *db)
{
    return mysql_insert_id((MYSQL *)&db->mysql);
}

static int begin(struct cx_db *db, const char *sql)
{
    int err = 0;

    if (db->transaction == CX_TX_OPEN) {
        /* START TRANSACTION would quietly commit what the caller has not finished */
        snprintf(db->error, sizeof(db->error), "a transaction is open already");
        return -EINVAL;
    }
    db->transaction = CX_TX_NONE;
    /* A connection that died while it was idle is only noticed now, and nothing is lost with it. */
    for (int tries = 0; tries < 2; tries++) {
        err = cx_db_ready(db);
        if (err == 0 && mysql_query(&db->mysql, sql))
            err = fail_connection(db);
        if (err != -ENOTCONN)
            break;
    }
    if (err == 0)
        db->transaction = CX_TX_OPEN;
    return err;
}

int cx_db_begin(struct cx_db *db)
{
    return begin(db, "START TRANSACTION");
}

int cx_db_begin_snapshot(struct cx_db *db)
{
    return begin(db, "START TRANSACTION WITH CONSISTENT SNAPSHOT, READ ONLY");
}

int cx_db_commit(struct cx_db *db)
{
    enum cx_transaction was = db->transaction;
    int err;

    db->transaction = CX_TX_NONE;
    if (was == CX_TX_OPEN && db->connected) {
        err = mysql_query(&db->mysql, "COMMIT") ? fail_connection(db) : 0;
        db->transaction = CX_TX_NONE;
        return err;
    }
    snprintf(db->error, sizeof(db->error), "%s",
             was == CX_TX_NONE ? "no transaction is open"
                               : "the transaction was lost with its connection");
    return was == CX_TX_NONE ? -EINVAL : -ENOTCONN;
}

void cx_db_rollback(struct cx_db *db)
{
    if (db->transaction == CX_TX_OPEN && db->connected && mysql_query(&db->mysql, "ROLLBACK"))
        disconnect(db); /* the server rolls back what a closed connection leaves */
    db->transaction = CX_TX_NONE;
}

int cx_db_transaction(struct cx_db *db, int (*fn)(struct cx_db *db, void *arg), void *arg)
{
    int err = -EAGAIN;

    for (int tries = 0; tries < TRIES && err == -EAGAIN; tries++) {
        err = cx_db_begin(db);
        if (err < 0) /* also: one is open already, and it is the caller's */
            return err;
        err = fn(db, arg);
        if (err == 0)
            err = cx_db_commit(db);
        if (err < 0)
            cx_db_rollback(db);
    }
    return err;
}

static int run_script(struct cx_db *db, const char *sql)
{
    int more;

    if (mysql_real_query(&db->mysql, sql, strlen(sql)))
        return fail_connection(db);
    do {
        MYSQL_RES *result = mysql_store_result(&db->mysql);
        if (result)
            mysql_free_result(result);
        more = mysql_next_result(&db->mysql);
    } while (more == 0);
    return more > 0 ? fail_connection(db) : 0;
}

int cx_db_script(struct cx_db *db, const char *sql)
{
    int err = cx_db_ready(db);

    /* Several statements in one text are only possible here: data never gets into such a text. */
    if (err == 0 && mysql_set_server_option(&db->mysql, MYSQL_OPTION_MULTI_STATEMENTS_ON))
        err = fail_connection(db);
    if (err < 0)
        return err;
    err = run_script(db, sql);
    if (db->connected && mysql_set_server_option(&db->mysql, MYSQL_OPTION_MULTI_STATEMENTS_OFF) &&
        err == 0)
        err = fail_connection(db);
    return err;
}
