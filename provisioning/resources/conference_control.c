/*
 * conference_control.c - what goes on in a conference now, and its commands: participants, lock,
 * mute, kick, play. The worker that has the room is asked (workers.h).
 *
 * Admins and the room's owner only. SPDX-License-Identifier: GPL-2.0-or-later
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../workers.h"
#include "db/id.h"
#include "resources.h"

static int keep_owner(void *arg, const struct cx_value *c, size_t n)
{
    (void)n;
    snprintf(arg, 33, "%s", c[0].type == CX_TEXT ? c[0].s : "");
    return 0;
}

/* Is there such a room, and may the caller command it? 0 or an error reply. */
static int may(struct cx_request *r)
{
    const char *id = r->segments[3];
    char owner[33] = "";
    int err =
        cx_id_is_valid(id)
            ? cx_db_one(r->db, "SELECT owner_id FROM conference WHERE id = ? AND account_id = ?",
                        (struct cx_value[]){cx_text(id), cx_text(r->account.id)}, 2, keep_owner,
                        owner)
            : -ENOENT;

    if (err == -ENOENT)
        return cx_not_found(r, id);
    if (err < 0)
        return err;
    return r->admin || (owner[0] && strcmp(owner, r->user_id) == 0) ? 0 : cx_forbidden(r);
}

static json_t *command(const struct cx_request *r, const char *what)
{
    return json_pack("{s:s, s:s, s:s, s:s}", "subject", "conference", "command", what, "account",
                     r->account.id, "conference", r->segments[3]);
}

/* The room's state, or NULL: nobody is in it. */
static json_t *state(struct cx_request *r)
{
    json_t *request = command(r, "participants"), *reply = cx_workers_ask(r->api, request);
    json_t *p, *since;
    size_t i;

    json_decref(request);
    json_array_foreach(json_object_get(reply, "participants"), i, p)
    {
        since = json_object_get(p, "join_time");
        json_object_set_new(p, "join_time", json_integer(json_integer_value(since) + CX_GREGORIAN));
        json_object_set_new(p, "conference_uuid", json_string(r->segments[3]));
        json_object_set_new(p, "mute_detect", json_false());
        json_object_set_new(p, "video", json_false());
        json_object_set(p, "floor", json_object_get(p, "talking"));
    }
    return reply;
}

static int participants(struct cx_request *r)
{
    int err = may(r);
    json_t *now, *list;

    if (err < 0)
        return err;
    now = state(r);
    list = json_object_get(now, "participants");
    err = cx_ok(r, 200, list ? json_incref(list) : json_array());
    json_decref(now);
    return err;
}

int cx_conference_get(struct cx_request *r)
{
    json_t *now, *p, *list;
    int err = cx_engine_get(r);
    size_t i, moderators = 0;

    if (err < 0 || r->status != 200 || !json_is_object(r->reply_data))
        return err;
    if (!r->admin && strcmp(cx_path_text(r->reply_data, "owner_id", ""), r->user_id) != 0)
        return 0; /* who is in it is not for everybody */
    now = state(r);
    if (!now)
        return 0; /* nobody is in it: the document alone */
    list = json_object_get(now, "participants");
    json_array_foreach(list, i, p)
    {
        moderators += json_is_true(json_object_get(p, "is_moderator"));
    }
    json_object_set_new(
        r->reply_data, "_read_only",
        json_pack("{s:i, s:i, s:I, s:b, s:o}", "members", (int)(json_array_size(list) - moderators),
                  "admins", (int)moderators, "duration",
                  (json_int_t)(r->now - json_integer_value(json_object_get(now, "began"))),
                  "is_locked", json_is_true(json_object_get(now, "locked")), "participants",
                  list ? json_incref(list) : json_array()));
    json_decref(now);
    return 0;
}

/* ---- commands */

#define ROOM 1u /* of the whole room */
#define ALL  2u /* of all participants */
#define ONE  4u /* of one */

static const struct action {
    const char *name, *done;
    unsigned of;
} actions[] = {
    {"lock", "locking conference", ROOM},
    {"unlock", "unlocking conference", ROOM},
    {"play", "playing media to conference", ROOM | ONE},
    {"mute", "muting", ALL | ONE},
    {"unmute", "unmuting", ALL | ONE},
    {"deaf", "deafening", ALL | ONE},
    {"undeaf", "undeafening", ALL | ONE},
    {"kick", "kicking", ALL | ONE},
};

static const struct action *wanted(struct cx_request *r, unsigned of)
{
    json_t *value = json_object_get(r->data, "action");
    const char *name = json_string_value(value);

    if (!name) /* older clients have it in the envelope */
        name = json_string_value(json_object_get(r->envelope, "action"));
    for (size_t i = 0; name && i < CX_COUNT(actions); i++)
        if (actions[i].of & of && strcmp(actions[i].name, name) == 0)
            return &actions[i];
    if (name || value)
        cx_invalid(r, "action", "enum", value, "No such action");
    else
        cx_invalid(r, "action", "required", NULL, "Field is required but missing");
    return NULL;
}

static int keep_key(void *arg, const struct cx_value *c, size_t n)
{
    (void)n;
    *(char **)arg = c[0].type == CX_TEXT ? strdup(c[0].s) : NULL;
    return 0;
}

/* data.data.media_id as a sound for the worker. 0 or an error (of validation too). */
static int add_media(struct cx_request *r, json_t *request)
{
    json_t *id = json_object_get(json_object_get(r->data, "data"), "media_id");
    const char *text = json_string_value(id);
    char *key = NULL;
    int err = 0;

    if (text && strncmp(text, "system_media/", 13) == 0)
        key = strdup(text);
    else if (text && cx_id_is_valid(text))
        err = cx_db_one(r->db, "SELECT storage_key FROM media WHERE id = ? AND account_id = ?",
                        (struct cx_value[]){cx_text(text), cx_text(r->account.id)}, 2, keep_key,
                        &key);
    if (err < 0 && err != -ENOENT)
        return err;
    if (key && *key)
        json_object_set_new(request, "media", json_string(key));
    else
        cx_invalid(r, "data.media_id", id ? "foreign_key" : "required", id,
                   id ? "No such media with a sound" : "Field is required but missing");
    free(key);
    return 0;
}

static int run(struct cx_request *r, unsigned of)
{
    const struct action *action = NULL;
    json_t *request = NULL, *reply = NULL;
    const char *error;
    char *end;
    long number;
    int err = may(r);

    if (err == 0)
        action = wanted(r, of);
    if (err == 0)
        request = command(r, action ? action->name : "");
    if (request && of == ONE) {
        number = strtol(r->segments[5], &end, 10);
        if (number < 1 || number > 1000000000 || *end) {
            err = cx_not_found(r, r->segments[5]);
            goto out;
        }
        json_object_set_new(request, "participant", json_integer(number));
    }
    if (request && action && strcmp(action->name, "play") == 0)
        err = add_media(r, request);
    if (err == 0)
        err = cx_check(r);
    if (err < 0)
        goto out;
    reply = cx_workers_ask(r->api, request);
    error = json_string_value(json_object_get(reply, "error"));
    if (!reply) /* nobody is in the room */
        err = of == ONE ? cx_not_found(r, r->segments[5])
                        : cx_fail(r, 404, "conference_not_active",
                                  json_pack("{s:{s:s}}", "id", "message", "nobody is in it"));
    else if (error)
        err = strcmp(error, "no_such_participant") == 0 ? cx_not_found(r, r->segments[5]) : -EINVAL;
    else
        err = cx_ok(r, 202, json_string(action->done));
out:
    json_decref(request);
    json_decref(reply);
    return err;
}

int cx_conference_action(struct cx_request *r)
{
    return run(r, ROOM);
}

static int all_participants(struct cx_request *r)
{
    return run(r, ALL);
}

static int one_participant(struct cx_request *r)
{
    return run(r, ONE);
}

const struct cx_route cx_routes_conference_control[] = {
    {.path = "accounts/{}/conferences/{}/participants",
     .handlers = {[CX_GET] = participants, [CX_PUT] = all_participants},
     .flags = CX_ROUTE_USER},
    {.path = "accounts/{}/conferences/{}/participants/{}",
     .handlers = {[CX_PUT] = one_participant},
     .flags = CX_ROUTE_USER},
    {.path = NULL},
};
