/*
 * explain.h - every path that a call could take, with the reason for each turn.
 *
 * Walks route.h's own functions over all outcomes: what it says is what a call would do.
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef CX_ROUTING_EXPLAIN_H
#define CX_ROUTING_EXPLAIN_H

#include <stddef.h>
#include "route.h"

enum cx_explain_form { CX_EXPLAIN_TEXT, CX_EXPLAIN_JSON };

typedef void cx_write_h(void *arg, const char *text, size_t len);

/* Not for the call path: it may allocate. 0 or -ENOMEM. */
int cx_explain(const struct cx_image *image, const struct cx_image *cluster,
               const struct cx_env *env, const struct cx_call *call, enum cx_explain_form form,
               cx_write_h *write, void *arg);

#endif
