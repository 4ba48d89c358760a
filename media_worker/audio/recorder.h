/*
 * recorder.h - puts what arrives on one line of time and into the spool: lost packets become
 * silence, late ones find their place, and the end is noticed (silence, maximum).
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef CX_RECORDER_H
#define CX_RECORDER_H

#include <stdbool.h>
#include <stdint.h>

#include "../spool.h"
#include "codec.h"
#include "draft.h"

enum cx_record_end {
    CX_RECORD_GOES_ON,
    CX_RECORD_SILENCE,
    CX_RECORD_MAXIMUM,
    CX_RECORD_DISK, /* the spool could not be written */
};

#define CX_RECORDER_PENDING 6400 /* samples that may wait: 800 ms */

struct cx_recorder {
    struct cx_spool_entry *entry; /* NULL: off, or in memory */
    struct cx_draft draft;
    bool in_memory;
    uint64_t max, silence; /* limits [samples] */
    uint64_t wall;         /* what the clock says [samples] */
    uint64_t end, written; /* of the line of time; of the spool file */
    uint64_t heard_end;    /* where the last loud frame ended; 0: none */
    uint64_t loud;         /* samples in loud frames */
    uint32_t base;         /* RTP timestamp at position 0 */
    uint16_t seq;          /* newest sequence number */
    bool synced, failed;
    int16_t pending[CX_RECORDER_PENDING]; /* [written, end) */
};

/* Takes the entry over. */
void cx_recorder_start(struct cx_recorder *r, struct cx_spool_entry *entry, unsigned max_ms,
                       unsigned silence_ms);
static inline bool cx_recorder_is_on(const struct cx_recorder *r)
{
    return r->entry != NULL || r->in_memory;
}
/* Into memory. */
void cx_recorder_draft(struct cx_recorder *r, unsigned max_ms, unsigned silence_ms);
/* As cx_recorder_stop(); the caller owns the samples. */
unsigned cx_recorder_draft_stop(struct cx_recorder *r, struct cx_draft *draft);
/* A packet's samples; at most CX_RECORDER_PENDING / 2. */
void cx_recorder_put(struct cx_recorder *r, uint16_t seq, uint32_t timestamp,
                     const int16_t *samples, unsigned n);
/* The stream's timestamps start anew (another source): go on at the end. */
void cx_recorder_resync(struct cx_recorder *r);
/* 20 ms are over. */
enum cx_record_end cx_recorder_tick(struct cx_recorder *r);
/* Ends it: kept with trailing silence cut, or dropped when there is less than half a second of
 * sound. Returns the length that is kept [ms], 0 when it was dropped. */
unsigned cx_recorder_stop(struct cx_recorder *r);

/* How much of some audio to keep (0: nothing): the rule above, also for what a dead worker left. */
uint64_t cx_recording_keep(uint64_t end, uint64_t heard_end, uint64_t loud);

#endif
