/*
 * intercept_feature.c - callflow module "intercept_feature": takes over a call of the extension
 * behind the code. data: type, as group_pickup. SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "nodes.h"
#include "../pickup.h"

int cx_fill_intercept_feature(struct cx_flow *f, const json_t *data, struct cx_node *n)
{
    return cx_flow_pickup(f, data, n);
}

enum cx_done cx_node_intercept_feature(struct cx_decide *d, const struct cx_node *node)
{
    return cx_pickup_dialled(d, node, true);
}

enum cx_done cx_again_intercept_feature(struct cx_decide *d, const struct cx_node *node,
                                        enum cx_outcome outcome, uint16_t sip_code)
{
    (void)sip_code;
    return cx_pickup_failed(d, node, outcome);
}
