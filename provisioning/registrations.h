/*
 * registrations.h - asks Kamailio which phones are registered now.
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef CX_REGISTRATIONS_H
#define CX_REGISTRATIONS_H

#include "api.h"

/* false also when Kamailio does not answer: then it is not asked again for a second. */
bool cx_is_registered(const struct cx_api *api, const char *username, const char *realm);

#endif
