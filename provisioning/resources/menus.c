/*
 * menus.c - virtual receptionists: what is said, how long is waited, what may be dialled.
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include <string.h>

#include "kamailio_mod/routing/compile.h"
#include "common.h"
#include "resources.h"

static const struct cx_field fields[] = {
    CX_DOCUMENT_ROWS,
    {.path = "retries", .type = CX_INTEGER, .min = 1, .max = 10, .def = "3"},
    {.path = "timeout", .type = CX_INTEGER, .min = 1, .max = 60000},
    {.path = "interdigit_timeout", .type = CX_INTEGER, .min = 1, .max = 10000},
    {.path = "max_extension_length", .type = CX_INTEGER, .min = 1, .max = 6, .def = "4"},
    {.path = "record_pin",
     .type = CX_STRING,
     .min = 3,
     .max = 6,
     .pattern = "^[0-9]*$",
     .flags = CX_SECRET},
    {.path = "hunt", .type = CX_BOOLEAN, .def = "true"},
    {.path = "hunt_allow", .type = CX_STRING, .min = 1, .max = 256, .flags = CX_LINE},
    {.path = "hunt_deny", .type = CX_STRING, .min = 1, .max = 256, .flags = CX_LINE},
    {.path = "allow_record_from_offnet", .type = CX_BOOLEAN, .def = "false"},
    {.path = "suppress_media", .type = CX_BOOLEAN, .def = "false"},
    {.path = "media", .type = CX_OBJECT, .def = "{}"},
    {.path = "media.greeting", .type = CX_STRING, .min = 3, .max = 2048, .flags = CX_LINE},
    {.path = "media.exit_media", .type = CX_ANY},
    {.path = "media.invalid_media", .type = CX_ANY},
    {.path = "media.transfer_media", .type = CX_ANY},
    CX_FLAGS_ROWS,
};

/* What callers may dial must be something that the router can match. */
static int before(struct cx_request *r, struct cx_write *w)
{
    static const char *const patterns[] = {"hunt_allow", "hunt_deny"};
    static const char *const sounds[] = {"media.exit_media", "media.invalid_media",
                                         "media.transfer_media"};
    struct cx_compile_error error;

    for (size_t i = 0; i < CX_COUNT(patterns); i++) {
        const json_t *value = cx_path_get(w->record->doc, patterns[i]);
        if (json_is_string(value) && cx_compile_check_pattern(json_string_value(value), &error) < 0)
            cx_invalid(r, patterns[i], "invalid", value, "%s", error.message);
    }
    for (size_t i = 0; i < CX_COUNT(sounds); i++) {
        const json_t *value = cx_path_get(w->record->doc, sounds[i]);
        if (value && !json_is_boolean(value) && !json_is_string(value))
            cx_invalid(r, sounds[i], "type", value, "true, false or the id of a media is wanted");
    }
    return 0;
}

const struct cx_resource cx_menus = {
    .name = "menus",
    .table = "menu",
    .owner = "owner_id",
    .fields = fields,
    .field_count = CX_COUNT(fields),
    .before = before,
};

const struct cx_route cx_routes_menus[] = {
    CX_COLLECTION("accounts/{}/menus", &cx_menus),
    CX_MEMBER("accounts/{}/menus/{}", &cx_menus),
    {.path = NULL},
};
