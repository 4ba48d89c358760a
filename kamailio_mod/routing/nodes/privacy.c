/*
 * privacy.c - callflow module "privacy": hides the caller for this call, then dials the number
 * behind the code (*67...). data: mode (full, name, number, yes; also by the name "action").
 * Emergency calls show the caller all the same. SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "nodes.h"

int cx_fill_privacy(struct cx_flow *f, const json_t *data, struct cx_node *n)
{
    static const char *const modes[] = {"full", "yes", "number", "name", NULL};
    unsigned mode = 0;
    int err =
        cx_flow_choice(f, data, json_object_get(data, "mode") ? "mode" : "action", modes, &mode);

    n->number = (uint16_t)(mode == 3   ? CX_CURSOR_HIDE_NAME
                           : mode == 2 ? CX_CURSOR_HIDE_NUMBER
                                       : CX_CURSOR_HIDE_NAME | CX_CURSOR_HIDE_NUMBER);
    return err;
}

enum cx_done cx_node_privacy(struct cx_decide *d, const struct cx_node *node)
{
    cx_state(d)->flags |= (uint8_t)(node->number & (CX_CURSOR_HIDE_NAME | CX_CURSOR_HIDE_NUMBER));
    cx_trace_add(d, CX_TRACE_NODE, (struct cx_id){{0}}, "the caller is hidden", d->capture);
    return d->capture.len ? cx_dial(d, d->capture) : CX_DONE_NEXT;
}
