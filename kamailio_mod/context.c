/*
 * context.c - see context.h.
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include <string.h>

#include "core/mem/shm_mem.h"
#include "modules/tm/h_table.h"
#include "modules/tm/t_hooks.h"

#include "calls.h"
#include "cdr.h"
#include "context.h"
#include "record.h"
#include "tm_api.h"

void cx_copy(char *to, size_t size, struct cx_str from)
{
    size_t n = from.len < size ? from.len : size - 1;

    memcpy(to, from.s, n);
    to[n] = '\0';
}

static void release(void *param)
{
    struct cx_context *ctx = param;

    if (ctx->gateways)
        shm_free(ctx->gateways);
    if (ctx->legs)
        shm_free(ctx->legs);
    cx_record_release(ctx);
    shm_free(ctx);
}

/* The final reply goes out: the one place where every attempt, however it ended, is seen once. */
static void on_reply_out(struct cell *t, int type, struct tmcb_params *ps)
{
    struct cx_context *ctx = *ps->param;

    (void)type;
    if (ps->code >= 200 && !ctx->recorded) {
        ctx->recorded = true;
        cx_cdr_final(ctx, t, ps->code);
        if (ps->code < 300)
            cx_record_answered(ctx, t);
        cx_calls_final(ctx, ps->code, cx_cdr_called(ctx, t));
    }
}

static struct cell *transaction(void)
{
    struct cell *t = cx_tm.t_gett();

    return t == T_UNDEFINED ? NULL : t;
}

struct cx_context *cx_context_new(struct sip_msg *msg)
{
    struct cell *t = transaction();
    struct cx_context *ctx;

    if (!t)
        return NULL;
    ctx = shm_malloc(sizeof(*ctx));
    if (!ctx)
        return NULL;
    memset(ctx, 0, sizeof(*ctx));
    if (cx_tm.register_tmcb(msg, t, TMCB_RESPONSE_OUT, on_reply_out, ctx, release) < 1) {
        shm_free(ctx);
        return NULL;
    }
    return ctx;
}

struct cx_context *cx_context_of(struct cell *t)
{
    for (volatile struct tm_callback *cb = t->tmcb_hl.first; cb; cb = cb->next)
        if (cb->callback == on_reply_out)
            return cb->param;
    return NULL;
}

struct cx_context *cx_context_get(void)
{
    struct cell *t = transaction();

    return t ? cx_context_of(t) : NULL;
}
