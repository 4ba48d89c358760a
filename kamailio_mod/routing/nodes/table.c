/*
 * table.c - see nodes.h.
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "nodes.h"

const struct cx_module_row cx_modules[CX_MODULES] = {
#define X(name, stem, table) {name, cx_node_##stem, cx_fill_##stem, table},
#include "nodes.inc"
#undef X
};

cx_again_h *const cx_again[CX_MODULES] = {
#define X(stem) [CX_MODULE_##stem] = cx_again_##stem,
#include "again.inc"
#undef X
};
