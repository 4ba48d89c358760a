/*
 * conference.c - callflow module "conference": a room where callers meet. data: id, moderator,
 * welcome_prompt {play, media_id}, play_entry_tone, play_exit_tone.
 *
 * Without an id it is the main conference number: a worker asks for the room's number and finds it
 * in the list of rooms that it is given. Callers of an account meet on one worker: the step's
 * affinity.
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include <stdio.h>
#include <string.h>

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

#define ROOMS_MAX 700 /* bytes of the list of rooms */

struct text {
    char s[ROOMS_MAX];
    uint32_t len;
    bool full;
};

static void text_put_str(struct text *to, struct cx_str more)
{
    if (to->len + more.len > sizeof(to->s))
        to->full = true;
    else if (more.len) {
        memcpy(to->s + to->len, more.s, more.len);
        to->len += more.len;
    }
}

static void text_put(struct text *to, const char *more)
{
    text_put_str(to, cx_z(more));
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

static void add_text(struct cx_decide *d, const char *name, struct cx_str text)
{
    if (text.len)
        cx_service_add(d, "%s=%s", name, cx_escape(d, text));
}

static void add_flags(struct cx_decide *d, const struct cx_node *node, const struct cx_room *room)
{
    static const struct {
        uint32_t flag;
        const char *text;
    } words[] = {{CX_ROOM_MEMBER_MUTED, "muted=1"},  {CX_ROOM_MODERATOR_MUTED, "moderator_muted=1"},
                 {CX_ROOM_MEMBER_DEAF, "deaf=1"},    {CX_ROOM_MODERATOR_DEAF, "moderator_deaf=1"},
                 {CX_ROOM_WAIT_MODERATOR, "wait=1"}, {CX_ROOM_PLAY_NAME, "names=1"},
                 {CX_ROOM_NO_ENTRY_TONE, "entry=0"}, {CX_ROOM_NO_EXIT_TONE, "exit=0"}};
    uint32_t flags = room->flags;

    /* the node's word stands above the room's */
    flags = node->number & ENTRY_TONE ? flags & ~(uint32_t)CX_ROOM_NO_ENTRY_TONE : flags;
    flags = node->number & EXIT_TONE ? flags & ~(uint32_t)CX_ROOM_NO_EXIT_TONE : flags;
    flags |= node->number & NO_ENTRY_TONE ? CX_ROOM_NO_ENTRY_TONE : 0;
    flags |= node->number & NO_EXIT_TONE ? CX_ROOM_NO_EXIT_TONE : 0;
    for (size_t i = 0; i < sizeof(words) / sizeof(*words); i++)
        if (flags & words[i].flag)
            cx_service_add(d, "%s", words[i].text);
}

static void join(struct cx_decide *d, const struct cx_node *node, const struct cx_room *room)
{
    const struct cx_user *users = cx_table(d->image, CX_T_USER);
    unsigned role = node->number & 3;
    char id[33];

    cx_id_format(room->id, id);
    cx_trace_add(d, CX_TRACE_NODE, room->id, "conference", cx_pool(d->image, room->name));
    cx_step_service(d, "conference", "id=%s", id);
    if (role != CX_ROLE_ANY)
        cx_service_add(d, "role=%s", role == CX_ROLE_MODERATOR ? "moderator" : "member");
    if (cx_self(d) && room->owner != CX_NONE && &users[room->owner] == cx_self(d))
        cx_service_add(d, "owner=1");
    add_text(d, "member_pins", cx_pool(d->image, room->member_pins));
    add_text(d, "moderator_pins", cx_pool(d->image, room->moderator_pins));
    add_flags(d, node, room);
    if (room->max)
        cx_service_add(d, "max=%u", room->max);
    add_text(d, "language", cx_pool(d->image, room->language));
}

/* Numbers of one role of a room, as the list of rooms has them (worker: conference/settings.h). */
static void list_numbers(struct cx_decide *d, struct text *to, uint32_t room, uint32_t role)
{
    const struct cx_room_number *n = cx_table(d->image, CX_T_ROOM_NUMBER);
    bool first = true;

    for (uint32_t i = 0; i < cx_count(d->image, CX_T_ROOM_NUMBER); i++) {
        if (n[i].room != room || n[i].role != role)
            continue;
        text_put(to, first ? "~" : ".");
        text_put_str(to, cx_pool(d->image, n[i].number));
        first = false;
    }
    if (first)
        text_put(to, "~");
}

static void list_flags(struct text *to, uint32_t flags)
{
    static const struct {
        uint32_t flag;
        const char *letter;
    } letters[] = {{CX_ROOM_WAIT_MODERATOR, "w"}, {CX_ROOM_PLAY_NAME, "n"},
                   {CX_ROOM_NO_ENTRY_TONE, "e"},  {CX_ROOM_NO_EXIT_TONE, "x"},
                   {CX_ROOM_MEMBER_MUTED, "m"},   {CX_ROOM_MODERATOR_MUTED, "M"},
                   {CX_ROOM_MEMBER_DEAF, "d"},    {CX_ROOM_MODERATOR_DEAF, "D"}};

    text_put(to, "~");
    for (size_t i = 0; i < sizeof(letters) / sizeof(*letters); i++)
        if (flags & letters[i].flag)
            text_put(to, letters[i].letter);
}

/* All rooms that have numbers; false: more than a header should carry, the worker asks the
 * database. */
static bool list_rooms(struct cx_decide *d, struct text *to)
{
    const struct cx_room *rooms = cx_table(d->image, CX_T_ROOM);
    const struct cx_user *users = cx_table(d->image, CX_T_USER);
    char id[33], number[16];

    for (uint32_t i = 0; i < cx_count(d->image, CX_T_ROOM); i++) {
        cx_id_format(rooms[i].id, id);
        if (to->len)
            text_put(to, "!");
        text_put(to, id);
        list_numbers(d, to, i, CX_ROLE_ANY);
        list_numbers(d, to, i, CX_ROLE_MEMBER);
        list_numbers(d, to, i, CX_ROLE_MODERATOR);
        text_put(to, "~");
        text_put_str(to, cx_pool(d->image, rooms[i].member_pins));
        text_put(to, "~");
        text_put_str(to, cx_pool(d->image, rooms[i].moderator_pins));
        list_flags(to, rooms[i].flags);
        snprintf(number, sizeof(number), "~%u~", rooms[i].max);
        text_put(to, number);
        if (rooms[i].owner != CX_NONE) {
            cx_id_format(users[rooms[i].owner].id, id);
            text_put(to, id);
        }
    }
    return !to->full;
}

static void ask_room(struct cx_decide *d)
{
    struct text rooms = {.len = 0};
    char id[33];

    cx_trace_add(d, CX_TRACE_NODE, d->image->account, "main conference number: asks for the room",
                 (struct cx_str){0});
    cx_step_service(d, "conference", "ask=1");
    if (cx_self(d)) {
        cx_id_format(cx_self(d)->id, id);
        cx_service_add(d, "user=%s", id);
    }
    if (cx_count(d->image, CX_T_ROOM) && list_rooms(d, &rooms))
        add_text(d, "rooms", (struct cx_str){rooms.s, rooms.len});
}

enum cx_done cx_node_conference(struct cx_decide *d, const struct cx_node *node)
{
    char account[33];

    if (node->ref != CX_NONE)
        join(d, node, &CX_ROWS(d->image, CX_T_ROOM, struct cx_room)[node->ref]);
    else if (cx_id_is_zero(cx_node_id(d->image, node)))
        ask_room(d);
    else {
        cx_trace_add(d, CX_TRACE_NODE, cx_node_id(d->image, node), "conference does not exist",
                     (struct cx_str){0});
        return CX_DONE_NEXT;
    }
    add_text(d, "welcome", cx_pool(d->image, node->text));
    cx_id_format(d->image->account, account);
    d->step->u.service.affinity = cx_text_make(d->step, "%s", account);
    return CX_DONE_STEP;
}
