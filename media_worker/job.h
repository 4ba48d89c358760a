/*
 * job.h - finishes what is in the spool: mp3, storage, row in the database, e-mail, in a thread of
 * its own for each kind of work.
 *
 * Threads and not the loop: lame, fsync, the connector and SMTP all wait, and a tick of 20 ms must
 * not. Any worker finishes any entry (flock on the sidecar's .lock file says who does); every
 * finished stage is in the sidecar, so that nothing happens twice.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef CX_JOB_H
#define CX_JOB_H

struct cx_job_config {
    const char *config_file; /* centrex.cfg: database */
    const char *spool;
    const char *storage;
    const char *smtp; /* smtp://host:port */
    const char *mail_from;
    /* Told of a recording that a dead worker left while its call goes on; from a job thread. NULL:
     * nobody. */
    void (*left)(void *arg, const char *id);
    void *left_arg;
};

struct cx_job_stats {
    unsigned backlog; /* entries that wait or are being finished */
    unsigned long finished, failed, retries;
};

/* Starts the threads; strings must live on. 0 or -errno. */
int cx_job_start(const struct cx_job_config *config);
void cx_job_wake(void);                        /* an entry was finished just now; from any thread */
void cx_job_stats(struct cx_job_stats *stats); /* of all kinds */
void cx_job_kind_stats(unsigned kind, struct cx_job_stats *stats); /* of one: CX_KIND_voicemail */
/* Ends the threads after the stage they are in; what is left stays in the spool. */
void cx_job_stop(void);

#endif
