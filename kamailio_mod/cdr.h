/*
 * cdr.h - call records: from the call path into a ring in a mapped file, which survives kill -9.
 *
 * A record is a line of JSON. Three events: "answer" (a call began), "failed" (it never did), "end"
 * (it is over). Nothing here opens, writes or syncs a file: the ring is memory that the kernel
 * writes back. The loader moves lines from the ring to journal/cdr.log and on to the database
 * (cdr_ship.h). SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef CX_CDR_H
#define CX_CDR_H

#include "context.h"

struct cell;

/* mod_init: maps (and makes) folder/cdr.ring. 0 or -errno. */
int cx_cdr_init(const char *folder);

/* The leg whose reply is being relayed; NULL: none of the present RING step's. */
const struct cx_leg *cx_cdr_called(const struct cx_context *ctx, const struct cell *t);
/* A final reply went to the caller. */
void cx_cdr_final(struct cx_context *ctx, struct cell *t, int code);

/* The call of this BYE is over. The quality values are text as rtpengine said it, NULL or "" when
 * unknown. */
void cx_cdr_end(struct sip_msg *bye, const char *cause, struct cx_str mos, struct cx_str jitter_ms,
                struct cx_str loss_percent);

/* Loader: gives every finished line to use() in order of arrival, then frees its place; stops when
 * use() fails. Lines are NUL-terminated, without a newline. Number of lines. */
int cx_cdr_drain(int (*use)(void *arg, const char *line), int (*synced)(void *arg), void *arg);

int64_t cx_now_ms(void); /* unix time */
/* The id of a call leg: MD5 of Call-ID and the caller's tag. */
struct cx_id cx_cdr_id(struct cx_str call_id, struct cx_str from_tag);

#endif
