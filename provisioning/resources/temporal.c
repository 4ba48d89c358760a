/*
 * temporal.c - when: rules of time, and sets of them.
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "common.h"
#include "resources.h"

static const struct cx_field rule_fields[] = {
    CX_DOCUMENT_ROWS,
    {.path = "type", .type = CX_STRING, .max = 64, .flags = CX_LIST},
    {.path = "enabled", .type = CX_BOOLEAN},
    {.path = "cycle",
     .type = CX_STRING,
     .choices = "date|daily|weekly|monthly|yearly",
     .flags = CX_REQUIRED},
    {.path = "interval", .type = CX_INTEGER, .min = 1, .max = 1000, .def = "1"},
    {.path = "start_date", .type = CX_INTEGER, .min = 0, .max = 100000000000, .def = "62586115200"},
    {.path = "end_date", .type = CX_INTEGER, .min = 0, .max = 100000000000},
    {.path = "month", .type = CX_INTEGER, .min = 1, .max = 12},
    {.path = "days", .type = CX_ARRAY, .max = 31},
    {.path = "days.*", .type = CX_INTEGER, .min = 1, .max = 31},
    {.path = "wdays", .type = CX_ARRAY, .max = 8},
    {.path = "wdays.*",
     .type = CX_STRING,
     .choices = "monday|tuesday|wednesday|wensday|thursday|friday|saturday|sunday"},
    {.path = "ordinal", .type = CX_STRING, .choices = "every|first|second|third|fourth|fifth|last"},
    {.path = "time_window_start", .type = CX_INTEGER, .min = 0, .max = 86400},
    {.path = "time_window_stop", .type = CX_INTEGER, .min = 0, .max = 86400},
    {.path = "exclude", .type = CX_ARRAY, .max = 1000},
    CX_FLAGS_ROWS,
};

/* A rule that is gone is in no set. */
static int removing(struct cx_request *r, const struct cx_record *record)
{
    struct cx_value params[] = {cx_text(record->id), cx_int(r->now), cx_text(r->account.id),
                                cx_text(record->id)};

    return cx_db_exec(
        r->db,
        "UPDATE temporal_rule_set SET doc = JSON_REMOVE(doc, JSON_UNQUOTE(JSON_SEARCH(doc, 'one', "
        "?, NULL, '$.temporal_rules[*]'))), revision = revision + 1, modified = ? WHERE account_id "
        "= ? AND JSON_SEARCH(doc, 'one', ?, NULL, '$.temporal_rules[*]') IS NOT NULL",
        params, 4, NULL);
}

const struct cx_resource cx_temporal_rules = {
    .name = "temporal_rules",
    .table = "temporal_rule",
    .owner = "owner_id",
    .fields = rule_fields,
    .field_count = CX_COUNT(rule_fields),
    .removing = removing,
};

static const struct cx_field set_fields[] = {
    CX_DOCUMENT_ROWS,
    {.path = "type", .type = CX_STRING, .max = 64},
    {.path = "temporal_rules", .type = CX_ARRAY, .min = 1, .max = 1000, .flags = CX_SET},
    {.path = "temporal_rules.*", .type = CX_STRING, .reference = "temporal_rule"},
    CX_FLAGS_ROWS,
};

static void set_summary(struct cx_request *r, const struct cx_record *record, json_t *row)
{
    json_t *rules = cx_path_get(record->doc, "temporal_rules");

    (void)r;
    json_object_set_new(row, "rules", rules ? json_incref(rules) : json_array());
}

const struct cx_resource cx_temporal_rules_sets = {
    .name = "temporal_rules_sets",
    .table = "temporal_rule_set",
    .owner = "owner_id",
    .fields = set_fields,
    .field_count = CX_COUNT(set_fields),
    .summary = set_summary,
};

const struct cx_route cx_routes_temporal[] = {
    CX_COLLECTION("accounts/{}/temporal_rules", &cx_temporal_rules),
    CX_MEMBER("accounts/{}/temporal_rules/{}", &cx_temporal_rules),
    CX_COLLECTION("accounts/{}/temporal_rules_sets", &cx_temporal_rules_sets),
    CX_MEMBER("accounts/{}/temporal_rules_sets/{}", &cx_temporal_rules_sets),
    {.path = NULL},
};
