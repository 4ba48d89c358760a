/*
 * snapshot.c - see snapshot.h. Epoch-based reclamation after K. Fraser, "Practical lock-freedom"
 * (2004), chapter 5. SPDX-License-Identifier: GPL-2.0-or-later
 */
#include <arpa/inet.h>
#include <errno.h>
#include <netdb.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "core/dprint.h"
#include "core/mem/shm_mem.h"
#include "core/pt.h"

#include "index.h"
#include "snapshot.h"

#define PROCESSES_MAX 1024
#define IDS_BITS      15
#define REALMS_BITS   15
#define NUMBERS_BITS  18
#define TRUNKS_BITS   10

struct cx_account {
    _Atomic(struct cx_image *) image;
    _Atomic(char *) error;
    _Atomic int64_t since;
    _Atomic(struct cx_account *) next;
    struct cx_id id;
};

/* A line of its own each, so that processes do not slow each other. */
struct slot {
    _Alignas(64) _Atomic uint64_t epoch;
};

struct shared {
    struct slot slots[PROCESSES_MAX];
    _Atomic uint64_t epoch;
    _Atomic(struct cx_account *) accounts;
    _Atomic size_t bytes;
    struct cx_index *by_id, *by_realm, *by_number, *by_trunk;
};

/* What the writer has taken out, until nobody can hold it. */
struct retired {
    struct retired *next;
    uint64_t epoch;
    void *block;
};

static struct shared *shared;
static struct retired *limbo; /* the writer's own memory */
static unsigned depth; /* enter/leave nest: a failure route may run inside another function */

static void retire(void *block)
{
    struct retired *r;

    if (!block)
        return;
    r = malloc(sizeof(*r));
    if (!r) /* leak rather than free under a reader */
        return;
    r->block = block;
    r->epoch = atomic_fetch_add(&shared->epoch, 1);
    r->next = limbo;
    limbo = r;
}

int cx_snapshot_init(void)
{
    shared = shm_malloc(sizeof(*shared) + 64);
    if (!shared)
        return -ENOMEM;
    shared = (struct shared *)(((uintptr_t)shared + 63) & ~(uintptr_t)63);
    memset(shared, 0, sizeof(*shared));
    atomic_init(&shared->epoch, 1);
    shared->by_id = cx_index_new(IDS_BITS, retire);
    shared->by_realm = cx_index_new(REALMS_BITS, retire);
    shared->by_number = cx_index_new(NUMBERS_BITS, retire);
    shared->by_trunk = cx_index_new(TRUNKS_BITS, retire);
    if (!shared->by_id || !shared->by_realm || !shared->by_number || !shared->by_trunk)
        return -ENOMEM;
    return 0;
}

void cx_snapshot_enter(void)
{
    if (depth++ == 0) /* sequentially consistent: the pointer loads that follow must not pass it */
        atomic_store(&shared->slots[process_no].epoch, atomic_load(&shared->epoch));
}

void cx_snapshot_leave(void)
{
    if (--depth == 0)
        atomic_store_explicit(&shared->slots[process_no].epoch, 0, memory_order_release);
}

void cx_snapshot_reclaim(void)
{
    uint64_t oldest = UINT64_MAX;
    int processes = get_max_procs();

    if (!limbo)
        return;
    for (int i = 0; i < processes && i < PROCESSES_MAX; i++) {
        uint64_t e = atomic_load(&shared->slots[i].epoch);
        if (e && e < oldest)
            oldest = e;
    }
    for (struct retired **link = &limbo; *link;) {
        struct retired *r = *link;
        if (r->epoch >= oldest) {
            link = &r->next;
            continue;
        }
        *link = r->next;
        shm_free(r->block);
        free(r);
    }
}

static struct cx_str id_key(const struct cx_id *id)
{
    return (struct cx_str){(const char *)id->b, sizeof(id->b)};
}

static const struct cx_image *image_of(const struct cx_account *account)
{
    return account ? atomic_load_explicit(&account->image, memory_order_acquire) : NULL;
}

const struct cx_image *cx_snapshot_by_id(struct cx_id id)
{
    return image_of(cx_index_get(shared->by_id, id_key(&id)));
}

const struct cx_image *cx_snapshot_by_realm(struct cx_str realm)
{
    return image_of(cx_index_get(shared->by_realm, realm));
}

const struct cx_image *cx_snapshot_by_number(struct cx_str number)
{
    return image_of(cx_index_get(shared->by_number, number));
}

const struct cx_image *cx_snapshot_by_trunk(struct cx_str address)
{
    return image_of(cx_index_get(shared->by_trunk, address));
}

const struct cx_image *cx_snapshot_cluster(void)
{
    return cx_snapshot_by_id((struct cx_id){{0}});
}

const struct cx_account *cx_snapshot_next(const struct cx_account *account)
{
    return atomic_load_explicit(account ? &account->next : &shared->accounts, memory_order_acquire);
}

struct cx_id cx_account_id(const struct cx_account *account)
{
    return account->id;
}

const struct cx_image *cx_account_image(const struct cx_account *account)
{
    return image_of(account);
}

const char *cx_account_error(const struct cx_account *account)
{
    return atomic_load_explicit(&account->error, memory_order_acquire);
}

int64_t cx_account_since(const struct cx_account *account)
{
    return atomic_load_explicit(&account->since, memory_order_relaxed);
}

size_t cx_snapshot_bytes(void)
{
    return atomic_load_explicit(&shared->bytes, memory_order_relaxed);
}

static struct cx_account *account_get_or_add(struct cx_id id)
{
    struct cx_account *a = cx_index_get(shared->by_id, id_key(&id));

    if (a)
        return a;
    a = shm_malloc(sizeof(*a));
    if (!a)
        return NULL;
    memset(a, 0, sizeof(*a));
    a->id = id;
    if (cx_index_put(shared->by_id, id_key(&id), a) < 0) {
        shm_free(a);
        return NULL;
    }
    atomic_init(&a->next, atomic_load_explicit(&shared->accounts, memory_order_relaxed));
    atomic_store_explicit(&shared->accounts, a, memory_order_release);
    return a;
}

/* Does the image still have this number in service? Numbers are sorted. */
static bool image_has_number(const struct cx_image *image, struct cx_str number)
{
    uint32_t lo = 0, hi = image ? cx_image_number_count(image) : 0;

    while (lo < hi) {
        uint32_t mid = lo + (hi - lo) / 2;
        struct cx_str n = cx_image_number(image, mid);
        int c = memcmp(n.s, number.s, n.len < number.len ? n.len : number.len);
        if (c == 0 && n.len == number.len)
            return true;
        if (c < 0 || (c == 0 && n.len < number.len))
            lo = mid + 1;
        else
            hi = mid;
    }
    return false;
}

/* A gateway's addresses as text: itself, or what its name means in DNS now. */
static void each_address(struct cx_str server, void (*apply)(void *arg, struct cx_str address),
                         void *arg)
{
    char host[254], text[INET6_ADDRSTRLEN];
    struct addrinfo hints = {.ai_socktype = SOCK_DGRAM}, *list = NULL;

    if (server.len == 0 || server.len >= sizeof(host))
        return;
    memcpy(host, server.s, server.len);
    host[server.len] = '\0';
    if (getaddrinfo(host, NULL, &hints, &list) != 0) {
        LM_WARN("carrier gateway '%s' has no address: its calls will not be recognised\n", host);
        return;
    }
    for (struct addrinfo *a = list; a; a = a->ai_next)
        if (getnameinfo(a->ai_addr, a->ai_addrlen, text, sizeof(text), NULL, 0, NI_NUMERICHOST) ==
            0)
            apply(arg, (struct cx_str){text, (uint32_t)strlen(text)});
    freeaddrinfo(list);
}

static void trunk_add(void *arg, struct cx_str address)
{
    struct cx_account *a = arg, *had = cx_index_get(shared->by_trunk, address);

    /* An address that the cluster's carriers have is never handed to a tenant. */
    if (had && cx_id_is_zero(had->id) && !cx_id_is_zero(a->id))
        return;
    cx_index_put(shared->by_trunk, address, a);
}

static void trunk_remove(void *arg, struct cx_str address)
{
    cx_index_remove(shared->by_trunk, address, arg);
}

static void each_trunk(struct cx_account *a, const struct cx_image *image,
                       void (*apply)(void *arg, struct cx_str address))
{
    struct cx_image_gateway g;

    for (uint32_t i = 0; image && i < cx_image_gateway_count(image); i++) {
        cx_image_gateway_at(image, i, &g);
        if (g.enabled && g.inbound)
            each_address(g.server, apply, a);
    }
}

static void index_image(struct cx_account *a, const struct cx_image *image,
                        const struct cx_image *old)
{
    struct cx_str realm = image ? cx_image_realm(image) : (struct cx_str){0};
    struct cx_str old_realm = old ? cx_image_realm(old) : (struct cx_str){0};

    if (old_realm.len &&
        !(realm.len == old_realm.len && memcmp(realm.s, old_realm.s, realm.len) == 0))
        cx_index_remove(shared->by_realm, old_realm, a);
    if (realm.len)
        cx_index_put(shared->by_realm, realm, a);
    for (uint32_t i = 0; old && i < cx_image_number_count(old); i++)
        if (!image_has_number(image, cx_image_number(old, i)))
            cx_index_remove(shared->by_number, cx_image_number(old, i), a);
    for (uint32_t i = 0; image && i < cx_image_number_count(image); i++)
        cx_index_put(shared->by_number, cx_image_number(image, i), a);
    each_trunk(a, old, trunk_remove);
    each_trunk(a, image, trunk_add);
}

static void swap_image(struct cx_account *a, struct cx_image *image)
{
    struct cx_image *old = atomic_load_explicit(&a->image, memory_order_relaxed);

    if (old)
        atomic_fetch_sub(&shared->bytes, cx_image_size(old));
    if (image)
        atomic_fetch_add(&shared->bytes, cx_image_size(image));
    atomic_store_explicit(&a->image, image, memory_order_release);
    index_image(a, image, old);
    atomic_store_explicit(&a->since, (int64_t)time(NULL), memory_order_relaxed);
    retire(old);
}

int cx_snapshot_publish(const struct cx_image *image)
{
    struct cx_account *a = account_get_or_add(cx_image_account(image));
    struct cx_image *copy;

    if (!a)
        return -ENOMEM;
    copy = shm_malloc(cx_image_size(image));
    if (!copy)
        return -ENOMEM;
    memcpy(copy, image, cx_image_size(image));
    swap_image(a, copy);
    return 0;
}

void cx_snapshot_remove(struct cx_id id)
{
    struct cx_account *a = cx_index_get(shared->by_id, id_key(&id));

    if (a && atomic_load_explicit(&a->image, memory_order_relaxed))
        swap_image(a, NULL);
}

void cx_snapshot_refuse(struct cx_id id, const char *why)
{
    struct cx_account *a = account_get_or_add(id);
    char *text = NULL, *old;

    if (!a)
        return;
    if (why) {
        text = shm_malloc(strlen(why) + 1);
        if (text)
            strcpy(text, why);
    }
    old = atomic_load_explicit(&a->error, memory_order_relaxed);
    atomic_store_explicit(&a->error, text, memory_order_release);
    retire(old);
}
