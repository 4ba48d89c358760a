/*
 * fax.c - a received fax: the image and its PDF in the storage, a row in the inbox, a mail to the
 * faxbox's people; also of one that failed, with the reason and the pages that came. See kind.h.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "db/change_log.h"
#include "db/id.h"
#include "media_worker/fax/document.h"
#include "media_worker/fax/report.h"
#include "media_worker/finish.h"
#include "media_worker/kind.h"
#include "media_worker/mail.h"
#include "media_worker/sidecar.h"
#include "media_worker/store.h"

#define ACTOR "worker"

enum { ADDRESSES_MAX = 20 };

static int measure(struct cx_finisher *f, const char *path, int64_t bytes, json_t *s)
{
    unsigned pages = bytes > 0 ? cx_document_pages(path) : 0;

    (void)f;
    if (json_object_set_new(s, "pages", json_integer(pages)))
        return -ENOMEM;
    /* the worker died: what it knew is lost, what came is not */
    if (!json_is_object(json_object_get(s, "rx_result")) &&
        json_object_set_new(s, "rx_result", cx_fax_report_cut_off(pages)))
        return -ENOMEM;
    return 1;
}

static bool succeeded(const json_t *s)
{
    return json_is_true(json_object_get(json_object_get(s, "rx_result"), "success"));
}

static void key_of(char key[128], const json_t *s, const char *ending)
{
    snprintf(key, 128, "%s/fax/%s%s", cx_sidecar_text(s, "account_id"), cx_sidecar_text(s, "id"),
             ending);
}

static int copy(FILE *out, void *arg)
{
    FILE *in = fopen(arg, "rbe");
    char buffer[65536];
    size_t n;
    int err = 0;

    if (!in)
        return errno == ENOENT ? -ENODATA : -errno;
    while (err == 0 && (n = fread(buffer, 1, sizeof(buffer), in)) > 0)
        if (fwrite(buffer, 1, n, out) != n)
            err = errno ? -errno : -EIO;
    if (ferror(in))
        err = -EIO;
    fclose(in);
    return err;
}

static int store(struct cx_finisher *f, const char *path, json_t *s)
{
    char pdf[CX_SPOOL_PATH], key[128];
    struct stat st;
    int err;

    if (cx_sidecar_int(s, "pages") == 0)
        return json_object_set_new(s, "size_bytes", json_integer(0)) ? -ENOMEM : 0;
    err = cx_spool_path(pdf, sizeof(pdf), f->folder, cx_sidecar_text(s, "id"), ".pdf");
    if (err == 0)
        err = cx_document_to_pdf(path, pdf);
    if (err < 0)
        return err;
    if (stat(pdf, &st) < 0)
        return -errno;
    key_of(key, s, ".tif");
    err = cx_store_put(f->config->storage, key, copy, (void *)path);
    key_of(key, s, ".pdf");
    if (err == 0)
        err = cx_store_put(f->config->storage, key, copy, pdf);
    if (err < 0)
        return err;
    unlink(pdf);
    return json_object_set_new(s, "size_bytes", json_integer(st.st_size)) ? -ENOMEM : 0;
}

static struct cx_value text_or_null(const char *text)
{
    return *text ? cx_text(text) : cx_null();
}

/* The user part of a SIP URI. */
static void number_in(const char *uri, char *out, size_t size)
{
    const char *at = strchr(uri, ':');

    at = at ? at + 1 : uri;
    snprintf(out, size, "%.*s", (int)strcspn(at, "@;>"), at);
}

static int insert(struct cx_db *db, void *arg)
{
    const json_t *s = arg;
    const char *account = cx_sidecar_text(s, "account_id"), *id = cx_sidecar_text(s, "id");
    json_t *doc = json_pack("{s:O, s:s}", "rx_result", json_object_get(s, "rx_result"), "call_id",
                            cx_sidecar_text(s, "call_id"));
    char *text = doc ? json_dumps(doc, JSON_COMPACT) : NULL, key[128], to[65];
    int64_t pages = cx_sidecar_int(s, "pages"), now = (int64_t)time(NULL);
    int err = -ENOMEM;

    key_of(key, s, ".pdf");
    number_in(cx_sidecar_text(s, "to_uri"), to, sizeof(to));
    if (text) {
        struct cx_value params[] = {cx_text(id),
                                    cx_text(account),
                                    text_or_null(cx_sidecar_text(s, "owner_id")),
                                    text_or_null(cx_sidecar_text(s, "faxbox_id")),
                                    cx_text(succeeded(s) ? "received" : "failed"),
                                    cx_text(cx_sidecar_text(s, "caller_id_number")),
                                    cx_text(cx_sidecar_text(s, "caller_id_name")),
                                    cx_text(to),
                                    cx_text(cx_sidecar_text(s, "call_id")),
                                    cx_int(pages),
                                    pages ? cx_text(key) : cx_null(),
                                    pages ? cx_text("application/pdf") : cx_null(),
                                    pages ? cx_int(cx_sidecar_int(s, "size_bytes")) : cx_null(),
                                    cx_text(text),
                                    cx_int(cx_sidecar_int(s, "started")),
                                    cx_int(now)};
        err = cx_db_exec(
            db,
            "INSERT INTO fax (id, account_id, owner_id, faxbox_id, folder, status, from_number, "
            "from_name, to_number, call_id, pages, storage_key, content_type, size_bytes, doc, "
            "created, modified) VALUES (?, ?, ?, ?, 'inbox', ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            params, sizeof(params) / sizeof(*params), NULL);
    }
    free(text);
    json_decref(doc);
    return err < 0 ? err : cx_change_append(db, account, "fax", id, "create", ACTOR);
}

static int row(struct cx_db *db, const json_t *s)
{
    int err = cx_db_transaction(db, insert, (void *)s);

    if (err == -EEXIST) /* an earlier try committed, and its worker did not live to note it */
        return 0;
    return err == 0 ? 1 : err;
}

static void homeless(struct cx_finisher *f, const json_t *s, char *reason, size_t size)
{
    char key[128];

    key_of(key, s, ".pdf");
    cx_store_remove(f->config->storage, key);
    key_of(key, s, ".tif");
    cx_store_remove(f->config->storage, key);
    snprintf(reason, size, "there is no account %s", cx_sidecar_text(s, "account_id"));
}

/* ---- the mail */

struct people {
    char box_name[513];
    char *addresses[ADDRESSES_MAX];
    size_t count;
};

static void add_address(struct people *p, const char *address)
{
    if (!address || !*address || p->count == ADDRESSES_MAX)
        return;
    for (size_t i = 0; i < p->count; i++)
        if (strcasecmp(p->addresses[i], address) == 0)
            return;
    p->addresses[p->count] = strdup(address);
    if (p->addresses[p->count])
        p->count++;
}

/* faxbox: name, doc; its owner's e-mail; the e-mail of the user that the callflow names */
static int read_people(void *arg, const struct cx_value *c, size_t n)
{
    struct people *p = arg;
    json_t *doc = c[1].type == CX_TEXT ? json_loadb(c[1].s, c[1].len, 0, NULL) : NULL, *to = NULL;

    (void)n;
    if (c[0].type == CX_TEXT)
        snprintf(p->box_name, sizeof(p->box_name), "%s", c[0].s);
    json_unpack(doc, "{s:{s:{s:{s:o}}}}", "notifications", "inbound", "email", "send_to", &to);
    add_address(p, json_string_value(to));
    for (size_t i = 0; i < json_array_size(to); i++)
        add_address(p, json_string_value(json_array_get(to, i)));
    if (p->count == 0 && c[2].type == CX_TEXT)
        add_address(p, c[2].s);
    if (p->count == 0 && c[3].type == CX_TEXT)
        add_address(p, c[3].s);
    json_decref(doc);
    return 0;
}

static int find_people(struct cx_db *db, const json_t *s, struct people *p)
{
    struct cx_value params[] = {text_or_null(cx_sidecar_text(s, "faxbox_id")),
                                text_or_null(cx_sidecar_text(s, "owner_id")),
                                cx_text(cx_sidecar_text(s, "account_id"))};

    memset(p, 0, sizeof(*p));
    /* of this account only, whatever the order said */
    return cx_db_query(
        db,
        "SELECT b.name, b.doc, o.email, u.email FROM account a LEFT JOIN faxbox b ON b.id = ? AND "
        "b.account_id = a.id LEFT JOIN user o ON o.id = b.owner_id LEFT JOIN user u ON u.id = ? "
        "AND u.account_id = a.id WHERE a.id = ?",
        params, 3, read_people, p);
}

struct letter_texts {
    char subject[1024], text[3000], path[CX_SPOOL_PATH], name[96];
};

static void write_letter(struct letter_texts *t, const struct cx_finisher *f, const json_t *s,
                         const struct people *p)
{
    const char *name = cx_sidecar_text(s, "caller_id_name"), *why = NULL, *remote = NULL;
    const char *number = cx_sidecar_text(s, "caller_id_number");
    json_t *result = json_object_get(s, "rx_result");
    time_t started = (time_t)cx_sidecar_int(s, "started");
    long pages = (long)cx_sidecar_int(s, "pages");
    char when[64], compact[32], key[128], from[300];
    struct tm tm = {0};
    bool good = succeeded(s);

    json_unpack(result, "{s:s, s:s}", "error_message", &why, "fax_receiver_id", &remote);
    gmtime_r(&started, &tm);
    strftime(when, sizeof(when), "%Y-%m-%d %H:%M:%S UTC", &tm);
    strftime(compact, sizeof(compact), "%Y%m%d-%H%M%S", &tm);
    if (*name && strcmp(name, number) != 0)
        snprintf(from, sizeof(from), "%s (%s)", name, number);
    else
        snprintf(from, sizeof(from), "%s", *number ? number : "an unknown number");
    snprintf(t->subject, sizeof(t->subject), good ? "New fax from %s" : "Failed fax from %s", from);
    snprintf(
        t->text, sizeof(t->text),
        "%s%s%s.\r\n\r\nFrom:     %s\r\nMachine:  %s\r\nReceived: %s\r\nPages:    %ld\r\n%s%s%s%s",
        good ? "A fax has come" : "A fax could not be received as a whole",
        *p->box_name ? " for " : "", p->box_name, from, remote && *remote ? remote : "-", when,
        pages, good ? "" : "Reason:   ",
        good  ? ""
        : why ? why
              : "unknown",
        good ? "" : "\r\n", pages ? "\r\nThe pages are attached.\r\n" : "");
    snprintf(t->name, sizeof(t->name), "fax-%s.pdf", compact);
    key_of(key, s, ".pdf");
    cx_spool_path(t->path, sizeof(t->path), f->config->storage, key, "");
}

static int mail(struct cx_finisher *f, const char *id, json_t *s)
{
    struct letter_texts *t;
    enum cx_finish_result result;
    struct people people;
    int err;

    if (cx_monotonic_ms() < f->needs[CX_NEED_DATABASE].next_ms || cx_finisher_database(f) < 0)
        return CX_FINISH_WAIT;
    err = find_people(f->db, s, &people);
    if (err < 0)
        return cx_finisher_db_failed(f, id, err);
    f->needs[CX_NEED_DATABASE] = (struct cx_backoff){0};
    t = calloc(1, sizeof(*t));
    if (t) {
        write_letter(t, f, s, &people);
        struct cx_finish_letter letter = {.from_name = "Fax",
                                          .subject = t->subject,
                                          .text = t->text,
                                          .file = cx_sidecar_int(s, "pages") ? t->path : NULL,
                                          .file_name = t->name,
                                          .file_type = "application/pdf"};
        result = cx_finish_letters(f, id, s, &letter, people.addresses, people.count);
    } else {
        result = CX_FINISH_RETRY;
    }
    free(t);
    for (size_t i = 0; i < people.count; i++)
        free(people.addresses[i]);
    return result;
}

static const char *const files[] = {".pdf", NULL};

/* lengths: the columns of fax */
static const struct cx_kind_text texts[] = {
    {"faxbox_id", 32, false},        {"owner_id", 32, false},       {"caller_id_name", 128, false},
    {"caller_id_number", 64, false}, {"from_uri", 255, false},      {"to_uri", 255, false},
    {"call_id", 255, false},         {"interaction_id", 64, false}, {NULL, 0, false}};

const struct cx_kind cx_kind_fax = {.name = "fax",
                                    .folder = "fax",
                                    .data = ".tif",
                                    .files = files,
                                    .texts = texts,
                                    .measure = measure,
                                    .store = store,
                                    .row = row,
                                    .homeless = homeless,
                                    .mail = mail};
