/*
 * timeline.c - see timeline.h.
 *
 * How a branch is ended alone: its final-response timer is made due at once, so tm does what it
 * does when a phone has rung for long enough: CANCEL, and a 408 of its own for the branch.
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include <string.h>
#include <unistd.h>

#include "core/cfg/cfg_struct.h"
#include "core/dset.h"
#include "core/locking.h"
#include "core/mem/shm_mem.h"
#include "core/timer.h"
#include "core/timer_ticks.h"
#include "modules/tm/h_table.h"

#include "calls.h"
#include "cdr.h"
#include "execute.h"
#include "legs.h"
#include "metrics.h"
#include "snapshot.h"
#include "source.h"
#include "timeline.h"
#include "tm_api.h"

#define TICK_MS    20
#define SLOTS      256 /* 5 s; what is due later goes round */
#define LOOK_MS    200 /* at the latest, for stages whose phones have all said no */
#define BACKSTOP_S 3   /* tm's own timers come that much later than ours */

struct ticket {
    struct ticket *next;
    int64_t due_ms;
    unsigned hash_index, label; /* the transaction */
    unsigned stage;
};

static struct wheel {
    gen_lock_t lock;
    int64_t turned; /* ticks that are done */
    struct ticket *slots[SLOTS];
} * wheel;

int cx_timeline_init(void)
{
    wheel = shm_malloc(sizeof(*wheel));
    if (!wheel || !lock_init(&wheel->lock))
        return -1;
    memset(wheel->slots, 0, sizeof(wheel->slots));
    wheel->turned = cx_now_ms() / TICK_MS;
    return 0;
}

static void put(struct ticket *k)
{
    int64_t tick = k->due_ms / TICK_MS + 1;

    lock_get(&wheel->lock);
    if (tick <= wheel->turned)
        tick = wheel->turned + 1;
    k->next = wheel->slots[tick % SLOTS];
    wheel->slots[tick % SLOTS] = k;
    lock_release(&wheel->lock);
}

bool cx_timeline_needed(const struct cx_context *ctx)
{
    for (unsigned i = 0; i < ctx->leg_count; i++)
        if (ctx->legs[i].delay_s > 0 ||
            (ctx->legs[i].timeout_s > 0 && ctx->legs[i].timeout_s < ctx->ring_s))
            return true;
    return ctx->one_refusal_ends && ctx->leg_count > 1;
}

bool cx_timeline_open(struct sip_msg *msg, struct cx_context *ctx)
{
    struct cell *t = cx_tm.t_gett();
    unsigned hash_index, label;

    if (!t || t == T_UNDEFINED)
        return false;
    /* the blind branch takes its time from here, the phones' come after it */
    cx_tm.set_fr(msg, (ctx->ring_s + BACKSTOP_S) * 1000u, (ctx->ring_s + BACKSTOP_S) * 1000u);
    if (cx_tm.t_suspend(msg, &hash_index, &label) != 0)
        return false;
    t->flags &= ~T_ASYNC_SUSPENDED; /* else tm drops the replies of all branches */
    ctx->blind = (int16_t)t->async_backup.blind_uac;
    t->fr_timeout = MS_TO_TICKS(cx_execute_config.device_silence_ms);
    t->on_branch_delayed = t->on_branch; /* as t_relay() does; there may be none */
    ctx->stage_ms = cx_now_ms();
    cx_count(stages_timed);
    return true;
}

bool cx_timeline_start(struct cx_context *ctx)
{
    const struct cell *t = cx_tm.t_gett();
    struct ticket *k = shm_malloc(sizeof(*k));

    if (!k)
        return false; /* the stage still ends: the blind branch has its own timer */
    *k = (struct ticket){.due_ms = cx_now_ms() + LOOK_MS,
                         .hash_index = t->hash_index,
                         .label = t->label,
                         .stage = ctx->stage};
    put(k);
    return true;
}

/* tm's own functions for it are not exported; the protocol is. */
void cx_timeline_lock(struct cell *t)
{
    const int pid = my_pid();

    if (atomic_get(&t->reply_locker_pid) == pid) {
        t->reply_rec_lock_level++;
        return;
    }
    lock_get(&t->reply_mutex);
    atomic_set(&t->reply_locker_pid, pid);
}

void cx_timeline_unlock(struct cell *t)
{
    if (t->reply_rec_lock_level > 0) {
        t->reply_rec_lock_level--;
        return;
    }
    atomic_set(&t->reply_locker_pid, 0);
    lock_release(&t->reply_mutex);
}

/* With the lock. tm's timer process does the rest within a tick or two. */
static void expire(struct cell *t, int b)
{
    struct retr_buf *rb = &t->uac[b].request;

    if (t->uac[b].last_received >= 200 || !rb->t_active || (rb->flags & F_RB_DEL_TIMER))
        return;
    rb->fr_expire = get_ticks_raw();
    if (timer_del(&rb->timer) < 0)
        return; /* it is running now */
    timer_reinit(&rb->timer);
    timer_add(&rb->timer, 1);
}

/* A branch of this leg (any: -1) of the present stage that has no final reply yet. */
static int open_branch(const struct cell *t, const struct cx_context *ctx, int leg, int after)
{
    for (int b = after + 1; b < t->nr_of_outgoings; b++) {
        const int l = cx_leg_of(ctx, cx_str_of(t->uac[b].ruid));
        if (l >= 0 && (leg < 0 || l == leg) && t->uac[b].last_received < 200)
            return b;
    }
    return -1;
}

static void expire_leg(struct cell *t, const struct cx_context *ctx, int leg)
{
    for (int b = -1; (b = open_branch(t, ctx, leg, b)) >= 0;) {
        expire(t, b);
        cx_count(legs_expired);
    }
}

static bool somebody_refused(const struct cell *t, const struct cx_context *ctx)
{
    for (int b = 0; b < t->nr_of_outgoings; b++) {
        const int c = t->uac[b].last_received;
        if (cx_leg_of(ctx, cx_str_of(t->uac[b].ruid)) >= 0 &&
            (c == 486 || c == 600 || c == 603 || c == 403))
            return true;
    }
    return false;
}

static void start_leg(struct cell *t, struct cx_context *ctx, unsigned i)
{
    str any = {NULL, 0};
    int n;

    ctx->legs[i].state = CX_LEG_OVER;
    clear_branches();
    n = cx_leg_branch(t->uas.request, ctx, i);
    if (n > 0 && cx_tm.t_append_branches(&any) > 0) {
        ctx->legs[i].state = CX_LEG_RINGS;
        cx_count(legs_late);
    }
    clear_branches();
}

/* Does what is due. When to look again, or 0: the stage is over. */
static int64_t look(struct cell *t, struct cx_context *ctx)
{
    const int64_t now = cx_now_ms() - ctx->stage_ms;
    int64_t next = now + LOOK_MS;
    bool over = now >= ctx->ring_s * 1000, waits = false;

    if (ctx->one_refusal_ends && somebody_refused(t, ctx))
        over = true;
    for (unsigned i = 0; i < ctx->leg_count && !over; i++) {
        struct cx_leg *leg = &ctx->legs[i];
        const int64_t begin = leg->delay_s * 1000;
        const int64_t end = leg->timeout_s ? begin + leg->timeout_s * 1000 : INT64_MAX;

        if (leg->state == CX_LEG_WAITS && now >= begin)
            start_leg(t, ctx, i);
        if (leg->state == CX_LEG_RINGS && now >= end) {
            expire_leg(t, ctx, (int)i);
            leg->state = CX_LEG_OVER;
        }
        waits |= leg->state == CX_LEG_WAITS;
        if (leg->state == CX_LEG_WAITS && begin < next)
            next = begin;
        if (leg->state == CX_LEG_RINGS && end < next)
            next = end;
    }
    if (!over && (waits || open_branch(t, ctx, -1, -1) >= 0))
        return ctx->stage_ms + (next < ctx->ring_s * 1000 ? next : ctx->ring_s * 1000);
    expire_leg(t, ctx, -1);
    expire(t, ctx->blind);
    return 0;
}

/* The caller has gone: tm cancels what rings, but waits for what never replied. */
static void give_up(struct cell *t, const struct cx_context *ctx)
{
    for (int b = -1; (b = open_branch(t, ctx, -1, b)) >= 0;)
        if (t->uac[b].last_received < 100)
            expire(t, b);
    expire(t, ctx->blind);
}

static int64_t visit(const struct ticket *k)
{
    struct cx_context *ctx;
    struct cell *t = NULL;
    int64_t again = 0;

    if (cx_tm.t_lookup_ident(&t, k->hash_index, k->label) < 0 || !t)
        return 0;
    cx_timeline_lock(t);
    ctx = cx_context_of(t);
    if (ctx && ctx->stage == k->stage && ctx->timed && t->uas.status < 200) {
        if (t->flags & T_CANCELED)
            give_up(t, ctx);
        else {
            cx_snapshot_enter();
            again = look(t, ctx);
            cx_snapshot_leave();
        }
    }
    cx_timeline_unlock(t);
    cx_tm.unref_cell(t);
    cx_tm.t_sett(T_UNDEFINED, T_BR_UNDEFINED);
    return again;
}

static struct ticket *take(int64_t tick)
{
    struct ticket *k;

    lock_get(&wheel->lock);
    k = wheel->slots[tick % SLOTS];
    wheel->slots[tick % SLOTS] = NULL;
    wheel->turned = tick;
    lock_release(&wheel->lock);
    return k;
}

void cx_timeline_run(void)
{
    for (;;) {
        const int64_t now = cx_now_ms() / TICK_MS;

        cfg_update();
        if (now - wheel->turned > SLOTS || now < wheel->turned)
            wheel->turned = now - SLOTS; /* the clock jumped: each slot once */
        while (wheel->turned < now) {
            for (struct ticket *k = take(wheel->turned + 1), *next; k; k = next) {
                next = k->next;
                if (k->due_ms <= cx_now_ms())
                    k->due_ms = visit(k);
                if (k->due_ms)
                    put(k);
                else
                    shm_free(k);
            }
        }
        cx_calls_sweep();
        usleep(TICK_MS * 1000);
    }
}
