/*
 * room.h - conferences that are going on in this worker: who is in which, who hears whom, tones and
 * names, and the commands of moderators and of the API.
 *
 * A participant belongs to its service's state (services/conference.c), which must call
 * cx_conf_leave() before its call ends. A room begins with its first participant and ends with its
 * last. Tenants are apart: a room is found by account and id.
 *
 * Control commands (control.h; subject "conference", with "account" and "conference"):
 *     participants                 {"ok", "locked", "wait", "began", "participants": [...]}
 *     lock, unlock
 *     play                         "media": storage key or system_media/NAME; to "participant", or
 *                                  to all
 *     mute, unmute, deaf, undeaf, kick   of "participant" (its number); when it is absent, kick is
 *                                  of all, the others of all but moderators; {"ok", "count"}
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef CX_CONF_ROOM_H
#define CX_CONF_ROOM_H

#include <jansson.h>
#include <time.h>

#include "../ivr.h"
#include "settings.h"

struct cx_conf_room;

struct cx_conf_participant {
    struct cx_ivr *ivr;
    struct cx_conf_room *room; /* NULL: in none */
    struct cx_conf_participant *next;
    struct cx_mix_member *member; /* NULL: waits for the moderator */
    unsigned number;              /* counts up in its room */
    time_t joined;
    bool moderator, muted, deaf;
    bool alone, music_failed; /* hears music, or nothing */
    bool told;                /* has been told why nobody is heard */
    char music[300];          /* a sound's name, or "" */
    struct cx_draft name;     /* spoken; may be empty */
};

enum cx_conf_refusal { CX_CONF_ENTERED, CX_CONF_LOCKED, CX_CONF_FULL, CX_CONF_NO_MEMORY };

/* p->ivr, moderator, name and music have been set. */
enum cx_conf_refusal cx_conf_enter(struct cx_conf_participant *p,
                                   const struct cx_conf_settings *settings);
/* Also frees what p has. Safe when it is in no room. */
void cx_conf_leave(struct cx_conf_participant *p);
/* What was played to it is over. */
void cx_conf_played(struct cx_conf_participant *p, unsigned missing);
/* Its keys. 0: mute on or off. 1: how many are here. Moderators: 5 lock or unlock, 7 all others
 * muted or not, 9 puts out who came last. */
void cx_conf_key(struct cx_conf_participant *p, char key);

json_t *cx_conf_control(const json_t *request);
unsigned cx_conf_rooms(void); /* that are going on */

#endif
