/*
 * hangup.c - callflow module "hangup": ends the call. data: none.
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "nodes.h"

int cx_fill_hangup(struct cx_flow *f, const json_t *data, struct cx_node *n)
{
    (void)f;
    (void)data;
    (void)n;
    return 0;
}

enum cx_done cx_node_hangup(struct cx_decide *d, const struct cx_node *node)
{
    (void)node;
    cx_trace_add(d, CX_TRACE_NODE, (struct cx_id){{0}}, "the callflow ends the call",
                 (struct cx_str){0});
    cx_step_reply(d, 480, "Temporarily Unavailable");
    return CX_DONE_STEP;
}
