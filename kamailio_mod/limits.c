/*
 * limits.c - see limits.h.
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include <string.h>

#include "core/dprint.h"
#include "core/locking.h"
#include "core/mem/shm_mem.h"

#include "calls.h"
#include "cdr.h"
#include "limits.h"
#include "metrics.h"
#include "source.h"

#define BUCKETS   1024u
#define MINUTE_MS 60000

int cx_limits_dry_run;

/* Calls to carriers that an account began: in the present minute and in the one before. */
struct tally {
    struct tally *next;
    struct cx_id account;
    int64_t minute;
    unsigned now, before;
};

static struct {
    gen_lock_t lock;
    struct tally *tallies[BUCKETS];
} * table;

int cx_limits_init(void)
{
    table = shm_malloc(sizeof(*table));
    if (!table)
        return -1;
    memset(table, 0, sizeof(*table));
    return lock_init(&table->lock) ? 0 : -1;
}

struct use {
    const struct cx_context *ctx;
    int32_t calls, inbound, outbound, users;
};

static bool count(void *arg, struct cx_live *call)
{
    struct use *u = arg;

    if (call->emergency)
        return false;
    if (strcmp(call->call_id, u->ctx->call_id) == 0) /* this one: its other legs count */
        u->outbound += call->outbound;
    else {
        u->outbound += call->outbound;
        if (!call->within) {
            u->calls++;
            u->inbound += call->from == CX_FROM_CARRIER;
            u->users += !cx_id_is_zero(u->ctx->caller_owner) &&
                        cx_id_equal(call->caller.owner, u->ctx->caller_owner);
        }
    }
    return false;
}

/* Over a window that slides: the part of the last minute that is still within 60 s counts. */
static bool too_fast(struct cx_id account, int32_t most)
{
    const int64_t now = cx_now_ms(), minute = now / MINUTE_MS;
    struct tally **at = &table->tallies[(account.b[0] << 8 | account.b[1]) % BUCKETS], *t;
    bool over = true;

    lock_get(&table->lock);
    for (t = *at; t && !cx_id_equal(t->account, account);)
        t = t->next;
    if (!t && (t = shm_malloc(sizeof(*t))) != NULL) {
        *t = (struct tally){.next = *at, .account = account, .minute = minute};
        *at = t;
    }
    if (t) {
        if (t->minute != minute) {
            t->before = t->minute == minute - 1 ? t->now : 0;
            t->now = 0;
            t->minute = minute;
        }
        over = t->now + t->before * (uint64_t)(MINUTE_MS - now % MINUTE_MS) / MINUTE_MS >=
               (uint64_t)most;
        if (!over)
            t->now++;
    }
    lock_release(&table->lock);
    return over;
}

static const char *over(const struct cx_context *ctx, const struct cx_image *image, bool outbound)
{
    const struct cx_id account = cx_image_account(image);
    struct use use = {.ctx = ctx};
    struct cx_image_limits limits;
    int32_t user_most = -1;

    cx_image_limits(image, &limits);
    if (!cx_id_is_zero(ctx->caller_owner) && ctx->in_from == CX_FROM_DEVICE)
        user_most = cx_image_user_max_calls(image, ctx->caller_owner);
    if (limits.calls < 0 && limits.inbound < 0 && limits.outbound < 0 && user_most < 0 &&
        limits.outbound_per_minute < 0)
        return NULL;
    (void)cx_calls_each(account, count, &use);
    if (ctx->inside == CX_INSIDE_NOT) { /* else a leg of what was let in before */
        if (limits.calls >= 0 && use.calls >= limits.calls)
            return "Call limit of the account reached";
        if (limits.inbound >= 0 && ctx->in_from == CX_FROM_CARRIER && use.inbound >= limits.inbound)
            return "Inbound limit of the account reached";
        if (user_most >= 0 && use.users >= user_most)
            return "Call limit of the user reached";
    }
    if (outbound && limits.outbound >= 0 && use.outbound >= limits.outbound)
        return "Outbound limit of the account reached";
    if (outbound && limits.outbound_per_minute >= 0 &&
        too_fast(account, limits.outbound_per_minute))
        return "Too many outbound calls in a minute";
    return NULL;
}

const char *cx_limits_check(const struct cx_context *ctx, const struct cx_image *image,
                            bool outbound)
{
    const char *why = over(ctx, image, outbound);

    if (!why)
        return NULL;
    cx_count(limited);
    LM_NOTICE("call %s of account %.*s: %s%s\n", ctx->call_id, (int)cx_image_realm(image).len,
              cx_image_realm(image).s, why, cx_limits_dry_run ? " (dry run)" : "");
    return cx_limits_dry_run ? NULL : why;
}
