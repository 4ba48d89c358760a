/*
 * branch.h - what one branch carries: the caller ID that is shown, and headers for the cluster's
 * own. SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef CX_BRANCH_H
#define CX_BRANCH_H

#include "core/parser/msg_parser.h"
#include "routing/call.h"

/* A branch to this URI. 1, or 0: no room. */
int cx_branch_add(struct sip_msg *msg, struct cx_str uri, const char *ruid);
/* Branch route. Always 1. */
int cx_branch(struct sip_msg *msg);

#endif
