/*
 * endpoint.c - a user or a device -> what rings.
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "decide.h"

static bool is_listed(const struct cx_step *step, struct cx_id device)
{
    for (uint16_t i = 0; i < step->u.ring.count; i++)
        if (cx_id_equal(step->u.ring.targets[i].device, device))
            return true;
    return false;
}

/* Why this phone cannot ring, or NULL. The order is Kazoo's. */
static const char *obstacle(const struct cx_decide *d, const struct cx_device *device,
                            bool can_call_self)
{
    const struct cx_user *users = cx_table(d->image, CX_T_USER);
    const struct cx_user *owner = device->owner == CX_NONE ? NULL : &users[device->owner];

    if (d->device == device)
        return "device is the caller";
    if (owner && owner == d->user && !can_call_self)
        return "device is another one of the caller's";
    if (!(device->flags & CX_DEVICE_ENABLED))
        return "device is disabled";
    if (device->flags & CX_DEVICE_DND)
        return "device does not want to be disturbed";
    if (cx_pool(d->image, device->route).len == 0 &&
        !d->env->registered(d->env->arg, cx_pool(d->image, device->username),
                            cx_image_realm(d->image)))
        return "device is not registered";
    return NULL;
}

unsigned cx_ring_device(struct cx_decide *d, const struct cx_device *device, bool can_call_self)
{
    const struct cx_user *users = cx_table(d->image, CX_T_USER);
    struct cx_step *step = d->step;
    const char *why = obstacle(d, device, can_call_self);

    if (why) {
        cx_trace_add(d, CX_TRACE_DEVICE, device->id, why, cx_pool(d->image, device->name));
        return 0;
    }
    if (is_listed(step, device->id))
        return 0;
    if (step->u.ring.count >= CX_STEP_TARGETS_MAX) {
        cx_trace_add(d, CX_TRACE_DEVICE, device->id, "too many phones ring already",
                     (struct cx_str){0});
        return 0;
    }
    step->u.ring.targets[step->u.ring.count++] = (struct cx_target){
        .username = cx_pool(d->image, device->username),
        .route_uri = cx_pool(d->image, device->route),
        .device = device->id,
        .owner = device->owner == CX_NONE ? (struct cx_id){{0}} : users[device->owner].id,
        .timeout_s = 0,
    };
    cx_trace_add(d, CX_TRACE_DEVICE, device->id, "rings", cx_pool(d->image, device->name));
    return 1;
}

unsigned cx_ring_user(struct cx_decide *d, const struct cx_user *user, bool can_call_self)
{
    const uint32_t *owned = CX_ROWS(d->image, CX_T_OWNED, uint32_t) + user->owned_first;
    const struct cx_device *devices = cx_table(d->image, CX_T_DEVICE);
    unsigned count = 0;

    for (uint16_t i = 0; i < user->owned_count; i++)
        count += cx_ring_device(d, &devices[owned[i]], can_call_self);
    return count;
}
