/*
 * hotdesk.c - service "hotdesk": a user logs in on the phone that calls, or out of it.
 *
 * Parameters: action (login, logout, toggle), device (the calling phone), id (the hot-desk id, when
 * it was dialled), user (who is to be logged out, or whose login it is when the callflow names
 * one).
 *
 * Login: id when it is not known, PIN when the user has one, three tries each; then "logged in" and
 * the number of new and saved messages. What is changed stands in hotdesk_row.c.
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "../../db/id.h"
#include "../hotdesk_row.h"
#include "../input.h"
#include "../log.h"

#define TRIES      3
#define ID_DIGITS  15
#define PIN_DIGITS 15

enum step { LOOKING, ASKING_ID, ASKING_PIN, CHANGING };

struct state {
    enum step step;
    unsigned ids, pins; /* tries */
    struct cx_hotdesk q;
    struct cx_input input;
};

static const struct cx_question find = {.run = cx_hotdesk_find,
                                        .size = sizeof(struct cx_hotdesk),
                                        .deadline_ms = 4000,
                                        .database = true};
static const struct cx_question login = {.run = cx_hotdesk_login,
                                         .size = sizeof(struct cx_hotdesk),
                                         .deadline_ms = 6000,
                                         .database = true};
static const struct cx_question logout = {.run = cx_hotdesk_logout,
                                          .size = sizeof(struct cx_hotdesk),
                                          .deadline_ms = 6000,
                                          .database = true};

static void farewell(struct cx_ivr *ivr, const char *words)
{
    struct cx_say say;

    cx_say_start(&say);
    cx_say_words(&say, words);
    cx_ivr_farewell(ivr, say.names, say.count);
}

static void ask(struct cx_ivr *ivr, struct state *s, enum step step, const char *words)
{
    const struct cx_input_rule rule = {.max = step == ASKING_ID ? ID_DIGITS : PIN_DIGITS,
                                       .terminator = '#',
                                       .first_ms = 8000,
                                       .between_ms = 5000};
    struct cx_say say;

    cx_say_start(&say);
    cx_say_words(&say, words);
    s->step = step;
    cx_input_start(ivr, &s->input, &say, &rule);
}

static void look(struct cx_ivr *ivr, struct state *s)
{
    s->step = LOOKING;
    cx_ivr_ask(ivr, &find, &s->q);
}

static void change(struct cx_ivr *ivr, struct state *s, bool in)
{
    s->step = CHANGING;
    s->q.in = in;
    cx_ivr_ask(ivr, in ? &login : &logout, &s->q);
}

/* "You have two new and one old messages." */
static void logged_in(struct cx_ivr *ivr, const struct cx_hotdesk *q)
{
    struct cx_say say;

    cx_say_start(&say);
    cx_say_words(&say, "agent-loginok vm-youhave");
    if (q->fresh)
        cx_say_number(&say, q->fresh);
    else
        cx_say_words(&say, "vm-no");
    cx_say_words(&say, "vm-INBOX");
    if (q->saved) {
        cx_say_words(&say, "vm-and");
        cx_say_number(&say, q->saved);
        cx_say_words(&say, "vm-Old");
    }
    cx_say_words(&say, (q->saved ? q->saved : q->fresh) == 1 ? "vm-message" : "vm-messages");
    cx_ivr_farewell(ivr, say.names, say.count);
}

static void refuse(struct cx_ivr *ivr, struct state *s)
{
    cx_log(CX_LOG_INFO, cx_ivr_call(ivr)->interaction, "hotdesk: not enabled for user %s",
           s->q.user);
    farewell(ivr, "feature-not-avail-line");
}

static void wrong_id(struct cx_ivr *ivr, struct state *s)
{
    cx_input_forget(&s->input);
    s->q.user[0] = s->q.id[0] = '\0';
    if (++s->ids >= TRIES)
        farewell(ivr, "vm-goodbye");
    else
        ask(ivr, s, ASKING_ID, "agent-incorrect");
}

static void wrong_pin(struct cx_ivr *ivr, struct state *s)
{
    cx_log(CX_LOG_WARNING, cx_ivr_call(ivr)->interaction, "hotdesk: wrong PIN for user %s",
           s->q.user);
    cx_input_forget(&s->input);
    if (++s->pins >= TRIES)
        farewell(ivr, "vm-goodbye");
    else
        ask(ivr, s, ASKING_PIN, "auth-incorrect");
}

/* Who it is about is known now, or not. */
static void looked(struct cx_ivr *ivr, struct state *s)
{
    const char *action = cx_ivr_param(ivr, "action");
    bool toggle = strcmp(action, "toggle") == 0;

    if (strcmp(action, "logout") == 0 || (toggle && s->q.here)) {
        change(ivr, s, false);
        return;
    }
    if (toggle && s->q.id[0] == '\0' && s->q.user[0]) {
        /* nobody is logged in here: whoever dials it wants to be */
        s->q.user[0] = '\0';
        ask(ivr, s, ASKING_ID, "agent-user");
    } else if (s->q.result == CX_HOTDESK_NOBODY) {
        if (s->q.id[0] == '\0')
            ask(ivr, s, ASKING_ID, "agent-user");
        else
            wrong_id(ivr, s);
    } else if (s->q.result == CX_HOTDESK_OFF) {
        refuse(ivr, s);
    } else if (s->q.has_pin) {
        ask(ivr, s, ASKING_PIN, "agent-pass");
    } else {
        change(ivr, s, true);
    }
}

static void changed(struct cx_ivr *ivr, struct state *s)
{
    switch (s->q.result) {
    case CX_HOTDESK_DONE:
        cx_log(CX_LOG_INFO, cx_ivr_call(ivr)->interaction, "hotdesk: user %s logged %s device %s",
               s->q.user, s->q.in ? "in on" : "out of", s->q.device);
        if (s->q.in)
            logged_in(ivr, &s->q);
        else
            farewell(ivr, "agent-loggedoff");
        break;
    case CX_HOTDESK_WRONG_PIN:
        wrong_pin(ivr, s);
        break;
    default:
        refuse(ivr, s);
        break;
    }
}

static void answer(struct cx_ivr *ivr, struct state *s, const struct cx_event *e)
{
    if (e->error < 0 || !e->answer) {
        cx_ivr_apologize(ivr);
        return;
    }
    s->q = *(const struct cx_hotdesk *)e->answer;
    if (s->step == LOOKING)
        looked(ivr, s);
    else
        changed(ivr, s);
}

static void start(struct cx_ivr *ivr, struct state *s)
{
    const char *action = cx_ivr_param(ivr, "action"), *device = cx_ivr_param(ivr, "device");
    const char *id = cx_ivr_param(ivr, "id"), *user = cx_ivr_param(ivr, "user");

    if (!action || cx_ivr_answer(ivr) < 0) {
        cx_ivr_end(ivr, action ? 500 : 400, action ? "Server Internal Error" : "No Action", NULL);
        return;
    }
    if (!device || !cx_id_is_valid(device)) {
        farewell(ivr,
                 "feature-not-avail-line"); /* only a phone of the account can be logged in on */
        return;
    }
    snprintf(s->q.account, sizeof(s->q.account), "%s", cx_ivr_call(ivr)->account);
    snprintf(s->q.device, sizeof(s->q.device), "%s", device);
    snprintf(s->q.id, sizeof(s->q.id), "%s", id ? id : "");
    snprintf(s->q.user, sizeof(s->q.user), "%s", user && cx_id_is_valid(user) ? user : "");
    if (strcmp(action, "login") == 0 && !s->q.id[0] && !s->q.user[0])
        ask(ivr, s, ASKING_ID, "agent-user");
    else
        look(ivr, s);
}

static void event(struct cx_ivr *ivr, void *state, const struct cx_event *e)
{
    struct state *s = state;
    enum cx_input_result result = cx_input_event(ivr, &s->input, e);

    if (e->type == CX_EV_STARTED) {
        start(ivr, s);
    } else if (e->type == CX_EV_ANSWER) {
        answer(ivr, s, e);
    } else if (e->type == CX_EV_MEDIA_LOST) {
        cx_ivr_end(ivr, 480, "Media Lost", NULL);
    } else if (result == CX_INPUT_NOTHING || (result == CX_INPUT_DONE && !s->input.count)) {
        if (s->step == ASKING_PIN)
            wrong_pin(ivr, s);
        else if (++s->ids >= TRIES)
            farewell(ivr, "vm-goodbye");
        else
            ask(ivr, s, ASKING_ID, "agent-user");
    } else if (result == CX_INPUT_DONE && s->step == ASKING_ID) {
        snprintf(s->q.id, sizeof(s->q.id), "%s", s->input.digits);
        s->q.user[0] = '\0';
        look(ivr, s);
    } else if (result == CX_INPUT_DONE) {
        snprintf(s->q.pin, sizeof(s->q.pin), "%s", s->input.digits);
        change(ivr, s, true);
    }
}

const struct cx_service cx_service_hotdesk = {"hotdesk", sizeof(struct state), event};
