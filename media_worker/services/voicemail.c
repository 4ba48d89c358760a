/*
 * voicemail.c - service "voicemail": greeting, instructions, beep, message, "saved", good-bye.
 * action=check is the owner's side (mailbox.h).
 *
 * Parameters: action (compose, check), box, mailbox, greeting, skip_greeting, skip_instructions,
 * max [s], onnet=1 (* enters the box instead), operator (a number that 0 goes on with).
 * All that a caller hears who leaves a message comes from these and from local files; the database
 * is not asked.
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include <stdio.h>
#include <string.h>

#include "../../db/id.h"
#include "../ivr.h"
#include "../log.h"
#include "../mailbox.h"

#define BEEP          "tone/440/500"
#define DEFAULT_MAX_S 500
#define LONGEST_S     7200
#define DIGITS_MAX    15

enum step { GREETING, DEFAULT_GREETING, INSTRUCTIONS, BEEPING, RECORDING, GOODBYE };

struct state {
    enum step step;
    struct cx_mailbox *mailbox; /* the owner's side, or NULL */
};

static void enter_box(struct cx_ivr *ivr, struct state *s)
{
    s->mailbox = cx_ivr_alloc(ivr, sizeof(*s->mailbox));
    if (s->mailbox)
        cx_mailbox_start(ivr, s->mailbox, cx_ivr_param(ivr, "box"), cx_ivr_param(ivr, "mailbox"));
    else
        cx_ivr_end(ivr, 500, "Server Internal Error", NULL);
}

static void beep(struct cx_ivr *ivr, struct state *s)
{
    static const char *const names[] = {BEEP};

    s->step = BEEPING;
    cx_ivr_play(ivr, names, 1);
}

static void instructions(struct cx_ivr *ivr, struct state *s)
{
    static const char *const names[] = {"sys/vm-intro"};

    if (cx_ivr_param_number(ivr, "skip_instructions", 0, 1, 0)) {
        beep(ivr, s);
        return;
    }
    s->step = INSTRUCTIONS;
    cx_ivr_play(ivr, names, 1);
}

/* "The person at extension 2 0 2 is unavailable." */
static void default_greeting(struct cx_ivr *ivr, struct state *s)
{
    const char *mailbox = cx_ivr_param(ivr, "mailbox"), *names[DIGITS_MAX + 2];
    char digits[DIGITS_MAX][16];
    size_t n = 0, d = 0;

    names[n++] = "sys/vm-theperson";
    for (; mailbox && *mailbox && d < DIGITS_MAX; mailbox++)
        if (*mailbox >= '0' && *mailbox <= '9') {
            snprintf(digits[d], sizeof(digits[d]), "sys/digits/%c", *mailbox);
            names[n++] = digits[d++];
        }
    names[n++] = "sys/vm-isunavail";
    s->step = DEFAULT_GREETING;
    if (d == 0) {
        names[0] = "sys/vm-nobodyavail"; /* a box without a number that can be spoken */
        n = 1;
    }
    cx_ivr_play(ivr, names, n);
}

static void start(struct cx_ivr *ivr, struct state *s)
{
    const char *action = cx_ivr_param(ivr, "action"), *box = cx_ivr_param(ivr, "box");
    const char *names[1];
    char name[300];

    if (action && strcmp(action, "check") == 0) {
        if (cx_ivr_answer(ivr) < 0)
            cx_ivr_end(ivr, 500, "Server Internal Error", NULL);
        else
            enter_box(ivr, s);
        return;
    }
    if (action && strcmp(action, "compose") != 0) {
        cx_log(CX_LOG_WARNING, cx_ivr_call(ivr)->interaction, "voicemail: no action \"%s\"",
               action);
        cx_ivr_end(ivr, 501, "Not Implemented", NULL);
        return;
    }
    if (!box || !cx_id_is_valid(box)) {
        cx_log(CX_LOG_WARNING, cx_ivr_call(ivr)->interaction, "voicemail: no box");
        cx_ivr_end(ivr, 400, "No Voicemail Box", NULL);
        return;
    }
    if (cx_ivr_answer(ivr) < 0) {
        cx_ivr_end(ivr, 500, "Server Internal Error", NULL);
        return;
    }
    names[0] = name;
    if (cx_ivr_param_number(ivr, "skip_greeting", 0, 1, 0)) {
        instructions(ivr, s);
    } else if (cx_ivr_media_name(cx_ivr_param(ivr, "greeting"), name, sizeof(name))) {
        s->step = GREETING;
        cx_ivr_play(ivr, names, 1);
    } else {
        default_greeting(ivr, s);
    }
}

static void record(struct cx_ivr *ivr, struct state *s)
{
    const struct cx_ivr_call *call = cx_ivr_call(ivr);
    struct cx_spool_meta meta = {
        .account_id = call->account,
        .vmbox_id = cx_ivr_param(ivr, "box"),
        .mailbox = cx_ivr_param(ivr, "mailbox"),
        .caller_id_name = call->caller_name,
        .caller_id_number = call->caller_number,
        .from_uri = call->from_uri,
        .to_uri = call->to_uri,
        .call_id = call->call_id,
        .interaction_id = call->interaction,
    };
    int err = cx_ivr_record(ivr, &meta,
                            cx_ivr_param_number(ivr, "max", 1, LONGEST_S, DEFAULT_MAX_S) * 1000);

    s->step = RECORDING;
    if (err < 0) {
        cx_log(CX_LOG_ERROR, call->interaction, "voicemail: cannot record: %s", strerror(-err));
        cx_ivr_end(ivr, 500, "Server Internal Error", NULL);
    }
}

/* The caller is still there: says that it is saved. */
static void recorded(struct cx_ivr *ivr, struct state *s)
{
    static const char *const names[] = {"sys/vm-msgsaved", "sys/vm-goodbye"};
    unsigned kept_ms = cx_ivr_record_stop(ivr);

    s->step = GOODBYE;
    cx_log(CX_LOG_INFO, cx_ivr_call(ivr)->interaction, "voicemail: message of %u ms", kept_ms);
    /* too short a message is dropped without a word */
    cx_ivr_play(ivr, kept_ms ? names : names + 1, kept_ms ? 2 : 1);
}

static void played(struct cx_ivr *ivr, struct state *s, unsigned missing)
{
    switch (s->step) {
    case GREETING:
        if (missing) {
            cx_log(CX_LOG_WARNING, cx_ivr_call(ivr)->interaction,
                   "voicemail: the box's greeting is missing, the default is played");
            default_greeting(ivr, s);
        } else {
            instructions(ivr, s);
        }
        break;
    case DEFAULT_GREETING:
        instructions(ivr, s);
        break;
    case INSTRUCTIONS:
        beep(ivr, s);
        break;
    case BEEPING:
        record(ivr, s);
        break;
    case RECORDING:
        break;
    case GOODBYE:
        cx_ivr_end(ivr, 480, "Temporarily Unavailable", NULL);
        break;
    }
}

static void key(struct cx_ivr *ivr, struct state *s, char digit)
{
    const char *operator_number = cx_ivr_param(ivr, "operator");

    if (s->step == RECORDING) {
        recorded(ivr, s);
    } else if (s->step >= BEEPING) {
        return;
    } else if (digit == '*' && cx_ivr_param_number(ivr, "onnet", 0, 1, 0)) {
        cx_ivr_stop(ivr);
        enter_box(ivr, s);
    } else if (digit == '0' && operator_number && *operator_number) {
        cx_ivr_continue(ivr, "_", operator_number);
    } else {
        beep(ivr, s); /* enough of that */
    }
}

static void event(struct cx_ivr *ivr, void *state, const struct cx_event *e)
{
    struct state *s = state;

    if (s->mailbox) {
        cx_mailbox_event(ivr, s->mailbox, e);
        return;
    }
    switch (e->type) {
    case CX_EV_STARTED:
        start(ivr, s);
        break;
    case CX_EV_DIGIT:
        key(ivr, s, e->digit);
        break;
    case CX_EV_PLAYED:
        played(ivr, s, e->missing);
        break;
    case CX_EV_RECORDED:
        recorded(ivr, s);
        break;
    case CX_EV_MEDIA_LOST:
        cx_ivr_record_stop(ivr);
        cx_ivr_end(ivr, 480, "Media Lost", NULL);
        break;
    case CX_EV_HANGUP:
        if (s->step == RECORDING)
            cx_log(CX_LOG_INFO, cx_ivr_call(ivr)->interaction,
                   "voicemail: caller hung up, message of %u ms", cx_ivr_record_stop(ivr));
        break;
    default:
        break;
    }
}

const struct cx_service cx_service_voicemail = {"voicemail", sizeof(struct state), event};
