/*
 * feature.c - service "feature": settings that users switch by a code: do not disturb, forwards,
 * call waiting, office hours.
 *
 * Parameters: action (see the table), user or device (whose), number (of a forward; asked for when
 * it is needed and not given), rules (hours: ids of temporal rules, separated by commas).
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include <stdio.h>
#include <string.h>

#include "../../db/id.h"
#include "../feature_row.h"
#include "../input.h"
#include "../log.h"

#define TRIES    3
#define SHORTEST 3 /* digits of a number */
#define LONGEST  20
#define FIRST_MS 8000

static const struct {
    const char *action;
    enum cx_feature_kind kind;
    enum cx_feature_change change;
} actions[] = {
    {"dnd_on", CX_FEATURE_DND, CX_FEATURE_ON},
    {"dnd_off", CX_FEATURE_DND, CX_FEATURE_OFF},
    {"dnd_toggle", CX_FEATURE_DND, CX_FEATURE_TOGGLE},
    {"forward_on", CX_FEATURE_FORWARD, CX_FEATURE_ON},
    {"forward_off", CX_FEATURE_FORWARD, CX_FEATURE_OFF},
    {"forward_toggle", CX_FEATURE_FORWARD, CX_FEATURE_TOGGLE},
    {"forward_menu", CX_FEATURE_FORWARD, CX_FEATURE_TOGGLE},
    {"forward_update", CX_FEATURE_FORWARD, CX_FEATURE_UPDATE},
    {"forward_busy_on", CX_FEATURE_FORWARD_BUSY, CX_FEATURE_ON},
    {"forward_busy_off", CX_FEATURE_FORWARD_BUSY, CX_FEATURE_OFF},
    {"forward_no_answer_on", CX_FEATURE_FORWARD_NO_ANSWER, CX_FEATURE_ON},
    {"forward_no_answer_off", CX_FEATURE_FORWARD_NO_ANSWER, CX_FEATURE_OFF},
    {"call_waiting_on", CX_FEATURE_CALL_WAITING, CX_FEATURE_ON},
    {"call_waiting_off", CX_FEATURE_CALL_WAITING, CX_FEATURE_OFF},
    {"call_waiting_toggle", CX_FEATURE_CALL_WAITING, CX_FEATURE_TOGGLE},
    {"hours_on", CX_FEATURE_HOURS, CX_FEATURE_ON},
    {"hours_off", CX_FEATURE_HOURS, CX_FEATURE_OFF},
    {"hours_reset", CX_FEATURE_HOURS, CX_FEATURE_RESET},
    {"hours_menu", CX_FEATURE_HOURS, CX_FEATURE_TOGGLE},
};

static const char *const names[] = {
    [CX_FEATURE_DND] = "do-not-disturb",
    [CX_FEATURE_FORWARD] = "call-fwd-unconditional",
    [CX_FEATURE_FORWARD_BUSY] = "call-fwd-on-busy",
    [CX_FEATURE_FORWARD_NO_ANSWER] = "call-fwd-no-ans",
    [CX_FEATURE_CALL_WAITING] = "call-waiting",
    [CX_FEATURE_HOURS] = "hours",
};

enum step { ASKING, CHOOSING, CHANGING };

struct state {
    enum step step;
    unsigned tries;
    struct cx_feature q;
    struct cx_input input;
};

static const struct cx_question question = {.run = cx_feature_change,
                                            .size = sizeof(struct cx_feature),
                                            .deadline_ms = 5000,
                                            .database = true};

static void change(struct cx_ivr *ivr, struct state *s)
{
    s->step = CHANGING;
    cx_ivr_ask(ivr, &question, &s->q);
}

static void ask_number(struct cx_ivr *ivr, struct state *s)
{
    static const struct cx_input_rule rule = {
        .max = LONGEST, .terminator = '#', .first_ms = FIRST_MS, .between_ms = 4000};
    struct cx_say say;

    if (s->tries++ == TRIES) {
        cx_say_start(&say);
        cx_say_words(&say, "vm-goodbye");
        cx_ivr_farewell(ivr, say.names, say.count);
        return;
    }
    cx_say_start(&say);
    if (s->tries > 1)
        cx_say_words(&say, "pbx-invalid");
    cx_say_words(&say, "vm-enter-num-to-call vm-then-pound");
    s->step = ASKING;
    cx_input_start(ivr, &s->input, &say, &rule);
}

/* Kazoo's keys: 1 open, 2 closed, 3 by the clock. */
static void ask_hours(struct cx_ivr *ivr, struct state *s)
{
    static const struct cx_input_rule rule = {.max = 1};
    struct cx_say say;

    if (s->tries++ == TRIES) {
        cx_ivr_end(ivr, 480, "Temporarily Unavailable", NULL);
        return;
    }
    cx_say_start(&say);
    cx_say_words(&say, "hours vm-press digits/1 vm-for activated vm-press digits/2 vm-for "
                       "de-activated vm-press digits/3 vm-for time");
    s->step = CHOOSING;
    cx_input_start(ivr, &s->input, &say, &rule);
}

static void changed(struct cx_ivr *ivr, struct state *s)
{
    bool forward = s->q.kind >= CX_FEATURE_FORWARD && s->q.kind <= CX_FEATURE_FORWARD_NO_ANSWER;
    struct cx_say say;

    cx_say_start(&say);
    if (s->q.result == CX_FEATURE_NO_NUMBER) {
        ask_number(ivr, s);
        return;
    }
    if (s->q.result == CX_FEATURE_NOTHING) {
        cx_say_words(&say, "feature-not-avail-line");
    } else {
        cx_log(CX_LOG_INFO, cx_ivr_call(ivr)->interaction, "feature: %s of %s is %s%s%s",
               names[s->q.kind], s->q.id, s->q.on ? "on" : "off", forward ? ", number " : "",
               forward ? s->q.number : "");
        cx_say_words(&say, names[s->q.kind]);
        if (forward && (s->q.on || s->q.change == CX_FEATURE_UPDATE)) {
            cx_say_words(&say, "is-set-to");
            cx_say_digits(&say, s->q.number);
        } else if (s->q.change == CX_FEATURE_RESET) {
            cx_say_words(&say, "is-set-to time");
        } else {
            cx_say_words(&say, s->q.on ? "activated" : "de-activated");
        }
    }
    cx_ivr_farewell(ivr, say.names, say.count);
}

/* What was dialled or typed, without punctuation; "" when it is no number. */
static void take_number(struct cx_feature *q, const char *text)
{
    size_t n = 0;

    for (; *text && n + 1 < sizeof(q->number); text++)
        if ((*text >= '0' && *text <= '9') || (*text == '+' && n == 0))
            q->number[n++] = *text;
    q->number[n < SHORTEST || n > LONGEST ? 0 : n] = '\0';
}

static bool begin(struct cx_ivr *ivr, struct cx_feature *q)
{
    const char *action = cx_ivr_param(ivr, "action"), *user = cx_ivr_param(ivr, "user");
    const char *device = cx_ivr_param(ivr, "device"), *number = cx_ivr_param(ivr, "number");
    const char *rules = cx_ivr_param(ivr, "rules"), *id = user ? user : device;
    size_t i = 0;

    while (i < sizeof(actions) / sizeof(*actions) &&
           (!action || strcmp(actions[i].action, action) != 0))
        i++;
    if (i == sizeof(actions) / sizeof(*actions))
        return false;
    q->kind = actions[i].kind;
    q->change = actions[i].change;
    q->of_device = !user;
    snprintf(q->account, sizeof(q->account), "%s", cx_ivr_call(ivr)->account);
    if (q->kind == CX_FEATURE_HOURS)
        return rules && snprintf(q->rules, sizeof(q->rules), "%s", rules) < (int)sizeof(q->rules);
    if (!id || !cx_id_is_valid(id))
        return false;
    snprintf(q->id, sizeof(q->id), "%s", id);
    take_number(q, number ? number : "");
    return true;
}

static void start(struct cx_ivr *ivr, struct state *s)
{
    static const char *const no[] = {"sys/feature-not-avail-line"};
    bool known = begin(ivr, &s->q);

    if (cx_ivr_answer(ivr) < 0)
        cx_ivr_end(ivr, 500, "Server Internal Error", NULL);
    else if (!known)
        cx_ivr_farewell(ivr, no, 1);
    else if (s->q.kind == CX_FEATURE_HOURS && s->q.change == CX_FEATURE_TOGGLE)
        ask_hours(ivr, s);
    else if (!s->q.number[0] && (s->q.change == CX_FEATURE_UPDATE ||
                                 (s->q.change == CX_FEATURE_ON && s->q.kind != CX_FEATURE_DND &&
                                  s->q.kind < CX_FEATURE_CALL_WAITING)))
        ask_number(ivr, s);
    else
        change(ivr, s);
}

static void chosen(struct cx_ivr *ivr, struct state *s)
{
    char key = s->input.digits[0];

    if (key < '1' || key > '3') {
        ask_hours(ivr, s);
        return;
    }
    s->q.change = key == '1' ? CX_FEATURE_ON : key == '2' ? CX_FEATURE_OFF : CX_FEATURE_RESET;
    change(ivr, s);
}

static void event(struct cx_ivr *ivr, void *state, const struct cx_event *e)
{
    struct state *s = state;
    enum cx_input_result result = cx_input_event(ivr, &s->input, e);

    if (e->type == CX_EV_STARTED) {
        start(ivr, s);
    } else if (e->type == CX_EV_ANSWER) {
        if (e->error < 0 || !e->answer) {
            cx_ivr_apologize(ivr);
            return;
        }
        s->q = *(const struct cx_feature *)e->answer;
        changed(ivr, s);
    } else if (e->type == CX_EV_MEDIA_LOST) {
        cx_ivr_end(ivr, 480, "Media Lost", NULL);
    } else if (result == CX_INPUT_DONE && s->step == CHOOSING) {
        chosen(ivr, s);
    } else if (result == CX_INPUT_DONE) {
        take_number(&s->q, s->input.digits);
        if (s->q.number[0] || (s->input.count == 0 && s->tries == 1))
            change(ivr, s); /* # alone: the number that stands there */
        else
            ask_number(ivr, s);
    } else if (result == CX_INPUT_NOTHING) {
        if (s->step == CHOOSING)
            ask_hours(ivr, s);
        else
            ask_number(ivr, s);
    }
}

const struct cx_service cx_service_feature = {"feature", sizeof(struct state), event};
