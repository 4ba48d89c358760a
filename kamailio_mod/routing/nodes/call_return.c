/*
 * call_return.c - callflow module "call_return": calls back who called this phone last (*69).
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "nodes.h"

int cx_fill_call_return(struct cx_flow *f, const json_t *data, struct cx_node *n)
{
    (void)f;
    (void)data;
    (void)n;
    return 0;
}

enum cx_done cx_node_call_return(struct cx_decide *d, const struct cx_node *node)
{
    (void)node;
    return cx_dial_last(d, false);
}
