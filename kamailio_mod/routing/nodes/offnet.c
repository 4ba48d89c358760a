/*
 * offnet.c - callflow module "offnet": to the outside world by the cluster's carriers.
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "nodes.h"

int cx_fill_offnet(struct cx_flow *f, const json_t *data, struct cx_node *n)
{
    (void)f;
    (void)data;
    (void)n;
    return 0;
}

enum cx_done cx_node_offnet(struct cx_decide *d, const struct cx_node *node)
{
    (void)node;
    cx_step_outbound(d, d->capture.len ? d->capture : d->call->dialled, CX_CARRIERS_CLUSTER);
    return CX_DONE_STEP;
}
