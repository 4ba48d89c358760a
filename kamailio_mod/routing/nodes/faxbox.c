/*
 * faxbox.c - callflow module "faxbox": receives a fax for a fax box. data: id or faxbox_id,
 * media.fax_option (T.38, over the box's own).
 *
 * Without an id the account's only box is meant.
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "nodes.h"

int cx_fax_option(struct cx_flow *f, const json_t *data, struct cx_node *n)
{
    const json_t *option = json_object_get(json_object_get(data, "media"), "fax_option");

    if (json_is_boolean(option))
        n->number = json_is_true(option) ? CX_FAXBOX_T38 : CX_FAXBOX_NO_T38;
    else if (option && !json_is_null(option) && !json_is_string(option))
        return cx_flow_refuse(f, "data.media.fax_option", "%s", "must be true or false");
    return 0;
}

int cx_fill_faxbox(struct cx_flow *f, const json_t *data, struct cx_node *n)
{
    const char *box = f->id_text;
    int err = cx_fax_option(f, data, n);

    if (err == 0 && !box)
        err = cx_flow_text(f, data, "faxbox_id", &box);
    if (err < 0 || !f->b)
        return err;
    if (box)
        n->ref = cx_build_document(f->b, CX_DOCUMENT_FAXBOX, box);
    else if (f->b->rows->documents[CX_DOCUMENT_FAXBOX].count == 1)
        n->ref = 0;
    return 0;
}

enum cx_done cx_node_faxbox(struct cx_decide *d, const struct cx_node *node)
{
    const struct cx_faxbox *box;
    unsigned t38;
    char id[33];

    if (node->ref == CX_NONE) {
        cx_trace_add(d, CX_TRACE_NODE, cx_node_id(d->image, node), "fax box does not exist",
                     (struct cx_str){0});
        return CX_DONE_NEXT;
    }
    box = &CX_ROWS(d->image, CX_T_FAXBOX, struct cx_faxbox)[node->ref];
    t38 = node->number ? node->number : box->flags;
    cx_trace_add(d, CX_TRACE_NODE, box->id, "fax box", cx_pool(d->image, box->name));
    cx_id_format(box->id, id);
    cx_step_service(d, "fax_receive", "box=%s%s", id,
                    t38 == CX_FAXBOX_T38      ? ";t38=1"
                    : t38 == CX_FAXBOX_NO_T38 ? ";t38=0"
                                              : "");
    return CX_DONE_STEP;
}
