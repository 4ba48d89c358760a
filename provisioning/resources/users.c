/*
 * users.c - people: names, logins, forwarding, features.
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "common.h"
#include "provisioning/login.h"
#include "provisioning/token.h"
#include "resources.h"

static const struct cx_field fields[] = {
    {.path = "username",
     .column = "username",
     .type = CX_STRING,
     .min = 1,
     .max = 256,
     .pattern = "^[A-Za-z0-9+@._-]+$",
     .flags = CX_LIST | CX_ASCII},
    {.path = "email",
     .column = "email",
     .type = CX_STRING,
     .min = 3,
     .max = 254,
     .pattern = CX_EMAIL_PATTERN,
     .flags = CX_LIST | CX_LINE},
    {.path = "first_name",
     .column = "first_name",
     .type = CX_STRING,
     .min = 1,
     .max = 128,
     .flags = CX_REQUIRED | CX_LIST},
    {.path = "last_name",
     .column = "last_name",
     .type = CX_STRING,
     .min = 1,
     .max = 128,
     .flags = CX_REQUIRED | CX_LIST},
    {.path = "password", .type = CX_STRING, .min = 1, .max = 256, .flags = CX_WRITE_ONLY},
    {.path = "password_md5", .column = "password_md5", .type = CX_STRING, .flags = CX_HIDDEN},
    {.path = "password_sha1", .column = "password_sha1", .type = CX_STRING, .flags = CX_HIDDEN},
    {.path = "password_md5_index",
     .column = "password_md5_index",
     .type = CX_INTEGER,
     .flags = CX_HIDDEN},
    {.path = "password_sha1_index",
     .column = "password_sha1_index",
     .type = CX_INTEGER,
     .flags = CX_HIDDEN},
    {.path = "priv_level",
     .column = "priv_level",
     .type = CX_STRING,
     .choices = "user|admin",
     .def = "\"user\"",
     .flags = CX_LIST | CX_ADMIN},
    {.path = "enabled", .column = "enabled", .type = CX_BOOLEAN, .def = "true", .flags = CX_ADMIN},
    {.path = "timezone",
     .column = "timezone",
     .type = CX_STRING,
     .max = 64,
     .flags = CX_LIST | CX_LINE},
    {.path = "language", .column = "language", .type = CX_STRING, .max = 16, .flags = CX_LINE},
    {.path = "presence_id",
     .column = "presence_id",
     .type = CX_STRING,
     .max = 64,
     .flags = CX_LIST | CX_LINE | CX_ADMIN},
    {.path = "timeout", .column = "timeout", .type = CX_INTEGER, .min = 1, .max = 600},
    {.path = "vm_to_email_enabled",
     .column = "vm_to_email_enabled",
     .type = CX_BOOLEAN,
     .def = "true"},
    {.path = "max_calls",
     .column = "max_calls",
     .type = CX_INTEGER,
     .min = 0,
     .max = 100000,
     .flags = CX_ADMIN},
    {.path = "verified", .type = CX_BOOLEAN, .def = "false", .flags = CX_ADMIN},
    {.path = "require_password_update", .type = CX_BOOLEAN, .def = "false"},
    CX_DND_ROWS,
    CX_CALLER_ID_ROWS(CX_ADMIN),
    CX_RESTRICTION_ROWS,
    CX_FORWARD_ROWS("call_forward"),
    CX_FORWARD_ROWS("call_failover"),
    CX_FORWARD_ROWS("call_forward_busy"),
    CX_FORWARD_ROWS("call_forward_no_answer"),
    {.path = "hotdesk", .column = "hotdesk", .type = CX_OBJECT, .def = "{}"},
    {.path = "hotdesk.enabled", .type = CX_BOOLEAN, .def = "false"},
    {.path = "hotdesk.id", .type = CX_STRING, .max = 15},
    {.path = "hotdesk.pin", .type = CX_STRING, .min = 4, .max = 15, .flags = CX_SECRET},
    {.path = "hotdesk.require_pin", .type = CX_BOOLEAN, .def = "false"},
    {.path = "hotdesk.keep_logged_in_elsewhere", .type = CX_BOOLEAN, .def = "false"},
    {.path = "contact_list", .type = CX_OBJECT, .def = "{}"},
    {.path = "contact_list.exclude", .type = CX_BOOLEAN},
    CX_PRIVACY_ROWS,
    CX_RECORDING_ROWS("call_recording", CX_LIST | CX_ADMIN),
    CX_WAITING_ROWS,
    CX_DIAL_ROWS,
    {.path = "media", .type = CX_OBJECT},
    CX_CODEC_ROWS,
    {.path = "profile", .type = CX_OBJECT},
    {.path = "profile.nicknames", .type = CX_ARRAY},
    {.path = "profile.nicknames.*", .type = CX_STRING},
    {.path = "profile.addresses", .type = CX_ARRAY},
    {.path = "profile.addresses.*", .type = CX_OBJECT},
    {.path = "pronounced_name", .type = CX_OBJECT},
    {.path = "pronounced_name.media_id", .type = CX_STRING, .max = 128, .flags = CX_LINE},
    {.path = "voicemail", .type = CX_OBJECT},
    CX_CALLBACK_ROWS("voicemail.notify"),
    {.path = "directories", .type = CX_OBJECT},
    {.path = "feature_level", .type = CX_STRING, .flags = CX_LIST},
    CX_RINGTONE_ROWS,
    CX_MUSIC_ROWS,
    CX_FLAGS_ROWS,
};

static const struct cx_unique uniques[] = {{"username", "username", "The user name"}};

static bool has_changed(const struct cx_write *w, const char *path)
{
    return w->before && strcasecmp(cx_path_text(w->record->doc, path, ""),
                                   cx_path_text(w->before->doc, path, "")) != 0;
}

static int set_password(struct cx_request *r, struct cx_write *w, const char *username,
                        const char *password)
{
    static const char *const columns[] = {[CX_MD5] = "password_md5", [CX_SHA1] = "password_sha1"};
    char digest[41], hash[CX_PASSWORD_HASH_MAX], column[32];

    for (int kind = CX_MD5; kind <= CX_SHA1; kind++) {
        int index;
        int err = cx_credentials_digest((enum cx_digest)kind, username, password, digest);
        if (err == 0)
            err = cx_password_hash(digest, hash);
        if (err < 0)
            return err;
        index = cx_login_index(r->api, digest);
        snprintf(column, sizeof(column), "%s_index", columns[kind]);
        json_object_set_new(w->record->priv, columns[kind], json_string(hash));
        json_object_set_new(w->record->priv, column, json_integer(index));
    }
    return 0;
}

static int before(struct cx_request *r, struct cx_write *w)
{
    const char *username = cx_path_text(w->record->doc, "username", NULL);
    const char *password = cx_path_text(w->record->doc, "password", NULL);
    int err;

    if (password && !username)
        cx_invalid(r, "username", "required", NULL, "A password needs a user name");
    if (!password && username && has_changed(w, "username") &&
        json_object_get(w->record->priv, "password_md5"))
        cx_invalid(r, "password", "required", NULL,
                   "A new user name needs the password too: it is part of the hash");
    if (r->errors && json_object_size(r->errors) > 0)
        return 0;
    if (!username)
        json_object_clear(w->record->priv);
    if (password && (err = set_password(r, w, username, password)) < 0)
        return err;
    if (w->before &&
        (password || !cx_path_true(w->record->doc, "enabled") || has_changed(w, "priv_level")))
        return cx_token_revoke(r, r->account.id, w->record->id, r->token_id);
    return 0;
}

static int removing(struct cx_request *r, const struct cx_record *record)
{
    int err;

    if (strcmp(record->id, r->user_id) == 0)
        return cx_forbidden(r);
    err = cx_groups_forget(r, record->id);
    return err < 0 ? err : cx_token_revoke(r, r->account.id, record->id, NULL);
}

static int describe(struct cx_request *r, struct cx_record *record)
{
    (void)record;
    json_decref(r->metadata);
    r->metadata = json_pack("{s:b}", "is_password_expired", 0);
    return r->metadata ? 0 : -ENOMEM;
}

static void summary(struct cx_request *r, const struct cx_record *record, json_t *row)
{
    static const char *const switches[][2] = {
        {"hotdesk.enabled", "hotdesk"},
        {"call_forward.enabled", "call_forward"},
        {"call_failover.enabled", "call_failover"},
        {"vm_to_email_enabled", "vm_to_email"},
        {"do_not_disturb.enabled", "do_not_disturb"},
    };
    json_t *features = json_array(), *value;
    const char *key;

    (void)r;
    json_object_foreach(cx_path_get(record->doc, "smartpbx"), key, value)
    {
        if (cx_path_true(value, "enabled"))
            json_array_append_new(features, json_string(key));
    }
    for (size_t i = 0; i < CX_COUNT(switches); i++)
        if (cx_path_true(record->doc, switches[i][0]))
            json_array_append_new(features, json_string(switches[i][1]));
    if (cx_path_text(record->doc, "caller_id.external.number", "")[0])
        json_array_append_new(features, json_string("caller_id"));
    if (cx_path_text(record->doc, "music_on_hold.media_id", "")[0])
        json_array_append_new(features, json_string("music_on_hold"));
    json_object_set_new(row, "features", features);
}

const struct cx_resource cx_users = {
    .name = "users",
    .table = "user",
    .fields = fields,
    .field_count = CX_COUNT(fields),
    .uniques = uniques,
    .unique_count = CX_COUNT(uniques),
    .self_write = true,
    .before = before,
    .removing = removing,
    .describe = describe,
    .summary = summary,
};

const struct cx_route cx_routes_users[] = {
    CX_COLLECTION("accounts/{}/users", &cx_users),
    CX_MEMBER("accounts/{}/users/{}", &cx_users),
    {.path = NULL},
};
