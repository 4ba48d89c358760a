/*
 * user.c - callflow module "user": rings all phones that are the user's now.
 * data: id, timeout (s), can_call_self.
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "nodes.h"

int cx_fill_user(struct cx_flow *f, const json_t *data, struct cx_node *n)
{
    long timeout_s = 0;
    int err = cx_flow_wants_id(f, "which one? an id is wanted");

    if (err == 0)
        err = cx_flow_number(f, data, "timeout", 0, 3600, &timeout_s);
    n->number = (uint16_t)timeout_s;
    if (f->b)
        n->ref = cx_build_user(f->b, f->id_text);
    return err;
}

#define DEFAULT_RINGING_S 20 /* Kazoo's default bridge time */

enum cx_done cx_node_user(struct cx_decide *d, const struct cx_node *node)
{
    struct cx_step *step = d->step;
    const struct cx_user *user;

    if (node->ref == CX_NONE) {
        cx_trace_add(d, CX_TRACE_NODE, node->id, "user does not exist", (struct cx_str){0});
        return CX_DONE_NEXT;
    }
    user = &CX_ROWS(d->image, CX_T_USER, struct cx_user)[node->ref];
    cx_trace_add(d, CX_TRACE_NODE, user->id, "user", cx_pool(d->image, user->name));
    if (!(user->flags & CX_USER_ENABLED)) {
        cx_trace_add(d, CX_TRACE_NODE, user->id, "user is disabled", (struct cx_str){0});
        return CX_DONE_NEXT;
    }
    if (user->flags & CX_USER_DND) {
        cx_trace_add(d, CX_TRACE_NODE, user->id, "user does not want to be disturbed",
                     (struct cx_str){0});
        return CX_DONE_NEXT;
    }
    step->kind = CX_STEP_RING;
    step->u.ring.count = 0;
    /* What the user set themselves stands above what a callflow was once saved with. */
    step->u.ring.timeout_s = user->timeout_s ? user->timeout_s
                             : node->number  ? node->number
                                             : DEFAULT_RINGING_S;
    if (cx_ring_user(d, user, node->flags & CX_NODE_CAN_CALL_SELF) == 0) {
        cx_trace_add(d, CX_TRACE_NODE, user->id, "no phone of this user can ring",
                     (struct cx_str){0});
        return CX_DONE_NEXT;
    }
    step->callee_name = cx_pool(d->image, user->name);
    cx_show_caller_inside(d);
    return CX_DONE_STEP;
}
