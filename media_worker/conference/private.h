/*
 * private.h - what room.c (life of rooms, keys) and commands.c (control socket) share.
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef CX_CONF_PRIVATE_H
#define CX_CONF_PRIVATE_H

#include "room.h"

struct cx_conf_room {
    struct cx_conf_room *next;
    char account[33];
    struct cx_conf_settings settings; /* of who entered last */
    struct cx_mix *mix;
    struct cx_conf_participant *participants; /* in the order of their coming */
    unsigned count, last_number;
    time_t began;
    bool locked;
};

/* Or NULL. */
struct cx_conf_room *cx_conf_room_find(const char *account, const char *id);
void cx_conf_mute(struct cx_conf_participant *p, bool on);
void cx_conf_deafen(struct cx_conf_participant *p, bool on);
/* Leaves the room, and hears why before the call ends. The room may be gone afterwards. */
void cx_conf_kick(struct cx_conf_participant *p);

#endif
