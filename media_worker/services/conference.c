/*
 * conference.c - service "conference": asks for the room and the PIN, then the caller is in.
 *
 * With `id` the room is known (a personal room's own number, a callflow that names it). Without,
 * the room number is asked for, three times at most, and looked up in `rooms` or in the database.
 * Parameters (all but `id` may be absent):
 *     id              conference document
 *     role            moderator or member: the callflow or the number dialled decides it; else the
 *                     PIN does, and without any PIN the caller is a member
 *     owner           1: the caller owns this room: a moderator, without a PIN
 *     member_pins, moderator_pins    lists of digits, joined by "." (or ",")
 *     max             participants; 0: no limit
 *     wait            1: members hear nobody until a moderator is there
 *     entry, exit     0: no tone when somebody comes or goes
 *     names           1: who enters says their name, which all hear at entry and exit
 *     muted, moderator_muted, deaf, moderator_deaf   1: so they begin
 *     welcome         media that is played first, or 1: "you will now be placed ..."
 *     music           media for who is alone or waits; else there is silence
 *     user            the calling user (32 hex), if any: owns rooms that are found by number
 *     pair            1: a parked call and who fetches it: when one leaves, the other does
 *     rooms           without id: all rooms of the account (conference/settings.h), so that the
 *                     database is not needed
 * The keys of participants: conference/room.h. A room lives in one worker: the callers of an
 * account must come to the same one (the step's affinity is the account's id, since the room is not
 * known yet when it is asked for). SPDX-License-Identifier: GPL-2.0-or-later
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../../db/id.h"
#include "../conference/room.h"
#include "../input.h"
#include "../log.h"

#define TRIES       3
#define DIGITS      16
#define NAME_MS     5000
#define DEADLINE_MS 3000

enum step { WELCOME, ROOM, LOOKING, PIN, SAY_NAME, NAMING, INSIDE };

struct state {
    enum step step;
    unsigned tries;
    struct cx_input input;
    struct cx_conf_settings settings;
    struct cx_conf_participant self;
};

/* ---- the database's answer */

struct look_up {
    char account[33], number[DIGITS + 1];
    bool found;
    struct cx_conf_settings settings;
};

static int look_at(void *arg, const struct cx_value *c, size_t n)
{
    struct look_up *q = arg;
    json_t *doc = c[2].type == CX_TEXT ? json_loadb(c[2].s, c[2].len, 0, NULL) : NULL;
    struct cx_conf_settings found;

    (void)n;
    if (!q->found &&
        cx_conf_from_document(c[0].s, c[1].type == CX_TEXT ? c[1].s : "", doc, q->number, &found)) {
        q->found = true;
        q->settings = found;
    }
    json_decref(doc);
    return 0;
}

static int look_up(const struct cx_ask_env *env, void *data)
{
    struct look_up *q = data;

    return cx_db_query(env->db,
                       "SELECT id, owner_id, doc FROM conference WHERE account_id = ? ORDER BY id",
                       (struct cx_value[]){cx_text(q->account)}, 1, look_at, q);
}

static const struct cx_question question = {look_up, NULL, sizeof(struct look_up), DEADLINE_MS,
                                            true};

/* ---- the dialogue */

static void farewell(struct cx_ivr *ivr, const char *words)
{
    struct cx_say say;

    cx_say_start(&say);
    cx_say_words(&say, words);
    cx_ivr_farewell(ivr, say.names, say.count);
}

static void enter(struct cx_ivr *ivr, struct state *s)
{
    s->step = INSIDE;
    switch (cx_conf_enter(&s->self, &s->settings)) {
    case CX_CONF_ENTERED:
        break;
    case CX_CONF_LOCKED:
        farewell(ivr, "conf-locked");
        break;
    case CX_CONF_FULL:
        farewell(ivr, "conf-full");
        break;
    case CX_CONF_NO_MEMORY:
        cx_ivr_apologize(ivr);
        break;
    }
}

static void ask_name(struct cx_ivr *ivr, struct state *s)
{
    struct cx_say say;

    if (!s->settings.names) {
        enter(ivr, s);
        return;
    }
    s->step = SAY_NAME;
    cx_say_start(&say);
    cx_say_words(&say, "vm-rec-name");
    cx_say_sound(&say, "tone/440/300");
    cx_ivr_play(ivr, say.names, say.count);
}

static void named(struct cx_ivr *ivr, struct state *s)
{
    cx_ivr_timer(ivr, 0);
    cx_ivr_draft_stop(ivr, &s->self.name);
    enter(ivr, s);
}

static void ask_pin(struct cx_ivr *ivr, struct state *s, const char *before)
{
    static const struct cx_input_rule rule = {.max = DIGITS, .terminator = '#'};
    struct cx_say say;

    s->step = PIN;
    cx_say_start(&say);
    cx_say_words(&say, before);
    cx_ivr_timer(ivr, 0);
    cx_input_start(ivr, &s->input, &say, &rule);
}

static void know_room(struct cx_ivr *ivr, struct state *s)
{
    const char *user = cx_ivr_param(ivr, "user");

    s->tries = 0;
    if (cx_ivr_param_number(ivr, "owner", 0, 1, 0) ||
        (user && *user && strcmp(user, s->settings.owner) == 0)) {
        s->self.moderator = true;
        ask_name(ivr, s);
    } else if (cx_conf_wants_pin(&s->settings)) {
        ask_pin(ivr, s, "conf-getpin");
    } else {
        s->self.moderator = s->settings.role == CX_CONF_MODERATOR;
        ask_name(ivr, s);
    }
}

static void got_pin(struct cx_ivr *ivr, struct state *s)
{
    enum cx_conf_role role = cx_conf_role_of(&s->settings, s->input.digits);

    if (role != CX_CONF_UNSAID) {
        s->self.moderator = role == CX_CONF_MODERATOR;
        ask_name(ivr, s);
    } else if (++s->tries < TRIES) {
        cx_input_forget(&s->input);
        ask_pin(ivr, s, "conf-invalidpin");
    } else {
        cx_log(CX_LOG_INFO, cx_ivr_call(ivr)->interaction, "conference %s: %u wrong PINs",
               s->settings.id, s->tries);
        farewell(ivr, "conf-invalidpin vm-goodbye");
    }
}

static void ask_room(struct cx_ivr *ivr, struct state *s, const char *words)
{
    static const struct cx_input_rule rule = {.max = DIGITS, .terminator = '#'};
    struct cx_say say;

    s->step = ROOM;
    cx_say_start(&say);
    cx_say_words(&say, words);
    cx_input_start(ivr, &s->input, &say, &rule);
}

static void no_such_room(struct cx_ivr *ivr, struct state *s)
{
    cx_input_forget(&s->input);
    if (++s->tries < TRIES)
        ask_room(ivr, s, "conf-invalid");
    else
        farewell(ivr, "conf-invalid vm-goodbye");
}

static void got_room(struct cx_ivr *ivr, struct state *s)
{
    const char *rooms = cx_ivr_param(ivr, "rooms");
    struct look_up q = {.found = false};

    if (!s->input.digits[0]) {
        no_such_room(ivr, s);
    } else if (rooms) {
        if (cx_conf_find(rooms, s->input.digits, &s->settings))
            know_room(ivr, s);
        else
            no_such_room(ivr, s);
    } else {
        s->step = LOOKING;
        snprintf(q.account, sizeof(q.account), "%s", cx_ivr_call(ivr)->account);
        snprintf(q.number, sizeof(q.number), "%s", s->input.digits);
        cx_ivr_ask(ivr, &question, &q);
    }
}

static void looked_up(struct cx_ivr *ivr, struct state *s, const struct cx_event *e)
{
    const struct look_up *q = e->answer;

    if (e->error < 0 || !q) {
        cx_ivr_apologize(ivr);
    } else if (q->found) {
        s->settings = q->settings;
        know_room(ivr, s);
    } else {
        no_such_room(ivr, s);
    }
}

/* ---- the beginning */

static bool is_on(const struct cx_ivr *ivr, const char *name, bool missing)
{
    return cx_ivr_param_number(ivr, name, 0, 1, missing);
}

static void copy(char *to, size_t size, const char *text)
{
    snprintf(to, size, "%s", text ? text : "");
}

static void from_params(const struct cx_ivr *ivr, struct cx_conf_settings *s)
{
    const char *role = cx_ivr_param(ivr, "role");

    s->role = !role                            ? CX_CONF_UNSAID
              : strcmp(role, "moderator") == 0 ? CX_CONF_MODERATOR
              : strcmp(role, "member") == 0    ? CX_CONF_MEMBER
                                               : CX_CONF_UNSAID;
    copy(s->id, sizeof(s->id), cx_ivr_param(ivr, "id"));
    copy(s->member_pins, sizeof(s->member_pins), cx_ivr_param(ivr, "member_pins"));
    copy(s->moderator_pins, sizeof(s->moderator_pins), cx_ivr_param(ivr, "moderator_pins"));
    s->max = cx_ivr_param_number(ivr, "max", 0, 100000, 0);
    s->wait = is_on(ivr, "wait", false);
    s->names = is_on(ivr, "names", false);
    s->entry_tone = is_on(ivr, "entry", true);
    s->exit_tone = is_on(ivr, "exit", true);
    s->pair = is_on(ivr, "pair", false);
    s->member_muted = is_on(ivr, "muted", false);
    s->moderator_muted = is_on(ivr, "moderator_muted", false);
    s->member_deaf = is_on(ivr, "deaf", false);
    s->moderator_deaf = is_on(ivr, "moderator_deaf", false);
}

static void welcomed(struct cx_ivr *ivr, struct state *s)
{
    if (s->settings.id[0])
        know_room(ivr, s);
    else
        ask_room(ivr, s, "conf-getconfno");
}

static void start(struct cx_ivr *ivr, struct state *s)
{
    const char *welcome = cx_ivr_param(ivr, "welcome"), *names[1];
    char name[300];

    s->self.ivr = ivr;
    from_params(ivr, &s->settings);
    if (s->settings.id[0] && !cx_id_is_valid(s->settings.id)) {
        cx_log(CX_LOG_WARNING, cx_ivr_call(ivr)->interaction, "conference: malformed id");
        cx_ivr_end(ivr, 400, "No Conference", NULL);
        return;
    }
    if (!cx_ivr_media_name(cx_ivr_param(ivr, "music"), s->self.music, sizeof(s->self.music)))
        s->self.music[0] = '\0';
    if (cx_ivr_answer(ivr) < 0) {
        cx_ivr_end(ivr, 500, "Server Internal Error", NULL);
        return;
    }
    names[0] = name;
    s->step = WELCOME;
    if (welcome && strcmp(welcome, "1") == 0)
        cx_ivr_play(ivr, (const char *[]){"sys/conf-placeintoconf"}, 1);
    else if (welcome && strcmp(welcome, "0") != 0 && cx_ivr_media_name(welcome, name, sizeof(name)))
        cx_ivr_play(ivr, names, 1);
    else
        welcomed(ivr, s);
}

static void played(struct cx_ivr *ivr, struct state *s, unsigned missing)
{
    if (s->step == WELCOME) {
        welcomed(ivr, s);
    } else if (s->step == SAY_NAME) {
        s->step = NAMING;
        if (cx_ivr_draft(ivr, NAME_MS) < 0)
            enter(ivr, s);
    } else if (s->step == INSIDE && s->self.room) {
        cx_conf_played(&s->self, missing);
    }
}

static void key(struct cx_ivr *ivr, struct state *s, char digit)
{
    if (s->step == WELCOME) { /* enough of that; the key has been kept for the question */
        cx_ivr_stop(ivr);
        welcomed(ivr, s);
    } else if (s->step == SAY_NAME) {
        cx_ivr_stop(ivr);
        enter(ivr, s); /* no name, then */
    } else if (s->step == NAMING) {
        named(ivr, s);
    } else if (s->step == INSIDE && s->self.room) {
        cx_conf_key(&s->self, digit);
    }
}

static void event(struct cx_ivr *ivr, void *state, const struct cx_event *e)
{
    struct state *s = state;

    if (s->step < INSIDE)
        switch (cx_input_event(ivr, &s->input, e)) {
        case CX_INPUT_MORE:
            return;
        case CX_INPUT_DONE:
        case CX_INPUT_NOTHING:
            if (s->step == ROOM)
                got_room(ivr, s);
            else
                got_pin(ivr, s);
            return;
        case CX_INPUT_OTHER:
            break;
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
        if (s->step == NAMING)
            named(ivr, s);
        break;
    case CX_EV_ANSWER:
        if (s->step == LOOKING)
            looked_up(ivr, s, e);
        break;
    case CX_EV_MEDIA_LOST:
        cx_conf_leave(&s->self);
        cx_ivr_end(ivr, 480, "Media Lost", NULL);
        break;
    case CX_EV_HANGUP:
        cx_conf_leave(&s->self);
        break;
    default:
        break;
    }
}

const struct cx_service cx_service_conference = {"conference", sizeof(struct state), event};
