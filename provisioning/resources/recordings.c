/*
 * recordings.c - recorded calls: list, one as document or as sound, delete. The workers make them.
 *
 * Plain users see those that their own settings asked for.
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "db/id.h"
#include "resources.h"

#define COLUMN(PATH, NAME, TYPE)                                                                   \
    {                                                                                              \
        .path = PATH, .column = NAME, .type = TYPE, .flags = CX_LIST | CX_READ_ONLY                \
    }

static const struct cx_field fields[] = {
    COLUMN("owner_id", "owner_id", CX_STRING),
    COLUMN("name", "name", CX_STRING),
    COLUMN("origin", "origin", CX_STRING),
    COLUMN("call_id", "call_id", CX_STRING),
    COLUMN("interaction_id", "interaction_id", CX_STRING),
    COLUMN("direction", "direction", CX_STRING),
    COLUMN("from", "from_uri", CX_STRING),
    COLUMN("to", "to_uri", CX_STRING),
    COLUMN("request", "request", CX_STRING),
    COLUMN("caller_id_name", "caller_id_name", CX_STRING),
    COLUMN("caller_id_number", "caller_id_number", CX_STRING),
    COLUMN("callee_id_name", "callee_id_name", CX_STRING),
    COLUMN("callee_id_number", "callee_id_number", CX_STRING),
    COLUMN("start", "start", CX_INTEGER),
    COLUMN("duration_ms", "duration_ms", CX_INTEGER),
    COLUMN("media_type", "media_type", CX_STRING),
    COLUMN("content_type", "content_type", CX_STRING),
    COLUMN("size", "size_bytes", CX_INTEGER),
    {.path = "duration", .type = CX_INTEGER, .flags = CX_LIST | CX_READ_ONLY},
    {.path = "cdr_id", .type = CX_STRING, .flags = CX_LIST | CX_READ_ONLY},
    {.path = "media_source", .type = CX_STRING, .flags = CX_LIST | CX_READ_ONLY},
    {.path = "source_type", .type = CX_STRING, .flags = CX_LIST | CX_READ_ONLY},
    {.path = "storage_key", .column = "storage_key", .type = CX_STRING, .flags = CX_HIDDEN},
};

static void opened(struct cx_record *record)
{
    json_int_t ms = json_integer_value(json_object_get(record->doc, "duration_ms"));
    json_int_t start = json_integer_value(json_object_get(record->doc, "start"));

    json_object_set_new(record->doc, "duration", json_integer((ms + 500) / 1000));
    json_object_set_new(record->doc, "start", json_integer(start + CX_GREGORIAN));
}

static void removed(struct cx_request *r, const struct cx_record *record)
{
    cx_remove_file(r, json_string_value(json_object_get(record->priv, "storage_key")));
}

static void summary(struct cx_request *r, const struct cx_record *record, json_t *row)
{
    (void)r;
    json_object_set_new(row, "created", json_integer(record->created + CX_GREGORIAN));
}

static const struct cx_resource recordings = {
    .name = "recordings",
    .table = "recording",
    .fields = fields,
    .field_count = CX_COUNT(fields),
    .opened = opened,
    .removed = removed,
    .summary = summary,
};

static int list_of(struct cx_request *r, const char *owner)
{
    struct cx_value param = cx_text(cx_ascii(owner));

    return cx_engine_list_where(r, &recordings, " AND t.owner_id = ?", &param, 1);
}

static int list(struct cx_request *r)
{
    return r->admin ? cx_engine_list_where(r, &recordings, "", NULL, 0) : list_of(r, r->user_id);
}

static int list_user(struct cx_request *r)
{
    const char *user = r->segments[3];
    int err = cx_id_is_valid(user) ? cx_reference_find(r, "user", user) : -ENOENT;

    if (err == -ENOENT)
        return cx_not_found(r, user);
    if (err < 0)
        return err;
    return r->admin || strcmp(user, r->user_id) == 0 ? list_of(r, user) : cx_forbidden(r);
}

/* The recording that the path names last, if this caller may hear it. 0 or an error reply. */
static int find(struct cx_request *r, const char *id, struct cx_record *record)
{
    const char *owner;
    int err = cx_id_is_valid(id) ? cx_record_load(r, &recordings, id, false, record) : -ENOENT;

    if (err == -ENOENT)
        return cx_not_found(r, id);
    if (err < 0)
        return err;
    owner = cx_path_text(record->doc, "owner_id", "");
    if (r->admin || (*owner && strcmp(owner, r->user_id) == 0))
        return 0;
    cx_record_free(record);
    return cx_not_found(r, id); /* not even that there is one */
}

static int sound(struct cx_request *r, const char *id)
{
    struct cx_record record = {.id = ""};
    int err = find(r, id, &record);

    if (err < 0)
        return err;
    err = cx_reply_file(r, json_string_value(json_object_get(record.priv, "storage_key")),
                        cx_path_text(record.doc, "content_type", "audio/mpeg"),
                        cx_path_text(record.doc, "name", "recording"));
    cx_record_free(&record);
    return err;
}

static int get_id(struct cx_request *r, const char *id)
{
    struct cx_record record = {.id = ""};
    int err;

    if (r->accept && (strstr(r->accept, "audio/") || strstr(r->accept, "octet-stream")))
        return sound(r, id);
    err = find(r, id, &record);
    if (err < 0)
        return err;
    cx_record_free(&record);
    return cx_engine_tell(r, &recordings, id);
}

static int get(struct cx_request *r)
{
    return get_id(r, r->segments[3]);
}

static int raw(struct cx_request *r)
{
    return sound(r, r->segments[3]);
}

static int delete_one(struct cx_request *r)
{
    return cx_engine_remove(r, &recordings, r->segments[3]);
}

/* users/{}/recordings/{}: the same recording, of that user only. */
static int get_of_user(struct cx_request *r)
{
    struct cx_record record = {.id = ""};
    int err = find(r, r->segments[5], &record);

    if (err < 0)
        return err;
    if (strcmp(cx_path_text(record.doc, "owner_id", ""), r->segments[3]) != 0)
        err = cx_not_found(r, r->segments[5]);
    cx_record_free(&record);
    return err < 0 ? err : get_id(r, r->segments[5]);
}

const struct cx_route cx_routes_recordings[] = {
    {.path = "accounts/{}/recordings", .handlers = {[CX_GET] = list}},
    {.path = "accounts/{}/recordings/{}", .handlers = {[CX_GET] = get, [CX_DELETE] = delete_one}},
    {.path = "accounts/{}/recordings/{}/raw", .handlers = {[CX_GET] = raw}},
    {.path = "accounts/{}/users/{}/recordings", .handlers = {[CX_GET] = list_user}},
    {.path = "accounts/{}/users/{}/recordings/{}", .handlers = {[CX_GET] = get_of_user}},
    {.path = NULL},
};
