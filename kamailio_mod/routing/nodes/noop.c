/*
 * noop.c - callflow module "noop": does nothing. data: none.
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "nodes.h"

int cx_fill_noop(struct cx_flow *f, const json_t *data, struct cx_node *n)
{
    (void)f;
    (void)data;
    (void)n;
    return 0;
}

enum cx_done cx_node_noop(struct cx_decide *d, const struct cx_node *node)
{
    (void)d;
    (void)node;
    return CX_DONE_NEXT;
}
