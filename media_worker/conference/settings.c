/*
 * settings.c - see settings.h. SPDX-License-Identifier: GPL-2.0-or-later
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "settings.h"

#define FIELDS 9

bool cx_conf_list_has(const char *list, const char *word)
{
    size_t len = strlen(word);

    while (len && *list) {
        size_t n = strcspn(list, ".,");
        if (n == len && memcmp(list, word, n) == 0)
            return true;
        list += n + (list[n] != '\0');
    }
    return false;
}

bool cx_conf_wants_pin(const struct cx_conf_settings *s)
{
    if (s->role == CX_CONF_MODERATOR)
        return s->moderator_pins[0];
    if (s->role == CX_CONF_MEMBER)
        return s->member_pins[0];
    return s->member_pins[0] || s->moderator_pins[0];
}

enum cx_conf_role cx_conf_role_of(const struct cx_conf_settings *s, const char *pin)
{
    if (s->role != CX_CONF_MEMBER && cx_conf_list_has(s->moderator_pins, pin))
        return CX_CONF_MODERATOR;
    if (s->role != CX_CONF_MODERATOR && cx_conf_list_has(s->member_pins, pin))
        return CX_CONF_MEMBER;
    if (s->role == CX_CONF_MODERATOR && !s->moderator_pins[0])
        return CX_CONF_MODERATOR;
    /* a room whose moderators have a PIN, and its members none */
    return s->role != CX_CONF_MODERATOR && !s->member_pins[0] && !*pin ? CX_CONF_MEMBER
                                                                       : CX_CONF_UNSAID;
}

/* The role that a number gives; false: it is not one of the room's. */
static bool take_number(struct cx_conf_settings *s, bool both, bool member, bool moderator)
{
    s->role = both || (member && moderator) ? CX_CONF_UNSAID
              : member                      ? CX_CONF_MEMBER
                                            : CX_CONF_MODERATOR;
    return both || member || moderator;
}

bool cx_conf_find(const char *rooms, const char *number, struct cx_conf_settings *s)
{
    for (size_t len; *rooms; rooms += len + (rooms[len] != '\0')) {
        char room[2048], *field[FIELDS], *at = room;
        unsigned n = 0;

        len = strcspn(rooms, "!");
        if (len >= sizeof(room))
            continue;
        memcpy(room, rooms, len);
        room[len] = '\0';
        while (n < FIELDS && at)
            field[n++] = strsep(&at, "~");
        if (n < FIELDS || at || strlen(field[0]) != 32)
            continue;
        *s = (struct cx_conf_settings){.max = (unsigned)strtoul(field[7], NULL, 10),
                                       .wait = strchr(field[6], 'w'),
                                       .names = strchr(field[6], 'n'),
                                       .entry_tone = !strchr(field[6], 'e'),
                                       .exit_tone = !strchr(field[6], 'x'),
                                       .member_muted = strchr(field[6], 'm'),
                                       .moderator_muted = strchr(field[6], 'M'),
                                       .member_deaf = strchr(field[6], 'd'),
                                       .moderator_deaf = strchr(field[6], 'D')};
        snprintf(s->id, sizeof(s->id), "%s", field[0]);
        snprintf(s->member_pins, sizeof(s->member_pins), "%s", field[4]);
        snprintf(s->moderator_pins, sizeof(s->moderator_pins), "%s", field[5]);
        snprintf(s->owner, sizeof(s->owner), "%s", field[8]);
        if (take_number(s, cx_conf_list_has(field[1], number), cx_conf_list_has(field[2], number),
                        cx_conf_list_has(field[3], number)))
            return true;
    }
    return false;
}

/* ---- documents */

static bool is_true(const json_t *object, const char *key, bool missing)
{
    const json_t *value = json_object_get(object, key);

    return json_is_boolean(value) ? json_is_true(value) : missing;
}

/* Numbers and PINs are texts, but a portal may have sent numbers. */
static void text_of(const json_t *value, char *to, size_t size)
{
    if (json_is_integer(value))
        snprintf(to, size, "%lld", (long long)json_integer_value(value));
    else
        snprintf(to, size, "%s", json_is_string(value) ? json_string_value(value) : "");
}

static bool lists(const json_t *array, const char *word)
{
    char text[64];
    const json_t *value;
    size_t i;

    json_array_foreach(array, i, value)
    {
        text_of(value, text, sizeof(text));
        if (*text && strcmp(text, word) == 0)
            return true;
    }
    return false;
}

static void join(const json_t *array, char *to, size_t size)
{
    const json_t *value;
    char text[64];
    size_t i, n = 0;

    to[0] = '\0';
    json_array_foreach(array, i, value)
    {
        text_of(value, text, sizeof(text));
        if (*text && n + strlen(text) + 2 < size)
            n += (size_t)snprintf(to + n, size - n, "%s%s", n ? "." : "", text);
    }
}

/* A tone is told off by false; a text names another sound, which counts as on. */
static bool tone_is_on(const json_t *doc, const char *key)
{
    return !json_is_false(json_object_get(doc, key));
}

bool cx_conf_from_document(const char *id, const char *owner, const json_t *doc, const char *number,
                           struct cx_conf_settings *s)
{
    const json_t *member = json_object_get(doc, "member");
    const json_t *moderator = json_object_get(doc, "moderator");
    json_int_t max = json_integer_value(json_object_get(doc, "max_participants"));

    *s = (struct cx_conf_settings){.max = max > 0 && max < 100000 ? (unsigned)max : 0,
                                   .wait = is_true(doc, "wait_for_moderator", false) ||
                                           is_true(doc, "require_moderator", false),
                                   .names = is_true(doc, "play_name", false),
                                   .entry_tone = tone_is_on(doc, "play_entry_tone"),
                                   .exit_tone = tone_is_on(doc, "play_exit_tone"),
                                   .member_muted = is_true(member, "join_muted", true),
                                   .moderator_muted = is_true(moderator, "join_muted", false),
                                   .member_deaf = is_true(member, "join_deaf", false),
                                   .moderator_deaf = is_true(moderator, "join_deaf", false)};
    snprintf(s->id, sizeof(s->id), "%s", id);
    snprintf(s->owner, sizeof(s->owner), "%s", owner);
    join(json_object_get(member, "pins"), s->member_pins, sizeof(s->member_pins));
    join(json_object_get(moderator, "pins"), s->moderator_pins, sizeof(s->moderator_pins));
    return take_number(s, lists(json_object_get(doc, "conference_numbers"), number),
                       lists(json_object_get(member, "numbers"), number),
                       lists(json_object_get(moderator, "numbers"), number));
}
