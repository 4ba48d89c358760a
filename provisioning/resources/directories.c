/*
 * directories.c - dial by name. Who is in one stands in the users' own documents: directories, a
 * map of the directory's id to the callflow that rings the user. SPDX-License-Identifier:
 * GPL-2.0-or-later
 */
#include <errno.h>
#include <string.h>

#include "common.h"
#include "resources.h"

static const struct cx_field fields[] = {
    CX_DOCUMENT_ROWS,
    {.path = "confirm_match", .type = CX_BOOLEAN, .def = "true"},
    {.path = "min_dtmf", .type = CX_INTEGER, .min = 1, .max = 100, .def = "3"},
    {.path = "max_dtmf", .type = CX_INTEGER, .min = 0, .max = 100, .def = "0"},
    {.path = "sort_by",
     .type = CX_STRING,
     .choices = "first_name|last_name",
     .def = "\"last_name\""},
    {.path = "search_fields", .type = CX_STRING, .choices = "first_name|last_name|both"},
    {.path = "users", .type = CX_ARRAY, .flags = CX_READ_ONLY},
    CX_FLAGS_ROWS,
};

static int add_member(void *arg, const struct cx_value *c, size_t n)
{
    (void)n;
    return json_array_append_new(arg, json_pack("{s:s, s:s}", "user_id", c[0].s, "callflow_id",
                                                c[1].type == CX_TEXT ? c[1].s : ""));
}

static int describe(struct cx_request *r, struct cx_record *record)
{
    json_t *users = json_array();
    struct cx_value params[] = {cx_text(record->id), cx_text(r->account.id), cx_text(record->id)};

    json_object_set_new(record->doc, "users", users);
    return cx_db_query(r->db,
                       "SELECT id, JSON_VALUE(doc, CONCAT('$.directories.\"', ?, '\"')) FROM user "
                       "WHERE account_id = ? AND JSON_CONTAINS_PATH(doc, 'one', "
                       "CONCAT('$.directories.\"', ?, '\"')) ORDER BY last_name, first_name, id",
                       params, 3, add_member, users);
}

/* Nobody stays a member of what is gone. */
static int removing(struct cx_request *r, const struct cx_record *record)
{
    struct cx_value params[] = {cx_text(record->id), cx_int(r->now), cx_text(r->account.id),
                                cx_text(record->id)};

    return cx_db_exec(r->db,
                      "UPDATE user SET doc = JSON_REMOVE(doc, CONCAT('$.directories.\"', ?, "
                      "'\"')), revision = revision + 1, modified = ? WHERE account_id = ? AND "
                      "JSON_CONTAINS_PATH(doc, 'one', CONCAT('$.directories.\"', ?, '\"'))",
                      params, 4, NULL);
}

const struct cx_resource cx_directories = {
    .name = "directories",
    .table = "directory",
    .owner = "owner_id",
    .fields = fields,
    .field_count = CX_COUNT(fields),
    .removing = removing,
    .describe = describe,
};

const struct cx_route cx_routes_directories[] = {
    CX_COLLECTION("accounts/{}/directories", &cx_directories),
    CX_MEMBER("accounts/{}/directories/{}", &cx_directories),
    {.path = NULL},
};
