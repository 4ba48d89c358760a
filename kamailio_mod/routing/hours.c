/*
 * hours.c - see hours.h.
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "hours.h"

#define DAY_S 86400

struct cx_zone cx_zone_at(const struct cx_image *image, uint32_t row)
{
    const struct cx_zone_row *z;

    if (row == CX_NONE)
        return (struct cx_zone){0};
    z = &CX_ROWS(image, CX_T_ZONE, struct cx_zone_row)[row];
    return (struct cx_zone){
        .shifts = CX_ROWS(image, CX_T_SHIFT, struct cx_shift) + z->shift_first,
        .count = z->shift_count,
        .before = z->before,
        .rule = z->rule,
    };
}

/* Which of its kind in the month is this weekday, and is it the last one? */
static bool is_ordinal(const struct cx_hours_rule *rule, int32_t year, unsigned month, unsigned day)
{
    if (rule->ordinal == CX_ORDINAL_EVERY)
        return true;
    if (rule->ordinal == CX_ORDINAL_LAST)
        return day + 7 > cx_days_in_month(year, month);
    return (day - 1) / 7 + CX_ORDINAL_FIRST == rule->ordinal;
}

/* Days of the month, or weekdays by their number in the month; else the day that it started on. */
static bool in_month(const struct cx_hours_rule *rule, int32_t start, int32_t day)
{
    int32_t year, start_year;
    unsigned month, of_month, start_month, start_of_month;

    cx_civil_from_days(day, &year, &month, &of_month);
    if (rule->days)
        return rule->days >> of_month & 1;
    if (rule->wdays)
        return (rule->wdays >> cx_weekday(day) & 1) && is_ordinal(rule, year, month, of_month);
    cx_civil_from_days(start, &start_year, &start_month, &start_of_month);
    return of_month == start_of_month;
}

static int32_t monday_of(int32_t day)
{
    return day - (int32_t)((cx_weekday(day) + 6) % 7);
}

bool cx_hours_on_day(const struct cx_hours_rule *rule, int32_t start, int32_t day)
{
    int32_t interval = rule->interval ? rule->interval : 1, year, start_year;
    unsigned month, of_month, start_month, start_of_month;

    if (day < start)
        return false;
    cx_civil_from_days(day, &year, &month, &of_month);
    cx_civil_from_days(start, &start_year, &start_month, &start_of_month);
    switch (rule->cycle) {
    case CX_CYCLE_DATE:
        return day == start;
    case CX_CYCLE_DAILY:
        return (day - start) % interval == 0;
    case CX_CYCLE_WEEKLY:
        return (rule->wdays == 0 || (rule->wdays >> cx_weekday(day) & 1)) &&
               (monday_of(day) - monday_of(start)) / 7 % interval == 0;
    case CX_CYCLE_MONTHLY:
        return ((year - start_year) * 12 + (int32_t)month - (int32_t)start_month) % interval == 0 &&
               in_month(rule, start, day);
    case CX_CYCLE_YEARLY:
        return (year - start_year) % interval == 0 &&
               month == (rule->month ? rule->month : start_month) && in_month(rule, start, day);
    default:
        return false;
    }
}

static int32_t local_day(const struct cx_zone *zone, uint32_t unix_s)
{
    int32_t day, second;

    if (unix_s == 0)
        return 0;
    cx_zone_local(zone, unix_s, &day, &second);
    return day;
}

static bool is_excluded(const struct cx_image *image, const struct cx_hours_rule *rule,
                        uint32_t zone, int32_t day, int64_t unix_s);

/* Does the occurrence that begins on this day span the second? Seconds count from that day's
 * midnight. The end is part of the window, but midnight belongs to the new day. */
static bool spans(const struct cx_hours_rule *rule, int32_t second)
{
    int32_t to = rule->to_s < rule->from_s ? rule->to_s + DAY_S : rule->to_s;

    return second >= rule->from_s && (rule->to_s == DAY_S ? second < to : second <= to);
}

/* Without force and without exclusions by other rules when `deep` is false, so that two rules that
 * exclude each other come to an end. */
static bool by_time(const struct cx_image *image, const struct cx_hours_rule *rule, uint32_t route,
                    int64_t unix_s, bool deep)
{
    struct cx_zone zone = cx_zone_at(image, rule->zone != CX_NONE ? rule->zone : route);
    int32_t day, second, start = local_day(&zone, rule->start_s);

    cx_zone_local(&zone, unix_s, &day, &second);
    /* of today, or of yesterday and over midnight */
    for (int32_t begin = day; begin >= day - 1; begin--) {
        if (!cx_hours_on_day(rule, start, begin) || !spans(rule, second + (day - begin) * DAY_S))
            continue;
        if (rule->end_s && begin > local_day(&zone, rule->end_s))
            continue;
        if (!deep || !is_excluded(image, rule, route, begin, unix_s))
            return true;
    }
    return false;
}

static bool is_excluded(const struct cx_image *image, const struct cx_hours_rule *rule,
                        uint32_t zone, int32_t day, int64_t unix_s)
{
    const struct cx_exclude *e =
        CX_ROWS(image, CX_T_EXCLUDE, struct cx_exclude) + rule->exclude_first;
    const struct cx_hours_rule *rules = cx_table(image, CX_T_HOURS);

    for (uint32_t i = 0; i < rule->exclude_count; i++, e++)
        if (e->rule == CX_NONE ? e->day == (uint32_t)day
                               : by_time(image, &rules[e->rule], zone, unix_s, false))
            return true;
    return false;
}

bool cx_hours_hold(const struct cx_image *image, const struct cx_hours_rule *rule, uint32_t zone,
                   int64_t unix_s, const char **why)
{
    bool holds = by_time(image, rule, zone, unix_s, true);

    if (rule->forced == CX_FORCED_ON) {
        *why = "rule is forced on";
        return true;
    }
    if (rule->forced == CX_FORCED_OFF) {
        *why = "rule is forced off";
        return false;
    }
    *why = holds ? "it is the rule's time" : "it is not the rule's time";
    return holds;
}
