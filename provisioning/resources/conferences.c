/*
 * conferences.c - conference rooms: numbers, pins, who is muted. What happens in them now:
 * conference_control.c. SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "common.h"
#include "resources.h"

static const struct cx_field fields[] = {
    {.path = "name", .column = "name", .type = CX_STRING, .min = 1, .max = 128, .flags = CX_LIST},
    {.path = "owner_id",
     .column = "owner_id",
     .type = CX_STRING,
     .reference = "user",
     .flags = CX_LIST | CX_ADMIN},
    {.path = "conference_numbers",
     .type = CX_ARRAY,
     .max = 100,
     .def = "[]",
     .flags = CX_LIST | CX_SET | CX_ADMIN},
    {.path = "conference_numbers.*", .type = CX_STRING, .max = 35, .pattern = "^[0-9]+$"},
    {.path = "member", .type = CX_OBJECT, .def = "{}", .flags = CX_LIST},
    {.path = "member.join_muted", .type = CX_BOOLEAN, .def = "true"},
    {.path = "member.join_deaf", .type = CX_BOOLEAN, .def = "false"},
    {.path = "member.play_entry_prompt", .type = CX_BOOLEAN},
    {.path = "member.numbers", .type = CX_ARRAY, .max = 100, .def = "[]", .flags = CX_SET},
    {.path = "member.numbers.*", .type = CX_STRING, .max = 35, .pattern = "^[0-9]+$"},
    {.path = "member.pins", .type = CX_ARRAY, .max = 100, .def = "[]", .flags = CX_SECRET},
    {.path = "member.pins.*", .type = CX_STRING, .max = 15, .pattern = "^[0-9]+$"},
    {.path = "moderator", .type = CX_OBJECT, .def = "{}", .flags = CX_LIST},
    {.path = "moderator.join_muted", .type = CX_BOOLEAN, .def = "false"},
    {.path = "moderator.join_deaf", .type = CX_BOOLEAN, .def = "false"},
    {.path = "moderator.play_entry_prompt", .type = CX_BOOLEAN},
    {.path = "moderator.numbers", .type = CX_ARRAY, .max = 100, .def = "[]", .flags = CX_SET},
    {.path = "moderator.numbers.*", .type = CX_STRING, .max = 35, .pattern = "^[0-9]+$"},
    {.path = "moderator.pins", .type = CX_ARRAY, .max = 100, .def = "[]", .flags = CX_SECRET},
    {.path = "moderator.pins.*", .type = CX_STRING, .max = 15, .pattern = "^[0-9]+$"},
    {.path = "play_name", .type = CX_BOOLEAN, .def = "false"},
    {.path = "play_entry_tone", .type = CX_ANY},
    {.path = "play_exit_tone", .type = CX_ANY},
    {.path = "play_welcome", .type = CX_BOOLEAN},
    {.path = "require_moderator", .type = CX_BOOLEAN},
    {.path = "wait_for_moderator", .type = CX_BOOLEAN},
    {.path = "max_participants", .type = CX_INTEGER, .min = 0, .max = 10000},
    {.path = "max_members_media", .type = CX_STRING, .max = 255, .flags = CX_LINE},
    {.path = "profile_name", .type = CX_STRING, .max = 128, .flags = CX_LINE},
    {.path = "profile", .type = CX_OBJECT},
    {.path = "profile.max-members", .type = CX_INTEGER, .min = 2, .max = 10000},
    {.path = "caller_controls", .type = CX_STRING, .max = 128, .flags = CX_LINE},
    {.path = "moderator_controls", .type = CX_STRING, .max = 128, .flags = CX_LINE},
    {.path = "controls", .type = CX_OBJECT},
    {.path = "language", .type = CX_STRING, .max = 16, .flags = CX_LINE},
    {.path = "domain", .type = CX_STRING, .max = 253, .flags = CX_LINE},
    {.path = "focus", .type = CX_STRING, .max = 253, .flags = CX_LINE},
    {.path = "bridge_username", .type = CX_STRING, .max = 128, .flags = CX_LINE},
    {.path = "bridge_password", .type = CX_STRING, .max = 128, .flags = CX_LINE},
    {.path = "ui_flags", .type = CX_ANY, .flags = CX_LIST},
    CX_FLAGS_ROWS,
};

/* A room may have no name of its own; its row has one. */
static int before(struct cx_request *r, struct cx_write *w)
{
    (void)r;
    if (!cx_path_get(w->record->doc, "name"))
        cx_path_set(w->record->doc, "name", json_string("Conference"));
    return 0;
}

const struct cx_resource cx_conferences = {
    .name = "conferences",
    .table = "conference",
    .owner = "owner_id",
    .fields = fields,
    .field_count = CX_COUNT(fields),
    .before = before,
};

const struct cx_route cx_routes_conferences[] = {
    CX_COLLECTION("accounts/{}/conferences", &cx_conferences),
    {.path = "accounts/{}/conferences/{}",
     .handlers = {[CX_GET] = cx_conference_get,
                  [CX_PUT] = cx_conference_action,
                  [CX_POST] = cx_engine_replace,
                  [CX_PATCH] = cx_engine_merge,
                  [CX_DELETE] = cx_engine_delete},
     .resource = &cx_conferences,
     .flags = CX_ROUTE_USER},
    {.path = NULL},
};
