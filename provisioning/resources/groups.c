/*
 * groups.c - groups of users, devices and groups.
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "common.h"
#include "resources.h"

static const struct cx_field fields[] = {
    CX_DOCUMENT_ROWS,
    {.path = "endpoints", .type = CX_OBJECT, .def = "{}"},
    {.path = "endpoints.*", .type = CX_OBJECT},
    {.path = "endpoints.*.type",
     .type = CX_STRING,
     .choices = "user|device|group",
     .flags = CX_REQUIRED},
    {.path = "endpoints.*.weight", .type = CX_INTEGER, .min = 0, .max = 1000},
    {.path = "music_on_hold", .type = CX_OBJECT, .def = "{}"},
    {.path = "music_on_hold.media_id", .type = CX_STRING, .max = 255, .flags = CX_LINE},
    CX_FLAGS_ROWS,
};

static int before(struct cx_request *r, struct cx_write *w)
{
    static const char *const tables[][2] = {
        {"user", "user"}, {"device", "device"}, {"group", "user_group"}};
    const char *id;
    json_t *endpoint;
    char path[128];

    json_object_foreach(cx_path_get(w->record->doc, "endpoints"), id, endpoint)
    {
        const char *type = cx_path_text(endpoint, "type", "");
        for (size_t i = 0; i < CX_COUNT(tables); i++) {
            int err = strcmp(type, tables[i][0]) == 0 ? cx_reference_find(r, tables[i][1], id) : 0;
            if (err < 0 && err != -ENOENT)
                return err;
            if (err == 0 && strcmp(id, w->record->id) != 0)
                continue;
            snprintf(path, sizeof(path), "endpoints.%.100s", id);
            cx_invalid(r, path, err < 0 ? "not_found" : "invalid", NULL,
                       err < 0 ? "There is no such %s in this account"
                               : "A group cannot be in itself (%s)",
                       type);
        }
    }
    return 0;
}

int cx_groups_forget(struct cx_request *r, const char *id)
{
    struct cx_value params[] = {cx_text(id), cx_int(r->now), cx_text(r->account.id), cx_text(id)};

    return cx_db_exec(r->db,
                      "UPDATE user_group SET doc = JSON_REMOVE(doc, CONCAT('$.endpoints.\"', ?, "
                      "'\"')), revision = revision + 1, modified = ? WHERE account_id = ? AND "
                      "JSON_CONTAINS_PATH(doc, 'one', CONCAT('$.endpoints.\"', ?, '\"'))",
                      params, 4, NULL);
}

static int removing(struct cx_request *r, const struct cx_record *record)
{
    return cx_groups_forget(r, record->id);
}

static void summary(struct cx_request *r, const struct cx_record *record, json_t *row)
{
    json_t *features = json_array(), *value;
    const char *key;

    (void)r;
    json_object_foreach(cx_path_get(record->doc, "smartpbx"), key, value)
    {
        if (cx_path_true(value, "enabled"))
            json_array_append_new(features, json_string(key));
    }
    if (cx_path_text(record->doc, "music_on_hold.media_id", "")[0])
        json_array_append_new(features, json_string("music_on_hold"));
    json_object_set_new(row, "features", features);
    json_object_set_new(
        row, "endpoints",
        json_integer((json_int_t)json_object_size(cx_path_get(record->doc, "endpoints"))));
}

const struct cx_resource cx_groups = {
    .name = "groups",
    .table = "user_group",
    .owner = "owner_id",
    .fields = fields,
    .field_count = CX_COUNT(fields),
    .before = before,
    .removing = removing,
    .summary = summary,
};

const struct cx_route cx_routes_groups[] = {
    CX_COLLECTION("accounts/{}/groups", &cx_groups),
    CX_MEMBER("accounts/{}/groups/{}", &cx_groups),
    {.path = NULL},
};
