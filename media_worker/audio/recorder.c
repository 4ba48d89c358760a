/*
 * recorder.c - see recorder.h. SPDX-License-Identifier: GPL-2.0-or-later
 */
#include <string.h>

#include "recorder.h"

#define MS          (CX_RATE / 1000)
#define WRITE_EVERY (400 * MS) /* kill -9 costs no more than this and LATE */
#define LATE        (100 * MS) /* kept back for packets that come late */
#define STALLED     (200 * MS) /* nothing for so long: silence */
#define JUMP        (2000 * MS)
#define TAIL        (300 * MS) /* of silence that stays */
#define SHORTEST    (500 * MS)
#define LEAST_LOUD  (100 * MS)

void cx_recorder_start(struct cx_recorder *r, struct cx_spool_entry *entry, unsigned max_ms,
                       unsigned silence_ms)
{
    /* pending needs no clearing */
    memset(r, 0, offsetof(struct cx_recorder, pending));
    r->entry = entry;
    r->max = (uint64_t)max_ms * MS;
    r->silence = (uint64_t)silence_ms * MS;
}

void cx_recorder_draft(struct cx_recorder *r, unsigned max_ms, unsigned silence_ms)
{
    cx_recorder_start(r, NULL, max_ms, silence_ms);
    r->in_memory = true;
}

/* Writes what has waited, but for the last `rest` samples. */
static void flush(struct cx_recorder *r, uint64_t rest)
{
    size_t n = (size_t)(r->end - r->written), out;

    if (n <= rest)
        return;
    out = n - (size_t)rest;
    if (!r->failed && (r->in_memory ? cx_draft_add(&r->draft, r->pending, out)
                                    : cx_spool_write(r->entry, r->pending, out)) < 0)
        r->failed = true;
    memmove(r->pending, r->pending + out, (n - out) * sizeof(*r->pending));
    r->written += out;
}

static void silence_until(struct cx_recorder *r, uint64_t position)
{
    while (r->end < position) {
        uint64_t n = position - r->end, room = CX_RECORDER_PENDING - (r->end - r->written);

        if (room == 0) {
            flush(r, LATE);
            continue;
        }
        if (n > room)
            n = room;
        memset(r->pending + (r->end - r->written), 0, (size_t)n * sizeof(*r->pending));
        r->end += n;
    }
}

void cx_recorder_resync(struct cx_recorder *r)
{
    r->synced = false;
}

void cx_recorder_put(struct cx_recorder *r, uint16_t seq, uint32_t timestamp,
                     const int16_t *samples, unsigned n)
{
    int64_t position;
    bool newer = !r->synced || (int16_t)(seq - r->seq) > 0;

    if (n == 0 || n > CX_RECORDER_PENDING / 2)
        return;
    if (!r->synced) {
        r->base = timestamp - (uint32_t)r->end;
        r->synced = true;
    }
    if (newer)
        r->seq = seq;
    /* the distance to the end of the line, which wraps like the timestamps do */
    position = (int64_t)r->end + (int32_t)(timestamp - r->base - (uint32_t)r->end);
    if (newer && (position < (int64_t)r->end - LATE * 2 || position > (int64_t)r->wall + JUMP)) {
        /* the sender's clock stood still or jumped: what is new comes now */
        r->base = timestamp - (uint32_t)r->end;
        position = (int64_t)r->end;
    }
    if (position < (int64_t)r->written) {
        uint64_t cut = (uint64_t)((int64_t)r->written - position);
        if (cut >= n)
            return; /* too late */
        samples += cut;
        n -= (unsigned)cut;
        position = (int64_t)r->written;
    }
    silence_until(r, (uint64_t)position);
    if ((uint64_t)position + n - r->written > CX_RECORDER_PENDING)
        flush(r, LATE);
    if ((uint64_t)position < r->written)
        return;
    memcpy(r->pending + ((uint64_t)position - r->written), samples, n * sizeof(*samples));
    if ((uint64_t)position + n > r->end)
        r->end = (uint64_t)position + n;
    if (cx_audio_is_loud(samples, n)) {
        r->loud += n;
        if ((uint64_t)position + n > r->heard_end)
            r->heard_end = (uint64_t)position + n;
    }
}

enum cx_record_end cx_recorder_tick(struct cx_recorder *r)
{
    r->wall += CX_FRAME;
    if (r->wall > r->end + STALLED)
        silence_until(r, r->wall - LATE);
    if (r->end - r->written >= WRITE_EVERY + LATE)
        flush(r, LATE);
    if (r->failed)
        return CX_RECORD_DISK;
    if (r->wall >= r->max)
        return CX_RECORD_MAXIMUM;
    if (r->end >= r->heard_end + r->silence)
        return CX_RECORD_SILENCE;
    return CX_RECORD_GOES_ON;
}

uint64_t cx_recording_keep(uint64_t end, uint64_t heard_end, uint64_t loud)
{
    if (heard_end < SHORTEST || loud < LEAST_LOUD)
        return 0;
    return heard_end + TAIL < end ? heard_end + TAIL : end;
}

unsigned cx_recorder_draft_stop(struct cx_recorder *r, struct cx_draft *draft)
{
    uint64_t keep;

    memset(draft, 0, sizeof(*draft));
    if (!r->in_memory)
        return 0;
    flush(r, 0);
    r->in_memory = false;
    *draft = r->draft;
    memset(&r->draft, 0, sizeof(r->draft));
    keep = cx_recording_keep(r->end, r->heard_end, r->loud);
    if (keep < draft->count)
        draft->count = (size_t)keep;
    if (draft->count == 0)
        cx_draft_clear(draft);
    return (unsigned)(draft->count / MS);
}

unsigned cx_recorder_stop(struct cx_recorder *r)
{
    struct cx_spool_entry *entry = r->entry;
    uint64_t keep;

    if (r->in_memory) {
        r->in_memory = false;
        cx_draft_clear(&r->draft);
    }
    if (!entry)
        return 0;
    flush(r, 0);
    r->entry = NULL;
    keep = cx_recording_keep(r->end, r->heard_end, r->loud);
    if (keep > r->written)
        keep = r->written;
    if (keep == 0) {
        cx_spool_drop(entry);
        return 0;
    }
    cx_spool_finish(entry, (size_t)keep);
    return (unsigned)(keep / MS);
}
