/*
 * cdr.c - see cdr.h.
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "core/dprint.h"
#include "core/crypto/md5.h"
#include "core/parser/parse_from.h"
#include "core/parser/parse_to.h"
#include "modules/tm/h_table.h"
#include "routing/image.h"

#include "calls.h"
#include "cdr.h"
#include "legs.h"
#include "metrics.h"
#include "source.h"

#define SLOT_BYTES 4096
#define SLOTS      4096
#define MAGIC      0x31524443u /* "CDR1" */

enum { FREE, WRITING, READY };

struct slot {
    _Atomic uint32_t state;
    uint32_t reserved;
    uint64_t number; /* order of arrival */
    char line[SLOT_BYTES - 16];
};

struct ring {
    uint32_t magic;
    uint32_t slot_bytes;
    _Atomic uint64_t head; /* next number to give out */
    char pad[SLOT_BYTES - 16];
    struct slot slots[SLOTS];
};

static struct ring *ring;

int64_t cx_now_ms(void)
{
    struct timespec ts;

    clock_gettime(CLOCK_REALTIME, &ts);
    return (int64_t)ts.tv_sec * 1000 + ts.tv_nsec / 1000000;
}

int cx_cdr_init(const char *folder)
{
    char path[PATH_MAX];
    int fd, err = 0;

    if (mkdir(folder, 0750) < 0 && errno != EEXIST)
        return -errno;
    snprintf(path, sizeof(path), "%s/cdr.ring", folder);
    fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0640);
    if (fd < 0)
        return -errno;
    /* Blocks are reserved now, so that a full disk can't turn a store into SIGBUS later. */
    err = -posix_fallocate(fd, 0, sizeof(*ring));
    if (err == 0) {
        ring = mmap(NULL, sizeof(*ring), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
        if (ring == MAP_FAILED)
            err = -errno;
    }
    close(fd);
    if (err < 0)
        return err;
    if (ring->magic != MAGIC || ring->slot_bytes != SLOT_BYTES) {
        memset(ring, 0, sizeof(*ring));
        ring->magic = MAGIC;
        ring->slot_bytes = SLOT_BYTES;
    }
    /* A process that died while it wrote left a line that is not whole. */
    for (unsigned i = 0; i < SLOTS; i++)
        if (atomic_load(&ring->slots[i].state) == WRITING)
            atomic_store(&ring->slots[i].state, FREE);
    return 0;
}

static struct slot *reserve(void)
{
    for (unsigned tries = 0; tries < SLOTS; tries++) {
        uint64_t number = atomic_fetch_add(&ring->head, 1);
        struct slot *s = &ring->slots[number % SLOTS];
        uint32_t expect = FREE;

        if (atomic_compare_exchange_strong(&s->state, &expect, WRITING)) {
            s->number = number;
            return s;
        }
    }
    cx_count(cdr_dropped);
    LM_CRIT("the ring of call records is full: a record is lost\n");
    return NULL;
}

static void commit(struct slot *s)
{
    atomic_store_explicit(&s->state, READY, memory_order_release);
    cx_count(cdr_written);
}

/* A line of JSON being written; what does not fit is left out whole. */
struct line {
    char *at;
    char *end;
};

static void put_text(struct line *l, const char *text, size_t len)
{
    for (size_t i = 0; i < len && l->end - l->at > 8; i++) {
        unsigned char c = (unsigned char)text[i];
        if (c == '"' || c == '\\') {
            *l->at++ = '\\';
            *l->at++ = (char)c;
        } else if (c < 0x20 || c == 0x7f)
            l->at += sprintf(l->at, "\\u%04x", c);
        else
            *l->at++ = (char)c;
    }
}

static void put_string(struct line *l, const char *key, const char *text, size_t len)
{
    /* the smallest room that a string wants beside its own characters */
    if (len == 0 || (size_t)(l->end - l->at) < len + strlen(key) + 16)
        return;
    l->at += sprintf(l->at, "%s\"%s\":\"", l->at[-1] == '{' ? "" : ",", key);
    put_text(l, text, len);
    *l->at++ = '"';
}

static void put_z(struct line *l, const char *key, const char *text)
{
    put_string(l, key, text, strlen(text));
}

static void put_int(struct line *l, const char *key, int64_t value)
{
    if (l->end - l->at > 64)
        l->at +=
            sprintf(l->at, "%s\"%s\":%lld", l->at[-1] == '{' ? "" : ",", key, (long long)value);
}

static void put_id(struct line *l, const char *key, struct cx_id id)
{
    char hex[33];

    if (cx_id_is_zero(id))
        return;
    cx_id_format(id, hex);
    put_z(l, key, hex);
}

static struct line open_line(struct slot *s, const char *event)
{
    struct line l = {s->line, s->line + sizeof(s->line) - 4};

    *l.at++ = '{';
    put_z(&l, "event", event);
    return l;
}

static void close_line(struct line *l)
{
    *l->at++ = '}';
    *l->at = '\0';
}

struct cx_id cx_cdr_id(struct cx_str call_id, struct cx_str from_tag)
{
    struct cx_id id;
    MD5_CTX md5;

    MD5Init(&md5);
    MD5Update(&md5, call_id.s, call_id.len);
    MD5Update(&md5, "\n", 1);
    MD5Update(&md5, from_tag.s, from_tag.len);
    MD5Final((char *)id.b, &md5);
    return id;
}

static struct cx_str z(const char *text)
{
    return (struct cx_str){text, (uint32_t)strlen(text)};
}

/* Q.850 names, as the field's CDRs use them. */
static const char *cause_of(int code)
{
    switch (code) {
    case 404:
    case 604:
    case 484:
        return "UNALLOCATED_NUMBER";
    case 403:
    case 603:
    case 401:
    case 407:
        return "CALL_REJECTED";
    case 408:
    case 480:
        return "NO_ANSWER";
    case 486:
    case 600:
        return "USER_BUSY";
    case 487:
        return "ORIGINATOR_CANCEL";
    case 488:
    case 606:
        return "INCOMPATIBLE_DESTINATION";
    case 502:
        return "NETWORK_OUT_OF_ORDER";
    case 503:
        return "NORMAL_TEMPORARY_FAILURE";
    case 504:
        return "RECOVERY_ON_TIMER_EXPIRE";
    default:
        return code < 300 ? "NORMAL_CLEARING" : "NORMAL_UNSPECIFIED";
    }
}

const struct cx_leg *cx_cdr_called(const struct cx_context *ctx, const struct cell *t)
{
    const int b = t->relayed_reply_branch;
    int leg = -1;

    if (ctx->kind == CX_STEP_RING && b >= 0 && b < t->nr_of_outgoings)
        leg = cx_leg_of(ctx, cx_str_of(t->uac[b].ruid));
    return leg >= 0 ? &ctx->legs[leg] : NULL;
}

/* A forwarded leg has Call-ID and tag of its call: its record has an id of its own, and ends with
 * the call's. */
static void put_leg(struct line *l, const struct cx_context *ctx)
{
    char leg[sizeof(ctx->from_tag) + sizeof(ctx->dialled) + 48], by[33];

    if (ctx->inside == CX_INSIDE_LOOP) {
        cx_id_format(ctx->forwarder, by);
        snprintf(leg, sizeof(leg), "%s\n%u\n%s\n%s", ctx->from_tag, ctx->hops, by, ctx->dialled);
        put_id(l, "id", cx_cdr_id(z(ctx->call_id), z(leg)));
        put_id(l, "leg_of", cx_cdr_id(z(ctx->call_id), z(ctx->from_tag)));
    } else
        put_id(l, "id", cx_cdr_id(z(ctx->call_id), z(ctx->from_tag)));
    if (ctx->inside == CX_INSIDE_LOOP || ctx->inside == CX_INSIDE_FORWARD || ctx->referred)
        put_id(l, "forwarded_by",
               cx_id_is_zero(ctx->forwarder) ? ctx->caller_device : ctx->forwarder);
}

void cx_cdr_final(struct cx_context *ctx, struct cell *t, int code)
{
    const struct cx_leg *called = code < 300 ? cx_cdr_called(ctx, t) : NULL;
    bool shown = ctx->from == CX_FROM_DEVICE && ctx->show_number[0];
    struct slot *s = reserve();
    struct line l;

    if (!s)
        return;
    l = open_line(s, code < 300 ? "answer" : "failed");
    put_leg(&l, ctx);
    put_id(&l, "account_id", ctx->account);
    put_id(&l, "interaction_id", ctx->interaction);
    put_z(&l, "call_id", ctx->call_id);
    put_z(&l, "call_direction",
          ctx->from == CX_FROM_CARRIER ? "inbound"
                                       : (ctx->network_offnet ? "outbound" : "internal"));
    put_z(&l, "network", ctx->network_offnet || ctx->from == CX_FROM_CARRIER ? "offnet" : "onnet");
    put_id(&l, "device_id", ctx->caller_device);
    put_id(&l, "owner_id", ctx->caller_owner);
    if (called) {
        put_id(&l, "callee_device_id", called->device);
        put_id(&l, "callee_owner_id", called->owner);
    }
    put_id(&l, "resource_id", ctx->resource);
    put_id(&l, "callflow_id", ctx->callflow);
    /* a phone's own From says little: the record has what the called party was shown */
    put_z(&l, "caller_id_name", shown ? ctx->show_name : ctx->caller_name);
    put_z(&l, "caller_id_number", shown ? ctx->show_number : ctx->caller_number);
    put_z(&l, "callee_id_name", ctx->kind == CX_STEP_SERVICE ? ctx->service : ctx->callee_name);
    put_z(&l, "callee_id_number", ctx->callee_number[0] ? ctx->callee_number : ctx->dialled);
    put_z(&l, "from_uri", ctx->from_uri);
    put_z(&l, "to_uri", ctx->to_uri);
    put_z(&l, "request", ctx->request_uri);
    put_int(&l, "start_ms", ctx->start_ms);
    put_int(&l, code < 300 ? "answer_ms" : "end_ms", cx_now_ms());
    put_int(&l, "sip_code", code);
    put_z(&l, "hangup_cause", cause_of(code));
    put_z(&l, "hangup_by",
          code == 487 ? "caller" : (t->relayed_reply_branch >= 0 ? "callee" : "system"));
    put_string(&l, "path", ctx->path, ctx->path_len);
    close_line(&l);
    commit(s);
}

static bool is_number(struct cx_str s)
{
    if (s.len == 0 || s.len > 15)
        return false;
    for (uint32_t i = 0; i < s.len; i++)
        if (!(s.s[i] >= '0' && s.s[i] <= '9') && s.s[i] != '.')
            return false;
    return true;
}

void cx_cdr_end(struct sip_msg *bye, const char *cause, struct cx_str mos, struct cx_str jitter_ms,
                struct cx_str loss_percent)
{
    struct cx_str call_id;
    struct slot *s;
    struct line l;

    if (parse_headers(bye, HDR_CALLID_F | HDR_FROM_F | HDR_TO_F, 0) < 0 || !bye->callid ||
        parse_from_header(bye) < 0 || parse_to_header(bye) < 0)
        return;
    cx_calls_end(cx_str_of(bye->callid->body));
    s = reserve();
    if (!s)
        return;
    call_id = cx_str_of(bye->callid->body);
    l = open_line(s, "end");
    /* The call is known under its caller's tag; who hangs up decides which of the two that is. */
    put_id(&l, "by_caller", cx_cdr_id(call_id, cx_str_of(get_from(bye)->tag_value)));
    put_id(&l, "by_callee", cx_cdr_id(call_id, cx_str_of(get_to(bye)->tag_value)));
    put_int(&l, "end_ms", cx_now_ms());
    put_z(&l, "hangup_cause", cause);
    if (is_number(mos))
        put_string(&l, "mos", mos.s, mos.len);
    if (is_number(jitter_ms))
        put_string(&l, "jitter_ms", jitter_ms.s, jitter_ms.len);
    if (is_number(loss_percent))
        put_string(&l, "packet_loss", loss_percent.s, loss_percent.len);
    close_line(&l);
    commit(s);
}

static int by_number(const void *a, const void *b)
{
    const struct slot *x = *(struct slot *const *)a, *y = *(struct slot *const *)b;

    return x->number < y->number ? -1 : x->number > y->number;
}

int cx_cdr_drain(int (*use)(void *arg, const char *line), int (*synced)(void *arg), void *arg)
{
    struct slot *ready[256];
    int count = 0, done = 0;

    for (unsigned i = 0; i < SLOTS && count < (int)(sizeof(ready) / sizeof(*ready)); i++)
        if (atomic_load_explicit(&ring->slots[i].state, memory_order_acquire) == READY)
            ready[count++] = &ring->slots[i];
    qsort(ready, (size_t)count, sizeof(*ready), by_number);
    while (done < count && use(arg, ready[done]->line) == 0)
        done++;
    if (done > 0 && synced(arg) < 0)
        return 0; /* stays in the ring; the log's reader knows lines that it has seen */
    for (int i = 0; i < done; i++)
        atomic_store_explicit(&ready[i]->state, FREE, memory_order_release);
    return done;
}
