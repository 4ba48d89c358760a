/*
 * set_cid.c - callflow module "set_cid": another caller ID instead of the caller's. data:
 * caller_id_name, caller_id_number. Outside only a number of the account's own is shown.
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "nodes.h"

int cx_fill_set_cid(struct cx_flow *f, const json_t *data, struct cx_node *n)
{
    const char *name, *number;
    int err = cx_flow_text(f, data, "caller_id_name", &name);

    if (err == 0)
        err = cx_flow_text(f, data, "caller_id_number", &number);
    if (err == 0 && f->b) {
        n->text = cx_build_text(f->b, name);
        n->text2 = cx_build_text(f->b, number);
    }
    return err;
}

enum cx_done cx_node_set_cid(struct cx_decide *d, const struct cx_node *node)
{
    struct cx_str name = cx_pool(d->image, node->text), number = cx_pool(d->image, node->text2);

    if (name.len)
        CX_STATE_PUT(cx_state(d)->set_name, name);
    if (number.len)
        CX_STATE_PUT(cx_state(d)->set_number, number);
    cx_trace_add(d, CX_TRACE_CALLER_ID, (struct cx_id){{0}}, "the callflow sets the caller ID",
                 number.len ? number : name);
    return CX_DONE_NEXT;
}
