/*
 * limits.h - how many calls an account, a user, may have at once, and begin in a minute.
 *
 * Counted in calls.h, where each is a lease; emergency calls are never counted and never refused.
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef CX_LIMITS_H
#define CX_LIMITS_H

#include "context.h"
#include "routing/image.h"

extern int cx_limits_dry_run; /* modparam: say what would be refused, refuse nothing */

int cx_limits_init(void); /* mod_init: 0 or -1 */
/* Before a step of this kind. NULL: it may; else why not. */
const char *cx_limits_check(const struct cx_context *ctx, const struct cx_image *image,
                            bool outbound);

#endif
