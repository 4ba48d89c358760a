/*
 * vmboxes.c - voicemail boxes. Their messages: messages.c.
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common.h"
#include "resources.h"

#define COUNT_SQL "(SELECT COUNT(*) FROM vm_message m WHERE m.vmbox_id = t.id AND m.folder"

static const struct cx_field fields[] = {
    {.path = "name",
     .column = "name",
     .type = CX_STRING,
     .min = 1,
     .max = 128,
     .flags = CX_REQUIRED | CX_LIST},
    {.path = "mailbox",
     .column = "mailbox",
     .type = CX_STRING,
     .min = 1,
     .max = 30,
     .flags = CX_REQUIRED | CX_LIST | CX_ASCII | CX_ADMIN},
    {.path = "owner_id",
     .column = "owner_id",
     .type = CX_STRING,
     .reference = "user",
     .flags = CX_LIST | CX_ADMIN},
    {.path = "pin",
     .column = "pin",
     .type = CX_STRING,
     .min = 4,
     .max = 6,
     .pattern = "^[0-9]*$",
     .flags = CX_SECRET | CX_ASCII},
    {.path = "require_pin", .column = "require_pin", .type = CX_BOOLEAN, .def = "false"},
    {.path = "check_if_owner", .column = "check_if_owner", .type = CX_BOOLEAN, .def = "true"},
    {.path = "is_setup", .column = "is_setup", .type = CX_BOOLEAN, .def = "false"},
    {.path = "skip_greeting", .column = "skip_greeting", .type = CX_BOOLEAN, .def = "false"},
    {.path = "skip_instructions",
     .column = "skip_instructions",
     .type = CX_BOOLEAN,
     .def = "false"},
    {.path = "include_message_on_notify",
     .column = "include_message_on_notify",
     .type = CX_BOOLEAN,
     .def = "true"},
    {.path = "delete_after_notify",
     .column = "delete_after_notify",
     .type = CX_BOOLEAN,
     .def = "false"},
    {.path = "save_after_notify",
     .column = "save_after_notify",
     .type = CX_BOOLEAN,
     .def = "false"},
    {.path = "media_extension",
     .column = "media_extension",
     .type = CX_STRING,
     .choices = "mp3|mp4|wav",
     .def = "\"mp3\""},
    {.path = "timezone",
     .column = "timezone",
     .type = CX_STRING,
     .min = 3,
     .max = 64,
     .flags = CX_LINE},
    {.path = "media", .type = CX_OBJECT, .def = "{}"},
    {.path = "media.unavailable", .column = "greeting_id", .type = CX_STRING, .reference = "media"},
    {.path = "max_message_length",
     .column = "max_message_length",
     .type = CX_INTEGER,
     .min = 1,
     .max = 3600},
    {.path = "notify_email_addresses",
     .column = "notify_email_addresses",
     .type = CX_ARRAY,
     .max = 50,
     .def = "[]"},
    {.path = "notify_email_addresses.*",
     .type = CX_STRING,
     .min = 3,
     .max = 254,
     .pattern = CX_EMAIL_PATTERN,
     .flags = CX_LINE},
    CX_CALLBACK_ROWS("notify"),
    {.path = "operator_number", .type = CX_STRING, .max = 35, .flags = CX_LINE | CX_ADMIN},
    {.path = "skip_envelope", .type = CX_BOOLEAN, .def = "false"},
    {.path = "announcement_only", .type = CX_BOOLEAN, .def = "false"},
    {.path = "transcribe", .type = CX_BOOLEAN, .def = "false"},
    {.path = "include_transcription_on_notify", .type = CX_BOOLEAN, .def = "true"},
    {.path = "oldest_message_first", .type = CX_BOOLEAN, .def = "false"},
    {.path = "not_configurable", .type = CX_BOOLEAN, .def = "false", .flags = CX_ADMIN},
    {.path = "is_voicemail_ff_rw_enabled", .type = CX_BOOLEAN, .def = "false"},
    {.path = "seek_duration_ms", .type = CX_INTEGER, .min = 0, .max = 3600000, .def = "10000"},
    {.path = "messages",
     .select = COUNT_SQL " <> 'deleted')",
     .type = CX_INTEGER,
     .flags = CX_LIST},
    {.path = "folders",
     .select = "JSON_OBJECT('new', " COUNT_SQL " = 'new'), 'saved', " COUNT_SQL " = 'saved'))",
     .type = CX_OBJECT,
     .flags = CX_LIST},
    CX_FLAGS_ROWS,
};

static const struct cx_unique uniques[] = {{"mailbox", "mailbox", "The mailbox number"}};

static int keep_file(void *arg, const struct cx_value *c, size_t n)
{
    (void)n;
    return json_array_append_new(arg, json_stringn(c[0].s, c[0].len));
}

/* The files of its messages go after the rows are gone for good. */
static int removing(struct cx_request *r, const struct cx_record *record)
{
    json_t *files = json_array();

    json_object_set_new(record->priv, "files", files);
    return cx_db_query(r->db, "SELECT storage_key FROM vm_message WHERE vmbox_id = ?",
                       (struct cx_value[]){cx_text(record->id)}, 1, keep_file, files);
}

static void removed(struct cx_request *r, const struct cx_record *record)
{
    size_t i;
    json_t *file;

    json_array_foreach(json_object_get(record->priv, "files"), i, file)
    {
        cx_remove_file(r, json_string_value(file));
    }
}

const struct cx_resource cx_vmboxes = {
    .name = "vmboxes",
    .table = "vmbox",
    .owner = "owner_id",
    .fields = fields,
    .field_count = CX_COUNT(fields),
    .uniques = uniques,
    .unique_count = CX_COUNT(uniques),
    .removing = removing,
    .removed = removed,
};

const struct cx_route cx_routes_vmboxes[] = {
    CX_COLLECTION("accounts/{}/vmboxes", &cx_vmboxes),
    CX_MEMBER("accounts/{}/vmboxes/{}", &cx_vmboxes),
    {.path = NULL},
};
