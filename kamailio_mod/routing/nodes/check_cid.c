/*
 * check_cid.c - callflow module "check_cid": goes by the caller's number. data: regex,
 * use_absolute_mode, caller_id.external {name, number}, user_id.
 *
 * Children: `match` and `nomatch`; in absolute mode the number itself, else `_`. With a match, the
 * caller ID and the user of the node may stand in for the caller's.
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "../number.h"
#include "../pattern.h"
#include "nodes.h"

int cx_fill_check_cid(struct cx_flow *f, const json_t *data, struct cx_node *n)
{
    const json_t *external = json_object_get(json_object_get(data, "caller_id"), "external");
    struct cx_compile_error error;
    const char *regex, *user;
    uint32_t count;
    int err = cx_flow_text(f, data, "regex", &regex);

    if (err == 0)
        err = cx_flow_text(f, data, "user_id", &user);
    if (err == 0 && user && user[0])
        err = cx_flow_refuse(f, "data.user_id", "%s",
                             "a call can not be made another user's by its number");
    if (err < 0)
        return err;
    if (!regex)
        regex = ".*";
    if (cx_compile_check_pattern(regex, &error) < 0)
        return cx_flow_refuse(f, "data.regex", "%s", error.message);
    if (cx_flow_true(data, "use_absolute_mode"))
        n->flags |= CX_NODE_CHECK;
    if (!f->b)
        return 0;
    n->text = cx_build_text(f->b, json_string_value(json_object_get(external, "name")));
    n->text2 = cx_build_text(f->b, json_string_value(json_object_get(external, "number")));
    n->ref = cx_build_count(f->b, CX_T_RULE);
    struct cx_rule_row *row, rule;
    err = cx_build_pattern(f->b, regex, f->document, "data.regex", &rule.code_first, &count);
    rule.code_count = count;
    if (err == 0 && (row = cx_build_add(f->b, CX_T_RULE)) != NULL)
        *row = rule;
    return err;
}

enum cx_done cx_node_check_cid(struct cx_decide *d, const struct cx_node *node)
{
    const struct cx_rule_row *rule =
        CX_ROWS(d->image, CX_T_RULE, struct cx_rule_row) + (node->ref == CX_NONE ? 0 : node->ref);
    const uint32_t *code = cx_table(d->image, CX_T_CODE);
    struct cx_str number = cx_caller_number(d), capture;
    struct cx_str name = cx_pool(d->image, node->text), external = cx_pool(d->image, node->text2);
    bool matches = node->ref != CX_NONE &&
                   cx_pattern_run(code + rule->code_first, rule->code_count, number, &capture);

    cx_trace_add(d, CX_TRACE_NODE, (struct cx_id){{0}},
                 matches ? "the caller's number matches" : "the caller's number does not match",
                 number);
    if (node->flags & CX_NODE_CHECK)
        d->key = number;
    else
        d->key = cx_z(matches ? "match" : "nomatch");
    if (matches && name.len)
        CX_STATE_PUT(cx_state(d)->set_name, name);
    if (matches && external.len)
        CX_STATE_PUT(cx_state(d)->set_number, external);
    return CX_DONE_NEXT;
}
