/*
 * voicemail.c - callflow module "voicemail": hands the caller to a worker. data: id, action
 * (compose, check), single_mailbox_login, callerid_match_login, max_message_length.
 *
 * Without an id the box is the one whose number was dialled after a feature code, else the caller's
 * own. Whoever leaves a message in their own box comes to hear it instead (check_if_owner); a
 * forwarded leg never makes anybody a box's owner.
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "nodes.h"

#define DEFAULT_MESSAGE_S 500

int cx_fill_voicemail(struct cx_flow *f, const json_t *data, struct cx_node *n)
{
    static const char *const actions[] = {"compose", "check", NULL};
    unsigned action;
    long max_s = 0;
    int err = cx_flow_choice(f, data, "action", actions, &action);

    if (err == 0)
        err = cx_flow_number(f, data, "max_message_length", 1, 3600, &max_s);
    if (action == 1)
        n->flags |= CX_NODE_CHECK;
    if (cx_flow_true(data, "single_mailbox_login") || cx_flow_true(data, "callerid_match_login"))
        n->flags |= CX_NODE_SINGLE;
    n->number = (uint16_t)max_s;
    if (f->b && f->id_text)
        n->ref = cx_build_box(f->b, f->id_text);
    return err;
}

static bool is_owner(const struct cx_decide *d, const struct cx_box *box)
{
    const struct cx_user *users = cx_table(d->image, CX_T_USER);

    return cx_self(d) && box->owner != CX_NONE && &users[box->owner] == cx_self(d);
}

/* The box with the number dialled, else the caller's: the one with their extension first. */
static const struct cx_box *find_box(const struct cx_decide *d)
{
    const struct cx_box *boxes = cx_table(d->image, CX_T_BOX), *own = NULL;

    for (uint32_t i = 0; i < cx_count(d->image, CX_T_BOX); i++) {
        struct cx_str mailbox = cx_pool(d->image, boxes[i].mailbox);
        if (d->capture.len) {
            if (cx_str_compare(mailbox, d->capture) == 0)
                return &boxes[i];
        } else if (is_owner(d, &boxes[i]) &&
                   (!own || cx_str_compare(mailbox, cx_pool(d->image, d->user->presence)) == 0))
            own = &boxes[i];
    }
    return own;
}

static const struct cx_box *box_for(const struct cx_decide *d, const struct cx_node *node)
{
    if (node->ref != CX_NONE)
        return &CX_ROWS(d->image, CX_T_BOX, struct cx_box)[node->ref];
    return cx_id_is_zero(cx_node_id(d->image, node)) ? find_box(d) : NULL;
}

/* Only who dialled their own number, not who came by a group, hears messages instead of leaving
 * one. */
static bool hears_instead(const struct cx_decide *d, const struct cx_box *box)
{
    return (box->flags & CX_BOX_CHECK_IF_OWNER) && is_owner(d, box) &&
           (d->previous == -1 || d->previous == CX_MODULE_device || d->previous == CX_MODULE_user);
}

static void check(struct cx_decide *d, const struct cx_node *node, const struct cx_box *box)
{
    char id[33];

    cx_step_service(d, "voicemail", "action=check");
    if (box) {
        cx_id_format(box->id, id);
        cx_service_add(d, "box=%s;mailbox=%s", id, cx_escape(d, cx_pool(d->image, box->mailbox)));
        if (is_owner(d, box))
            cx_service_add(d, "owner=1");
    } else
        cx_service_add(d, "ask=1");
    if (cx_self(d)) {
        cx_id_format(cx_self(d)->id, id);
        cx_service_add(d, "user=%s", id);
    }
    if (node->flags & CX_NODE_SINGLE)
        cx_service_add(d, "single=1");
    if (!d->device || d->call->forwarded)
        cx_service_add(d, "offnet=1"); /* never without the PIN */
}

static void compose(struct cx_decide *d, const struct cx_node *node, const struct cx_box *box)
{
    struct cx_str greeting = cx_pool(d->image, box->greeting);
    uint32_t operator_flow;
    char id[33];

    cx_id_format(box->id, id);
    cx_step_service(d, "voicemail", "action=compose;box=%s;mailbox=%s;max=%u", id,
                    cx_escape(d, cx_pool(d->image, box->mailbox)),
                    node->number ? node->number
                    : box->max_s ? box->max_s
                                 : DEFAULT_MESSAGE_S);
    if (greeting.len)
        cx_service_add(d, "greeting=%s", cx_escape(d, greeting));
    if (box->flags & CX_BOX_SKIP_GREETING)
        cx_service_add(d, "skip_greeting=1");
    if (box->flags & CX_BOX_SKIP_INSTRUCTIONS)
        cx_service_add(d, "skip_instructions=1");
    if (d->device && !d->call->forwarded)
        cx_service_add(d, "onnet=1"); /* * may enter the box, with its PIN */
    if (cx_find_entry(d->image, cx_z("0"), &operator_flow))
        cx_service_add(d, "operator=0");
}

enum cx_done cx_node_voicemail(struct cx_decide *d, const struct cx_node *node)
{
    const struct cx_box *box = box_for(d, node);

    /* nor does a forwarded leg hear anybody's messages */
    if (d->call->forwarded && (node->flags & CX_NODE_CHECK))
        box = NULL;
    if (!box && (d->call->forwarded || !(node->flags & CX_NODE_CHECK) ||
                 !cx_id_is_zero(cx_node_id(d->image, node)))) {
        cx_trace_add(d, CX_TRACE_NODE, cx_node_id(d->image, node), "no such voicemail box",
                     d->capture);
        return CX_DONE_NEXT;
    }
    cx_trace_add(d, CX_TRACE_NODE, box ? box->id : (struct cx_id){{0}},
                 box ? "voicemail box" : "asks which voicemail box",
                 box ? cx_pool(d->image, box->mailbox) : d->capture);
    if (node->flags & CX_NODE_CHECK)
        check(d, node, box);
    else if (hears_instead(d, box)) {
        cx_trace_add(d, CX_TRACE_NODE, box->id, "it is the caller's own box", (struct cx_str){0});
        check(d, node, box);
    } else
        compose(d, node, box);
    return CX_DONE_STEP;
}
