/*
 * feature.c - see feature.h. The worker asks, changes the row, and says so.
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "feature.h"

bool cx_step_feature(struct cx_decide *d, const char *action, struct cx_id id, bool of_device)
{
    bool is_user = false;
    char hex[33];

    if (!cx_is_phone(d))
        return false;
    if (!cx_id_is_zero(id) && (is_user = cx_find_user(d->image, id) != NULL))
        cx_id_format(id, hex);
    else if (!cx_id_is_zero(id) && cx_find_device(d->image, id))
        cx_id_format(id, hex);
    else {
        /* several people logged in on one phone: the setting is the phone's */
        is_user = d->user && !of_device;
        cx_id_format(is_user ? d->user->id : d->device->id, hex);
    }
    cx_trace_add(d, CX_TRACE_NODE, is_user && d->user ? d->user->id : d->device->id,
                 "changes a setting", cx_z(action));
    cx_step_service(d, "feature", "action=%s;%s=%s", action, is_user ? "user" : "device", hex);
    return true;
}
