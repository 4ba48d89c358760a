/*
 * jitter.h - packets in, an even stream out: puts payloads on a line of time by their RTP
 * timestamps and gives 20 ms of it per tick.
 *
 * The delay is as short as the packets allow: it begins at 40 ms, grows when one comes late, and
 * shrinks, best in a pause, when all have come early for a while. All codecs of the worker have one
 * byte per timestamp unit, so the line is one of bytes. Pure.
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef CX_JITTER_H
#define CX_JITTER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "codec.h"

#define CX_JITTER_ROOM 4096 /* bytes: half a second; a power of two */

struct cx_jitter {
    bool started;
    uint32_t at;     /* timestamp that is read next */
    uint32_t end;    /* behind the newest byte */
    unsigned least;  /* bytes that waited at the least in this period, beyond the frame */
    unsigned period; /* ticks since it began */
    unsigned late, early, lost; /* packets too late; frames left out; bytes that were not there */
    uint8_t bytes[CX_JITTER_ROOM];
    uint8_t there[CX_JITTER_ROOM]; /* 1: this byte has come */
};

/* At most 1600 bytes; more are cut. */
void cx_jitter_put(struct cx_jitter *jitter, uint32_t timestamp, const uint8_t *payload, size_t n);
/* The stream starts anew (another source). */
void cx_jitter_reset(struct cx_jitter *jitter);
/* The next CX_FRAME bytes; there[i] is 0 where none has come. False: not one. quiet: what was given
 * last was a pause, so that this is the time to catch up. */
bool cx_jitter_get(struct cx_jitter *jitter, uint8_t bytes[CX_FRAME], uint8_t there[CX_FRAME],
                   bool quiet);

#endif
