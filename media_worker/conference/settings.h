/*
 * settings.h - what a conference document says about its room, from a service's parameters, from a
 * list of rooms in a parameter, or from the document itself. Pure.
 *
 * The list of rooms (parameter `rooms`, so that a room is found while the database is away): rooms
 * joined by "!", each of nine fields joined by "~":
 *     ID~NUMBERS~MEMBER NUMBERS~MODERATOR NUMBERS~MEMBER PINS~MODERATOR PINS~FLAGS~MAX~OWNER
 * Lists within a field are joined by "."; MAX 0 is no limit; OWNER is the owner's user id or empty;
 * FLAGS are letters: w wait for a moderator, n names are told, e no tone at entry, x none at exit,
 * m members join muted, M moderators too, d members join deaf, D moderators too.
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef CX_CONF_SETTINGS_H
#define CX_CONF_SETTINGS_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

#define CX_CONF_LIST 400 /* bytes of a list of PINs */

enum cx_conf_role { CX_CONF_UNSAID, CX_CONF_MEMBER, CX_CONF_MODERATOR };

struct cx_conf_settings {
    char id[33], owner[33];            /* owner "": nobody's */
    enum cx_conf_role role;            /* of who dialled this number */
    char member_pins[CX_CONF_LIST];    /* joined by "." */
    char moderator_pins[CX_CONF_LIST]; /* so */
    unsigned max;                      /* participants; 0: no limit */
    bool wait, names, entry_tone, exit_tone;
    bool pair; /* who is parked, and who fetches them: no words, and one takes the other along */
    bool member_muted, moderator_muted, member_deaf, moderator_deaf;
};

/* Both: the room of this number. True when it was found. */
bool cx_conf_find(const char *rooms, const char *number, struct cx_conf_settings *settings);
bool cx_conf_from_document(const char *id, const char *owner, const json_t *doc, const char *number,
                           struct cx_conf_settings *settings);
/* Is this word in a list that is joined by "." or ","? */
bool cx_conf_list_has(const char *list, const char *word);
/* What a PIN makes of the caller; CX_CONF_UNSAID: a wrong one. "" is no PIN. */
enum cx_conf_role cx_conf_role_of(const struct cx_conf_settings *settings, const char *pin);
/* Must a PIN be asked at all? */
bool cx_conf_wants_pin(const struct cx_conf_settings *settings);

#endif
