/*
 * rpc.c - see rpc.h.
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "cdr.h"
#include "contacts.h"
#include "execute.h"
#include "loader.h"
#include "metrics.h"
#include "routing/explain.h"
#include "rpc.h"
#include "snapshot.h"
#include "source.h"

static const char *doc_stats[] = {"What the module and its loader are doing.", 0};
static const char *doc_account[] = {
    "One account as it is in force. Parameter: account id or realm.", 0};
static const char *doc_reload[] = {
    "Load one account (id or realm) again, or all without a parameter.", 0};
static const char *doc_explain[] = {"Every path that a call could take now. Parameters: "
                                    "account (id or realm), caller (SIP user name of a "
                                    "device, or a number of outside), dialled, [unix time].",
                                    0};

static void refused_accounts(rpc_t *rpc, void *ctx, void *reply)
{
    const struct cx_account *a = NULL;
    void *list, *item;
    char hex[33];

    if (rpc->struct_add(reply, "[", "refused_accounts", &list) < 0)
        return;
    while ((a = cx_snapshot_next(a)) != NULL) {
        const char *why = cx_account_error(a);
        if (!why)
            continue;
        cx_id_format(cx_account_id(a), hex);
        if (rpc->array_add(list, "{", &item) < 0)
            return;
        rpc->struct_add(item, "ss", "account", hex, "why", why);
    }
    (void)ctx;
}

static void rpc_stats(rpc_t *rpc, void *ctx)
{
    struct cx_loader_state s;
    void *reply;

    cx_loader_state(&s);
    if (rpc->add(ctx, "{", &reply) < 0)
        return;
    rpc->struct_add(reply, "sdddjjds", "database", s.database_up ? "up" : "down", "accounts",
                    (int)s.accounts, "refused", (int)s.refused, "cdr_backlog", (int)s.cdr_backlog,
                    "image_bytes", (unsigned long)cx_snapshot_bytes(), "last_change",
                    (unsigned long)s.last_change, "full_load_ms", (int)s.full_load_ms, "error",
                    s.error);
    for (int i = 0; i < CX_METRIC_COUNT; i++)
        rpc->struct_add(reply, "j", cx_metric_name((enum cx_metric)i),
                        cx_metric_get((enum cx_metric)i));
    cx_snapshot_enter();
    refused_accounts(rpc, ctx, reply);
    cx_snapshot_leave();
}

/* Between enter and leave. */
static const struct cx_image *find_account(str name)
{
    struct cx_id id;

    return cx_id_parse(name.s, (size_t)name.len, &id) ? cx_snapshot_by_id(id)
                                                      : cx_snapshot_by_realm(cx_str_of(name));
}

/* Says whether two answers are about the same image. */
static unsigned fingerprint(const struct cx_image *image)
{
    const unsigned char *p = (const unsigned char *)image;
    unsigned h = 2166136261u;

    for (size_t i = 0; i < cx_image_size(image); i++)
        h = (h ^ p[i]) * 16777619u;
    return h;
}

static const struct cx_account *account_entry(struct cx_id id)
{
    const struct cx_account *a = NULL;

    while ((a = cx_snapshot_next(a)) != NULL)
        if (cx_id_equal(cx_account_id(a), id))
            break;
    return a;
}

static void rpc_account(rpc_t *rpc, void *ctx)
{
    const struct cx_image *image;
    const struct cx_account *entry;
    char hex[33], name[256], realm[256];
    str which;
    void *reply;

    if (rpc->scan(ctx, ".S", &which) < 1) {
        rpc->fault(ctx, 400, "Which account? Give its id or realm");
        return;
    }
    cx_snapshot_enter();
    image = find_account(which);
    if (!image) {
        rpc->fault(ctx, 404, "No account with this id or realm is in force");
    } else if (rpc->add(ctx, "{", &reply) == 0) {
        struct cx_id id = cx_image_account(image);
        struct cx_str n = cx_image_name(image), r = cx_image_realm(image);
        const char *error;

        entry = account_entry(id);
        error = entry ? cx_account_error(entry) : NULL;
        cx_id_format(id, hex);
        snprintf(name, sizeof(name), "%.*s", (int)n.len, n.s);
        snprintf(realm, sizeof(realm), "%.*s", (int)r.len, r.s);
        rpc->struct_add(
            reply, "sssddddjjs", "id", hex, "name", name, "realm", realm, "enabled",
            (int)cx_image_enabled(image), "users", (int)cx_image_user_count(image), "devices",
            (int)cx_image_device_count(image), "numbers", (int)cx_image_number_count(image),
            "bytes", (unsigned long)cx_image_size(image), "since",
            (unsigned long)(entry ? cx_account_since(entry) : 0), "refused", error ? error : "");
        rpc->struct_add(reply, "u", "fingerprint", fingerprint(image));
    }
    cx_snapshot_leave();
}

static void rpc_reload(rpc_t *rpc, void *ctx)
{
    struct cx_id id = {{0}};
    str which;

    if (rpc->scan(ctx, "*S", &which) == 1) {
        const struct cx_image *image;
        cx_snapshot_enter();
        image = find_account(which);
        if (image)
            id = cx_image_account(image);
        cx_snapshot_leave();
        /* an account that was never good has no image, but an id */
        if (!image && !cx_id_parse(which.s, (size_t)which.len, &id)) {
            rpc->fault(ctx, 404, "No account with this id or realm");
            return;
        }
    }
    if (!cx_loader_reload(id))
        rpc->fault(ctx, 503, "The loader is busy; try again");
}

struct text {
    char *s;
    size_t len, room;
};

static void append(void *arg, const char *s, size_t len)
{
    struct text *t = arg;

    if (t->len + len + 1 > t->room) {
        size_t room = (t->len + len + 1) * 2;
        char *grown = realloc(t->s, room);
        if (!grown)
            return;
        t->s = grown;
        t->room = room;
    }
    memcpy(t->s + t->len, s, len);
    t->len += len;
    t->s[t->len] = '\0';
}

/* A SIP user name of the account is one of its phones; anything else a caller from outside. */
static void call_for(const struct cx_image *image, str from, str to, int at, struct cx_call *call)
{
    struct cx_image_device device;

    memset(call, 0, sizeof(*call));
    call->dialled = cx_str_of(to);
    call->caller_number = cx_str_of(from);
    call->now_ms = at > 0 ? (int64_t)at * 1000 : cx_now_ms();
    call->from = CX_FROM_CARRIER;
    if (cx_image_device_by_username(image, cx_str_of(from), &device)) {
        call->from = CX_FROM_DEVICE;
        call->device = device.id;
    }
}

static void rpc_explain(rpc_t *rpc, void *ctx)
{
    struct text text = {0};
    const struct cx_image *image;
    struct cx_call call;
    str which, from, to;
    int at = 0;

    if (rpc->scan(ctx, ".S.S.S*d", &which, &from, &to, &at) < 3) {
        rpc->fault(ctx, 400, "Parameters: account, caller, dialled, [unix time]");
        return;
    }
    cx_snapshot_enter();
    image = find_account(which);
    if (!image) {
        rpc->fault(ctx, 404, "No account with this id or realm is in force");
    } else {
        call_for(image, from, to, at, &call);
        cx_explain(image, cx_snapshot_cluster(), cx_live_env(), &call, CX_EXPLAIN_TEXT, append,
                   &text);
        rpc->rpl_printf(ctx, "%s", text.s ? text.s : "");
    }
    cx_snapshot_leave();
    free(text.s);
}

rpc_export_t cx_rpc_table[] = {
    {"centrex.stats", rpc_stats, doc_stats, 0},
    {"centrex.account", rpc_account, doc_account, 0},
    {"centrex.reload", rpc_reload, doc_reload, 0},
    {"centrex.explain", rpc_explain, doc_explain, 0},
    {0, 0, 0, 0},
};
