/*
 * set_variables.c - callflow module "set_variables": remembers words for later nodes
 * (branch_variable). data: custom_application_vars {name: value}, export. SPDX-License-Identifier:
 * GPL-2.0-or-later
 */
#include <stdio.h>
#include <string.h>

#include "../variables.h"
#include "nodes.h"

#define ROOM (sizeof(((struct cx_cursor *)0)->variables))

static bool is_name(const char *name)
{
    size_t n = strlen(name);

    return n >= 1 && n <= 40 && !strpbrk(name, ";=%");
}

int cx_fill_set_variables(struct cx_flow *f, const json_t *data, struct cx_node *n)
{
    const json_t *vars = json_object_get(data, "custom_application_vars");
    char text[ROOM];
    const char *name;
    json_t *value;
    size_t used = 0;

    if (!json_is_object(vars) || json_object_size(vars) == 0)
        return cx_flow_refuse(f, "data.custom_application_vars", "%s",
                              "must be an object of names and values");
    json_object_foreach((json_t *)vars, name, value)
    {
        char number[32];
        const char *v = json_string_value(value);
        if (json_is_integer(value)) {
            snprintf(number, sizeof(number), "%lld", (long long)json_integer_value(value));
            v = number;
        } else if (json_is_boolean(value))
            v = json_is_true(value) ? "true" : "false";
        if (!is_name(name) || !v || strpbrk(v, ";=%"))
            return cx_flow_refuse(f, "data.custom_application_vars",
                                  "'%.60s' must be a plain word with a plain value", name);
        used +=
            (size_t)snprintf(text + used, sizeof(text) - used, "%s%s=%s", used ? ";" : "", name, v);
        if (used >= sizeof(text))
            return cx_flow_refuse(f, "data.custom_application_vars", "%s",
                                  "more than a call can carry (199 bytes)");
    }
    if (f->b)
        n->text = cx_build_text(f->b, text);
    return 0;
}

enum cx_done cx_node_set_variables(struct cx_decide *d, const struct cx_node *node)
{
    struct cx_str text = cx_pool(d->image, node->text);

    cx_trace_add(d, CX_TRACE_NODE, (struct cx_id){{0}},
                 cx_variables_put(cx_state(d)->variables, ROOM, text)
                     ? "variables are set"
                     : "there is no room for more variables",
                 text);
    return CX_DONE_NEXT;
}
