/*
 * index.c - see index.h.
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include <errno.h>
#include <stdatomic.h>
#include <string.h>

#include "core/mem/shm_mem.h"

#include "index.h"

struct node {
    _Atomic(struct node *) next;
    _Atomic(void *) value;
    uint32_t hash;
    uint32_t len;
    char key[];
};

struct cx_index {
    void (*retire)(void *block);
    uint32_t mask;
    _Atomic(struct node *) buckets[];
};

/* FNV-1a: keys are short, and their makers (numbers, realms, addresses) are not attackers. */
static uint32_t hash_of(struct cx_str key)
{
    uint32_t h = 2166136261u;

    for (uint32_t i = 0; i < key.len; i++)
        h = (h ^ (uint8_t)key.s[i]) * 16777619u;
    return h ^ (h >> 15);
}

struct cx_index *cx_index_new(unsigned bits, void (*retire)(void *block))
{
    size_t buckets = (size_t)1 << bits;
    size_t size = sizeof(struct cx_index) + buckets * sizeof(struct node *);
    struct cx_index *index = shm_malloc(size);

    if (!index)
        return NULL;
    memset(index, 0, size);
    index->retire = retire;
    index->mask = (uint32_t)(buckets - 1);
    return index;
}

static struct node *find(const struct cx_index *index, struct cx_str key, uint32_t h)
{
    struct node *n = atomic_load_explicit(&index->buckets[h & index->mask], memory_order_acquire);

    while (n && !(n->hash == h && n->len == key.len && memcmp(n->key, key.s, key.len) == 0))
        n = atomic_load_explicit(&n->next, memory_order_acquire);
    return n;
}

void *cx_index_get(const struct cx_index *index, struct cx_str key)
{
    struct node *n = find(index, key, hash_of(key));

    return n ? atomic_load_explicit(&n->value, memory_order_acquire) : NULL;
}

int cx_index_put(struct cx_index *index, struct cx_str key, void *value)
{
    uint32_t h = hash_of(key);
    _Atomic(struct node *) *bucket = &index->buckets[h & index->mask];
    struct node *n = find(index, key, h);

    if (n) {
        atomic_store_explicit(&n->value, value, memory_order_release);
        return 0;
    }
    n = shm_malloc(sizeof(*n) + key.len);
    if (!n)
        return -ENOMEM;
    n->hash = h;
    n->len = key.len;
    memcpy(n->key, key.s, key.len);
    atomic_init(&n->value, value);
    atomic_init(&n->next, atomic_load_explicit(bucket, memory_order_relaxed));
    atomic_store_explicit(bucket, n, memory_order_release);
    return 0;
}

void cx_index_remove(struct cx_index *index, struct cx_str key, const void *value)
{
    uint32_t h = hash_of(key);
    struct node *n = find(index, key, h);
    _Atomic(struct node *) *link = &index->buckets[h & index->mask];

    if (!n || atomic_load_explicit(&n->value, memory_order_relaxed) != value)
        return;
    while (atomic_load_explicit(link, memory_order_relaxed) != n)
        link = &atomic_load_explicit(link, memory_order_relaxed)->next;
    /* A reader that stands on n still finds its way on: n keeps its own next. */
    atomic_store_explicit(link, atomic_load_explicit(&n->next, memory_order_relaxed),
                          memory_order_release);
    index->retire(n);
}
