/*
 * index.h - a hash table of strings in shared memory: one writer, readers without a lock.
 *
 * The writer (one process at a time) publishes with release stores; what it takes out is given to a
 * retire function and freed when no reader can hold it any more (snapshot.h). Readers must be
 * between cx_snapshot_enter() and cx_snapshot_leave(). SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef CX_INDEX_H
#define CX_INDEX_H

#include <stdint.h>
#include "routing/call.h"

struct cx_index;

/* 1 << bits buckets; NULL when shared memory is exhausted. retire: ends the life of removed nodes.
 */
struct cx_index *cx_index_new(unsigned bits, void (*retire)(void *block));

void *cx_index_get(const struct cx_index *index, struct cx_str key); /* NULL: absent */

/* Writer only. Replaces what the key had. 0 or -ENOMEM. */
int cx_index_put(struct cx_index *index, struct cx_str key, void *value);
/* Writer only. Takes the key out, but only if it still says `value`. */
void cx_index_remove(struct cx_index *index, struct cx_str key, const void *value);

#endif
