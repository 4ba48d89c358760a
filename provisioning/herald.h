/*
 * herald.h - the process that tells the world: webhooks and e-mails, never in a request's way.
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef CX_HERALD_H
#define CX_HERALD_H

#include <signal.h>

#include "api.h"

/* Until *stopping. Of all nodes' heralds one works at a time (a lock in the database). */
int cx_herald_run(struct cx_api *api, volatile sig_atomic_t *stopping);

#endif
