/*
 * jitter.c - see jitter.h. SPDX-License-Identifier: GPL-2.0-or-later
 */
#include <string.h>

#include "jitter.h"

#define MASK    (CX_JITTER_ROOM - 1)
#define START   (2 * CX_FRAME) /* the delay at the beginning */
#define LONGEST 1600
#define AHEAD   3200 /* more than so far ahead: the sender's clock has jumped */
#define PERIOD  100  /* ticks */
#define SPARE   CX_FRAME
#define PATIENT 3 /* so many times SPARE and it is left out in the middle of a word too */

void cx_jitter_reset(struct cx_jitter *j)
{
    j->started = false;
    memset(j->there, 0, sizeof(j->there));
}

static void start(struct cx_jitter *j, uint32_t timestamp)
{
    cx_jitter_reset(j);
    j->started = true;
    j->at = timestamp - START;
    j->end = timestamp;
    j->period = 0;
    j->least = CX_JITTER_ROOM;
}

void cx_jitter_put(struct cx_jitter *j, uint32_t timestamp, const uint8_t *payload, size_t n)
{
    int32_t ahead, newer;
    size_t first;

    if (n > LONGEST)
        n = LONGEST;
    ahead = (int32_t)(timestamp - j->at);
    newer = (int32_t)(timestamp + (uint32_t)n - j->end);
    if (!j->started || ahead > AHEAD || ahead < -AHEAD) {
        start(j, timestamp);
    } else if (ahead < 0 && newer > 0) {
        /* the newest, and late: from now on all is heard later by that. What has been heard is
         * not there any more, so nothing is heard twice. */
        j->late++;
        j->at = timestamp;
        j->least = CX_JITTER_ROOM;
        j->period = 0;
    } else if (ahead < 0) {
        size_t cut = (size_t)-ahead;

        j->late++;
        if (cut >= n)
            return; /* its place has been filled */
        timestamp += (uint32_t)cut;
        payload += cut;
        n -= cut;
    }
    first = CX_JITTER_ROOM - (timestamp & MASK);
    if (first > n)
        first = n;
    memcpy(j->bytes + (timestamp & MASK), payload, first);
    memset(j->there + (timestamp & MASK), 1, first);
    memcpy(j->bytes, payload + first, n - first);
    memset(j->there, 1, n - first);
    if ((int32_t)(timestamp + (uint32_t)n - j->end) > 0)
        j->end = timestamp + (uint32_t)n;
}

static void skip(struct cx_jitter *j, size_t n)
{
    for (size_t i = 0; i < n; i++)
        j->there[(j->at + i) & MASK] = 0;
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

bool cx_jitter_get(struct cx_jitter *j, uint8_t bytes[CX_FRAME], uint8_t there[CX_FRAME],
                   bool quiet)
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
    memcpy(there, j->there + (j->at & MASK), first);
    memcpy(there + first, j->there, CX_FRAME - first);
    memset(j->there + (j->at & MASK), 0, first);
    memset(j->there, 0, CX_FRAME - first);
    j->at += CX_FRAME;
    for (size_t i = 0; i < CX_FRAME; i++)
        missing += !there[i];
    j->lost += (unsigned)missing;
    return missing < CX_FRAME;
}
