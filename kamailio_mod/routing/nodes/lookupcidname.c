/*
 * lookupcidname.c - callflow module "lookupcidname": shows the caller's name as a list has it.
 * data: lists (ids), the first that knows the number. SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "nodes.h"

int cx_fill_lookupcidname(struct cx_flow *f, const json_t *data, struct cx_node *n)
{
    const json_t *lists = json_object_get(data, "lists"), *v;
    uint32_t first = CX_NONE, count = 0;
    size_t i;

    if (!json_is_array(lists))
        return cx_flow_refuse(f, "data.lists", "%s", "must be a list of ids");
    json_array_foreach(lists, i, v)
    {
        uint32_t list, *row;
        if (!json_is_string(v))
            return cx_flow_refuse(f, "data.lists", "%s", "must be a list of ids");
        list =
            f->b ? cx_build_document(f->b, CX_DOCUMENT_MATCH_LIST, json_string_value(v)) : CX_NONE;
        if (list == CX_NONE)
            continue;
        if (count++ == 0)
            first = cx_build_count(f->b, CX_T_LIST);
        if ((row = cx_build_add(f->b, CX_T_LIST)) != NULL)
            *row = list;
    }
    n->ref = first;
    n->number = (uint16_t)(count < UINT16_MAX ? count : UINT16_MAX);
    return 0;
}

enum cx_done cx_node_lookupcidname(struct cx_decide *d, const struct cx_node *node)
{
    const uint32_t *lists = cx_table(d->image, CX_T_LIST);
    const struct cx_match_list *rows = cx_table(d->image, CX_T_MATCH_LIST);
    struct cx_str number = cx_caller_number(d), name;

    for (uint32_t i = 0; i < node->number && node->ref + i < cx_count(d->image, CX_T_LIST); i++) {
        const struct cx_match *match = cx_list_find(d, lists[node->ref + i], number);
        name = match ? cx_pool(d->image, match->name) : (struct cx_str){0};
        if (name.len == 0)
            continue;
        CX_STATE_PUT(cx_state(d)->set_name, name);
        cx_trace_add(d, CX_TRACE_CALLER_ID, rows[lists[node->ref + i]].id,
                     "the list knows the caller", name);
        return CX_DONE_NEXT;
    }
    cx_trace_add(d, CX_TRACE_CALLER_ID, (struct cx_id){{0}}, "no list knows the caller", number);
    return CX_DONE_NEXT;
}
