/*
 * search.c - search: accounts below one's own by name, realm or id; callflows by number and name;
 * and the counts that a dashboard begins with. SPDX-License-Identifier: GPL-2.0-or-later
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "resources.h"

#define RESULTS_MAX 200

/* The text as a pattern of LIKE: its own wildcards mean themselves. */
static void like(const char *text, bool from_start, char pattern[520])
{
    size_t n = 0;

    if (!from_start)
        pattern[n++] = '%';
    for (; *text && n < 510; text++) {
        if (strchr("%_\\", *text))
            pattern[n++] = '\\';
        pattern[n++] = *text;
    }
    pattern[n++] = '%';
    pattern[n] = '\0';
}

static int add_account(void *arg, const struct cx_value *c, size_t n)
{
    (void)n;
    return json_array_append_new(arg, json_pack("{s:s, s:s, s:s, s:[]}", "id", c[0].s, "name",
                                                c[1].s, "realm", c[2].s, "flags"));
}

static const struct {
    const char *key, *sql;
    bool from_start;
} account_keys[] = {
#define BELOW                                                                                      \
    "WITH RECURSIVE down AS (SELECT id, name, realm, 0 AS n FROM account WHERE id = ? UNION ALL "  \
    "SELECT a.id, a.name, a.realm, down.n + 1 FROM account a JOIN down ON a.parent_id = down.id "  \
    "WHERE down.n < 64) SELECT id, name, realm FROM down WHERE "
    {"name", BELOW "name LIKE ? ORDER BY name LIMIT 200", false},
    {"realm", BELOW "realm LIKE ? ORDER BY name LIMIT 200", false},
    {"id", BELOW "id LIKE ? ORDER BY name LIMIT 200", true},
};

static int find_accounts(struct cx_request *r, size_t key, const char *text, json_t *rows)
{
    const char *below = r->account.id[0] ? r->account.id : r->token_account;
    char pattern[520];

    like(key == 0 ? text : cx_ascii(text), account_keys[key].from_start, pattern);
    return cx_db_query(r->db, account_keys[key].sql,
                       (struct cx_value[]){cx_text(below), cx_text(pattern)}, 2, add_account, rows);
}

/* ---- callflows */

static int add_callflow(void *arg, const struct cx_value *c, size_t n)
{
    json_t *row =
        json_pack("{s:s, s:s, s:s, s:o, s:o}", "id", c[0].s, "name",
                  c[1].type == CX_TEXT ? c[1].s : "", "type", c[2].type == CX_TEXT ? c[2].s : "",
                  "numbers", c[3].type == CX_TEXT ? json_loads(c[3].s, 0, NULL) : json_array(),
                  "patterns", c[4].type == CX_TEXT ? json_loads(c[4].s, 0, NULL) : json_array());

    (void)n;
    if (c[5].type == CX_TEXT)
        json_object_set_new(row, "owner_id", json_string(c[5].s));
    return json_array_append_new(arg, row);
}

static int find_callflows(struct cx_request *r, const char *by, const char *text, json_t *rows)
{
    char pattern[520];

    like(text, false, pattern);
    struct cx_value params[] = {cx_text(r->account.id), cx_text(pattern),
                                cx_int(strstr(by, "name") != NULL), cx_text(pattern)};
    return cx_db_query(
        r->db,
        "SELECT t.id, t.name, t.type, (SELECT JSON_ARRAYAGG(n.number ORDER BY n.position) FROM "
        "callflow_number n WHERE n.callflow_id = t.id), (SELECT JSON_ARRAYAGG(n.pattern ORDER BY "
        "n.position) FROM callflow_pattern n WHERE n.callflow_id = t.id), t.owner_id FROM callflow "
        "t WHERE t.account_id = ? AND (EXISTS(SELECT 1 FROM callflow_number n WHERE n.callflow_id "
        "= t.id AND n.number LIKE ?) OR (? AND t.name LIKE ?)) ORDER BY t.created, t.id LIMIT 200",
        params, 4, add_callflow, rows);
}

static int search(struct cx_request *r)
{
    const char *what = cx_query(r, "t"), *by = cx_query(r, "q"), *text = cx_query(r, "v");
    json_t *rows;
    int err = 0;
    size_t key;

    if (!what || (strcmp(what, "account") != 0 && strcmp(what, "callflow") != 0))
        cx_invalid(r, "t", what ? "enum" : "required", NULL, "account or callflow is wanted");
    if (!by)
        cx_invalid(r, "q", "required", NULL, "By which key?");
    if (!text || !text[0])
        cx_invalid(r, "v", "required", NULL, "What is searched for?");
    err = cx_check(r);
    if (err < 0)
        return err;
    rows = json_array();
    if (strcmp(what, "callflow") == 0) {
        if (!r->account.id[0] || (strcmp(by, "number") != 0 && strcmp(by, "name") != 0 &&
                                  strcmp(by, "name_and_number") != 0))
            cx_invalid(r, "q", "enum", NULL, "number, name or name_and_number is wanted");
        err = cx_check(r);
        if (err == 0)
            err = find_callflows(r, by, text, rows);
    } else {
        for (key = 0; key < CX_COUNT(account_keys) && strcmp(by, account_keys[key].key); key++)
            ;
        if (key == CX_COUNT(account_keys))
            cx_invalid(r, "q", "enum", NULL, "name, realm or id is wanted");
        err = cx_check(r);
        if (err == 0)
            err = find_accounts(r, key, text, rows);
    }
    if (err < 0) {
        json_decref(rows);
        return err;
    }
    cx_reply_extra(r, "page_size", json_integer((json_int_t)json_array_size(rows)));
    return cx_ok(r, 200, rows);
}

/* by_name=..., by_realm=..., by_id=...: an object of lists. */
static int search_multi(struct cx_request *r)
{
    json_t *found = json_object();
    char key[16];
    int err = 0;

    for (size_t i = 0; err == 0 && i < CX_COUNT(account_keys); i++) {
        const char *text;
        snprintf(key, sizeof(key), "by_%s", account_keys[i].key);
        text = cx_query(r, key);
        if (!text || !text[0])
            continue;
        json_t *rows = json_array();
        json_object_set_new(found, account_keys[i].key, rows);
        err = find_accounts(r, i, text, rows);
    }
    if (err < 0) {
        json_decref(found);
        return err;
    }
    return cx_ok(r, 200, found);
}

/* ---- counts */

static int keep_count(void *arg, const struct cx_value *c, size_t n)
{
    (void)n;
    return json_object_set_new(arg, c[0].s, json_integer(c[1].i));
}

static int counts(struct cx_request *r)
{
    static const char *const tables[] = {
        "user",       "device",    "vmbox",         "callflow",     "media", "menu",  "group",
        "conference", "directory", "temporal_rule", "phone_number", "child", "faxbox"};
    static const char *const names[] = {
        "users",         "devices",  "vmboxes",     "callflows",   "media",
        "menus",         "groups",   "conferences", "directories", "temporal_rules",
        "phone_numbers", "children", "faxboxes"};
    json_t *found = json_object();
    char sql[256];
    int err = 0;

    for (size_t i = 0; err == 0 && i < CX_COUNT(tables); i++) {
        bool child = strcmp(tables[i], "child") == 0;
        snprintf(sql, sizeof(sql), "SELECT '%s', COUNT(*) FROM %s WHERE %s = ?", names[i],
                 child                             ? "account"
                 : strcmp(tables[i], "group") == 0 ? "user_group"
                                                   : tables[i],
                 child ? "parent_id" : "account_id");
        err = cx_db_query(r->db, sql, (struct cx_value[]){cx_text(r->account.id)}, 1, keep_count,
                          found);
    }
    if (err == 0)
        err = cx_db_query(r->db,
                          "SELECT 'messages_new', COUNT(*) FROM vm_message WHERE account_id = ? "
                          "AND folder = 'new'",
                          (struct cx_value[]){cx_text(r->account.id)}, 1, keep_count, found);
    if (err < 0) {
        json_decref(found);
        return err;
    }
    return cx_ok(r, 200, found);
}

const struct cx_route cx_routes_search[] = {
    {.path = "search", .handlers = {[CX_GET] = search}},
    {.path = "search/multi", .handlers = {[CX_GET] = search_multi}},
    {.path = "accounts/{}/search", .handlers = {[CX_GET] = search}},
    {.path = "accounts/{}/search/multi", .handlers = {[CX_GET] = search_multi}},
    {.path = "accounts/{}/counts", .handlers = {[CX_GET] = counts}},
    {.path = NULL},
};
