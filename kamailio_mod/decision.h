/*
 * decision.h - the trace of one call, rule after rule, as text for its record and for the log.
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef CX_DECISION_H
#define CX_DECISION_H

#include "context.h"

/* Adds the step's trace to the context's path: one decision a line; what does not fit is counted.
 */
void cx_decision_add(struct cx_context *ctx, const struct cx_step *step);

#endif
