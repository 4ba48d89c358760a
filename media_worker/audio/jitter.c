/*
 * jitter.c - see jitter.h. SPDX-License-Identifier: GPL-2.0-or-later
 */
#include <string.h>

#include "jitter.h"

#define MASK    (CX_JITTER_ROOM - 1)
#define BLOCK   CX_JITTER_BLOCK
#define BLOCKS  CX_JITTER_BLOCKS
#define START   (2 * CX_FRAME) /* the delay at the beginning */
#define LONGEST 800
#define AHEAD   1200 /* more than so far ahead, or behind: the sender's clock has jumped */
#define PERIOD  100  /* ticks */
#define SPARE   CX_FRAME
#define PATIENT 3 /* so many times SPARE and it is left out in the middle of a word too */

_Static_assert(AHEAD + LONGEST <= CX_JITTER_ROOM, "what is ahead must not meet what is read");

void cx_jitter_reset(struct cx_jitter *j)
{
    j->started = false;
    memset(j->there, 0, sizeof(j->there));
}

static void start(struct cx_jitter *j, uint32_t timestamp)
{
    cx_jitter_reset(j);
    j->started = true;
    j->base = timestamp - START;
    j->at = 0;
    j->end = START;
    j->period = 0;
    j->least = CX_JITTER_ROOM;
}

/* [at, at + n) has come, or has been given. A block counts as there when its first byte is: packets
 * are whole milliseconds long, so that at worst one is cut at its end. */
static void mark(struct cx_jitter *j, uint32_t at, size_t n, uint8_t there)
{
    uint64_t first = ((uint64_t)at + BLOCK - 1) / BLOCK,
             end = ((uint64_t)at + n + BLOCK - 1) / BLOCK;

    for (; first < end; first++)
        j->there[first % (CX_JITTER_ROOM / BLOCK)] = there;
}

void cx_jitter_put(struct cx_jitter *j, uint32_t timestamp, const uint8_t *payload, size_t n)
{
    uint32_t to = timestamp - j->base;
    int32_t ahead = (int32_t)(to - j->at), newer;
    size_t first;

    if (n > LONGEST)
        n = LONGEST;
    if (!j->started || ahead > AHEAD || ahead < -AHEAD) {
        start(j, timestamp);
        to = START;
    }
    ahead = (int32_t)(to - j->at);
    newer = (int32_t)(to + (uint32_t)n - j->end);
    if (ahead < 0 && newer > 0) {
        /* the newest, and late: from now on all is heard later by that. What has been heard is
         * not there any more, so nothing is heard twice. */
        j->late++;
        j->at = to / BLOCK * BLOCK;
        j->least = CX_JITTER_ROOM;
        j->period = 0;
    } else if (ahead < 0) {
        size_t cut = (size_t)-ahead;

        j->late++;
        if (cut >= n)
            return; /* its place has been filled */
        to += (uint32_t)cut;
        payload += cut;
        n -= cut;
    }
    first = CX_JITTER_ROOM - (to & MASK);
    if (first > n)
        first = n;
    memcpy(j->bytes + (to & MASK), payload, first);
    memcpy(j->bytes, payload + first, n - first);
    mark(j, to, n, 1);
    if (newer > 0)
        j->end = to + (uint32_t)n;
}

static void skip(struct cx_jitter *j, size_t n)
{
    n = n / BLOCK * BLOCK;
    mark(j, j->at, n, 0);
    j->at += (uint32_t)n;
}

/* Is more waiting, all the time, than is needed? */
static void catch_up(struct cx_jitter *j, bool quiet)
{
    int32_t waiting = (int32_t)(j->end - j->at) - CX_FRAME;

    if (waiting < (int32_t)j->least)
        j->least = waiting > 0 ? (unsigned)waiting : 0;
    if (++j->period < PERIOD)
        return;
    if (j->least >= PATIENT * SPARE || (j->least > SPARE && quiet)) {
        skip(j, j->least - SPARE < CX_FRAME ? j->least - SPARE : CX_FRAME);
        j->early++;
        j->period = PERIOD - 5; /* the rest soon */
    } else if (j->least <= SPARE) {
        j->period = 0;
    } else {
        return; /* the next pause */
    }
    j->least = CX_JITTER_ROOM;
}

bool cx_jitter_get(struct cx_jitter *j, uint8_t bytes[CX_FRAME], uint8_t there[BLOCKS], bool quiet)
{
    size_t first, missing = 0;

    if (!j->started)
        return false;
    catch_up(j, quiet);
    first = CX_JITTER_ROOM - (j->at & MASK);
    if (first > CX_FRAME)
        first = CX_FRAME;
    memcpy(bytes, j->bytes + (j->at & MASK), first);
    memcpy(bytes + first, j->bytes, CX_FRAME - first);
    for (unsigned i = 0; i < BLOCKS; i++) {
        uint8_t *block = &j->there[(j->at / BLOCK + i) % (CX_JITTER_ROOM / BLOCK)];

        there[i] = *block;
        missing += !*block;
        *block = 0;
    }
    j->at += CX_FRAME;
    j->lost += (unsigned)missing * BLOCK;
    return missing < BLOCKS;
}
