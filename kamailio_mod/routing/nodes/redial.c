/*
 * redial.c - callflow module "redial": calls again whom this phone called last.
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "nodes.h"

int cx_fill_redial(struct cx_flow *f, const json_t *data, struct cx_node *n)
{
    (void)f;
    (void)data;
    (void)n;
    return 0;
}

enum cx_done cx_node_redial(struct cx_decide *d, const struct cx_node *node)
{
    (void)node;
    return cx_dial_last(d, true);
}
