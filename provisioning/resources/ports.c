/*
 * ports.c - numbers that come from another carrier: requests with documents, comments and a
 * history.
 *
 * unconfirmed -> submitted -> pending -> scheduled -> completed; rejected and canceled from each of
 * the open ones, and a rejected one may be submitted again. The account confirms (submits) and
 * cancels; what happens at carriers is for those above to say. When a request completes its numbers
 * are the account's, in service and not used yet. SPDX-License-Identifier: GPL-2.0-or-later
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common.h"
#include "db/change_log.h"
#include "db/id.h"
#include "kamailio_mod/routing/number.h"
#include "provisioning/outbox.h"
#include "resources.h"

#define STATES "unconfirmed|submitted|pending|scheduled|rejected|completed|canceled"

static const struct cx_field fields[] = {
    {.path = "name",
     .column = "name",
     .type = CX_STRING,
     .min = 1,
     .max = 128,
     .flags = CX_REQUIRED | CX_LIST},
    {.path = "port_state", .select = "t.port_state", .type = CX_STRING, .flags = CX_LIST},
    {.path = "numbers", .type = CX_OBJECT, .flags = CX_REQUIRED | CX_LIST},
    {.path = "numbers.*", .type = CX_OBJECT},
    {.path = "bill", .type = CX_OBJECT},
    {.path = "bill.*", .type = CX_STRING, .max = 128, .flags = CX_LINE},
    {.path = "notifications", .type = CX_OBJECT},
    {.path = "reference_number", .type = CX_STRING, .max = 128, .flags = CX_LINE | CX_LIST},
    {.path = "signee_name", .type = CX_STRING, .max = 128, .flags = CX_LINE},
    {.path = "signing_date", .type = CX_INTEGER, .min = 0, .max = 100000000000},
    {.path = "transfer_date", .type = CX_INTEGER, .min = 0, .max = 100000000000, .flags = CX_LIST},
    {.path = "winning_carrier", .type = CX_STRING, .max = 128, .flags = CX_LINE},
};

static int taken(struct cx_request *r, const char *number)
{
    char path[64];

    snprintf(path, sizeof(path), "numbers.%s", number);
    cx_invalid(r, path, "unique", NULL, "%s is here already, or in another port request", number);
    return 0;
}

/* Only E.164 numbers that nobody here has. */
static int check_number(struct cx_request *r, const char *number)
{
    struct cx_value params[] = {cx_text(cx_ascii(number))};
    char path[64];
    size_t n = strlen(number);
    int err;

    if (number[0] != '+' || n < 7 || n > 16 || strspn(number + 1, "0123456789") != n - 1) {
        snprintf(path, sizeof(path), "numbers.%.40s", number);
        cx_invalid(r, path, "format", NULL, "%.40s is not an E.164 number", number);
        return 0;
    }
    err = cx_db_exists(
        r->db, "SELECT 1 FROM phone_number WHERE number = ? AND account_id IS NOT NULL", params, 1);
    if (err == 0)
        return taken(r, number);
    return err == -ENOENT ? 0 : err;
}

/* Numbers are written in full and only before the request is on its way. */
static int before(struct cx_request *r, struct cx_write *w)
{
    json_t *numbers = cx_path_get(w->record->doc, "numbers"), *plain = json_object(), *value;
    const char *state = w->before ? cx_path_text(w->before->doc, "port_state", "") : "unconfirmed";
    const char *number;
    char text[CX_NUMBER_MAX];
    int err = 0;

    json_object_foreach(numbers, number, value)
    {
        struct cx_str s = cx_number_normalise(
            r->account.country, (struct cx_str){number, (uint32_t)strlen(number)}, text);
        if (err == 0)
            json_object_setn(plain, s.s, s.len, value);
    }
    if (json_object_size(plain) > 0)
        json_object_set(w->record->doc, "numbers", plain);
    else if (json_is_object(numbers))
        cx_invalid(r, "numbers", "minProperties", NULL, "At least one number is wanted");
    if (!w->before || !json_equal(plain, cx_path_get(w->before->doc, "numbers"))) {
        if (strcmp(state, "unconfirmed") != 0 && strcmp(state, "rejected") != 0)
            cx_invalid(r, "numbers", "forbidden", NULL, "The request is on its way");
        json_object_foreach(plain, number, value)
        {
            if (err == 0)
                err = check_number(r, number);
        }
    }
    json_decref(plain);
    if (!w->before)
        json_object_set_new(w->record->doc, "pvt_history",
                            json_pack("[{s:s, s:s, s:I}]", "state", "unconfirmed", "by", r->user_id,
                                      "timestamp", (json_int_t)r->now));
    return err;
}

static int after(struct cx_request *r, struct cx_write *w)
{
    json_t *value;
    const char *number;
    int err = cx_db_exec(r->db, "DELETE FROM port_number WHERE port_request_id = ?",
                         (struct cx_value[]){cx_text(w->record->id)}, 1, NULL);

    json_object_foreach(cx_path_get(w->record->doc, "numbers"), number, value)
    {
        if (err == 0)
            err =
                cx_db_exec(r->db, "INSERT INTO port_number (number, port_request_id) VALUES (?,?)",
                           (struct cx_value[]){cx_text(number), cx_text(w->record->id)}, 2, NULL);
        if (err == -EEXIST) {
            taken(r, number);
            return cx_check(r);
        }
    }
    return err;
}

/* What is on its way at a carrier does not just vanish here. */
static int removing(struct cx_request *r, const struct cx_record *record)
{
    const char *state = cx_path_text(record->doc, "port_state", "");

    if (strcmp(state, "unconfirmed") == 0 || strcmp(state, "rejected") == 0 ||
        strcmp(state, "canceled") == 0)
        return 0;
    cx_invalid(r, "port_state", "forbidden", NULL, "A %s request cannot be deleted", state);
    return cx_check(r);
}

static json_t *told(const json_t *list)
{
    json_t *out = json_array(), *item;
    size_t i;

    json_array_foreach(list, i, item)
    {
        json_t *copy = json_deep_copy(item);
        json_object_set_new(
            copy, "timestamp",
            json_integer(json_integer_value(json_object_get(item, "timestamp")) + CX_GREGORIAN));
        json_object_del(copy, "file");
        json_array_append_new(out, copy);
    }
    return out;
}

/* Private keys of the document are kept beside it before they are concealed. */
static void opened(struct cx_record *record)
{
    static const char *const kept[] = {"pvt_history", "pvt_comments", "pvt_attachments"};

    for (size_t i = 0; i < CX_COUNT(kept); i++) {
        json_t *value = json_object_get(record->doc, kept[i]);
        if (value)
            json_object_set(record->priv, kept[i], value);
    }
}

static int describe(struct cx_request *r, struct cx_record *record)
{
    json_t *files = json_object_get(record->priv, "pvt_attachments"), *value;
    json_t *uploads = json_object();
    const char *name;

    (void)r;
    json_object_set_new(record->doc, "comments",
                        told(json_object_get(record->priv, "pvt_comments")));
    json_object_foreach(files, name, value)
    {
        json_t *copy = json_copy(value);
        json_object_del(copy, "file");
        json_object_set_new(uploads, name, copy);
    }
    json_object_set_new(record->doc, "uploads", uploads);
    json_object_set_new(record->doc, "created", json_integer(record->created + CX_GREGORIAN));
    json_object_set_new(record->doc, "updated", json_integer(record->modified + CX_GREGORIAN));
    return 0;
}

static void summary(struct cx_request *r, const struct cx_record *record, json_t *row)
{
    (void)r;
    json_object_set_new(row, "created", json_integer(record->created + CX_GREGORIAN));
    json_object_set_new(row, "updated", json_integer(record->modified + CX_GREGORIAN));
}

const struct cx_resource cx_ports = {
    .name = "port_requests",
    .table = "port_request",
    .fields = fields,
    .field_count = CX_COUNT(fields),
    .opened = opened,
    .before = before,
    .after = after,
    .removing = removing,
    .describe = describe,
    .summary = summary,
};

/* ---- changes of one request that are no writes of its document */

struct change {
    struct cx_request *r;
    const char *state;  /* new state, or NULL */
    json_t *comment;    /* to add, or NULL */
    const char *name;   /* attachment to set or remove, or NULL */
    json_t *attachment; /* NULL: remove */
    char old_file[128]; /* what was there */
    bool clear_comments;
    const char *drop_comment;
};

static int give_numbers(struct cx_request *r, const struct cx_record *record)
{
    json_t *value;
    const char *number;
    uint64_t n;

    json_object_foreach(cx_path_get(record->doc, "numbers"), number, value)
    {
        struct cx_value params[] = {cx_text(number), cx_text(r->account.id), cx_int(r->now),
                                    cx_int(r->now)};
        int err = cx_db_exec(
            r->db,
            "INSERT INTO phone_number (number, account_id, state, created, modified) VALUES (?, ?, "
            "'in_service', ?, ?) ON DUPLICATE KEY UPDATE state = IF(account_id IS NULL, "
            "'in_service', state), revision = revision + 1, modified = VALUES(modified), "
            "account_id "
            "= COALESCE(account_id, VALUES(account_id))",
            params, 4, &n);
        if (err == 0)
            err = cx_change_append(r->db, r->account.id, "phone_number", number, "create",
                                   r->user_id);
        if (err < 0)
            return err;
    }
    return 0;
}

/* May it go from one state to the other, and may this caller say so? */
static bool may_go(const struct cx_request *r, const char *from, const char *to)
{
    static const struct {
        const char *from, *to;
        bool own; /* the account itself may */
    } steps[] = {
        {"unconfirmed", "submitted", true}, {"unconfirmed", "canceled", true},
        {"submitted", "pending", false},    {"submitted", "rejected", false},
        {"submitted", "canceled", true},    {"submitted", "scheduled", false},
        {"pending", "scheduled", false},    {"pending", "rejected", false},
        {"pending", "canceled", false},     {"pending", "completed", false},
        {"scheduled", "completed", false},  {"scheduled", "rejected", false},
        {"scheduled", "canceled", false},   {"rejected", "submitted", true},
        {"rejected", "canceled", true},
    };
    bool above = r->master || strcmp(r->account.id, r->token_account) != 0;

    for (size_t i = 0; i < CX_COUNT(steps); i++)
        if (strcmp(steps[i].from, from) == 0 && strcmp(steps[i].to, to) == 0)
            return steps[i].own || above;
    return false;
}

static void tell_by_mail(struct cx_request *r, const struct cx_record *record, const char *state)
{
    const json_t *to = cx_path_get(record->doc, "notifications.email.send_to"), *one;
    size_t n = json_is_array(to) ? json_array_size(to) : to ? 1 : 0;
    char subject[256], text[1024];

    snprintf(subject, sizeof(subject), "Port request %s: %s", cx_path_text(record->doc, "name", ""),
             state);
    snprintf(text, sizeof(text), "The port request \"%s\" of %s is now: %s.\n",
             cx_path_text(record->doc, "name", ""), r->account.name, state);
    for (size_t i = 0; i < n; i++) {
        one = json_is_array(to) ? json_array_get(to, i) : to;
        if (json_is_string(one) && strchr(json_string_value(one), '@'))
            cx_outbox_mail(r, r->account.id, json_string_value(one), subject, text);
    }
}

static int change_state(struct change *change, struct cx_record *record)
{
    struct cx_request *r = change->r;
    const char *from = cx_path_text(record->doc, "port_state", "");
    json_t *history = json_object_get(record->doc, "pvt_history");
    int err = 0;

    if (!may_go(r, from, change->state)) {
        cx_invalid(r, "port_state", "forbidden", NULL, "A request that is %s cannot become %s%s",
                   from, change->state, r->master ? "" : " by you");
        return cx_check(r);
    }
    if (!json_is_array(history)) {
        history = json_array();
        json_object_set_new(record->doc, "pvt_history", history);
    }
    json_array_append_new(history,
                          json_pack("{s:s, s:s, s:s, s:I}", "state", change->state, "from", from,
                                    "by", r->user_id, "timestamp", (json_int_t)r->now));
    if (strcmp(change->state, "completed") == 0)
        err = give_numbers(r, record);
    if (err == 0 &&
        (strcmp(change->state, "completed") == 0 || strcmp(change->state, "canceled") == 0))
        err = cx_db_exec(r->db, "DELETE FROM port_number WHERE port_request_id = ?",
                         (struct cx_value[]){cx_text(record->id)}, 1, NULL);
    if (err == 0)
        err = cx_db_exec(r->db, "UPDATE port_request SET port_state = ? WHERE id = ?",
                         (struct cx_value[]){cx_text(change->state), cx_text(record->id)}, 2, NULL);
    if (err == 0)
        tell_by_mail(r, record, change->state);
    return err;
}

static void change_comments(struct change *change, struct cx_record *record)
{
    json_t *comments = json_object_get(record->doc, "pvt_comments"), *comment;
    size_t i;

    if (!json_is_array(comments)) {
        comments = json_array();
        json_object_set_new(record->doc, "pvt_comments", comments);
    }
    if (change->comment)
        json_array_append(comments, change->comment);
    if (change->clear_comments)
        json_array_clear(comments);
    json_array_foreach(comments, i, comment)
    {
        if (change->drop_comment &&
            strcmp(cx_path_text(comment, "id", ""), change->drop_comment) == 0) {
            json_array_remove(comments, i);
            break;
        }
    }
}

static void change_attachment(struct change *change, struct cx_record *record)
{
    json_t *files = json_object_get(record->doc, "pvt_attachments");

    if (!json_is_object(files)) {
        files = json_object();
        json_object_set_new(record->doc, "pvt_attachments", files);
    }
    snprintf(change->old_file, sizeof(change->old_file), "%s",
             json_string_value(json_object_get(json_object_get(files, change->name), "file"))
                 ? json_string_value(json_object_get(json_object_get(files, change->name), "file"))
                 : "");
    if (change->attachment)
        json_object_set(files, change->name, change->attachment);
    else
        json_object_del(files, change->name);
}

static int apply(struct cx_db *db, void *arg)
{
    struct change *change = arg;
    struct cx_request *r = change->r;
    struct cx_record record;
    int err = cx_record_load(r, &cx_ports, r->segments[3], true, &record);

    (void)db;
    if (err == -ENOENT)
        return cx_not_found(r, r->segments[3]);
    if (err == 0 && change->state)
        err = change_state(change, &record);
    if (err == 0 && (change->comment || change->clear_comments || change->drop_comment))
        change_comments(change, &record);
    if (err == 0 && change->name)
        change_attachment(change, &record);
    if (err == 0)
        err = cx_record_update(r, &cx_ports, &record);
    if (err == 0)
        err =
            cx_change_append(r->db, r->account.id, "port_request", record.id, "update", r->user_id);
    cx_record_free(&record);
    return err;
}

static int run(struct change *change)
{
    struct cx_request *r = change->r;
    const char *id = r->segments[3];

    return cx_id_is_valid(id) ? cx_db_transaction(r->db, apply, change) : cx_not_found(r, id);
}

static bool is_state(const char *text)
{
    size_t n = strlen(text);

    for (const char *p = STATES; *p; p += *p == '|') {
        size_t len = strcspn(p, "|");
        if (len == n && memcmp(p, text, n) == 0)
            return true;
        p += len;
    }
    return false;
}

static json_t *comment_of(struct cx_request *r, const char *text)
{
    char id[33];

    cx_id_new(id);
    return json_pack("{s:s, s:s, s:s, s:s, s:I, s:b}", "id", id, "content", text, "author",
                     r->admin ? r->user_id : "", "account_id", r->token_account, "timestamp",
                     (json_int_t)r->now, "superduper_comment", 0);
}

/* PATCH port_requests/{id}/{state}?reason=... */
static int set_state(struct cx_request *r)
{
    struct change change = {.r = r, .state = r->segments[4]};
    const char *reason = cx_path_text(r->data, "reason", cx_query(r, "reason"));
    int err;

    if (!is_state(change.state))
        return cx_not_found(r, change.state);
    if (reason)
        change.comment = comment_of(r, reason);
    err = run(&change);
    json_decref(change.comment);
    return err < 0 ? err : cx_engine_tell(r, &cx_ports, r->segments[3]);
}

static int tell_private(struct cx_request *r, const char *key)
{
    struct cx_record record;
    const char *id = r->segments[3];
    int err = cx_id_is_valid(id) ? cx_record_load(r, &cx_ports, id, false, &record) : -ENOENT;

    if (err == -ENOENT)
        return cx_not_found(r, id);
    if (err < 0)
        return err;
    cx_ok(r, 200, told(json_object_get(record.doc, key)));
    cx_record_free(&record);
    return 0;
}

static int timeline(struct cx_request *r)
{
    return tell_private(r, "pvt_history");
}

static int comments(struct cx_request *r)
{
    return tell_private(r, "pvt_comments");
}

/* {comments: [{content}]} or {content}. */
static int add_comment(struct cx_request *r)
{
    const char *text =
        cx_path_text(r->data, "comments.0.content", cx_path_text(r->data, "content", NULL));
    struct change change = {.r = r};
    int err;

    if (!text || !text[0] || strlen(text) > 8192) {
        cx_invalid(r, "content", text && text[0] ? "maxLength" : "required", NULL,
                   "A text of up to 8192 characters is wanted");
        return cx_check(r);
    }
    change.comment = comment_of(r, text);
    err = run(&change);
    json_decref(change.comment);
    if (err == 0)
        err = comments(r);
    r->status = err == 0 ? 201 : r->status;
    return err;
}

static int delete_comments(struct cx_request *r)
{
    struct change change = {.r = r, .clear_comments = r->segment_count == 5};
    int err;

    if (!change.clear_comments)
        change.drop_comment = r->segments[5];
    err = run(&change);
    return err < 0 ? err : comments(r);
}

/* ---- documents: PDF only, kept beside the account's other files */

static bool is_name(const char *name)
{
    size_t n = strlen(name);

    return n > 0 && n <= 100 && name[0] != '.' &&
           strspn(name, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._ -") == n;
}

static int write_file(struct cx_request *r, const char *key, const char *bytes, size_t n)
{
    char path[512];
    int fd, err = 0;

    snprintf(path, sizeof(path), "%s/%s", r->api->storage, r->account.id);
    mkdir(path, 0770);
    snprintf(path, sizeof(path), "%s/%s/port", r->api->storage, r->account.id);
    mkdir(path, 0770);
    snprintf(path, sizeof(path), "%s/%s", r->api->storage, key);
    fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0660);
    if (fd < 0)
        return -EIO;
    if (write(fd, bytes, n) != (ssize_t)n || fsync(fd) < 0)
        err = -EIO;
    close(fd);
    return err;
}

static int attach(struct cx_request *r)
{
    const char *name = r->segment_count > 5 ? r->segments[5] : cx_query(r, "filename");
    struct change change = {.r = r, .name = name};
    char id[33], key[128];
    int err;

    if (!name || !is_name(name)) {
        cx_invalid(r, "filename", name ? "pattern" : "required", NULL,
                   "A plain file name is wanted");
        return cx_check(r);
    }
    if (r->body_len < 5 || memcmp(r->body, "%PDF-", 5) != 0)
        return cx_fail(r, 415, "unsupported media type",
                       json_pack("{s:{s:s}}", "415", "message", "a PDF is wanted"));
    cx_id_new(id);
    snprintf(key, sizeof(key), "%s/port/%s.pdf", r->account.id, id);
    err = write_file(r, key, r->body, r->body_len);
    if (err < 0)
        return err;
    change.attachment = json_pack("{s:s, s:I, s:s, s:I}", "content_type", "application/pdf",
                                  "length", (json_int_t)r->body_len, "file", key, "created",
                                  (json_int_t)(r->now + CX_GREGORIAN));
    err = run(&change);
    json_decref(change.attachment);
    cx_remove_file(r, err < 0 ? key : change.old_file);
    return err < 0 ? err : cx_ok(r, r->verb == CX_PUT ? 201 : 200, json_pack("{s:s}", "id", name));
}

static int get_attachment(struct cx_request *r)
{
    struct cx_record record;
    const char *id = r->segments[3], *name = r->segments[5], *key;
    int err = cx_id_is_valid(id) ? cx_record_load(r, &cx_ports, id, false, &record) : -ENOENT;

    if (err == -ENOENT)
        return cx_not_found(r, id);
    if (err < 0)
        return err;
    key = json_string_value(json_object_get(
        json_object_get(json_object_get(record.doc, "pvt_attachments"), name), "file"));
    err = key ? cx_reply_file(r, key, "application/pdf", is_name(name) ? name : "document.pdf")
              : cx_not_found(r, name);
    cx_record_free(&record);
    return err;
}

static int delete_attachment(struct cx_request *r)
{
    struct change change = {.r = r, .name = r->segments[5]};
    int err = run(&change);

    if (err < 0)
        return err;
    cx_remove_file(r, change.old_file);
    return cx_ok(r, 200, json_object());
}

/* ---- lists */

static int list_by(struct cx_request *r, const char *state)
{
    const char *number = cx_ascii(cx_query(r, "by_number"));
    struct cx_value params[2];

    if (state) {
        params[0] = cx_text(cx_ascii(state));
        return cx_engine_list_where(r, &cx_ports, " AND t.port_state = ?", params, 1);
    }
    if (number) {
        params[0] = cx_text(number);
        return cx_engine_list_where(
            r, &cx_ports,
            " AND EXISTS(SELECT 1 FROM port_number p WHERE p.port_request_id "
            "= t.id AND p.number = ?)",
            params, 1);
    }
    return cx_engine_list_where(r, &cx_ports, "", NULL, 0);
}

static int list(struct cx_request *r)
{
    return list_by(r, NULL);
}

static int list_or_get(struct cx_request *r)
{
    return is_state(r->segments[3]) ? list_by(r, r->segments[3])
                                    : cx_engine_tell(r, &cx_ports, r->segments[3]);
}

/* When each was submitted: an array of {id, transition}. */
static int last_submitted(struct cx_request *r)
{
    return list_by(r, "submitted");
}

static int add_below(void *arg, const struct cx_value *c, size_t n)
{
    (void)n;
    return json_array_append_new(
        arg, json_pack("{s:s, s:s, s:s, s:s, s:o, s:I, s:I}", "id", c[0].s, "account_id", c[1].s,
                       "name", c[2].s, "port_state", c[3].s, "numbers",
                       c[4].type == CX_TEXT ? json_loadb(c[4].s, c[4].len, 0, NULL) : json_object(),
                       "created", (json_int_t)(c[5].i + CX_GREGORIAN), "updated",
                       (json_int_t)(c[6].i + CX_GREGORIAN)));
}

/* Those of the accounts below (not of this one), for those who work on them. */
static int descendants(struct cx_request *r)
{
    const char *top = r->account.id[0] ? r->account.id : r->token_account;
    const char *state = r->segment_count > 4 ? r->segments[4] : NULL;
    json_t *rows = json_array();
    int err = cx_db_query(
        r->db,
        "WITH RECURSIVE down AS (SELECT id, 0 AS n FROM account WHERE id = ? UNION ALL SELECT "
        "a.id, "
        "down.n + 1 FROM account a JOIN down ON a.parent_id = down.id WHERE down.n < 64) SELECT "
        "p.id, p.account_id, p.name, p.port_state, JSON_QUERY(p.doc, '$.numbers'), p.created, "
        "p.modified FROM port_request p JOIN down ON down.id = p.account_id WHERE down.n > 0 AND "
        "(? "
        "IS NULL OR p.port_state = ?) ORDER BY p.created, p.id LIMIT 10000",
        (struct cx_value[]){cx_text(top), cx_text(cx_ascii(state)), cx_text(cx_ascii(state))}, 3,
        add_below, rows);

    if (err < 0) {
        json_decref(rows);
        return err;
    }
    cx_reply_extra(r, "page_size", json_integer((json_int_t)json_array_size(rows)));
    return cx_ok(r, 200, rows);
}

/* Numbers are only looked at by their form: no register of carriers is asked. */
static int lookup(struct cx_request *r)
{
    json_t *numbers = json_object_get(r->data, "numbers"), *number, *out = json_array();
    char text[CX_NUMBER_MAX];
    size_t i;

    if (!json_is_array(numbers)) {
        json_decref(out);
        cx_invalid(r, "numbers", numbers ? "type" : "required", NULL,
                   "A list of numbers is wanted");
        return cx_check(r);
    }
    json_array_foreach(numbers, i, number)
    {
        const char *given = json_is_string(number) ? json_string_value(number) : "";
        struct cx_str s = cx_number_normalise(
            r->account.country, (struct cx_str){given, (uint32_t)strlen(given)}, text);
        json_array_append_new(out, json_pack("{s:s%, s:b}", "number", s.s, (size_t)s.len,
                                             "portability", s.len > 6 && s.s[0] == '+'));
    }
    return cx_ok(r, 200, json_pack("{s:o}", "numbers", out));
}

#define P "accounts/{}/port_requests"
const struct cx_route cx_routes_ports[] = {
    {.path = "port_requests", .handlers = {[CX_GET] = descendants}},
    {.path = "accounts/{}/descendants/port_requests", .handlers = {[CX_GET] = descendants}},
    {.path = "accounts/{}/descendants/port_requests/{}", .handlers = {[CX_GET] = descendants}},
    {.path = P, .handlers = {[CX_GET] = list, [CX_PUT] = cx_engine_create}, .resource = &cx_ports},
    {.path = P "/last_submitted", .handlers = {[CX_GET] = last_submitted}},
    {.path = P "/lnp_lookup", .handlers = {[CX_POST] = lookup}},
    {.path = P "/{}",
     .handlers = {[CX_GET] = list_or_get,
                  [CX_POST] = cx_engine_replace,
                  [CX_PATCH] = cx_engine_merge,
                  [CX_DELETE] = cx_engine_delete},
     .resource = &cx_ports},
    {.path = P "/{}/{}", .handlers = {[CX_PATCH] = set_state}},
    {.path = P "/{}/timeline", .handlers = {[CX_GET] = timeline}},
    {.path = P "/{}/comments",
     .handlers = {[CX_GET] = comments, [CX_PUT] = add_comment, [CX_DELETE] = delete_comments}},
    {.path = P "/{}/comments/{}", .handlers = {[CX_DELETE] = delete_comments}},
    {.path = P "/{}/attachments", .handlers = {[CX_PUT] = attach}, .flags = CX_ROUTE_RAW_BODY},
    {.path = P "/{}/attachments/{}",
     .handlers = {[CX_GET] = get_attachment,
                  [CX_POST] = attach,
                  [CX_PUT] = attach,
                  [CX_DELETE] = delete_attachment},
     .flags = CX_ROUTE_RAW_BODY},
    {.path = NULL},
};
