/*
 * call_forward.c - callflow module "call_forward": switches forwards by phone (*72 on, *73 off, *74
 * toggle, *56 another number; busy *90, *91; no answer *53, *52). data: action.
 *
 * A number behind the code is taken as it is; without one the worker asks where it needs one.
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "../feature.h"
#include "nodes.h"

/* Words of clients, and what the worker is told. */
static const struct {
    const char *word, *action;
} table[] = {
    {"activate", "forward_on"},
    {"deactivate", "forward_off"},
    {"toggle", "forward_toggle"},
    {"update", "forward_update"},
    {"menu", "forward_menu"},
    {"enable", "forward_on"},
    {"disable", "forward_off"},
    {"on_busy_enable", "forward_busy_on"},
    {"on_busy_disable", "forward_busy_off"},
    {"no_answer_enable", "forward_no_answer_on"},
    {"no_answer_disable", "forward_no_answer_off"},
    {"busy_activate", "forward_busy_on"},
    {"busy_deactivate", "forward_busy_off"},
    {"no_answer_activate", "forward_no_answer_on"},
    {"no_answer_deactivate", "forward_no_answer_off"},
};
#define WORDS (sizeof(table) / sizeof(*table))

int cx_fill_call_forward(struct cx_flow *f, const json_t *data, struct cx_node *n)
{
    const char *words[WORDS + 1] = {0};
    unsigned action = 0;
    int err;

    for (size_t i = 0; i < WORDS; i++)
        words[i] = table[i].word;
    err = cx_flow_choice(f, data, "action", words, &action);
    n->number = (uint16_t)action;
    return err;
}

enum cx_done cx_node_call_forward(struct cx_decide *d, const struct cx_node *node)
{
    const char *action = table[node->number < WORDS ? node->number : 0].action;

    if (cx_step_feature(d, action, (struct cx_id){{0}}, false) && d->capture.len)
        cx_service_add(d, "number=%s", cx_escape(d, d->capture));
    return CX_DONE_STEP;
}
