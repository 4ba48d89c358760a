/*
 * offnet.c - callflow module "offnet": to the outside world by the cluster's carriers.
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "nodes.h"

enum cx_done cx_node_offnet(struct cx_decide *d, const struct cx_node *node)
{
    (void)node;
    cx_step_outbound(d, d->capture.len ? d->capture : d->call->dialled, CX_CARRIERS_CLUSTER);
    return CX_DONE_STEP;
}
