/*
 * hours.h - is it time? Rules of office hours and holidays. Private to this folder.
 *
 * A rule holds on certain local days, within a window of the local clock: a window stays what the
 * clock on the wall says, also on days when the clocks change.
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef CX_ROUTING_HOURS_H
#define CX_ROUTING_HOURS_H

#include "layout.h"

/* The zone in this row, UTC for CX_NONE. */
struct cx_zone cx_zone_at(const struct cx_image *image, uint32_t row);

/* Does the rule hold at this moment? zone: the route's, for a rule without one of its own.
 * *why: a literal that says what decided. */
bool cx_hours_hold(const struct cx_image *image, const struct cx_hours_rule *rule, uint32_t zone,
                   int64_t unix_s, const char **why);

/* Is this civil day one of the rule's, its start day being `start`? Windows, force and exclusions
 * aside. */
bool cx_hours_on_day(const struct cx_hours_rule *rule, int32_t start, int32_t day);

#endif
