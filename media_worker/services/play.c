/*
 * play.c - service "play": one sound. With answer=1 nothing follows and the call ends, unless
 * next=1 says so; otherwise it is early media, and the callflow goes on. loops: how often, 0 is
 * without end. SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "../ivr.h"
#include "../log.h"

#define GO_ON "X-Centrex-Outcome: continue;key=_\r\n"

struct state {
    unsigned played;
};

static void go_on(struct cx_ivr *ivr)
{
    if (cx_ivr_param_number(ivr, "next", 0, 1, 0)) {
        cx_ivr_continue(ivr, "_", NULL);
        return;
    }
    cx_ivr_end(ivr, 480, "Temporarily Unavailable", GO_ON);
}

static void played(struct cx_ivr *ivr, struct state *s, const struct cx_event *e)
{
    const char *names[1];
    char name[300];
    unsigned loops = cx_ivr_param_number(ivr, "loops", 0, 100, 1);

    names[0] = name;
    if (e->missing)
        cx_log(CX_LOG_WARNING, cx_ivr_call(ivr)->interaction, "play: %s is missing",
               cx_ivr_param(ivr, "media"));
    s->played++;
    if (!e->missing && (loops == 0 || s->played < loops) &&
        cx_ivr_media_name(cx_ivr_param(ivr, "media"), name, sizeof(name)))
        cx_ivr_play(ivr, names, 1);
    else
        go_on(ivr);
}

static void start(struct cx_ivr *ivr)
{
    const char *names[1];
    char name[300];
    bool answer = cx_ivr_param_number(ivr, "answer", 0, 1, 0);

    names[0] = name;
    if (!cx_ivr_media_name(cx_ivr_param(ivr, "media"), name, sizeof(name))) {
        cx_log(CX_LOG_WARNING, cx_ivr_call(ivr)->interaction, "play: no usable media");
        go_on(ivr);
    } else if (answer ? cx_ivr_answer(ivr) < 0 : !cx_ivr_has_offer(ivr) || cx_ivr_early(ivr) < 0) {
        go_on(ivr); /* nobody could hear it */
    } else {
        cx_ivr_play(ivr, names, 1);
    }
}

static void event(struct cx_ivr *ivr, void *state, const struct cx_event *e)
{
    if (e->type == CX_EV_STARTED) {
        start(ivr);
    } else if (e->type == CX_EV_PLAYED) {
        played(ivr, state, e);
    } else if (e->type == CX_EV_MEDIA_LOST) {
        cx_ivr_end(ivr, 480, "Media Lost", NULL);
    }
}

const struct cx_service cx_service_play = {"play", sizeof(struct state), event};
