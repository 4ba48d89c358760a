/*
 * response.c - callflow module "response": ends the call. data: code, message, media.
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "nodes.h"

int cx_fill_response(struct cx_flow *f, const json_t *data, struct cx_node *n)
{
    const char *message, *media;
    long code = 0;
    int err = cx_flow_number(f, data, "code", 400, 699, &code);

    if (err == 0)
        err = cx_flow_text(f, data, "message", &message);
    if (err == 0)
        err = cx_flow_text(f, data, "media", &media);
    n->number = (uint16_t)code;
    if (err == 0 && f->b) {
        n->text = cx_build_text(f->b, message);
        n->text2 = cx_flow_sound(f->b, media);
    }
    return err;
}

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
