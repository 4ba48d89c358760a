/*
 * receive_fax.c - callflow module "receive_fax": receives a fax for a user. data: owner_id,
 * media.fax_option (T.38).
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "nodes.h"

int cx_fill_receive_fax(struct cx_flow *f, const json_t *data, struct cx_node *n)
{
    const char *owner;
    int err = cx_fax_option(f, data, n);

    if (err == 0)
        err = cx_flow_text(f, data, "owner_id", &owner);
    if (err == 0 && (!owner || !owner[0]))
        err = cx_flow_refuse(f, "data.owner_id", "%s", "whose fax? an id is wanted");
    if (err == 0 && f->b)
        n->ref = cx_build_user(f->b, owner);
    return err;
}

enum cx_done cx_node_receive_fax(struct cx_decide *d, const struct cx_node *node)
{
    const struct cx_user *owner;
    char id[33];

    if (node->ref == CX_NONE) {
        cx_trace_add(d, CX_TRACE_NODE, cx_node_id(d->image, node), "the fax's owner does not exist",
                     (struct cx_str){0});
        return CX_DONE_NEXT;
    }
    owner = &CX_ROWS(d->image, CX_T_USER, struct cx_user)[node->ref];
    cx_trace_add(d, CX_TRACE_NODE, owner->id, "receives a fax for", cx_pool(d->image, owner->name));
    cx_id_format(owner->id, id);
    cx_step_service(d, "fax_receive", "owner=%s%s", id,
                    node->number == CX_FAXBOX_T38      ? ";t38=1"
                    : node->number == CX_FAXBOX_NO_T38 ? ";t38=0"
                                                       : "");
    return CX_DONE_STEP;
}
