/*
 * conference.c - callflow module "conference": a room where callers meet. data: id, moderator,
 * welcome_prompt {play, media_id}, play_entry_tone, play_exit_tone.
 *
 * Without an id it is the main conference number: a worker asks for the room's number, and the tree
 * goes on with what was typed. Calls of one room meet on one worker: the step's affinity.
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include <stdio.h>

#include "nodes.h"

/* node->number: what the node says beside the document */
enum { ROLE_SHIFT = 0, ENTRY_TONE = 4, NO_ENTRY_TONE = 8, EXIT_TONE = 16, NO_EXIT_TONE = 32 };

static int tone(struct cx_flow *f, const json_t *data, const char *key, unsigned yes, unsigned no,
                struct cx_node *n)
{
    const json_t *v = json_object_get(data, key);
    char member[80];

    if (json_is_boolean(v))
        n->number = (uint16_t)(n->number | (json_is_true(v) ? yes : no));
    else if (v && !json_is_null(v)) {
        snprintf(member, sizeof(member), "data.%s", key);
        return cx_flow_refuse(f, member, "%s", "must be true or false");
    }
    return 0;
}

int cx_fill_conference(struct cx_flow *f, const json_t *data, struct cx_node *n)
{
    const json_t *moderator = json_object_get(data, "moderator"),
                 *config = json_object_get(data, "config"),
                 *welcome = json_object_get(data, "welcome_prompt");
    int err = 0;

    if (json_object_size(config) > 0)
        return cx_flow_refuse(f, "data.config", "%s",
                              "rooms are documents of their own: give its id in data.id");
    if (json_is_boolean(moderator))
        n->number = json_is_true(moderator) ? CX_ROLE_MODERATOR : CX_ROLE_MEMBER;
    err = tone(f, data, "play_entry_tone", ENTRY_TONE, NO_ENTRY_TONE, n);
    if (err == 0)
        err = tone(f, data, "play_exit_tone", EXIT_TONE, NO_EXIT_TONE, n);
    if (err < 0 || !f->b)
        return err;
    if (json_is_false(json_object_get(welcome, "play")))
        n->text = cx_build_text(f->b, "0");
    else
        n->text = cx_flow_sound(f->b, json_string_value(json_object_get(welcome, "media_id")));
    if (f->id_text && f->id_text[0])
        n->ref = cx_build_document(f->b, CX_DOCUMENT_CONFERENCE, f->id_text);
    return 0;
}

static void add_tone(struct cx_decide *d, const char *name, bool doc_silent, bool yes, bool no)
{
    if (no || (doc_silent && !yes))
        cx_service_add(d, "%s=0", name);
}

static void add_pins(struct cx_decide *d, const char *name, cx_ref pins)
{
    struct cx_str text = cx_pool(d->image, pins);

    if (text.len)
        cx_service_add(d, "%s=%s", name, cx_escape(d, text));
}

static void join(struct cx_decide *d, const struct cx_node *node, const struct cx_room *room,
                 unsigned role)
{
    struct cx_str welcome = cx_pool(d->image, node->text),
                  language = cx_pool(d->image, room->language);
    char id[33];

    cx_id_format(room->id, id);
    cx_trace_add(d, CX_TRACE_NODE, room->id, "conference", cx_pool(d->image, room->name));
    cx_step_service(d, "conference", "id=%s", id);
    if (role != CX_ROLE_ANY)
        cx_service_add(d, "role=%s", role == CX_ROLE_MODERATOR ? "moderator" : "member");
    add_pins(d, "member_pins", room->member_pins);
    add_pins(d, "moderator_pins", room->moderator_pins);
    cx_service_add(d, "member_muted=%d;moderator_muted=%d",
                   (room->flags & CX_ROOM_MEMBER_MUTED) != 0,
                   (room->flags & CX_ROOM_MODERATOR_MUTED) != 0);
    if (room->flags & CX_ROOM_MEMBER_DEAF)
        cx_service_add(d, "member_deaf=1");
    if (room->flags & CX_ROOM_MODERATOR_DEAF)
        cx_service_add(d, "moderator_deaf=1");
    if (room->flags & CX_ROOM_WAIT_MODERATOR)
        cx_service_add(d, "wait=1");
    if (room->flags & CX_ROOM_PLAY_NAME)
        cx_service_add(d, "play_name=1");
    if (room->max)
        cx_service_add(d, "max=%u", room->max);
    add_tone(d, "entry_tone", room->flags & CX_ROOM_NO_ENTRY_TONE, node->number & ENTRY_TONE,
             node->number & NO_ENTRY_TONE);
    add_tone(d, "exit_tone", room->flags & CX_ROOM_NO_EXIT_TONE, node->number & EXIT_TONE,
             node->number & NO_EXIT_TONE);
    if (welcome.len)
        cx_service_add(d, "welcome=%s", cx_escape(d, welcome));
    else if (room->flags & CX_ROOM_NO_WELCOME)
        cx_service_add(d, "welcome=0");
    if (language.len)
        cx_service_add(d, "language=%s", cx_escape(d, language));
    d->step->u.service.affinity = cx_text_make(d->step, "%s", id);
}

enum cx_done cx_node_conference(struct cx_decide *d, const struct cx_node *node)
{
    struct cx_str welcome = cx_pool(d->image, node->text);

    if (node->ref != CX_NONE) {
        join(d, node, &CX_ROWS(d->image, CX_T_ROOM, struct cx_room)[node->ref], node->number & 3);
        return CX_DONE_STEP;
    }
    if (!cx_id_is_zero(node->id)) {
        cx_trace_add(d, CX_TRACE_NODE, node->id, "conference does not exist", (struct cx_str){0});
        return CX_DONE_NEXT;
    }
    cx_trace_add(d, CX_TRACE_NODE, d->image->account, "main conference number: asks for the room",
                 (struct cx_str){0});
    cx_step_service(d, "conference", "ask=1");
    if (welcome.len)
        cx_service_add(d, "welcome=%s", cx_escape(d, welcome));
    return CX_DONE_STEP;
}

enum cx_done cx_dial_conference(struct cx_decide *d, const struct cx_node *node,
                                struct cx_str number)
{
    const struct cx_room_number *n = cx_table(d->image, CX_T_ROOM_NUMBER);
    const struct cx_room *rooms = cx_table(d->image, CX_T_ROOM), *room = NULL;
    unsigned role = CX_ROLE_ANY;

    if (node->ref != CX_NONE || !cx_id_is_zero(node->id))
        return CX_DONE_NEXT;
    for (uint32_t i = 0; i < cx_count(d->image, CX_T_ROOM_NUMBER); i++) {
        if (cx_str_compare(cx_pool(d->image, n[i].number), number) != 0)
            continue;
        /* one number for both roles: the PIN tells who comes */
        role = room && n[i].role != role ? CX_ROLE_ANY : n[i].role;
        if (!room)
            room = &rooms[n[i].room];
    }
    if (!room)
        return CX_DONE_NEXT;
    join(d, node, room, role == CX_ROLE_ANY ? node->number & 3 : role);
    return CX_DONE_STEP;
}
