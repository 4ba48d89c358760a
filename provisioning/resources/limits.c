/*
 * limits.c - what an account may use at once. `calls` is the account's max_calls; the other keys
 * are kept with the account. Only who is above an account may change its limits.
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "common.h"
#include "db/change_log.h"
#include "resources.h"

static const struct cx_field fields[] = {
    {.path = "twoway_trunks", .type = CX_INTEGER, .min = 0, .max = 1000000},
    {.path = "inbound_trunks", .type = CX_INTEGER, .min = 0, .max = 1000000},
    {.path = "outbound_trunks", .type = CX_INTEGER, .min = 0, .max = 1000000},
    {.path = "burst_trunks", .type = CX_INTEGER, .min = 0, .max = 1000000},
    {.path = "calls", .type = CX_INTEGER, .min = 0, .max = 1000000},
    {.path = "resource_consuming_calls", .type = CX_INTEGER, .min = 0, .max = 1000000},
    {.path = "outbound_calls_per_minute", .type = CX_INTEGER, .min = 0, .max = 1000000},
    {.path = "allow_prepay", .type = CX_BOOLEAN, .def = "true"},
    {.path = "call_restriction", .type = CX_OBJECT},
    {.path = "call_restriction.*", .type = CX_OBJECT},
    {.path = "call_restriction.*.action", .type = CX_STRING, .choices = "inherit|deny"},
};

static const struct cx_resource limits = {
    .name = "limits", .table = "account", .fields = fields, .field_count = CX_COUNT(fields)};

static int keep(void *arg, const struct cx_value *c, size_t n)
{
    json_t **doc = arg, *kept;
    json_t *all = json_loadb(c[0].s, c[0].len, 0, NULL);

    (void)n;
    kept = json_object_get(all, "pvt_limits");
    *doc = json_is_object(kept) ? json_deep_copy(kept) : json_object();
    json_decref(all);
    if (c[1].type != CX_NULL)
        json_object_set_new(*doc, "calls", json_integer(c[1].i));
    return 0;
}

static int load(struct cx_request *r, json_t **doc)
{
    *doc = NULL;
    return cx_db_one(r->db, "SELECT doc, max_calls FROM account WHERE id = ?",
                     (struct cx_value[]){cx_text(r->account.id)}, 1, keep, doc);
}

static int tell(struct cx_request *r, json_t *doc)
{
    json_object_set_new(doc, "id", json_string("limits"));
    return cx_ok(r, 200, doc);
}

static int get(struct cx_request *r)
{
    json_t *doc = NULL;
    int err = load(r, &doc);

    return err < 0 ? err : tell(r, doc);
}

struct job {
    struct cx_request *r;
    json_t *doc;
};

static int save(struct cx_request *r, const json_t *doc)
{
    const json_t *calls = json_object_get(doc, "calls");
    char *text = json_dumps(doc, JSON_COMPACT);
    int err;

    if (!text)
        return -ENOMEM;
    err = cx_db_exec(r->db,
                     "UPDATE account SET max_calls = ?, doc = JSON_SET(doc, '$.pvt_limits', "
                     "JSON_COMPACT(?)), revision = revision + 1, modified = ? WHERE id = ?",
                     (struct cx_value[]){calls ? cx_int(json_integer_value(calls)) : cx_null(),
                                         cx_text(text), cx_int(r->now), cx_text(r->account.id)},
                     4, NULL);
    free(text);
    return err;
}

static int work(struct cx_db *db, void *arg)
{
    struct job *job = arg;
    struct cx_request *r = job->r;
    json_t *old = NULL, *given = json_deep_copy(r->data);
    int err = load(r, &old);

    json_decref(job->doc);
    job->doc = r->verb == CX_PATCH ? old : json_object();
    if (r->verb != CX_PATCH)
        json_decref(old);
    json_object_del(given, "id");
    if (err == 0)
        err = cx_merge(job->doc, given);
    json_decref(given);
    if (err == 0)
        err = cx_validate(r, &limits, job->doc);
    if (err == 0 && cx_json_too_deep(job->doc, 20))
        cx_invalid(r, "data", "maxDepth", NULL, "nested deeper than 20 levels");
    if (err == 0)
        err = cx_check(r);
    if (err == 0)
        err = save(r, job->doc);
    return err < 0 ? err
                   : cx_change_append(db, r->account.id, "account", r->account.id, "update",
                                      r->user_id);
}

static int write(struct cx_request *r)
{
    struct job job = {.r = r};
    int err;

    if (!r->master && strcmp(r->account.id, r->token_account) == 0)
        return cx_forbidden(r);
    if (!r->data) {
        cx_invalid(r, "data", "required", NULL, "Field is required but missing");
        return cx_check(r);
    }
    err = cx_db_transaction(r->db, work, &job);
    if (err < 0) {
        json_decref(job.doc);
        return err;
    }
    return tell(r, job.doc);
}

const struct cx_route cx_routes_limits[] = {
    {.path = "accounts/{}/limits",
     .handlers = {[CX_GET] = get, [CX_POST] = write, [CX_PATCH] = write}},
    {.path = NULL},
};
