/*
 * set_variable.c - callflow module "set_variable": remembers one word for later nodes. data:
 * variable, value, channel. SPDX-License-Identifier: GPL-2.0-or-later
 */
#include <stdio.h>
#include <string.h>

#include "../variables.h"
#include "nodes.h"

#define ROOM (sizeof(((struct cx_cursor *)0)->variables))

int cx_fill_set_variable(struct cx_flow *f, const json_t *data, struct cx_node *n)
{
    char text[ROOM];
    const char *name, *value;
    int err = cx_flow_text(f, data, "variable", &name);

    if (err == 0)
        err = cx_flow_text(f, data, "value", &value);
    if (err < 0)
        return err;
    if (!name || !name[0] || strpbrk(name, ";=%"))
        return cx_flow_refuse(f, "data.variable", "%s", "must be a plain word");
    if (!value || strpbrk(value, ";=%"))
        return cx_flow_refuse(f, "data.value", "%s", "must be a plain word");
    if ((size_t)snprintf(text, sizeof(text), "%s=%s", name, value) >= sizeof(text))
        return cx_flow_refuse(f, "data.value", "%s", "more than a call can carry (199 bytes)");
    if (f->b)
        n->text = cx_build_text(f->b, text);
    return 0;
}

enum cx_done cx_node_set_variable(struct cx_decide *d, const struct cx_node *node)
{
    return cx_node_set_variables(d, node);
}
