/*
 * tzfile.c - see tzfile.h.
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "tzfile.h"

#define ZONEINFO    "/usr/share/zoneinfo"
#define FILE_MAX    (64 * 1024)
#define HEAD_BYTES  44
#define FIRST_SHIFT 946684800 /* 2000-01-01: nobody asks for earlier times */

/* ---- the closing rule (POSIX TZ string, RFC 8536 3.3.1) */

struct text {
    const char *at, *end;
};

static char peek(const struct text *t)
{
    return t->at < t->end ? *t->at : '\0';
}

static bool take(struct text *t, char c)
{
    if (peek(t) != c || c == '\0')
        return false;
    t->at++;
    return true;
}

static bool number(struct text *t, int32_t least, int32_t most, int32_t *value)
{
    int32_t v = 0;
    const char *from = t->at;

    while (peek(t) >= '0' && peek(t) <= '9' && v < 100000)
        v = v * 10 + (*t->at++ - '0');
    *value = v;
    return t->at > from && v >= least && v <= most;
}

/* An abbreviation: letters, or anything in <>. */
static bool name(struct text *t)
{
    const char *from = t->at;

    if (take(t, '<')) {
        while (peek(t) && peek(t) != '>')
            t->at++;
        return take(t, '>');
    }
    while ((peek(t) >= 'a' && peek(t) <= 'z') || (peek(t) >= 'A' && peek(t) <= 'Z'))
        t->at++;
    return t->at - from >= 3;
}

/* [+-]hh[:mm[:ss]] */
static bool hours(struct text *t, int32_t most_h, int32_t *seconds)
{
    int32_t h, m = 0, s = 0;
    bool minus = take(t, '-');

    if (!minus)
        take(t, '+');
    if (!number(t, 0, most_h, &h))
        return false;
    if (take(t, ':') && !number(t, 0, 59, &m))
        return false;
    if (peek(t) == ':' && (!take(t, ':') || !number(t, 0, 59, &s)))
        return false;
    *seconds = (h * 60 + m) * 60 + s;
    if (minus)
        *seconds = -*seconds;
    return true;
}

static bool change(struct text *t, struct cx_zone_change *c)
{
    int32_t a, b, d;

    memset(c, 0, sizeof(*c));
    c->time_s = 7200;
    if (!take(t, ','))
        return false;
    if (take(t, 'M')) {
        if (!number(t, 1, 12, &a) || !take(t, '.') || !number(t, 1, 5, &b) || !take(t, '.') ||
            !number(t, 0, 6, &d))
            return false;
        c->kind = CX_ZONE_WEEKDAY;
        c->month = (uint8_t)a;
        c->week = (uint8_t)b;
        c->wday = (uint8_t)d;
    } else {
        c->kind = take(t, 'J') ? CX_ZONE_JULIAN : CX_ZONE_ZERO;
        if (!number(t, c->kind == CX_ZONE_JULIAN ? 1 : 0, 365, &a))
            return false;
        c->day = (uint16_t)a;
    }
    return !take(t, '/') || hours(t, 167, &c->time_s);
}

bool cx_tz_rule(const char *string, size_t len, struct cx_zone_rule *rule)
{
    struct text t = {string, string + len};
    int32_t west;

    memset(rule, 0, sizeof(*rule));
    if (!name(&t) || !hours(&t, 24, &west))
        return false;
    rule->standard = rule->summer = -west; /* POSIX counts westward */
    if (t.at < t.end) {
        if (!name(&t))
            return false;
        rule->summer = rule->standard + 3600;
        if (peek(&t) != ',') {
            if (!hours(&t, 24, &west))
                return false;
            rule->summer = -west;
        }
        if (!change(&t, &rule->to_summer) || !change(&t, &rule->to_standard) || t.at != t.end)
            return false;
    }
    rule->valid = 1;
    return true;
}

/* ---- the file */

struct head {
    uint32_t utc_count, std_count, leap_count, time_count, type_count, char_count;
};

static uint32_t be32(const uint8_t *at)
{
    return (uint32_t)at[0] << 24 | (uint32_t)at[1] << 16 | (uint32_t)at[2] << 8 | at[3];
}

static int64_t be64(const uint8_t *at)
{
    return (int64_t)((uint64_t)be32(at) << 32 | be32(at + 4));
}

static bool head(const uint8_t *data, size_t size, struct head *h)
{
    if (size < HEAD_BYTES || memcmp(data, "TZif", 4) != 0)
        return false;
    h->utc_count = be32(data + 20);
    h->std_count = be32(data + 24);
    h->leap_count = be32(data + 28);
    h->time_count = be32(data + 32);
    h->type_count = be32(data + 36);
    h->char_count = be32(data + 40);
    return h->type_count >= 1 && h->type_count <= 256 && h->time_count <= 100000 &&
           h->leap_count <= 10000 && h->char_count <= 10000 && h->utc_count <= 256 &&
           h->std_count <= 256;
}

static size_t body_bytes(const struct head *h, size_t time_bytes)
{
    return h->time_count * (time_bytes + 1) + h->type_count * 6 + h->char_count +
           h->leap_count * (time_bytes + 4) + h->std_count + h->utc_count;
}

/* Does the rule say the same as the file from one shift to the next? After more than a year it has
 * changes of its own in between. */
static bool was_foretold(const struct cx_zone *by_rule, const struct cx_shift *shift,
                         const struct cx_shift *next)
{
    return cx_zone_offset(by_rule, shift->from) == shift->offset &&
           (next->from - shift->from < 366 * 86400 ||
            by_rule->rule.summer == by_rule->rule.standard);
}

/* Shifts at the end that the closing rule says anyway. */
static void drop_foretold(struct cx_tz *tz)
{
    struct cx_zone by_rule = {.rule = tz->zone.rule};

    while (tz->zone.rule.valid && tz->zone.count > 0) {
        const struct cx_shift first = {FIRST_SHIFT, tz->zone.before},
                              *last = &tz->shifts[tz->zone.count - 1],
                              *prior = tz->zone.count > 1 ? last - 1 : &first;
        if (cx_zone_offset(&by_rule, last->from) != last->offset ||
            cx_zone_offset(&by_rule, (int64_t)last->from - 1) != prior->offset ||
            !was_foretold(&by_rule, prior, last))
            break;
        tz->zone.count--;
    }
}

int cx_tz_parse(const uint8_t *data, size_t size, struct cx_tz *tz)
{
    struct head h;
    const uint8_t *times, *kinds, *types, *foot;
    size_t skip;

    memset(tz, 0, sizeof(*tz));
    tz->zone.shifts = tz->shifts;
    /* The first block has 32-bit times and is for old readers; ours follows it. */
    if (!head(data, size, &h) || data[4] < '2')
        return -EINVAL;
    skip = HEAD_BYTES + body_bytes(&h, 4);
    if (skip > size || !head(data + skip, size - skip, &h) ||
        size - skip - HEAD_BYTES < body_bytes(&h, 8))
        return -EINVAL;
    times = data + skip + HEAD_BYTES;
    kinds = times + (size_t)h.time_count * 8;
    types = kinds + h.time_count;
    foot = times + body_bytes(&h, 8);
    tz->zone.before = (int32_t)be32(types);
    for (uint32_t i = 0; i < h.time_count; i++) {
        int64_t from = be64(times + (size_t)i * 8);
        int32_t offset;
        if (kinds[i] >= h.type_count)
            return -EINVAL;
        offset = (int32_t)be32(types + (size_t)kinds[i] * 6);
        if (offset < -26 * 3600 || offset > 26 * 3600)
            return -EINVAL;
        if (from < FIRST_SHIFT || from > UINT32_MAX) {
            if (from < FIRST_SHIFT)
                tz->zone.before = offset;
            continue;
        }
        if (tz->zone.count >= CX_TZ_SHIFTS_MAX ||
            (tz->zone.count && tz->shifts[tz->zone.count - 1].from >= from))
            return -EINVAL;
        tz->shifts[tz->zone.count++] = (struct cx_shift){(uint32_t)from, offset};
    }
    if (tz->zone.before < -26 * 3600 || tz->zone.before > 26 * 3600)
        return -EINVAL;
    /* newline, rule, newline; an empty rule means that the last shift stays */
    if (foot < data + size && *foot == '\n') {
        const uint8_t *end = memchr(foot + 1, '\n', (size_t)(data + size - foot - 1));
        if (!end || (end > foot + 1 &&
                     !cx_tz_rule((const char *)foot + 1, (size_t)(end - foot - 1), &tz->zone.rule)))
            return -EINVAL;
    }
    drop_foretold(tz);
    return 0;
}

static bool is_zone_name(const char *zone)
{
    size_t n = strlen(zone);

    if (n == 0 || n > 60 || zone[0] == '/' || strstr(zone, "..") || strstr(zone, "//"))
        return false;
    for (; *zone; zone++)
        if (!((*zone >= 'a' && *zone <= 'z') || (*zone >= 'A' && *zone <= 'Z') ||
              (*zone >= '0' && *zone <= '9') || strchr("/_+-", *zone)))
            return false;
    return true;
}

int cx_tz_load(const char *zone, struct cx_tz *tz)
{
    static const char *const plain[] = {"", "UTC", "Etc/UTC", "GMT"};
    char path[128];
    uint8_t data[FILE_MAX];
    size_t size;
    FILE *f;

    memset(tz, 0, sizeof(*tz));
    tz->zone.shifts = tz->shifts;
    for (size_t i = 0; i < sizeof(plain) / sizeof(*plain); i++)
        if (strcmp(zone, plain[i]) == 0)
            return 0;
    if (!is_zone_name(zone))
        return -EINVAL;
    snprintf(path, sizeof(path), "%s/%s", ZONEINFO, zone);
    f = fopen(path, "re");
    if (!f)
        return -ENOENT;
    size = fread(data, 1, sizeof(data), f);
    fclose(f);
    return cx_tz_parse(data, size, tz) == 0 ? 0 : -ENOENT;
}

bool cx_tz_known(const char *zone)
{
    struct cx_tz tz;

    return cx_tz_load(zone, &tz) == 0;
}
