/*
 * record.h - has calls recorded: when one is answered, a media worker is told, off the call path.
 *
 * The worker subscribes to the call at rtpengine and sees there when it ends; neither its death nor
 * ours concerns the call. SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef CX_RECORD_H
#define CX_RECORD_H

#include "context.h"

struct cell;

/* A new step: what is to happen when it is answered. */
void cx_record_note(struct cx_context *ctx, const struct cx_step *step);
/* The caller was told 200. */
void cx_record_answered(const struct cx_context *ctx, const struct cell *t);
void cx_record_release(struct cx_context *ctx);

#endif
