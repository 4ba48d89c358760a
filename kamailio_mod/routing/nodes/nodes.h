/*
 * nodes.h - the table of callflow modules.
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef CX_ROUTING_NODES_H
#define CX_ROUTING_NODES_H

#include "../decide.h"

enum cx_module {
#define X(name, stem) CX_MODULE_##stem,
#include "nodes.inc"
#undef X
    CX_MODULES
};

#define X(name, stem) enum cx_done cx_node_##stem(struct cx_decide *d, const struct cx_node *node);
#include "nodes.inc"
#undef X

extern cx_node_h *const cx_node_table[CX_MODULES];
extern const char *const cx_module_names[CX_MODULES];

#endif
