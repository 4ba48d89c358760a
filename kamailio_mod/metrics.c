/*
 * metrics.c - our counters among Kamailio's own, so that its RPC and Prometheus exporter show them.
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "core/counters.h"

#include "metrics.h"

static counter_handle_t handles[CX_METRIC_COUNT];

static const struct {
    const char *name;
    const char *doc;
} table[CX_METRIC_COUNT] = {
#define X(name, doc) {#name, doc},
#include "metrics.inc"
#undef X
};

int cx_metrics_init(void)
{
    for (int i = 0; i < CX_METRIC_COUNT; i++)
        if (counter_register(&handles[i], "centrex", table[i].name, 0, 0, 0, table[i].doc, 0) < 0)
            return -1;
    return 0;
}

void cx_metric_add(enum cx_metric metric, int n)
{
    counter_add(handles[metric], n);
}

unsigned long cx_metric_get(enum cx_metric metric)
{
    return (unsigned long)counter_get_val(handles[metric]);
}

const char *cx_metric_name(enum cx_metric metric)
{
    return table[metric].name;
}
