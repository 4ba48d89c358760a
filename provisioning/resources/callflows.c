/*
 * callflows.c - what happens with a call: numbers and patterns, and the tree that they lead to.
 *
 * The tree is checked by the compiler that makes account images of it, so that what is accepted
 * here can be run. SPDX-License-Identifier: GPL-2.0-or-later
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common.h"
#include "db/id.h"
#include "kamailio_mod/routing/compile.h"
#include "kamailio_mod/routing/number.h"
#include "kamailio_mod/routing/restrict.h"
#include "resources.h"

static const struct cx_field fields[] = {
    {.path = "name", .column = "name", .type = CX_STRING, .max = 128, .flags = CX_LIST},
    {.path = "type", .column = "type", .type = CX_STRING, .max = 32, .flags = CX_LIST},
    {.path = "owner_id",
     .column = "owner_id",
     .type = CX_STRING,
     .reference = "user",
     .flags = CX_LIST},
    {.path = "group_id",
     .column = "group_id",
     .type = CX_STRING,
     .max = 32,
     .flags = CX_LIST | CX_ASCII},
    {.path = "flow", .column = "flow", .type = CX_OBJECT, .flags = CX_REQUIRED},
    {.path = "featurecode", .column = "featurecode", .type = CX_OBJECT, .flags = CX_LIST},
    {.path = "featurecode.name", .type = CX_STRING, .min = 1, .max = 128},
    {.path = "featurecode.number", .type = CX_STRING, .min = 1, .max = 30},
    {.path = "numbers",
     .type = CX_ARRAY,
     .max = 500,
     .def = "[]",
     .flags = CX_TABLE | CX_LIST,
     .select = "(SELECT JSON_ARRAYAGG(n.number ORDER BY n.position) FROM callflow_number n WHERE "
               "n.callflow_id = t.id)"},
    {.path = "numbers.*", .type = CX_STRING, .min = 1, .max = 36, .flags = CX_LINE},
    {.path = "patterns",
     .type = CX_ARRAY,
     .max = 100,
     .def = "[]",
     .flags = CX_TABLE | CX_LIST,
     .select = "(SELECT JSON_ARRAYAGG(n.pattern ORDER BY n.position) FROM callflow_pattern n WHERE "
               "n.callflow_id = t.id)"},
    {.path = "patterns.*", .type = CX_STRING, .min = 1, .max = 128, .flags = CX_LINE},
    {.path = "metaflow", .type = CX_OBJECT},
    {.path = "ringback", .type = CX_OBJECT},
    {.path = "ringback.early", .type = CX_STRING, .max = 255, .flags = CX_LINE},
    {.path = "ringback.transfer", .type = CX_STRING, .max = 255, .flags = CX_LINE},
    {.path = "metadata", .type = CX_ANY, .flags = CX_READ_ONLY},
    CX_FLAGS_ROWS,
};

/* "9-9-9" is dialled as 999. */
static bool is_emergency(const char *number)
{
    char digits[CX_NUMBER_MAX];
    uint32_t n = 0;

    for (; *number && n < sizeof(digits); number++)
        if (!strchr(" -.()/", *number))
            digits[n++] = *number;
    return cx_is_emergency((struct cx_str){digits, n});
}

static void check_numbers(struct cx_request *r, json_t *numbers)
{
    json_t *value, *other;
    size_t i, k;

    json_array_foreach(numbers, i, value)
    {
        char path[32], text[CX_NUMBER_MAX];
        const char *s = json_string_value(value);
        struct cx_str plain;
        snprintf(path, sizeof(path), "numbers.%zu", i);
        if (!s)
            continue; /* its type was complained about */
        plain =
            cx_number_normalise(r->account.country, (struct cx_str){s, (uint32_t)strlen(s)}, text);
        if (cx_is_emergency(plain) || is_emergency(s)) {
            cx_invalid(r, path, "forbidden", value, "%s is an emergency number", s);
            cx_invalid_detail(r, path, "forbidden", "cause", json_string(s));
            continue;
        }
        json_array_set_new(numbers, i, json_stringn(plain.s, plain.len));
        for (k = 0; k < i; k++) {
            other = json_array_get(numbers, k);
            if (json_equal(other, json_array_get(numbers, i)))
                cx_invalid(r, "numbers", "uniqueItems", other, "%s is there twice",
                           json_string_value(other));
        }
    }
}

static void check_patterns(struct cx_request *r, const json_t *patterns)
{
    struct cx_compile_error error;
    json_t *value;
    size_t i;

    json_array_foreach(patterns, i, value)
    {
        char path[32];
        snprintf(path, sizeof(path), "patterns.%zu", i);
        if (json_is_string(value) && cx_compile_check_pattern(json_string_value(value), &error) < 0)
            cx_invalid(r, path, "invalid", value, "%s", error.message);
    }
}

static void check_flow(struct cx_request *r, const json_t *flow)
{
    struct cx_compile_error error;
    char path[300];
    char *text = json_is_object(flow) ? json_dumps(flow, JSON_COMPACT) : NULL;

    if (text && cx_compile_check_flow(text, &error) < 0) {
        snprintf(path, sizeof(path), "%s%s%s", strncmp(error.path, "flow", 4) == 0 ? "" : "flow",
                 strncmp(error.path, "flow", 4) == 0 || !error.path[0] ? "" : ".", error.path);
        cx_invalid(r, path, "invalid", NULL, "%s", error.message);
    }
    free(text);
}

static int before(struct cx_request *r, struct cx_write *w)
{
    json_t *doc = w->record->doc;
    json_t *numbers = cx_path_get(doc, "numbers"), *patterns = cx_path_get(doc, "patterns");

    check_flow(r, cx_path_get(doc, "flow"));
    check_numbers(r, numbers);
    check_patterns(r, patterns);
    if (json_array_size(numbers) == 0 && json_array_size(patterns) == 0 && !r->errors)
        cx_invalid(r, "numbers", "required", NULL, "At least one number or pattern is required");
    /* They have their own tables: after() puts them there. */
    json_object_set(w->record->priv, "numbers", numbers);
    json_object_set(w->record->priv, "patterns", patterns);
    return 0;
}

static int taken(struct cx_request *r, const char *field, const json_t *value)
{
    cx_invalid(r, field, "unique", value, "%s is used by another callflow",
               json_string_value(value));
    cx_invalid_detail(r, field, "unique", "cause", json_incref((json_t *)value));
    return cx_check(r);
}

static int store_list(struct cx_request *r, const char *id, const json_t *list, const char *field,
                      const char *delete_sql, const char *insert_sql)
{
    json_t *value;
    size_t i;
    int err = cx_db_exec(r->db, delete_sql,
                         (struct cx_value[]){cx_text(id), cx_text(r->account.id)}, 2, NULL);

    json_array_foreach(list, i, value)
    {
        struct cx_value params[] = {cx_text(r->account.id), cx_text(json_string_value(value)),
                                    cx_text(id), cx_int((int64_t)i)};
        if (err == 0)
            err = cx_db_exec(r->db, insert_sql, params, 4, NULL);
        if (err == -EEXIST)
            return taken(r, field, value);
    }
    return err;
}

static int after(struct cx_request *r, struct cx_write *w)
{
    int err = store_list(
        r, w->record->id, json_object_get(w->record->priv, "numbers"), "numbers",
        "DELETE FROM callflow_number WHERE callflow_id = ? AND account_id = ?",
        "INSERT INTO callflow_number (account_id, number, callflow_id, position) VALUES (?,?,?,?)");

    if (err == 0)
        err =
            store_list(r, w->record->id, json_object_get(w->record->priv, "patterns"), "patterns",
                       "DELETE FROM callflow_pattern WHERE callflow_id = ? AND account_id = ?",
                       "INSERT INTO callflow_pattern (account_id, pattern, callflow_id, position) "
                       "VALUES (?,?,?,?)");
    return err;
}

static void collect_modules(const json_t *node, json_t *names, int depth)
{
    const char *key, *name = cx_path_text(node, "module", NULL);
    json_t *child, *data = cx_path_get(node, "data"), *known;
    bool there = false;
    size_t i;

    if (name && json_is_object(data) && !cx_path_true(data, "skip_module")) {
        json_array_foreach(names, i, known)
        {
            if (strcmp(json_string_value(known), name) == 0)
                there = true;
        }
        if (!there)
            json_array_append_new(names, json_string(name));
    }
    json_object_foreach(cx_path_get(node, "children"), key, child)
    {
        if (depth > 0)
            collect_modules(child, names, depth - 1);
    }
}

static void summary(struct cx_request *r, const struct cx_record *record, json_t *row)
{
    json_t *names = json_array();

    (void)r;
    collect_modules(cx_path_get(record->doc, "flow"), names, 100);
    json_object_set_new(row, "modules", names);
    if (!json_object_get(row, "featurecode"))
        json_object_set_new(row, "featurecode", json_false());
}

/* ---- metadata: what the ids in the tree are called */

struct naming {
    json_t *metadata;
    const char *id;
};

static int add_name(void *arg, const struct cx_value *c, size_t n)
{
    const struct naming *naming = arg;
    json_t *info = json_object();

    if (n == 2) {
        json_object_set_new(info, "first_name", json_string(c[0].s));
        json_object_set_new(info, "last_name", json_string(c[1].s));
    } else {
        json_object_set_new(info, "name", json_string(c[0].type == CX_TEXT ? c[0].s : ""));
    }
    return json_object_set_new(naming->metadata, naming->id, info);
}

static int name_id(struct cx_request *r, const char *module, const char *id, json_t *metadata)
{
    static const char *const sql[][2] = {
        {"user", "SELECT first_name, last_name FROM user WHERE id = ? AND account_id = ?"},
        {"device", "SELECT name FROM device WHERE id = ? AND account_id = ?"},
        {"voicemail", "SELECT name FROM vmbox WHERE id = ? AND account_id = ?"},
        {"play", "SELECT name FROM media WHERE id = ? AND account_id = ?"},
        {"callflow", "SELECT name FROM callflow WHERE id = ? AND account_id = ?"},
    };
    struct naming naming = {metadata, id};

    if (!cx_id_is_valid(id)) /* a play node's "system_media/...", for one */
        return 0;
    for (size_t i = 0; i < CX_COUNT(sql); i++)
        if (strcmp(module, sql[i][0]) == 0)
            return cx_db_query(r->db, sql[i][1],
                               (struct cx_value[]){cx_text(id), cx_text(r->account.id)}, 2,
                               add_name, &naming);
    return 0;
}

static int name_ids(struct cx_request *r, const json_t *node, json_t *metadata, int depth)
{
    const char *key, *id = cx_path_text(node, "data.id", NULL);
    json_t *child;
    int err = 0;

    if (id && !json_object_get(metadata, id))
        err = name_id(r, cx_path_text(node, "module", ""), id, metadata);
    json_object_foreach(cx_path_get(node, "children"), key, child)
    {
        if (err == 0 && depth > 0)
            err = name_ids(r, child, metadata, depth - 1);
    }
    return err;
}

static int describe(struct cx_request *r, struct cx_record *record)
{
    json_t *metadata = json_object();
    int err = name_ids(r, cx_path_get(record->doc, "flow"), metadata, 100);

    json_object_set_new(record->doc, "metadata", metadata);
    return err;
}

const struct cx_resource cx_callflows = {
    .name = "callflows",
    .table = "callflow",
    .fields = fields,
    .field_count = CX_COUNT(fields),
    .before = before,
    .after = after,
    .describe = describe,
    .summary = summary,
};

const struct cx_route cx_routes_callflows[] = {
    CX_COLLECTION("accounts/{}/callflows", &cx_callflows),
    CX_MEMBER("accounts/{}/callflows/{}", &cx_callflows),
    {.path = NULL},
};
