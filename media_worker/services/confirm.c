/*
 * confirm.c - service "confirm": a forwarded call whose answering party must press 1, so that no
 * foreign voicemail swallows it. The caller hears ringing meanwhile; who does not press 1 in time,
 * or hangs up, ends this leg only, and the call goes on elsewhere.
 *
 * Parameters: uri (whom to call); X-Centrex-Forward of the INVITE is passed on by peer.c. 1
 * accepts, 2 refuses. SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "../input.h"
#include "../log.h"

#define PRESS_MS 7000 /* Kazoo's read timeout */

enum step { CALLING, ASKING, REFUSING, JOINING };

struct state {
    enum step step;
    struct cx_input input;
};

static void ask(struct cx_ivr *ivr, struct state *s)
{
    static const struct cx_input_rule rule = {.max = 1, .first_ms = PRESS_MS};
    struct cx_say say;

    cx_say_start(&say);
    cx_say_words(&say, "followme/call-from");
    cx_say_digits(&say, cx_ivr_call(ivr)->caller_number);
    if (say.count == 1)
        cx_say_start(&say);
    cx_say_words(&say, "followme/options"); /* "press 1 to accept this call, or 2 to reject it" */
    s->step = ASKING;
    cx_input_start(ivr, &s->input, &say, &rule);
}

static void refuse(struct cx_ivr *ivr, const char *why)
{
    cx_log(CX_LOG_INFO, cx_ivr_call(ivr)->interaction, "confirm: %s", why);
    cx_ivr_end(ivr, 480, "Not Confirmed", NULL);
}

static void peer(struct cx_ivr *ivr, struct state *s, const struct cx_event *e)
{
    if (e->peer == CX_PEER_RINGING)
        cx_ivr_ringing(ivr);
    else if (e->peer == CX_PEER_ANSWERED)
        ask(ivr, s);
    else if (e->code >= 400) /* busy, unavailable ...: the leg's own end */
        cx_ivr_end(ivr, e->code, "Forward Failed", NULL);
    else
        refuse(ivr, "the party hung up");
}

static void event(struct cx_ivr *ivr, void *state, const struct cx_event *e)
{
    struct state *s = state;
    const char *uri = cx_ivr_param(ivr, "uri");
    enum cx_input_result result;

    if (e->type == CX_EV_STARTED) {
        if (!uri || cx_ivr_dial(ivr, uri, NULL) < 0)
            refuse(ivr, "cannot call");
        return;
    }
    if (e->type == CX_EV_PEER) {
        peer(ivr, s, e);
        return;
    }
    result = s->step == ASKING ? cx_input_event(ivr, &s->input, e) : CX_INPUT_OTHER;
    if (result == CX_INPUT_DONE && s->input.digits[0] == '1') {
        s->step = JOINING;
        if (cx_ivr_join(ivr) < 0)
            refuse(ivr, "cannot join");
    } else if (result == CX_INPUT_DONE && s->input.digits[0] == '2') {
        refuse(ivr, "refused by key");
    } else if (result == CX_INPUT_DONE) {
        ask(ivr, s); /* another key: told again */
    } else if (result == CX_INPUT_NOTHING) {
        refuse(ivr, "no key was pressed");
    } else if (e->type == CX_EV_MEDIA_LOST) {
        refuse(ivr, "media lost");
    }
}

const struct cx_service cx_service_confirm = {"confirm", sizeof(struct state), event};
