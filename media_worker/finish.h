/*
 * finish.h - takes one spool entry through its stages, as far as it gets now. For job.c's threads.
 * What is done in a stage is the kind's affair (kind.h):
 *
 * recording -> recorded: the worker closed the file or died; synced; measured, and dropped if it is
 * nothing (voicemail: under 500 ms).
 *
 * recorded -> stored: what is made of it (mp3) is in the storage.
 *
 * stored -> inserted: the row is in the database.
 *
 * inserted -> mailing: about to mail.
 *
 * mailing -> done: every address has its mail, is refused for good, or is in doubt; the message
 * moved if the box says so. Then the files are removed.
 *
 * Each stage is synced into the sidecar after it is done (mailing: before it begins), and can be
 * done twice with the effect of once, but for the mail. There, per address, the sidecar says
 * "ending" before the server hears the end of the message, and "sent" after it has accepted it.
 *
 * A worker that dies before "ending": the server cannot have accepted; another worker sends.
 *
 * A worker that dies between "ending" and "sent": the server may have accepted; nobody sends again.
 * The address becomes "unsure", which is logged. The message itself is in its box, and stays there
 * even with delete_after_notify.
 *
 * So a dead worker never makes a second mail. Only a worker that lives and sees the connection
 * break in that moment sends again, with the same Message-ID, as RFC 5321 wants it.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef CX_FINISH_H
#define CX_FINISH_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

#include "db/db.h"
#include "media_worker/job.h"
#include "media_worker/kind.h"

enum {
    CX_FINISH_MIN_MS = 500,                  /* shorter is nobody's message */
    CX_FINISH_MAIL_GIVE_UP_S = 24 * 60 * 60, /* how long "not now" is taken for an answer */
};

/* What an entry needs may be down for all of them: nobody asks again before its time. */
enum cx_need { CX_NEED_STORAGE, CX_NEED_DATABASE, CX_NEED_SMTP, CX_NEEDS };

struct cx_backoff {
    int64_t next_ms; /* CLOCK_MONOTONIC; 0: at once */
    int64_t delay_ms;
};
/* 1 s, doubled each time up to 60 s. */
void cx_backoff_fail(struct cx_backoff *backoff, int64_t now_ms);

struct cx_finisher {
    const struct cx_job_config *config;
    const struct cx_kind *kind;
    const char *folder; /* of the kind's entries */
    struct cx_db *db;   /* NULL: not connected now; owned */
    struct cx_backoff needs[CX_NEEDS];
};

enum cx_finish_result {
    CX_FINISH_BUSY,    /* is being recorded, or another worker has it, or it is gone */
    CX_FINISH_LATER,   /* the kind's measure() waits for more */
    CX_FINISH_DROPPED, /* nothing worth keeping */
    CX_FINISH_DONE,
    CX_FINISH_WAIT,   /* not now: something is down (its back-off is set) */
    CX_FINISH_RETRY,  /* not now, and it is this entry's own trouble */
    CX_FINISH_FAILED, /* moved to SPOOL/failed/ with <id>.reason */
};

int64_t cx_monotonic_ms(void);
enum cx_finish_result cx_finish_entry(struct cx_finisher *finisher, const char *id);
/* Audio or lock files whose sidecar is gone or never came: removed, or, when there is sound,
 * failed. */
void cx_finish_orphan(struct cx_finisher *finisher, const char *id);
void cx_finisher_close(struct cx_finisher *finisher);

/* finish_mail.c: one letter to each address, each once; what became of each stands in the sidecar.
 * For the mail hooks. CX_FINISH_DONE: all are settled; WAIT, RETRY. */
struct cx_finish_letter {
    const char *from_name; /* shown as who sends it */
    const char *subject, *text;
    const char *file, *file_name, *file_type; /* NULL: nothing is attached */
};
enum cx_finish_result cx_finish_letters(struct cx_finisher *finisher, const char *id,
                                        json_t *sidecar, const struct cx_finish_letter *letter,
                                        char *const *addresses, size_t count);
/* 0, or an error of db.h after the database's back-off was set. */
int cx_finisher_database(struct cx_finisher *finisher);
/* Is this an error of the connection, so that others would fare the same? Then back-off is set, db
 * closed. */
enum cx_finish_result cx_finisher_db_failed(struct cx_finisher *finisher, const char *id, int err);
enum cx_finish_result cx_finisher_storage_failed(struct cx_finisher *finisher, const char *id,
                                                 int err);

#endif
