/*
 * resources.c - callflow module "resources": to the outside world by the account's own carriers
 * only (Kazoo's rule: never both kinds in one node). data.hunt_account_id may name this account and
 * no other. SPDX-License-Identifier: GPL-2.0-or-later
 */
#include <string.h>

#include "nodes.h"

int cx_fill_resources(struct cx_flow *f, const json_t *data, struct cx_node *n)
{
    const char *hunt;
    int err = cx_flow_text(f, data, "hunt_account_id", &hunt);

    (void)n;
    if (err == 0 && f->b && hunt && strcmp(hunt, f->b->rows->account.id) != 0)
        err = cx_flow_refuse(f, "data.hunt_account_id", "%s",
                             "only the account's own carriers can be named");
    return err;
}

enum cx_done cx_node_resources(struct cx_decide *d, const struct cx_node *node)
{
    (void)node;
    cx_step_outbound(d, d->capture.len ? d->capture : d->call->dialled, CX_CARRIERS_OWN);
    return CX_DONE_STEP;
}
