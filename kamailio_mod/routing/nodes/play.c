/*
 * play.c - callflow module "play": a sound of the tenant's or of the system. data: id, answer,
 * loop_count, endless_playback.
 *
 * With something to follow it is early media: the call is answered by whoever comes next. A caller
 * who was answered before hears it all the same, and the worker goes on with the tree itself.
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "nodes.h"

enum { ANSWER = 1, ENDLESS = 2 };

int cx_fill_play(struct cx_flow *f, const json_t *data, struct cx_node *n)
{
    long loops = 0;
    int err = cx_flow_wants_id(f, "which sound? an id is wanted");

    if (err == 0)
        err = cx_flow_number(f, data, "loop_count", 1, 100, &loops);
    n->ref = (uint32_t)loops;
    n->number = (uint16_t)((cx_flow_true(data, "answer") ? ANSWER : 0) |
                           (cx_flow_true(data, "endless_playback") ? ENDLESS : 0));
    if (f->b)
        n->text = cx_flow_sound(f->b, f->id_text);
    return err;
}

void cx_service_play_on(struct cx_decide *d, const struct cx_node *node, bool answer)
{
    bool answered = answer || (cx_state(d)->flags & CX_CURSOR_ANSWERED);

    if (answered || node->child_count == 0)
        cx_service_add(d, "answer=1%s", answered && node->child_count ? ";next=1" : "");
}

enum cx_done cx_node_play(struct cx_decide *d, const struct cx_node *node)
{
    struct cx_str media = cx_pool(d->image, node->text);

    if (media.len == 0) {
        cx_trace_add(d, CX_TRACE_NODE, cx_node_id(d->image, node),
                     "media does not exist or has no sound yet", (struct cx_str){0});
        return CX_DONE_NEXT;
    }
    cx_trace_add(d, CX_TRACE_NODE, cx_node_id(d->image, node), "plays", media);
    cx_step_service(d, "play", "media=%s", cx_escape(d, media));
    cx_service_play_on(d, node, node->number & ANSWER);
    if (node->number & ENDLESS)
        cx_service_add(d, "loops=0");
    else if (node->ref > 1)
        cx_service_add(d, "loops=%u", node->ref);
    return CX_DONE_STEP;
}
