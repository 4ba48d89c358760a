/*
 * prepend_cid.c - callflow module "prepend_cid": words before the caller ID, so that phones show
 * where a call came in. data: action (prepend, reset), caller_id_name_prefix,
 * caller_id_number_prefix, apply_to (original, current). Prefixes add up, the last one first;
 * `original` begins anew. SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "nodes.h"

int cx_fill_prepend_cid(struct cx_flow *f, const json_t *data, struct cx_node *n)
{
    static const char *const actions[] = {"prepend", "reset", NULL}, *const bases[] = {"current",
                                                                                       "original",
                                                                                       NULL};
    const char *name, *number;
    unsigned action, base = 0;
    int err = cx_flow_choice(f, data, "action", actions, &action);

    if (err == 0)
        err = cx_flow_choice(f, data, "apply_to", bases, &base);
    if (err == 0)
        err = cx_flow_text(f, data, "caller_id_name_prefix", &name);
    if (err == 0)
        err = cx_flow_text(f, data, "caller_id_number_prefix", &number);
    if (err < 0)
        return err;
    n->number = (uint16_t)(action || base); /* what was there is forgotten */
    if (f->b && !action) {
        n->text = cx_build_text(f->b, name);
        n->text2 = cx_build_text(f->b, number);
    }
    return 0;
}

static void prepend(struct cx_decide *d, char *to, size_t size, struct cx_str prefix)
{
    struct cx_str both = cx_text_make(d->step, "%.*s%s", (int)prefix.len, prefix.s, to);

    cx_state_put(to, size, both);
}

enum cx_done cx_node_prepend_cid(struct cx_decide *d, const struct cx_node *node)
{
    struct cx_cursor *c = cx_state(d);
    struct cx_str name = cx_pool(d->image, node->text), number = cx_pool(d->image, node->text2);

    if (node->number) {
        c->name_prefix[0] = '\0';
        c->number_prefix[0] = '\0';
    }
    prepend(d, c->name_prefix, sizeof(c->name_prefix), name);
    prepend(d, c->number_prefix, sizeof(c->number_prefix), number);
    cx_trace_add(d, CX_TRACE_CALLER_ID, (struct cx_id){{0}},
                 name.len || number.len ? "words before the caller ID"
                                        : "no words before the caller ID any more",
                 name.len ? name : number);
    return CX_DONE_NEXT;
}
