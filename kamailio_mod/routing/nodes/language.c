/*
 * language.c - callflow module "language": the language of all prompts from here on. data:
 * language. SPDX-License-Identifier: GPL-2.0-or-later
 */
#include <ctype.h>
#include <string.h>

#include "nodes.h"

int cx_fill_language(struct cx_flow *f, const json_t *data, struct cx_node *n)
{
    const char *language;
    int err = cx_flow_text(f, data, "language", &language);
    size_t len = language ? strlen(language) : 0;
    bool good = len == 2 || (len == 5 && language[2] == '-');

    for (size_t i = 0; i < len; i++)
        good &= i == 2 || isalpha((unsigned char)language[i]);
    if (err == 0 && !good)
        err = cx_flow_refuse(f, "data.language", "%s", "must be a language, like en or en-gb");
    if (err == 0 && f->b)
        n->text = cx_build_text(f->b, language);
    return err;
}

enum cx_done cx_node_language(struct cx_decide *d, const struct cx_node *node)
{
    struct cx_str language = cx_pool(d->image, node->text);

    CX_STATE_PUT(cx_state(d)->language, language);
    cx_trace_add(d, CX_TRACE_NODE, (struct cx_id){{0}}, "language from here on", language);
    return CX_DONE_NEXT;
}
