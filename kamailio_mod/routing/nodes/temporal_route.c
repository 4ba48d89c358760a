/*
 * temporal_route.c - callflow module "temporal_route": goes on by the time of day and the calendar.
 * data: rules (ids), rule_set, timezone, action (menu, enable, disable, reset), id.
 *
 * Rules are asked in Kazoo's order: data.rules, then the keys of the children, then the rule set;
 * the first that holds names the child. An action hands the caller to a worker, which changes the
 * rules. SPDX-License-Identifier: GPL-2.0-or-later
 */
#include <errno.h>
#include <string.h>

#include "../hours.h"
#include "../tzfile.h"
#include "nodes.h"

static void add_link(struct cx_flow *f, const char *rule_id, const char *key)
{
    uint32_t rule = cx_build_document(f->b, CX_DOCUMENT_RULE, rule_id);
    struct cx_link *row;

    if (rule != CX_NONE && (row = cx_build_add(f->b, CX_T_LINK)) != NULL)
        *row = (struct cx_link){cx_build_text(f->b, key), rule};
}

/* A rule by its id, or each rule of the set with this id. */
static void add_links(struct cx_flow *f, const char *id, const char *key)
{
    uint32_t set = cx_build_document(f->b, CX_DOCUMENT_RULE_SET, id);
    const json_t *v;
    json_t *doc;
    size_t i;

    if (set == CX_NONE) {
        add_link(f, id, key);
        return;
    }
    doc = cx_doc_load(f->b->rows->documents[CX_DOCUMENT_RULE_SET].items[set].doc);
    json_array_foreach(json_object_get(doc, "temporal_rules"), i, v)
        add_link(f, json_string_value(v), key);
    json_decref(doc);
}

static bool lists(const json_t *rules, const char *id)
{
    const json_t *v;
    size_t i;

    json_array_foreach(rules, i, v)
    {
        if (json_is_string(v) && strcmp(json_string_value(v), id) == 0)
            return true;
    }
    return false;
}

static void link_all(struct cx_flow *f, const json_t *data, struct cx_route_row *route)
{
    const char *set = json_string_value(json_object_get(data, "rule_set")), *key;
    const json_t *rules = json_object_get(data, "rules"), *v;
    json_t *child;
    size_t i;

    route->link_first = cx_build_count(f->b, CX_T_LINK);
    json_array_foreach(rules, i, v) add_links(f, json_string_value(v), json_string_value(v));
    json_object_foreach(json_object_get(f->node, "children"), key, child)
    {
        if (!lists(rules, key))
            add_links(f, key, key);
    }
    if (set)
        add_links(f, set, "rule_set");
    route->link_count = cx_build_count(f->b, CX_T_LINK) - route->link_first;
}

static int time_zone(struct cx_flow *f, const json_t *data, uint32_t *zone)
{
    const char *name;
    int err = cx_flow_text(f, data, "timezone", &name);

    *zone = f->b ? f->b->zone : CX_NONE;
    if (err < 0 || !name || !name[0] || strcmp(name, "inherit") == 0)
        return err;
    if (f->b)
        err = cx_build_zone(f->b, name, zone);
    else
        err = cx_tz_known(name) ? 0 : -ENOENT;
    return err == -ENOENT ? cx_flow_refuse(f, "data.timezone", "'%.60s' is not a time zone", name)
                          : err;
}

int cx_fill_temporal_route(struct cx_flow *f, const json_t *data, struct cx_node *n)
{
    static const char *const actions[] = {"", "menu", "enable", "disable", "reset", NULL};
    const json_t *rules = json_object_get(data, "rules"), *v;
    struct cx_route_row *row, route = {.zone = CX_NONE};
    const char *set;
    unsigned action;
    size_t i;
    int err = cx_flow_choice(f, data, "action", actions, &action);

    if (err == 0)
        err = cx_flow_text(f, data, "rule_set", &set);
    if (err == 0 && rules && !json_is_array(rules) && !json_is_null(rules))
        err = cx_flow_refuse(f, "data.rules", "%s", "must be a list of rules");
    json_array_foreach(rules, i, v)
    {
        if (err == 0 && !json_is_string(v))
            err = cx_flow_refuse(f, "data.rules", "%s", "must be a list of rules");
    }
    if (err == 0)
        err = time_zone(f, data, &route.zone);
    if (err < 0 || !f->b)
        return err;
    route.action = action;
    route.rules = cx_doc_joined(f->b, rules, ",");
    link_all(f, data, &route);
    n->ref = cx_build_count(f->b, CX_T_ROUTE);
    if ((row = cx_build_add(f->b, CX_T_ROUTE)) != NULL)
        *row = route;
    return 0;
}

/* Which rule holds; false: none. */
static bool find_rule(struct cx_decide *d, const struct cx_route_row *route)
{
    const struct cx_link *link = CX_ROWS(d->image, CX_T_LINK, struct cx_link) + route->link_first;
    const struct cx_hours_rule *rules = cx_table(d->image, CX_T_HOURS);

    for (uint32_t i = 0; i < route->link_count; i++, link++) {
        const struct cx_hours_rule *rule = &rules[link->rule];
        const char *why;
        bool holds = cx_hours_hold(d->image, rule, route->zone, d->call->now_ms / 1000, &why);

        cx_trace_add(d, CX_TRACE_NODE, rule->id, why, cx_pool(d->image, rule->name));
        if (holds) {
            d->key = cx_pool(d->image, link->key);
            return true;
        }
    }
    return false;
}

enum cx_done cx_node_temporal_route(struct cx_decide *d, const struct cx_node *node)
{
    static const char *const actions[] = {
        [CX_ROUTE_MENU] = "hours_menu",
        [CX_ROUTE_ENABLE] = "hours_on",
        [CX_ROUTE_DISABLE] = "hours_off",
        [CX_ROUTE_RESET] = "hours_reset",
    };
    const struct cx_route_row *route;
    struct cx_str rules;

    if (node->ref == CX_NONE)
        return CX_DONE_NEXT;
    route = &CX_ROWS(d->image, CX_T_ROUTE, struct cx_route_row)[node->ref];
    if (route->action == CX_ROUTE_DECIDE) {
        if (!find_rule(d, route))
            cx_trace_add(d, CX_TRACE_NODE, cx_node_id(d->image, node), "no rule of time holds",
                         (struct cx_str){0});
        return CX_DONE_NEXT;
    }
    if (!d->device) { /* hours are changed by the account's own phones only */
        cx_trace_add(d, CX_TRACE_NODE, cx_node_id(d->image, node),
                     "only a phone of the account may change hours", (struct cx_str){0});
        return CX_DONE_NEXT;
    }
    rules = cx_pool(d->image, route->rules);
    cx_trace_add(d, CX_TRACE_NODE, cx_node_id(d->image, node), "changes rules of time", rules);
    cx_step_service(d, "feature", "action=%s;rules=%.*s", actions[route->action], (int)rules.len,
                    rules.s);
    return CX_DONE_STEP;
}
