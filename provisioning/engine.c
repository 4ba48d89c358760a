/*
 * engine.c - one document: read, created, replaced, merged, deleted, by its resource's descriptors.
 *
 * A write is one transaction: the old document is locked, the new one made, checked, stored, and
 * the change appended to change_log. SPDX-License-Identifier: GPL-2.0-or-later
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "db/change_log.h"
#include "db/id.h"
#include "engine.h"

/* Is the document the caller's own? */
static bool is_own(const struct cx_request *r, const struct cx_resource *res,
                   const struct cx_record *record)
{
    if (strcmp(r->account.id, r->token_account) != 0)
        return false;
    if (res->self_write)
        return strcmp(record->id, r->user_id) == 0;
    return res->owner && strcmp(cx_path_text(record->doc, res->owner, ""), r->user_id) == 0;
}

void cx_conceal(const struct cx_request *r, const struct cx_resource *res, struct cx_record *record)
{
    const char *key;
    void *next;
    json_t *value;

    json_object_foreach_safe(record->doc, next, key, value)
    {
        if (cx_is_private(key))
            json_object_del(record->doc, key);
    }
    if (r->admin || is_own(r, res, record))
        return;
    for (size_t i = 0; i < res->field_count; i++)
        if (res->fields[i].flags & CX_SECRET)
            cx_path_delete(record->doc, res->fields[i].path);
}

static int tell(struct cx_request *r, const struct cx_resource *res, struct cx_record *record,
                int status)
{
    int err = 0;

    cx_conceal(r, res, record);
    if (res->describe)
        err = res->describe(r, record);
    if (err < 0)
        return err;
    r->revision = record->revision;
    return cx_ok(r, status, json_incref(record->doc));
}

int cx_engine_tell(struct cx_request *r, const struct cx_resource *res, const char *id)
{
    struct cx_record record;
    int err = cx_id_is_valid(id) ? cx_record_load(r, res, id, false, &record) : -ENOENT;

    if (err == -ENOENT)
        return cx_not_found(r, id);
    if (err < 0)
        return err;
    err = tell(r, res, &record, 200);
    cx_record_free(&record);
    return err;
}

struct writing {
    struct cx_request *r;
    const struct cx_resource *res;
    const char *id; /* NULL: a new one */
};

int cx_if_match(struct cx_request *r, int64_t revision)
{
    char tag[CX_ETAG_MAX];

    if (!r->if_match)
        return 0;
    cx_etag(revision, NULL, tag);
    if (cx_etag_matches(r->if_match, tag, true))
        return 0;
    return cx_fail(r, 412, "precondition failed",
                   json_pack("{s:{s:s, s:I}}", "412", "message",
                             "the document has changed since you read it", "revision",
                             (json_int_t)revision));
}

/* POST: the public document is what was sent; private keys and kept fields stay. */
static json_t *replaced(const struct cx_resource *res, const struct cx_record *before,
                        const json_t *data)
{
    json_t *doc = json_object(), *value, *given = json_deep_copy(data);
    const char *key;

    cx_strip(res, given);
    json_object_foreach(before->doc, key, value)
    {
        if (cx_is_private(key))
            json_object_set(doc, key, value);
    }
    json_object_update(doc, given);
    json_decref(given);
    for (size_t i = 0; i < res->field_count; i++) {
        const struct cx_field *f = &res->fields[i];
        value = f->flags & CX_KEEP ? cx_path_get(before->doc, f->path) : NULL;
        if (value && !cx_path_get(doc, f->path))
            cx_path_set(doc, f->path, json_deep_copy(value));
    }
    return doc;
}

static json_t *merged(const struct cx_resource *res, const struct cx_record *before,
                      const json_t *data)
{
    json_t *doc = json_deep_copy(before->doc), *patch = json_deep_copy(data);

    cx_strip(res, patch);
    json_object_del(doc, "id");
    if (cx_merge(doc, patch) < 0) {
        json_decref(doc);
        doc = NULL;
    }
    json_decref(patch);
    return doc;
}

/* Fields that this caller may not change must be as they were (or as they are by default). */
static void check_untouched(struct cx_request *r, const struct cx_resource *res,
                            const struct cx_record *before, const json_t *doc)
{
    bool self = strcmp(r->account.id, r->token_account) == 0 && res->scope == CX_SCOPE_SELF;

    for (size_t i = 0; before && i < res->field_count; i++) {
        const struct cx_field *f = &res->fields[i];
        json_t *old, *new;
        if (!(f->flags & CX_ADMIN && !r->admin) && !(f->flags & CX_PARENT && self && !r->master))
            continue;
        old = cx_path_get(before->doc, f->path);
        new = cx_path_get(doc, f->path);
        if (old != new && !(old && new &&json_equal(old, new)) &&
            !(!old && json_is_object(new) && json_object_size(new) == 0))
            cx_invalid(r, f->path, "forbidden", NULL, "You may not change this");
    }
}

static int map_error(struct cx_request *r, const struct cx_resource *res,
                     const struct cx_record *record, int err)
{
    const char *key = cx_db_duplicate_key(r->db);

    if (err == -ECHILD) {
        cx_invalid(r, "id", "not_found", NULL, "What the document refers to is gone");
        return cx_check(r);
    }
    if (err != -EEXIST)
        return err;
    for (size_t i = 0; i < res->unique_count; i++) {
        const struct cx_unique *u = &res->uniques[i];
        json_t *value = cx_path_get(record->doc, u->path);
        if (strcmp(u->key, key) != 0)
            continue;
        cx_invalid(r, u->path, "unique", value, "%s is in use already", u->what);
        if (value)
            cx_invalid_detail(r, u->path, "unique", "cause", json_incref(value));
        return cx_check(r);
    }
    return err;
}

static void drop_write_only(const struct cx_resource *res, json_t *doc)
{
    for (size_t i = 0; i < res->field_count; i++)
        if (res->fields[i].flags & CX_WRITE_ONLY)
            cx_path_delete(doc, res->fields[i].path);
}

/* The database knows 32 levels of JSON, but for a callflow's tree, which has its own limit. */
static void check_depth(struct cx_request *r, const json_t *doc)
{
    const char *key;
    json_t *value;

    json_object_foreach((json_t *)doc, key, value)
    {
        if (strcmp(key, "flow") != 0 && cx_json_too_deep(value, 28))
            cx_invalid(r, key, "maxDepth", NULL, "nested deeper than 28 levels");
    }
}

static int store(struct cx_request *r, struct cx_write *w)
{
    const struct cx_resource *res = w->resource;
    int err = cx_validate(r, res, w->record->doc);

    if (err < 0)
        return err;
    check_depth(r, w->record->doc);
    check_untouched(r, res, w->before, w->record->doc);
    if (res->before)
        err = res->before(r, w);
    if (err == 0)
        err = cx_check(r);
    if (err < 0)
        return err;
    drop_write_only(res, w->record->doc);
    err = w->before ? cx_record_update(r, res, w->record) : cx_record_insert(r, res, w->record);
    if (err < 0)
        return map_error(r, res, w->record, err);
    if (res->after && (err = res->after(r, w)) < 0)
        return err;
    return cx_change_append(r->db,
                            res->scope == CX_SCOPE_CLUSTER ? NULL
                            : res->scope == CX_SCOPE_SELF  ? w->record->id
                                                           : r->account.id,
                            res->table, w->record->id, w->before ? "update" : "create", r->user_id);
}

static int may_write(struct cx_request *r, const struct cx_resource *res,
                     const struct cx_record *before)
{
    return r->admin || (before && is_own(r, res, before)) ? 0 : cx_forbidden(r);
}

static int reread(struct cx_request *r, const struct cx_resource *res, const char *id, int status)
{
    struct cx_request_account parent = r->account;
    struct cx_record record;
    int err;

    if (res->scope == CX_SCOPE_SELF)
        snprintf(r->account.id, sizeof(r->account.id), "%s", id);
    err = cx_record_load(r, res, id, false, &record);
    if (err == 0)
        err = tell(r, res, &record, status);
    cx_record_free(&record);
    r->account = parent;
    return err;
}

static int write_document(struct cx_db *db, void *arg)
{
    const struct writing *writing = arg;
    struct cx_request *r = writing->r;
    const struct cx_resource *res = writing->res;
    struct cx_record before = {.id = ""}, record = {.id = ""};
    struct cx_write w = {res, r->verb, &record, NULL};
    int err = 0;

    (void)db;
    json_decref(r->errors);
    r->errors = NULL;
    if (!writing->id && (err = cx_idempotent_begin(r)) != 0)
        return err > 0 ? 0 : err;
    if (writing->id) {
        err = cx_record_load(r, res, writing->id, true, &before);
        if (err == -ENOENT)
            return cx_not_found(r, writing->id);
        if (err < 0)
            return err;
        err = cx_if_match(r, before.revision);
        w.before = &before;
        memcpy(record.id, before.id, sizeof(record.id));
        record.doc =
            r->verb == CX_PATCH ? merged(res, &before, r->data) : replaced(res, &before, r->data);
        record.priv = json_deep_copy(before.priv);
        record.created = before.created;
    } else {
        cx_id_new(record.id);
        record.doc = json_deep_copy(r->data);
        record.priv = json_object();
        record.created = r->now;
        if (record.doc)
            cx_strip(res, record.doc);
    }
    if (err == 0 && (!record.doc || !record.priv))
        err = -ENOMEM;
    if (err == 0)
        err = may_write(r, res, w.before);
    if (err == 0)
        err = store(r, &w);
    if (err == 0)
        err = reread(r, res, record.id, writing->id ? 200 : 201);
    if (err == 0 && !writing->id)
        err = cx_idempotent_end(r);
    cx_record_free(&before);
    cx_record_free(&record);
    return err;
}

int cx_engine_write(struct cx_request *r, const struct cx_resource *res, const char *id)
{
    struct writing writing = {r, res, id};

    if (id && !cx_id_is_valid(id))
        return cx_not_found(r, id);
    if (!r->data) {
        cx_invalid(r, "data", "required", NULL, "Field is required but missing");
        return cx_check(r);
    }
    return cx_db_transaction(r->db, write_document, &writing);
}

struct removal {
    struct cx_request *r;
    const struct cx_resource *res;
    const char *id;
    struct cx_record record;
};

static int remove_document(struct cx_db *db, void *arg)
{
    struct removal *removal = arg;
    struct cx_request *r = removal->r;
    const struct cx_resource *res = removal->res;
    int err;

    cx_record_free(&removal->record);
    err = cx_record_load(r, res, removal->id, true, &removal->record);
    if (err == -ENOENT)
        return cx_not_found(r, removal->id);
    if (err == 0)
        err = cx_if_match(r, removal->record.revision);
    if (err == 0 && !r->admin)
        err = cx_forbidden(r);
    if (err == 0 && res->removing)
        err = res->removing(r, &removal->record);
    if (err == 0)
        err = cx_record_delete(r, res, removal->id);
    if (err == -ECHILD) {
        cx_invalid(r, "id", "in_use", NULL, "Other documents depend on this one");
        return cx_check(r);
    }
    if (err == 0)
        err = cx_change_append(db,
                               res->scope == CX_SCOPE_CLUSTER ? NULL
                               : res->scope == CX_SCOPE_SELF  ? removal->id
                                                              : r->account.id,
                               res->table, removal->id, "delete", r->user_id);
    return err;
}

int cx_engine_remove(struct cx_request *r, const struct cx_resource *res, const char *id)
{
    struct removal removal = {.r = r, .res = res, .id = id};
    int err;

    if (!cx_id_is_valid(id))
        return cx_not_found(r, id);
    err = cx_db_transaction(r->db, remove_document, &removal);
    if (err == 0) {
        if (res->removed)
            res->removed(r, &removal.record);
        cx_conceal(r, res, &removal.record);
        cx_ok(r, 200, json_incref(removal.record.doc));
        r->revision = removal.record.revision;
    }
    cx_record_free(&removal.record);
    return err;
}

static const char *last_segment(const struct cx_request *r)
{
    return r->segments[r->segment_count - 1];
}

int cx_engine_get(struct cx_request *r)
{
    return cx_engine_tell(r, r->route->resource, last_segment(r));
}

int cx_engine_create(struct cx_request *r)
{
    return cx_engine_write(r, r->route->resource, NULL);
}

int cx_engine_replace(struct cx_request *r)
{
    return cx_engine_write(r, r->route->resource, last_segment(r));
}

int cx_engine_merge(struct cx_request *r)
{
    return cx_engine_write(r, r->route->resource, last_segment(r));
}

int cx_engine_delete(struct cx_request *r)
{
    return cx_engine_remove(r, r->route->resource, last_segment(r));
}
