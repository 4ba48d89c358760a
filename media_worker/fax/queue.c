/*
 * queue.c - see queue.h. SPDX-License-Identifier: GPL-2.0-or-later
 */
#include <errno.h>
#include <jansson.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "../../db/db.h"
#include "../../db/id.h"
#include "../job.h"
#include "../log.h"
#include "../sidecar.h"
#include "../spool.h"
#include "document.h"
#include "queue.h"
#include "report.h"

enum {
    LOOK_MS = 1000,
    LEASE_S = 60,
    RENEW_S = 15,
    OF_WORKER = 8,   /* at a time */
    OF_ACCOUNT = 10, /* at a time */
    LOOK_AT = 50,    /* rows of which some may have to wait for others */
    AFTER_OUTAGE_S = 3
};

static struct {
    pthread_t thread;
    pthread_mutex_t lock; /* for what follows up to active */
    pthread_cond_t cond;
    bool running, stop, draining;
    struct cx_fax_job *active;
    unsigned count;
    /* the thread's own */
    const char *config_file;
    const struct cx_media_config *config;
    void (*take)(void *arg, struct cx_fax_job *job);
    void *arg;
    struct cx_db *db;
    time_t patience; /* no leases before this */
    char worker[64];
} queue = {.lock = PTHREAD_MUTEX_INITIALIZER, .cond = PTHREAD_COND_INITIALIZER};

/* ---- the database */

static int connected(void)
{
    struct cx_db_config config;
    char error[256] = "";
    int err;

    if (queue.db)
        return 0;
    err = cx_db_config_read(queue.config_file, &config, error, sizeof(error));
    if (err == 0)
        err = cx_db_open(&config, &queue.db, error, sizeof(error));
    if (err < 0)
        cx_log(CX_LOG_WARNING, NULL, "fax queue: database: %s", error);
    else /* results that waited in spools are written first */
        queue.patience = time(NULL) + AFTER_OUTAGE_S;
    return err;
}

static void disconnected(int err)
{
    cx_log(CX_LOG_WARNING, NULL, "fax queue: database: %s (%s)",
           queue.db ? cx_db_error(queue.db) : "", strerror(-err));
    if (err == -ENOTCONN) {
        cx_db_close(queue.db);
        queue.db = NULL;
    }
}

/* ---- leasing */

struct candidate {
    char id[33], account[33], to[65];
};

struct leasing {
    struct candidate rows[LOOK_AT];
    unsigned count;
    struct cx_fax_job *job; /* what was leased, or NULL */
    char key[256];          /* of its document */
    unsigned retries;
    int64_t number;
    char text[65];
};

static int candidate_row(void *arg, const struct cx_value *c, size_t n)
{
    struct leasing *l = arg;
    struct candidate *row = &l->rows[l->count];

    (void)n;
    if (l->count == LOOK_AT)
        return 0;
    snprintf(row->id, sizeof(row->id), "%s", c[0].s);
    snprintf(row->account, sizeof(row->account), "%s", c[1].s);
    snprintf(row->to, sizeof(row->to), "%s", c[2].s);
    l->count++;
    return 0;
}

static int number_row(void *arg, const struct cx_value *c, size_t n)
{
    (void)n;
    ((struct leasing *)arg)->number = c[0].i;
    return 0;
}

static int text_row(void *arg, const struct cx_value *c, size_t n)
{
    struct leasing *l = arg;

    (void)n;
    snprintf(l->text, sizeof(l->text), "%s", c[0].type == CX_TEXT ? c[0].s : "");
    return 0;
}

/* Nobody else calls that number now. 1, 0 or -errno. */
static int take_line(struct cx_db *db, struct leasing *l, const struct candidate *row, int64_t now)
{
    struct cx_value params[] = {cx_text(row->to), cx_text(row->id), cx_int(now + LEASE_S),
                                cx_int(now), cx_int(now)};
    struct cx_value number = cx_text(row->to);
    int err = cx_db_exec(
        db,
        "INSERT INTO fax_line (number, fax_id, lease_until) VALUES (?, ?, ?) ON DUPLICATE KEY "
        "UPDATE fax_id = IF(lease_until < ? OR fax_id = VALUES(fax_id), VALUES(fax_id), fax_id), "
        "lease_until = IF(lease_until < ? OR fax_id = VALUES(fax_id), VALUES(lease_until), "
        "lease_until)",
        params, 5, NULL);

    l->text[0] = '\0';
    if (err == 0)
        err = cx_db_query(db, "SELECT fax_id FROM fax_line WHERE number = ?", &number, 1, text_row,
                          l);
    return err < 0 ? err : strcmp(l->text, row->id) == 0;
}

static void copy_text(char *to, size_t size, const char *from)
{
    char *clean = cx_clean_text(from, size - 1);
    size_t n = clean ? strlen(clean) : 0;

    if (n >= size) /* never half a character */
        for (n = size - 1; n > 0 && ((unsigned char)clean[n] & 0xc0) == 0x80;)
            n--;
    if (clean)
        memcpy(to, clean, n);
    to[n] = '\0';
    free(clean);
}

static const char *text_in(const json_t *doc, const char *key)
{
    const char *text = json_string_value(json_object_get(doc, key));

    return text ? text : "";
}

/* id, account, owner, to, from_number, from_name, attempts, retries, key, faxbox's doc and owner,
 * account's name */
static int job_row(void *arg, const struct cx_value *c, size_t n)
{
    struct leasing *l = arg;
    struct cx_fax_job *job = l->job;
    json_t *box = c[9].type == CX_TEXT ? json_loadb(c[9].s, c[9].len, 0, NULL) : NULL;
    const char *number = c[4].s, *name = c[5].s, *ident;
    size_t digits = 0;

    (void)n;
    snprintf(job->id, sizeof(job->id), "%s", c[0].s);
    snprintf(job->account, sizeof(job->account), "%s", c[1].s);
    snprintf(job->owner, sizeof(job->owner), "%s",
             c[2].type == CX_TEXT    ? c[2].s
             : c[10].type == CX_TEXT ? c[10].s
                                     : "");
    copy_text(job->to, sizeof(job->to), c[3].s);
    if (!*number)
        number = text_in(box, "caller_id");
    if (!*name)
        name = text_in(box, "caller_name");
    copy_text(job->from_number, sizeof(job->from_number), number);
    copy_text(job->from_name, sizeof(job->from_name), name);
    job->attempt = (unsigned)c[6].i;
    l->retries = (unsigned)c[7].i;
    snprintf(l->key, sizeof(l->key), "%s", c[8].type == CX_TEXT ? c[8].s : "");
    copy_text(job->header, sizeof(job->header), text_in(box, "fax_header"));
    /* T.30 knows digits, + and space */
    ident = *text_in(box, "fax_identity") ? text_in(box, "fax_identity") : number;
    for (; *ident && digits < sizeof(job->ident) - 1; ident++)
        if (strchr("+ 0123456789", *ident))
            job->ident[digits++] = *ident;
    json_decref(box);
    return 0;
}

static int own_number(struct cx_db *db, struct leasing *l)
{
    struct cx_value params[] = {cx_text(l->job->from_number), cx_text(l->job->account)};
    int err;

    l->number = 0;
    err = cx_db_query(db, "SELECT COUNT(*) FROM phone_number WHERE number = ? AND account_id = ?",
                      params, 2, number_row, l);
    l->job->own_number = l->number > 0;
    return err;
}

/* Takes the row if its account and its destination are free. 1, 0 or -errno. */
static int take_row(struct cx_db *db, struct leasing *l, const struct candidate *row, int64_t now)
{
    struct cx_value account[] = {cx_text(row->account), cx_int(now)};
    struct cx_value lease[] = {cx_int(now + LEASE_S), cx_text(queue.worker), cx_int(now),
                               cx_text(row->id)};
    struct cx_value id = cx_text(row->id);
    int err;

    l->number = 0;
    err = cx_db_query(db,
                      "SELECT COUNT(*) FROM fax WHERE account_id = ? AND folder = 'outgoing' AND "
                      "status = 'processing' AND lease_until >= ?",
                      account, 2, number_row, l);
    if (err < 0 || l->number >= OF_ACCOUNT)
        return err < 0 ? err : 0;
    err = take_line(db, l, row, now);
    if (err <= 0)
        return err;
    err = cx_db_exec(db,
                     "UPDATE fax SET status = 'processing', attempts = attempts + 1, lease_until = "
                     "?, lease_by = ?, modified = ? WHERE id = ?",
                     lease, 4, NULL);
    if (err < 0)
        return err;
    l->job = calloc(1, sizeof(*l->job));
    if (!l->job)
        return -ENOMEM;
    err = cx_db_query(
        db,
        "SELECT f.id, f.account_id, f.owner_id, f.to_number, f.from_number, f.from_name, "
        "f.attempts, f.retries, f.storage_key, b.doc, b.owner_id FROM fax f LEFT JOIN faxbox b ON "
        "b.id = f.faxbox_id AND b.account_id = f.account_id WHERE f.id = ?",
        &id, 1, job_row, l);
    if (err == 0)
        err = own_number(db, l);
    return err < 0 ? err : 1;
}

static int lease(struct cx_db *db, void *arg)
{
    struct leasing *l = arg;
    int64_t now = (int64_t)time(NULL);
    struct cx_value params[] = {cx_int(now), cx_int(now)};
    int err;

    free(l->job); /* of a transaction that was rolled back */
    memset(l, 0, sizeof(*l));
    err = cx_db_query(db,
                      "SELECT id, account_id, to_number FROM fax WHERE status IN ('pending', "
                      "'processing') AND folder = 'outgoing' AND (retry_at IS NULL OR retry_at <= "
                      "?) AND (lease_until IS NULL OR lease_until < ?) ORDER BY retry_at, created "
                      "LIMIT 50 FOR UPDATE SKIP LOCKED",
                      params, 2, candidate_row, l);
    for (unsigned i = 0; err == 0 && i < l->count; i++)
        err = take_row(db, l, &l->rows[i], now);
    return err < 0 ? err : 0;
}

/* ---- a job's way */

static bool room(void)
{
    bool yes;

    pthread_mutex_lock(&queue.lock);
    yes = !queue.stop && !queue.draining && queue.count < OF_WORKER;
    pthread_mutex_unlock(&queue.lock);
    return yes;
}

static void refuse(struct cx_fax_job *job, const char *why, bool final)
{
    const struct cx_fax_result result = {.code = -1, .text = why};

    cx_fax_queue_done(job, &result, final);
}

/* On the thread: a minute of ghostscript holds up other faxes, and nothing else. */
static void prepare(struct cx_fax_job *job, const char *key, unsigned retries)
{
    char document[PATH_MAX + 256], why[256] = "The document cannot be read";
    int pages;

    cx_id_new(job->interaction);
    snprintf(job->file, sizeof(job->file), "%s/fax_sent/%s.image", queue.config->spool, job->id);
    snprintf(document, sizeof(document), "%s/%s", queue.config->storage, key);
    if (job->attempt > retries + 1) {
        refuse(job, "The worker that sent it died, and no tries are left", true);
        return;
    }
    if (!*key || strstr(key, "..")) {
        refuse(job, "There is no document", true);
        return;
    }
    pages = cx_document_to_fax(document, job->file, why, sizeof(why));
    if (pages < 0) {
        cx_log(CX_LOG_WARNING, job->interaction, "fax %s: document: %s (%s)", job->id, why,
               strerror(-pages));
        refuse(job, why, pages == -EBADMSG || pages == -ENOENT);
        return;
    }
    cx_log(CX_LOG_INFO, job->interaction, "fax %s: %d pages to %s, attempt %u", job->id, pages,
           job->to, job->attempt);
    queue.take(queue.arg, job);
}

static void renew(void)
{
    struct {
        char id[33];
        unsigned attempt;
    } all[OF_WORKER];
    unsigned count = 0;
    int64_t until = (int64_t)time(NULL) + LEASE_S;

    pthread_mutex_lock(&queue.lock);
    for (struct cx_fax_job *j = queue.active; j && count < OF_WORKER; j = j->next) {
        memcpy(all[count].id, j->id, sizeof(j->id));
        all[count++].attempt = j->attempt;
    }
    pthread_mutex_unlock(&queue.lock);
    for (unsigned i = 0; i < count; i++) {
        struct cx_value row[] = {cx_int(until), cx_text(all[i].id), cx_int(all[i].attempt)};
        struct cx_value line[] = {cx_int(until), cx_text(all[i].id)};
        int err = cx_db_exec(queue.db,
                             "UPDATE fax SET lease_until = ? WHERE id = ? AND attempts = ? AND "
                             "status = 'processing'",
                             row, 3, NULL);
        if (err == 0)
            err = cx_db_exec(queue.db, "UPDATE fax_line SET lease_until = ? WHERE fax_id = ?", line,
                             2, NULL);
        if (err < 0) {
            disconnected(err);
            return;
        }
    }
}

static void look(void)
{
    struct leasing l = {0};
    int err = 0;

    while (room() && time(NULL) >= queue.patience && queue.db) {
        err = cx_db_transaction(queue.db, lease, &l);
        if (err < 0) {
            free(l.job);
            disconnected(err);
            return;
        }
        if (!l.job)
            return;
        pthread_mutex_lock(&queue.lock);
        l.job->next = queue.active;
        queue.active = l.job;
        queue.count++;
        pthread_mutex_unlock(&queue.lock);
        prepare(l.job, l.key, l.retries);
        l.job = NULL;
    }
}

static void *run(void *arg)
{
    time_t renewed = 0;

    (void)arg;
    pthread_mutex_lock(&queue.lock);
    while (!queue.stop) {
        struct timespec until;

        pthread_mutex_unlock(&queue.lock);
        if (connected() == 0 && time(NULL) >= renewed + RENEW_S) {
            renew();
            renewed = time(NULL);
        }
        if (queue.db)
            look();
        pthread_mutex_lock(&queue.lock);
        clock_gettime(CLOCK_REALTIME, &until);
        until.tv_sec += LOOK_MS / 1000;
        if (!queue.stop)
            pthread_cond_timedwait(&queue.cond, &queue.lock, &until);
    }
    pthread_mutex_unlock(&queue.lock);
    cx_db_close(queue.db);
    queue.db = NULL;
    return NULL;
}

int cx_fax_queue_start(const char *file, const struct cx_media_config *config,
                       void (*take)(void *arg, struct cx_fax_job *job), void *arg)
{
    sigset_t all, before;
    char host[40] = "";
    int err;

    gethostname(host, sizeof(host) - 1);
    snprintf(queue.worker, sizeof(queue.worker), "%s:%u", host, config->sip_port);
    queue.config_file = file;
    queue.config = config;
    queue.take = take;
    queue.arg = arg;
    queue.stop = queue.draining = false;
    queue.patience = 0;
    sigfillset(&all); /* signals are the loop's */
    pthread_sigmask(SIG_SETMASK, &all, &before);
    err = -pthread_create(&queue.thread, NULL, run, NULL);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    queue.running = err == 0;
    return err;
}

void cx_fax_queue_drain(void)
{
    pthread_mutex_lock(&queue.lock);
    queue.draining = true;
    pthread_mutex_unlock(&queue.lock);
}

void cx_fax_queue_stop(void)
{
    if (!queue.running)
        return;
    pthread_mutex_lock(&queue.lock);
    queue.stop = true;
    pthread_cond_signal(&queue.cond);
    pthread_mutex_unlock(&queue.lock);
    pthread_join(queue.thread, NULL);
    queue.running = false;
}

/* ---- the result */

static int journal(const struct cx_fax_job *job, const struct cx_fax_result *result, bool final)
{
    struct cx_spool_entry *entry;
    json_t *facts = json_pack("{s:s, s:s, s:i, s:b, s:o?}", "account_id", job->account, "fax_id",
                              job->id, "attempt", (int)job->attempt, "final", final, "tx_result",
                              cx_fax_report(result, true));
    int err =
        facts ? cx_spool_open(queue.config->spool, cx_kinds[CX_KIND_fax_sent], facts, NULL, &entry)
              : -ENOMEM;

    json_decref(facts);
    if (err == 0)
        cx_spool_close(entry);
    return err;
}

void cx_fax_queue_done(struct cx_fax_job *job, const struct cx_fax_result *result, bool final)
{
    int err = journal(job, result, final);

    /* the lease runs out, and somebody tries again */
    if (err < 0)
        cx_log(CX_LOG_ERROR, job->interaction, "fax %s: its result cannot be kept: %s", job->id,
               strerror(-err));
    else
        cx_job_wake();
    pthread_mutex_lock(&queue.lock);
    for (struct cx_fax_job **at = &queue.active; *at; at = &(*at)->next)
        if (*at == job) {
            *at = job->next;
            queue.count--;
            break;
        }
    pthread_cond_signal(&queue.cond);
    pthread_mutex_unlock(&queue.lock);
    unlink(job->file);
    free(job);
}
