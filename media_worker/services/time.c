/*
 * time.c - service "time": the time of the account's zone, three times, each with a beep.
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include <stdio.h>

#include "../ivr.h"
#include "../localtime.h"
#include "../say.h"

#define ROUNDS 3

struct state {
    unsigned said;
};

struct question {
    char account[33], zone[65];
    struct tm now;
};

static int zone_row(void *arg, const struct cx_value *c, size_t n)
{
    struct question *q = arg;

    (void)n;
    snprintf(q->zone, sizeof(q->zone), "%s", c[0].type == CX_TEXT ? c[0].s : "UTC");
    return 0;
}

static int read_time(const struct cx_ask_env *env, void *data)
{
    struct question *q = data;
    struct cx_value which = cx_text(q->account);
    int err =
        cx_db_query(env->db, "SELECT timezone FROM account WHERE id = ?", &which, 1, zone_row, q);

    cx_local_time_in(q->zone, (int64_t)time(NULL), &q->now);
    return err;
}

static const struct cx_question question = {
    .run = read_time, .size = sizeof(struct question), .deadline_ms = 3000, .database = true};

static void ask(struct cx_ivr *ivr)
{
    struct question q = {.zone = "UTC"};

    snprintf(q.account, sizeof(q.account), "%s", cx_ivr_call(ivr)->account);
    cx_ivr_ask(ivr, &question, &q);
}

static void event(struct cx_ivr *ivr, void *state, const struct cx_event *e)
{
    struct state *s = state;
    struct cx_say say;

    if (e->type == CX_EV_STARTED) {
        if (cx_ivr_answer(ivr) < 0)
            cx_ivr_end(ivr, 500, "Server Internal Error", NULL);
        else
            ask(ivr);
    } else if (e->type == CX_EV_ANSWER && e->error < 0) {
        cx_ivr_apologize(ivr);
    } else if (e->type == CX_EV_ANSWER) {
        cx_say_start(&say);
        cx_say_words(&say, "at-tone-time-exactly");
        cx_say_time(&say, &((const struct question *)e->answer)->now);
        cx_say_sound(&say, "tone/440/500");
        cx_ivr_play(ivr, say.names, say.count);
    } else if (e->type == CX_EV_PLAYED) {
        if (++s->said < ROUNDS)
            ask(ivr);
        else
            cx_ivr_end(ivr, 480, "Temporarily Unavailable", NULL);
    } else if (e->type == CX_EV_MEDIA_LOST) {
        cx_ivr_end(ivr, 480, "Media Lost", NULL);
    }
}

const struct cx_service cx_service_time = {"time", sizeof(struct state), event};
