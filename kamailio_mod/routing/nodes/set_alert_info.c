/*
 * set_alert_info.c - callflow module "set_alert_info": how phones ring from here on. data:
 * alert_info, the value of the header Alert-Info. SPDX-License-Identifier: GPL-2.0-or-later
 */
#include <string.h>

#include "nodes.h"

int cx_fill_set_alert_info(struct cx_flow *f, const json_t *data, struct cx_node *n)
{
    const char *text;
    int err = cx_flow_text(f, data, "alert_info", &text);

    if (err == 0 && (!text || !text[0]))
        err = cx_flow_refuse(f, "data.alert_info", "%s", "a value is wanted");
    for (const char *p = text; err == 0 && *p; p++)
        if ((unsigned char)*p < 0x20)
            err = cx_flow_refuse(f, "data.alert_info", "%s", "must be one line");
    if (err == 0 && strlen(text) >= sizeof(((struct cx_cursor *)0)->alert_info))
        err = cx_flow_refuse(f, "data.alert_info", "%s", "is longer than 79 characters");
    if (err == 0 && f->b)
        n->text = cx_build_text(f->b, text);
    return err;
}

enum cx_done cx_node_set_alert_info(struct cx_decide *d, const struct cx_node *node)
{
    struct cx_str text = cx_pool(d->image, node->text);

    CX_STATE_PUT(cx_state(d)->alert_info, text);
    cx_trace_add(d, CX_TRACE_NODE, (struct cx_id){{0}}, "phones ring with", text);
    return CX_DONE_NEXT;
}
