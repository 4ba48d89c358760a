/*
 * group_pickup_feature.c - callflow module "group_pickup_feature": picks up a ringing call of the
 * extension behind the code (*87201), or of whom data names. data: type, as group_pickup.
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "nodes.h"
#include "../pickup.h"

int cx_fill_group_pickup_feature(struct cx_flow *f, const json_t *data, struct cx_node *n)
{
    return cx_flow_pickup(f, data, n);
}

enum cx_done cx_node_group_pickup_feature(struct cx_decide *d, const struct cx_node *node)
{
    return cx_pickup_dialled(d, node, false);
}

enum cx_done cx_again_group_pickup_feature(struct cx_decide *d, const struct cx_node *node,
                                           enum cx_outcome outcome, uint16_t sip_code)
{
    (void)sip_code;
    return cx_pickup_failed(d, node, outcome);
}
