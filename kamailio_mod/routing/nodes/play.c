/*
 * play.c - callflow module "play": a sound of the tenant's or of the system. data: id, answer.
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "nodes.h"

int cx_fill_play(struct cx_flow *f, const json_t *data, struct cx_node *n)
{
    (void)data;
    if (f->b)
        n->text = cx_flow_sound(f->b, f->id_text);
    return cx_flow_wants_id(f, "which sound? an id is wanted");
}

enum cx_done cx_node_play(struct cx_decide *d, const struct cx_node *node)
{
    struct cx_str media = cx_pool(d->image, node->text);

    if (media.len == 0) {
        cx_trace_add(d, CX_TRACE_NODE, node->id, "media does not exist or has no sound yet",
                     (struct cx_str){0});
        return CX_DONE_NEXT;
    }
    cx_trace_add(d, CX_TRACE_NODE, node->id, "plays", media);
    d->step->kind = CX_STEP_SERVICE;
    d->step->u.service.name = cx_z("play");
    /* With something to follow it is early media: the call is answered by whoever comes next. */
    d->step->u.service.params = cx_text_make(d->step, "media=%.*s%s", (int)media.len, media.s,
                                             node->child_count ? "" : ";answer=1");
    cx_show_caller_inside(d);
    return CX_DONE_STEP;
}
