/*
 * move.c - callflow module "move": brings the call that the user has on another of their phones to
 * this one.
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "nodes.h"
#include "../pickup.h"

int cx_fill_move(struct cx_flow *f, const json_t *data, struct cx_node *n)
{
    (void)f;
    (void)data;
    (void)n;
    return 0;
}

enum cx_done cx_node_move(struct cx_decide *d, const struct cx_node *node)
{
    (void)node;
    return cx_pickup_own(d);
}

enum cx_done cx_again_move(struct cx_decide *d, const struct cx_node *node, enum cx_outcome outcome,
                           uint16_t sip_code)
{
    (void)sip_code;
    return cx_pickup_failed(d, node, outcome);
}
