/*
 * db.c - see db.h. MariaDB Connector/C, prepared statements kept by their SQL text.
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <errmsg.h>
#include <libconfig.h>
#include <mysql.h>
#include <mysqld_error.h>

#include "db.h"

#define STATEMENTS_MAX 256 /* kept prepared; beyond that the cache is emptied */
#define COLUMNS_MAX    64
#define PARAMS_MAX     8192
#define TEXT_START     256 /* a column's first buffer; a longer text is fetched again */

struct statement {
    struct statement *next;
    char *sql;
    MYSQL_STMT *stmt;
};

struct cx_db {
    struct cx_db_config config;
    MYSQL mysql;
    bool connected;
    bool in_transaction;
    struct statement *buckets[64];
    unsigned statement_count;
    char error[512];
    char duplicate_key[65];
};

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

static bool copy_setting(const config_setting_t *group, const char *name, char *to, size_t size)
{
    const char *text = "";

    config_setting_lookup_string(group, name, &text);
    return (size_t)snprintf(to, size, "%s", text) < size;
}

int cx_db_config_read(const char *file, struct cx_db_config *c, char *error, size_t error_size)
{
    const config_setting_t *group;
    config_t config;
    int err = -EINVAL, number;

    memset(c, 0, sizeof(*c));
    config_init(&config);
    if (!config_read_file(&config, file)) {
        snprintf(error, error_size, "%s:%d: %s", file, config_error_line(&config),
                 config_error_text(&config));
        goto out;
    }
    group = config_lookup(&config, "database");
    if (!group) {
        snprintf(error, error_size, "%s: the group `database` is missing", file);
        goto out;
    }
    c->port = 3306;
    c->connect_timeout_s = 3;
    c->query_timeout_s = 10;
    if (config_setting_lookup_int(group, "port", &number))
        c->port = (unsigned)number;
    if (config_setting_lookup_int(group, "connect_timeout", &number))
        c->connect_timeout_s = (unsigned)number;
    if (config_setting_lookup_int(group, "query_timeout", &number))
        c->query_timeout_s = (unsigned)number;
    if (!copy_setting(group, "socket", c->socket, sizeof(c->socket)) ||
        !copy_setting(group, "host", c->host, sizeof(c->host)) ||
        !copy_setting(group, "name", c->name, sizeof(c->name)) ||
        !copy_setting(group, "user", c->user, sizeof(c->user)) ||
        !copy_setting(group, "password", c->password, sizeof(c->password)) || !c->name[0] ||
        !c->user[0] || c->port > 65535) {
        snprintf(error, error_size,
                 "%s:%d: database wants name, user, and a socket or host of reasonable length",
                 file, config_setting_source_line(group));
        goto out;
    }
    err = 0;
out:
    config_destroy(&config);
    return err;
}

static void forget_statements(struct cx_db *db)
{
    for (size_t i = 0; i < sizeof(db->buckets) / sizeof(*db->buckets); i++)
        while (db->buckets[i]) {
            struct statement *s = db->buckets[i];
            db->buckets[i] = s->next;
            mysql_stmt_close(s->stmt);
            free(s->sql);
            free(s);
        }
    db->statement_count = 0;
}

static void disconnect(struct cx_db *db)
{
    if (!db->connected)
        return;
    forget_statements(db);
    mysql_close(&db->mysql);
    db->connected = false;
    db->in_transaction = false;
}

/* Which of our errors is it? Takes the text with it. */
static int fail(struct cx_db *db, unsigned code, const char *text)
{
    const char *key;

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
        disconnect(db);
        return -ENOTCONN;
    case ER_LOCK_DEADLOCK:
    case ER_LOCK_WAIT_TIMEOUT:
        return -EAGAIN;
    case ER_DUP_ENTRY:
    case ER_DUP_ENTRY_WITH_KEY_NAME:
        /* "Duplicate entry 'x' for key 'name'"; newer servers say 'table.name' */
        key = strstr(db->error, "for key '");
        db->duplicate_key[0] = '\0';
        if (key) {
            key += strlen("for key '");
            if (strchr(key, '.'))
                key = strchr(key, '.') + 1;
            snprintf(db->duplicate_key, sizeof(db->duplicate_key), "%.*s", (int)strcspn(key, "'"),
                     key);
        }
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
    return fail(db, mysql_errno(&db->mysql), mysql_error(&db->mysql));
}

static int connect_to(struct cx_db *db, const char *host)
{
    const struct cx_db_config *c = &db->config;

    mysql_init(&db->mysql);
    mysql_options(&db->mysql, MYSQL_OPT_CONNECT_TIMEOUT, &c->connect_timeout_s);
    mysql_options(&db->mysql, MYSQL_OPT_READ_TIMEOUT, &c->query_timeout_s);
    mysql_options(&db->mysql, MYSQL_OPT_WRITE_TIMEOUT, &c->query_timeout_s);
    mysql_options(&db->mysql, MYSQL_SET_CHARSET_NAME, "utf8mb4");
    if (!mysql_real_connect(&db->mysql, host, c->user, c->password, c->name, c->port,
                            host ? NULL : c->socket, CLIENT_MULTI_STATEMENTS)) {
        snprintf(db->error, sizeof(db->error), "%s", mysql_error(&db->mysql));
        mysql_close(&db->mysql);
        return -ENOTCONN;
    }
    db->connected = true;
    if (mysql_query(&db->mysql,
                    "SET SESSION sql_mode = 'STRICT_ALL_TABLES,NO_ENGINE_SUBSTITUTION', "
                    "time_zone = '+00:00', innodb_lock_wait_timeout = 5"))
        return fail_connection(db);
    return 0;
}

static int connect_any(struct cx_db *db)
{
    char hosts[sizeof(db->config.host)], *host, *rest = NULL;
    int err = -ENOTCONN;

    if (db->config.socket[0])
        return connect_to(db, NULL);
    snprintf(hosts, sizeof(hosts), "%s", db->config.host);
    for (host = strtok_r(hosts, ", ", &rest); host && err < 0; host = strtok_r(NULL, ", ", &rest))
        err = connect_to(db, host);
    return err;
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
    return connect_any(db);
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

static struct statement **bucket_of(struct cx_db *db, const char *sql)
{
    unsigned h = 2166136261u;

    for (const char *p = sql; *p; p++)
        h = (h ^ (unsigned char)*p) * 16777619u;
    return &db->buckets[h % (sizeof(db->buckets) / sizeof(*db->buckets))];
}

static int prepare(struct cx_db *db, const char *sql, MYSQL_STMT **stmt)
{
    struct statement *s, **bucket;
    int err = 0;

    /* A connection that was lost is made again, but not in the middle of a transaction. */
    if (!db->connected && (err = connect_any(db)) < 0)
        return err;
    if (db->statement_count >= STATEMENTS_MAX)
        forget_statements(db);
    bucket = bucket_of(db, sql);
    for (s = *bucket; s; s = s->next)
        if (strcmp(s->sql, sql) == 0) {
            *stmt = s->stmt;
            return 0;
        }
    s = calloc(1, sizeof(*s));
    if (!s || !(s->sql = strdup(sql)) || !(s->stmt = mysql_stmt_init(&db->mysql)))
        err = -ENOMEM;
    else if (mysql_stmt_prepare(s->stmt, sql, strlen(sql)))
        err = fail(db, mysql_stmt_errno(s->stmt), mysql_stmt_error(s->stmt));
    if (err < 0) {
        if (s && s->stmt)
            mysql_stmt_close(s->stmt);
        if (s)
            free(s->sql);
        free(s);
        return err;
    }
    s->next = *bucket;
    *bucket = s;
    db->statement_count++;
    *stmt = s->stmt;
    return 0;
}

static int fail_statement(struct cx_db *db, MYSQL_STMT *stmt)
{
    unsigned code = mysql_stmt_errno(stmt);
    char text[512];

    snprintf(text, sizeof(text), "%s", mysql_stmt_error(stmt));
    return fail(db, code, text);
}

static int execute(struct cx_db *db, const char *sql, const struct cx_value *params, size_t n,
                   MYSQL_STMT **out)
{
    MYSQL_BIND *binds = NULL;
    MYSQL_STMT *stmt;
    int err = prepare(db, sql, &stmt);

    if (err < 0)
        return err;
    if (n > PARAMS_MAX || mysql_stmt_param_count(stmt) != n) {
        snprintf(db->error, sizeof(db->error), "%zu parameters given, %lu wanted: %.200s", n,
                 mysql_stmt_param_count(stmt), sql);
        return -EINVAL;
    }
    if (n > 0) {
        binds = calloc(n, sizeof(*binds));
        if (!binds)
            return -ENOMEM;
        for (size_t i = 0; i < n; i++) {
            if (params[i].type == CX_NULL) {
                binds[i].buffer_type = MYSQL_TYPE_NULL;
            } else if (params[i].type == CX_INT) {
                binds[i].buffer_type = MYSQL_TYPE_LONGLONG;
                binds[i].buffer = (void *)&params[i].i;
            } else {
                binds[i].buffer_type = MYSQL_TYPE_STRING;
                binds[i].buffer = (void *)params[i].s;
                binds[i].buffer_length = params[i].len;
            }
        }
        if (mysql_stmt_bind_param(stmt, binds))
            err = fail_statement(db, stmt);
    }
    if (err == 0 && mysql_stmt_execute(stmt))
        err = fail_statement(db, stmt);
    free(binds);
    *out = stmt;
    return err;
}

int cx_db_exec(struct cx_db *db, const char *sql, const struct cx_value *params, size_t n,
               uint64_t *affected)
{
    MYSQL_STMT *stmt = NULL;
    int err = execute(db, sql, params, n, &stmt);

    if (err == 0 && affected)
        *affected = mysql_stmt_affected_rows(stmt);
    if (err == 0)
        mysql_stmt_free_result(stmt);
    return err;
}

struct column {
    char *text;
    unsigned long room, len;
    long long number;
    my_bool null;
    bool is_number;
};

static bool is_number_type(enum enum_field_types type)
{
    return type == MYSQL_TYPE_TINY || type == MYSQL_TYPE_SHORT || type == MYSQL_TYPE_INT24 ||
           type == MYSQL_TYPE_LONG || type == MYSQL_TYPE_LONGLONG || type == MYSQL_TYPE_YEAR;
}

static int bind_columns(struct cx_db *db, MYSQL_STMT *stmt, struct column *columns,
                        MYSQL_BIND *binds, unsigned n)
{
    MYSQL_RES *meta = mysql_stmt_result_metadata(stmt);
    int err = 0;

    if (!meta)
        return fail_statement(db, stmt);
    for (unsigned i = 0; i < n && err == 0; i++) {
        struct column *c = &columns[i];
        c->is_number = is_number_type(mysql_fetch_field_direct(meta, i)->type);
        binds[i].is_null = &c->null;
        binds[i].length = &c->len;
        if (c->is_number) {
            binds[i].buffer_type = MYSQL_TYPE_LONGLONG;
            binds[i].buffer = &c->number;
            continue;
        }
        c->room = TEXT_START;
        c->text = malloc(c->room + 1);
        if (!c->text)
            err = -ENOMEM;
        binds[i].buffer_type = MYSQL_TYPE_STRING;
        binds[i].buffer = c->text;
        binds[i].buffer_length = c->room;
    }
    mysql_free_result(meta);
    if (err == 0 && mysql_stmt_bind_result(stmt, binds))
        err = fail_statement(db, stmt);
    return err;
}

/* Texts longer than their buffer are fetched again into a larger one, which is kept for later rows.
 */
static int complete_row(struct cx_db *db, MYSQL_STMT *stmt, struct column *columns,
                        MYSQL_BIND *binds, struct cx_value *values, unsigned n)
{
    bool grew = false;

    for (unsigned i = 0; i < n; i++) {
        struct column *c = &columns[i];
        if (c->null) {
            values[i] = cx_null();
            continue;
        }
        if (c->is_number) {
            values[i] = cx_int(c->number);
            continue;
        }
        if (c->len > c->room) {
            char *text = realloc(c->text, c->len + 1);
            if (!text)
                return -ENOMEM;
            c->text = text;
            c->room = c->len;
            binds[i].buffer = text;
            binds[i].buffer_length = c->room;
            if (mysql_stmt_fetch_column(stmt, &binds[i], i, 0))
                return fail_statement(db, stmt);
            grew = true;
        }
        c->text[c->len] = '\0';
        values[i] = cx_textn(c->text, c->len);
    }
    return grew && mysql_stmt_bind_result(stmt, binds) ? fail_statement(db, stmt) : 0;
}

int cx_db_query(struct cx_db *db, const char *sql, const struct cx_value *params, size_t n,
                cx_db_row_h *each, void *arg)
{
    struct column columns[COLUMNS_MAX] = {{0}};
    MYSQL_BIND binds[COLUMNS_MAX];
    struct cx_value values[COLUMNS_MAX];
    MYSQL_STMT *stmt = NULL;
    unsigned count = 0;
    int err = execute(db, sql, params, n, &stmt), got;

    if (err < 0)
        return err;
    memset(binds, 0, sizeof(binds));
    count = mysql_stmt_field_count(stmt);
    if (count > COLUMNS_MAX) {
        snprintf(db->error, sizeof(db->error), "more than %d columns", COLUMNS_MAX);
        err = -EINVAL;
        goto out;
    }
    err = bind_columns(db, stmt, columns, binds, count);
    /* The whole result first: what each() does may use the connection too. */
    if (err == 0 && mysql_stmt_store_result(stmt))
        err = fail_statement(db, stmt);
    while (err == 0) {
        got = mysql_stmt_fetch(stmt);
        if (got == MYSQL_NO_DATA)
            break;
        if (got == 1) {
            err = fail_statement(db, stmt);
            break;
        }
        err = complete_row(db, stmt, columns, binds, values, count);
        if (err == 0)
            err = each(arg, values, count);
    }
out:
    if (db->connected)
        mysql_stmt_free_result(stmt);
    for (unsigned i = 0; i < count && i < COLUMNS_MAX; i++)
        free(columns[i].text);
    return err;
}

static int simple(struct cx_db *db, const char *sql)
{
    if (!db->connected && connect_any(db) < 0)
        return -ENOTCONN;
    return mysql_query(&db->mysql, sql) ? fail_connection(db) : 0;
}

int cx_db_begin(struct cx_db *db)
{
    int err = simple(db, "START TRANSACTION");

    db->in_transaction = err == 0;
    return err;
}

int cx_db_begin_snapshot(struct cx_db *db)
{
    int err = simple(db, "START TRANSACTION WITH CONSISTENT SNAPSHOT, READ ONLY");

    db->in_transaction = err == 0;
    return err;
}

int cx_db_commit(struct cx_db *db)
{
    if (!db->in_transaction) { /* the connection was lost on the way: nothing of it is stored */
        snprintf(db->error, sizeof(db->error), "the transaction was lost with its connection");
        return -ENOTCONN;
    }
    db->in_transaction = false;
    return mysql_query(&db->mysql, "COMMIT") ? fail_connection(db) : 0;
}

void cx_db_rollback(struct cx_db *db)
{
    if (db->in_transaction && db->connected && mysql_query(&db->mysql, "ROLLBACK"))
        disconnect(db); /* the server rolls back what a closed connection leaves */
    db->in_transaction = false;
}

int cx_db_transaction(struct cx_db *db, int (*fn)(struct cx_db *db, void *arg), void *arg)
{
    int err = -EAGAIN;

    for (int tries = 0; tries < 5 && err == -EAGAIN; tries++) {
        err = cx_db_begin(db);
        if (err == 0)
            err = fn(db, arg);
        if (err == 0)
            err = cx_db_commit(db);
        if (err < 0)
            cx_db_rollback(db);
    }
    return err;
}

int cx_db_script(struct cx_db *db, const char *sql)
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
