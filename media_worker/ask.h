/*
 * ask.h - what must not hold up the loop: questions to the database and other slow work, each run
 * on a thread, its result brought back to the loop.
 *
 * A question is a flat block of memory. It is copied, its function reads and fills the copy on a
 * thread, and the loop gets it back. Every question is answered once, within its deadline: what
 * takes longer is answered -ETIMEDOUT (and, when it has not begun yet, never run). So a database
 * that hangs costs a caller a few seconds and everybody else nothing.
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef CX_ASK_H
#define CX_ASK_H

#include <ev.h>
#include <stdbool.h>
#include <stddef.h>

#include "../db/db.h"

/* What a question finds on its thread. */
struct cx_ask_env {
    struct cx_db *db;    /* connected; NULL when the question is no database question */
    const char *storage; /* folder */
};

struct cx_question {
    /* On a thread. 0 or -errno, which the asker gets. */
    int (*run)(const struct cx_ask_env *env, void *data);
    /* Frees what data points to; run exactly once, on any thread, also when run() never was. */
    void (*release)(void *data);
    size_t size; /* of data */
    unsigned deadline_ms;
    bool database;
};

struct cx_ask; /* one that was asked */
typedef void cx_ask_done_h(void *arg, int err, const void *data);

/* file: centrex.cfg, for the database. Strings must live on. 0 or -errno. */
int cx_ask_init(struct ev_loop *loop, const char *file, const char *storage);
void cx_ask_close(void);
/* question must live on; data is copied. 0 or -errno (then done() is never called, but release()
 * was). */
int cx_ask(const struct cx_question *question, const void *data, cx_ask_done_h *done, void *arg,
           struct cx_ask **ask);
/* Nobody wants the answer any more; the work is still done. NULL is fine. */
void cx_ask_cancel(struct cx_ask *ask);

struct cx_ask_stats {
    unsigned long asked, failed, late;
};
extern struct cx_ask_stats cx_ask_stats; /* the loop's */

#endif
