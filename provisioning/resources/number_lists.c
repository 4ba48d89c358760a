/*
 * number_lists.c - lists of other people's numbers: blacklists, and lists that callflows match
 * callers with. SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "common.h"
#include "resources.h"

static const struct cx_field blacklist_fields[] = {
    CX_DOCUMENT_ROWS,
    {.path = "numbers", .type = CX_OBJECT, .def = "{}"},
    {.path = "numbers.*", .type = CX_OBJECT},
    {.path = "should_block_anonymous", .type = CX_BOOLEAN},
    CX_FLAGS_ROWS,
};

const struct cx_resource cx_blacklists = {
    .name = "blacklists",
    .table = "blacklist",
    .owner = "owner_id",
    .fields = blacklist_fields,
    .field_count = CX_COUNT(blacklist_fields),
};

static const struct cx_field match_fields[] = {
    CX_DOCUMENT_ROWS,
    {.path = "description", .type = CX_STRING, .max = 128, .flags = CX_LIST},
    {.path = "list_type", .type = CX_STRING, .max = 32, .flags = CX_LIST},
    {.path = "org", .type = CX_STRING, .max = 128},
    CX_FLAGS_ROWS,
};

const struct cx_resource cx_match_lists = {
    .name = "match_lists",
    .table = "match_list",
    .owner = "owner_id",
    .fields = match_fields,
    .field_count = CX_COUNT(match_fields),
};

const struct cx_route cx_routes_number_lists[] = {
    CX_COLLECTION("accounts/{}/blacklists", &cx_blacklists),
    CX_MEMBER("accounts/{}/blacklists/{}", &cx_blacklists),
    CX_COLLECTION("accounts/{}/match_lists", &cx_match_lists),
    CX_MEMBER("accounts/{}/match_lists/{}", &cx_match_lists),
    {.path = NULL},
};
