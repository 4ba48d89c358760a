/*
 * webhooks.c - where an account's events are told: documents, attempts, replays. The herald
 * (herald.c) sends. SPDX-License-Identifier: GPL-2.0-or-later
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common.h"
#include "db/change_log.h"
#include "db/id.h"
#include "resources.h"

static const struct cx_field fields[] = {
    {.path = "name",
     .column = "name",
     .type = CX_STRING,
     .min = 1,
     .max = 128,
     .flags = CX_REQUIRED | CX_LIST},
    {.path = "hook",
     .column = "hook",
     .type = CX_STRING,
     .choices = "all|object|doc_created|doc_edited|doc_deleted|channel_destroy|voicemail",
     .flags = CX_REQUIRED | CX_LIST | CX_ASCII},
    {.path = "uri",
     .column = "uri",
     .type = CX_STRING,
     .min = 8,
     .max = 2048,
     .pattern = "^https?://[^ ]+$",
     .flags = CX_REQUIRED | CX_LIST | CX_LINE},
    {.path = "enabled", .column = "enabled", .type = CX_BOOLEAN, .def = "true", .flags = CX_LIST},
    {.path = "disable_reason", .select = "t.disable_reason", .type = CX_STRING, .flags = CX_LIST},
    {.path = "failures", .column = "failures", .type = CX_INTEGER, .flags = CX_HIDDEN},
    {.path = "secret",
     .column = "secret",
     .type = CX_STRING,
     .min = 16,
     .max = 128,
     .flags = CX_SECRET | CX_LINE | CX_KEEP},
    {.path = "http_verb", .type = CX_STRING, .choices = "get|post|put", .def = "\"post\""},
    {.path = "format", .type = CX_STRING, .choices = "form-data|json", .def = "\"form-data\""},
    {.path = "retries", .type = CX_INTEGER, .min = 0, .max = 4, .def = "2"},
    {.path = "custom_data", .type = CX_OBJECT},
    {.path = "custom_data.*", .type = CX_STRING, .max = 1024},
    {.path = "include_subaccounts", .type = CX_BOOLEAN},
    {.path = "include_internal_legs", .type = CX_BOOLEAN, .def = "true"},
    CX_FLAGS_ROWS,
};

static int before(struct cx_request *r, struct cx_write *w)
{
    char a[33], b[33], secret[65];

    (void)r;
    if (!cx_path_get(w->record->doc, "secret")) {
        cx_id_new(a);
        cx_id_new(b);
        snprintf(secret, sizeof(secret), "%s%s", a, b);
        cx_path_set(w->record->doc, "secret", json_string(secret));
    }
    if (!w->before ||
        (cx_path_true(w->record->doc, "enabled") && !cx_path_true(w->before->doc, "enabled")))
        json_object_set_new(w->record->priv, "failures", json_integer(0));
    return 0;
}

/* Enabled again: the reason is gone. */
static int after(struct cx_request *r, struct cx_write *w)
{
    return cx_path_true(w->record->doc, "enabled")
               ? cx_db_exec(r->db, "UPDATE webhook SET disable_reason = NULL WHERE id = ?",
                            (struct cx_value[]){cx_text(w->record->id)}, 1, NULL)
               : 0;
}

const struct cx_resource cx_webhooks = {
    .name = "webhooks",
    .table = "webhook",
    .fields = fields,
    .field_count = CX_COUNT(fields),
    .before = before,
    .after = after,
};

/* ---- attempts */

static int add_attempt(void *arg, const struct cx_value *c, size_t n)
{
    json_t *row = json_pack("{s:s, s:s, s:s, s:I, s:s, s:I}", "id", c[0].s, "hook_id", c[1].s,
                            "delivery_id", c[2].s, "timestamp", (json_int_t)(c[3].i + CX_GREGORIAN),
                            "result", c[4].s, "retries_left", (json_int_t)c[8].i);
    char code[16];

    (void)n;
    if (c[5].type == CX_INT) {
        snprintf(code, sizeof(code), "%lld", (long long)c[5].i);
        json_object_set_new(row, "response_code", json_string(code));
    }
    if (c[6].type == CX_TEXT)
        json_object_set_new(row, "response_body", json_stringn(c[6].s, c[6].len));
    if (c[7].type == CX_TEXT)
        json_object_set_new(row, "client_error", json_stringn(c[7].s, c[7].len));
    return json_array_append_new(arg, row);
}

static int attempts(struct cx_request *r)
{
    const char *hook = r->segment_count > 4 ? r->segments[3] : NULL,
               *start = cx_query(r, "start_key");
    json_t *rows = json_array();
    size_t page;
    int err = 0;

    if (!r->admin) {
        json_decref(rows);
        return cx_forbidden(r);
    }
    if (!cx_page_wanted(r, &page) || page > 1000)
        page = 50;
    if (hook)
        err = cx_reference_find(r, "webhook", hook);
    if (err == -ENOENT) {
        json_decref(rows);
        return cx_not_found(r, hook);
    }
    struct cx_value params[] = {cx_text(r->account.id),
                                cx_text(hook),
                                cx_text(hook),
                                cx_text(cx_ascii(start)),
                                cx_text(cx_ascii(start)),
                                cx_int((int64_t)page + 1)};
    if (err == 0)
        err =
            cx_db_query(r->db,
                        "SELECT id, webhook_id, delivery_id, timestamp, result, response_code, "
                        "response_body, client_error, retries_left FROM webhook_attempt WHERE "
                        "account_id = ? AND (? IS NULL OR webhook_id = ?) AND (? IS NULL OR "
                        "CONCAT(LPAD(timestamp, 12, '0'), '-', id) <= ?) ORDER BY timestamp DESC, "
                        "id DESC LIMIT ?",
                        params, 6, add_attempt, rows);
    if (err < 0) {
        json_decref(rows);
        return err;
    }
    if (json_array_size(rows) > page) {
        char key[64];
        json_t *last = json_array_get(rows, page);
        snprintf(key, sizeof(key), "%012lld-%s",
                 (long long)(json_integer_value(json_object_get(last, "timestamp")) - CX_GREGORIAN),
                 cx_path_text(last, "id", ""));
        cx_reply_extra(r, "next_start_key", json_string(key));
        json_array_remove(rows, page);
    }
    cx_reply_extra(r, "page_size", json_integer((json_int_t)json_array_size(rows)));
    return cx_ok(r, 200, rows);
}

/* The same event once more, with the tries that it had at first. */
static int replay(struct cx_request *r)
{
    uint64_t n = 0;
    int err = cx_db_exec(
        r->db,
        "UPDATE delivery d JOIN webhook_attempt a ON a.delivery_id = d.id SET d.state = 'waiting', "
        "d.tries = 0, d.due = ? WHERE a.id = ? AND a.webhook_id = ? AND a.account_id = ?",
        (struct cx_value[]){cx_int(r->now), cx_text(cx_ascii(r->segments[5])),
                            cx_text(cx_ascii(r->segments[3])), cx_text(r->account.id)},
        4, &n);

    if (err < 0)
        return err;
    return n == 0 ? cx_not_found(r, r->segments[5])
                  : cx_ok(r, 202, json_pack("{s:b}", "replayed", 1));
}

/* PATCH webhooks {"re-enable": true}: all that were disabled. */
static int enable_all(struct cx_db *db, void *arg)
{
    struct cx_request *r = arg;
    uint64_t n = 0;
    int err =
        cx_db_exec(db,
                   "UPDATE webhook SET enabled = TRUE, disable_reason = NULL, failures = 0, "
                   "revision = revision + 1, modified = ? WHERE account_id = ? AND NOT enabled",
                   (struct cx_value[]){cx_int(r->now), cx_text(r->account.id)}, 2, &n);

    if (err == 0 && n > 0)
        err = cx_change_append(db, r->account.id, "webhook", r->account.id, "update", r->user_id);
    return err < 0 ? err : cx_ok(r, 200, json_pack("{s:I}", "enabled", (json_int_t)n));
}

static int patch_all(struct cx_request *r)
{
    if (!cx_path_true(r->data, "re-enable")) {
        cx_invalid(r, "re-enable", "required", NULL, "Only re-enable: true is known");
        return cx_check(r);
    }
    return cx_db_transaction(r->db, enable_all, r);
}

static int available(struct cx_request *r)
{
    static const char *const hooks[][2] = {
        {"object", "a document was created, edited or deleted"},
        {"doc_created", "a document was created"},
        {"doc_edited", "a document was edited"},
        {"doc_deleted", "a document was deleted"},
        {"channel_destroy", "a call has ended: its record"},
        {"voicemail", "the messages of a box have changed"},
        {"all", "every one of them"},
    };
    json_t *rows = json_array();

    for (size_t i = 0; i < CX_COUNT(hooks); i++)
        json_array_append_new(rows, json_pack("{s:s, s:s, s:s}", "id", hooks[i][0], "name",
                                              hooks[i][0], "description", hooks[i][1]));
    return cx_ok(r, 200, rows);
}

const struct cx_route cx_routes_webhooks[] = {
    {.path = "webhooks", .handlers = {[CX_GET] = available}, .flags = CX_ROUTE_OPEN},
    {.path = "accounts/{}/webhooks",
     .handlers = {[CX_GET] = cx_engine_list, [CX_PUT] = cx_engine_create, [CX_PATCH] = patch_all},
     .resource = &cx_webhooks},
    {.path = "accounts/{}/webhooks/{}",
     .handlers = {[CX_GET] = cx_engine_get,
                  [CX_POST] = cx_engine_replace,
                  [CX_PATCH] = cx_engine_merge,
                  [CX_DELETE] = cx_engine_delete},
     .resource = &cx_webhooks},
    {.path = "accounts/{}/webhooks/attempts", .handlers = {[CX_GET] = attempts}},
    {.path = "accounts/{}/webhooks/{}/attempts", .handlers = {[CX_GET] = attempts}},
    {.path = "accounts/{}/webhooks/{}/attempts/{}", .handlers = {[CX_POST] = replay}},
    {.path = NULL},
};
