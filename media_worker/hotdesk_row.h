/*
 * hotdesk_row.h - who is logged in on which phone, in the database: questions (ask.h) of service
 * "hotdesk".
 *
 * user.hotdesk is the profile {enabled, id, pin, keep_logged_in_elsewhere}; device.hotdesk the
 * state {users: {ID: {}}, unassigned: true}. Who logs in takes the phone over. Without
 * keep_logged_in_elsewhere an earlier login elsewhere ends. An owner who logs out of the own phone
 * leaves it unassigned: it can dial out, and rings for nobody.
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef CX_HOTDESK_ROW_H
#define CX_HOTDESK_ROW_H

#include "ask.h"

enum cx_hotdesk_result {
    CX_HOTDESK_DONE,
    CX_HOTDESK_NOBODY, /* no user, or no phone, of that id */
    CX_HOTDESK_OFF,    /* the user may not */
    CX_HOTDESK_WRONG_PIN,
};

struct cx_hotdesk {
    char account[33], device[33];
    char user[33]; /* or "": found by id */
    char id[24];   /* hot-desk id, or "" */
    char pin[24];
    bool in; /* the dialogue's own note */
    /* answers */
    enum cx_hotdesk_result result;
    bool has_pin;
    bool here;             /* somebody is logged in on this phone; user is who, if it is one */
    unsigned fresh, saved; /* messages of the user */
};

/* Who is it, and may they? */
int cx_hotdesk_find(const struct cx_ask_env *env, void *data);
int cx_hotdesk_login(const struct cx_ask_env *env, void *data);
int cx_hotdesk_logout(const struct cx_ask_env *env, void *data);

#endif
