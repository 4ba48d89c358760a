/*
 * zone.c - see zone.h. Calendar arithmetic on eras of 400 years that begin in March, so that leap
 * days come last.
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "zone.h"

#define DAY_S 86400

int32_t cx_days_from_civil(int32_t year, unsigned month, unsigned day)
{
    int32_t y = month <= 2 ? year - 1 : year;
    int32_t era = (y >= 0 ? y : y - 399) / 400;
    unsigned of_era = (unsigned)(y - era * 400);
    unsigned of_year = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1;

    return era * 146097 + (int32_t)(of_era * 365 + of_era / 4 - of_era / 100 + of_year) - 719468;
}

void cx_civil_from_days(int32_t days, int32_t *year, unsigned *month, unsigned *day)
{
    int32_t z = days + 719468, era = (z >= 0 ? z : z - 146096) / 146097;
    unsigned of_era = (unsigned)(z - era * 146097);
    unsigned y = (of_era - of_era / 1460 + of_era / 36524 - of_era / 146096) / 365;
    unsigned of_year = of_era - (365 * y + y / 4 - y / 100), m = (5 * of_year + 2) / 153;

    *day = of_year - (153 * m + 2) / 5 + 1;
    *month = m < 10 ? m + 3 : m - 9;
    *year = (int32_t)y + era * 400 + (*month <= 2);
}

static bool is_leap(int32_t year)
{
    return year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
}

unsigned cx_days_in_month(int32_t year, unsigned month)
{
    static const uint8_t days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};

    return month == 2 && is_leap(year) ? 29 : days[(month - 1) % 12];
}

/* The local midnight's civil day on which the clock changes in this year. */
static int32_t change_day(const struct cx_zone_change *c, int32_t year)
{
    int32_t first, day;

    switch (c->kind) {
    case CX_ZONE_JULIAN:
        return cx_days_from_civil(year, 1, 1) + c->day - 1 + (is_leap(year) && c->day >= 60);
    case CX_ZONE_ZERO:
        return cx_days_from_civil(year, 1, 1) + c->day;
    default:
        first = cx_days_from_civil(year, c->month, 1);
        day = first + (int32_t)((c->wday + 7u - cx_weekday(first)) % 7) + 7 * (c->week - 1);
        while (day >= first + (int32_t)cx_days_in_month(year, c->month))
            day -= 7;
        return day;
    }
}

static int32_t by_rule(const struct cx_zone_rule *r, int64_t unix_s)
{
    int32_t year;
    unsigned month, day;
    int64_t local = unix_s + r->standard, summer, standard;
    bool between;

    if (r->standard == r->summer)
        return r->standard;
    cx_civil_from_days((int32_t)((local - (local % DAY_S + DAY_S) % DAY_S) / DAY_S), &year, &month,
                       &day);
    summer = (int64_t)change_day(&r->to_summer, year) * DAY_S + r->to_summer.time_s - r->standard;
    standard =
        (int64_t)change_day(&r->to_standard, year) * DAY_S + r->to_standard.time_s - r->summer;
    /* Below the equator (and in Ireland, whose law calls winter time the saving one) summer spans
     * the new year. */
    between = summer < standard ? unix_s >= summer && unix_s < standard
                                : unix_s >= summer || unix_s < standard;
    return between ? r->summer : r->standard;
}

int32_t cx_zone_offset(const struct cx_zone *zone, int64_t unix_s)
{
    uint32_t lo = 0, hi = zone->count; /* shifts before lo are past, from hi on to come */

    while (lo < hi) {
        uint32_t mid = lo + (hi - lo) / 2;
        if ((int64_t)zone->shifts[mid].from <= unix_s)
            lo = mid + 1;
        else
            hi = mid;
    }
    if (lo == zone->count && zone->rule.valid)
        return by_rule(&zone->rule, unix_s);
    return lo == 0 ? zone->before : zone->shifts[lo - 1].offset;
}

void cx_zone_local(const struct cx_zone *zone, int64_t unix_s, int32_t *day, int32_t *second)
{
    int64_t local = unix_s + cx_zone_offset(zone, unix_s);

    *second = (int32_t)((local % DAY_S + DAY_S) % DAY_S);
    *day = (int32_t)((local - *second) / DAY_S);
}
