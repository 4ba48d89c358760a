/*
 * pickup.h - taking over a call of another phone. Private to this folder.
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef CX_ROUTING_PICKUP_H
#define CX_ROUTING_PICKUP_H

#include "decide.h"

/* Of the phones that the node names. answered: calls that talk, too. */
enum cx_done cx_pickup_named(struct cx_decide *d, const struct cx_node *node, bool answered);
/* Else of who the extension behind the feature code rings. */
enum cx_done cx_pickup_dialled(struct cx_decide *d, const struct cx_node *node, bool answered);
/* Of another phone of the caller's own. */
enum cx_done cx_pickup_own(struct cx_decide *d);
/* There was no such call. */
enum cx_done cx_pickup_failed(struct cx_decide *d, const struct cx_node *node,
                              enum cx_outcome outcome);

#endif
