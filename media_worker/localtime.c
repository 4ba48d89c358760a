/*
 * localtime.c - see localtime.h. SPDX-License-Identifier: GPL-2.0-or-later
 */
#include <string.h>

#include "../kamailio_mod/routing/tzfile.h"
#include "localtime.h"

void cx_local_time(const struct cx_tz *tz, int64_t unix_s, struct tm *t)
{
    int32_t day, second, year;
    unsigned month, mday;

    cx_zone_local(&tz->zone, unix_s, &day, &second);
    cx_civil_from_days(day, &year, &month, &mday);
    memset(t, 0, sizeof(*t));
    t->tm_year = year - 1900;
    t->tm_mon = (int)month - 1;
    t->tm_mday = (int)mday;
    t->tm_wday = (int)cx_weekday(day);
    t->tm_hour = second / 3600;
    t->tm_min = second / 60 % 60;
    t->tm_sec = second % 60;
}

void cx_local_time_in(const char *zone, int64_t unix_s, struct tm *t)
{
    struct cx_tz tz;

    if (cx_tz_load(zone, &tz) < 0)
        (void)cx_tz_load("UTC", &tz);
    cx_local_time(&tz, unix_s, t);
}
