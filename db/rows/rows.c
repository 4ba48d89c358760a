/*
 * rows.c - the arena that owns the rows of an account. See rows.h.
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include <stdlib.h>
#include <string.h>

#include "rows.h"

#define BLOCK_BYTES 65536

/* Memory in large pieces; the newest is at the head. */
struct block {
    struct block *next;
    size_t used, size;
    max_align_t data[];
};

void *cx_rows_alloc(struct cx_account_rows *rows, size_t size)
{
    struct block *b = rows->arena;
    void *p;

    size = (size + sizeof(max_align_t) - 1) / sizeof(max_align_t) * sizeof(max_align_t);
    if (!b || b->size - b->used < size) {
        size_t room = size > BLOCK_BYTES ? size : BLOCK_BYTES;
        b = calloc(1, sizeof(*b) + room);
        if (!b) {
            rows->out_of_memory = true;
            return NULL;
        }
        b->size = room;
        b->next = rows->arena;
        rows->arena = b;
    }
    p = (char *)b->data + b->used;
    b->used += size;
    return p;
}

const char *cx_rows_strdup(struct cx_account_rows *rows, const char *text)
{
    size_t size;
    char *copy;

    if (!text)
        return NULL;
    size = strlen(text) + 1;
    copy = cx_rows_alloc(rows, size);
    if (copy)
        memcpy(copy, text, size);
    return copy;
}

void cx_rows_free(struct cx_account_rows *rows)
{
    while (rows->arena) {
        struct block *b = rows->arena;
        rows->arena = b->next;
        free(b);
    }
    memset(rows, 0, sizeof(*rows));
}
