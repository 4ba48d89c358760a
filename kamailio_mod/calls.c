/*
 * calls.c - see calls.h.
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include <stdio.h>
#include <string.h>

#include "core/ip_addr.h"
#include "core/locking.h"
#include "core/mem/shm_mem.h"
#include "core/parser/contact/parse_contact.h"
#include "core/parser/parse_from.h"
#include "core/parser/parse_to.h"
#include "modules/tm/h_table.h"

#include "calls.h"
#include "cdr.h"
#include "inside.h"
#include "legs.h"
#include "snapshot.h"
#include "source.h"
#include "tm_api.h"

#define BUCKETS       4096u
#define RINGS_MOST_MS (15 * 60 * 1000LL)
#define TALKS_MOST_MS (12 * 3600 * 1000LL)

struct node {
    struct node *next_id, *next_account;
    int64_t lease_ms; /* unix time */
    struct cx_live call;
};

/* Whom a phone called last, and who called it. One a phone, kept as long as the node runs. */
struct last {
    struct last *next;
    struct cx_id device;
    char dialled[64];
    char caller[64];
};

#define CHANGES 8192u

static struct {
    gen_lock_t lock;
    unsigned changed, told; /* count up; the ring holds what lies between */
    struct cx_change changes[CHANGES];
    unsigned count;
    struct node *by_id[BUCKETS];
    struct node *by_account[BUCKETS];
    struct last *last[BUCKETS];
} * table;

int cx_calls_init(void)
{
    table = shm_malloc(sizeof(*table));
    if (!table)
        return -1;
    memset(table, 0, sizeof(*table));
    return lock_init(&table->lock) ? 0 : -1;
}

static unsigned bucket_of(const void *data, size_t size)
{
    const unsigned char *p = data;
    uint32_t h = 2166136261u; /* FNV-1a */

    for (size_t i = 0; i < size; i++)
        h = (h ^ p[i]) * 16777619u;
    return h % BUCKETS;
}

static struct node *find(struct cx_str call_id)
{
    for (struct node *n = table->by_id[bucket_of(call_id.s, call_id.len)]; n; n = n->next_id)
        if (strlen(n->call.call_id) == call_id.len &&
            memcmp(n->call.call_id, call_id.s, call_id.len) == 0)
            return n;
    return NULL;
}

static struct cx_str z(const char *text)
{
    return (struct cx_str){text, (uint32_t)strlen(text)};
}

static void add_change(struct cx_id account, struct cx_id device, const char *slot)
{
    struct cx_change *c = &table->changes[table->changed % CHANGES];

    if (cx_id_is_zero(device) && !slot[0])
        return;
    c->account = account;
    c->device = device;
    memcpy(c->slot, slot, strlen(slot) + 1);
    if (++table->changed - table->told > CHANGES)
        table->told++; /* the oldest is forgotten: its lamp is right again with the next change */
}

/* For all who have to do with this call; before and after a change of who that is. */
static void touch(const struct cx_live *call)
{
    add_change(call->account, call->caller.device, "");
    add_change(call->account, call->callee.device, "");
    for (unsigned i = 0; i < call->ring_count; i++)
        add_change(call->account, call->rings[i], "");
    add_change(call->account, (struct cx_id){{0}}, call->slot);
}

bool cx_calls_changed(struct cx_change *change)
{
    bool some;

    lock_get(&table->lock);
    some = table->told != table->changed;
    if (some)
        *change = table->changes[table->told++ % CHANGES];
    lock_release(&table->lock);
    return some;
}

static void drop(struct node *n)
{
    struct node **at = &table->by_id[bucket_of(n->call.call_id, strlen(n->call.call_id))];

    while (*at && *at != n)
        at = &(*at)->next_id;
    if (*at)
        *at = n->next_id;
    at = &table->by_account[bucket_of(&n->call.account, sizeof(n->call.account))];
    while (*at && *at != n)
        at = &(*at)->next_account;
    if (*at)
        *at = n->next_account;
    touch(&n->call);
    table->count--;
    shm_free(n);
}

void cx_calls_party(struct sip_msg *msg, struct cx_party *party)
{
    const char *transport = msg->rcv.proto == PROTO_TCP   ? ";transport=tcp"
                            : msg->rcv.proto == PROTO_TLS ? ";transport=tls"
                            : msg->rcv.proto == PROTO_WS  ? ";transport=ws"
                                                          : "";
    const struct cx_str supported = cx_header(msg, "Supported");
    const bool v6 = msg->rcv.src_ip.af == AF_INET6;
    contact_t *contact;

    if (msg->contact && parse_contact(msg->contact) == 0 &&
        (contact = ((contact_body_t *)msg->contact->parsed)->contacts) != NULL)
        CX_COPY(party->contact, cx_str_of(contact->uri));
    snprintf(party->hop, sizeof(party->hop), "sip:%s%s%s:%u%s", v6 ? "[" : "",
             ip_addr2a(&msg->rcv.src_ip), v6 ? "]" : "", msg->rcv.src_port, transport);
    party->replaces =
        supported.len >= 8 && memmem(supported.s, supported.len, "replaces", 8) != NULL;
}

static struct last *last_of(struct cx_id device, bool make)
{
    struct last **at = &table->last[bucket_of(&device, sizeof(device))], *l;

    for (l = *at; l; l = l->next)
        if (cx_id_equal(l->device, device))
            return l;
    if (!make || cx_id_is_zero(device) || !(l = shm_malloc(sizeof(*l))))
        return NULL;
    memset(l, 0, sizeof(*l));
    l->device = device;
    l->next = *at;
    *at = l;
    return l;
}

void cx_calls_begin(struct sip_msg *msg, const struct cx_context *ctx)
{
    const struct cell *t = cx_tm.t_gett();
    struct node *n, *old;
    struct last *l;
    unsigned b;

    if (ctx->inside == CX_INSIDE_LOOP || !t || t == T_UNDEFINED || !(n = shm_malloc(sizeof(*n))))
        return;
    memset(n, 0, sizeof(*n));
    memcpy(n->call.call_id, ctx->call_id, sizeof(n->call.call_id));
    n->call.interaction = ctx->interaction;
    n->call.account = ctx->account;
    n->call.from = ctx->from;
    n->call.within = ctx->inside != CX_INSIDE_NOT;
    n->call.start_ms = ctx->start_ms;
    n->call.hash_index = t->hash_index;
    n->call.label = t->label;
    n->call.caller.device = n->call.within ? (struct cx_id){{0}} : ctx->caller_device;
    n->call.caller.owner = ctx->caller_owner;
    memcpy(n->call.caller.tag, ctx->from_tag, sizeof(n->call.caller.tag));
    memcpy(n->call.caller_name, ctx->caller_name, sizeof(n->call.caller_name));
    memcpy(n->call.caller_number, ctx->caller_number, sizeof(n->call.caller_number));
    memcpy(n->call.dialled, ctx->dialled, sizeof(n->call.dialled));
    cx_calls_party(msg, &n->call.caller);
    n->lease_ms = ctx->start_ms + RINGS_MOST_MS;

    lock_get(&table->lock);
    if ((old = find(z(ctx->call_id))) != NULL) /* a phone that takes a Call-ID again */
        drop(old);
    b = bucket_of(n->call.call_id, strlen(n->call.call_id));
    n->next_id = table->by_id[b];
    table->by_id[b] = n;
    b = bucket_of(&n->call.account, sizeof(n->call.account));
    n->next_account = table->by_account[b];
    table->by_account[b] = n;
    table->count++;
    touch(&n->call);
    if (ctx->from == CX_FROM_DEVICE && ctx->dialled[0] != '*' &&
        (l = last_of(ctx->caller_device, true)))
        memcpy(l->dialled, ctx->dialled, sizeof(l->dialled));
    lock_release(&table->lock);
}

void cx_calls_ring(const struct cx_context *ctx)
{
    struct cx_live *call;
    struct node *n;
    struct last *l;

    lock_get(&table->lock);
    if ((n = find(z(ctx->call_id))) != NULL && n->call.state == CX_CALL_RINGS) {
        call = &n->call;
        touch(call);
        if (ctx->inside != CX_INSIDE_LOOP)
            call->ring_count = 0;
        for (unsigned i = 0; i < ctx->leg_count; i++) {
            const struct cx_leg *leg = &ctx->legs[i];
            if (leg->kind > CX_LEG_URI)
                continue;
            if (call->ring_count < CX_CALL_RINGS_MAX)
                call->rings[call->ring_count++] = leg->device;
            if (ctx->show_number[0] && !ctx->privacy && (l = last_of(leg->device, true)))
                memcpy(l->caller, ctx->show_number, sizeof(l->caller));
        }
        touch(call);
    }
    lock_release(&table->lock);
}

void cx_calls_outbound(const struct cx_context *ctx)
{
    struct node *n;

    lock_get(&table->lock);
    if ((n = find(z(ctx->call_id))) != NULL) {
        n->call.outbound++;
        n->call.emergency |= ctx->emergency;
        touch(&n->call);
        if (ctx->inside != CX_INSIDE_LOOP)
            n->call.ring_count = 0;
    }
    lock_release(&table->lock);
}

void cx_calls_slot(const struct cx_context *ctx, const char *slot)
{
    struct node *n;

    lock_get(&table->lock);
    if ((n = find(z(ctx->call_id))) != NULL) {
        CX_COPY(n->call.slot, z(slot));
        touch(&n->call);
    }
    lock_release(&table->lock);
}

void cx_calls_reply(struct sip_msg *msg)
{
    const struct to_body *to;
    struct node *n;

    if (parse_headers(msg, HDR_EOH_F, 0) < 0 || !msg->callid || parse_to_header(msg) < 0 ||
        msg->REPLY_STATUS <= 100 || msg->REPLY_STATUS >= 300)
        return;
    to = get_to(msg);
    if (to->tag_value.len == 0)
        return;
    lock_get(&table->lock);
    if ((n = find(cx_str_of(msg->callid->body))) != NULL && n->call.state == CX_CALL_RINGS) {
        CX_COPY(n->call.callee.tag, cx_str_of(to->tag_value));
        cx_calls_party(msg, &n->call.callee);
    }
    lock_release(&table->lock);
}

void cx_calls_final(const struct cx_context *ctx, int code, const struct cx_leg *callee)
{
    struct node *n;

    lock_get(&table->lock);
    n = find(z(ctx->call_id));
    if (n && code >= 300) {
        if (ctx->inside != CX_INSIDE_LOOP)
            drop(n);
    } else if (n) {
        touch(&n->call);
        n->call.state = CX_CALL_TALKS;
        n->call.answer_ms = cx_now_ms();
        n->lease_ms = n->call.answer_ms + TALKS_MOST_MS;
        n->call.ring_count = 0;
        if (callee && callee->kind <= CX_LEG_URI) {
            n->call.callee.device = callee->device;
            n->call.callee.owner = callee->owner;
        }
        touch(&n->call);
    }
    lock_release(&table->lock);
}

void cx_calls_end(struct cx_str call_id)
{
    struct node *n;

    lock_get(&table->lock);
    if ((n = find(call_id)) != NULL)
        drop(n);
    lock_release(&table->lock);
}

bool cx_calls_each(struct cx_id account, bool (*use)(void *arg, struct cx_live *call), void *arg)
{
    const int64_t now = cx_now_ms();
    bool done = false;

    lock_get(&table->lock);
    for (struct node *n = table->by_account[bucket_of(&account, sizeof(account))]; n && !done;
         n = n->next_account)
        if (n->lease_ms > now && cx_id_equal(n->call.account, account))
            done = use(arg, &n->call);
    lock_release(&table->lock);
    return done;
}

bool cx_calls_unslot(struct cx_id account, const char *slot, struct cx_id *interaction)
{
    struct node *n;

    lock_get(&table->lock);
    for (n = table->by_account[bucket_of(&account, sizeof(account))]; n; n = n->next_account)
        if (cx_id_equal(n->call.account, account) && strcmp(n->call.slot, slot) == 0)
            break;
    if (n) {
        *interaction = n->call.interaction;
        touch(&n->call);
        n->call.slot[0] = '\0';
    }
    lock_release(&table->lock);
    return n != NULL;
}

bool cx_calls_find(struct cx_str call_id, struct cx_live *call)
{
    const struct node *n;

    lock_get(&table->lock);
    if ((n = find(call_id)) != NULL)
        *call = n->call;
    lock_release(&table->lock);
    return n != NULL;
}

bool cx_calls_hold(struct cx_str call_id, struct cx_str tag, bool on)
{
    struct cx_party *party;
    bool changed = false;
    struct node *n;

    lock_get(&table->lock);
    if ((n = find(call_id)) != NULL) {
        party =
            strlen(n->call.caller.tag) == tag.len && memcmp(n->call.caller.tag, tag.s, tag.len) == 0
                ? &n->call.caller
                : &n->call.callee;
        changed = party->holds != on;
        party->holds = on;
    }
    lock_release(&table->lock);
    return changed;
}

static bool is_in(void *arg, struct cx_live *call)
{
    const struct cx_id *device = arg;

    if (cx_id_equal(call->caller.device, *device) ||
        (call->state == CX_CALL_TALKS && cx_id_equal(call->callee.device, *device)))
        return true;
    for (unsigned i = 0; i < call->ring_count; i++)
        if (cx_id_equal(call->rings[i], *device))
            return true;
    return false;
}

bool cx_calls_busy(void *arg, struct cx_str username, struct cx_str realm)
{
    const struct cx_image *image = cx_snapshot_by_realm(realm);
    struct cx_image_device device;

    (void)arg;
    return image && cx_image_device_by_username(image, username, &device) &&
           cx_calls_each(cx_image_account(image), is_in, &device.id);
}

size_t cx_calls_last_number(void *arg, struct cx_id device, bool dialled, char *text, size_t size)
{
    const struct last *l;

    (void)arg;
    text[0] = '\0';
    lock_get(&table->lock);
    if ((l = last_of(device, false)) != NULL)
        cx_copy(text, size, z(dialled ? l->dialled : l->caller));
    lock_release(&table->lock);
    return strlen(text);
}

void cx_calls_sweep(void)
{
    static unsigned bucket;
    const int64_t now = cx_now_ms();

    lock_get(&table->lock);
    for (unsigned i = 0; i < 64; i++, bucket = (bucket + 1) % BUCKETS)
        for (struct node *n = table->by_id[bucket], *next; n; n = next) {
            next = n->next_id;
            if (n->lease_ms <= now)
                drop(n);
        }
    lock_release(&table->lock);
}

unsigned cx_calls_count(void)
{
    return table->count;
}
