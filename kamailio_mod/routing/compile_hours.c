/*
 * compile_hours.c - time zones and temporal rules -> tables of the image.
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "build.h"
#include "tzfile.h"

#define GREGORIAN 62167219200 /* unix time counted from year 0, as Kazoo's documents count */

int cx_build_zone(struct cx_build *b, const char *name, uint32_t *row)
{
    struct cx_tz *tz;
    struct cx_zone_row *z;
    cx_ref text = cx_build_text(b, name);
    int err;

    *row = CX_NONE;
    for (uint32_t i = 0; i < cx_build_count(b, CX_T_ZONE); i++)
        if (((struct cx_zone_row *)cx_build_row(b, CX_T_ZONE, i))->name == text) {
            *row = i;
            return 0;
        }
    tz = malloc(sizeof(*tz));
    if (!tz)
        return -ENOMEM;
    err = cx_tz_load(name, tz);
    if (err == 0 && (tz->zone.count || tz->zone.before || tz->zone.rule.valid)) {
        *row = cx_build_count(b, CX_T_ZONE);
        z = cx_build_add(b, CX_T_ZONE);
        if (z)
            *z = (struct cx_zone_row){.name = text,
                                      .shift_first = cx_build_count(b, CX_T_SHIFT),
                                      .shift_count = tz->zone.count,
                                      .before = tz->zone.before,
                                      .rule = tz->zone.rule};
        for (uint32_t i = 0; i < tz->zone.count; i++) {
            struct cx_shift *shift = cx_build_add(b, CX_T_SHIFT);
            if (shift)
                *shift = tz->shifts[i];
        }
    }
    free(tz);
    return err == 0 ? 0 : -ENOENT;
}

static unsigned word_of(const char *word, const char *const *words, unsigned count)
{
    for (unsigned i = 0; word && i < count; i++)
        if (words[i] && strcmp(words[i], word) == 0)
            return i;
    return count;
}

static uint8_t wdays_of(const json_t *list)
{
    static const char *const names[] = {"sunday",   "monday", "tuesday",  "wednesday",
                                        "thursday", "friday", "saturday", "wensday"};
    uint8_t mask = 0;
    const json_t *v;
    size_t i;

    json_array_foreach(list, i, v)
    {
        unsigned day = word_of(json_string_value(v), names, 8);
        if (day < 8) /* "wensday" stands in old documents */
            mask = (uint8_t)(mask | 1u << (day == 7 ? 3 : day));
    }
    return mask;
}

static uint32_t days_of(const json_t *list)
{
    uint32_t mask = 0;
    const json_t *v;
    size_t i;

    json_array_foreach(list, i, v)
    {
        long day = json_is_integer(v)  ? (long)json_integer_value(v)
                   : json_is_string(v) ? strtol(json_string_value(v), NULL, 10)
                                       : 0;
        if (day >= 1 && day <= 31)
            mask |= 1u << day;
    }
    return mask;
}

static uint32_t unix_of(const json_t *doc, const char *key)
{
    long g = cx_doc_number(doc, key, 0, GREGORIAN + (long)UINT32_MAX, 0);

    return g > GREGORIAN ? (uint32_t)(g - GREGORIAN) : 0;
}

/* "exclude": days ("2026-12-25", "20261225", seconds) and ids of rules that go before. */
static void add_excludes(struct cx_build *b, const json_t *list, struct cx_hours_rule *rule)
{
    const json_t *v;
    size_t i;

    rule->exclude_first = cx_build_count(b, CX_T_EXCLUDE);
    json_array_foreach(list, i, v)
    {
        struct cx_exclude e = {.rule = CX_NONE}, *row;
        const char *text = json_string_value(v);
        int year;
        unsigned month, day;
        if (json_is_integer(v) && json_integer_value(v) >= GREGORIAN &&
            json_integer_value(v) < GREGORIAN + (long)UINT32_MAX)
            /* noon: local midnight may be the day before in UTC */
            e.day = (uint32_t)((json_integer_value(v) - GREGORIAN + 43200) / 86400);
        else if (text && strlen(text) == 32)
            e.rule = cx_build_document(b, CX_DOCUMENT_RULE, text);
        else if (text &&
                 (sscanf(text, "%4d-%2u-%2u", &year, &month, &day) == 3 ||
                  sscanf(text, "%4d%2u%2u", &year, &month, &day) == 3) &&
                 year >= 1970 && month >= 1 && month <= 12 && day >= 1 && day <= 31)
            e.day = (uint32_t)cx_days_from_civil(year, month, day);
        if ((e.rule != CX_NONE || e.day != 0) && (row = cx_build_add(b, CX_T_EXCLUDE)) != NULL)
            *row = e;
    }
    rule->exclude_count = cx_build_count(b, CX_T_EXCLUDE) - rule->exclude_first;
}

static void add_rule(struct cx_build *b, const struct cx_row_document *row)
{
    static const char *const cycles[CX_CYCLES] = {
        [CX_CYCLE_DATE] = "date",       [CX_CYCLE_DAILY] = "daily",   [CX_CYCLE_WEEKLY] = "weekly",
        [CX_CYCLE_MONTHLY] = "monthly", [CX_CYCLE_YEARLY] = "yearly",
    };
    static const char *const ordinals[CX_ORDINALS] = {"every",  "first", "second", "third",
                                                      "fourth", "fifth", "last"};
    json_t *doc = cx_doc_load(row->doc);
    const char *zone = json_string_value(json_object_get(doc, "timezone"));
    struct cx_hours_rule *to, rule = {.zone = CX_NONE, .name = cx_build_text(b, row->name)};
    unsigned word;

    cx_id_parse(row->id, strlen(row->id), &rule.id);
    if (zone && strcmp(zone, "inherit") != 0)
        cx_build_zone(b, zone, &rule.zone);
    word = word_of(json_string_value(json_object_get(doc, "cycle")), cycles, CX_CYCLES);
    rule.cycle = (uint8_t)(word < CX_CYCLES ? word : CX_CYCLE_NEVER);
    word = word_of(json_string_value(json_object_get(doc, "ordinal")), ordinals, CX_ORDINALS);
    rule.ordinal = (uint8_t)(word < CX_ORDINALS ? word : CX_ORDINAL_EVERY);
    rule.interval = (uint16_t)cx_doc_number(doc, "interval", 1, UINT16_MAX, 1);
    rule.month = (uint8_t)cx_doc_number(doc, "month", 1, 12, 0);
    rule.days = days_of(json_object_get(doc, "days"));
    rule.wdays = wdays_of(json_object_get(doc, "wdays"));
    rule.start_s = unix_of(doc, "start_date");
    rule.end_s = unix_of(doc, "end_date");
    rule.from_s = (int32_t)cx_doc_number(doc, "time_window_start", 0, 86400, 0);
    rule.to_s = (int32_t)cx_doc_number(doc, "time_window_stop", 0, 86400, 86400);
    if (json_is_boolean(json_object_get(doc, "enabled")))
        rule.forced = cx_doc_true(doc, "enabled", false) ? CX_FORCED_ON : CX_FORCED_OFF;
    add_excludes(b, json_object_get(doc, "exclude"), &rule);
    if ((to = cx_build_add(b, CX_T_HOURS)) != NULL)
        *to = rule;
    json_decref(doc);
}

int cx_build_hours(struct cx_build *b)
{
    const struct cx_row_documents *rules = &b->rows->documents[CX_DOCUMENT_RULE];

    for (size_t i = 0; i < rules->count; i++)
        add_rule(b, &rules->items[i]);
    return b->no_memory ? -ENOMEM : 0;
}
