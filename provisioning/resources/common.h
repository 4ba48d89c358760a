/*
 * common.h - rows of descriptors that several resources share: caller ID, forwarding, restrictions.
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef CX_RESOURCES_COMMON_H
#define CX_RESOURCES_COMMON_H

#define CX_CALLER_ID_ROWS(FLAGS)                                                                   \
    {.path = "caller_id", .column = "caller_id", .type = CX_OBJECT, .flags = FLAGS},               \
        {.path = "caller_id.*", .type = CX_OBJECT},                                                \
        {.path = "caller_id.*.name", .type = CX_STRING, .max = 35, .flags = CX_LINE},              \
    {                                                                                              \
        .path = "caller_id.*.number", .type = CX_STRING, .max = 35, .flags = CX_LINE               \
    }

#define CX_RESTRICTION_ROWS                                                                        \
    {.path = "call_restriction",                                                                   \
     .column = "call_restriction",                                                                 \
     .type = CX_OBJECT,                                                                            \
     .def = "{}",                                                                                  \
     .flags = CX_ADMIN},                                                                           \
        {.path = "call_restriction.*", .type = CX_OBJECT},                                         \
    {                                                                                              \
        .path = "call_restriction.*.action", .type = CX_STRING, .choices = "inherit|deny"          \
    }

#define CX_FORWARD_ROWS(KEY)                                                                       \
    {.path = KEY, .column = KEY, .type = CX_OBJECT},                                               \
        {.path = KEY ".enabled", .type = CX_BOOLEAN, .def = "false"},                              \
        {.path = KEY ".number", .type = CX_STRING, .max = 35, .flags = CX_LINE},                   \
        {.path = KEY ".direct_calls_only", .type = CX_BOOLEAN, .def = "false"},                    \
        {.path = KEY ".failover", .type = CX_BOOLEAN, .def = "false"},                             \
        {.path = KEY ".ignore_early_media", .type = CX_BOOLEAN, .def = "true"},                    \
        {.path = KEY ".keep_caller_id", .type = CX_BOOLEAN, .def = "true"},                        \
        {.path = KEY ".require_keypress", .type = CX_BOOLEAN, .def = "true"},                      \
    {                                                                                              \
        .path = KEY ".substitute", .type = CX_BOOLEAN, .def = "true"                               \
    }

#define CX_DND_ROWS                                                                                \
    {.path = "do_not_disturb", .type = CX_OBJECT},                                                 \
    {                                                                                              \
        .path = "do_not_disturb.enabled", .column = "do_not_disturb", .type = CX_BOOLEAN,          \
        .def = "false"                                                                             \
    }

#define CX_MUSIC_ROWS                                                                              \
    {.path = "music_on_hold", .type = CX_OBJECT, .def = "{}"},                                     \
    {                                                                                              \
        .path = "music_on_hold.media_id", .column = "music_on_hold", .type = CX_STRING,            \
        .max = 255, .flags = CX_LINE                                                               \
    }

#define CX_FLAGS_ROWS                                                                              \
    {.path = "flags", .type = CX_ARRAY},                                                           \
    {                                                                                              \
        .path = "flags.*", .type = CX_STRING                                                       \
    }

#define CX_LABEL_PATTERN "^[^@[:space:]]+@[^@[:space:]]+$"

#endif
