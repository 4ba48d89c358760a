/*
 * job.c - the thread that looks for spool entries and has them finished; see job.h, and finish.h
 * for the stages.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include <curl/curl.h>
#include <dirent.h>
#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "db/id.h"
#include "media_worker/finish.h"
#include "media_worker/job.h"
#include "media_worker/log.h"
#include "media_worker/sidecar.h"

enum { SCAN_MS = 2000 };

/* An entry with trouble of its own. */
struct waiting {
    char id[33];
    bool seen; /* in this scan */
    struct cx_backoff backoff;
};

static struct {
    pthread_t thread;
    pthread_mutex_t lock; /* for what follows up to stats */
    pthread_cond_t cond;
    bool running, stop, wake;
    struct cx_job_stats stats;
    /* the thread's own */
    struct cx_job_config config;
    struct cx_finisher finisher;
    struct waiting *waiting;
    size_t waiting_count, waiting_room;
} job = {.lock = PTHREAD_MUTEX_INITIALIZER};

static struct waiting *waiting_find(const char *id)
{
    for (size_t i = 0; i < job.waiting_count; i++)
        if (strcmp(job.waiting[i].id, id) == 0)
            return &job.waiting[i];
    return NULL;
}

static void waiting_fail(const char *id)
{
    struct waiting *w = waiting_find(id);

    if (!w) {
        if (job.waiting_count == job.waiting_room) {
            size_t room = job.waiting_room ? job.waiting_room * 2 : 16;
            struct waiting *more = realloc(job.waiting, room * sizeof(*more));

            if (!more)
                return; /* tried again at the next scan, and not later: no harm */
            job.waiting = more;
            job.waiting_room = room;
        }
        w = &job.waiting[job.waiting_count++];
        memset(w, 0, sizeof(*w));
        snprintf(w->id, sizeof(w->id), "%s", id);
        w->seen = true;
    }
    cx_backoff_fail(&w->backoff, cx_monotonic_ms());
}

static void waiting_forget_unseen(void)
{
    size_t kept = 0;

    for (size_t i = 0; i < job.waiting_count; i++) {
        if (job.waiting[i].seen)
            job.waiting[kept++] = job.waiting[i];
    }
    job.waiting_count = kept;
    for (size_t i = 0; i < kept; i++)
        job.waiting[i].seen = false;
}

/* tried: something that is down was asked, and not only found in its back-off. */
static void count(enum cx_finish_result result, bool tried)
{
    pthread_mutex_lock(&job.lock);
    if (result == CX_FINISH_DONE)
        job.stats.finished++;
    else if (result == CX_FINISH_FAILED)
        job.stats.failed++;
    else if (result == CX_FINISH_RETRY || tried)
        job.stats.retries++;
    pthread_mutex_unlock(&job.lock);
}

static bool should_stop(void)
{
    bool stop;

    pthread_mutex_lock(&job.lock);
    stop = job.stop;
    pthread_mutex_unlock(&job.lock);
    return stop;
}

/* One name in the folder. Returns true when an entry is left that waits. */
static bool look_at(const char *name)
{
    const char *dot = strchr(name, '.');
    enum cx_finish_result result;
    struct cx_backoff needs[CX_NEEDS];
    struct waiting *w;
    char id[33];
    bool tried;

    if (!dot || dot - name != 32)
        return false;
    memcpy(id, name, 32);
    id[32] = '\0';
    if (!cx_id_is_valid(id))
        return false;
    if (strcmp(dot, ".raw") == 0 || strcmp(dot, ".lock") == 0) {
        char path[CX_SPOOL_PATH];
        FILE *f;

        if (cx_spool_path(path, sizeof(path), job.config.spool, id, ".json") < 0)
            return false;
        f = fopen(path, "re");
        if (f)
            fclose(f);
        else if (errno == ENOENT)
            cx_finish_orphan(&job.finisher, id);
        return false;
    }
    if (strcmp(dot, ".json") != 0)
        return false;
    w = waiting_find(id);
    if (w) {
        w->seen = true;
        if (cx_monotonic_ms() < w->backoff.next_ms)
            return true;
    }
    memcpy(needs, job.finisher.needs, sizeof(needs));
    result = cx_finish_entry(&job.finisher, id);
    tried = false;
    for (int i = 0; i < CX_NEEDS; i++)
        tried |= job.finisher.needs[i].next_ms > needs[i].next_ms;
    count(result, tried);
    if (result == CX_FINISH_RETRY)
        waiting_fail(id);
    return result == CX_FINISH_RETRY || result == CX_FINISH_WAIT;
}

static void scan(void)
{
    DIR *folder = opendir(job.config.spool);
    unsigned backlog = 0;
    struct dirent *d;

    if (!folder) {
        cx_log(CX_LOG_WARNING, NULL, "job: %s: %s", job.config.spool, strerror(errno));
        return;
    }
    /* sidecars that were begun since the last time are safe by their names too */
    cx_sync_folder(job.config.spool);
    while (!should_stop() && (d = readdir(folder)))
        backlog += look_at(d->d_name);
    closedir(folder);
    if (should_stop())
        return;
    waiting_forget_unseen();
    pthread_mutex_lock(&job.lock);
    job.stats.backlog = backlog;
    pthread_mutex_unlock(&job.lock);
}

static void *run(void *arg)
{
    (void)arg;
    pthread_mutex_lock(&job.lock);
    while (!job.stop) {
        struct timespec until;

        job.wake = false;
        pthread_mutex_unlock(&job.lock);
        scan();
        pthread_mutex_lock(&job.lock);
        clock_gettime(CLOCK_MONOTONIC, &until);
        until.tv_sec += SCAN_MS / 1000;
        while (!job.stop && !job.wake &&
               pthread_cond_timedwait(&job.cond, &job.lock, &until) != ETIMEDOUT)
            ;
    }
    pthread_mutex_unlock(&job.lock);
    cx_finisher_close(&job.finisher);
    return NULL;
}

int cx_job_start(const struct cx_job_config *config)
{
    pthread_condattr_t attr;
    sigset_t all, before;
    int err;

    if (job.running)
        return -EBUSY;
    err = cx_spool_init(config->spool);
    if (err < 0)
        return err;
    if (curl_global_init(CURL_GLOBAL_DEFAULT) != 0)
        return -ENOMEM;
    job.config = *config;
    job.finisher = (struct cx_finisher){.config = &job.config};
    job.stats = (struct cx_job_stats){0};
    job.stop = false;
    pthread_condattr_init(&attr);
    pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
    pthread_cond_init(&job.cond, &attr);
    pthread_condattr_destroy(&attr);
    /* signals are the loop's */
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    err = -pthread_create(&job.thread, NULL, run, NULL);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    if (err < 0) {
        pthread_cond_destroy(&job.cond);
        return err;
    }
    job.running = true;
    return 0;
}

void cx_job_wake(void)
{
    pthread_mutex_lock(&job.lock);
    job.wake = true;
    if (job.running)
        pthread_cond_signal(&job.cond);
    pthread_mutex_unlock(&job.lock);
}

void cx_job_stats(struct cx_job_stats *stats)
{
    pthread_mutex_lock(&job.lock);
    *stats = job.stats;
    pthread_mutex_unlock(&job.lock);
}

void cx_job_stop(void)
{
    if (!job.running)
        return;
    pthread_mutex_lock(&job.lock);
    job.stop = true;
    pthread_cond_signal(&job.cond);
    pthread_mutex_unlock(&job.lock);
    pthread_join(job.thread, NULL);
    pthread_mutex_lock(&job.lock);
    job.running = false;
    pthread_mutex_unlock(&job.lock);
    pthread_cond_destroy(&job.cond);
    free(job.waiting);
    job.waiting = NULL;
    job.waiting_count = job.waiting_room = 0;
    curl_global_cleanup();
}
