/*
 * legs.h - the targets of one RING step and their branches.
 *
 * A branch's ruid is "cx<stage>.<leg>", with an f behind it when the branch goes to this cluster
 * itself: such a leg has its own turn at rtpengine, and its outer branch keeps out of it.
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef CX_LEGS_H
#define CX_LEGS_H

#include "context.h"

#define CX_LEG_PICKUP 99u /* in a ruid: the phone that picks up the call, none of the step's */

/* Copies the step's targets to the context, in the route of msg. False: none, or no memory. */
bool cx_legs_take(struct sip_msg *msg, struct cx_context *ctx, const struct cx_step *step);
/* Makes the branches of one leg: a phone may have several contacts. Number; 0: nobody there. */
int cx_leg_branch(struct sip_msg *msg, struct cx_context *ctx, unsigned leg);
/* Which leg of the present stage has this ruid? -1: none. */
int cx_leg_of(const struct cx_context *ctx, struct cx_str ruid);
/* Is this the ruid of a branch to ourselves? */
bool cx_leg_is_loop(struct cx_str ruid);
/* Parameters of service "confirm"; in a buffer of this process. */
const char *cx_leg_confirm(const struct sip_msg *msg, const struct cx_context *ctx,
                           const struct cx_leg *leg);

#endif
