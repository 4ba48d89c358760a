/*
 * intercom.c - callflow module "intercom": calls the extension behind the code (*0201); its phones
 * are asked to answer by themselves. SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "nodes.h"

int cx_fill_intercom(struct cx_flow *f, const json_t *data, struct cx_node *n)
{
    (void)f;
    (void)data;
    (void)n;
    return 0;
}

enum cx_done cx_node_intercom(struct cx_decide *d, const struct cx_node *node)
{
    (void)node;
    if (!cx_is_phone(d))
        return CX_DONE_STEP;
    if (d->capture.len == 0) {
        cx_trace_add(d, CX_TRACE_NODE, (struct cx_id){{0}}, "no extension behind the code",
                     (struct cx_str){0});
        return CX_DONE_NEXT;
    }
    cx_state(d)->flags |= CX_CURSOR_AUTO_ANSWER;
    cx_trace_add(d, CX_TRACE_NODE, (struct cx_id){{0}}, "intercom", d->capture);
    return cx_dial(d, d->capture);
}
