/*
 * compile_documents.c - menus, conference rooms, directories, fax boxes -> tables of the image.
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "build.h"
#include "flow.h"

static json_t *begin(const struct cx_row_document *row, struct cx_id *id)
{
    cx_id_parse(row->id, strlen(row->id), id);
    return cx_doc_load(row->doc);
}

/* true or absent: the system's sound; false: none; else the tenant's. */
static cx_ref menu_sound(struct cx_build *b, const json_t *media, const char *key)
{
    const json_t *v = json_object_get(media, key);

    if (json_is_false(v))
        return cx_build_text(b, "0");
    return cx_flow_sound(b, json_string_value(v));
}

static void add_menu(struct cx_build *b, const struct cx_row_document *row)
{
    struct cx_menu *to, menu = {.name = cx_build_text(b, row->name)};
    json_t *doc = begin(row, &menu.id);
    const json_t *media = json_object_get(doc, "media");
    bool ok;

    menu.greeting = cx_flow_sound(b, json_string_value(json_object_get(media, "greeting")));
    menu.invalid = menu_sound(b, media, "invalid_media");
    menu.transfer = menu_sound(b, media, "transfer_media");
    menu.exit = menu_sound(b, media, "exit_media");
    menu.pin = cx_build_text(b, json_string_value(json_object_get(doc, "record_pin")));
    menu.timeout_ms = (uint32_t)cx_doc_number(doc, "timeout", 1, 60000, 10000);
    menu.interdigit_ms = (uint32_t)cx_doc_number(doc, "interdigit_timeout", 1, 10000, 2000);
    menu.retries = (uint8_t)cx_doc_number(doc, "retries", 1, 10, 3);
    menu.digits = (uint8_t)cx_doc_number(doc, "max_extension_length", 1, 6, 4);
    menu.flags =
        (uint16_t)((cx_doc_true(doc, "hunt", true) ? CX_MENU_HUNT : 0) |
                   (cx_doc_true(doc, "suppress_media", false) ? CX_MENU_SUPPRESS : 0) |
                   (cx_doc_true(doc, "allow_record_from_offnet", false) ? CX_MENU_RECORD_OFFNET
                                                                        : 0));
    menu.allow = cx_doc_pattern(b, json_string_value(json_object_get(doc, "hunt_allow")), &ok);
    if (ok)
        menu.deny = cx_doc_pattern(b, json_string_value(json_object_get(doc, "hunt_deny")), &ok);
    if (!ok) /* what was meant to limit hunting cannot be read: no hunting */
        menu.flags &= (uint16_t)~CX_MENU_HUNT;
    if ((to = cx_build_add(b, CX_T_MENU)) != NULL)
        *to = menu;
    json_decref(doc);
}

static void add_room(struct cx_build *b, const struct cx_row_document *row)
{
    struct cx_room *to, room = {.name = cx_build_text(b, row->name)};
    json_t *doc = begin(row, &room.id);
    const json_t *member = json_object_get(doc, "member"),
                 *moderator = json_object_get(doc, "moderator");

    room.owner = cx_build_user(b, row->owner_id);
    room.language = cx_build_text(b, json_string_value(json_object_get(doc, "language")));
    room.member_pins = cx_doc_joined(b, json_object_get(member, "pins"), ".");
    room.moderator_pins = cx_doc_joined(b, json_object_get(moderator, "pins"), ".");
    room.max = (uint32_t)cx_doc_number(doc, "max_participants", 0, 10000, 0);
    room.flags =
        (cx_doc_true(member, "join_muted", true) ? CX_ROOM_MEMBER_MUTED : 0u) |
        (cx_doc_true(moderator, "join_muted", false) ? CX_ROOM_MODERATOR_MUTED : 0u) |
        (cx_doc_true(member, "join_deaf", false) ? CX_ROOM_MEMBER_DEAF : 0u) |
        (cx_doc_true(moderator, "join_deaf", false) ? CX_ROOM_MODERATOR_DEAF : 0u) |
        (cx_doc_true(doc, "wait_for_moderator", false) ||
                 cx_doc_true(doc, "require_moderator", false)
             ? CX_ROOM_WAIT_MODERATOR
             : 0u) |
        (cx_doc_true(doc, "play_name", false) || cx_doc_true(doc, "play_name_on_join", false)
             ? CX_ROOM_PLAY_NAME
             : 0u) |
        (cx_doc_true(doc, "play_entry_tone", true) ? 0u : CX_ROOM_NO_ENTRY_TONE) |
        (cx_doc_true(doc, "play_exit_tone", true) ? 0u : CX_ROOM_NO_EXIT_TONE) |
        (cx_doc_true(doc, "play_welcome", true) ? 0u : CX_ROOM_NO_WELCOME);
    if ((to = cx_build_add(b, CX_T_ROOM)) != NULL)
        *to = room;
    json_decref(doc);
}

struct number {
    char text[32];
    uint32_t room, role;
};

static int compare_numbers(const void *a, const void *b)
{
    const struct number *x = a, *y = b;
    int c = strcmp(x->text, y->text);

    return c                    ? c
           : x->role != y->role ? (x->role > y->role) - (x->role < y->role)
                                : (x->room > y->room) - (x->room < y->room);
}

static void collect(const json_t *list, uint32_t room, enum cx_room_role role,
                    struct number **numbers, size_t *count, bool *no_memory)
{
    const json_t *v;
    size_t i;

    json_array_foreach(list, i, v)
    {
        struct number n = {.room = room, .role = role}, *wider;
        if (json_is_integer(v))
            snprintf(n.text, sizeof(n.text), "%lld", (long long)json_integer_value(v));
        else
            snprintf(n.text, sizeof(n.text), "%s", json_is_string(v) ? json_string_value(v) : "");
        if (!n.text[0])
            continue;
        wider = realloc(*numbers, (*count + 1) * sizeof(n));
        if (!wider) {
            *no_memory = true;
            return;
        }
        *numbers = wider;
        wider[(*count)++] = n;
    }
}

/* What callers of the main conference number type, sorted. */
static void add_room_numbers(struct cx_build *b)
{
    const struct cx_row_documents *rooms = &b->rows->documents[CX_DOCUMENT_CONFERENCE];
    struct number *numbers = NULL;
    size_t count = 0;

    for (uint32_t i = 0; i < rooms->count; i++) {
        json_t *doc = cx_doc_load(rooms->items[i].doc);
        collect(json_object_get(doc, "conference_numbers"), i, CX_ROLE_ANY, &numbers, &count,
                &b->no_memory);
        collect(json_object_get(json_object_get(doc, "member"), "numbers"), i, CX_ROLE_MEMBER,
                &numbers, &count, &b->no_memory);
        collect(json_object_get(json_object_get(doc, "moderator"), "numbers"), i, CX_ROLE_MODERATOR,
                &numbers, &count, &b->no_memory);
        json_decref(doc);
    }
    if (count)
        qsort(numbers, count, sizeof(*numbers), compare_numbers);
    for (size_t i = 0; i < count; i++) {
        struct cx_room_number *row = cx_build_add(b, CX_T_ROOM_NUMBER);
        if (row)
            *row = (struct cx_room_number){cx_build_text(b, numbers[i].text), numbers[i].room,
                                           numbers[i].role};
    }
    free(numbers);
}

static void add_directory(struct cx_build *b, const struct cx_row_document *row)
{
    struct cx_directory *to, d = {.name = cx_build_text(b, row->name)};
    json_t *doc = begin(row, &d.id);
    const char *search = json_string_value(json_object_get(doc, "search_fields")),
               *sort = json_string_value(json_object_get(doc, "sort_by"));

    if (!search)
        search = sort && strcmp(sort, "first_name") == 0 ? sort : "last_name";
    d.search = cx_build_text(b, search);
    d.min_digits = (uint16_t)cx_doc_number(doc, "min_dtmf", 1, 30, 3);
    d.max_digits = (uint16_t)cx_doc_number(doc, "max_dtmf", 0, 30, 0);
    d.flags = (cx_doc_true(doc, "confirm_match", true) ? CX_DIRECTORY_CONFIRM : 0u) |
              (sort && strcmp(sort, "first_name") == 0 ? CX_DIRECTORY_FIRST_NAME : 0u);
    if ((to = cx_build_add(b, CX_T_DIRECTORY)) != NULL)
        *to = d;
    json_decref(doc);
}

static void add_faxbox(struct cx_build *b, const struct cx_row_document *row)
{
    struct cx_faxbox *to, box = {.name = cx_build_text(b, row->name)};
    json_t *doc = begin(row, &box.id);
    const json_t *option = json_object_get(json_object_get(doc, "media"), "fax_option");

    box.owner = cx_build_user(b, row->owner_id);
    box.flags = json_is_true(option) ? CX_FAXBOX_T38 : json_is_false(option) ? CX_FAXBOX_NO_T38 : 0;
    if ((to = cx_build_add(b, CX_T_FAXBOX)) != NULL)
        *to = box;
    json_decref(doc);
}

static void each(struct cx_build *b, enum cx_document_kind kind,
                 void (*add)(struct cx_build *b, const struct cx_row_document *row))
{
    for (size_t i = 0; i < b->rows->documents[kind].count; i++)
        add(b, &b->rows->documents[kind].items[i]);
}

int cx_build_documents(struct cx_build *b)
{
    each(b, CX_DOCUMENT_MENU, add_menu);
    each(b, CX_DOCUMENT_CONFERENCE, add_room);
    add_room_numbers(b);
    each(b, CX_DOCUMENT_DIRECTORY, add_directory);
    each(b, CX_DOCUMENT_FAXBOX, add_faxbox);
    return b->no_memory ? -ENOMEM : 0;
}

/* users.directories {<directory>: <callflow>}. Users come in order, so each directory's are, too.
 */
int cx_build_listed(struct cx_build *b)
{
    const struct cx_row_documents *directories = &b->rows->documents[CX_DOCUMENT_DIRECTORY];

    if (directories->count == 0)
        return 0;
    for (uint32_t d = 0; d < directories->count; d++)
        for (uint32_t u = 0; u < b->rows->user_count; u++) {
            struct cx_listed *row, listed = {.directory = d, .user = u};
            const char *text = b->rows->users[u].doc;
            json_t *doc;
            if (!text || !strstr(text, directories->items[d].id))
                continue;
            doc = cx_doc_load(text);
            listed.callflow = cx_build_callflow(
                b, json_string_value(json_object_get(json_object_get(doc, "directories"),
                                                     directories->items[d].id)));
            json_decref(doc);
            if (listed.callflow != CX_NONE && (row = cx_build_add(b, CX_T_LISTED)) != NULL)
                *row = listed;
        }
    return b->no_memory ? -ENOMEM : 0;
}
