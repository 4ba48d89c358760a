/*
 * endpoint.c - a user or a device -> what rings.
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "decide.h"

void cx_ring_begin(struct cx_decide *d, uint16_t timeout_s)
{
    struct cx_step *step = d->step;

    step->kind = CX_STEP_RING;
    step->u.ring.count = 0;
    step->u.ring.timeout_s = timeout_s;
    step->u.ring.ringback = (struct cx_str){0};
    step->u.ring.fail_on_single_reject = step->u.ring.ignore_redirect = false;
    step->u.ring.auto_answer = (cx_state(d)->flags & CX_CURSOR_AUTO_ANSWER) != 0;
    d->ring.wave = 0;
    d->ring.count = d->ring.busy = d->ring.unregistered = d->ring.refused = 0;
}

bool cx_ring_add(struct cx_decide *d, uint32_t key, const struct cx_target *target)
{
    struct cx_ring_list *ring = &d->ring;

    for (uint16_t i = 0; i < ring->count; i++)
        if (ring->listed[i] == key)
            return false;
    if (ring->count == CX_LISTED_MAX) {
        cx_trace_add(d, CX_TRACE_DEVICE, target->device, "too many phones ring already",
                     (struct cx_str){0});
        return false;
    }
    if (ring->count / CX_STEP_TARGETS_MAX == ring->wave)
        d->step->u.ring.targets[d->step->u.ring.count++] = *target;
    ring->listed[ring->count++] = key;
    return true;
}

bool cx_has_contact(const struct cx_decide *d, const struct cx_device *device)
{
    return cx_pool(d->image, device->route).len > 0 ||
           d->env->registered(d->env->arg, cx_pool(d->image, device->username),
                              cx_image_realm(d->image));
}

const struct cx_user *cx_device_owner(const struct cx_image *image, const struct cx_device *device)
{
    return device->owner == CX_NONE ? NULL
                                    : &CX_ROWS(image, CX_T_USER, struct cx_user)[device->owner];
}

static bool is_busy(const struct cx_decide *d, const struct cx_device *device)
{
    return (device->flags & CX_DEVICE_NO_CALL_WAITING) && d->env->busy &&
           d->env->busy(d->env->arg, cx_pool(d->image, device->username), cx_image_realm(d->image));
}

/* Why this phone cannot ring, or NULL. The order is Kazoo's. *count: what to count it as. */
static const char *obstacle(struct cx_decide *d, const struct cx_device *device, bool can_call_self,
                            uint16_t **count)
{
    const struct cx_user *owner = cx_device_owner(d->image, device);

    *count = &d->ring.refused;
    if (d->device == device)
        return "device is the caller";
    if (owner && owner == d->user && !can_call_self)
        return "device is another one of the caller's";
    if (owner && !(owner->flags & CX_USER_ENABLED))
        return "user is disabled";
    if (owner && (owner->flags & CX_USER_DND))
        return "user does not want to be disturbed";
    if (device->flags & CX_DEVICE_DND)
        return "device does not want to be disturbed";
    *count = &d->ring.unregistered; /* a disabled phone cannot register either */
    if (!(device->flags & CX_DEVICE_ENABLED))
        return "device is disabled";
    if (!cx_has_contact(d, device))
        return "device is not registered";
    *count = &d->ring.busy;
    return is_busy(d, device) ? "device is busy and has no call waiting" : NULL;
}

static struct cx_str ringtone(const struct cx_decide *d, const struct cx_device *device,
                              const struct cx_ringing *how)
{
    if (how->ringtone.len)
        return how->ringtone;
    return cx_pool(d->image, d->call->from == CX_FROM_DEVICE && !d->call->forwarded
                                 ? device->tone_internal
                                 : device->tone_external);
}

/* The phone itself. Number added. */
static unsigned ring_phone(struct cx_decide *d, const struct cx_device *device,
                           const struct cx_ringing *how)
{
    const struct cx_user *owner = cx_device_owner(d->image, device);
    uint16_t *count;
    const char *why = obstacle(d, device, how->can_call_self, &count);
    struct cx_target target = {
        .username = cx_pool(d->image, device->username),
        .route_uri = cx_pool(d->image, device->route),
        .device = device->id,
        .owner = owner ? owner->id : (struct cx_id){{0}},
        .ringtone = ringtone(d, device, how),
        .delay_s = how->delay_s,
        .timeout_s = how->timeout_s,
    };

    if (why) {
        ++*count;
        cx_trace_add(d, CX_TRACE_DEVICE, device->id, why, cx_pool(d->image, device->name));
        return 0;
    }
    if (!cx_ring_add(d, (uint32_t)(device - CX_ROWS(d->image, CX_T_DEVICE, struct cx_device)),
                     &target))
        return 0;
    cx_trace_add(d, CX_TRACE_DEVICE, device->id, "rings", cx_pool(d->image, device->name));
    return 1;
}

static bool has_registered(const struct cx_decide *d, const struct cx_user *user)
{
    const uint32_t *owned = CX_ROWS(d->image, CX_T_OWNED, uint32_t) + user->owned_first;
    const struct cx_device *devices = cx_table(d->image, CX_T_DEVICE);

    for (uint16_t i = 0; i < user->owned_count; i++)
        if ((devices[owned[i]].flags & CX_DEVICE_ENABLED) && cx_has_contact(d, &devices[owned[i]]))
            return true;
    return false;
}

/* Neither does the phone, nor would its owner, want calls: then nothing is forwarded either. */
static bool is_silent(const struct cx_decide *d, const struct cx_device *device)
{
    const struct cx_user *owner = cx_device_owner(d->image, device);

    return (device->flags & CX_DEVICE_DND) || device == d->device ||
           (owner && (!(owner->flags & CX_USER_ENABLED) || (owner->flags & CX_USER_DND)));
}

/* One phone with its own forwards. */
static unsigned ring_own(struct cx_decide *d, const struct cx_device *device,
                         const struct cx_ringing *how)
{
    bool substitute = false;
    unsigned count = 0;

    if (is_silent(d, device))
        return ring_phone(d, device, how);
    if (cx_forward_device(d, device, CX_FORWARD_ALWAYS, how, &substitute))
        count++;
    if (!substitute)
        count += ring_phone(d, device, how);
    if (count == 0 && !cx_has_contact(d, device) &&
        cx_forward_device(d, device, CX_FORWARD_FAILOVER, how, NULL))
        count++;
    return count;
}

unsigned cx_ring_device(struct cx_decide *d, const struct cx_device *device,
                        const struct cx_ringing *how)
{
    const struct cx_user *owner = cx_device_owner(d->image, device);
    uint16_t busy = d->ring.busy, unregistered = d->ring.unregistered;
    bool substitute = false;
    unsigned count = 0;

    if (owner && !is_silent(d, device) &&
        cx_forward_user(d, owner, CX_FORWARD_ALWAYS, how, &substitute))
        count++;
    if (substitute)
        return count;
    count += ring_own(d, device, how);
    if (count > 0)
        return count;
    /* the owner's failover is for when none of their phones is there */
    if (busy != d->ring.busy)
        count += cx_forward_after(d, owner, device, CX_OUT_BUSY, how);
    else if (unregistered != d->ring.unregistered && owner && !has_registered(d, owner))
        count += cx_forward_user(d, owner, CX_FORWARD_FAILOVER, how, NULL);
    return count;
}

unsigned cx_ring_user(struct cx_decide *d, const struct cx_user *user, const struct cx_ringing *how)
{
    const uint32_t *owned = CX_ROWS(d->image, CX_T_OWNED, uint32_t) + user->owned_first;
    const struct cx_device *devices = cx_table(d->image, CX_T_DEVICE);
    uint16_t refused = d->ring.refused, busy = d->ring.busy;
    bool substitute = false;
    unsigned count = 0;

    if (!(user->flags & CX_USER_ENABLED) || (user->flags & CX_USER_DND)) {
        cx_trace_add(d, CX_TRACE_NODE, user->id,
                     user->flags & CX_USER_ENABLED ? "user does not want to be disturbed"
                                                   : "user is disabled",
                     cx_pool(d->image, user->name));
        d->ring.refused++;
        return 0;
    }
    if (cx_forward_user(d, user, CX_FORWARD_ALWAYS, how, &substitute))
        count++;
    if (substitute)
        return count;
    for (uint16_t i = 0; i < user->owned_count; i++)
        count += ring_own(d, &devices[owned[i]], how);
    if (count > 0)
        return count;
    if (busy != d->ring.busy)
        count += cx_forward_user(d, user, CX_FORWARD_BUSY, how, NULL);
    else if (refused == d->ring.refused && !has_registered(d, user))
        count += cx_forward_user(d, user, CX_FORWARD_FAILOVER, how, NULL);
    return count;
}

void cx_ring_missed(struct cx_decide *d, const struct cx_node *node)
{
    d->missed = d->ring.busy ? CX_OUT_BUSY : CX_OUT_UNREACHABLE;
    if (d->ring.busy && cx_has_child(d->image, node, cx_z("USER_BUSY")))
        d->key = cx_z("USER_BUSY");
    else if (!d->ring.busy && cx_has_child(d->image, node, cx_z("USER_NOT_REGISTERED")))
        d->key = cx_z("USER_NOT_REGISTERED");
}
