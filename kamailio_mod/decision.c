/*
 * decision.c - see decision.h.
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include <stdio.h>
#include <string.h>

#include "core/dprint.h"
#include "routing/image.h"

#include "decision.h"

static const char *const kinds[] = {
    [CX_TRACE_SOURCE] = "source",
    [CX_TRACE_NUMBER] = "number",
    [CX_TRACE_NODE] = "node",
    [CX_TRACE_DEVICE] = "device",
    [CX_TRACE_RESTRICTION] = "restriction",
    [CX_TRACE_CALLER_ID] = "caller id",
    [CX_TRACE_CARRIER] = "carrier",
    [CX_TRACE_OUTCOME] = "outcome",
    [CX_TRACE_REPLY] = "reply",
};

void cx_decision_add(struct cx_context *ctx, const struct cx_step *step)
{
    for (uint16_t i = 0; i < step->trace_count && i < CX_TRACE_MAX; i++) {
        const struct cx_trace *t = &step->trace[i];
        size_t room = sizeof(ctx->path) - ctx->path_len;
        char document[33] = "";
        int n;

        if (!cx_id_is_zero(t->document))
            cx_id_format(t->document, document);
        n = snprintf(
            ctx->path + ctx->path_len, room, "%s%s%s: %s%s%.*s\n",
            t->kind < sizeof(kinds) / sizeof(*kinds) && kinds[t->kind] ? kinds[t->kind] : "?",
            document[0] ? " " : "", document, t->reason ? t->reason : "", t->detail.len ? ": " : "",
            (int)t->detail.len, t->detail.len ? t->detail.s : "");
        if (n < 0 || (size_t)n >= room) { /* full: keep whole lines only */
            ctx->path[ctx->path_len] = '\0';
            return;
        }
        ctx->path_len = (uint16_t)(ctx->path_len + n);
    }
}
