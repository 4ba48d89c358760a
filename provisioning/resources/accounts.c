/*
 * accounts.c - the tree of tenants.
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "common.h"
#include "db/change_log.h"
#include "resources.h"

static const struct cx_field fields[] = {
    {.path = "name",
     .column = "name",
     .type = CX_STRING,
     .min = 1,
     .max = 128,
     .flags = CX_REQUIRED | CX_LIST},
    {.path = "name_key", .column = "name_key", .type = CX_STRING, .flags = CX_HIDDEN},
    {.path = "realm",
     .column = "realm",
     .type = CX_STRING,
     .min = 4,
     .max = 253,
     .pattern = "^[A-Za-z0-9._-]+$",
     .flags = CX_LIST | CX_ASCII | CX_LOWER | CX_KEEP},
    {.path = "enabled",
     .column = "enabled",
     .type = CX_BOOLEAN,
     .def = "true",
     .flags = CX_KEEP | CX_PARENT},
    {.path = "is_reseller", .select = "t.is_reseller", .type = CX_BOOLEAN},
    {.path = "timezone",
     .column = "timezone",
     .type = CX_STRING,
     .min = 3,
     .max = 64,
     .def = "\"UTC\"",
     .flags = CX_LINE | CX_KEEP},
    {.path = "language",
     .column = "language",
     .type = CX_STRING,
     .max = 16,
     .def = "\"en-us\"",
     .flags = CX_LINE},
    {.path = "country",
     .column = "country",
     .type = CX_STRING,
     .pattern = "^[A-Z]{2}$",
     .def = "\"IE\"",
     .flags = CX_ASCII | CX_KEEP},
    {.path = "max_calls", .column = "max_calls", .type = CX_INTEGER, .flags = CX_HIDDEN},
    CX_CALLER_ID_ROWS(0),
    {.path = "call_restriction", .column = "call_restriction", .type = CX_OBJECT, .def = "{}"},
    {.path = "call_restriction.*", .type = CX_OBJECT},
    {.path = "call_restriction.*.action", .type = CX_STRING, .choices = "inherit|deny"},
    CX_PRIVACY_ROWS,
    {.path = "caller_id_options.show_rate", .type = CX_BOOLEAN},
    CX_RECORDING_ROWS("call_recording.account", 0),
    CX_RECORDING_ROWS("call_recording.endpoint", 0),
    CX_WAITING_ROWS,
    CX_DIAL_ROWS,
    {.path = "do_not_disturb", .type = CX_OBJECT},
    {.path = "do_not_disturb.enabled", .type = CX_BOOLEAN},
    {.path = "notifications", .type = CX_OBJECT},
    {.path = "notifications.first_occurrence", .type = CX_OBJECT},
    {.path = "notifications.first_occurrence.sent_initial_call",
     .type = CX_BOOLEAN,
     .def = "false"},
    {.path = "notifications.first_occurrence.sent_initial_registration",
     .type = CX_BOOLEAN,
     .def = "false"},
    {.path = "notifications.low_balance", .type = CX_OBJECT},
    {.path = "notifications.low_balance.enabled", .type = CX_BOOLEAN},
    {.path = "notifications.low_balance.sent_low_balance", .type = CX_BOOLEAN},
    {.path = "topup", .type = CX_OBJECT},
    {.path = "voicemail", .type = CX_OBJECT},
    CX_CALLBACK_ROWS("voicemail.notify"),
    {.path = "zones", .type = CX_OBJECT},
    {.path = "preflow", .type = CX_OBJECT, .def = "{}"},
    {.path = "preflow.always", .type = CX_STRING},
    CX_RINGTONE_ROWS,
    {.path = "org", .type = CX_STRING},
    CX_MUSIC_ROWS,
    CX_FLAGS_ROWS,
};

static const struct cx_unique uniques[] = {{"realm", "realm", "The realm"},
                                           {"name_key", "name", "The name"}};

/* What names are compared by: lower case, letters and digits. A name without any is told apart by
 * its account's id. */
static void set_name_key(struct cx_record *record)
{
    char key[129];
    size_t n = 0;

    for (const char *p = cx_path_text(record->doc, "name", ""); *p && n < sizeof(key) - 1; p++)
        if (isalnum((unsigned char)*p))
            key[n++] = (char)tolower((unsigned char)*p);
    key[n] = '\0';
    json_object_set_new(record->priv, "name_key", json_string(n > 0 ? key : record->id));
}

static int before(struct cx_request *r, struct cx_write *w)
{
    const char *realm = cx_path_text(w->record->doc, "realm", NULL);
    char text[254];
    int err;

    set_name_key(w->record);
    if (!realm) {
        snprintf(text, sizeof(text), "%.8s.%.240s", w->record->id, r->account.realm);
        cx_path_set(w->record->doc, "realm",
                    w->before ? json_string(r->account.realm) : json_string(text));
        return 0;
    }
    if (!w->before || strcmp(realm, r->account.realm) == 0)
        return 0;
    err = cx_db_exists(r->db,
                       "SELECT 1 FROM device WHERE account_id = ? AND sip_ha1 IS NOT NULL LIMIT 1",
                       (struct cx_value[]){cx_text(r->account.id)}, 1);
    if (err == 0)
        cx_invalid(r, "realm", "forbidden", NULL,
                   "The phones' passwords are hashed with the realm: remove the devices first");
    return err == -ENOENT ? 0 : err;
}

/* Numbers go back to the inventory. */
static int removing(struct cx_request *r, const struct cx_record *record)
{
    if (strcmp(record->id, r->token_account) == 0)
        return cx_forbidden(r);
    return cx_db_exec(r->db,
                      "UPDATE phone_number SET account_id = NULL, state = 'available', revision = "
                      "revision + 1, modified = ? WHERE account_id = ?",
                      (struct cx_value[]){cx_int(r->now), cx_text(record->id)}, 2, NULL);
}

static void removed(struct cx_request *r, const struct cx_record *record)
{
    cx_remove_account_files(r, record->id);
}

static int describe(struct cx_request *r, struct cx_record *record)
{
    struct cx_request_account account;
    int err = cx_account_read(r->db, record->id, &account);

    if (err == -ENOENT) /* it has just been deleted */
        return 0;
    if (err < 0)
        return err;
    json_decref(r->metadata);
    r->metadata =
        json_pack("{s:s, s:b, s:b, s:b, s:I, s:b, s:s}", "billing_mode", "manual", "enabled",
                  account.enabled, "superduper_admin", !account.parent_id[0], "wnm_allow_additions",
                  r->master, "created", (json_int_t)(record->created + CX_GREGORIAN), "is_reseller",
                  account.is_reseller || !account.parent_id[0], "reseller_id", account.reseller_id);
    return r->metadata ? 0 : -ENOMEM;
}

const struct cx_resource cx_accounts = {
    .name = "accounts",
    .table = "account",
    .scope = CX_SCOPE_SELF,
    .fields = fields,
    .field_count = CX_COUNT(fields),
    .uniques = uniques,
    .unique_count = CX_COUNT(uniques),
    .before = before,
    .removing = removing,
    .removed = removed,
    .describe = describe,
};

/* ---- the tree */

struct node {
    char id[33], parent[33];
    json_t *name, *realm;
    int descendants;
};

struct tree {
    struct node *nodes;
    size_t n, room;
};

static int add_node(void *arg, const struct cx_value *c, size_t n)
{
    struct tree *tree = arg;
    struct node *node;

    (void)n;
    if (tree->n == tree->room) {
        size_t room = tree->room ? 2 * tree->room : 64;
        struct node *nodes = realloc(tree->nodes, room * sizeof(*nodes));
        if (!nodes)
            return -ENOMEM;
        tree->nodes = nodes;
        tree->room = room;
    }
    node = &tree->nodes[tree->n++];
    memset(node, 0, sizeof(*node));
    snprintf(node->id, sizeof(node->id), "%s", c[0].s);
    snprintf(node->parent, sizeof(node->parent), "%s", c[1].type == CX_TEXT ? c[1].s : "");
    node->name = json_stringn(c[2].s, c[2].len);
    node->realm = json_stringn(c[3].s, c[3].len);
    return 0;
}

static int by_id(const void *a, const void *b)
{
    return strcmp(((const struct node *)a)->id, ((const struct node *)b)->id);
}

static struct node *node_of(const struct tree *tree, const char *id)
{
    struct node key;

    snprintf(key.id, sizeof(key.id), "%s", id);
    return tree->n ? bsearch(&key, tree->nodes, tree->n, sizeof(key), by_id) : NULL;
}

static int load_tree(struct cx_request *r, struct tree *tree)
{
    int err = cx_db_query(
        r->db,
        "WITH RECURSIVE down AS (SELECT id, parent_id, name, realm, 0 AS n FROM account WHERE id = "
        "? UNION ALL SELECT a.id, a.parent_id, a.name, a.realm, down.n + 1 FROM account a JOIN "
        "down ON a.parent_id = down.id WHERE down.n < 64) SELECT id, parent_id, name, realm FROM "
        "down WHERE n > 0",
        (struct cx_value[]){cx_text(r->account.id)}, 1, add_node, tree);

    if (err < 0)
        return err;
    if (tree->n > 0)
        qsort(tree->nodes, tree->n, sizeof(*tree->nodes), by_id);
    for (size_t i = 0; i < tree->n; i++)
        for (struct node *up = node_of(tree, tree->nodes[i].parent); up;
             up = node_of(tree, up->parent))
            up->descendants++;
    return 0;
}

static int by_name(const void *a, const void *b)
{
    const json_t *const *x = a, *const *y = b;
    int order = strcasecmp(cx_path_text(*x, "name", ""), cx_path_text(*y, "name", ""));

    return order ? order : strcmp(cx_path_text(*x, "id", ""), cx_path_text(*y, "id", ""));
}

/* Array of rows in order of name; with pages when they are asked for. */
static int tell_rows(struct cx_request *r, json_t *rows)
{
    size_t n = json_array_size(rows), page, at = 0;
    const char *start = cx_query(r, "start_key");
    json_t **sorted = calloc(n + 1, sizeof(*sorted)), *list = json_array();

    for (size_t i = 0; sorted && i < n; i++)
        sorted[i] = json_array_get(rows, i);
    if (sorted && n > 1)
        qsort(sorted, n, sizeof(*sorted), by_name);
    if (!cx_page_wanted(r, &page))
        page = n;
    else if (start)
        while (sorted && at < n && strcmp(cx_path_text(sorted[at], "id", ""), start) != 0)
            at++;
    for (size_t i = at; sorted && i < n && i < at + page; i++)
        json_array_append(list, sorted[i]);
    cx_reply_extra(r, "page_size", json_integer((json_int_t)json_array_size(list)));
    if (sorted && at + page < n)
        cx_reply_extra(r, "next_start_key", json_string(cx_path_text(sorted[at + page], "id", "")));
    free(sorted);
    json_decref(rows);
    return cx_ok(r, 200, list);
}

static int tell_tree(struct cx_request *r, bool children_only)
{
    struct tree tree = {.nodes = NULL};
    json_t *rows = json_array();
    int err = load_tree(r, &tree);

    for (size_t i = 0; err == 0 && i < tree.n; i++) {
        const struct node *node = &tree.nodes[i];
        json_t *row, *path;
        if (children_only && strcmp(node->parent, r->account.id) != 0)
            continue;
        row = json_pack("{s:s, s:O, s:O, s:i, s:[]}", "id", node->id, "name", node->name, "realm",
                        node->realm, "descendants_count", node->descendants, "flags");
        path = json_array();
        for (const struct node *up = node_of(&tree, node->parent); up;
             up = node_of(&tree, up->parent))
            json_array_insert_new(path, 0, json_string(up->id));
        json_array_insert_new(path, 0, json_string(r->account.id));
        if (!children_only)
            json_object_set(row, "tree", path);
        json_decref(path);
        json_array_append_new(rows, row);
    }
    for (size_t i = 0; i < tree.n; i++) {
        json_decref(tree.nodes[i].name);
        json_decref(tree.nodes[i].realm);
    }
    free(tree.nodes);
    if (err < 0) {
        json_decref(rows);
        return err;
    }
    return tell_rows(r, rows);
}

static int children(struct cx_request *r)
{
    return tell_tree(r, true);
}

static int descendants(struct cx_request *r)
{
    return tell_tree(r, false);
}

struct ancestors {
    struct cx_request *r;
    json_t *list;
    bool done;
};

static int add_ancestor(void *arg, const struct cx_value *c, size_t n)
{
    struct ancestors *a = arg;

    (void)n;
    if (!a->done)
        json_array_insert_new(a->list, 0, json_pack("{s:s, s:s}", "id", c[0].s, "name", c[1].s));
    /* what is above the caller's own account is not his business */
    if (strcmp(c[0].s, a->r->token_account) == 0)
        a->done = true;
    return 0;
}

static int ancestors(struct cx_request *r)
{
    struct ancestors a = {r, json_array(), strcmp(r->account.id, r->token_account) == 0};
    int err = cx_db_query(
        r->db,
        "WITH RECURSIVE up AS (SELECT id, parent_id, name, 0 AS n FROM account WHERE id = ? UNION "
        "ALL SELECT p.id, p.parent_id, p.name, up.n + 1 FROM account p JOIN up ON p.id = "
        "up.parent_id WHERE up.n < 64) SELECT id, name FROM up WHERE n > 0 ORDER BY n",
        (struct cx_value[]){cx_text(r->account.id)}, 1, add_ancestor, &a);

    if (err < 0) {
        json_decref(a.list);
        return err;
    }
    return cx_ok(r, 200, a.list);
}

static int add_sibling(void *arg, const struct cx_value *c, size_t n)
{
    (void)n;
    return json_array_append_new(arg, json_pack("{s:s, s:s, s:s, s:[]}", "id", c[0].s, "name",
                                                c[1].s, "realm", c[2].s, "flags"));
}

static int siblings(struct cx_request *r)
{
    json_t *rows = json_array();
    int err = 0;

    if (strcmp(r->account.id, r->token_account) != 0)
        err = cx_db_query(r->db, "SELECT id, name, realm FROM account WHERE parent_id = ?",
                          (struct cx_value[]){cx_text(r->account.parent_id)}, 1, add_sibling, rows);
    if (err < 0) {
        json_decref(rows);
        return err;
    }
    return tell_rows(r, rows);
}

/* ---- one account */

static int create(struct cx_request *r)
{
    return cx_engine_write(r, &cx_accounts, NULL);
}

static int get(struct cx_request *r)
{
    return cx_engine_tell(r, &cx_accounts, r->account.id);
}

static int write(struct cx_request *r)
{
    return cx_engine_write(r, &cx_accounts, r->account.id);
}

static int delete (struct cx_request *r)
{
    return cx_engine_remove(r, &cx_accounts, r->account.id);
}

/* Only who is above may make an account a reseller, or stop it being one. */
static int set_reseller(struct cx_db *db, void *arg)
{
    struct cx_request *r = arg;
    int err = cx_db_exec(
        db,
        "UPDATE account SET is_reseller = ?, revision = revision + 1, modified = ? "
        "WHERE id = ?",
        (struct cx_value[]){cx_int(r->verb == CX_PUT), cx_int(r->now), cx_text(r->account.id)}, 3,
        NULL);

    return err < 0 ? err
                   : cx_change_append(db, r->account.id, "account", r->account.id, "update",
                                      r->user_id);
}

static int reseller(struct cx_request *r)
{
    int err;

    if (strcmp(r->account.id, r->token_account) == 0)
        return cx_forbidden(r);
    err = cx_db_transaction(r->db, set_reseller, r);
    return err < 0 ? err : cx_engine_tell(r, &cx_accounts, r->account.id);
}

const struct cx_route cx_routes_accounts[] = {
    {.path = "accounts/{}",
     .handlers = {get, create, write, write, delete},
     .resource = &cx_accounts},
    {.path = "accounts/{}/children", .handlers = {[CX_GET] = children}},
    {.path = "accounts/{}/descendants", .handlers = {[CX_GET] = descendants}},
    {.path = "accounts/{}/tree", .handlers = {[CX_GET] = ancestors}},
    {.path = "accounts/{}/parents", .handlers = {[CX_GET] = ancestors}},
    {.path = "accounts/{}/siblings", .handlers = {[CX_GET] = siblings}},
    {.path = "accounts/{}/reseller", .handlers = {[CX_PUT] = reseller, [CX_DELETE] = reseller}},
    {.path = NULL},
};
