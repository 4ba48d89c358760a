/*
 * nodes.h - the table of callflow modules. Runs on the call path; flow.h has the compiling half.
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef CX_ROUTING_NODES_H
#define CX_ROUTING_NODES_H

#include "../decide.h"
#include "../flow.h"

enum cx_module {
#define X(name, stem, table) CX_MODULE_##stem,
#include "nodes.inc"
#undef X
    CX_MODULES
};

#define X(name, stem, table)                                                                       \
    enum cx_done cx_node_##stem(struct cx_decide *d, const struct cx_node *node);                  \
    int cx_fill_##stem(struct cx_flow *f, const json_t *data, struct cx_node *n);
#include "nodes.inc"
#undef X

/* What becomes of a number that the caller of this node's service typed. CX_DONE_NEXT: nothing. */
typedef enum cx_done cx_dial_h(struct cx_decide *d, const struct cx_node *node,
                               struct cx_str number);
cx_dial_h cx_dial_menu, cx_dial_directory, cx_dial_disa;

struct cx_module_row {
    const char *name;
    cx_node_h *run;
    cx_fill_h *fill;
    enum cx_table table; /* of node->ref; CX_TABLES: it has none */
};

extern const struct cx_module_row cx_modules[CX_MODULES];

/* Modules that may make several steps; NULL for the others. */
#define X(stem)                                                                                    \
    enum cx_done cx_again_##stem(struct cx_decide *d, const struct cx_node *node,                  \
                                 enum cx_outcome outcome, uint16_t sip_code);
#include "again.inc"
#undef X

extern cx_again_h *const cx_again[CX_MODULES];

#endif
