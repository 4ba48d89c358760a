/*
 * draft.h - a recording in memory: a prompt that is spoken over the phone and not yet kept.
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef CX_DRAFT_H
#define CX_DRAFT_H

#include <stddef.h>
#include <stdint.h>

struct cx_draft {
    int16_t *samples; /* CX_RATE, mono; free() them */
    size_t count, room;
};

/* 0 or -ENOMEM (then the draft is as it was). */
int cx_draft_add(struct cx_draft *draft, const int16_t *samples, size_t count);
void cx_draft_clear(struct cx_draft *draft);
/* A 16-bit wav below the storage folder, whole or not at all (tmp, fsync, rename); its folders are
 * made. Slow: for threads. Bytes of the file, or -errno. */
long cx_draft_store(const struct cx_draft *draft, const char *storage, const char *key);

#endif
