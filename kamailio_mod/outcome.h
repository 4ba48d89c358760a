/*
 * outcome.h - what came of the branches of one stage, in routing's terms.
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef CX_OUTCOME_H
#define CX_OUTCOME_H

#include "modules/tm/h_table.h"
#include "routing/step.h"

/* Looks at the branches whose ruid says `stage`. *code: the reply that decided, or 408. */
enum cx_outcome cx_outcome_of(const struct cell *t, unsigned stage, uint16_t *code);

/* The final reply of the stage's newest branch: a gateway or worker is alone in its attempt.
 * *silent: it never sent anything. 0: none. */
int cx_outcome_single(const struct cell *t, bool *silent, const struct sip_msg **reply);

#endif
