/*
 * addresses.h - lists of networks: may this address in?
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef CX_ADDRESSES_H
#define CX_ADDRESSES_H

#include <stdbool.h>

#include <jansson.h>

/* "192.0.2.7", "192.0.2.0/24", "2001:db8::/32". */
bool cx_cidr_is_valid(const char *text);
bool cx_cidr_has(const char *cidr, const char *address);
/* list: {order: "allow,deny" (those in cidrs may) or "deny,allow" (those may not), cidrs: [...]}.
 * An empty or absent list allows everybody. */
bool cx_address_allowed(const json_t *list, const char *address);

#endif
