/*
 * route.h - the decision: (image, call) -> step; (image, cursor, outcome) -> next step.
 *
 * Pure: no I/O, no clock, no malloc, no global state. Always ends: steps and hops are bounded.
 * Both images must have passed cx_image_check() once, when they were loaded.
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef CX_ROUTING_ROUTE_H
#define CX_ROUTING_ROUTE_H

#include "image.h"
#include "step.h"

/* image: the account that the call is in (caller's for a device, the number's owner for a carrier).
 * cluster: the image of the cluster's carriers; may be NULL. Fills *step; never fails: what cannot
 * be routed is a REPLY or a SERVICE "announce" step that says why. */
void cx_route(const struct cx_image *image, const struct cx_image *cluster,
              const struct cx_env *env, const struct cx_call *call, struct cx_step *step);

/* After the step that gave `cursor` came to `outcome`. key: the child wanted for CX_OUT_CONTINUE
 * (may be empty: the default child). call: as at first, with `now_ms` of now. sip_code: the final
 * reply, or 0. */
void cx_route_next(const struct cx_image *image, const struct cx_image *cluster,
                   const struct cx_env *env, const struct cx_call *call,
                   const struct cx_cursor *cursor, enum cx_outcome outcome, uint16_t sip_code,
                   struct cx_str key, struct cx_step *step);

/* A service's caller typed a number (menu, disa): it is routed as dialled inside the account, by
 * the rules of the node that the cursor stands on. A number that nobody has ends with a REPLY of
 * 404: the worker asks again. */
void cx_route_dial(const struct cx_image *image, const struct cx_image *cluster,
                   const struct cx_env *env, const struct cx_call *call,
                   const struct cx_cursor *cursor, struct cx_str number, struct cx_step *step);

#endif
