/*
 * feature.h - settings that users change from their phone. Private to this folder.
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef CX_ROUTING_FEATURE_H
#define CX_ROUTING_FEATURE_H

#include "decide.h"

/* Service "feature" with action=ACTION and whose setting it is: user=ID of the phone's one user,
 * else device=ID. id: of a user or a device that is meant instead, or zero. More parameters may be
 * added behind it. False: the caller was refused. */
bool cx_step_feature(struct cx_decide *d, const char *action, struct cx_id id, bool of_device);

#endif
