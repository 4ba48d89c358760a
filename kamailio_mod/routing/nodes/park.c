/*
 * park.c - callflow module "park": puts a call into a slot, or fetches it (*3, *4, *5). data:
 * action (park, retrieve, auto, direct_park), slot, default_ringback_timeout (ms),
 * default_callback_timeout (ms), slots.<slot>.{ringback_timeout,callback_timeout}.
 *
 * What happens in the slots is the module's business (step.h, CX_STEP_PARK).
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "nodes.h"

#define RINGBACK_S 120 /* Kazoo's */
#define CALLBACK_S 30

/* Clients send milliseconds. */
static int seconds(struct cx_flow *f, const json_t *data, const char *key, uint16_t *s)
{
    long ms = *s * 1000L;
    int err = cx_flow_number(f, data, key, 0, 86400000, &ms);

    if (ms > 65535000)
        ms = 65535000;
    *s = (uint16_t)((ms + 999) / 1000);
    return err;
}

int cx_fill_park(struct cx_flow *f, const json_t *data, struct cx_node *n)
{
    static const char *const actions[] = {"park", "retrieve", "auto", "direct_park", NULL};
    static const uint8_t kinds[] = {CX_PARK_IN, CX_PARK_OUT, CX_PARK_AUTO, CX_PARK_IN};
    uint16_t ringback_s = RINGBACK_S, callback_s = CALLBACK_S;
    unsigned action = 0;
    const char *slot = NULL;
    const json_t *own;
    int err = cx_flow_choice(f, data, "action", actions, &action);

    if (err == 0)
        err = cx_flow_text(f, data, "slot", &slot);
    if (err == 0)
        err = seconds(f, data, "default_ringback_timeout", &ringback_s);
    if (err == 0)
        err = seconds(f, data, "default_callback_timeout", &callback_s);
    own = slot ? json_object_get(json_object_get(data, "slots"), slot) : NULL;
    if (err == 0)
        err = seconds(f, own, "ringback_timeout", &ringback_s);
    if (err == 0)
        err = seconds(f, own, "callback_timeout", &callback_s);
    n->number = kinds[action];
    n->ref = (uint32_t)ringback_s << 16 | callback_s;
    if (err == 0 && f->b)
        n->text = cx_build_text(f->b, slot);
    return err;
}

enum cx_done cx_node_park(struct cx_decide *d, const struct cx_node *node)
{
    static const char *const reasons[] = {[CX_PARK_AUTO] = "parks, or fetches who is parked",
                                          [CX_PARK_IN] = "parks",
                                          [CX_PARK_OUT] = "fetches who is parked"};
    struct cx_str slot = cx_pool(d->image, node->text);
    enum cx_park_action action =
        node->number <= CX_PARK_OUT ? (enum cx_park_action)node->number : CX_PARK_AUTO;

    /* whoever was transferred here (a leg of the phone that transferred) is parked, and never given
     * somebody who waits; strangers fetch nobody */
    if (action == CX_PARK_AUTO && d->device && d->call->forwarded)
        action = CX_PARK_IN;
    if (action != CX_PARK_IN && !cx_is_phone(d))
        return CX_DONE_STEP;
    if (slot.len == 0)
        slot = d->capture;
    d->step->kind = CX_STEP_PARK;
    d->step->u.park.action = action;
    d->step->u.park.slot = slot;
    d->step->u.park.device = d->device ? d->device->id : (struct cx_id){{0}};
    d->step->u.park.ringback_s = (uint16_t)(node->ref >> 16);
    d->step->u.park.callback_s = (uint16_t)node->ref;
    cx_trace_add(d, CX_TRACE_NODE, (struct cx_id){{0}}, reasons[action], slot);
    cx_show_caller_inside(d);
    return CX_DONE_STEP;
}

enum cx_done cx_again_park(struct cx_decide *d, const struct cx_node *node, enum cx_outcome outcome,
                           uint16_t sip_code)
{
    (void)sip_code;
    if (cx_state(d)->stage || (outcome != CX_OUT_UNREACHABLE && outcome != CX_OUT_BUSY))
        return CX_DONE_NEXT;
    if (cx_has_child(d->image, node, cx_z("_")))
        return CX_DONE_NEXT;
    cx_state(d)->stage = 1;
    if (outcome == CX_OUT_BUSY)
        cx_step_announce(d, "park-already_in_use", 486, "The slot is taken");
    else
        cx_step_announce(d, "park-no_caller", 404, "Nobody is parked there");
    return CX_DONE_STEP;
}
