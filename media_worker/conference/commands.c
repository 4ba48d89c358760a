/*
 * commands.c - a conference's state and commands for the control socket; see room.h.
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include <stdlib.h>
#include <string.h>

#include "../control.h"
#include "private.h"

static json_t *describe(const struct cx_conf_participant *p)
{
    const struct cx_ivr_call *call = cx_ivr_call(p->ivr);
    json_t *o =
        json_pack("{s:i, s:s, s:s, s:s, s:s, s:b, s:b, s:b, s:b, s:b, s:I, s:I}", "participant_id",
                  (int)p->number, "call_id", call->call_id, "interaction_id", call->interaction,
                  "caller_id_name", call->caller_name, "caller_id_number", call->caller_number,
                  "is_moderator", p->moderator, "speak", !p->muted, "hear", !p->deaf, "talking",
                  p->member && cx_mix_speaks(p->member), "waiting", p->member == NULL, "join_time",
                  (json_int_t)p->joined, "duration", (json_int_t)(time(NULL) - p->joined));

    return o ? o : json_object(); /* a caller's name that is no UTF-8 */
}

static json_t *list(const struct cx_conf_room *r)
{
    json_t *all = json_array();

    for (const struct cx_conf_participant *p = r->participants; p; p = p->next)
        json_array_append_new(all, describe(p));
    return json_pack("{s:b, s:b, s:b, s:I, s:o}", "ok", 1, "locked", r->locked, "wait",
                     r->settings.wait, "began", (json_int_t)r->began, "participants", all);
}

static json_t *ok(unsigned count)
{
    return json_pack("{s:b, s:i}", "ok", 1, "count", (int)count);
}

static void mute(struct cx_conf_participant *p)
{
    cx_conf_mute(p, true);
}

static void unmute(struct cx_conf_participant *p)
{
    cx_conf_mute(p, false);
}

static void deaf(struct cx_conf_participant *p)
{
    cx_conf_deafen(p, true);
}

static void undeaf(struct cx_conf_participant *p)
{
    cx_conf_deafen(p, false);
}

static const struct {
    const char *name;
    void (*run)(struct cx_conf_participant *p);
} actions[] = {
    {"mute", mute}, {"unmute", unmute}, {"deaf", deaf}, {"undeaf", undeaf}, {"kick", cx_conf_kick},
};

static json_t *act(struct cx_conf_room *r, void (*run)(struct cx_conf_participant *p),
                   const json_t *who)
{
    unsigned count = 0;

    for (struct cx_conf_participant *p = r->participants, *next; p; p = next) {
        next = p->next; /* it may leave; the room is gone only with the last */
        /* all: but the moderators, who are only put out */
        if (who ? json_integer_value(who) != p->number : p->moderator && run != cx_conf_kick)
            continue;
        run(p);
        count++;
    }
    return who && !count ? cx_control_error("no_such_participant") : ok(count);
}

static json_t *play(struct cx_conf_room *r, const json_t *request, const json_t *who)
{
    char name[300];
    const char *names[] = {name};
    unsigned count = 0;

    if (!cx_ivr_media_name(json_string_value(json_object_get(request, "media")), name,
                           sizeof(name)))
        return cx_control_error("malformed");
    for (struct cx_conf_participant *p = r->participants; p; p = p->next)
        if (!who || json_integer_value(who) == p->number) {
            cx_ivr_play(p->ivr, names, 1);
            count++;
        }
    return who && !count ? cx_control_error("no_such_participant") : ok(count);
}

json_t *cx_conf_control(const json_t *request)
{
    const char *account = json_string_value(json_object_get(request, "account"));
    const char *id = json_string_value(json_object_get(request, "conference"));
    const char *command = json_string_value(json_object_get(request, "command"));
    const json_t *who = json_object_get(request, "participant");
    struct cx_conf_room *r;

    if (!account || !id || (who && !json_is_integer(who)))
        return cx_control_error("malformed");
    r = cx_conf_room_find(account, id);
    if (!r)
        return NULL;
    if (strcmp(command, "participants") == 0)
        return list(r);
    if (strcmp(command, "lock") == 0 || strcmp(command, "unlock") == 0) {
        r->locked = command[0] == 'l';
        return ok(r->count);
    }
    if (strcmp(command, "play") == 0)
        return play(r, request, who);
    for (size_t i = 0; i < sizeof(actions) / sizeof(*actions); i++)
        if (strcmp(actions[i].name, command) == 0)
            return act(r, actions[i].run, who);
    return cx_control_error("no_such_command");
}
