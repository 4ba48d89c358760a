/*
 * user.c - callflow module "user": rings all phones that are the user's now, or forwards.
 * data: id, timeout (s), can_call_self, fail_on_single_reject.
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "nodes.h"

#define DEFAULT_RINGING_S 20 /* Kazoo's default bridge time */

int cx_fill_user(struct cx_flow *f, const json_t *data, struct cx_node *n)
{
    long timeout_s = 0;
    int err = cx_flow_wants_id(f, "which one? an id is wanted");

    if (err == 0)
        err = cx_flow_number(f, data, "timeout", 0, 3600, &timeout_s);
    n->number = (uint16_t)timeout_s;
    if (cx_flow_true(data, "fail_on_single_reject"))
        n->flags |= CX_NODE_FAIL_ON_REJECT;
    if (f->b)
        n->ref = cx_build_user(f->b, f->id_text);
    return err;
}

static const struct cx_user *user_of(const struct cx_decide *d, const struct cx_node *node)
{
    return &CX_ROWS(d->image, CX_T_USER, struct cx_user)[node->ref];
}

static void begin(struct cx_decide *d, const struct cx_node *node, const struct cx_user *user)
{
    /* What the user set themselves stands above what a callflow was once saved with. */
    cx_ring_begin(d, user->timeout_s ? user->timeout_s
                     : node->number  ? node->number
                                     : DEFAULT_RINGING_S);
    d->step->u.ring.fail_on_single_reject = node->flags & CX_NODE_FAIL_ON_REJECT;
}

static enum cx_done finish(struct cx_decide *d, const struct cx_user *user)
{
    const struct cx_target *t = d->step->u.ring.targets;

    for (uint16_t i = 0; i < d->step->u.ring.count; i++)
        if (t[i].forward.number.len && cx_id_is_zero(t[i].forward.device))
            cx_state(d)->stage = 1; /* one forward of the user's a call */
    d->step->callee_name = cx_pool(d->image, user->name);
    cx_show_caller_inside(d);
    return CX_DONE_STEP;
}

enum cx_done cx_node_user(struct cx_decide *d, const struct cx_node *node)
{
    struct cx_ringing how = {.can_call_self = node->flags & CX_NODE_CAN_CALL_SELF};
    const struct cx_user *user;

    if (node->ref == CX_NONE) {
        cx_trace_add(d, CX_TRACE_NODE, cx_node_id(d->image, node), "user does not exist",
                     (struct cx_str){0});
        return CX_DONE_NEXT;
    }
    user = user_of(d, node);
    cx_trace_add(d, CX_TRACE_NODE, user->id, "user", cx_pool(d->image, user->name));
    begin(d, node, user);
    if (cx_ring_user(d, user, &how) == 0) {
        cx_trace_add(d, CX_TRACE_NODE, user->id, "no phone of this user can ring",
                     (struct cx_str){0});
        cx_ring_missed(d, node);
        return CX_DONE_NEXT;
    }
    return finish(d, user);
}

enum cx_done cx_again_user(struct cx_decide *d, const struct cx_node *node, enum cx_outcome outcome,
                           uint16_t sip_code)
{
    struct cx_ringing how = {.can_call_self = node->flags & CX_NODE_CAN_CALL_SELF};

    (void)sip_code;
    if (node->ref == CX_NONE || cx_state(d)->stage)
        return CX_DONE_NEXT;
    begin(d, node, user_of(d, node));
    if (!cx_forward_after(d, user_of(d, node), NULL, outcome, &how))
        return CX_DONE_NEXT;
    return finish(d, user_of(d, node));
}
