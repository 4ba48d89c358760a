/*
 * input.c - see input.h. SPDX-License-Identifier: GPL-2.0-or-later
 */
#include <string.h>

#include "input.h"

#define FIRST_MS   5000
#define BETWEEN_MS 3000
#define AT_ONCE_MS 1

void cx_input_forget(struct cx_input *in)
{
    in->ahead_count = 0;
}

void cx_input_start(struct cx_ivr *ivr, struct cx_input *in, const struct cx_say *say,
                    const struct cx_input_rule *rule)
{
    in->rule = *rule;
    if (!in->rule.first_ms)
        in->rule.first_ms = FIRST_MS;
    if (!in->rule.between_ms)
        in->rule.between_ms = BETWEEN_MS;
    if (in->rule.max > CX_INPUT_DIGITS || in->rule.max == 0)
        in->rule.max = CX_INPUT_DIGITS;
    in->on = true;
    in->count = 0;
    in->digits[0] = '\0';
    if (in->ahead_count) {
        cx_ivr_stop(ivr);
        cx_ivr_timer(ivr, AT_ONCE_MS);
    } else if (say && say->count) {
        cx_ivr_timer(ivr, 0);
        cx_ivr_play(ivr, say->names, say->count);
    } else {
        cx_ivr_stop(ivr);
        cx_ivr_timer(ivr, in->rule.first_ms);
    }
}

static enum cx_input_result done(struct cx_ivr *ivr, struct cx_input *in,
                                 enum cx_input_result result)
{
    in->on = false;
    cx_ivr_timer(ivr, 0);
    return result;
}

void cx_input_stop(struct cx_ivr *ivr, struct cx_input *in)
{
    done(ivr, in, CX_INPUT_DONE);
}

static enum cx_input_result key(struct cx_ivr *ivr, struct cx_input *in, char digit)
{
    if (in->rule.terminator && digit == in->rule.terminator)
        return done(ivr, in, CX_INPUT_DONE);
    in->digits[in->count++] = digit;
    in->digits[in->count] = '\0';
    if (in->count == in->rule.max)
        return done(ivr, in, CX_INPUT_DONE);
    cx_ivr_timer(ivr, in->rule.between_ms);
    return CX_INPUT_MORE;
}

/* Keys that were pressed before the question, one after the other. */
static enum cx_input_result typed_ahead(struct cx_ivr *ivr, struct cx_input *in)
{
    enum cx_input_result result = CX_INPUT_MORE;
    unsigned used = 0;

    while (used < in->ahead_count && result == CX_INPUT_MORE)
        result = key(ivr, in, in->ahead[used++]);
    in->ahead_count -= used;
    memmove(in->ahead, in->ahead + used, in->ahead_count);
    return result;
}

enum cx_input_result cx_input_event(struct cx_ivr *ivr, struct cx_input *in,
                                    const struct cx_event *e)
{
    if (!in->on) {
        if (e->type == CX_EV_DIGIT && in->ahead_count < CX_INPUT_DIGITS)
            in->ahead[in->ahead_count++] = e->digit;
        return CX_INPUT_OTHER;
    }
    switch (e->type) {
    case CX_EV_DIGIT:
        if (in->ahead_count) { /* behind those that wait */
            if (in->ahead_count < CX_INPUT_DIGITS)
                in->ahead[in->ahead_count++] = e->digit;
            return CX_INPUT_MORE;
        }
        if (in->count == 0)
            cx_ivr_stop(ivr);
        return key(ivr, in, e->digit);
    case CX_EV_PLAYED:
        if (in->count == 0)
            cx_ivr_timer(ivr, in->rule.first_ms);
        return CX_INPUT_MORE;
    case CX_EV_TIMER:
        if (in->ahead_count)
            return typed_ahead(ivr, in);
        return done(ivr, in, in->count ? CX_INPUT_DONE : CX_INPUT_NOTHING);
    default:
        return CX_INPUT_OTHER;
    }
}
