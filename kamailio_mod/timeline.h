/*
 * timeline.h - targets that start ringing late, ring for their own time and are ended alone.
 *
 * A timed stage is kept open by a blind branch; a process of ours looks at it when something is
 * due, and several times a second: starts legs, ends legs, and ends the stage when its time is over
 * or nobody is left. Nothing of a stage is owned here but a ticket {transaction's identity, stage};
 * all else is in the context, and so goes with the transaction.
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef CX_TIMELINE_H
#define CX_TIMELINE_H

#include "context.h"

int cx_timeline_init(void); /* mod_init: 0 or -1 */
void cx_timeline_run(void); /* the process */

/* Do the context's legs need it? */
bool cx_timeline_needed(const struct cx_context *ctx);
/* Request or failure route, before the stage's first branches: adds the blind branch. False: tm
 * will not. */
bool cx_timeline_open(struct sip_msg *msg, struct cx_context *ctx);
/* After them: the process takes over. */
bool cx_timeline_start(struct cx_context *ctx);

/* tm's lock of a transaction's replies: recursive, owned by a process. */
struct cell;
void cx_timeline_lock(struct cell *t);
void cx_timeline_unlock(struct cell *t);

#endif
