/*
 * dynamic_cid.c - callflow module "dynamic_cid": another caller ID for this call. data: action
 * (static, list, lists), caller_id {name, number}, id.
 *
 * static sets the caller ID of the node. list and lists take the entry whose key stands first in
 * what was dialled after the feature code; the rest is called. Outside only a number of the
 * account's own is shown.
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include <string.h>

#include "../number.h"
#include "nodes.h"

int cx_fill_dynamic_cid(struct cx_flow *f, const json_t *data, struct cx_node *n)
{
    static const char *const actions[] = {"static", "list", "lists", NULL};
    const json_t *id = json_object_get(data, "caller_id");
    const char *action, *number = json_string_value(json_object_get(id, "number"));
    unsigned which = 0;
    int err = cx_flow_text(f, data, "action", &action);

    if (err == 0 && (!action || strcmp(action, "manual") == 0))
        err = cx_flow_refuse(f, "data.action", "%s",
                             "no caller may type a caller ID: static, list or lists is wanted");
    if (err == 0)
        err = cx_flow_choice(f, data, "action", actions, &which);
    if (err == 0 && which == 0 && !number)
        err = cx_flow_refuse(f, "data.caller_id.number", "%s", "a number is wanted");
    if (err == 0 && which == 1)
        err = cx_flow_wants_id(f, "which list? an id is wanted");
    if (err < 0 || !f->b)
        return err;
    n->number = (uint16_t)which;
    n->text = cx_build_text(f->b, json_string_value(json_object_get(id, "name")));
    n->text2 = cx_build_text(f->b, number);
    if (which == 1)
        n->ref = cx_build_document(f->b, CX_DOCUMENT_MATCH_LIST, f->id_text);
    return 0;
}

static void set(struct cx_decide *d, struct cx_str name, struct cx_str number)
{
    struct cx_cursor *c = cx_state(d);

    if (name.len)
        CX_STATE_PUT(c->set_name, name);
    if (number.len)
        CX_STATE_PUT(c->set_number, number);
    cx_trace_add(d, CX_TRACE_CALLER_ID, (struct cx_id){{0}}, "the callflow sets the caller ID",
                 number);
}

/* The entry of the list whose key the digits begin with; the longest key. */
static const struct cx_match *by_key(struct cx_decide *d, uint32_t list, struct cx_str digits)
{
    const struct cx_match_list *l = &CX_ROWS(d->image, CX_T_MATCH_LIST, struct cx_match_list)[list];
    const struct cx_match *m = CX_ROWS(d->image, CX_T_MATCH, struct cx_match) + l->first;
    const struct cx_match *best = NULL;
    uint32_t best_len = 0;

    for (uint32_t i = 0; i < l->count; i++, m++) {
        struct cx_str key = cx_pool(d->image, m->key);
        if (key.len > best_len && key.len < digits.len && memcmp(key.s, digits.s, key.len) == 0) {
            best = m;
            best_len = key.len;
        }
    }
    return best;
}

/* Calls the digits behind the key. */
static enum cx_done call_rest(struct cx_decide *d, struct cx_str number)
{
    char text[CX_NUMBER_MAX];
    struct cx_str e164 = cx_number_normalise(d->image->country, number, text);

    d->capture = cx_text_make(d->step, "%.*s", (int)number.len, number.s);
    CX_STATE_PUT(cx_state(d)->capture, d->capture);
    d->jump = cx_find_number_flow(d, number, "callflow with this number");
    if (d->jump == CX_NONE)
        d->jump = cx_find_number_flow(d, e164, "callflow with this number");
    if (d->jump != CX_NONE)
        return CX_DONE_JUMP;
    cx_step_outbound(d, d->capture, CX_CARRIERS_ANY);
    return CX_DONE_STEP;
}

enum cx_done cx_node_dynamic_cid(struct cx_decide *d, const struct cx_node *node)
{
    uint32_t first = node->number == 2 ? 0 : node->ref,
             end = node->number == 2 ? cx_count(d->image, CX_T_MATCH_LIST) : first + 1;

    if (node->number == 0) {
        set(d, cx_pool(d->image, node->text), cx_pool(d->image, node->text2));
        return CX_DONE_NEXT;
    }
    if (!d->device) {
        cx_trace_add(d, CX_TRACE_NODE, cx_node_id(d->image, node),
                     "only a phone of the account may choose", (struct cx_str){0});
        return CX_DONE_NEXT;
    }
    for (uint32_t i = first; i < end && i < cx_count(d->image, CX_T_MATCH_LIST); i++) {
        const struct cx_match *m = by_key(d, i, d->capture);
        struct cx_str key, rest;
        if (!m)
            continue;
        key = cx_pool(d->image, m->key);
        rest = (struct cx_str){d->capture.s + key.len, d->capture.len - key.len};
        set(d, cx_pool(d->image, m->name), cx_pool(d->image, m->number));
        return call_rest(d, rest);
    }
    cx_trace_add(d, CX_TRACE_NODE, cx_node_id(d->image, node), "no entry of the list has this key",
                 d->capture);
    return CX_DONE_NEXT;
}
