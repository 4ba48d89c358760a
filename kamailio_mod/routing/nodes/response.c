/*
 * response.c - callflow module "response": ends the call. data: code, message, media.
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "nodes.h"

enum cx_done cx_node_response(struct cx_decide *d, const struct cx_node *node)
{
    uint16_t code = node->number ? node->number : 486;
    struct cx_str reason = cx_pool(d->image, node->text), media = cx_pool(d->image, node->text2);
    const char *said = reason.len ? cx_text_make(d->step, "%.*s", (int)reason.len, reason.s).s : "";

    cx_trace_add(d, CX_TRACE_NODE, (struct cx_id){{0}}, "response of the callflow", reason);
    if (media.len) {
        const char *prompt = cx_text_make(d->step, "%.*s", (int)media.len, media.s).s;
        cx_step_announce(d, prompt, code, said);
    } else
        cx_step_reply(d, code, said);
    return CX_DONE_STEP;
}
