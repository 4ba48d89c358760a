/*
 * recording.h - who wants calls recorded: the `call_recording` keys of account, user and device.
 * Private to this folder.
 *
 * A document says it for each of the four kinds of call (inbound or outbound, on-net or off-net);
 * "any" fills what is not said. In an image each is one word, so that any bits are valid ones.
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef CX_ROUTING_RECORDING_H
#define CX_ROUTING_RECORDING_H

#include <stdint.h>

enum { CX_RECORD_INBOUND = 0, CX_RECORD_OUTBOUND = 2, CX_RECORD_ONNET = 0, CX_RECORD_OFFNET = 1 };

/* words[CX_RECORD_INBOUND + CX_RECORD_OFFNET]: nothing said (0), or said yes or no, with format,
 * limit and least length. */
struct cx_recording {
    uint32_t words[4];
};

enum {
    CX_RECORD_SAID = 1,
    CX_RECORD_YES = 2,
    CX_RECORD_WAV = 4,
    CX_RECORD_LIMIT_SHIFT = 3, /* 14 bits [s]; 0: not said */
    CX_RECORD_LEAST_SHIFT = 17 /* 15 bits [s] */
};

struct cx_build;
struct cx_decide;

/* compile time: reads the document's object; json: text of the whole `doc`, or NULL. object: path
 * below call_recording ("account"), or NULL. 0 or -EINVAL. */
int cx_build_recording(struct cx_build *b, const char *document, const char *doc,
                       const char *object, struct cx_recording *out);

/* The same for a user or a phone, as a row of CX_T_RECORDING; equal wishes share one. */
int cx_build_recording_row(struct cx_build *b, const char *document, const char *doc,
                           uint32_t *row);

/* The step is made: who wants it recorded. RING and OUTBOUND only. */
void cx_decide_recording(struct cx_decide *d);

#endif
