/*
 * explain.c - POST accounts/{id}/explain {from, to, at, unregistered}: every path that a call could
 * take and why, by the code that routes calls, from the rows as they are now.
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "db/account_load.h"
#include "kamailio_mod/routing/compile.h"
#include "kamailio_mod/routing/explain.h"
#include "resources.h"

struct question {
    struct cx_request *r;
    const json_t *unregistered;
};

static bool registered(void *arg, struct cx_str username, struct cx_str realm)
{
    const struct question *q = arg;
    json_t *name;
    size_t i;

    (void)realm;
    json_array_foreach(q->unregistered, i, name)
    {
        if (json_string_length(name) == username.len &&
            strncasecmp(json_string_value(name), username.s, username.len) == 0)
            return false;
    }
    return true;
}

static int keep_id(void *arg, const struct cx_value *c, size_t n)
{
    (void)n;
    snprintf(arg, 33, "%s", c[0].s);
    return 0;
}

static bool number_owner(void *arg, struct cx_str number, struct cx_id *account)
{
    const struct question *q = arg;
    char id[33] = "";

    return cx_db_one(q->r->db,
                     "SELECT account_id FROM phone_number WHERE number = ? AND account_id IS NOT "
                     "NULL AND state IN ('in_service', 'port_out')",
                     (struct cx_value[]){cx_textn(number.s, number.len)}, 1, keep_id, id) == 0 &&
           cx_id_parse(id, strlen(id), account);
}

/* 0 with *image, -ECANCELED with a reply when the rows cannot be compiled. */
static int compile(struct cx_request *r, const char *account_id, struct cx_image **image)
{
    struct cx_account_rows rows;
    struct cx_compile_error error;
    int err =
        account_id ? cx_account_load(r->db, account_id, &rows) : cx_cluster_load(r->db, &rows);

    if (err == 0 && cx_compile(&rows, image, &error) < 0) {
        cx_invalid(r, error.path[0] ? error.path : "account", "invalid", NULL, "%s %s",
                   error.document, error.message);
        err = cx_check(r);
    }
    cx_rows_free(&rows);
    return err;
}

static void write_text(void *arg, const char *text, size_t len)
{
    fwrite(text, 1, len, arg);
}

static int walk(struct question *q, const struct cx_image *image, const struct cx_image *cluster,
                struct cx_call *call, json_t **answer)
{
    struct cx_env env = {.arg = q, .registered = registered, .number_owner = number_owner};
    struct cx_image_device device;
    char *text = NULL;
    size_t len = 0;
    FILE *f = open_memstream(&text, &len);
    int err;

    if (!f)
        return -ENOMEM;
    if (cx_image_device_by_username(image, call->caller_number, &device)) {
        call->from = CX_FROM_DEVICE;
        call->device = device.id;
    }
    err = cx_explain(image, cluster, &env, call, CX_EXPLAIN_JSON, write_text, f);
    fclose(f);
    *answer = err == 0 ? json_loadb(text, len, JSON_DECODE_ANY, NULL) : NULL;
    free(text);
    return err < 0 ? err : *answer ? 0 : -EINVAL;
}

static int explain(struct cx_request *r)
{
    const char *from = cx_path_text(r->data, "from", NULL), *to = cx_path_text(r->data, "to", NULL);
    const json_t *at = cx_path_get(r->data, "at");
    struct question q = {r, cx_path_get(r->data, "unregistered")};
    struct cx_image *image = NULL, *cluster = NULL;
    json_t *answer = NULL;
    int err;

    if (!from || !from[0])
        cx_invalid(r, "from", "required", NULL, "Field is required but missing");
    if (!to || !to[0])
        cx_invalid(r, "to", "required", NULL, "Field is required but missing");
    if (at && !json_is_integer(at))
        cx_invalid(r, "at", "type", at, "Gregorian seconds are wanted");
    err = cx_check(r);
    if (err == 0)
        err = compile(r, r->account.id, &image);
    if (err == 0)
        err = compile(r, NULL, &cluster);
    if (err == 0) {
        struct cx_call call = {.from = CX_FROM_CARRIER,
                               .caller_number = {from, (uint32_t)strlen(from)},
                               .dialled = {to, (uint32_t)strlen(to)},
                               .now_ms =
                                   (at ? json_integer_value(at) - CX_GREGORIAN : r->now) * 1000};
        err = walk(&q, image, cluster, &call, &answer);
    }
    free(image);
    free(cluster);
    return err < 0 ? err : cx_ok(r, 200, answer);
}

const struct cx_route cx_routes_explain[] = {
    {.path = "accounts/{}/explain", .handlers = {[CX_POST] = explain}},
    {.path = NULL},
};
