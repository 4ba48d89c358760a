/*
 * tracks.h - the two sides of a call on one line of time: RTP comes in by side, stereo samples go
 * out (left: who called, right: who was called). Pure.
 *
 * Positions are samples since the recording began. What never comes is silence; several sources on
 * one side (a transfer) are mixed. SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef CX_TRACKS_H
#define CX_TRACKS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    CX_TRACKS_ROOM = 8192, /* samples that may wait */
    CX_TRACKS_LATE = 1600  /* kept back for packets that come late: 200 ms */
};

/* Where one stream's timestamps lie on the line. */
struct cx_track {
    bool synced;
    uint32_t base; /* timestamp of position `at` */
    uint64_t at;
};

struct cx_tracks {
    uint64_t written; /* what was taken */
    uint64_t heard;   /* where the last packet ended */
    int16_t side[2][CX_TRACKS_ROOM];
};

/* written: where to begin (a recording that goes on). */
void cx_tracks_init(struct cx_tracks *tracks, uint64_t written);
/* A packet's samples, at most CX_TRACKS_ROOM / 4, that came at `now`. */
void cx_tracks_put(struct cx_tracks *tracks, struct cx_track *track, unsigned side, uint64_t now,
                   uint32_t timestamp, const int16_t *samples, size_t n);
/* The next frames up to the position `until`, at most max of them, interleaved. Their count. */
size_t cx_tracks_take(struct cx_tracks *tracks, uint64_t until, int16_t *stereo, size_t max);

#endif
