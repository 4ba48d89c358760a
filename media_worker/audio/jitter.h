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

#define CX_JITTER_ROOM   2048 /* bytes: a quarter of a second; a power of two */
#define CX_JITTER_BLOCK  8    /* bytes, a millisecond: is it there or not? */
#define CX_JITTER_BLOCKS (CX_FRAME / CX_JITTER_BLOCK)

struct cx_jitter {
    bool started;
    uint32_t base;   /* timestamp that is position 0; the positions below are relative to it */
    uint32_t at;     /* that is read next; a multiple of a block */
    uint32_t end;    /* behind the newest byte */
    unsigned least;  /* bytes that waited at the least in this period, beyond the frame */
    unsigned period; /* ticks since it began */
    unsigned late, early, lost; /* packets too late; frames left out; bytes that were not there */
    uint8_t bytes[CX_JITTER_ROOM];
    uint8_t there[CX_JITTER_ROOM / CX_JITTER_BLOCK]; /* 1: this block has come */
};

/* At most 800 bytes (100 ms); more are cut. */
void cx_jitter_put(struct cx_jitter *jitter, uint32_t timestamp, const uint8_t *payload, size_t n);
/* The stream starts anew (another source). */
void cx_jitter_reset(struct cx_jitter *jitter);
/* The next CX_FRAME bytes; there[i] is 0 where a block has not come. False: not one. quiet: what
 * was given last was a pause, so that this is the time to catch up. */
bool cx_jitter_get(struct cx_jitter *jitter, uint8_t bytes[CX_FRAME],
                   uint8_t there[CX_JITTER_BLOCKS], bool quiet);

#endif
