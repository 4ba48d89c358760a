/*
 * faxes.c - faxes: received ones (inbox), those in the queue (outgoing), those that are through
 * (outbox), their documents, and the log of mails that wanted to be faxes.
 *
 * Admins see all of the account's, others their own. Sending: JSON with the document in base64
 * (document.content), or multipart with a JSON part and a document. Nothing is fetched by URL.
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include <openssl/evp.h>

#include "db/change_log.h"
#include "db/doc_type.h"
#include "db/fax.h"
#include "db/id.h"
#include "provisioning/mime.h"
#include "resources.h"

#define SELECT_SQL                                                                                 \
    "SELECT f.id, f.folder, f.status, f.from_number, f.from_name, f.to_number, f.to_name, "        \
    "f.pages, f.retries, f.attempts, f.retry_at, f.storage_key, f.content_type, f.doc, "           \
    "f.faxbox_id, f.owner_id, f.created, f.modified, f.call_id FROM fax f WHERE f.account_id = ? " \
    "AND (? OR f.owner_id = ?) AND f.folder = ?"

struct listing {
    struct cx_request *r;
    json_t *list;
    size_t page;
    const char *start;
    char next[33];
};

static int set_text(json_t *o, const char *key, struct cx_value v)
{
    return v.type == CX_TEXT ? json_object_set_new(o, key, json_stringn_nocheck(v.s, v.len)) : 0;
}

/* The whole document, as Kazoo's clients know it. */
static json_t *fax_json(const struct cx_value *c)
{
    static const char *const texts[] = {"id",        "folder",    "status", "from_number",
                                        "from_name", "to_number", "to_name"};
    json_t *o = json_loadb(c[13].s, c[13].len, 0, NULL);

    if (!json_is_object(o)) {
        json_decref(o);
        o = json_object();
    }
    for (size_t i = 0; i < CX_COUNT(texts); i++)
        set_text(o, texts[i], c[i]);
    set_text(o, "from", c[3]);
    set_text(o, "to", c[5]);
    set_text(o, "content_type", c[12]);
    set_text(o, "faxbox_id", c[14]);
    set_text(o, "owner_id", c[15]);
    if (c[18].len > 0)
        set_text(o, "call_id", c[18]);
    json_object_set_new(o, "pages", json_integer(c[7].i));
    json_object_set_new(o, "retries", json_integer(c[8].i));
    json_object_set_new(o, "attempts", json_integer(c[9].i));
    json_object_set_new(o, "created", json_integer(c[16].i + CX_GREGORIAN));
    if (c[10].type == CX_INT)
        json_object_set_new(o, "retry_after", json_integer(c[10].i + CX_GREGORIAN));
    return o;
}

static int add_fax(void *arg, const struct cx_value *c, size_t n)
{
    static const char *const kept[] = {
        "id",        "folder",    "status",   "from",      "to",        "created", "pages",
        "rx_result", "tx_result", "owner_id", "faxbox_id", "from_name", "to_name", "attempts"};
    struct listing *l = arg;
    struct cx_record record = {.created = c[16].i, .modified = c[17].i};
    json_t *row;

    (void)n;
    if (l->next[0] || (l->start && strcmp(c[0].s, l->start) != 0))
        return 0;
    l->start = NULL;
    record.doc = fax_json(c);
    row = json_object();
    if (!record.doc || !row) {
        json_decref(record.doc);
        json_decref(row);
        return -ENOMEM;
    }
    for (size_t i = 0; i < CX_COUNT(kept); i++)
        if (json_object_get(record.doc, kept[i]))
            json_object_set(row, kept[i], json_object_get(record.doc, kept[i]));
    if (cx_filter(l->r, &record)) {
        if (l->page > 0 && json_array_size(l->list) >= l->page)
            snprintf(l->next, sizeof(l->next), "%s", c[0].s);
        else
            json_array_append(l->list, row);
    }
    json_decref(row);
    json_decref(record.doc);
    return 0;
}

static int tell_list(struct cx_request *r, struct listing *l, int err)
{
    if (err < 0) {
        json_decref(l->list);
        return err;
    }
    cx_reply_extra(r, "page_size", json_integer((json_int_t)json_array_size(l->list)));
    if (l->next[0])
        cx_reply_extra(r, "next_start_key", json_string(l->next));
    return cx_ok(r, 200, l->list);
}

static int list(struct cx_request *r)
{
    struct listing l = {.r = r, .list = json_array(), .start = cx_query(r, "start_key")};
    struct cx_value params[] = {cx_text(r->account.id), cx_int(r->admin), cx_text(r->user_id),
                                cx_text(r->segments[3])};

    if (!cx_page_wanted(r, &l.page))
        l.start = NULL;
    return tell_list(
        r, &l,
        cx_db_query(r->db, SELECT_SQL " ORDER BY f.created DESC, f.id", params, 4, add_fax, &l));
}

/* ---- one fax */

struct found {
    json_t *doc;
    char key[256], type[65], status[32];
};

static int keep_fax(void *arg, const struct cx_value *c, size_t n)
{
    struct found *f = arg;

    (void)n;
    snprintf(f->key, sizeof(f->key), "%s", c[11].type == CX_TEXT ? c[11].s : "");
    snprintf(f->type, sizeof(f->type), "%s", c[12].type == CX_TEXT ? c[12].s : "");
    snprintf(f->status, sizeof(f->status), "%s", c[2].s);
    f->doc = fax_json(c);
    return f->doc ? 0 : -ENOMEM;
}

static int find(struct cx_request *r, bool lock, struct found *f)
{
    const char *id = r->segments[4];
    struct cx_value params[] = {cx_text(r->account.id), cx_int(r->admin), cx_text(r->user_id),
                                cx_text(r->segments[3]), cx_text(id)};
    int err;

    memset(f, 0, sizeof(*f));
    if (!cx_id_is_valid(id))
        return cx_not_found(r, id);
    err =
        cx_db_one(r->db, lock ? SELECT_SQL " AND f.id = ? FOR UPDATE" : SELECT_SQL " AND f.id = ?",
                  params, 5, keep_fax, f);
    return err == -ENOENT ? cx_not_found(r, id) : err;
}

static int get(struct cx_request *r)
{
    struct found f;
    int err = find(r, false, &f);

    return err < 0 ? err : cx_ok(r, 200, f.doc);
}

/* A received fax is kept as PDF and as the image it came as: the client may choose. */
static int attachment(struct cx_request *r)
{
    struct found f;
    char name[80], *dot;
    int err = find(r, false, &f);

    if (err < 0)
        return err;
    json_decref(f.doc);
    if (!f.key[0])
        return cx_not_found(r, "attachment");
    dot = strrchr(f.key, '.');
    if (strcmp(r->segments[3], "inbox") == 0 && dot && r->accept &&
        strstr(r->accept, "image/tiff")) {
        strcpy(dot, ".tif");
        strcpy(f.type, "image/tiff");
    }
    snprintf(name, sizeof(name), "%.32s%s", r->segments[4],
             strcmp(f.type, "image/tiff") == 0        ? ".tif"
             : strcmp(f.type, "application/pdf") == 0 ? ".pdf"
                                                      : "");
    return cx_reply_file(r, f.key, f.type[0] ? f.type : "application/octet-stream", name);
}

static void remove_files(struct cx_request *r, const struct found *f)
{
    char other[256], *dot;

    if (!f->key[0])
        return;
    cx_remove_file(r, f->key);
    snprintf(other, sizeof(other), "%s", f->key);
    dot = strrchr(other, '.');
    if (dot && strcmp(dot, ".pdf") == 0) {
        strcpy(dot, ".tif");
        cx_remove_file(r, other);
    }
}

struct change {
    struct cx_request *r;
    struct found found;
    const char *sql; /* with the id */
    const char *action;
    bool idle; /* only when it is not being sent now */
};

static int change(struct cx_db *db, void *arg)
{
    struct change *c = arg;
    struct cx_request *r = c->r;
    struct cx_value id = cx_text(r->segments[4]);
    int err;

    json_decref(c->found.doc);
    err = find(r, true, &c->found);
    if (err < 0)
        return err;
    if (c->idle && strcmp(c->found.status, "processing") == 0)
        return cx_fail(r, 409, "being sent now",
                       json_pack("{s:{s:s}}", "status", "message", "wait until the call is over"));
    err = cx_db_exec(db, c->sql, &id, 1, NULL);
    return err < 0
               ? err
               : cx_change_append(db, r->account.id, "fax", r->segments[4], c->action, r->user_id);
}

static int remove_fax(struct cx_request *r)
{
    struct change c = {
        .r = r, .sql = "DELETE FROM fax WHERE id = ?", .action = "delete", .idle = true};
    int err = cx_db_transaction(r->db, change, &c);

    if (err < 0) {
        json_decref(c.found.doc);
        return err;
    }
    remove_files(r, &c.found);
    return cx_ok(r, 200, c.found.doc);
}

static int remove_attachment(struct cx_request *r)
{
    struct change c = {.r = r,
                       .sql = "UPDATE fax SET storage_key = NULL, size_bytes = NULL, revision = "
                              "revision + 1 WHERE id = ?",
                       .action = "update",
                       .idle = true};
    int err = cx_db_transaction(r->db, change, &c);

    if (err < 0) {
        json_decref(c.found.doc);
        return err;
    }
    remove_files(r, &c.found);
    return cx_ok(r, 200, c.found.doc);
}

/* PUT outbox/{id} {action: "resubmit"}: the same fax goes into the queue again. */
static int resubmit(struct cx_request *r)
{
    const char *action = json_string_value(json_object_get(r->envelope, "action"));
    struct change c = {.r = r,
                       .sql = "UPDATE fax SET folder = 'outgoing', status = 'pending', attempts = "
                              "0, retry_at = NULL, lease_until = NULL, lease_by = NULL, revision = "
                              "revision + 1 WHERE id = ?",
                       .action = "update"};
    int err;

    if (!action)
        action = json_string_value(json_object_get(r->data, "action"));
    if (!action || strcmp(action, "resubmit") != 0) {
        cx_invalid(r, "action", "enum", NULL, "resubmit is the only action");
        return cx_check(r);
    }
    err = find(r, false, &c.found);
    if (err == 0 && !c.found.key[0]) {
        json_decref(c.found.doc);
        return cx_fail(r, 409, "no document",
                       json_pack("{s:{s:s}}", "attachment", "message", "it was removed"));
    }
    if (err == 0)
        err = cx_db_transaction(r->db, change, &c);
    if (err < 0) {
        json_decref(c.found.doc);
        return err;
    }
    json_object_set_new(c.found.doc, "folder", json_string("outgoing"));
    json_object_set_new(c.found.doc, "status", json_string("pending"));
    json_object_set_new(c.found.doc, "attempts", json_integer(0));
    return cx_ok(r, 200, c.found.doc);
}

/* ---- sending */

struct sending {
    struct cx_request *r;
    json_t *data;
    char *document; /* decoded */
    size_t size;
    char id[33], key[128], to[40], from[40], faxbox[33], owner[33];
    int retries;
    json_t *doc;
};

static int decode_base64(struct cx_request *r, const char *text, struct sending *s)
{
    const char *comma = strncmp(text, "data:", 5) == 0 ? strchr(text, ',') : NULL;
    char *packed = strdup(comma ? comma + 1 : text);
    size_t n = 0;
    int got = -1;

    if (!packed)
        return -ENOMEM;
    for (char *p = packed; *p; p++)
        if (!strchr(" \r\n\t", *p))
            packed[n++] = *p;
    packed[n] = '\0';
    s->document = malloc(n + 4);
    if (s->document && n > 0 && n % 4 == 0)
        got = EVP_DecodeBlock((unsigned char *)s->document, (unsigned char *)packed, (int)n);
    for (size_t i = n; got > 0 && i > 0 && packed[i - 1] == '=' && n - i < 2; i--)
        got--;
    free(packed);
    if (got < 0) {
        cx_invalid(r, "document.content", "format", NULL, "The document in base64 is wanted");
        return cx_check(r);
    }
    s->size = (size_t)got;
    return 0;
}

static int read_json(struct cx_request *r, struct sending *s)
{
    const char *content;
    int err = cx_request_parse_body(r);

    if (err < 0)
        return err;
    s->data = json_incref(r->data);
    content = json_string_value(cx_path_get(r->data, "document.content"));
    if (!content) {
        if (cx_path_get(r->data, "document.url"))
            cx_invalid(r, "document.url", "invalid", NULL,
                       "Documents are not fetched: send it as document.content or as multipart");
        else
            cx_invalid(r, "document.content", "required", NULL, "Field is required");
        return cx_check(r);
    }
    return decode_base64(r, content, s);
}

static int read_multipart(struct cx_request *r, struct sending *s)
{
    struct cx_mime mime;
    int err = cx_mime_parse(r->body, r->body_len, r->content_type, &mime);
    json_t *envelope = NULL;

    if (err == -ENOMEM)
        return err;
    for (size_t i = 0; err == 0 && i < mime.count; i++) {
        struct cx_mime_part *p = &mime.parts[i];
        if (strcmp(p->type, "application/json") == 0 && !envelope) {
            envelope = json_loadb(p->data, p->size, JSON_REJECT_DUPLICATES, NULL);
        } else if (!s->document) {
            s->document = p->data;
            s->size = p->size;
            p->data = NULL;
        }
    }
    if (err == 0)
        cx_mime_free(&mime);
    if (json_is_object(envelope) && !cx_json_too_deep(envelope, 30)) {
        json_t *data = json_object_get(envelope, "data");
        s->data = json_incref(json_is_object(data) ? data : envelope);
    }
    json_decref(envelope);
    if (!s->data || !s->document) {
        cx_invalid(r, "body", "invalid", NULL,
                   "Two parts are wanted: application/json and the document");
        return cx_check(r);
    }
    return 0;
}

static int keep_box(void *arg, const struct cx_value *c, size_t n)
{
    struct sending *s = arg;
    json_t *box = json_loadb(c[1].s, c[1].len, 0, NULL);

    (void)n;
    snprintf(s->owner, sizeof(s->owner), "%s", c[0].type == CX_TEXT ? c[0].s : "");
    if (!s->from[0])
        snprintf(s->from, sizeof(s->from), "%s", cx_path_text(box, "caller_id", ""));
    if (s->retries < 0 && json_is_integer(json_object_get(box, "retries")))
        s->retries = (int)json_integer_value(json_object_get(box, "retries"));
    json_decref(box);
    return 0;
}

static int read_box(struct cx_request *r, struct sending *s)
{
    const char *id = json_string_value(json_object_get(s->data, "faxbox_id"));
    int err;

    if (!id)
        return 0;
    snprintf(s->faxbox, sizeof(s->faxbox), "%s", id);
    err = cx_id_is_valid(id)
              ? cx_db_one(r->db, "SELECT owner_id, doc FROM faxbox WHERE id = ? AND account_id = ?",
                          (struct cx_value[]){cx_text(id), cx_text(r->account.id)}, 2, keep_box, s)
              : -ENOENT;
    if (err == -ENOENT || (err == 0 && !r->admin && strcmp(s->owner, r->user_id) != 0)) {
        cx_invalid(r, "faxbox_id", "not_found", json_object_get(s->data, "faxbox_id"),
                   "There is no such fax box");
        return 0;
    }
    return err;
}

static void number(struct cx_request *r, const char *key, bool wanted, const json_t *value,
                   char *to, size_t size)
{
    const char *text = json_string_value(value);

    if (!text || !*text) {
        if (wanted && !to[0])
            cx_invalid(r, key, "required", value, "Field is required");
    } else if (!cx_fax_number_read(text, to, size)) {
        cx_invalid(r, key, "format", value, "This is no number that can be dialled");
    }
}

static bool is_line(const json_t *value, size_t max)
{
    const char *text = json_string_value(value);

    return !value || (text && strlen(text) <= max && !strpbrk(text, "\r\n"));
}

static void check_addresses(struct cx_request *r, const json_t *to)
{
    size_t n = json_is_array(to) ? json_array_size(to) : to ? 1 : 0;

    for (size_t i = 0; i < n; i++) {
        const json_t *one = json_is_array(to) ? json_array_get(to, i) : to;
        if (!json_is_string(one) || !strchr(json_string_value(one), '@') || !is_line(one, 254) ||
            strpbrk(json_string_value(one), "<> "))
            cx_invalid(r, "notifications.email.send_to", "format", one,
                       "An address of e-mail is wanted");
    }
}

static int validate(struct cx_request *r, struct sending *s)
{
    const json_t *retries = json_object_get(s->data, "retries");
    int err;

    s->retries = -1;
    if (retries && (!json_is_integer(retries) || json_integer_value(retries) < 0 ||
                    json_integer_value(retries) > 4))
        cx_invalid(r, "retries", "maximum", retries, "A number from 0 to 4 is wanted");
    else if (retries)
        s->retries = (int)json_integer_value(retries);
    number(r, "from_number", false, json_object_get(s->data, "from_number"), s->from,
           sizeof(s->from));
    err = read_box(r, s);
    if (err < 0)
        return err;
    number(r, "to_number", true, json_object_get(s->data, "to_number"), s->to, sizeof(s->to));
    if (!s->faxbox[0] && !s->from[0])
        cx_invalid(r, "from_number", "required", NULL, "Field is required");
    if (!is_line(json_object_get(s->data, "to_name"), 128))
        cx_invalid(r, "to_name", "maxLength", NULL, "One line of up to 128 bytes");
    if (!is_line(json_object_get(s->data, "from_name"), 128))
        cx_invalid(r, "from_name", "maxLength", NULL, "One line of up to 128 bytes");
    check_addresses(r, cx_path_get(s->data, "notifications.email.send_to"));
    if (cx_document_sniff(s->document, s->size) == CX_DOC_UNKNOWN)
        cx_invalid(r, "document", "invalid", NULL,
                   "A PDF, TIFF, PNG, JPEG or plain text is wanted");
    if (s->retries < 0)
        s->retries = 1;
    if (!r->admin || !s->owner[0])
        snprintf(s->owner, sizeof(s->owner), "%s", r->admin ? "" : r->user_id);
    return cx_check(r);
}

static int insert(struct cx_db *db, void *arg)
{
    struct sending *s = arg;
    struct cx_request *r = s->r;
    char *doc = json_dumps(s->doc, JSON_COMPACT);
    struct cx_fax_request q = {
        .id = s->id,
        .account_id = r->account.id,
        .owner_id = s->owner[0] ? s->owner : NULL,
        .faxbox_id = s->faxbox[0] ? s->faxbox : NULL,
        .to_number = s->to,
        .to_name = json_string_value(json_object_get(s->data, "to_name")),
        .from_number = s->from,
        .from_name = json_string_value(json_object_get(s->data, "from_name")),
        .retries = s->retries,
        .storage_key = s->key,
        .content_type = cx_document_type(cx_document_sniff(s->document, s->size)),
        .size = (int64_t)s->size,
        .doc = doc,
        .actor = r->user_id};
    int err = doc ? cx_idempotent_begin(r) : -ENOMEM;

    if (err == 0) {
        err = cx_fax_insert(db, &q);
        if (err == 0) {
            cx_ok(r, 201,
                  json_pack("{s:s, s:s, s:s, s:s, s:s, s:s, s:s, s:i, s:i, s:O?}", "id", s->id,
                            "folder", "outgoing", "status", "pending", "to_number", s->to, "to",
                            s->to, "from_number", s->from, "from", s->from, "retries", s->retries,
                            "attempts", 0, "notifications",
                            json_object_get(s->data, "notifications")));
            err = cx_idempotent_end(r);
        }
    }
    free(doc);
    return err < 0 ? err : 0;
}

/* The document as it is kept: what the client sent without the content. */
static json_t *kept_doc(const struct sending *s)
{
    json_t *doc = json_deep_copy(s->data), *document = json_object_get(doc, "document");
    static const char *const columns[] = {"to_number", "to_name",   "from_number", "from_name",
                                          "retries",   "faxbox_id", "attempts",    "tx_result",
                                          "id",        "status",    "folder",      "owner_id"};

    if (json_is_object(document))
        json_object_del(document, "content");
    for (size_t i = 0; i < CX_COUNT(columns); i++)
        json_object_del(doc, columns[i]);
    return doc;
}

static int put(struct cx_request *r)
{
    struct sending s = {.r = r};
    bool multipart = strncasecmp(r->content_type, "multipart/", 10) == 0;
    int err = multipart ? read_multipart(r, &s) : read_json(r, &s);

    if (err == 0)
        err = validate(r, &s);
    if (err == 0) {
        cx_id_new(s.id);
        s.doc = kept_doc(&s);
        err = s.doc ? cx_fax_store(r->api->storage, r->account.id, s.id, s.document, s.size, s.key)
                    : -ENOMEM;
    }
    if (err == 0) {
        err = cx_db_transaction(r->db, insert, &s);
        /* refused, or a repetition that was answered already */
        if (err < 0 || cx_db_exists(r->db, "SELECT 1 FROM fax WHERE id = ?",
                                    (struct cx_value[]){cx_text(s.id)}, 1) == -ENOENT)
            cx_remove_file(r, s.key);
    }
    json_decref(s.data);
    json_decref(s.doc);
    free(s.document);
    return err;
}

/* ---- mails that wanted to be faxes */

#define LOG_SQL                                                                                    \
    "SELECT id, from_address, to_address, status, doc, created, faxbox_id FROM fax_smtplog WHERE " \
    "account_id = ?"

static json_t *log_json(const struct cx_value *c)
{
    json_t *o = json_loadb(c[4].s, c[4].len, 0, NULL);

    if (!json_is_object(o)) {
        json_decref(o);
        o = json_object();
    }
    set_text(o, "id", c[0]);
    set_text(o, "from", c[1]);
    set_text(o, "to", c[2]);
    set_text(o, "status", c[3]);
    set_text(o, "faxbox_id", c[6]);
    json_object_set_new(o, "created", json_integer(c[5].i + CX_GREGORIAN));
    return o;
}

static int add_log(void *arg, const struct cx_value *c, size_t n)
{
    struct listing *l = arg;

    (void)n;
    if (l->next[0] || (l->start && strcmp(c[0].s, l->start) != 0))
        return 0;
    l->start = NULL;
    if (l->page > 0 && json_array_size(l->list) >= l->page)
        snprintf(l->next, sizeof(l->next), "%s", c[0].s);
    else
        json_array_append_new(l->list, log_json(c));
    return 0;
}

static int list_log(struct cx_request *r)
{
    struct listing l = {.r = r, .list = json_array(), .start = cx_query(r, "start_key")};
    struct cx_value account = cx_text(r->account.id);

    if (!r->admin) {
        json_decref(l.list);
        return cx_forbidden(r);
    }
    if (!cx_page_wanted(r, &l.page))
        l.start = NULL;
    return tell_list(
        r, &l, cx_db_query(r->db, LOG_SQL " ORDER BY created DESC, id", &account, 1, add_log, &l));
}

static int keep_log(void *arg, const struct cx_value *c, size_t n)
{
    (void)n;
    *(json_t **)arg = log_json(c);
    return 0;
}

static int get_log(struct cx_request *r)
{
    const char *id = r->segments[4];
    json_t *found = NULL;
    int err;

    if (!r->admin)
        return cx_forbidden(r);
    err = cx_id_is_valid(id) ? cx_db_one(r->db, LOG_SQL " AND id = ?",
                                         (struct cx_value[]){cx_text(r->account.id), cx_text(id)},
                                         2, keep_log, &found)
                             : -ENOENT;
    if (err == -ENOENT)
        return cx_not_found(r, id);
    return err < 0 ? err : cx_ok(r, 200, found);
}

#define FOLDER(NAME)                                                                               \
    {.path = "accounts/{}/faxes/" NAME, .handlers = {[CX_GET] = list}},                            \
        {.path = "accounts/{}/faxes/" NAME "/{}",                                                  \
         .handlers = {[CX_GET] = get, [CX_DELETE] = remove_fax},                                   \
         .flags = CX_ROUTE_USER},                                                                  \
    {                                                                                              \
        .path = "accounts/{}/faxes/" NAME "/{}/attachment",                                        \
        .handlers = {[CX_GET] = attachment, [CX_DELETE] = remove_attachment},                      \
        .flags = CX_ROUTE_USER                                                                     \
    }

const struct cx_route cx_routes_faxes[] = {
    {.path = "accounts/{}/faxes",
     .handlers = {[CX_PUT] = put},
     .flags = CX_ROUTE_RAW_BODY | CX_ROUTE_USER},
    {.path = "accounts/{}/faxes/outgoing",
     .handlers = {[CX_GET] = list, [CX_PUT] = put},
     .flags = CX_ROUTE_RAW_BODY | CX_ROUTE_USER},
    {.path = "accounts/{}/faxes/outbox/{}",
     .handlers = {[CX_GET] = get, [CX_DELETE] = remove_fax, [CX_PUT] = resubmit},
     .flags = CX_ROUTE_USER},
    {.path = "accounts/{}/faxes/smtplog", .handlers = {[CX_GET] = list_log}},
    {.path = "accounts/{}/faxes/smtplog/{}", .handlers = {[CX_GET] = get_log}},
    FOLDER("inbox"),
    FOLDER("outbox"),
    FOLDER("outgoing"),
    FOLDER("incoming"),
    {.path = NULL},
};
