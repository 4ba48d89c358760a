/*
 * cidlistmatch.c - callflow module "cidlistmatch": goes by whether the caller is in a list. data:
 * id. Children: `match`, `nomatch`. SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "nodes.h"

int cx_fill_cidlistmatch(struct cx_flow *f, const json_t *data, struct cx_node *n)
{
    (void)data;
    if (f->b)
        n->ref = cx_build_document(f->b, CX_DOCUMENT_MATCH_LIST, f->id_text);
    return cx_flow_wants_id(f, "which list? an id is wanted");
}

enum cx_done cx_node_cidlistmatch(struct cx_decide *d, const struct cx_node *node)
{
    struct cx_str number = cx_caller_number(d);
    bool matches = node->ref != CX_NONE && cx_list_find(d, node->ref, number) != NULL;

    cx_trace_add(d, CX_TRACE_NODE, cx_node_id(d->image, node),
                 matches ? "the caller is in the list" : "the caller is not in the list", number);
    d->key = cx_z(matches ? "match" : "nomatch");
    return CX_DONE_NEXT;
}
