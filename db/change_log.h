/*
 * change_log.h - what changed: appended in the transaction of the change, followed by every node.
 *
 * Ids come from an auto-increment counter, but transactions commit in any order: a lower id can
 * become visible after a higher one. So a follower reads a window behind its newest id again and
 * again and remembers which ids in it it has seen. SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef CX_CHANGE_LOG_H
#define CX_CHANGE_LOG_H

#include <time.h>

#include "db.h"

struct cx_change {
    uint64_t id;
    const char *account_id; /* NULL: the whole cluster's */
    const char *kind;       /* a table's name, or "vm_message" */
    const char *object_id;
    const char *action; /* "create", "update", "delete" */
};

/* Within the caller's transaction. account_id may be NULL. actor: who did it. */
int cx_change_append(struct cx_db *db, const char *account_id, const char *kind,
                     const char *object_id, const char *action, const char *actor);

struct cx_change_follower;

/* Starts at the log's present end (with its window). */
int cx_change_follower_new(struct cx_db *db, struct cx_change_follower **follower);
void cx_change_follower_free(struct cx_change_follower *follower);
/* The highest id that was seen; what follows after it is still to come. 0: the log is empty. */
uint64_t cx_change_newest(const struct cx_change_follower *follower);
/* Another clock than CLOCK_MONOTONIC (seconds), for tests. */
void cx_change_follower_clock(struct cx_change_follower *follower, time_t (*now)(void));
/* Calls each() once for every change since the last call, in order of id as far as they are
 * visible. When each() fails the change is told again next time. Number of changes is not bounded;
 * each() may use db. */
int cx_change_follow(struct cx_db *db, struct cx_change_follower *follower,
                     int (*each)(void *arg, const struct cx_change *change), void *arg);

#endif
