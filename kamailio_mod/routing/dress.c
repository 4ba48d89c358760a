/*
 * dress.c - what nodes passed earlier in the call wanted for every step: caller ID, prefixes,
 * privacy, language, ringing tone, recording.
 *
 * Outside, a number of the account stays what is shown: callerid.c chose it, and a node may only
 * choose another of the account's own. SPDX-License-Identifier: GPL-2.0-or-later
 */
#include <string.h>

#include "decide.h"
#include "number.h"

void cx_state_put(char *to, size_t size, struct cx_str from)
{
    size_t n = from.len < size - 1 ? from.len : size - 1;

    if (n)
        memcpy(to, from.s, n);
    to[n] = '\0';
}

/* The cursor is written over by the next step, which may be made in the same place: strings of a
 * step live in its text. */
static struct cx_str own(struct cx_decide *d, const char *text)
{
    return text[0] ? cx_text_make(d->step, "%s", text) : (struct cx_str){0};
}

static void dress_inside(struct cx_decide *d)
{
    const struct cx_cursor *c = cx_state(d);
    struct cx_step *step = d->step;

    if (c->set_name[0])
        step->caller_name = own(d, c->set_name);
    if (c->set_number[0])
        step->caller_number = own(d, c->set_number);
    if (c->name_prefix[0])
        step->caller_name = cx_text_make(step, "%s%.*s", c->name_prefix, (int)step->caller_name.len,
                                         step->caller_name.s);
    if (c->number_prefix[0])
        step->caller_number = cx_text_make(step, "%s%.*s", c->number_prefix,
                                           (int)step->caller_number.len, step->caller_number.s);
}

static void dress_outside(struct cx_decide *d)
{
    const struct cx_cursor *c = cx_state(d);
    char text[CX_NUMBER_MAX];
    const struct cx_number_row *row;

    if (!c->set_number[0])
        return;
    row =
        cx_find_number(d->image, cx_number_normalise(d->image->country, cx_z(c->set_number), text));
    if (!row) {
        cx_trace_add(d, CX_TRACE_CALLER_ID, d->image->account,
                     "the callflow's caller ID is not a number of this account",
                     own(d, c->set_number));
        return;
    }
    d->step->caller_number = cx_pool(d->image, row->text);
    if (c->set_name[0])
        d->step->caller_name = own(d, c->set_name);
    cx_trace_add(d, CX_TRACE_CALLER_ID, d->image->account, "caller ID of the callflow",
                 d->step->caller_number);
}

static void dress_record(struct cx_decide *d)
{
    const struct cx_cursor *c = cx_state(d);

    if (c->record == CX_RECORD_STOP) {
        d->step->record.on = false;
        for (uint16_t i = 0; d->step->kind == CX_STEP_RING && i < d->step->u.ring.count; i++)
            d->step->u.ring.targets[i].record.on = false;
    } else if (c->record == CX_RECORD_START)
        d->step->record = (struct cx_record_rule){.on = true,
                                                  .wav = c->record_wav != 0,
                                                  .outbound = d->step->kind == CX_STEP_OUTBOUND,
                                                  .offnet = d->step->kind == CX_STEP_OUTBOUND ||
                                                            d->call->from == CX_FROM_CARRIER,
                                                  .scope = CX_RECORD_BY_CALLFLOW,
                                                  .limit_s = c->record_limit_s,
                                                  .who = d->step->callflow};
}

void cx_dress(struct cx_decide *d)
{
    const struct cx_cursor *c = cx_state(d);
    struct cx_step *step = d->step;
    bool outside = step->kind == CX_STEP_OUTBOUND || step->kind == CX_STEP_ENTER;
    bool emergency = step->kind == CX_STEP_OUTBOUND && step->u.outbound.emergency;

    if (step->kind == CX_STEP_REPLY)
        return;
    if (!outside)
        dress_inside(d);
    else if (!emergency)
        dress_outside(d);
    if ((c->flags & CX_CURSOR_HIDE_NUMBER) && !emergency)
        step->privacy = true;
    if ((c->flags & CX_CURSOR_HIDE_NAME) && !emergency)
        step->caller_name = (struct cx_str){0};
    step->language = own(d, c->language);
    step->alert_info = own(d, c->alert_info);
    if (step->kind == CX_STEP_SERVICE && step->language.len &&
        !memmem(step->u.service.params.s, step->u.service.params.len, "language=", 9))
        step->u.service.params =
            cx_text_make(step, "%.*s;language=%.*s", (int)step->u.service.params.len,
                         step->u.service.params.s, (int)step->language.len, step->language.s);
    if (step->kind == CX_STEP_RING || step->kind == CX_STEP_OUTBOUND) {
        cx_decide_recording(d);
        dress_record(d);
    }
}
