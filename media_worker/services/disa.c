/*
 * disa.c - service "disa": a caller who knows the PIN dials on as the account. The callflow decides
 * what may be dialled.
 *
 * Parameters: pin, retries, max (digits), interdigit [ms], ringing=1 (ringing before the PIN is
 * asked for). SPDX-License-Identifier: GPL-2.0-or-later
 */
#include <string.h>

#include "../input.h"
#include "../log.h"

#define DIALTONE "tone/425/8000"

enum step { RINGING, ASKING_PIN, DIALLING };

struct state {
    enum step step;
    unsigned tries;
    struct cx_input input;
};

static void farewell(struct cx_ivr *ivr)
{
    static const char *const names[] = {"sys/vm-goodbye"};

    cx_ivr_farewell(ivr, names, 1);
}

static void ask(struct cx_ivr *ivr, struct state *s, enum step step)
{
    struct cx_input_rule rule = {.max = 30, .terminator = '#', .first_ms = 8000};
    struct cx_say say;

    cx_say_start(&say);
    if (step == ASKING_PIN) {
        cx_say_words(&say, "agent-pass");
    } else {
        rule.max = cx_ivr_param_number(ivr, "max", 1, 30, 15);
        rule.between_ms = cx_ivr_param_number(ivr, "interdigit", 1, 20000, 3000);
        cx_say_sound(&say, DIALTONE);
    }
    s->step = step;
    cx_input_start(ivr, &s->input, &say, &rule);
}

static void typed(struct cx_ivr *ivr, struct state *s)
{
    const char *pin = cx_ivr_param(ivr, "pin");

    if (s->step == DIALLING && s->input.count) {
        cx_ivr_continue(ivr, "_", s->input.digits);
    } else if (s->step == ASKING_PIN && pin && *pin && strcmp(pin, s->input.digits) == 0) {
        s->tries = 0;
        ask(ivr, s, DIALLING);
    } else {
        cx_input_forget(&s->input);
        if (s->step == ASKING_PIN)
            cx_log(CX_LOG_WARNING, cx_ivr_call(ivr)->interaction, "disa: wrong PIN");
        if (++s->tries >= cx_ivr_param_number(ivr, "retries", 1, 10, 3))
            farewell(ivr);
        else
            ask(ivr, s, s->step);
    }
}

static void event(struct cx_ivr *ivr, void *state, const struct cx_event *e)
{
    static const char *const ringing[] = {"tone/425/400", "tone/0/200", "tone/425/400",
                                          "tone/0/2000"};
    struct state *s = state;
    enum cx_input_result result = cx_input_event(ivr, &s->input, e);

    if (e->type == CX_EV_STARTED) {
        if (cx_ivr_answer(ivr) < 0)
            cx_ivr_end(ivr, 500, "Server Internal Error", NULL);
        else if (cx_ivr_param_number(ivr, "ringing", 0, 1, 0))
            cx_ivr_play(ivr, ringing, 4);
        else
            ask(ivr, s, ASKING_PIN);
    } else if (e->type == CX_EV_MEDIA_LOST) {
        cx_ivr_end(ivr, 480, "Media Lost", NULL);
    } else if (s->step == RINGING && e->type == CX_EV_PLAYED) {
        ask(ivr, s, ASKING_PIN);
    } else if (result == CX_INPUT_DONE || result == CX_INPUT_NOTHING) {
        typed(ivr, s);
    }
}

const struct cx_service cx_service_disa = {"disa", sizeof(struct state), event};
