/*
 * call_waiting.c - callflow module "call_waiting" (*70, *71). data: action (activate, deactivate,
 * toggle), scope (device, user). SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "../feature.h"
#include "nodes.h"

int cx_fill_call_waiting(struct cx_flow *f, const json_t *data, struct cx_node *n)
{
    static const char *const actions[] = {"toggle",     "activate", "enable",
                                          "deactivate", "disable",  NULL},
                             *const scopes[] = {"device", "user", NULL};
    unsigned action = 0, scope = 0;
    int err = cx_flow_choice(f, data, "action", actions, &action);

    if (err == 0)
        err = cx_flow_choice(f, data, "scope", scopes, &scope);
    n->number = (uint16_t)((action + 1) / 2 | scope << 8);
    return err;
}

enum cx_done cx_node_call_waiting(struct cx_decide *d, const struct cx_node *node)
{
    static const char *const actions[] = {"call_waiting_toggle", "call_waiting_on",
                                          "call_waiting_off"};
    unsigned action = node->number & 0xff;

    (void)cx_step_feature(d, actions[action < 3 ? action : 0], (struct cx_id){{0}},
                          !(node->number >> 8));
    return CX_DONE_STEP;
}
