/*
 * record_call.c - callflow module "record_call": from here on the call is to be recorded when it is
 * answered, or not (any more). data: action start|stop, format, time_limit.
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "nodes.h"

int cx_fill_record_call(struct cx_flow *f, const json_t *data, struct cx_node *n)
{
    static const char *const actions[] = {"start", "stop", NULL}, *const formats[] = {"mp3", "wav",
                                                                                      NULL};
    unsigned action = 0, format = 0;
    long limit = 0;
    int err = cx_flow_choice(f, data, "action", actions, &action);

    if (err == 0)
        err = cx_flow_choice(f, data, "format", formats, &format);
    if (err == 0)
        err = cx_flow_number(f, data, "time_limit", 5, 10800, &limit);
    n->number = (uint16_t)limit;
    n->ref = action == 1 ? CX_RECORD_STOP : CX_RECORD_START;
    n->flags |= format == 1 ? CX_NODE_CHECK : 0;
    return err;
}

enum cx_done cx_node_record_call(struct cx_decide *d, const struct cx_node *node)
{
    struct cx_cursor *c = cx_state(d);

    c->record = (uint8_t)node->ref;
    c->record_wav = node->flags & CX_NODE_CHECK ? 1 : 0;
    c->record_limit_s = node->number;
    cx_trace_add(d, CX_TRACE_NODE, (struct cx_id){{0}},
                 node->ref == CX_RECORD_STOP ? "recording is switched off"
                                             : "recording is switched on",
                 (struct cx_str){0});
    return CX_DONE_NEXT;
}
