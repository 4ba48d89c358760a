/*
 * resources.c - callflow module "resources": to the outside world by the account's own carriers
 * only (Kazoo's rule: never both kinds in one node). data.hunt_account_id may name this account and
 * no other. SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "nodes.h"

enum cx_done cx_node_resources(struct cx_decide *d, const struct cx_node *node)
{
    (void)node;
    cx_step_outbound(d, d->capture.len ? d->capture : d->call->dialled, CX_CARRIERS_OWN);
    return CX_DONE_STEP;
}
