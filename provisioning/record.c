/*
 * record.c - rows <-> documents, by the descriptors. The only place where SQL for documents is
 * built; every statement is bound to the account. See engine.h.
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "engine.h"

void cx_record_free(struct cx_record *record)
{
    json_decref(record->doc);
    json_decref(record->priv);
    memset(record, 0, sizeof(*record));
}

/* Names of columns and tables come from descriptors, never from a request. */
static const char *scope_where(const struct cx_resource *res)
{
    switch (res->scope) {
    case CX_SCOPE_SELF:
        return "t.id = ?";
    case CX_SCOPE_CLUSTER:
        return "t.account_id IS NULL AND ? IS NOT NULL";
    default:
        return "t.account_id = ?";
    }
}

static char *select_sql(const struct cx_resource *res, const char *where)
{
    char *sql = NULL;
    size_t len;
    FILE *f = open_memstream(&sql, &len);

    if (!f)
        return NULL;
    fputs("SELECT t.id, t.revision, t.created, t.modified, t.doc", f);
    for (size_t i = 0; i < res->field_count; i++) {
        const struct cx_field *field = &res->fields[i];
        if (field->select)
            fprintf(f, ", %s", field->select);
        else if (field->column)
            fprintf(f, ", t.%s", field->column);
    }
    fprintf(f, " FROM %s t WHERE %s%s", res->table, scope_where(res), where);
    fclose(f);
    return sql;
}

static json_t *value_json(const struct cx_field *field, const struct cx_value *value)
{
    char *end;

    switch (field->type) {
    case CX_BOOLEAN:
        return json_boolean(value->type == CX_INT ? value->i != 0 : value->s[0] == '1');
    case CX_INTEGER:
        return json_integer(value->type == CX_INT ? value->i : strtoll(value->s, &end, 10));
    case CX_STRING:
        return json_stringn(value->s, value->len);
    default:
        return json_loadb(value->s, value->len, JSON_DECODE_ANY, NULL);
    }
}

static int fill_record(const struct cx_resource *res, const struct cx_value *c, size_t n,
                       struct cx_record *record)
{
    size_t at = 5;

    memset(record, 0, sizeof(*record));
    snprintf(record->id, sizeof(record->id), "%s", c[0].s);
    record->revision = c[1].i;
    record->created = c[2].i;
    record->modified = c[3].i;
    record->doc = json_loadb(c[4].s, c[4].len, 0, NULL);
    if (!json_is_object(record->doc)) {
        json_decref(record->doc);
        record->doc = json_object();
    }
    record->priv = json_object();
    for (size_t i = 0; i < res->field_count && at < n; i++) {
        const struct cx_field *field = &res->fields[i];
        json_t *value;
        if (!field->column && !field->select)
            continue;
        if (c[at].type != CX_NULL && (value = value_json(field, &c[at]))) {
            if (field->flags & CX_HIDDEN)
                json_object_set_new(record->priv, field->column, value);
            else if (cx_path_set(record->doc, field->path, value) < 0)
                return -ENOMEM;
        } else if (field->flags & CX_TABLE && field->def) {
            cx_path_set(record->doc, field->path, json_loads(field->def, JSON_DECODE_ANY, NULL));
        }
        at++;
    }
    if (res->opened)
        res->opened(record);
    return json_object_set_new(record->doc, "id", json_string(record->id)) < 0 ? -ENOMEM : 0;
}

struct reading {
    const struct cx_resource *res;
    struct cx_record *record;
    cx_record_h *each;
    void *arg;
};

static int keep_record(void *arg, const struct cx_value *c, size_t n)
{
    struct reading *reading = arg;

    cx_record_free(reading->record);
    return fill_record(reading->res, c, n, reading->record);
}

int cx_record_load(struct cx_request *r, const struct cx_resource *res, const char *id, bool lock,
                   struct cx_record *record)
{
    struct reading reading = {.res = res, .record = record};
    struct cx_value params[] = {cx_text(r->account.id), cx_text(id)};
    char *sql = select_sql(res, lock ? " AND t.id = ? FOR UPDATE" : " AND t.id = ?");
    int err;

    memset(record, 0, sizeof(*record));
    if (!sql)
        return -ENOMEM;
    err = cx_db_one(r->db, sql, params, 2, keep_record, &reading);
    if (err < 0)
        cx_record_free(record);
    free(sql);
    return err;
}

static int tell_record(void *arg, const struct cx_value *c, size_t n)
{
    struct reading *reading = arg;
    struct cx_record record;
    int err = fill_record(reading->res, c, n, &record);

    if (err == 0)
        err = reading->each(reading->arg, &record);
    cx_record_free(&record);
    return err;
}

int cx_record_each(struct cx_request *r, const struct cx_resource *res, const char *where,
                   const struct cx_value *params, size_t n, size_t limit, cx_record_h *each,
                   void *arg)
{
    struct reading reading = {.res = res, .each = each, .arg = arg};
    struct cx_value all[4] = {cx_text(r->account.id)};
    char text[512], tail[32] = "", *sql;
    int err;

    if (n > 3)
        return -EINVAL;
    for (size_t i = 0; i < n; i++)
        all[1 + i] = params[i];
    if (limit > 0)
        snprintf(tail, sizeof(tail), " LIMIT %zu", limit);
    snprintf(text, sizeof(text), "%s ORDER BY t.created, t.id%s", where, tail);
    sql = select_sql(res, text);
    if (!sql)
        return -ENOMEM;
    err = cx_db_query(r->db, sql, all, 1 + n, tell_record, &reading);
    free(sql);
    return err;
}

/* ---- writing */

/* A document taken apart: column values, and what is left as text. */
struct parts {
    struct cx_value values[64];
    const char *columns[64];
    char *texts[64];
    size_t n, text_count;
};

static int add_text(struct parts *p, char *text)
{
    if (!text)
        return -ENOMEM;
    p->texts[p->text_count++] = text;
    p->values[p->n++] = cx_text(text);
    return 0;
}

static int add_value(struct parts *p, const struct cx_field *field, const json_t *value)
{
    p->columns[p->n] = field->column;
    if (!value || json_is_null(value)) {
        p->values[p->n++] = cx_null();
        return 0;
    }
    switch (field->type) {
    case CX_STRING:
        return add_text(p, strdup(json_string_value(value)));
    case CX_BOOLEAN:
        p->values[p->n++] = cx_int(json_is_true(value));
        return 0;
    case CX_INTEGER:
        p->values[p->n++] = cx_int(json_integer_value(value));
        return 0;
    default:
        return add_text(p, json_dumps(value, JSON_COMPACT | JSON_ENCODE_ANY));
    }
}

static int take_apart(const struct cx_resource *res, const struct cx_record *record,
                      struct parts *p)
{
    json_t *rest = json_deep_copy(record->doc);
    int err = rest ? 0 : -ENOMEM;

    memset(p, 0, sizeof(*p));
    for (size_t i = 0; err == 0 && i < res->field_count; i++) {
        const struct cx_field *field = &res->fields[i];
        if (field->select) {
            cx_path_delete(rest, field->path);
            continue;
        }
        if (!field->column)
            continue;
        if (p->n + 6 > sizeof(p->values) / sizeof(*p->values)) {
            err = -E2BIG;
            break;
        }
        err = add_value(p, field,
                        field->flags & CX_HIDDEN ? json_object_get(record->priv, field->column)
                                                 : cx_path_get(record->doc, field->path));
        if (!(field->flags & CX_HIDDEN))
            cx_path_delete(rest, field->path);
    }
    json_object_del(rest, "id");
    p->columns[p->n] = "doc";
    if (err == 0)
        err = add_text(p, json_dumps(rest, JSON_COMPACT));
    json_decref(rest);
    return err;
}

static void parts_free(struct parts *p)
{
    for (size_t i = 0; i < p->text_count; i++)
        free(p->texts[i]);
}

int cx_record_insert(struct cx_request *r, const struct cx_resource *res,
                     const struct cx_record *record)
{
    struct parts p;
    char *sql = NULL;
    size_t len;
    FILE *f;
    int err = take_apart(res, record, &p);
    const char *owner = res->scope == CX_SCOPE_SELF ? "parent_id" : "account_id";

    if (err < 0)
        goto out;
    f = open_memstream(&sql, &len);
    if (!f) {
        err = -ENOMEM;
        goto out;
    }
    fprintf(f, "INSERT INTO %s (", res->table);
    for (size_t i = 0; i < p.n; i++)
        fprintf(f, "%s, ", p.columns[i]);
    fprintf(f, "id, %s, created, modified) VALUES (", owner);
    for (size_t i = 0; i < p.n; i++)
        fputs("?, ", f);
    fputs("?, ?, ?, ?)", f);
    fclose(f);
    p.values[p.n++] = cx_text(record->id);
    p.values[p.n++] = res->scope == CX_SCOPE_CLUSTER ? cx_null() : cx_text(r->account.id);
    p.values[p.n++] = cx_int(r->now);
    p.values[p.n++] = cx_int(r->now);
    err = cx_db_exec(r->db, sql, p.values, p.n, NULL);
out:
    free(sql);
    parts_free(&p);
    return err;
}

int cx_record_update(struct cx_request *r, const struct cx_resource *res,
                     const struct cx_record *record)
{
    struct parts p;
    char *sql = NULL;
    size_t len;
    FILE *f;
    int err = take_apart(res, record, &p);

    if (err < 0)
        goto out;
    f = open_memstream(&sql, &len);
    if (!f) {
        err = -ENOMEM;
        goto out;
    }
    fprintf(f, "UPDATE %s t SET ", res->table);
    for (size_t i = 0; i < p.n; i++)
        fprintf(f, "t.%s = ?, ", p.columns[i]);
    fprintf(f, "t.revision = t.revision + 1, t.modified = ? WHERE %s AND t.id = ?",
            scope_where(res));
    fclose(f);
    p.values[p.n++] = cx_int(r->now);
    p.values[p.n++] = cx_text(r->account.id);
    p.values[p.n++] = cx_text(record->id);
    err = cx_db_exec(r->db, sql, p.values, p.n, NULL);
out:
    free(sql);
    parts_free(&p);
    return err;
}

int cx_record_delete(struct cx_request *r, const struct cx_resource *res, const char *id)
{
    struct cx_value params[] = {cx_text(r->account.id), cx_text(id)};
    char sql[256];

    snprintf(sql, sizeof(sql), "DELETE t FROM %s t WHERE %s AND t.id = ?", res->table,
             scope_where(res));
    return cx_db_exec(r->db, sql, params, 2, NULL);
}
