/*
 * do_not_disturb.c - callflow module "do_not_disturb" (*78, *79, *76). data: action (activate,
 * deactivate, toggle; portals also say enable, disable), id (a user or device; else the caller's).
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "../feature.h"
#include "nodes.h"

int cx_fill_do_not_disturb(struct cx_flow *f, const json_t *data, struct cx_node *n)
{
    static const char *const actions[] = {"toggle",     "activate", "enable",
                                          "deactivate", "disable",  NULL};
    unsigned action = 0;
    int err = cx_flow_choice(f, data, "action", actions, &action);

    n->number = (uint16_t)((action + 1) / 2);
    return err;
}

enum cx_done cx_node_do_not_disturb(struct cx_decide *d, const struct cx_node *node)
{
    static const char *const actions[] = {"dnd_toggle", "dnd_on", "dnd_off"};

    (void)cx_step_feature(d, actions[node->number < 3 ? node->number : 0],
                          cx_node_id(d->image, node), false);
    return CX_DONE_STEP;
}
