/*
 * localtime.h - local time of a named zone, for threads (it reads the system's zone files; libc's
 * own functions are global). SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef CX_LOCALTIME_H
#define CX_LOCALTIME_H

#include <stdint.h>
#include <time.h>

struct cx_tz;

/* Year, month, day, weekday, hour and minute of t are set. */
void cx_local_time(const struct cx_tz *tz, int64_t unix_s, struct tm *t);
/* The same by the zone's name; UTC when there is none of that name. */
void cx_local_time_in(const char *zone, int64_t unix_s, struct tm *t);

#endif
