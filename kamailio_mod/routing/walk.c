/*
 * walk.c - the tree of a callflow, node by node, and back up to the callflow that called it.
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include <string.h>

#include "nodes/nodes.h"

#define STEPS_MAX 200 /* of one call */

static const struct cx_node *nodes_of(const struct cx_image *image)
{
    return cx_table(image, CX_T_NODE);
}

uint32_t cx_child(const struct cx_image *image, const struct cx_node *node, struct cx_str key)
{
    const struct cx_child *children =
        CX_ROWS(image, CX_T_CHILD, struct cx_child) + node->child_first;
    uint32_t fallback = CX_NONE;

    for (uint32_t i = 0; i < node->child_count; i++) {
        struct cx_str k = cx_pool(image, children[i].key);
        if (key.len && cx_str_compare(k, key) == 0)
            return children[i].node;
        if (k.len == 1 && k.s[0] == '_')
            fallback = children[i].node;
    }
    return fallback;
}

bool cx_has_child(const struct cx_image *image, const struct cx_node *node, struct cx_str key)
{
    const struct cx_child *children =
        CX_ROWS(image, CX_T_CHILD, struct cx_child) + node->child_first;

    for (uint32_t i = 0; i < node->child_count; i++)
        if (cx_str_compare(cx_pool(image, children[i].key), key) == 0)
            return true;
    return false;
}

uint32_t cx_find_node(const struct cx_image *image, const struct cx_callflow *flow, uint32_t hint,
                      uint32_t path_hash)
{
    const struct cx_node *nodes = nodes_of(image);

    if (hint < flow->node_count && nodes[flow->first_node + hint].path_hash == path_hash)
        return flow->first_node + hint;
    for (uint32_t i = 0; i < flow->node_count; i++)
        if (nodes[flow->first_node + i].path_hash == path_hash)
            return flow->first_node + i;
    return CX_NONE;
}

static void set_cursor(struct cx_decide *d, const struct cx_callflow *flow, uint32_t node)
{
    struct cx_cursor *c = &d->step->cursor;

    c->account = d->image->account;
    c->callflow = flow->id;
    c->caller_device = d->device ? d->device->id : (struct cx_id){{0}};
    c->path_hash = nodes_of(d->image)[node].path_hash;
    c->node = node - flow->first_node;
    c->from = (uint8_t)d->call->from;
    c->forward_hops = d->call->forward_hops;
    c->steps = (uint8_t)(c->steps < 255 ? c->steps + 1 : 255);
    d->step->callflow = flow->id;
    d->step->owner = d->user ? d->user->id : (struct cx_id){{0}};
}

/* What the caller gets when the tree has no more to say after an outcome. */
static void reply_for(struct cx_decide *d, enum cx_outcome outcome, uint16_t sip_code)
{
    switch (outcome) {
    case CX_OUT_BUSY:
        cx_step_reply(d, 486, "Busy Here");
        break;
    case CX_OUT_REJECTED:
        cx_step_reply(d, sip_code >= 400 && sip_code != 408 ? sip_code : 603, "Declined");
        break;
    case CX_OUT_FAILED:
        cx_step_reply(d, 503, "No carrier could complete the call");
        break;
    default:
        cx_step_reply(d, 480, "Temporarily Unavailable");
    }
}

/* Remembers where to go on when the callflow that is called has no more to say. A full stack
 * forgets the outermost: only a loop fills it. */
static void push(struct cx_decide *d, const struct cx_callflow *flow, const struct cx_node *node)
{
    struct cx_cursor *c = cx_state(d);

    if (!cx_has_child(d->image, node, cx_z("_")))
        return;
    if (c->frame_count == CX_CURSOR_FRAMES)
        memmove(c->frames, c->frames + 1, --c->frame_count * sizeof(*c->frames));
    c->frames[c->frame_count++] = (struct cx_frame){flow->id, node->path_hash};
}

/* The default child of the innermost call that can go on. False: there is none. */
static bool pop(struct cx_decide *d, const struct cx_callflow **flow, uint32_t *node)
{
    struct cx_cursor *c = cx_state(d);

    while (c->frame_count > 0) {
        struct cx_frame frame = c->frames[--c->frame_count];
        *flow = cx_find_callflow(d->image, frame.callflow);
        if (*flow && frame.path_hash == CX_FRAME_ROOT) {
            *node = (*flow)->first_node;
            return true;
        }
        *node = *flow ? cx_find_node(d->image, *flow, 0, frame.path_hash) : CX_NONE;
        if (*node != CX_NONE)
            *node = cx_child(d->image, &nodes_of(d->image)[*node], (struct cx_str){0});
        if (*node != CX_NONE) {
            cx_trace_add(d, CX_TRACE_NODE, (*flow)->id, "back in the calling callflow",
                         (struct cx_str){0});
            return true;
        }
    }
    return false;
}

/* Which node is next after one that made no step; false: the call was answered. */
static bool go_on(struct cx_decide *d, enum cx_done done, const struct cx_callflow **flow,
                  uint32_t *node)
{
    const struct cx_node *n = &nodes_of(d->image)[*node];
    const struct cx_callflow *was = *flow;

    if (done == CX_DONE_JUMP) {
        push(d, *flow, n);
        *flow = &CX_ROWS(d->image, CX_T_CALLFLOW, struct cx_callflow)[d->jump];
        *node = (*flow)->first_node;
        return true;
    }
    *node = cx_child(d->image, n, d->key);
    if (*node != CX_NONE || pop(d, flow, node))
        return true;
    reply_for(d, d->missed, 0);
    d->step->callflow = was->id;
    return false;
}

/* A user's own blacklists hold wherever the user is rung. */
static bool is_blocked(struct cx_decide *d, const struct cx_node *n)
{
    return n->module == CX_MODULE_user && n->ref != CX_NONE && !(n->flags & CX_NODE_SKIP) &&
           cx_block_caller(d, n->ref);
}

void cx_walk(struct cx_decide *d, const struct cx_callflow *flow, uint32_t node)
{
    while (d->passed++ < CX_NODES_MAX && cx_state(d)->steps < STEPS_MAX) {
        const struct cx_node *n = &nodes_of(d->image)[node];
        enum cx_done done = CX_DONE_NEXT;

        d->key = (struct cx_str){0};
        d->flow = flow;
        d->missed = CX_OUT_UNREACHABLE;
        d->ring.wave = cx_state(d)->stage = 0;
        cx_state(d)->turn = 0;
        if (is_blocked(d, n))
            done = CX_DONE_STEP;
        else if (!(n->flags & CX_NODE_SKIP))
            done = cx_modules[n->module].run(d, n);
        d->previous = n->module;
        if (done == CX_DONE_STEP) {
            set_cursor(d, flow, node);
            return;
        }
        if (!go_on(d, done, &flow, &node))
            return;
    }
    cx_step_reply(d, 482, "Loop Detected");
}

bool cx_walk_again(struct cx_decide *d, const struct cx_callflow *flow, uint32_t node,
                   enum cx_outcome outcome, uint16_t sip_code)
{
    const struct cx_node *n = &nodes_of(d->image)[node];

    d->flow = flow;
    if (!cx_again[n->module] || cx_state(d)->steps >= STEPS_MAX ||
        cx_again[n->module](d, n, outcome, sip_code) != CX_DONE_STEP)
        return false;
    set_cursor(d, flow, node);
    return true;
}

void cx_walk_up(struct cx_decide *d, enum cx_outcome outcome, uint16_t sip_code)
{
    const struct cx_callflow *flow;
    uint32_t node;

    if (pop(d, &flow, &node))
        cx_walk(d, flow, node);
    else
        reply_for(d, outcome, sip_code);
}

void cx_walk_done(struct cx_decide *d, const struct cx_callflow *flow, uint32_t node,
                  enum cx_done done)
{
    if (done == CX_DONE_STEP)
        set_cursor(d, flow, node);
    else if (go_on(d, done, &flow, &node))
        cx_walk(d, flow, node);
}
