/*
 * resource.c - carriers with their gateways. See select.h.
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include <string.h>

#include "select.h"

static int fill(struct cx_account_rows *rows, void *element, const struct cx_value *c)
{
    struct cx_row_resource *r = element;

    r->id = cx_col_text(rows, &c[0]);
    r->name = cx_col_text(rows, &c[1]);
    r->enabled = cx_col_bool(&c[2]);
    r->emergency = cx_col_bool(&c[3]);
    r->weight_cost = (uint8_t)cx_col_int(&c[4], 50);
    r->rules = cx_col_maybe(rows, &c[5]);
    r->doc = cx_col_text(rows, &c[6]);
    return 0;
}

static int fill_gateway(struct cx_account_rows *rows, void *element, const struct cx_value *c)
{
    struct cx_row_gateway *g = element;

    g->name = cx_col_text(rows, &c[0]);
    g->enabled = cx_col_bool(&c[1]);
    g->server = cx_col_text(rows, &c[2]);
    g->port = (uint16_t)cx_col_int(&c[3], 5060);
    g->transport = cx_col_text(rows, &c[4]);
    g->prefix = cx_col_text(rows, &c[5]);
    g->suffix = cx_col_text(rows, &c[6]);
    g->inbound = cx_col_bool(&c[7]);
    return 0;
}

int cx_select_resources(struct cx_db *db, struct cx_account_rows *rows, const char *account_id)
{
    int err = cx_select(db, rows,
                        account_id ? "SELECT id, name, enabled, emergency, weight_cost, rules, doc "
                                     "FROM resource WHERE account_id = ? ORDER BY id"
                                   : "SELECT id, name, enabled, emergency, weight_cost, rules, doc "
                                     "FROM resource WHERE account_id IS NULL ORDER BY id",
                        account_id, sizeof(struct cx_row_resource), fill, (void **)&rows->resources,
                        &rows->resource_count);

    for (size_t i = 0; err == 0 && i < rows->resource_count; i++)
        err = cx_select(db, rows,
                        "SELECT name, enabled, server, port, transport, prefix, suffix, inbound "
                        "FROM gateway WHERE resource_id = ? ORDER BY position",
                        rows->resources[i].id, sizeof(struct cx_row_gateway), fill_gateway,
                        (void **)&rows->resources[i].gateways, &rows->resources[i].gateway_count);
    return err;
}
