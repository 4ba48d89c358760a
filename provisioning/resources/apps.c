/*
 * apps.c - the portal's applications: which this API can serve, and who in an account may use them.
 * What an account has changed is kept with the account, out of its document.
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "db/change_log.h"
#include "resources.h"

static const struct {
    const char *id, *name, *label, *users;
} apps[] = {
    {"6e4fd2f1a0c24d4f9f3f0d6c3c0a1b01", "voip", "SmartPBX", "all"},
    {"6e4fd2f1a0c24d4f9f3f0d6c3c0a1b02", "callflows", "Callflows", "admins"},
    {"6e4fd2f1a0c24d4f9f3f0d6c3c0a1b03", "accounts", "Accounts", "admins"},
    {"6e4fd2f1a0c24d4f9f3f0d6c3c0a1b04", "numbers", "Numbers", "admins"},
    {"6e4fd2f1a0c24d4f9f3f0d6c3c0a1b05", "voicemails", "Voicemails", "all"},
    {"6e4fd2f1a0c24d4f9f3f0d6c3c0a1b06", "fax", "Fax", "all"},
};

static json_t *app_json(size_t i, const json_t *settings)
{
    json_t *app =
        json_pack("{s:s, s:s, s:{s:{s:s, s:s, s:s, s:[]}}, s:[], s:s, s:b, s:s, s:[]}", "id",
                  apps[i].id, "name", apps[i].name, "i18n", "en-US", "label", apps[i].label,
                  "description", apps[i].label, "extended_description", apps[i].label, "features",
                  "tags", "phase", "gold", "published", 1, "allowed_users", apps[i].users, "users");
    const json_t *changed = cx_path_get(settings, apps[i].id);

    if (json_is_object(changed))
        json_object_update(app, (json_t *)changed);
    return app;
}

static int find_app(const char *id)
{
    for (size_t i = 0; i < CX_COUNT(apps); i++)
        if (strcmp(apps[i].id, id) == 0 || strcmp(apps[i].name, id) == 0)
            return (int)i;
    return -1;
}

static int keep_settings(void *arg, const struct cx_value *c, size_t n)
{
    json_t **settings = arg;

    (void)n;
    json_decref(*settings);
    *settings = c[0].type == CX_TEXT ? json_loadb(c[0].s, c[0].len, 0, NULL) : NULL;
    return 0;
}

/* Always an object (new): {blacklist: [...], <app id>: {allowed_users, users}}. */
static int load(struct cx_request *r, bool lock, json_t **settings)
{
    *settings = NULL;
    int err = cx_db_query(r->db,
                          lock ? "SELECT JSON_QUERY(doc, '$.pvt_apps') FROM account WHERE id = ? "
                                 "FOR UPDATE"
                               : "SELECT JSON_QUERY(doc, '$.pvt_apps') FROM account WHERE id = ?",
                          (struct cx_value[]){cx_text(r->account.id)}, 1, keep_settings, settings);

    if (!json_is_object(*settings)) {
        json_decref(*settings);
        *settings = json_object();
    }
    return err;
}

static int list(struct cx_request *r)
{
    json_t *settings, *rows = json_array(), *blocked;
    int err = load(r, false, &settings);

    for (size_t i = 0; i < CX_COUNT(apps); i++) {
        size_t k;
        bool hidden = false;
        json_array_foreach(json_object_get(settings, "blacklist"), k, blocked)
        {
            if (json_is_string(blocked) && strcmp(json_string_value(blocked), apps[i].id) == 0)
                hidden = true;
        }
        if (!hidden)
            json_array_append_new(rows, app_json(i, settings));
    }
    json_decref(settings);
    if (err < 0) {
        json_decref(rows);
        return err;
    }
    return cx_ok(r, 200, rows);
}

static int get(struct cx_request *r)
{
    int i = find_app(r->segments[3]), err;
    json_t *settings;

    if (i < 0)
        return cx_not_found(r, r->segments[3]);
    err = load(r, false, &settings);
    if (err == 0)
        err = cx_ok(r, 200, app_json((size_t)i, settings));
    json_decref(settings);
    return err;
}

static int get_blacklist(struct cx_request *r)
{
    json_t *settings, *blacklist;
    int err = load(r, false, &settings);

    if (err == 0) {
        blacklist = json_object_get(settings, "blacklist");
        err = cx_ok(
            r, 200,
            json_pack("{s:o}", "blacklist", blacklist ? json_incref(blacklist) : json_array()));
    }
    json_decref(settings);
    return err;
}

struct change {
    struct cx_request *r;
    const char *key;
    json_t *value; /* NULL: as it was by default */
};

static int apply(struct cx_db *db, void *arg)
{
    struct change *change = arg;
    struct cx_request *r = change->r;
    json_t *settings;
    char *text;
    int err = load(r, true, &settings);

    if (change->value)
        json_object_set(settings, change->key, change->value);
    else
        json_object_del(settings, change->key);
    text = json_dumps(settings, JSON_COMPACT);
    json_decref(settings);
    if (err == 0)
        err = cx_db_exec(db,
                         "UPDATE account SET doc = JSON_SET(doc, '$.pvt_apps', JSON_COMPACT(?)), "
                         "revision = revision + 1, modified = ? WHERE id = ?",
                         (struct cx_value[]){cx_text(text ? text : "{}"), cx_int(r->now),
                                             cx_text(r->account.id)},
                         3, NULL);
    free(text);
    return err < 0 ? err
                   : cx_change_append(db, r->account.id, "account", r->account.id, "update",
                                      r->user_id);
}

static const struct cx_field fields[] = {
    {.path = "allowed_users", .type = CX_STRING, .choices = "all|admins|specific"},
    {.path = "users", .type = CX_ARRAY, .max = 1000},
    {.path = "users.*", .type = CX_OBJECT},
    {.path = "users.*.id", .type = CX_STRING, .reference = "user", .flags = CX_REQUIRED},
    {.path = "blacklist", .type = CX_ARRAY, .max = 100},
    {.path = "blacklist.*", .type = CX_STRING, .max = 32},
};
static const struct cx_resource checked = {
    .name = "apps_store", .table = "account", .fields = fields, .field_count = CX_COUNT(fields)};

static int write_key(struct cx_request *r, const char *key, const char *const *taken, size_t n)
{
    struct change change = {r, key, NULL};
    json_t *value;
    int err = 0;

    if (r->verb != CX_DELETE) {
        json_t *data = json_deep_copy(r->data);
        if (!data)
            data = json_object();
        err = cx_validate(r, &checked, data);
        if (err == 0)
            err = cx_check(r);
        change.value = json_object();
        for (size_t i = 0; i < n; i++)
            if ((value = json_object_get(data, taken[i])))
                json_object_set(change.value, taken[i], value);
        json_decref(data);
        if (n == 1) { /* the value itself */
            value = json_incref(json_object_get(change.value, taken[0]));
            json_decref(change.value);
            change.value = value;
        }
    }
    if (err == 0)
        err = cx_db_transaction(r->db, apply, &change);
    json_decref(change.value);
    return err;
}

static int write(struct cx_request *r)
{
    static const char *const taken[] = {"allowed_users", "users"};
    int i = find_app(r->segments[3]);
    int err = i < 0 ? cx_not_found(r, r->segments[3]) : write_key(r, apps[i].id, taken, 2);

    return err < 0 ? err : get(r);
}

static int write_blacklist(struct cx_request *r)
{
    static const char *const taken[] = {"blacklist"};
    int err;

    /* what resellers hide from an account it does not bring back itself */
    if (!r->master && strcmp(r->account.id, r->token_account) == 0)
        return cx_forbidden(r);
    err = write_key(r, "blacklist", taken, 1);
    return err < 0 ? err : get_blacklist(r);
}

static int no_icon(struct cx_request *r)
{
    return cx_not_found(r, NULL);
}

const struct cx_route cx_routes_apps[] = {
    {.path = "accounts/{}/apps_store", .handlers = {[CX_GET] = list}},
    {.path = "accounts/{}/apps_store/blacklist",
     .handlers = {[CX_GET] = get_blacklist, [CX_POST] = write_blacklist}},
    {.path = "accounts/{}/apps_store/{}",
     .handlers = {[CX_GET] = get, [CX_PUT] = write, [CX_POST] = write, [CX_DELETE] = write}},
    {.path = "accounts/{}/apps_store/{}/icon", .handlers = {[CX_GET] = no_icon}},
    {.path = "accounts/{}/apps_store/{}/override",
     .handlers = {[CX_GET] = get, [CX_PUT] = write, [CX_POST] = write, [CX_DELETE] = write}},
    {.path = NULL},
};
