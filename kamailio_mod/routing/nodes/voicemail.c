/*
 * voicemail.c - callflow module "voicemail": hands the caller to a worker. data: id, action
 * (compose, check).
 *
 * Without an id the box is the one whose number was dialled after a feature code, else the caller's
 * own. SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "nodes.h"

int cx_fill_voicemail(struct cx_flow *f, const json_t *data, struct cx_node *n)
{
    static const char *const actions[] = {"compose", "check", NULL};
    unsigned action;
    int err = cx_flow_choice(f, data, "action", actions, &action);

    if (action == 1)
        n->flags |= CX_NODE_CHECK;
    if (f->b && f->id_text)
        n->ref = cx_build_box(f->b, f->id_text);
    return err;
}

#define DEFAULT_MESSAGE_S 500

static const struct cx_box *box_for(const struct cx_decide *d, const struct cx_node *node)
{
    const struct cx_box *boxes = cx_table(d->image, CX_T_BOX);
    const struct cx_user *users = cx_table(d->image, CX_T_USER);

    if (node->ref != CX_NONE)
        return &boxes[node->ref];
    if (!cx_id_is_zero(node->id))
        return NULL;
    for (uint32_t i = 0; i < cx_count(d->image, CX_T_BOX); i++)
        if (d->capture.len
                ? cx_str_compare(cx_pool(d->image, boxes[i].mailbox), d->capture) == 0
                : cx_self(d) && boxes[i].owner != CX_NONE && &users[boxes[i].owner] == cx_self(d))
            return &boxes[i];
    return NULL;
}

enum cx_done cx_node_voicemail(struct cx_decide *d, const struct cx_node *node)
{
    const struct cx_box *box = box_for(d, node);
    struct cx_str mailbox, greeting;
    char hex[33];

    if (!box) {
        cx_trace_add(d, CX_TRACE_NODE, node->id, "no such voicemail box", d->capture);
        return CX_DONE_NEXT;
    }
    mailbox = cx_pool(d->image, box->mailbox);
    greeting = cx_pool(d->image, box->greeting);
    cx_id_format(box->id, hex);
    cx_trace_add(d, CX_TRACE_NODE, box->id, "voicemail box", mailbox);
    d->step->kind = CX_STEP_SERVICE;
    d->step->u.service.name = cx_z("voicemail");
    d->step->u.service.params = cx_text_make(
        d->step, "action=%s;box=%s;mailbox=%.*s;max=%u%s%.*s%s%s",
        node->flags & CX_NODE_CHECK ? "check" : "compose", hex, (int)mailbox.len, mailbox.s,
        box->max_s ? box->max_s : DEFAULT_MESSAGE_S, greeting.len ? ";greeting=" : "",
        (int)greeting.len, greeting.s, box->flags & CX_BOX_SKIP_GREETING ? ";skip_greeting=1" : "",
        box->flags & CX_BOX_SKIP_INSTRUCTIONS ? ";skip_instructions=1" : "");
    cx_show_caller_inside(d);
    return CX_DONE_STEP;
}
