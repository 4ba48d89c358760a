/*
 * carrier.c - calls to the outside world: may they, and by which gateways.
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include <string.h>

#include "decide.h"
#include "number.h"
#include "pattern.h"

const char *cx_denied_by(const struct cx_decide *d, uint32_t bit, struct cx_id *who)
{
    const struct cx_device *device = d->device;

    *who = (struct cx_id){{0}};
    if (d->image->deny & bit) {
        *who = d->image->account;
        return "denied by the account";
    }
    if (d->user && (d->user->deny & bit)) {
        *who = d->user->id;
        return "denied by the user";
    }
    /* Whoever is logged in stands in for the phone's own restrictions; several do so together. */
    if (device && (device->deny & bit) && !(device->flags & CX_DEVICE_HOTDESKED && d->user)) {
        *who = device->id;
        return device->flags & CX_DEVICE_HOTDESKED ? "denied to all who are logged in"
                                                   : "denied by the device";
    }
    return NULL;
}

/* Every call that leaves passes here, whatever made it: a phone, a callflow, a forward, an API. */
static bool is_denied(struct cx_decide *d, enum cx_class class)
{
    struct cx_str name = cx_z(cx_class_name(d->image->country, class));
    struct cx_id who = {{0}};
    const char *why;

    if (class == CX_CLASS_EMERGENCY) {
        cx_trace_add(d, CX_TRACE_RESTRICTION, who, "emergency calls are never restricted", name);
        return false;
    }
    why = cx_denied_by(d, 1u << class, &who);
    cx_trace_add(d, CX_TRACE_RESTRICTION, who, why ? why : "number class is allowed", name);
    return why != NULL;
}

static bool rule_matches(const struct cx_image *image, const struct cx_resource_row *r,
                         struct cx_str number, struct cx_str *sent)
{
    const struct cx_rule_row *rules = CX_ROWS(image, CX_T_RULE, struct cx_rule_row) + r->rule_first;
    const uint32_t *code = cx_table(image, CX_T_CODE);

    if (r->rule_count == 0) {
        *sent = number;
        return true;
    }
    for (uint32_t i = 0; i < r->rule_count; i++)
        if (cx_pattern_run(code + rules[i].code_first, rules[i].code_count, number, sent))
            return true;
    return false;
}

static void add_gateways(struct cx_decide *d, const struct cx_image *image,
                         const struct cx_resource_row *r, struct cx_str sent)
{
    const struct cx_gateway_row *g =
        CX_ROWS(image, CX_T_GATEWAY, struct cx_gateway_row) + r->gateway_first;
    struct cx_step *step = d->step;

    for (uint32_t i = 0; i < r->gateway_count; i++, g++) {
        struct cx_str prefix = cx_pool(image, g->prefix), suffix = cx_pool(image, g->suffix);
        if (!(g->flags & CX_GATEWAY_ENABLED) || step->u.outbound.count >= CX_STEP_GATEWAYS_MAX)
            continue;
        step->u.outbound.gateways[step->u.outbound.count++] = (struct cx_gateway){
            .server = cx_pool(image, g->server),
            .transport = cx_pool(image, g->transport),
            .number = cx_text_make(step, "%.*s%.*s%.*s", (int)prefix.len, prefix.s, (int)sent.len,
                                   sent.s, (int)suffix.len, suffix.s),
            .port = g->port,
            .resource = r->id,
        };
    }
}

/* Which carriers are asked. For an emergency call one after the other, until there is one. */
enum pick {
    PICK_ORDINARY,  /* any kind, by its rules */
    PICK_EMERGENCY, /* carriers for emergencies: rules are about ordinary numbers */
    PICK_OTHERS,    /* the others, by their rules */
    PICK_ANYBODY,   /* the others, whatever their rules: better than no help */
    PICK_END
};

/* Resources are sorted by weight, low first. */
static void add_resources(struct cx_decide *d, const struct cx_image *image, struct cx_str number,
                          enum pick pick)
{
    const struct cx_resource_row *r = cx_table(image, CX_T_RESOURCE);

    for (uint32_t i = 0; i < cx_count(image, CX_T_RESOURCE); i++, r++) {
        struct cx_str sent = number;
        bool flagged = (r->flags & CX_RESOURCE_EMERGENCY) != 0;
        if (pick != PICK_ORDINARY && flagged != (pick == PICK_EMERGENCY))
            continue;
        if (!(r->flags & CX_RESOURCE_ENABLED)) {
            cx_trace_add(d, CX_TRACE_CARRIER, r->id, "carrier is disabled",
                         cx_pool(image, r->name));
            continue;
        }
        if (!rule_matches(image, r, number, &sent) && pick != PICK_EMERGENCY &&
            pick != PICK_ANYBODY) {
            cx_trace_add(d, CX_TRACE_CARRIER, r->id, "no rule of the carrier matches",
                         cx_pool(image, r->name));
            continue;
        }
        cx_trace_add(d, CX_TRACE_CARRIER, r->id, "carrier", cx_pool(image, r->name));
        add_gateways(d, image, r, sent);
    }
}

bool cx_step_onnet(struct cx_decide *d, struct cx_str number)
{
    struct cx_id owner;
    struct cx_step *step = d->step;

    if (!d->env->number_owner || !d->env->number_owner(d->env->arg, number, &owner))
        return false;
    if (cx_id_equal(owner, d->image->account)) {
        const struct cx_number_row *own = cx_find_number(d->image, number);
        uint32_t callflow;
        if (!own || (own->flags & CX_NUMBER_FORCE_OUTBOUND) ||
            cx_find_entry(d->image, number, &callflow))
            return false;
        cx_trace_add(d, CX_TRACE_NUMBER, owner, "own number without a callflow", number);
        cx_step_announce(d, "not_found", 404, "Nobody has this number");
        return true;
    }
    step->kind = CX_STEP_ENTER;
    step->u.enter.account = owner;
    step->u.enter.number = cx_text_make(step, "%.*s", (int)number.len, number.s);
    cx_trace_add(d, CX_TRACE_NUMBER, owner, "number of another account of this cluster", number);
    cx_show_caller_outside(d, false);
    return true;
}

void cx_step_outbound(struct cx_decide *d, struct cx_str dialled, enum cx_carriers which)
{
    struct cx_step *step = d->step;
    char text[CX_NUMBER_MAX];
    struct cx_str number = cx_number_normalise(d->image->country, cx_dial_plan(d, dialled), text);
    enum cx_class class = cx_classify(d->image->country, number);
    bool emergency = class == CX_CLASS_EMERGENCY;
    const struct cx_image *carriers[] = {which == CX_CARRIERS_CLUSTER ? NULL : d->image,
                                         which == CX_CARRIERS_OWN ? NULL : d->cluster};

    if (is_denied(d, class)) {
        cx_step_announce(d, "unauthorized", 403, "Forbidden: number class is restricted");
        return;
    }
    if (!emergency && which != CX_CARRIERS_OWN && cx_step_onnet(d, number))
        return;
    step->kind = CX_STEP_OUTBOUND;
    memset(&step->u.outbound, 0, sizeof(step->u.outbound));
    step->u.outbound.number = cx_text_make(step, "%.*s", (int)number.len, number.s);
    step->u.outbound.emergency = emergency;
    for (int i = 0; i < 2 && step->u.outbound.count == 0; i++) {
        if (!carriers[i])
            continue;
        if (!emergency)
            add_resources(d, carriers[i], step->u.outbound.number, PICK_ORDINARY);
        for (int p = PICK_EMERGENCY; emergency && p < PICK_END && step->u.outbound.count == 0; p++)
            add_resources(d, carriers[i], step->u.outbound.number, (enum pick)p);
    }
    if (step->u.outbound.count == 0) {
        cx_trace_add(d, CX_TRACE_CARRIER, (struct cx_id){{0}}, "no carrier takes this number",
                     number);
        cx_step_announce(d, "not_found", 404, "No carrier for this number");
        return;
    }
    cx_show_caller_outside(d, emergency);
}
