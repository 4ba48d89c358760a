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
        {.path = "caller_id.*.realm", .type = CX_STRING, .max = 253, .flags = CX_LINE},            \
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

/* Who may not be told who calls; also devices'. */
#define CX_PRIVACY_ROWS                                                                            \
    {.path = "caller_id_options", .type = CX_OBJECT},                                              \
    {                                                                                              \
        .path = "caller_id_options.outbound_privacy", .type = CX_STRING,                           \
        .choices = "full|name|number|none"                                                         \
    }

/* inbound, outbound or any; then onnet, offnet or any; then how. */
#define CX_RECORDING_ROWS(KEY, FLAGS)                                                              \
    {.path = KEY, .type = CX_OBJECT, .flags = FLAGS}, {.path = KEY ".*", .type = CX_OBJECT},       \
        {.path = KEY ".*.*", .type = CX_OBJECT}, {.path = KEY ".*.*.enabled", .type = CX_BOOLEAN}, \
        {.path = KEY ".*.*.format", .type = CX_STRING, .choices = "mp3|wav"},                      \
        {.path = KEY ".*.*.record_min_sec", .type = CX_INTEGER, .min = 0, .max = 10800},           \
        {.path = KEY ".*.*.record_sample_rate", .type = CX_INTEGER, .min = 0, .max = 192000},      \
        {.path = KEY ".*.*.record_on_answer", .type = CX_BOOLEAN},                                 \
        {.path = KEY ".*.*.record_on_bridge", .type = CX_BOOLEAN},                                 \
        {.path = KEY ".*.*.time_limit", .type = CX_INTEGER, .min = 5, .max = 10800},               \
    {                                                                                              \
        .path = KEY ".*.*.url", .type = CX_STRING, .max = 2048, .flags = CX_LINE                   \
    }

#define CX_DIAL_ROWS                                                                               \
    {.path = "dial_plan", .type = CX_OBJECT}, {.path = "dial_plan.system", .type = CX_ARRAY},      \
        {.path = "dial_plan.system.*", .type = CX_STRING},                                         \
        {.path = "formatters", .type = CX_OBJECT}, {.path = "metaflows", .type = CX_OBJECT},       \
        {.path = "metaflows.binding_digit",                                                        \
         .type = CX_STRING,                                                                        \
         .choices = "0|1|2|3|4|5|6|7|8|9|*|#",                                                     \
         .def = "\"*\""},                                                                          \
        {.path = "metaflows.digit_timeout", .type = CX_INTEGER, .min = 0, .max = 3600000},         \
        {.path = "metaflows.listen_on", .type = CX_STRING, .choices = "both|self|peer"},           \
        {.path = "metaflows.numbers", .type = CX_OBJECT},                                          \
    {                                                                                              \
        .path = "metaflows.patterns", .type = CX_OBJECT                                            \
    }

#define CX_RINGTONE_ROWS                                                                           \
    {.path = "ringtones", .type = CX_OBJECT, .def = "{}"},                                         \
        {.path = "ringtones.internal", .type = CX_STRING, .max = 256, .flags = CX_LINE},           \
    {                                                                                              \
        .path = "ringtones.external", .type = CX_STRING, .max = 256, .flags = CX_LINE              \
    }

#define CX_WAITING_ROWS                                                                            \
    {.path = "call_waiting", .type = CX_OBJECT},                                                   \
    {                                                                                              \
        .path = "call_waiting.enabled", .type = CX_BOOLEAN                                         \
    }

#define CX_CODEC_ROWS                                                                              \
    {.path = "media.audio", .type = CX_OBJECT, .def = "{}"},                                       \
        {.path = "media.audio.codecs", .type = CX_ARRAY, .max = 32},                               \
        {.path = "media.audio.codecs.*", .type = CX_STRING, .choices = CX_AUDIO_CODECS},           \
        {.path = "media.video", .type = CX_OBJECT, .def = "{}"},                                   \
        {.path = "media.video.codecs", .type = CX_ARRAY, .max = 32, .def = "[]"},                  \
        {.path = "media.video.codecs.*", .type = CX_STRING, .choices = "H261|H263|H264|VP8"},      \
        {.path = "media.encryption", .type = CX_OBJECT, .def = "{}"},                              \
        {.path = "media.encryption.enforce_security", .type = CX_BOOLEAN, .def = "false"},         \
        {.path = "media.encryption.methods", .type = CX_ARRAY, .max = 2, .def = "[]"},             \
        {.path = "media.encryption.methods.*", .type = CX_STRING, .choices = "zrtp|srtp"},         \
        {.path = "media.fax_option", .type = CX_BOOLEAN},                                          \
        {.path = "media.ignore_early_media", .type = CX_BOOLEAN},                                  \
    {                                                                                              \
        .path = "media.progress_timeout", .type = CX_INTEGER, .min = 0, .max = 3600                \
    }
#define CX_AUDIO_CODECS                                                                            \
    "OPUS|PCMU|PCMA|G722|G729|GSM|Speex|speex|speex@16000h|speex@32000h|G722_16|G722_32|CELT_48|"  \
    "CELT_64|CELT@32000h|CELT@48000h|CELT@64000h|G7221@16000h|G7221@32000h"

#define CX_CALLBACK_ROWS(KEY)                                                                      \
    {.path = KEY, .type = CX_OBJECT}, {.path = KEY ".callback", .type = CX_OBJECT},                \
        {.path = KEY ".callback.attempts", .type = CX_INTEGER, .min = 0, .max = 1000},             \
        {.path = KEY ".callback.disabled", .type = CX_BOOLEAN},                                    \
        {.path = KEY ".callback.interval_s", .type = CX_INTEGER, .min = 0, .max = 86400},          \
        {.path = KEY ".callback.number", .type = CX_STRING, .max = 35, .flags = CX_LINE},          \
        {.path = KEY ".callback.schedule", .type = CX_ARRAY, .max = 100},                          \
        {.path = KEY ".callback.schedule.*", .type = CX_INTEGER, .min = 0, .max = 864000},         \
    {                                                                                              \
        .path = KEY ".callback.timeout_s", .type = CX_INTEGER, .min = 0, .max = 3600               \
    }

/* What every plain document begins with. */
#define CX_DOCUMENT_ROWS                                                                           \
    {.path = "name",                                                                               \
     .column = "name",                                                                             \
     .type = CX_STRING,                                                                            \
     .min = 1,                                                                                     \
     .max = 128,                                                                                   \
     .flags = CX_REQUIRED | CX_LIST},                                                              \
    {                                                                                              \
        .path = "owner_id", .column = "owner_id", .type = CX_STRING, .reference = "user",          \
        .flags = CX_ADMIN                                                                          \
    }

#define CX_FLAGS_ROWS                                                                              \
    {.path = "flags", .type = CX_ARRAY},                                                           \
    {                                                                                              \
        .path = "flags.*", .type = CX_STRING                                                       \
    }

/* Patterns are in what POSIX and JavaScript understand alike: schemas tell them. */
#define CX_EMAIL_PATTERN "^[^@ ]+@[^@ ]+$"

#endif
