/*
 * zone.h - local time without libc's zone functions: those are global and read files.
 *
 * A zone is a list of past shifts and the rule for all later years, as tzfile.c read them when the
 * image was compiled. All times are unix seconds; civil days are counted from 1970-01-01.
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef CX_ROUTING_ZONE_H
#define CX_ROUTING_ZONE_H

#include <stdbool.h>
#include <stdint.h>

/* When in a year the clock changes (POSIX TZ, with RFC 8536's hours beyond the day). */
struct cx_zone_change {
    int32_t time_s; /* of the local day, in the time that ends: -167 h to 167 h */
    uint16_t day;   /* JULIAN: 1..365, 29 February never counted; ZERO: 0..365 */
    uint8_t kind;   /* enum cx_zone_kind */
    uint8_t month;  /* WEEKDAY: 1..12 */
    uint8_t week;   /* 1..5; 5 is the last one */
    uint8_t wday;   /* 0 is Sunday */
    uint16_t spare;
};

enum cx_zone_kind { CX_ZONE_WEEKDAY, CX_ZONE_JULIAN, CX_ZONE_ZERO };

struct cx_zone_rule {
    uint32_t valid;   /* 0: the last shift stays for ever */
    int32_t standard; /* [s] east of UTC */
    int32_t summer;   /* the same as standard: no changes */
    struct cx_zone_change to_summer, to_standard;
};

struct cx_shift {
    uint32_t from; /* unix seconds */
    int32_t offset;
};

struct cx_zone {
    const struct cx_shift *shifts; /* by time */
    uint32_t count;
    int32_t before; /* offset before the first shift */
    struct cx_zone_rule rule;
};

/* [s] east of UTC at this moment. */
int32_t cx_zone_offset(const struct cx_zone *zone, int64_t unix_s);

/* Civil days: proleptic Gregorian. month 1..12, day 1..31. */
int32_t cx_days_from_civil(int32_t year, unsigned month, unsigned day);
void cx_civil_from_days(int32_t days, int32_t *year, unsigned *month, unsigned *day);
unsigned cx_days_in_month(int32_t year, unsigned month);
/* 0 is Sunday */
static inline unsigned cx_weekday(int32_t days)
{
    return (unsigned)(((days % 7) + 11) % 7);
}

/* A moment as local civil day and second of that day. */
void cx_zone_local(const struct cx_zone *zone, int64_t unix_s, int32_t *day, int32_t *second);

#endif
