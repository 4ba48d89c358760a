/*
 * process.h - one process of the API: takes FastCGI requests until it is told to stop.
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef CX_PROCESS_H
#define CX_PROCESS_H

#include <signal.h>

#include "api.h"

/* 0 when *stopping was set, negative after an error that only a new process can mend. */
int cx_process_run(struct cx_api *api, int socket, volatile sig_atomic_t *stopping);

#endif
