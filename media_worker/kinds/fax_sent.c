/*
 * fax_sent.c - what came of an attempt to send a fax: written back to its row (sent, failed, or to
 * be tried again), and told by mail when it is over. The data file is empty: the facts are in the
 * sidecar. See kind.h and fax/queue.h.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <time.h>

#include "db/change_log.h"
#include "media_worker/finish.h"
#include "media_worker/kind.h"
#include "media_worker/sidecar.h"

#define ACTOR "worker"

enum { RETRY_S = 300, RETRY_MAX_S = 3600, ADDRESSES_MAX = 20 };

static int measure(struct cx_finisher *f, const char *path, int64_t bytes, json_t *s)
{
    (void)f, (void)path, (void)bytes, (void)s;
    return 1;
}

static int store(struct cx_finisher *f, const char *path, json_t *s)
{
    (void)f, (void)path, (void)s;
    return 0;
}

struct row {
    const json_t *sidecar;
    bool found, waiting; /* for this very attempt's result */
    int64_t retries;
    json_t *doc;
};

static int read_row(void *arg, const struct cx_value *c, size_t n)
{
    struct row *r = arg;

    (void)n;
    r->found = true;
    r->waiting =
        strcmp(c[0].s, "processing") == 0 && c[1].i == cx_sidecar_int(r->sidecar, "attempt");
    r->retries = c[2].i;
    r->doc = json_loadb(c[3].s, c[3].len, 0, NULL);
    return 0;
}

/* 5 min, 10, 20 ... an hour. */
static int64_t pause_after(int64_t attempt)
{
    int64_t pause = RETRY_S;

    while (--attempt > 0 && pause < RETRY_MAX_S)
        pause *= 2;
    return pause < RETRY_MAX_S ? pause : RETRY_MAX_S;
}

static int write_back(struct cx_db *db, struct row *r)
{
    const json_t *s = r->sidecar, *result = json_object_get(s, "tx_result");
    const char *id = cx_sidecar_text(s, "fax_id");
    int64_t attempt = cx_sidecar_int(s, "attempt"), now = (int64_t)time(NULL);
    bool good = json_is_true(json_object_get(result, "success"));
    bool over = good || json_is_true(json_object_get(s, "final")) || attempt > r->retries;
    struct cx_value line = cx_text(id);
    char *doc = NULL;
    int err = -ENOMEM;

    if (!json_is_object(r->doc)) {
        json_decref(r->doc);
        r->doc = json_object();
    }
    if (json_object_set(r->doc, "tx_result", json_deep_copy(result)) == 0)
        doc = json_dumps(r->doc, JSON_COMPACT);
    if (doc) {
        struct cx_value params[] = {
            cx_text(over ? "outbox" : "outgoing"),
            cx_text(good   ? "completed"
                    : over ? "failed"
                           : "pending"),
            cx_int(json_integer_value(json_object_get(result, "pages_sent"))),
            over ? cx_null() : cx_int(now + pause_after(attempt)),
            cx_text(doc),
            cx_int(now),
            cx_text(id)};
        err = cx_db_exec(db,
                         "UPDATE fax SET folder = ?, status = ?, pages = ?, retry_at = ?, "
                         "lease_until = NULL, lease_by = NULL, doc = ?, modified = ?, revision = "
                         "revision + 1 WHERE id = ?",
                         params, sizeof(params) / sizeof(*params), NULL);
    }
    free(doc);
    if (err == 0)
        err = cx_db_exec(db, "DELETE FROM fax_line WHERE fax_id = ?", &line, 1, NULL);
    return err < 0
               ? err
               : cx_change_append(db, cx_sidecar_text(s, "account_id"), "fax", id, "update", ACTOR);
}

static int update(struct cx_db *db, void *arg)
{
    struct row r = {.sidecar = arg};
    struct cx_value which[] = {cx_text(cx_sidecar_text(arg, "fax_id")),
                               cx_text(cx_sidecar_text(arg, "account_id"))};
    int err = cx_db_query(db,
                          "SELECT status, attempts, retries, doc FROM fax WHERE id = ? AND "
                          "account_id = ? FOR UPDATE",
                          which, 2, read_row, &r);

    /* deleted since, written already, or somebody else's by now: nothing to do */
    if (err == 0 && r.found && r.waiting)
        err = write_back(db, &r);
    json_decref(r.doc);
    return err;
}

static int row(struct cx_db *db, const json_t *s)
{
    int err = cx_db_transaction(db, update, (void *)s);

    return err < 0 ? err : 1;
}

static void homeless(struct cx_finisher *f, const json_t *s, char *reason, size_t size)
{
    (void)f, (void)s;
    snprintf(reason, size, "its row is gone");
}

/* ---- the report */

struct report {
    bool over, good;
    char to[65], name[129], box[513];
    int64_t pages, attempts, attempt;
    char *addresses[ADDRESSES_MAX];
    size_t count;
};

static void add_address(struct report *r, const char *address)
{
    if (!address || !*address || r->count == ADDRESSES_MAX)
        return;
    for (size_t i = 0; i < r->count; i++)
        if (strcasecmp(r->addresses[i], address) == 0)
            return;
    r->addresses[r->count] = strdup(address);
    if (r->addresses[r->count])
        r->count++;
}

static void add_addresses(struct report *r, const json_t *to)
{
    add_address(r, json_string_value(to));
    for (size_t i = 0; i < json_array_size(to); i++)
        add_address(r, json_string_value(json_array_get(to, i)));
}

/* folder, status, to, to_name, pages, attempts, doc, faxbox's name, doc, owner's e-mail */
static int read_report(void *arg, const struct cx_value *c, size_t n)
{
    struct report *r = arg;
    json_t *doc = json_loadb(c[6].s, c[6].len, 0, NULL), *to = NULL;
    json_t *box = c[8].type == CX_TEXT ? json_loadb(c[8].s, c[8].len, 0, NULL) : NULL;

    (void)n;
    r->over = strcmp(c[0].s, "outbox") == 0 && c[5].i == r->attempt;
    r->good = strcmp(c[1].s, "completed") == 0;
    snprintf(r->to, sizeof(r->to), "%s", c[2].s);
    snprintf(r->name, sizeof(r->name), "%s", c[3].s);
    r->pages = c[4].i;
    r->attempts = c[5].i;
    if (c[7].type == CX_TEXT)
        snprintf(r->box, sizeof(r->box), "%s", c[7].s);
    json_unpack(doc, "{s:{s:{s:o}}}", "notifications", "email", "send_to", &to);
    add_addresses(r, to);
    to = NULL;
    json_unpack(box, "{s:{s:{s:{s:o}}}}", "notifications", "outbound", "email", "send_to", &to);
    add_addresses(r, to);
    if (r->count == 0 && c[9].type == CX_TEXT)
        add_address(r, c[9].s);
    json_decref(doc);
    json_decref(box);
    return 0;
}

static enum cx_finish_result send_report(struct cx_finisher *f, const char *id, json_t *s,
                                         const struct report *r)
{
    json_t *result = json_object_get(s, "tx_result");
    const char *why = json_string_value(json_object_get(result, "error_message"));
    const char *remote = json_string_value(json_object_get(result, "fax_receiver_id"));
    char subject[400], text[2000], to[300];

    if (*r->name)
        snprintf(to, sizeof(to), "%s (%s)", r->name, r->to);
    else
        snprintf(to, sizeof(to), "%s", r->to);
    snprintf(subject, sizeof(subject), r->good ? "Fax sent to %s" : "Fax to %s failed", to);
    snprintf(text, sizeof(text),
             "%s%s%s.\r\n\r\nTo:       %s\r\nMachine:  %s\r\nPages:    %lld\r\nAttempts: "
             "%lld\r\n%s%s%s",
             r->good ? "The fax was sent" : "The fax could not be sent", *r->box ? " from " : "",
             r->box, to, remote && *remote ? remote : "-", (long long)r->pages,
             (long long)r->attempts, r->good ? "" : "Reason:   ",
             r->good ? ""
             : why   ? why
                     : "unknown",
             r->good ? "" : "\r\n");
    struct cx_finish_letter letter = {.from_name = "Fax", .subject = subject, .text = text};
    return cx_finish_letters(f, id, s, &letter, r->addresses, r->count);
}

static int mail(struct cx_finisher *f, const char *id, json_t *s)
{
    struct cx_value which[] = {cx_text(cx_sidecar_text(s, "fax_id")),
                               cx_text(cx_sidecar_text(s, "account_id"))};
    struct report r = {.attempt = cx_sidecar_int(s, "attempt")};
    int result = CX_FINISH_DONE, err;

    if (cx_monotonic_ms() < f->needs[CX_NEED_DATABASE].next_ms || cx_finisher_database(f) < 0)
        return CX_FINISH_WAIT;
    err = cx_db_query(f->db,
                      "SELECT f.folder, f.status, f.to_number, f.to_name, f.pages, f.attempts, "
                      "f.doc, b.name, b.doc, u.email FROM fax f LEFT JOIN faxbox b ON b.id = "
                      "f.faxbox_id AND b.account_id = f.account_id LEFT JOIN user u ON u.id = "
                      "COALESCE(f.owner_id, b.owner_id) WHERE f.id = ? AND f.account_id = ?",
                      which, 2, read_report, &r);
    if (err < 0)
        return cx_finisher_db_failed(f, id, err);
    f->needs[CX_NEED_DATABASE] = (struct cx_backoff){0};
    if (r.over)
        result = send_report(f, id, s, &r);
    for (size_t i = 0; i < r.count; i++)
        free(r.addresses[i]);
    return result;
}

static const struct cx_kind_text texts[] = {{"fax_id", 32, true}, {NULL, 0, false}};

const struct cx_kind cx_kind_fax_sent = {.name = "fax report",
                                         .folder = "fax_sent",
                                         .data = ".sent",
                                         .texts = texts,
                                         .measure = measure,
                                         .store = store,
                                         .row = row,
                                         .homeless = homeless,
                                         .mail = mail};
