/*
 * group_pickup.c - callflow module "group_pickup": picks up a ringing call of a phone, a user or
 * a group. data: device_id, user_id, group_id; who may: approved_device_id, approved_user_id,
 * approved_group_id.
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "nodes.h"
#include "../pickup.h"

int cx_fill_group_pickup(struct cx_flow *f, const json_t *data, struct cx_node *n)
{
    return cx_flow_pickup(f, data, n);
}

enum cx_done cx_node_group_pickup(struct cx_decide *d, const struct cx_node *node)
{
    return cx_pickup_named(d, node, false);
}

enum cx_done cx_again_group_pickup(struct cx_decide *d, const struct cx_node *node,
                                   enum cx_outcome outcome, uint16_t sip_code)
{
    (void)sip_code;
    return cx_pickup_failed(d, node, outcome);
}
