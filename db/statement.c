/*
 * statement.c - statements with bound parameters, kept prepared. See db.h.
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "connection.h"

#define STATEMENTS_MAX 256 /* kept prepared; beyond that the cache is emptied */
#define COLUMNS_MAX    64
#define PARAMS_MAX     8192
#define TEXT_START     256 /* a column's first buffer; a longer text is fetched again */

static void end_statement(struct cx_statement *s)
{
    if (s->stmt)
        mysql_stmt_close(s->stmt);
    free(s->sql);
    free(s);
}

void cx_db_forget_statements(struct cx_db *db)
{
    for (size_t i = 0; i < sizeof(db->buckets) / sizeof(*db->buckets); i++)
        while (db->buckets[i]) {
            struct cx_statement *s = db->buckets[i];
            db->buckets[i] = s->next;
            if (s->in_use)
                s->outcast = true;
            else
                end_statement(s);
        }
    db->statement_count = 0;
}

static int fail_statement(struct cx_db *db, MYSQL_STMT *stmt)
{
    unsigned code = mysql_stmt_errno(stmt);
    char text[sizeof(db->error)];

    /* a copy: failing may end the statement that holds the text */
    snprintf(text, sizeof(text), "%s", mysql_stmt_error(stmt));
    return cx_db_fail(db, code, text);
}

static struct cx_statement **bucket_of(struct cx_db *db, const char *sql)
{
    unsigned h = 2166136261u; /* FNV-1a */

    for (const char *p = sql; *p; p++)
        h = (h ^ (unsigned char)*p) * 16777619u;
    return &db->buckets[h % (sizeof(db->buckets) / sizeof(*db->buckets))];
}

/* The statement, from now on in use: give it back with release(). */
static int prepare(struct cx_db *db, const char *sql, struct cx_statement **out)
{
    struct cx_statement *s, **bucket;
    bool nested = false;
    int err = cx_db_ready(db);

    if (err < 0)
        return err;
    bucket = bucket_of(db, sql);
    for (s = *bucket; s && strcmp(s->sql, sql) != 0;)
        s = s->next;
    if (s && !s->in_use) {
        s->in_use = true;
        *out = s;
        return 0;
    }
    nested = s != NULL; /* a row callback runs the statement whose rows it is given: its own copy */
    if (!nested && db->statement_count >= STATEMENTS_MAX)
        cx_db_forget_statements(db);
    s = calloc(1, sizeof(*s));
    if (!s || !(s->sql = strdup(sql)) || !(s->stmt = mysql_stmt_init(&db->mysql)))
        err = -ENOMEM;
    else if (mysql_stmt_prepare(s->stmt, sql, strlen(sql)))
        err = fail_statement(db, s->stmt);
    if (err < 0) {
        if (s)
            end_statement(s);
        return err;
    }
    s->in_use = true;
    s->outcast = nested;
    if (!nested) {
        s->next = *bucket;
        *bucket = s;
        db->statement_count++;
    }
    *out = s;
    return 0;
}

static void release(struct cx_statement *s)
{
    s->in_use = false;
    if (s->outcast)
        end_statement(s);
    else
        mysql_stmt_free_result(s->stmt);
}

static int bind_parameters(struct cx_db *db, MYSQL_STMT *stmt, const struct cx_value *params,
                           MYSQL_BIND *binds, size_t n)
{
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
    return mysql_stmt_bind_param(stmt, binds) ? fail_statement(db, stmt) : 0;
}

/* On 0, *out is executed and in use: release() it. */
static int execute(struct cx_db *db, const char *sql, const struct cx_value *params, size_t n,
                   struct cx_statement **out)
{
    struct cx_statement *s;
    MYSQL_BIND *binds = NULL;
    int err = prepare(db, sql, &s);

    if (err < 0)
        return err;
    if (n > PARAMS_MAX || mysql_stmt_param_count(s->stmt) != n) {
        snprintf(db->error, sizeof(db->error), "%zu parameters given, %lu wanted: %.200s", n,
                 mysql_stmt_param_count(s->stmt), sql);
        err = -EINVAL;
    }
    if (err == 0 && n > 0) {
        binds = calloc(n, sizeof(*binds));
        err = binds ? bind_parameters(db, s->stmt, params, binds, n) : -ENOMEM;
    }
    if (err == 0 && mysql_stmt_execute(s->stmt))
        err = fail_statement(db, s->stmt);
    free(binds);
    if (err < 0)
        release(s);
    else
        *out = s;
    return err;
}

int cx_db_exec(struct cx_db *db, const char *sql, const struct cx_value *params, size_t n,
               uint64_t *affected)
{
    struct cx_statement *s;
    int err = execute(db, sql, params, n, &s);

    if (err < 0)
        return err;
    if (affected)
        *affected = mysql_stmt_affected_rows(s->stmt);
    release(s);
    return 0;
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

static int fetch_rows(struct cx_db *db, MYSQL_STMT *stmt, cx_db_row_h *each, void *arg)
{
    struct column columns[COLUMNS_MAX] = {{0}};
    MYSQL_BIND binds[COLUMNS_MAX] = {{0}};
    struct cx_value values[COLUMNS_MAX];
    unsigned count = mysql_stmt_field_count(stmt), generation = db->generation;
    int err, got;

    if (count > COLUMNS_MAX) {
        snprintf(db->error, sizeof(db->error), "more than %d columns", COLUMNS_MAX);
        return -EINVAL;
    }
    err = bind_columns(db, stmt, columns, binds, count);
    /* The whole result first: what each() does may use the connection too. */
    if (err == 0 && mysql_stmt_store_result(stmt))
        err = fail_statement(db, stmt);
    while (err == 0) {
        if (!db->connected || db->generation != generation) {
            /* each() lost the connection, and with it this statement */
            err = -ENOTCONN;
            break;
        }
        got = mysql_stmt_fetch(stmt);
        if (got == MYSQL_NO_DATA)
            break;
        err = got == 1 ? fail_statement(db, stmt)
                       : complete_row(db, stmt, columns, binds, values, count);
        if (err == 0)
            err = each(arg, values, count);
    }
    for (unsigned i = 0; i < count; i++)
        free(columns[i].text);
    return err;
}

int cx_db_query(struct cx_db *db, const char *sql, const struct cx_value *params, size_t n,
                cx_db_row_h *each, void *arg)
{
    /* Reading outside of a transaction may be done again: a connection that died while it was idle
     * is only noticed here. */
    bool again = db->transaction == CX_TX_NONE && strncasecmp(sql, "SELECT ", 7) == 0;
    struct cx_statement *s;
    int err = execute(db, sql, params, n, &s);

    if (err == -ENOTCONN && again)
        err = execute(db, sql, params, n, &s);
    if (err < 0)
        return err;
    err = fetch_rows(db, s->stmt, each, arg);
    release(s);
    return err;
}
