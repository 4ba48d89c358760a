/*
 * device.c - callflow module "device": rings one phone, or forwards. data: id, timeout (s),
 * can_call_self. SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "nodes.h"

#define DEFAULT_RINGING_S 20

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

static const struct cx_device *device_of(const struct cx_decide *d, const struct cx_node *node)
{
    return &CX_ROWS(d->image, CX_T_DEVICE, struct cx_device)[node->ref];
}

static enum cx_done finish(struct cx_decide *d, const struct cx_device *device)
{
    for (uint16_t i = 0; i < d->step->u.ring.count; i++)
        if (d->step->u.ring.targets[i].forward.number.len)
            cx_state(d)->stage = 1; /* one forward a call */
    d->step->callee_name = cx_pool(d->image, device->name);
    cx_show_caller_inside(d);
    return CX_DONE_STEP;
}

enum cx_done cx_node_device(struct cx_decide *d, const struct cx_node *node)
{
    struct cx_ringing how = {.can_call_self = node->flags & CX_NODE_CAN_CALL_SELF};
    const struct cx_device *device;

    if (node->ref == CX_NONE) {
        cx_trace_add(d, CX_TRACE_NODE, cx_node_id(d->image, node), "device does not exist",
                     (struct cx_str){0});
        return CX_DONE_NEXT;
    }
    device = device_of(d, node);
    cx_trace_add(d, CX_TRACE_NODE, device->id, "device", cx_pool(d->image, device->name));
    cx_ring_begin(d, node->number ? node->number : DEFAULT_RINGING_S);
    if (cx_ring_device(d, device, &how) == 0) {
        cx_ring_missed(d, node);
        return CX_DONE_NEXT;
    }
    return finish(d, device);
}

enum cx_done cx_again_device(struct cx_decide *d, const struct cx_node *node,
                             enum cx_outcome outcome, uint16_t sip_code)
{
    struct cx_ringing how = {.can_call_self = node->flags & CX_NODE_CAN_CALL_SELF};

    (void)sip_code;
    if (node->ref == CX_NONE || cx_state(d)->stage)
        return CX_DONE_NEXT;
    cx_ring_begin(d, node->number ? node->number : DEFAULT_RINGING_S);
    if (!cx_forward_after(d, NULL, device_of(d, node), outcome, &how))
        return CX_DONE_NEXT;
    return finish(d, device_of(d, node));
}
