/*
 * contacts.h - where a device can be reached now: Kamailio's usrloc, read and put into branches.
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef CX_CONTACTS_H
#define CX_CONTACTS_H

#include "core/parser/msg_parser.h"
#include "routing/call.h"

/* mod_init, after usrloc; contacts of an earlier run are put back from the folder. 0 or -1. */
int cx_contacts_init(const char *folder);

/* Has it an unexpired contact? The signature of cx_env.registered; arg is not used. */
bool cx_contacts_registered(void *arg, struct cx_str username, struct cx_str realm);

/* Adds a branch for every contact of username@realm. ruid: a name of ours for these branches, by
 * which an answer is traced to its target. Number of branches added. */
int cx_contacts_add(struct sip_msg *msg, struct cx_str username, struct cx_str realm,
                    const char *ruid);

/* Calls each() with contact URI and next hop of every contact. */
int cx_contacts_each(struct cx_str username, struct cx_str realm,
                     void (*each)(void *arg, str *uri, str *next_hop, struct socket_info *socket),
                     void *arg);

#endif
