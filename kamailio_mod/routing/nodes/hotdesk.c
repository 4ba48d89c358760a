/*
 * hotdesk.c - callflow module "hotdesk": a user logs in or out of the phone that dials (*11, *12,
 * *13), or is called wherever they are logged in. data: action (login, logout, toggle, bridge), id
 * (a user; else asked for, or the number behind the code).
 *
 * The dialogue and the change are the worker's: service "hotdesk" with action; device; user (whom
 * data names; with logout: who is logged in here alone); id (dialled).
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "nodes.h"

#define DEFAULT_RINGING_S 20

enum { LOGIN, LOGOUT, TOGGLE, BRIDGE };
static const char *const actions[] = {"login", "logout", "toggle", "bridge", NULL};

int cx_fill_hotdesk(struct cx_flow *f, const json_t *data, struct cx_node *n)
{
    unsigned action = LOGIN;
    int err = cx_flow_choice(f, data, "action", actions, &action);

    if (err == 0 && action == BRIDGE)
        err = cx_flow_wants_id(f, "which user? an id is wanted");
    n->number = (uint16_t)action;
    if (f->b && f->id_text)
        n->ref = cx_build_user(f->b, f->id_text);
    return err;
}

/* Rings the phones where the user is logged in. */
static enum cx_done bridge(struct cx_decide *d, const struct cx_node *node)
{
    struct cx_ringing how = {.can_call_self = node->flags & CX_NODE_CAN_CALL_SELF};
    const struct cx_user *user = &CX_ROWS(d->image, CX_T_USER, struct cx_user)[node->ref];
    const struct cx_device *devices = cx_table(d->image, CX_T_DEVICE);
    const uint32_t *owned = CX_ROWS(d->image, CX_T_OWNED, uint32_t) + user->owned_first;
    unsigned count = 0;

    cx_ring_begin(d, DEFAULT_RINGING_S);
    for (uint16_t i = 0; i < user->owned_count; i++)
        if ((user->flags & CX_USER_HOTDESK) && (devices[owned[i]].flags & CX_DEVICE_HOTDESKED))
            count += cx_ring_device(d, &devices[owned[i]], &how);
    if (count == 0) {
        cx_trace_add(d, CX_TRACE_NODE, user->id, "the user is not logged in anywhere",
                     cx_pool(d->image, user->name));
        cx_ring_missed(d, node);
        return CX_DONE_NEXT;
    }
    d->step->callee_name = cx_pool(d->image, user->name);
    cx_show_caller_inside(d);
    return CX_DONE_STEP;
}

enum cx_done cx_node_hotdesk(struct cx_decide *d, const struct cx_node *node)
{
    unsigned action = node->number <= BRIDGE ? node->number : LOGIN;
    char device[33], user[33] = "";

    if (action == BRIDGE)
        return node->ref == CX_NONE ? CX_DONE_NEXT : bridge(d, node);
    if (!cx_is_phone(d))
        return CX_DONE_STEP;
    cx_id_format(d->device->id, device);
    if (node->ref != CX_NONE)
        cx_id_format(CX_ROWS(d->image, CX_T_USER, struct cx_user)[node->ref].id, user);
    else if (action != LOGIN && d->user)
        cx_id_format(d->user->id, user);
    cx_trace_add(d, CX_TRACE_NODE, d->device->id, "hot desk", cx_z(actions[action]));
    cx_step_service(d, "hotdesk", "action=%s;device=%s%s%s%s%s", actions[action], device,
                    user[0] ? ";user=" : "", user, d->capture.len ? ";id=" : "",
                    cx_escape(d, d->capture));
    return CX_DONE_STEP;
}
