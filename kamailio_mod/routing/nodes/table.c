/*
 * table.c - see nodes.h.
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "nodes.h"

cx_node_h *const cx_node_table[CX_MODULES] = {
#define X(name, stem) cx_node_##stem,
#include "nodes.inc"
#undef X
};

const char *const cx_module_names[CX_MODULES] = {
#define X(name, stem) name,
#include "nodes.inc"
#undef X
};
