/*
 * forward.c - every rule of forwarding, in one place: users, phones and groups ask here.
 *
 * A forward is a leg of its own (step.h, cx_forward), at most one a user in a step, whether the
 * user has phones or not. Do-not-disturb comes before it: endpoint.c does not ask then.
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "decide.h"

/* Keys of cx_ring_add(): a phone's is its row. */
#define KEY_USER   0x80000000u
#define KEY_DEVICE 0x40000000u

static const struct {
    const char *name, *applies;
} rules[CX_FORWARD_RULES] = {
    [CX_FORWARD_ALWAYS] = {"always", "forwards always"},
    [CX_FORWARD_BUSY] = {"busy", "forwards when busy"},
    [CX_FORWARD_NO_ANSWER] = {"no answer", "forwards when nobody answers"},
    [CX_FORWARD_FAILOVER] = {"failover", "forwards when no phone is registered"},
};

static const struct cx_forward_row *
row_of(const struct cx_image *image, const struct cx_forwards *forwards, enum cx_forward_rule rule)
{
    const struct cx_forward_row *rows =
        CX_ROWS(image, CX_T_FORWARD, struct cx_forward_row) + forwards->first;

    for (uint32_t i = 0; i < forwards->count; i++)
        if (rows[i].rule == rule)
            return &rows[i];
    return NULL;
}

/* The flow is the user's own: their extension or DDI was called, also when it rings as a group of
 * their phones (find me, follow me). */
static bool is_own_flow(const struct cx_decide *d, const struct cx_user *user)
{
    return user && d->flow && d->flow->owner != CX_NONE &&
           &CX_ROWS(d->image, CX_T_USER, struct cx_user)[d->flow->owner] == user;
}

/* Why this forward is not for this call, or NULL. */
static const char *obstacle(const struct cx_decide *d, const struct cx_forward_row *row, bool group)
{
    if (d->call->forward_hops >= CX_FORWARD_HOPS_MAX)
        return "the call was forwarded too often already";
    if (group && (row->flags & CX_FORWARD_DIRECT_ONLY))
        return "forwards direct calls only, and this one comes by a group";
    /* else two groups whose members forward to each other would ring each other without end */
    if (group && d->call->forward_hops > 0)
        return "a call that was forwarded to a group is not forwarded on";
    return NULL;
}

static bool add(struct cx_decide *d, const struct cx_forward_row *row, const struct cx_user *user,
                const struct cx_device *device, const struct cx_ringing *how, bool *substitute)
{
    bool own = is_own_flow(d, user), whole = own && how->group;
    struct cx_id who = device ? device->id : user->id;
    struct cx_str number = cx_pool(d->image, row->number);
    const char *why = obstacle(d, row, how->group && !own);
    struct cx_target target = {
        .forward = {.number = number,
                    .user = user ? user->id : (struct cx_id){{0}},
                    .device = device ? device->id : (struct cx_id){{0}},
                    .rule = rules[row->rule].name,
                    .keep_caller_id = row->flags & CX_FORWARD_KEEP_CALLER,
                    .confirm = row->flags & CX_FORWARD_CONFIRM,
                    .ignore_early_media = row->flags & CX_FORWARD_IGNORE_EARLY},
        .owner = user ? user->id : (struct cx_id){{0}},
        /* delays of find me, follow me are those of its phones */
        .delay_s = whole ? 0 : how->delay_s,
        .timeout_s = whole ? 0 : how->timeout_s,
    };
    uint32_t key =
        device ? KEY_DEVICE | (uint32_t)(device - CX_ROWS(d->image, CX_T_DEVICE, struct cx_device))
               : KEY_USER | (uint32_t)(user - CX_ROWS(d->image, CX_T_USER, struct cx_user));

    if (why) {
        cx_trace_add(d, CX_TRACE_FORWARD, who, why, number);
        return false;
    }
    if (substitute)
        *substitute = row->flags & CX_FORWARD_SUBSTITUTE;
    if (cx_ring_add(d, key, &target))
        cx_trace_add(d, CX_TRACE_FORWARD, who, rules[row->rule].applies, number);
    return true;
}

bool cx_forward_user(struct cx_decide *d, const struct cx_user *user, enum cx_forward_rule rule,
                     const struct cx_ringing *how, bool *substitute)
{
    const struct cx_forward_row *row = row_of(d->image, &user->forwards, rule);

    /* who calls their own extension wants their other phones or their voicemail */
    if (!row || (user == d->user && !how->can_call_self))
        return false;
    return add(d, row, user, NULL, how, substitute);
}

bool cx_forward_device(struct cx_decide *d, const struct cx_device *device,
                       enum cx_forward_rule rule, const struct cx_ringing *how, bool *substitute)
{
    const struct cx_user *owner = cx_device_owner(d->image, device);
    /* what was set on a phone for its owner is not for who is logged in there */
    const struct cx_forward_row *row =
        device->flags & CX_DEVICE_HOTDESKED ? NULL : row_of(d->image, &device->forwards, rule);

    return row && device != d->device && !(owner && owner == d->user && !how->can_call_self) &&
           add(d, row, owner, device, how, substitute);
}

bool cx_forward_after(struct cx_decide *d, const struct cx_user *user,
                      const struct cx_device *device, enum cx_outcome outcome,
                      const struct cx_ringing *how)
{
    enum cx_forward_rule rule;

    if (device && !user)
        user = cx_device_owner(d->image, device);
    if (user && row_of(d->image, &user->forwards, CX_FORWARD_ALWAYS))
        return false; /* one that forwards always has done so */
    switch (outcome) {
    case CX_OUT_BUSY:
        rule = CX_FORWARD_BUSY;
        break;
    case CX_OUT_NO_ANSWER:
        rule = CX_FORWARD_NO_ANSWER;
        break;
    case CX_OUT_UNREACHABLE: /* registered, yet no phone said a word */
        rule = CX_FORWARD_FAILOVER;
        break;
    default: /* a call that was declined is not carried after whoever declined it */
        return false;
    }
    return (device && cx_forward_device(d, device, rule, how, NULL)) ||
           (user && cx_forward_user(d, user, rule, how, NULL));
}
