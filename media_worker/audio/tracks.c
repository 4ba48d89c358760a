/*
 * tracks.c - see tracks.h. SPDX-License-Identifier: GPL-2.0-or-later
 */
#include <string.h>

#include "tracks.h"

#define JUMP 4000 /* a stream that is so far from the clock (500 ms) begins anew where it is */

void cx_tracks_init(struct cx_tracks *t, uint64_t written)
{
    memset(t, 0, sizeof(*t));
    t->written = t->heard = written;
}

static int16_t add(int16_t a, int16_t b)
{
    int sum = a + b;

    return (int16_t)(sum > INT16_MAX ? INT16_MAX : sum < INT16_MIN ? INT16_MIN : sum);
}

void cx_tracks_put(struct cx_tracks *t, struct cx_track *track, unsigned side, uint64_t now,
                   uint32_t timestamp, const int16_t *samples, size_t n)
{
    int64_t at;

    if (n == 0 || n > CX_TRACKS_ROOM / 4)
        return;
    at = (int64_t)track->at + (int32_t)(timestamp - track->base);
    if (!track->synced || at > (int64_t)now + JUMP || at < (int64_t)now - JUMP) {
        track->synced = true;
        at = (int64_t)now;
    }
    /* carried along, so that the distance never wraps */
    track->base = timestamp;
    track->at = at < 0 ? 0 : (uint64_t)at;
    for (size_t i = 0; i < n; i++, at++) {
        int16_t *slot;

        if (at < (int64_t)t->written)
            continue; /* too late */
        if (at >= (int64_t)t->written + CX_TRACKS_ROOM)
            break;
        slot = &t->side[side & 1][at % CX_TRACKS_ROOM];
        *slot = add(*slot, samples[i]);
        if ((uint64_t)at + 1 > t->heard)
            t->heard = (uint64_t)at + 1;
    }
}

size_t cx_tracks_take(struct cx_tracks *t, uint64_t until, int16_t *stereo, size_t max)
{
    size_t n = 0;

    for (; n < max && t->written < until; n++, t->written++)
        for (int s = 0; s < 2; s++) {
            int16_t *slot = &t->side[s][t->written % CX_TRACKS_ROOM];

            stereo[2 * n + (size_t)s] = *slot;
            *slot = 0;
        }
    return n;
}
