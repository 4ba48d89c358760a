/*
 * queue.h - outgoing faxes: who sends which one, and when.
 *
 * A thread leases rows of table `fax` (folder "outgoing"), makes the image of each document
 * (document.h) and hands it to the loop, where send.c makes the call. What came of it goes into the
 * spool (kind fax_sent), whose job writes it back: sent, failed, or again later. A worker that dies
 * loses its leases after LEASE_S; another one takes the fax, and the attempt counts.
 *
 * One call at a time to a number (table fax_line), so many of an account, so many of a worker.
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef CX_FAX_QUEUE_H
#define CX_FAX_QUEUE_H

#include "../config.h"
#include "fax.h"

/* A fax that is to be sent now. Texts are UTF-8 without control characters. */
struct cx_fax_job {
    struct cx_fax_job *next;                              /* the queue's */
    struct cx_fax_job *ready;                             /* the taker's */
    char id[33], account[33], owner[33], interaction[33]; /* owner: "" is nobody */
    char to[65], from_number[65], from_name[129];
    char ident[21], header[51];
    char file[PATH_MAX]; /* the image; the queue removes it */
    unsigned attempt;
    bool own_number; /* from_number is one of the account's */
};

/* file: centrex.cfg. Strings must live on. take is called on the thread. 0 or -errno. */
int cx_fax_queue_start(const char *file, const struct cx_media_config *config,
                       void (*take)(void *arg, struct cx_fax_job *job), void *arg);
/* No new ones from now on. */
void cx_fax_queue_drain(void);
void cx_fax_queue_stop(void);
/* From any thread: this job is over. final: another try would be no use. code: SIP's, or 0. Frees
 * the job. */
void cx_fax_queue_done(struct cx_fax_job *job, const struct cx_fax_result *result, bool final);

#endif
