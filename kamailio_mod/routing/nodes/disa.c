/*
 * disa.c - callflow module "disa": a caller from outside dials on as the account. data: pin,
 * retries, interdigit, max_digits, preconnect_audio, ring_repeat_count, use_account_caller_id,
 * enforce_call_restriction.
 *
 * Whoever knows the number could call at the tenant's cost: a PIN of four digits or more is wanted
 * when it is saved, the account's restrictions always hold, and only the account's own caller ID is
 * shown outside.
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include <string.h>

#include "../number.h"
#include "nodes.h"

int cx_fill_disa(struct cx_flow *f, const json_t *data, struct cx_node *n)
{
    static const char *const audios[] = {"dialtone", "ringing", NULL};
    const char *pin;
    long retries = 3, interdigit = 3000, digits = 15;
    unsigned audio = 0;
    int err = cx_flow_text(f, data, "pin", &pin);

    if (err == 0 && (!pin || strlen(pin) < 4 || strspn(pin, "0123456789") != strlen(pin)))
        err =
            cx_flow_refuse(f, "data.pin", "%s",
                           "a PIN of four digits or more is wanted: anybody may call this number");
    if (err == 0)
        err = cx_flow_choice(f, data, "preconnect_audio", audios, &audio);
    if (err == 0)
        err = cx_flow_number(f, data, "retries", 1, 10, &retries);
    if (err == 0)
        err = cx_flow_number(f, data, "interdigit", 1, 20000, &interdigit);
    if (err == 0)
        err = cx_flow_number(f, data, "max_digits", 1, 30, &digits);
    if (err < 0 || !f->b)
        return err;
    n->text = cx_build_text(f->b, pin);
    n->number = (uint16_t)interdigit;
    n->ref = (uint32_t)(retries | digits << 8);
    n->flags |= audio ? CX_NODE_CHECK : 0;
    return 0;
}

enum cx_done cx_node_disa(struct cx_decide *d, const struct cx_node *node)
{
    cx_trace_add(d, CX_TRACE_NODE, d->image->account, "may dial on with a PIN", (struct cx_str){0});
    cx_step_service(d, "disa", "pin=%s;retries=%u;interdigit=%u;max=%u",
                    cx_escape(d, cx_pool(d->image, node->text)), node->ref & 0xff, node->number,
                    node->ref >> 8 & 0xff);
    if (node->flags & CX_NODE_CHECK)
        cx_service_add(d, "ringing=1");
    return CX_DONE_STEP;
}

enum cx_done cx_dial_disa(struct cx_decide *d, const struct cx_node *node, struct cx_str number)
{
    char text[CX_NUMBER_MAX];
    struct cx_str e164;
    bool emergency = cx_is_emergency(number);

    (void)node;
    d->jump = emergency ? CX_NONE : cx_find_number_flow(d, number, "the caller typed this number");
    e164 = cx_number_normalise(d->image->country, number, text);
    if (d->jump == CX_NONE && !emergency)
        d->jump = cx_find_number_flow(d, e164, "the caller typed this number");
    if (d->jump == CX_NONE && !emergency)
        d->jump = d->image->no_match;
    if (d->jump == CX_NONE) {
        cx_step_outbound(d, number, CX_CARRIERS_ANY);
        return CX_DONE_STEP;
    }
    d->capture = cx_text_make(d->step, "%.*s", (int)number.len, number.s);
    CX_STATE_PUT(cx_state(d)->capture, d->capture); /* offnet calls what was typed */
    return CX_DONE_JUMP;
}
