/*
 * tzfile.h - the system's time zone files (TZif, RFC 8536) as zones of zone.h. Used when an image
 * is compiled, never on the call path. SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef CX_ROUTING_TZFILE_H
#define CX_ROUTING_TZFILE_H

#include <stddef.h>
#include "zone.h"

#define CX_TZ_SHIFTS_MAX 400

struct cx_tz {
    struct cx_shift shifts[CX_TZ_SHIFTS_MAX];
    struct cx_zone zone; /* its shifts are those above */
};

/* Any bytes: 0, or -EINVAL. Shifts before 2000 are folded into `before`, and those that the closing
 * rule foretells are left out. */
int cx_tz_parse(const uint8_t *data, size_t size_bytes, struct cx_tz *tz);

/* The closing rule alone: "GMT0BST,M3.5.0/1,M10.5.0". False: not one. */
bool cx_tz_rule(const char *text, size_t len, struct cx_zone_rule *rule);

/* By its name ("Europe/Dublin"); "" and "UTC" need no file. 0, -EINVAL: not a name of a zone,
 * -ENOENT: this system does not know it. */
int cx_tz_load(const char *name, struct cx_tz *tz);

/* Does this system know the zone? */
bool cx_tz_known(const char *name);

#endif
