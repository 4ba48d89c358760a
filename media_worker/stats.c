/*
 * stats.c - see stats.h. SPDX-License-Identifier: GPL-2.0-or-later
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "job.h"
#include "kind.h"
#include "log.h"
#include "rtp/stream.h"
#include "stats.h"

static int write_file(const struct cx_stats *s, const char *path)
{
    const struct cx_stream_totals *t = &cx_stream_totals;
    char next[PATH_MAX + 8];
    struct cx_job_stats jobs;
    struct cx_record_stats records;
    FILE *file;
    int err;

    cx_job_stats(&jobs);
    cx_records_stats(s->records, &records);
    snprintf(next, sizeof(next), "%s.new", path);
    file = fopen(next, "w");
    if (!file)
        return -errno;
    fprintf(file,
            "{\"calls\": %u, \"calls_total\": %lu, \"calls_refused\": %lu,"
            " \"recordings\": %lu, \"recordings_dropped\": %lu,"
            " \"packets_in\": %lu, \"packets_out\": %lu, \"packets_lost\": %lu,"
            " \"packets_rejected\": %lu, \"ticks_late\": %lu,"
            " \"backlog\": %u, \"jobs_finished\": %lu, \"jobs_failed\": %lu,"
            " \"jobs_retries\": %lu, \"records\": %u, \"records_asked\": %lu,"
            " \"records_taken_over\": %lu, \"records_ended\": %lu, \"records_lost\": %lu",
            s->calls->count, s->calls->total, s->calls->refused, s->calls->recordings,
            s->calls->dropped, t->packets_received, t->packets_sent, t->packets_lost, t->rejected,
            s->calls->clock->late, jobs.backlog, jobs.finished, jobs.failed, jobs.retries,
            records.now, records.asked, records.taken_over, records.ended, records.lost);
    for (unsigned i = 0; i < CX_KINDS; i++) {
        cx_job_kind_stats(i, &jobs);
        fprintf(file, ", \"backlog_%s\": %u, \"finished_%s\": %lu, \"failed_%s\": %lu",
                cx_kinds[i]->name, jobs.backlog, cx_kinds[i]->name, jobs.finished,
                cx_kinds[i]->name, jobs.failed);
    }
    fputs("}\n", file);
    err = ferror(file) ? -EIO : 0;
    if (fclose(file) != 0 && err == 0)
        err = -errno;
    if (err == 0 && rename(next, path) < 0)
        err = -errno;
    return err;
}

static void due(struct ev_loop *loop, ev_timer *timer, int events)
{
    struct cx_stats *s = timer->data;
    char path[PATH_MAX];
    int err = -ENAMETOOLONG;

    (void)loop, (void)events;
    if (snprintf(path, sizeof(path), "%s/media%u.stats", s->config->stats, s->config->index) <
        (int)sizeof(path))
        err = write_file(s, path);
    if (err < 0 && !s->complained)
        cx_log(CX_LOG_WARNING, NULL, "stats in %s: %s", s->config->stats, strerror(-err));
    s->complained = err < 0;
}

void cx_stats_start(struct cx_stats *s, struct ev_loop *loop, const struct cx_media_config *config,
                    const struct cx_calls *calls, const struct cx_records *records)
{
    *s = (struct cx_stats){.loop = loop, .config = config, .calls = calls, .records = records};
    ev_timer_init(&s->timer, due, 0, 1);
    s->timer.data = s;
    if (config->stats[0])
        ev_timer_start(loop, &s->timer);
}

void cx_stats_stop(struct cx_stats *s)
{
    ev_timer_stop(s->loop, &s->timer);
}
