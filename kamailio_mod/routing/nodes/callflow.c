/*
 * callflow.c - callflow module "callflow": goes on in another callflow of the account. data: id.
 *
 * When the other tree has no more to say (nobody answered, nothing below), this node's default
 * child goes on: a group's "next action". SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "nodes.h"

int cx_fill_callflow(struct cx_flow *f, const json_t *data, struct cx_node *n)
{
    (void)data;
    if (f->b)
        n->ref = cx_build_callflow(f->b, f->id_text);
    return cx_flow_wants_id(f, "which one? an id is wanted");
}

enum cx_done cx_node_callflow(struct cx_decide *d, const struct cx_node *node)
{
    if (node->ref == CX_NONE) {
        cx_trace_add(d, CX_TRACE_NODE, cx_node_id(d->image, node), "callflow does not exist",
                     (struct cx_str){0});
        return CX_DONE_NEXT;
    }
    cx_trace_add(d, CX_TRACE_NODE, cx_node_id(d->image, node), "goes on in another callflow",
                 (struct cx_str){0});
    d->jump = node->ref;
    return CX_DONE_JUMP;
}
