/*
 * metrics.h - counters: see metrics.inc.
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef CX_METRICS_H
#define CX_METRICS_H

enum cx_metric {
#define X(name, doc) CX_M_##name,
#include "metrics.inc"
#undef X
    CX_METRIC_COUNT
};

int cx_metrics_init(void); /* mod_init: 0 or -1 */
void cx_metric_add(enum cx_metric metric, int n);
#define cx_count(name) cx_metric_add(CX_M_##name, 1)
unsigned long cx_metric_get(enum cx_metric metric);
const char *cx_metric_name(enum cx_metric metric);

#endif
