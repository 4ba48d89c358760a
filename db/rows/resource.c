/*
 * resource.c - carriers with their gateways. See select.h.
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include <errno.h>
#include <string.h>

#include "select.h"

static void fill(struct cx_account_rows *rows, void *element, const struct cx_value *c)
{
    struct cx_row_resource *r = element;

    r->id = cx_col_text(rows, &c[0]);
    r->name = cx_col_text(rows, &c[1]);
    r->enabled = cx_col_bool(&c[2]);
    r->emergency = cx_col_bool(&c[3]);
    r->weight_cost = (uint8_t)cx_col_int(&c[4], 50);
    r->rules = cx_col_maybe(rows, &c[5]);
    r->doc = cx_col_text(rows, &c[6]);
}

/* A gateway and whose it is. */
struct entry {
    struct cx_row_gateway gateway;
    const char *resource_id;
};

static void fill_gateway(struct cx_account_rows *rows, void *element, const struct cx_value *c)
{
    struct entry *e = element;
    struct cx_row_gateway *g = &e->gateway;

    g->name = cx_col_text(rows, &c[0]);
    g->enabled = cx_col_bool(&c[1]);
    g->server = cx_col_text(rows, &c[2]);
    g->port = (uint16_t)cx_col_int(&c[3], 5060);
    g->transport = cx_col_text(rows, &c[4]);
    g->prefix = cx_col_text(rows, &c[5]);
    g->suffix = cx_col_text(rows, &c[6]);
    g->inbound = cx_col_bool(&c[7]);
    e->resource_id = cx_col_text(rows, &c[8]);
}

/* Both are ordered by resource, so one pass shares them out. */
static int share_out(struct cx_account_rows *rows, const struct entry *entries, size_t count)
{
    size_t i = 0;

    for (size_t r = 0; r < rows->resource_count; r++) {
        struct cx_row_resource *resource = &rows->resources[r];
        size_t first = i;

        while (i < count && strcmp(entries[i].resource_id, resource->id) == 0)
            i++;
        if (i == first)
            continue;
        resource->gateways = cx_rows_alloc(rows, (i - first) * sizeof(*resource->gateways));
        if (!resource->gateways)
            return -ENOMEM;
        for (size_t k = first; k < i; k++)
            resource->gateways[resource->gateway_count++] = entries[k].gateway;
    }
    return 0;
}

int cx_select_resources(struct cx_db *db, struct cx_account_rows *rows, const char *account_id)
{
    void *entries = NULL;
    size_t count = 0;
    int err = cx_select(db, rows,
                        account_id ? "SELECT id, name, enabled, emergency, weight_cost, rules, doc "
                                     "FROM resource WHERE account_id = ? ORDER BY id"
                                   : "SELECT id, name, enabled, emergency, weight_cost, rules, doc "
                                     "FROM resource WHERE account_id IS NULL ORDER BY id",
                        account_id, sizeof(struct cx_row_resource), fill, (void **)&rows->resources,
                        &rows->resource_count);

    if (err == 0)
        err = cx_select(db, rows,
                        account_id
                            ? "SELECT g.name, g.enabled, g.server, g.port, g.transport, g.prefix, "
                              "g.suffix, g.inbound, g.resource_id "
                              "FROM resource r JOIN gateway g ON g.resource_id = r.id "
                              "WHERE r.account_id = ? ORDER BY g.resource_id, g.position"
                            : "SELECT g.name, g.enabled, g.server, g.port, g.transport, g.prefix, "
                              "g.suffix, g.inbound, g.resource_id "
                              "FROM resource r JOIN gateway g ON g.resource_id = r.id "
                              "WHERE r.account_id IS NULL ORDER BY g.resource_id, g.position",
                        account_id, sizeof(struct entry), fill_gateway, &entries, &count);
    return err < 0 ? err : share_out(rows, entries, count);
}
