/*
 * menu.c - callflow module "menu": a virtual receptionist. data: id, interdigit_timeout.
 *
 * A worker plays the greeting and takes keys; what it needs stands in the parameters. Children are
 * chosen by the keys pressed, `timeout`, `max_retries`, or `_`; other digits are an extension when
 * the menu lets its callers hunt.
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include <stdio.h>

#include "../pattern.h"
#include "nodes.h"

#define KEYS_MAX 400 /* bytes of child keys in the parameters */

int cx_fill_menu(struct cx_flow *f, const json_t *data, struct cx_node *n)
{
    long interdigit_ms = 0;
    int err = cx_flow_wants_id(f, "which menu? an id is wanted");

    if (err == 0)
        err = cx_flow_number(f, data, "interdigit_timeout", 0, 10000, &interdigit_ms);
    n->number = (uint16_t)interdigit_ms;
    if (f->b)
        n->ref = cx_build_document(f->b, CX_DOCUMENT_MENU, f->id_text);
    return err;
}

/* Keys of the children, with commas. */
static const char *keys(struct cx_decide *d, const struct cx_node *node)
{
    const struct cx_child *child =
        CX_ROWS(d->image, CX_T_CHILD, struct cx_child) + node->child_first;
    char text[KEYS_MAX];
    size_t n = 0;

    text[0] = '\0';
    for (uint32_t i = 0; i < node->child_count; i++, child++) {
        struct cx_str key = cx_pool(d->image, child->key);
        if (key.len == 0 || n + key.len + 2 > sizeof(text))
            continue;
        n += (size_t)snprintf(text + n, sizeof(text) - n, "%s%.*s", n ? "," : "", (int)key.len,
                              key.s);
    }
    return cx_escape(d, (struct cx_str){text, (uint32_t)n});
}

static void add_sound(struct cx_decide *d, const char *name, cx_ref ref)
{
    struct cx_str sound = cx_pool(d->image, ref);

    if (sound.len)
        cx_service_add(d, "%s=%s", name, cx_escape(d, sound));
}

enum cx_done cx_node_menu(struct cx_decide *d, const struct cx_node *node)
{
    const struct cx_menu *m;
    struct cx_str pin;
    char id[33];

    if (node->ref == CX_NONE) {
        cx_trace_add(d, CX_TRACE_NODE, cx_node_id(d->image, node), "menu does not exist",
                     (struct cx_str){0});
        return CX_DONE_NEXT;
    }
    m = &CX_ROWS(d->image, CX_T_MENU, struct cx_menu)[node->ref];
    cx_trace_add(d, CX_TRACE_NODE, m->id, "menu", cx_pool(d->image, m->name));
    cx_id_format(m->id, id);
    cx_step_service(d, "menu", "id=%s;retries=%u;timeout=%u;interdigit=%u;max=%u;hunt=%d;keys=%s",
                    id, m->retries, m->timeout_ms, node->number ? node->number : m->interdigit_ms,
                    m->digits, m->flags & CX_MENU_HUNT ? 1 : 0, keys(d, node));
    add_sound(d, "greeting", m->greeting);
    if (m->flags & CX_MENU_SUPPRESS)
        cx_service_add(d, "invalid=0;transfer=0;exit=0");
    else {
        add_sound(d, "invalid", m->invalid);
        add_sound(d, "transfer", m->transfer);
        add_sound(d, "exit", m->exit);
    }
    pin = cx_pool(d->image, m->pin);
    /* Who may record the greeting by phone: callers of inside, others only when allowed. */
    if (pin.len && (d->device || (m->flags & CX_MENU_RECORD_OFFNET)))
        cx_service_add(d, "pin=%s", cx_escape(d, pin));
    return CX_DONE_STEP;
}

/* May callers of this menu dial that number? */
static bool may_dial(struct cx_decide *d, const struct cx_menu *m, struct cx_str number)
{
    const uint32_t *code = cx_table(d->image, CX_T_CODE);
    struct cx_str capture;
    const char *why = NULL;

    if (!(m->flags & CX_MENU_HUNT))
        why = "the menu lets nobody dial";
    else if (m->allow.count &&
             !cx_pattern_run(code + m->allow.first, m->allow.count, number, &capture))
        why = "hunt_allow does not match";
    else if (m->deny.count && cx_pattern_run(code + m->deny.first, m->deny.count, number, &capture))
        why = "hunt_deny matches";
    if (why)
        cx_trace_add(d, CX_TRACE_NODE, m->id, why, number);
    return why == NULL;
}

enum cx_done cx_dial_menu(struct cx_decide *d, const struct cx_node *node, struct cx_str number)
{
    const struct cx_menu *menus = cx_table(d->image, CX_T_MENU);

    if (node->ref == CX_NONE || !may_dial(d, &menus[node->ref], number))
        return CX_DONE_NEXT;
    d->jump = cx_find_number_flow(d, number, "the caller typed this number");
    return d->jump == CX_NONE ? CX_DONE_NEXT : CX_DONE_JUMP;
}
