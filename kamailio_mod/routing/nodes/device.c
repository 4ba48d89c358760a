/*
 * device.c - callflow module "device": rings one phone. data: id, timeout (s), can_call_self.
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "nodes.h"

int cx_fill_device(struct cx_flow *f, const json_t *data, struct cx_node *n)
{
    long timeout_s = 0;
    int err = cx_flow_wants_id(f, "which one? an id is wanted");

    if (err == 0)
        err = cx_flow_number(f, data, "timeout", 0, 3600, &timeout_s);
    n->number = (uint16_t)timeout_s;
    if (f->b)
        n->ref = cx_build_device(f->b, f->id_text);
    return err;
}

#define DEFAULT_RINGING_S 20

enum cx_done cx_node_device(struct cx_decide *d, const struct cx_node *node)
{
    struct cx_step *step = d->step;
    const struct cx_device *device;

    if (node->ref == CX_NONE) {
        cx_trace_add(d, CX_TRACE_NODE, node->id, "device does not exist", (struct cx_str){0});
        return CX_DONE_NEXT;
    }
    device = &CX_ROWS(d->image, CX_T_DEVICE, struct cx_device)[node->ref];
    cx_trace_add(d, CX_TRACE_NODE, device->id, "device", cx_pool(d->image, device->name));
    step->kind = CX_STEP_RING;
    step->u.ring.count = 0;
    step->u.ring.timeout_s = node->number ? node->number : DEFAULT_RINGING_S;
    if (cx_ring_device(d, device, node->flags & CX_NODE_CAN_CALL_SELF) == 0)
        return CX_DONE_NEXT;
    step->callee_name = cx_pool(d->image, device->name);
    cx_show_caller_inside(d);
    return CX_DONE_STEP;
}
