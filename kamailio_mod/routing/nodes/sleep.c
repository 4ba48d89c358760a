/*
 * sleep.c - callflow module "sleep": waits. data: duration, unit (ms, s, m, h).
 *
 * The caller hears nothing meanwhile, or ringing when nobody has answered.
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "nodes.h"

#define LONGEST_MS (10 * 60 * 1000) /* a call that waits longer is lost */

int cx_fill_sleep(struct cx_flow *f, const json_t *data, struct cx_node *n)
{
    static const char *const units[] = {"s", "ms", "m", "h", NULL};
    static const long factors[] = {1000, 1, 60000, 3600000};
    unsigned unit = 0;
    long duration = 0;
    int err = cx_flow_choice(f, data, "unit", units, &unit);

    if (err == 0)
        err = cx_flow_number(f, data, "duration", 0, LONGEST_MS, &duration);
    if (err == 0 && duration * factors[unit] > LONGEST_MS)
        err = cx_flow_refuse(f, "data.duration", "%s", "no call waits longer than 10 minutes");
    n->ref = (uint32_t)(duration * factors[unit]);
    return err;
}

enum cx_done cx_node_sleep(struct cx_decide *d, const struct cx_node *node)
{
    cx_trace_add(d, CX_TRACE_NODE, (struct cx_id){{0}}, "waits",
                 cx_text_make(d->step, "%u ms", node->ref));
    if (node->ref == 0)
        return CX_DONE_NEXT;
    cx_step_service(d, "sleep", "ms=%u", node->ref);
    cx_service_play_on(d, node, false);
    return CX_DONE_STEP;
}
