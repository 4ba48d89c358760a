/*
 * test_routing_hours.c - time zones against libc's, rules of time by a table of dates, the reader
 * of zone files with damaged ones. SPDX-License-Identifier: GPL-2.0-or-later
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

#include "kamailio_mod/routing/hours.h"
#include "kamailio_mod/routing/tzfile.h"
#include "kamailio_mod/routing/variables.h"
#include "tests/fuzz/sample.h"

#define RULE_ID "a5000000000000000000000000000001"

/* ---- zones */

/* All zones whose name begins so, each few hours of many years, against libc's. */
static void zones_are_as_libc_knows_them(void **state)
{
    static const char *const names[] = {
        "Europe/Dublin",       "Europe/London",     "Europe/Tallinn",       "America/New_York",
        "America/Nuuk",        "America/Sao_Paulo", "America/Phoenix",      "Australia/Sydney",
        "Australia/Lord_Howe", "Pacific/Apia",      "Pacific/Norfolk",      "Pacific/Chatham",
        "Africa/Casablanca",   "Africa/Cairo",      "Asia/Tehran",          "Asia/Kolkata",
        "Asia/Gaza",           "Antarctica/Troll",  "America/Scoresbysund", "Asia/Tokyo"};
    static struct cx_tz tz;

    (void)state;
    for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++) {
        assert_int_equal(cx_tz_load(names[i], &tz), 0);
        setenv("TZ", names[i], 1);
        tzset();
        for (time_t t = 978307200; t < 4000000000; t += 7201 * 13) {
            struct tm tm;
            localtime_r(&t, &tm);
            if (tm.tm_gmtoff != cx_zone_offset(&tz.zone, t))
                fail_msg("%s at %ld: %ld is not %d", names[i], (long)t, (long)tm.tm_gmtoff,
                         cx_zone_offset(&tz.zone, t));
        }
    }
    setenv("TZ", "UTC", 1);
    tzset();
}

static void calendar_is_as_libc_knows_it(void **state)
{
    (void)state;
    for (int32_t day = -20000; day < 60000; day++) {
        time_t t = (time_t)day * 86400;
        struct tm tm;
        int32_t year;
        unsigned month, of_month;
        gmtime_r(&t, &tm);
        cx_civil_from_days(day, &year, &month, &of_month);
        assert_int_equal(year, tm.tm_year + 1900);
        assert_int_equal(month, tm.tm_mon + 1);
        assert_int_equal(of_month, tm.tm_mday);
        assert_int_equal(cx_weekday(day), tm.tm_wday);
        assert_int_equal(cx_days_from_civil(year, month, of_month), day);
    }
    assert_int_equal(cx_days_in_month(2024, 2), 29);
    assert_int_equal(cx_days_in_month(2100, 2), 28);
    assert_int_equal(cx_days_in_month(2000, 2), 29);
}

static void closing_rules(void **state)
{
    static const struct {
        const char *text;
        int32_t standard, summer;
        bool good;
    } table[] = {
        {"UTC0", 0, 0, true},
        {"EST5EDT,M3.2.0,M11.1.0", -18000, -14400, true},
        {"IST-1GMT0,M10.5.0,M3.5.0/1", 3600, 0, true},
        {"<+1030>-10:30<+11>-11,M10.1.0,M4.1.0", 37800, 39600, true},
        {"<-02>2<-01>,M3.5.0/-1,M10.5.0/0", -7200, -3600, true},
        {"IST-2IDT,M3.4.4/26,M10.5.0", 7200, 10800, true},
        {"XXX3YYY,J60/0,300/1:30:15", -10800, -7200, true},
        {"", 0, 0, false},
        {"E5", 0, 0, false},
        {"EST", 0, 0, false},
        {"EST5EDT", 0, 0, false},
        {"EST5EDT,M13.2.0,M11.1.0", 0, 0, false},
        {"EST5EDT,M3.6.0,M11.1.0", 0, 0, false},
        {"EST5EDT,M3.2.7,M11.1.0", 0, 0, false},
        {"EST5EDT,M3.2.0,M11.1.0x", 0, 0, false},
        {"EST5EDT,J366,J1", 0, 0, false},
        {"<EST5", 0, 0, false},
        {"EST99", 0, 0, false},
    };
    struct cx_zone_rule rule;

    (void)state;
    for (size_t i = 0; i < sizeof(table) / sizeof(*table); i++) {
        bool good = cx_tz_rule(table[i].text, strlen(table[i].text), &rule);
        if (good != table[i].good)
            fail_msg("'%s'", table[i].text);
        if (!good)
            continue;
        assert_int_equal(rule.standard, table[i].standard);
        assert_int_equal(rule.summer, table[i].summer);
    }
}

static void names_that_are_no_zones(void **state)
{
    static const char *const names[] = {
        "../../etc/passwd", "/etc/passwd", "Europe/Atlantis", "Europe/../Europe/Dublin", "a b",
        "Europe",           "posixrules\n"};
    static struct cx_tz tz;

    (void)state;
    for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++)
        assert_true(cx_tz_load(names[i], &tz) < 0);
    assert_true(cx_tz_known("Europe/Dublin"));
}

/* Cut anywhere, any byte turned: refused, or a zone that can be asked. */
static void damaged_zone_files(void **state)
{
    static uint8_t data[8192], copy[8192];
    static struct cx_tz tz;
    FILE *f = fopen("/usr/share/zoneinfo/America/New_York", "re");
    size_t size;

    (void)state;
    assert_non_null(f);
    size = fread(data, 1, sizeof(data), f);
    fclose(f);
    for (size_t cut = 0; cut < size; cut++) {
        uint8_t *exact = malloc(cut + 1);
        memcpy(exact, data, cut);
        if (cx_tz_parse(exact, cut, &tz) == 0)
            cx_zone_offset(&tz.zone, 1800000000);
        free(exact);
    }
    for (size_t i = 0; i < size; i++) {
        memcpy(copy, data, size);
        copy[i] ^= (uint8_t)(1 << i % 8);
        if (cx_tz_parse(copy, size, &tz) == 0)
            for (int64_t t = 900000000; t < 4200000000; t += 9999999)
                cx_zone_offset(&tz.zone, t);
    }
}

/* ---- rules */

static struct cx_image *image_with(const char *doc, const char *zone)
{
    static struct cx_row_document rule[1];
    struct cx_account_rows rows;
    struct cx_compile_error error;
    struct cx_image *image;

    sample_rows(&rows);
    rule[0] = (struct cx_row_document){
        .kind = CX_DOCUMENT_RULE, .id = RULE_ID, .name = "rule", .doc = doc};
    rows.account.timezone = zone;
    rows.documents[CX_DOCUMENT_RULE] = (struct cx_row_documents){rule, 1};
    if (cx_compile(&rows, &image, &error) < 0)
        fail_msg("%s %s", error.path, error.message);
    return image;
}

static int64_t utc(const char *text)
{
    struct tm tm = {0};

    if (!strptime(text, "%Y-%m-%d %H:%M:%S", &tm) && !strptime(text, "%Y-%m-%d %H:%M", &tm))
        fail_msg("'%s' is no date", text);
    return timegm(&tm);
}

/* By the wall clock of the zone; of an hour that comes twice, the first. */
static int64_t wall(const char *text, const char *zone)
{
    static struct cx_tz tz;
    int64_t t = utc(text);

    assert_int_equal(cx_tz_load(zone, &tz), 0);
    return t - cx_zone_offset(&tz.zone, t - cx_zone_offset(&tz.zone, t));
}

static void check(const char *doc, const char *zone, const char *when, bool local, bool holds)
{
    struct cx_image *image = image_with(doc, zone);
    const struct cx_hours_rule *rule = cx_table(image, CX_T_HOURS);
    const char *why;
    bool got = cx_hours_hold(image, rule, image->zone, local ? wall(when, zone) : utc(when), &why);

    free(image);
    if (got != holds)
        fail_msg("%s\n  in %s at %s: %s", doc, zone, when, got ? "holds" : "does not hold");
}

struct row {
    const char *when;
    bool holds;
};

struct golden {
    const char *doc;
    struct row rows[14];
};

/* start_date: 2026-01-01 is 63934444800, 2026-01-05 (a Monday) 63934790400, 2026-03-31 63942134400,
 * 2026-11-27 63962956800, 2028-02-29 64002614400 */
static const struct golden table[] = {
    /* one day */
    {"{\"cycle\":\"date\",\"start_date\":63962956800}",
     {{"2026-11-26 23:59:59", false},
      {"2026-11-27 00:00:00", true},
      {"2026-11-27 23:59:59", true},
      {"2026-11-28 00:00:00", false},
      {"2027-11-27 12:00", false}}},
    {"{\"cycle\":\"date\",\"start_date\":63962956800,\"time_window_start\":36000,"
     "\"time_window_stop\":39600}",
     {{"2026-11-27 09:59:59", false},
      {"2026-11-27 10:00:00", true},
      {"2026-11-27 11:00:00", true},
      {"2026-11-27 11:00:01", false}}},
    /* every day, every third day */
    {"{\"cycle\":\"daily\"}", {{"1999-12-31 23:59", true}, {"2026-06-01 00:00", true}}},
    {"{\"cycle\":\"daily\",\"interval\":3,\"start_date\":63934444800}",
     {{"2025-12-29 12:00", false},
      {"2026-01-01 12:00", true},
      {"2026-01-02 12:00", false},
      {"2026-01-03 12:00", false},
      {"2026-01-04 12:00", true},
      {"2026-03-02 12:00", true},
      {"2026-03-03 12:00", false}}},
    {"{\"cycle\":\"daily\",\"start_date\":63934444800,\"end_date\":63934790400}",
     {{"2025-12-31 12:00", false},
      {"2026-01-01 00:00", true},
      {"2026-01-05 23:59", true},
      {"2026-01-06 00:00", false}}},
    /* weekdays, nine to five */
    {"{\"cycle\":\"weekly\",\"wdays\":[\"monday\",\"tuesday\",\"wednesday\",\"thursday\","
     "\"friday\"],\"time_window_start\":32400,\"time_window_stop\":61200}",
     {{"2026-11-23 08:59:59", false},
      {"2026-11-23 09:00:00", true},
      {"2026-11-24 12:00", true},
      {"2026-11-25 12:00", true},
      {"2026-11-26 12:00", true},
      {"2026-11-27 17:00:00", true},
      {"2026-11-27 17:00:01", false},
      {"2026-11-28 12:00", false},
      {"2026-11-29 12:00", false}}},
    {"{\"cycle\":\"weekly\",\"wdays\":[\"wensday\"]}",
     {{"2026-11-25 12:00", true}, {"2026-11-26 12:00", false}}},
    /* every second week, weeks beginning on Monday */
    {"{\"cycle\":\"weekly\",\"interval\":2,\"start_date\":63934790400,\"wdays\":[\"monday\","
     "\"sunday\"]}",
     {{"2026-01-05 12:00", true},
      {"2026-01-11 12:00", true},
      {"2026-01-12 12:00", false},
      {"2026-01-18 12:00", false},
      {"2026-01-19 12:00", true},
      {"2026-01-25 12:00", true},
      {"2026-02-02 12:00", true},
      {"2026-02-09 12:00", false}}},
    /* it began in the middle of a week: that week counts */
    {"{\"cycle\":\"weekly\",\"interval\":2,\"start_date\":63934444800,\"wdays\":[\"friday\"]}",
     {{"2026-01-02 12:00", true}, {"2026-01-09 12:00", false}, {"2026-01-16 12:00", true}}},
    {"{\"cycle\":\"weekly\",\"interval\":2,\"start_date\":63934444800,\"wdays\":[\"monday\"]}",
     {{"2026-01-05 12:00", false}, {"2026-01-12 12:00", true}, {"2026-01-19 12:00", false}}},
    /* days of the month */
    {"{\"cycle\":\"monthly\",\"days\":[1,15,31]}",
     {{"2026-11-01 12:00", true},
      {"2026-11-15 12:00", true},
      {"2026-11-30 12:00", false},
      {"2026-12-31 12:00", true},
      {"2026-12-14 12:00", false}}},
    {"{\"cycle\":\"monthly\",\"interval\":3,\"start_date\":63934444800,\"days\":[10]}",
     {{"2026-01-10 12:00", true},
      {"2026-02-10 12:00", false},
      {"2026-03-10 12:00", false},
      {"2026-04-10 12:00", true},
      {"2027-01-10 12:00", true},
      {"2027-02-10 12:00", false}}},
    /* ordinals */
    {"{\"cycle\":\"monthly\",\"ordinal\":\"first\",\"wdays\":[\"monday\"]}",
     {{"2026-06-01 12:00", true},
      {"2026-06-08 12:00", false},
      {"2026-07-06 12:00", true},
      {"2026-07-07 12:00", false}}},
    {"{\"cycle\":\"monthly\",\"ordinal\":\"second\",\"wdays\":[\"tuesday\"]}",
     {{"2026-11-10 12:00", true}, {"2026-11-03 12:00", false}, {"2026-12-08 12:00", true}}},
    {"{\"cycle\":\"monthly\",\"ordinal\":\"third\",\"wdays\":[\"wednesday\"]}",
     {{"2026-11-18 12:00", true}, {"2026-11-25 12:00", false}, {"2026-12-16 12:00", true}}},
    {"{\"cycle\":\"monthly\",\"ordinal\":\"fourth\",\"wdays\":[\"thursday\"]}",
     {{"2026-11-26 12:00", true}, {"2026-12-24 12:00", true}, {"2026-12-31 12:00", false}}},
    {"{\"cycle\":\"monthly\",\"ordinal\":\"fifth\",\"wdays\":[\"sunday\"]}",
     {{"2026-11-29 12:00", true}, {"2026-12-27 12:00", false}, {"2027-01-31 12:00", true}}},
    {"{\"cycle\":\"monthly\",\"ordinal\":\"last\",\"wdays\":[\"friday\"]}",
     {{"2026-11-27 12:00", true},
      {"2026-11-20 12:00", false},
      {"2026-12-25 12:00", true},
      {"2027-02-26 12:00", true},
      {"2028-02-25 12:00", true}}},
    {"{\"cycle\":\"monthly\",\"ordinal\":\"last\",\"wdays\":[\"saturday\"]}",
     {{"2026-10-24 12:00", false}, {"2026-10-31 12:00", true}, {"2026-11-28 12:00", true}}},
    {"{\"cycle\":\"monthly\",\"ordinal\":\"every\",\"wdays\":[\"saturday\"]}",
     {{"2026-11-07 12:00", true}, {"2026-11-28 12:00", true}, {"2026-11-27 12:00", false}}},
    {"{\"cycle\":\"monthly\",\"ordinal\":\"first\",\"wdays\":[\"saturday\",\"sunday\"]}",
     {{"2026-11-01 12:00", true}, {"2026-11-07 12:00", true}, {"2026-11-08 12:00", false}}},
    /* nothing but a start: that day of each month; months without it have none */
    {"{\"cycle\":\"monthly\",\"start_date\":63942134400}",
     {{"2026-03-31 12:00", true},
      {"2026-04-30 12:00", false},
      {"2026-05-31 12:00", true},
      {"2026-06-30 12:00", false}}},
    /* years */
    {"{\"cycle\":\"yearly\",\"month\":12,\"days\":[25,26]}",
     {{"2026-12-24 23:59:59", false},
      {"2026-12-25 00:00:00", true},
      {"2026-12-26 23:59:59", true},
      {"2026-12-27 00:00:00", false},
      {"2030-12-25 12:00", true},
      {"2026-11-25 12:00", false}}},
    {"{\"cycle\":\"yearly\",\"month\":11,\"ordinal\":\"fourth\",\"wdays\":[\"thursday\"]}",
     {{"2024-11-28 12:00", true},
      {"2025-11-27 12:00", true},
      {"2026-11-26 12:00", true},
      {"2027-11-25 12:00", true},
      {"2028-11-23 12:00", true},
      {"2026-11-19 12:00", false},
      {"2026-12-24 12:00", false}}},
    {"{\"cycle\":\"yearly\",\"month\":5,\"ordinal\":\"last\",\"wdays\":[\"monday\"]}",
     {{"2026-05-25 12:00", true}, {"2027-05-31 12:00", true}, {"2026-05-18 12:00", false}}},
    {"{\"cycle\":\"yearly\",\"month\":6,\"ordinal\":\"first\",\"wdays\":[\"monday\"]}",
     {{"2026-06-01 12:00", true}, {"2027-06-07 12:00", true}, {"2027-06-01 12:00", false}}},
    {"{\"cycle\":\"yearly\",\"interval\":2,\"start_date\":63934444800,\"month\":3,\"days\":[17]}",
     {{"2026-03-17 12:00", true}, {"2027-03-17 12:00", false}, {"2028-03-17 12:00", true}}},
    {"{\"cycle\":\"yearly\",\"start_date\":64002614400}", /* leap day */
     {{"2028-02-29 12:00", true},
      {"2029-02-28 12:00", false},
      {"2029-03-01 12:00", false},
      {"2032-02-29 12:00", true}}},
    /* windows over midnight belong to the day on which they begin */
    {"{\"cycle\":\"weekly\",\"wdays\":[\"sunday\"],\"time_window_start\":82800,"
     "\"time_window_stop\":3600}",
     {{"2026-11-29 22:59:59", false},
      {"2026-11-29 23:00:00", true},
      {"2026-11-30 00:30:00", true},
      {"2026-11-30 01:00:00", true},
      {"2026-11-30 01:00:01", false},
      {"2026-11-29 00:30:00", false}}},
    {"{\"cycle\":\"date\",\"start_date\":63962956800,\"time_window_start\":72000,"
     "\"time_window_stop\":25200}",
     {{"2026-11-27 07:00", false},
      {"2026-11-27 20:00", true},
      {"2026-11-28 07:00", true},
      {"2026-11-28 07:01", false}}},
    /* forced */
    {"{\"cycle\":\"date\",\"start_date\":63962956800,\"enabled\":true}",
     {{"2020-01-01 12:00", true}, {"2030-01-01 12:00", true}}},
    {"{\"cycle\":\"daily\",\"enabled\":false}", {{"2026-11-27 12:00", false}}},
    /* days that are left out */
    {"{\"cycle\":\"daily\",\"exclude\":[\"2026-12-25\",\"20261226\",63962956800]}",
     {{"2026-12-24 12:00", true},
      {"2026-12-25 12:00", false},
      {"2026-12-26 12:00", false},
      {"2026-12-27 12:00", true},
      {"2026-11-27 12:00", false},
      {"2026-11-28 12:00", true}}},
    /* nothing usable: never */
    {"{\"cycle\":\"hourly\"}", {{"2026-11-27 12:00", false}}},
    {"{}", {{"2026-11-27 12:00", false}}},
    {"not JSON", {{"2026-11-27 12:00", false}}},
    {"{\"cycle\":\"daily\",\"interval\":0,\"time_window_start\":-5,\"time_window_stop\":999999}",
     {{"2026-11-27 12:00", true}}},
    /* numbers as text, as old forms send them */
    {"{\"cycle\":\"monthly\",\"days\":[\"5\"],\"time_window_start\":\"32400\","
     "\"time_window_stop\":\"61200\"}",
     {{"2026-11-05 09:00", true}, {"2026-11-05 08:59", false}, {"2026-11-06 09:00", false}}},
};

/* On the wall of each of these zones the same: a rule is about the wall's clock. */
static void golden_dates(void **state)
{
    static const char *const zones[] = {"UTC", "Europe/Dublin", "America/New_York",
                                        "Pacific/Auckland", "Asia/Kolkata"};

    (void)state;
    for (size_t i = 0; i < sizeof(table) / sizeof(*table); i++)
        for (size_t k = 0; k < sizeof(table[i].rows) / sizeof(*table[i].rows); k++) {
            const struct row *row = &table[i].rows[k];
            /* a start is a moment: what day it is on depends on the zone; tested in UTC and, as
             * clients of a zone make it, below */
            bool start = strstr(table[i].doc, "_date") || strstr(table[i].doc, "exclude");
            for (size_t z = 0; row->when && z < (start ? 1 : sizeof(zones) / sizeof(*zones)); z++)
                check(table[i].doc, zones[z], row->when, true, row->holds);
        }
}

/* A start that a client meant as midnight of its zone. */
static void starts_are_local_days(void **state)
{
    static const struct {
        const char *zone;
        long midnight; /* of 2026-07-01 there, in UTC seconds of the day before or that day */
    } zones[] = {
        {"Europe/Dublin", -3600}, {"America/New_York", 4 * 3600}, {"Asia/Tokyo", -9 * 3600}};
    char doc[128];

    (void)state;
    for (size_t i = 0; i < sizeof(zones) / sizeof(*zones); i++) {
        snprintf(doc, sizeof(doc), "{\"cycle\":\"date\",\"start_date\":%lld}",
                 62167219200LL + utc("2026-07-01 00:00:00") + zones[i].midnight);
        check(doc, zones[i].zone, "2026-06-30 23:59:59", true, false);
        check(doc, zones[i].zone, "2026-07-01 00:00:00", true, true);
        check(doc, zones[i].zone, "2026-07-01 23:59:59", true, true);
        check(doc, zones[i].zone, "2026-07-02 00:00:00", true, false);
    }
}

/* Around the changes of the clock; moments in UTC. */
static void clocks_change(void **state)
{
    static const struct {
        const char *doc, *zone, *when;
        bool holds;
    } rows[] = {
        /* 01:00-02:00 does not exist on that day in Dublin; 01:30-03:00 begins at 02:00 */
        {"{\"cycle\":\"daily\",\"time_window_start\":3600,\"time_window_stop\":7199}",
         "Europe/Dublin", "2026-03-29 00:59:59", false},
        {"{\"cycle\":\"daily\",\"time_window_start\":3600,\"time_window_stop\":7199}",
         "Europe/Dublin", "2026-03-29 01:00:00", false},
        {"{\"cycle\":\"daily\",\"time_window_start\":5400,\"time_window_stop\":10800}",
         "Europe/Dublin", "2026-03-29 01:00:00", true},
        {"{\"cycle\":\"daily\",\"time_window_start\":5400,\"time_window_stop\":10800}",
         "Europe/Dublin", "2026-03-29 02:00:00", true},
        {"{\"cycle\":\"daily\",\"time_window_start\":5400,\"time_window_stop\":10800}",
         "Europe/Dublin", "2026-03-29 02:00:01", false},
        /* the same in New York, on its own day */
        {"{\"cycle\":\"daily\",\"time_window_start\":32400,\"time_window_stop\":61200}",
         "America/New_York", "2026-03-07 14:00:00", true},
        {"{\"cycle\":\"daily\",\"time_window_start\":32400,\"time_window_stop\":61200}",
         "America/New_York", "2026-03-08 13:00:00", true},
        {"{\"cycle\":\"daily\",\"time_window_start\":32400,\"time_window_stop\":61200}",
         "America/New_York", "2026-03-08 12:59:59", false},
        {"{\"cycle\":\"daily\",\"time_window_start\":32400,\"time_window_stop\":61200}",
         "America/New_York", "2026-11-01 13:59:59", false},
        {"{\"cycle\":\"daily\",\"time_window_start\":32400,\"time_window_stop\":61200}",
         "America/New_York", "2026-11-01 14:00:00", true},
        /* over midnight and over the change: Saturday 22:00 to Sunday 06:00 */
        {"{\"cycle\":\"weekly\",\"wdays\":[\"saturday\"],\"time_window_start\":79200,"
         "\"time_window_stop\":21600}",
         "Europe/Dublin", "2026-03-29 05:00:00", true},
        {"{\"cycle\":\"weekly\",\"wdays\":[\"saturday\"],\"time_window_start\":79200,"
         "\"time_window_stop\":21600}",
         "Europe/Dublin", "2026-03-29 05:00:01", false},
        {"{\"cycle\":\"weekly\",\"wdays\":[\"saturday\"],\"time_window_start\":79200,"
         "\"time_window_stop\":21600}",
         "Europe/Dublin", "2026-10-25 06:00:00", true},
        /* years after the file's last change: the closing rule */
        {"{\"cycle\":\"daily\",\"time_window_start\":32400,\"time_window_stop\":61200}",
         "Europe/Dublin", "2060-07-01 08:00:00", true},
        {"{\"cycle\":\"daily\",\"time_window_start\":32400,\"time_window_stop\":61200}",
         "Europe/Dublin", "2060-01-01 08:00:00", false},
        /* a rule with a zone of its own */
        {"{\"cycle\":\"daily\",\"time_window_start\":32400,\"time_window_stop\":61200,"
         "\"timezone\":\"Asia/Tokyo\"}",
         "Europe/Dublin", "2026-07-01 00:00:00", true},
        {"{\"cycle\":\"daily\",\"time_window_start\":32400,\"time_window_stop\":61200,"
         "\"timezone\":\"Asia/Tokyo\"}",
         "Europe/Dublin", "2026-07-01 12:00:00", false},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++)
        check(rows[i].doc, rows[i].zone, rows[i].when, false, rows[i].holds);
}

/* ---- variables of a call */

static void variables(void **state)
{
    char text[24] = "";

    (void)state;
    assert_true(cx_variables_put(text, sizeof(text), sample_z("a=1;b=2")));
    assert_true(cx_variables_put(text, sizeof(text), sample_z("a=3")));
    assert_string_equal(text, "b=2;a=3");
    assert_int_equal(cx_variables_get(text, sample_z("a")).s[0], '3');
    assert_int_equal(cx_variables_get(text, sample_z("c")).len, 0);
    assert_int_equal(cx_variables_get("a=;b", sample_z("a")).len, 0);
    assert_int_equal(cx_variables_get("a=;b", sample_z("b")).len, 0);
    assert_false(cx_variables_put(text, sizeof(text), sample_z("long=aaaaaaaaaaaaaaaaaaaaaa")));
    assert_string_equal(text, "b=2;a=3");
    assert_true(cx_variables_put(text, sizeof(text), sample_z("c=aaaaaaaaaaaaa")));
    assert_int_equal(strlen(text), 23);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(zones_are_as_libc_knows_them),
        cmocka_unit_test(calendar_is_as_libc_knows_it),
        cmocka_unit_test(closing_rules),
        cmocka_unit_test(names_that_are_no_zones),
        cmocka_unit_test(damaged_zone_files),
        cmocka_unit_test(golden_dates),
        cmocka_unit_test(starts_are_local_days),
        cmocka_unit_test(clocks_change),
        cmocka_unit_test(variables),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
