/*
 * pickup.c - taking over a call that rings or talks at another phone of the account: what the
 * modules group_pickup, group_pickup_feature, intercept, intercept_feature and move share.
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "nodes/nodes.h"
#include "pickup.h"

#define TRUNK_MAX 5 /* nodes before the one that rings: record_call, prepend_cid ... */

static void add_phone(void *arg, const struct cx_device *device)
{
    struct cx_decide *d = arg;
    struct cx_step *step = d->step;
    const struct cx_user *owner = cx_device_owner(d->image, device);

    if (device == d->device || step->u.pickup.count == CX_STEP_TARGETS_MAX)
        return;
    for (uint16_t i = 0; i < step->u.pickup.count; i++)
        if (cx_id_equal(step->u.pickup.targets[i].device, device->id))
            return;
    step->u.pickup.targets[step->u.pickup.count++] =
        (struct cx_target){.username = cx_pool(d->image, device->username),
                           .device = device->id,
                           .owner = owner ? owner->id : (struct cx_id){{0}}};
}

static enum cx_done take(struct cx_decide *d, const struct cx_member *members, uint32_t count,
                         bool answered)
{
    d->step->kind = CX_STEP_PICKUP;
    d->step->u.pickup.count = 0;
    d->step->u.pickup.answered = answered;
    cx_each_phone(d->image, members, count, add_phone, d);
    if (d->step->u.pickup.count == 0) {
        cx_trace_add(d, CX_TRACE_NODE, (struct cx_id){{0}}, "no phone to take a call from",
                     (struct cx_str){0});
        cx_step_announce(d, "pickup-no_channels", 404, "No call to take");
        return CX_DONE_STEP;
    }
    cx_trace_add(d, CX_TRACE_NODE, (struct cx_id){{0}},
                 answered ? "takes over a call" : "picks up a ringing call", (struct cx_str){0});
    cx_show_caller_inside(d);
    return CX_DONE_STEP;
}

static const struct cx_ring *ring_of(const struct cx_decide *d, const struct cx_node *node)
{
    return node->ref == CX_NONE ? NULL : &CX_ROWS(d->image, CX_T_RING, struct cx_ring)[node->ref];
}

/* The callers named by approved_device_id, approved_user_id, approved_group_id; else everybody. */
static bool may(struct cx_decide *d, const struct cx_ring *ring)
{
    const struct cx_member *members = cx_table(d->image, CX_T_MEMBER);

    if (!cx_is_phone(d))
        return false;
    if (ring->approved_count == 0 || cx_is_member(d->image, members + ring->approved_first,
                                                  ring->approved_count, d->user, d->device))
        return true;
    cx_trace_add(d, CX_TRACE_RESTRICTION, d->device->id, "the caller may not pick up here",
                 (struct cx_str){0});
    cx_step_announce(d, "unauthorized", 403, "Not allowed to pick up");
    return false;
}

enum cx_done cx_pickup_named(struct cx_decide *d, const struct cx_node *node, bool answered)
{
    const struct cx_ring *ring = ring_of(d, node);

    if (!ring)
        return CX_DONE_NEXT;
    if (!may(d, ring))
        return CX_DONE_STEP;
    return take(d, CX_ROWS(d->image, CX_T_MEMBER, struct cx_member) + ring->member_first,
                ring->member_count, answered);
}

bool cx_flow_rings(const struct cx_decide *d, uint32_t callflow, struct cx_member *one,
                   const struct cx_member **members, uint32_t *count)
{
    const struct cx_callflow *flow =
        &CX_ROWS(d->image, CX_T_CALLFLOW, struct cx_callflow)[callflow];
    const struct cx_node *nodes = cx_table(d->image, CX_T_NODE);
    uint32_t at = flow->first_node;

    *members = one;
    *count = 1;
    for (int i = 0; i < TRUNK_MAX && at != CX_NONE; i++) {
        const struct cx_node *n = &nodes[at];
        if (n->module == CX_MODULE_user || n->module == CX_MODULE_device) {
            one->kind = n->module == CX_MODULE_user ? CX_MEMBER_USER : CX_MEMBER_DEVICE;
            one->ref = n->ref;
            return n->ref != CX_NONE;
        }
        if (n->module == CX_MODULE_ring_group && n->ref != CX_NONE) {
            const struct cx_ring *r = &CX_ROWS(d->image, CX_T_RING, struct cx_ring)[n->ref];
            *members = CX_ROWS(d->image, CX_T_MEMBER, struct cx_member) + r->member_first;
            *count = r->member_count;
            return true;
        }
        if (n->module == CX_MODULE_callflow && n->ref != CX_NONE)
            at = CX_ROWS(d->image, CX_T_CALLFLOW, struct cx_callflow)[n->ref].first_node;
        else
            at = cx_child(d->image, n, (struct cx_str){0});
    }
    one->kind = CX_MEMBER_USER;
    one->ref = flow->owner;
    return flow->owner != CX_NONE;
}

enum cx_done cx_pickup_dialled(struct cx_decide *d, const struct cx_node *node, bool answered)
{
    const struct cx_ring *ring = ring_of(d, node);
    const struct cx_member *members;
    struct cx_member one = {0};
    uint32_t count, callflow;

    if (!ring)
        return CX_DONE_NEXT;
    if (ring->member_count)
        return cx_pickup_named(d, node, answered);
    if (!may(d, ring))
        return CX_DONE_STEP;
    if (!cx_find_entry(d->image, d->capture, &callflow) ||
        !cx_flow_rings(d, callflow, &one, &members, &count)) {
        cx_trace_add(d, CX_TRACE_NUMBER, d->image->account, "nobody has this extension",
                     d->capture);
        cx_step_announce(d, "not_found", 404, "Nobody has this extension");
        return CX_DONE_STEP;
    }
    return take(d, members, count, answered);
}

enum cx_done cx_pickup_own(struct cx_decide *d)
{
    struct cx_member self = {.kind = CX_MEMBER_USER};

    if (!cx_is_phone(d))
        return CX_DONE_STEP;
    if (!d->user) {
        cx_step_announce(d, "unauthorized", 403, "This phone is nobody's");
        return CX_DONE_STEP;
    }
    self.ref = (uint32_t)(d->user - CX_ROWS(d->image, CX_T_USER, struct cx_user));
    return take(d, &self, 1, true);
}

enum cx_done cx_pickup_failed(struct cx_decide *d, const struct cx_node *node,
                              enum cx_outcome outcome)
{
    if (d->step->cursor.stage || outcome == CX_OUT_CONTINUE ||
        cx_has_child(d->image, node, cx_z("_")))
        return CX_DONE_NEXT;
    cx_state(d)->stage = 1;
    cx_step_announce(d, "pickup-no_channels", 404, "No call to take");
    return CX_DONE_STEP;
}
