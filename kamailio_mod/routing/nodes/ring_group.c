/*
 * ring_group.c - callflow module "ring_group": rings users, phones and groups, all at once or one
 * after another. data: endpoints [{endpoint_type, id, delay (s), timeout (s), weight}], strategy
 * (simultaneous, single, weighted_random), timeout (s), repeats, ringback, ignore_forward,
 * fail_on_single_reject, ringtones.{internal,external}, name.
 *
 * "Find me, follow me" is a ring group of a user's phones in the user's own callflow: it is a
 * direct call, and when it came to nothing the user's forwards for that are asked.
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "nodes.h"

#define DEFAULT_RINGING_S 20
#define STAGE_FORWARDED   200 /* cursor.stage: the owner's forward rings; below it: waves */

int cx_fill_ring_group(struct cx_flow *f, const json_t *data, struct cx_node *n)
{
    static const char *const strategies[] = {"simultaneous", "single", "weighted_random", NULL};
    const json_t *tones = json_object_get(data, "ringtones"),
                 *ignore = json_object_get(data, "ignore_forward");
    struct cx_ring ring = {0};
    const char *ringback = NULL;
    unsigned strategy = 0;
    long timeout_s = 0, repeats = 1;
    int err = cx_flow_choice(f, data, "strategy", strategies, &strategy);

    if (err == 0)
        err = cx_flow_number(f, data, "timeout", 0, 3600, &timeout_s);
    if (err == 0)
        err = cx_flow_number(f, data, "repeats", 1, 100, &repeats);
    if (err == 0)
        err = cx_flow_text(f, data, "ringback", &ringback);
    if (err < 0)
        return err;
    ring.strategy = (uint8_t)strategy;
    ring.timeout_s = (uint16_t)timeout_s;
    ring.repeats = (uint16_t)repeats;
    ring.flags =
        (uint8_t)((json_is_false(ignore) ? 0 : CX_RING_IGNORE_REDIRECT) |
                  (cx_flow_true(data, "fail_on_single_reject") ? CX_RING_FAIL_ON_REJECT : 0));
    if (f->b) {
        ring.ringback = cx_flow_sound(f->b, ringback);
        ring.tone_internal =
            cx_build_text(f->b, json_string_value(json_object_get(tones, "internal")));
        ring.tone_external =
            cx_build_text(f->b, json_string_value(json_object_get(tones, "external")));
    }
    return cx_flow_ring(f, data, n, &ring);
}

static const struct cx_member *members_of(const struct cx_decide *d, const struct cx_ring *ring)
{
    return CX_ROWS(d->image, CX_T_MEMBER, struct cx_member) + ring->member_first;
}

static struct cx_ringing how_of(const struct cx_decide *d, const struct cx_node *node,
                                const struct cx_ring *ring)
{
    return (struct cx_ringing){.can_call_self = node->flags & CX_NODE_CAN_CALL_SELF,
                               .group = true,
                               .ringtone = cx_pool(d->image, d->device && !d->call->forwarded
                                                                 ? ring->tone_internal
                                                                 : ring->tone_external)};
}

/* As long as the last of its phones; a phone that would start after the end is left out. */
static void set_times(struct cx_decide *d, const struct cx_ring *ring)
{
    struct cx_step *step = d->step;
    uint16_t longest = 0, kept = 0;

    for (uint16_t i = 0; i < step->u.ring.count; i++) {
        struct cx_target *t = &step->u.ring.targets[i];
        uint16_t end = (uint16_t)(t->delay_s + (t->timeout_s ? t->timeout_s : DEFAULT_RINGING_S));
        if (end > longest)
            longest = end;
    }
    step->u.ring.timeout_s = ring->timeout_s ? ring->timeout_s : longest;
    for (uint16_t i = 0; i < step->u.ring.count; i++) {
        struct cx_target *t = &step->u.ring.targets[i];
        if (t->delay_s >= step->u.ring.timeout_s) {
            cx_trace_add(d, CX_TRACE_DEVICE, t->device, "its delay is longer than the group rings",
                         t->username);
            continue;
        }
        if (t->delay_s + t->timeout_s > step->u.ring.timeout_s)
            t->timeout_s = 0;
        step->u.ring.targets[kept++] = *t;
    }
    step->u.ring.count = kept;
}

static void begin(struct cx_decide *d, const struct cx_ring *ring)
{
    cx_ring_begin(d, ring->timeout_s ? ring->timeout_s : DEFAULT_RINGING_S);
    d->step->u.ring.ringback = cx_pool(d->image, ring->ringback);
    d->step->u.ring.fail_on_single_reject = ring->flags & CX_RING_FAIL_ON_REJECT;
    d->step->u.ring.ignore_redirect = ring->flags & CX_RING_IGNORE_REDIRECT;
}

static enum cx_done finish(struct cx_decide *d, const struct cx_ring *ring)
{
    d->step->callee_name = cx_pool(d->image, ring->name);
    cx_show_caller_inside(d);
    return CX_DONE_STEP;
}

/* All at once; more than a step can hold ring in waves. */
static enum cx_done ring_all(struct cx_decide *d, const struct cx_node *node,
                             const struct cx_ring *ring)
{
    struct cx_ringing how = how_of(d, node, ring);

    begin(d, ring);
    d->ring.wave = cx_state(d)->stage;
    cx_ring_members(d, members_of(d, ring), ring->member_count, &how);
    set_times(d, ring);
    return d->step->u.ring.count ? finish(d, ring) : CX_DONE_NEXT;
}

/* The member whose turn it is. Drawn by lot: heavier ones are likelier to come early; the draw is
 * the same for the whole call. */
static uint32_t member_at(const struct cx_decide *d, const struct cx_ring *ring, uint32_t turn)
{
    const struct cx_member *m = members_of(d, ring);
    uint32_t n = ring->member_count, lot = cx_state((struct cx_decide *)d)->seed, total, at;
    uint8_t taken[CX_LISTED_MAX / 8] = {0};

    if (ring->strategy != CX_RING_RANDOM || n > CX_LISTED_MAX)
        return turn;
    for (uint32_t k = 0;; k++) {
        total = 0;
        for (uint32_t i = 0; i < n; i++)
            if (!(taken[i / 8] & 1u << i % 8))
                total += m[i].weight ? m[i].weight : 1;
        lot = lot * 1664525u + 1013904223u;
        at = total ? (lot >> 8) % total : 0;
        for (uint32_t i = 0; i < n; i++) {
            uint32_t w = m[i].weight ? m[i].weight : 1;
            if (taken[i / 8] & 1u << i % 8)
                continue;
            if (at < w) {
                if (k == turn)
                    return i;
                taken[i / 8] |= (uint8_t)(1u << i % 8);
                break;
            }
            at -= w;
        }
        if (k >= n)
            return 0;
    }
}

/* One member after another, from cursor.turn on. */
static enum cx_done ring_one(struct cx_decide *d, const struct cx_node *node,
                             const struct cx_ring *ring)
{
    uint32_t all = ring->member_count * (uint32_t)ring->repeats;

    for (uint32_t tries = 0; cx_state(d)->turn < all && tries < ring->member_count;
         cx_state(d)->turn++, tries++) {
        const struct cx_member *m =
            members_of(d, ring) + member_at(d, ring, cx_state(d)->turn % ring->member_count);
        struct cx_member now = *m;
        struct cx_ringing how = how_of(d, node, ring);

        begin(d, ring);
        now.delay_s = 0; /* it rings when its turn has come */
        cx_ring_members(d, &now, 1, &how);
        for (uint16_t i = 0; i < d->step->u.ring.count; i++)
            d->step->u.ring.targets[i].timeout_s = 0;
        d->step->u.ring.timeout_s = m->timeout_s ? m->timeout_s : DEFAULT_RINGING_S;
        if (d->step->u.ring.count)
            return finish(d, ring);
    }
    return CX_DONE_NEXT;
}

enum cx_done cx_node_ring_group(struct cx_decide *d, const struct cx_node *node)
{
    const struct cx_ring *ring;
    enum cx_done done;

    if (node->ref == CX_NONE)
        return CX_DONE_NEXT;
    ring = &CX_ROWS(d->image, CX_T_RING, struct cx_ring)[node->ref];
    cx_trace_add(d, CX_TRACE_NODE, (struct cx_id){{0}}, "ring group",
                 cx_pool(d->image, ring->name));
    cx_state(d)->seed = (uint16_t)(d->call->now_ms ^ d->call->now_ms >> 16);
    done =
        ring->strategy == CX_RING_SIMULTANEOUS ? ring_all(d, node, ring) : ring_one(d, node, ring);
    if (done == CX_DONE_NEXT) {
        cx_trace_add(d, CX_TRACE_NODE, (struct cx_id){{0}}, "nobody of the group can ring",
                     (struct cx_str){0});
        cx_ring_missed(d, node);
    }
    return done;
}

/* The user whose "find me, follow me" this is: the callflow is theirs, and so are all its phones.
 */
static const struct cx_user *find_me(const struct cx_decide *d, const struct cx_ring *ring)
{
    const struct cx_member *m = members_of(d, ring);
    uint32_t owner = d->flow ? d->flow->owner : CX_NONE;

    if (owner == CX_NONE)
        return NULL;
    for (uint32_t i = 0; i < ring->member_count; i++, m++) {
        if (m->ref == CX_NONE || (m->kind == CX_MEMBER_USER && m->ref == owner))
            continue;
        if (m->kind != CX_MEMBER_DEVICE ||
            CX_ROWS(d->image, CX_T_DEVICE, struct cx_device)[m->ref].owner != owner)
            return NULL;
    }
    return &CX_ROWS(d->image, CX_T_USER, struct cx_user)[owner];
}

/* The next wave of a group that all rings at once, or its next round. */
static enum cx_done next_wave(struct cx_decide *d, const struct cx_node *node,
                              const struct cx_ring *ring)
{
    uint16_t traced = d->step->trace_count;
    enum cx_done done = CX_DONE_NEXT;

    if (cx_state(d)->stage < CX_LISTED_MAX / CX_STEP_TARGETS_MAX) {
        cx_state(d)->stage++;
        done = ring_all(d, node, ring);
        if (done == CX_DONE_NEXT)
            d->step->trace_count = traced; /* all of them rang before */
    }
    if (done == CX_DONE_NEXT && cx_state(d)->turn + 1 < ring->repeats) {
        cx_state(d)->stage = 0;
        cx_state(d)->turn++;
        done = ring_all(d, node, ring);
    }
    return done;
}

enum cx_done cx_again_ring_group(struct cx_decide *d, const struct cx_node *node,
                                 enum cx_outcome outcome, uint16_t sip_code)
{
    struct cx_ringing how = {.can_call_self = node->flags & CX_NODE_CAN_CALL_SELF};
    const struct cx_user *user;
    const struct cx_ring *ring;
    bool refused = outcome == CX_OUT_BUSY || outcome == CX_OUT_REJECTED;
    enum cx_done done = CX_DONE_NEXT;

    (void)sip_code;
    if (node->ref == CX_NONE || cx_state(d)->stage == STAGE_FORWARDED)
        return CX_DONE_NEXT;
    ring = &CX_ROWS(d->image, CX_T_RING, struct cx_ring)[node->ref];
    if (!refused || !(ring->flags & CX_RING_FAIL_ON_REJECT)) {
        if (ring->strategy == CX_RING_SIMULTANEOUS)
            done = next_wave(d, node, ring);
        else {
            cx_state(d)->turn++;
            done = ring_one(d, node, ring);
        }
    }
    if (done == CX_DONE_STEP || !(user = find_me(d, ring)))
        return done;
    begin(d, ring);
    if (!cx_forward_after(d, user, NULL, outcome, &how))
        return CX_DONE_NEXT;
    d->step->u.ring.timeout_s = user->timeout_s ? user->timeout_s : DEFAULT_RINGING_S;
    cx_state(d)->stage = STAGE_FORWARDED;
    return finish(d, ring);
}
