/*
 * registrations.h - which phones are registered: asked of Kamailio.
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef CX_REGISTRATIONS_H
#define CX_REGISTRATIONS_H

#include "api.h"

/* False too when Kamailio does not answer. */
bool cx_is_registered(const struct cx_api *api, const char *username, const char *realm);
/* Where a phone is registered: an array (new) of {contact, received, user_agent, expires, ...}. */
json_t *cx_registered_contacts(const struct cx_api *api, const char *username, const char *realm);

#endif
