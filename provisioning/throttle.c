/*
 * throttle.c - see throttle.h. A fixed table of counters; keys that share one share its limit,
 * which with 16,384 of them is rare and does little harm. SPDX-License-Identifier: GPL-2.0-or-later
 */
#include <stdatomic.h>
#include <stddef.h>
#include <sys/mman.h>

#include "throttle.h"

#define SLOTS    16384u
#define KNOWN    65536u
#define WINDOW_S 60

struct slot {
    _Atomic uint64_t minute_and_count; /* window number << 16 | failures */
};

struct cx_throttle {
    struct slot slots[SLOTS];
    _Atomic uint64_t known[KNOWN];
};

struct cx_throttle *cx_throttle_new(void)
{
    void *memory = mmap(NULL, sizeof(struct cx_throttle), PROT_READ | PROT_WRITE,
                        MAP_SHARED | MAP_ANONYMOUS, -1, 0);

    return memory == MAP_FAILED ? NULL : memory;
}

static struct slot *slot_of(struct cx_throttle *throttle, const char *key)
{
    uint64_t h = 14695981039346656037u;

    for (; *key; key++)
        h = (h ^ (unsigned char)*key) * 1099511628211u;
    return &throttle->slots[(h ^ h >> 32) % SLOTS];
}

bool cx_throttle_allows(struct cx_throttle *throttle, const char *key, int64_t now, unsigned limit)
{
    uint64_t value, window = (uint64_t)now / WINDOW_S;

    if (!throttle)
        return true;
    value = atomic_load(&slot_of(throttle, key)->minute_and_count);
    return value >> 16 != window || (value & 0xffff) < limit;
}

void cx_throttle_failed(struct cx_throttle *throttle, const char *key, int64_t now)
{
    uint64_t value, next, window = (uint64_t)now / WINDOW_S;
    struct slot *slot;

    if (!throttle)
        return;
    slot = slot_of(throttle, key);
    value = atomic_load(&slot->minute_and_count);
    do {
        if (value >> 16 != window)
            next = window << 16 | 1;
        else if ((value & 0xffff) == 0xffff)
            return;
        else
            next = value + 1;
    } while (!atomic_compare_exchange_weak(&slot->minute_and_count, &value, next));
}

void cx_throttle_good(struct cx_throttle *throttle, uint64_t tag)
{
    if (throttle)
        atomic_store(&throttle->known[tag % KNOWN], tag);
}

void cx_throttle_forget(struct cx_throttle *throttle, uint64_t tag)
{
    if (throttle)
        atomic_compare_exchange_strong(&throttle->known[tag % KNOWN], &tag, 0);
}

bool cx_throttle_knows(struct cx_throttle *throttle, uint64_t tag)
{
    return throttle && tag != 0 && atomic_load(&throttle->known[tag % KNOWN]) == tag;
}
