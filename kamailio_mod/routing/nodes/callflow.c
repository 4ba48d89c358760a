/*
 * callflow.c - callflow module "callflow": goes on in another callflow of the account. data: id.
 *
 * The other tree takes over; this node's own default child is followed only if the other callflow
 * is gone. SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "nodes.h"

enum cx_done cx_node_callflow(struct cx_decide *d, const struct cx_node *node)
{
    if (node->ref == CX_NONE) {
        cx_trace_add(d, CX_TRACE_NODE, node->id, "callflow does not exist", (struct cx_str){0});
        return CX_DONE_NEXT;
    }
    cx_trace_add(d, CX_TRACE_NODE, node->id, "goes on in another callflow", (struct cx_str){0});
    return CX_DONE_JUMP;
}
