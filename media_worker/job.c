/*
 * job.c - the threads that look for spool entries and have them finished; see job.h, and finish.h
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
#include <unistd.h>
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

/* One kind's thread and what is its own; stats under job.lock. */
struct lane {
    pthread_t thread;
    char folder[CX_SPOOL_PATH];
    struct cx_finisher finisher;
    struct waiting *waiting;
    size_t waiting_count, waiting_room;
    int64_t sync_at; /* CLOCK_MONOTONIC [ms] */
    bool live;       /* something was being written at the last look */
    struct cx_job_stats stats;
    bool wake; /* under job.lock */
};

static struct {
    pthread_mutex_t lock;
    pthread_cond_t cond;
    bool running, stop;
    struct cx_job_config config;
    struct lane lanes[CX_KINDS];
} job = {.lock = PTHREAD_MUTEX_INITIALIZER};

static struct waiting *waiting_find(struct lane *l, const char *id)
{
    for (size_t i = 0; i < l->waiting_count; i++)
        if (strcmp(l->waiting[i].id, id) == 0)
            return &l->waiting[i];
    return NULL;
}

static void waiting_fail(struct lane *l, const char *id)
{
    struct waiting *w = waiting_find(l, id);

    if (!w) {
        if (l->waiting_count == l->waiting_room) {
            size_t room = l->waiting_room ? l->waiting_room * 2 : 16;
            struct waiting *more = realloc(l->waiting, room * sizeof(*more));

            if (!more)
                return; /* tried again at the next scan, and not later: no harm */
            l->waiting = more;
            l->waiting_room = room;
        }
        w = &l->waiting[l->waiting_count++];
        memset(w, 0, sizeof(*w));
        snprintf(w->id, sizeof(w->id), "%s", id);
        w->seen = true;
    }
    cx_backoff_fail(&w->backoff, cx_monotonic_ms());
}

static void waiting_forget_unseen(struct lane *l)
{
    size_t kept = 0;

    for (size_t i = 0; i < l->waiting_count; i++) {
        if (l->waiting[i].seen)
            l->waiting[kept++] = l->waiting[i];
    }
    l->waiting_count = kept;
    for (size_t i = 0; i < kept; i++)
        l->waiting[i].seen = false;
}

/* tried: something that is down was asked, and not only found in its back-off. */
static void count(struct lane *l, enum cx_finish_result result, bool tried)
{
    pthread_mutex_lock(&job.lock);
    if (result == CX_FINISH_DONE)
        l->stats.finished++;
    else if (result == CX_FINISH_FAILED)
        l->stats.failed++;
    else if (result == CX_FINISH_RETRY || tried)
        l->stats.retries++;
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
static bool look_at(struct lane *l, const char *name)
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
    if (strcmp(dot, l->finisher.kind->data) == 0 || strcmp(dot, ".lock") == 0) {
        char path[CX_SPOOL_PATH];

        if (cx_spool_path(path, sizeof(path), l->folder, id, ".json") < 0)
            return false;
        if (access(path, F_OK) < 0 && errno == ENOENT)
            cx_finish_orphan(&l->finisher, id);
        return false;
    }
    if (strcmp(dot, ".json") != 0)
        return false;
    w = waiting_find(l, id);
    if (w) {
        w->seen = true;
        if (cx_monotonic_ms() < w->backoff.next_ms)
            return true;
    }
    memcpy(needs, l->finisher.needs, sizeof(needs));
    result = cx_finish_entry(&l->finisher, id);
    l->live |= result == CX_FINISH_BUSY;
    tried = false;
    for (int i = 0; i < CX_NEEDS; i++)
        tried |= l->finisher.needs[i].next_ms > needs[i].next_ms;
    count(l, result, tried);
    if (result == CX_FINISH_RETRY)
        waiting_fail(l, id);
    return result == CX_FINISH_RETRY || result == CX_FINISH_WAIT || result == CX_FINISH_LATER;
}

static void scan(struct lane *l)
{
    DIR *folder = opendir(l->folder);
    unsigned backlog = 0;
    struct dirent *d;

    if (!folder) {
        cx_log(CX_LOG_WARNING, NULL, "job: %s: %s", l->folder, strerror(errno));
        return;
    }
    if (cx_monotonic_ms() >= l->sync_at) {
        l->sync_at = cx_monotonic_ms() + SCAN_MS;
        /* Audio of calls that go on is safe from a power cut too, and sidecars that were begun
         * since the last time by their names: with one sync for all, which costs as much as one
         * file's. */
        if ((l->live ? syncfs(dirfd(folder)) : cx_sync_folder(l->folder)) < 0)
            cx_log(CX_LOG_WARNING, NULL, "job: sync of %s: %s", l->folder, strerror(errno));
        l->live = false;
    }
    while (!should_stop() && (d = readdir(folder)))
        backlog += look_at(l, d->d_name);
    closedir(folder);
    if (should_stop())
        return;
    waiting_forget_unseen(l);
    pthread_mutex_lock(&job.lock);
    l->stats.backlog = backlog;
    pthread_mutex_unlock(&job.lock);
}

static void *run(void *arg)
{
    struct lane *l = arg;

    pthread_mutex_lock(&job.lock);
    while (!job.stop) {
        unsigned ms = l->finisher.kind->scan_ms ? l->finisher.kind->scan_ms : SCAN_MS;
        struct timespec until;

        l->wake = false;
        pthread_mutex_unlock(&job.lock);
        scan(l);
        pthread_mutex_lock(&job.lock);
        clock_gettime(CLOCK_MONOTONIC, &until);
        until.tv_sec += ms / 1000;
        until.tv_nsec += (long)(ms % 1000) * 1000000;
        if (until.tv_nsec >= 1000000000) {
            until.tv_sec++;
            until.tv_nsec -= 1000000000;
        }
        while (!job.stop && !l->wake &&
               pthread_cond_timedwait(&job.cond, &job.lock, &until) != ETIMEDOUT)
            ;
    }
    pthread_mutex_unlock(&job.lock);
    cx_finisher_close(&l->finisher);
    return NULL;
}

static void join(size_t lanes)
{
    pthread_mutex_lock(&job.lock);
    job.stop = true;
    pthread_cond_broadcast(&job.cond);
    pthread_mutex_unlock(&job.lock);
    for (size_t i = 0; i < lanes; i++) {
        struct lane *l = &job.lanes[i];

        pthread_join(l->thread, NULL);
        free(l->waiting);
        l->waiting = NULL;
        l->waiting_count = l->waiting_room = 0;
    }
    pthread_mutex_lock(&job.lock);
    job.running = false;
    pthread_mutex_unlock(&job.lock);
    pthread_cond_destroy(&job.cond);
    curl_global_cleanup();
}

int cx_job_start(const struct cx_job_config *config)
{
    pthread_condattr_t attr;
    sigset_t all, before;
    size_t started = 0;
    int err;

    if (job.running)
        return -EBUSY;
    err = cx_spool_init(config->spool);
    if (err < 0)
        return err;
    if (curl_global_init(CURL_GLOBAL_DEFAULT) != 0)
        return -ENOMEM;
    job.config = *config;
    job.stop = false;
    pthread_condattr_init(&attr);
    pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
    pthread_cond_init(&job.cond, &attr);
    pthread_condattr_destroy(&attr);
    /* signals are the loop's */
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    for (; err == 0 && started < CX_KINDS; started += err == 0) {
        struct lane *l = &job.lanes[started];

        l->finisher = (struct cx_finisher){
            .config = &job.config, .kind = cx_kinds[started], .folder = l->folder};
        l->stats = (struct cx_job_stats){0};
        err = cx_spool_folder(l->folder, sizeof(l->folder), config->spool, l->finisher.kind);
        if (err == 0)
            err = -pthread_create(&l->thread, NULL, run, l);
    }
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    if (err < 0)
        join(started);
    else
        job.running = true;
    return err;
}

void cx_job_wake(void)
{
    pthread_mutex_lock(&job.lock);
    for (size_t i = 0; i < CX_KINDS; i++)
        job.lanes[i].wake = true;
    if (job.running)
        pthread_cond_broadcast(&job.cond);
    pthread_mutex_unlock(&job.lock);
}

void cx_job_kind_stats(unsigned kind, struct cx_job_stats *stats)
{
    pthread_mutex_lock(&job.lock);
    *stats = job.lanes[kind].stats;
    pthread_mutex_unlock(&job.lock);
}

void cx_job_stats(struct cx_job_stats *stats)
{
    *stats = (struct cx_job_stats){0};
    for (unsigned i = 0; i < CX_KINDS; i++) {
        struct cx_job_stats one;

        cx_job_kind_stats(i, &one);
        stats->backlog += one.backlog;
        stats->finished += one.finished;
        stats->failed += one.failed;
        stats->retries += one.retries;
    }
}

void cx_job_stop(void)
{
    if (job.running)
        join(CX_KINDS);
}
