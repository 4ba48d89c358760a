/*
 * messages.c - the messages in a voicemail box: list, move between folders, delete, audio.
 *
 * Admins and the box's owner only, for reading too.
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "db/change_log.h"
#include "db/id.h"
#include "resources.h"

#define SELECT_SQL                                                                                 \
    "SELECT m.id, m.folder, m.timestamp, m.from_uri, m.to_uri, m.caller_id_name, "                 \
    "m.caller_id_number, m.call_id, m.length_ms, m.content_type, m.storage_key, m.size_bytes "     \
    "FROM vm_message m WHERE m.vmbox_id = ? AND m.account_id = ?"

struct box {
    struct cx_request *r;
    char id[33];
    char owner[33];
};

static int keep_box(void *arg, const struct cx_value *c, size_t n)
{
    struct box *box = arg;

    (void)n;
    snprintf(box->id, sizeof(box->id), "%s", c[0].s);
    snprintf(box->owner, sizeof(box->owner), "%s", c[1].type == CX_TEXT ? c[1].s : "");
    return 0;
}

/* The box of the path, if the caller may look into it. 0 or an error reply. */
static int find_box(struct cx_request *r, struct box *box)
{
    const char *id = r->segments[3];
    int err =
        cx_id_is_valid(id)
            ? cx_db_one(r->db, "SELECT id, owner_id FROM vmbox WHERE id = ? AND account_id = ?",
                        (struct cx_value[]){cx_text(id), cx_text(r->account.id)}, 2, keep_box, box)
            : -ENOENT;

    box->r = r;
    if (err == -ENOENT)
        return cx_not_found(r, id);
    if (err < 0)
        return err;
    return r->admin || strcmp(box->owner, r->user_id) == 0 ? 0 : cx_forbidden(r);
}

struct listing {
    struct cx_request *r;
    json_t *list;
    char key[256], type[65]; /* of the last row */
    size_t page, skipped;
    const char *start;
    char next[33];
};

static json_t *message_json(const struct cx_value *c)
{
    return json_pack("{s:s, s:s, s:I, s:s, s:s, s:s, s:s, s:s, s:I, s:s, s:I}", "media_id", c[0].s,
                     "folder", c[1].s, "timestamp", (json_int_t)(c[2].i + CX_GREGORIAN), "from",
                     c[3].s, "to", c[4].s, "caller_id_name", c[5].s, "caller_id_number", c[6].s,
                     "call_id", c[7].s, "length", (json_int_t)c[8].i, "content_type", c[9].s,
                     "size", (json_int_t)c[11].i);
}

static int add_message(void *arg, const struct cx_value *c, size_t n)
{
    struct listing *l = arg;
    struct cx_record record = {.created = c[2].i, .modified = c[2].i};

    (void)n;
    if (l->next[0])
        return 0;
    if (l->start && strcmp(c[0].s, l->start) != 0)
        return 0;
    l->start = NULL;
    record.doc = message_json(c);
    if (!record.doc)
        return -ENOMEM;
    snprintf(l->key, sizeof(l->key), "%s", c[10].s);
    snprintf(l->type, sizeof(l->type), "%s", c[9].s);
    if (!l->r || cx_filter(l->r, &record)) {
        if (l->page > 0 && json_array_size(l->list) >= l->page)
            snprintf(l->next, sizeof(l->next), "%s", c[0].s);
        else
            json_array_append(l->list, record.doc);
    }
    json_decref(record.doc);
    return 0;
}

static int list(struct cx_request *r)
{
    struct listing l = {.r = r, .list = json_array(), .start = cx_query(r, "start_key")};
    struct box box;
    int err = find_box(r, &box);

    if (!cx_page_wanted(r, &l.page))
        l.start = NULL;
    if (err == 0)
        err = cx_db_query(r->db, SELECT_SQL " ORDER BY m.timestamp DESC, m.id",
                          (struct cx_value[]){cx_text(box.id), cx_text(r->account.id)}, 2,
                          add_message, &l);
    if (err < 0) {
        json_decref(l.list);
        return err;
    }
    cx_reply_extra(r, "page_size", json_integer((json_int_t)json_array_size(l.list)));
    if (l.next[0])
        cx_reply_extra(r, "next_start_key", json_string(l.next));
    return cx_ok(r, 200, l.list);
}

/* One message as the list's only element. */
static int find_message(struct cx_request *r, const struct box *box, const char *id,
                        struct listing *l)
{
    int err;

    l->list = json_array();
    if (!cx_id_is_valid(id))
        return cx_not_found(r, id);
    err = cx_db_query(r->db, SELECT_SQL " AND m.id = ?",
                      (struct cx_value[]){cx_text(box->id), cx_text(r->account.id), cx_text(id)}, 3,
                      add_message, l);
    if (err == 0 && json_array_size(l->list) == 0)
        err = cx_not_found(r, id);
    return err;
}

static int get(struct cx_request *r)
{
    struct listing l = {.r = NULL};
    struct box box;
    int err = find_box(r, &box);

    if (err == 0)
        err = find_message(r, &box, r->segments[5], &l);
    if (err == 0)
        cx_ok(r, 200, json_incref(json_array_get(l.list, 0)));
    json_decref(l.list);
    return err;
}

static int raw(struct cx_request *r)
{
    struct listing l = {.r = NULL};
    char name[64];
    struct box box;
    int err = find_box(r, &box);

    if (err == 0)
        err = find_message(r, &box, r->segments[5], &l);
    if (err == 0) {
        snprintf(name, sizeof(name), "%.32s%s", r->segments[5],
                 strstr(l.type, "mpeg") ? ".mp3" : ".wav");
        err = cx_reply_file(r, l.key, l.type, name);
    }
    json_decref(l.list);
    return err;
}

struct change {
    struct cx_request *r;
    struct box box;
    const char *folder; /* NULL: delete */
    json_t *ids, *done, *failed, *files;
};

static int change_one(struct change *change, const char *id)
{
    struct cx_request *r = change->r;
    struct listing l = {.r = NULL, .list = json_array()};
    struct cx_value params[] = {cx_text(change->folder), cx_text(id), cx_text(change->box.id)};
    int err = cx_db_query(
        r->db, SELECT_SQL " AND m.id = ? FOR UPDATE",
        (struct cx_value[]){cx_text(change->box.id), cx_text(r->account.id), cx_text(id)}, 3,
        add_message, &l);

    if (err == 0 && json_array_size(l.list) == 0)
        json_array_append_new(change->failed, json_pack("{s:s}", id, "not_found"));
    else if (err == 0) {
        json_array_append_new(change->done, json_string(id));
        if (!change->folder)
            json_array_append_new(change->files, json_string(l.key));
        err = change->folder
                  ? cx_db_exec(r->db,
                               "UPDATE vm_message SET folder = ? WHERE id = ? AND vmbox_id = ?",
                               params, 3, NULL)
                  : cx_db_exec(r->db, "DELETE FROM vm_message WHERE id = ? AND vmbox_id = ?",
                               params + 1, 2, NULL);
    }
    json_decref(l.list);
    return err;
}

static int change_all(struct cx_db *db, void *arg)
{
    struct change *change = arg;
    json_t *id;
    size_t i;
    int err = 0;

    json_array_clear(change->done);
    json_array_clear(change->failed);
    json_array_clear(change->files);
    json_array_foreach(change->ids, i, id)
    {
        if (err == 0)
            err = change_one(change, json_string_value(id));
    }
    if (err == 0 && json_array_size(change->done) > 0)
        err = cx_change_append(db, change->r->account.id, "vm_message", change->box.id,
                               change->folder ? "update" : "delete", change->r->user_id);
    return err;
}

static int apply(struct change *change)
{
    struct cx_request *r = change->r;
    json_t *file;
    size_t i;
    int err;

    change->done = json_array();
    change->failed = json_array();
    change->files = json_array();
    err = cx_db_transaction(r->db, change_all, change);
    if (err == 0) {
        json_array_foreach(change->files, i, file)
        {
            cx_remove_file(r, json_string_value(file));
        }
        cx_ok(r, 200, json_pack("{s:O, s:O}", "succeeded", change->done, "failed", change->failed));
    }
    json_decref(change->done);
    json_decref(change->failed);
    json_decref(change->files);
    return err;
}

/* data.messages: ids of messages. NULL with an error when it is something else. */
static json_t *wanted_ids(struct cx_request *r)
{
    json_t *ids = json_object_get(r->data, "messages"), *id;
    size_t i;

    if (!json_is_array(ids)) {
        cx_invalid(r, "messages", ids ? "type" : "required", NULL,
                   ids ? "Value did not match type(s): array" : "Field is required but missing");
        return NULL;
    }
    json_array_foreach(ids, i, id)
    {
        if (!json_is_string(id) || !cx_id_is_valid(json_string_value(id)))
            cx_invalid(r, "messages", "type", id, "Ids of messages are wanted");
    }
    return ids;
}

static const char *wanted_folder(struct cx_request *r)
{
    const char *folder = cx_path_text(r->data, "folder", "");

    if (strcmp(folder, "new") != 0 && strcmp(folder, "saved") != 0 &&
        strcmp(folder, "deleted") != 0)
        cx_invalid(r, "folder", "enum", NULL, "new, saved or deleted is wanted");
    return folder;
}

static int move(struct cx_request *r)
{
    struct change change = {.r = r};
    int err = find_box(r, &change.box);

    if (err < 0)
        return err;
    change.folder = wanted_folder(r);
    change.ids = wanted_ids(r);
    err = cx_check(r);
    return err < 0 ? err : apply(&change);
}

static int delete (struct cx_request *r)
{
    struct change change = {.r = r};
    int err = find_box(r, &change.box);

    if (err < 0)
        return err;
    change.ids = wanted_ids(r);
    err = cx_check(r);
    return err < 0 ? err : apply(&change);
}

static int change_single(struct cx_request *r, bool remove)
{
    struct listing l = {.r = NULL};
    struct change change = {.r = r};
    json_t *before = NULL;
    int err = find_box(r, &change.box);

    if (err == 0)
        err = find_message(r, &change.box, r->segments[5], &l);
    if (err == 0 && !remove) {
        change.folder = wanted_folder(r);
        err = cx_check(r);
    }
    before = json_incref(json_array_get(l.list, 0));
    json_decref(l.list);
    if (err == 0) {
        change.ids = json_pack("[s]", r->segments[5]);
        err = apply(&change);
        json_decref(change.ids);
    }
    if (err == 0 && !remove)
        json_object_set_new(before, "folder", json_string(change.folder));
    if (err == 0)
        cx_ok(r, 200, json_incref(before));
    json_decref(before);
    return err;
}

static int move_one(struct cx_request *r)
{
    return change_single(r, false);
}

static int delete_one(struct cx_request *r)
{
    return change_single(r, true);
}

const struct cx_route cx_routes_messages[] = {
    {.path = "accounts/{}/vmboxes/{}/messages",
     .handlers = {[CX_GET] = list, [CX_POST] = move, [CX_DELETE] = delete},
     .flags = CX_ROUTE_USER},
    {.path = "accounts/{}/vmboxes/{}/messages/{}",
     .handlers = {[CX_GET] = get, [CX_POST] = move_one, [CX_DELETE] = delete_one},
     .flags = CX_ROUTE_USER},
    {.path = "accounts/{}/vmboxes/{}/messages/{}/raw", .handlers = {[CX_GET] = raw}},
    {.path = NULL},
};
