/*
 * registrations.h - who is registered, kept in a file, so that phones can be called at once after a
 * restart.
 *
 * usrloc stays in memory (a database outage never stops a REGISTER). SIP processes tell the loader
 * of each change through a pipe, without waiting; the loader appends a line to the file. Contacts
 * over UDP are put back at start; connections (TCP, TLS, WebSocket) do not outlive the process, so
 * those are not. SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef CX_REGISTRATIONS_H
#define CX_REGISTRATIONS_H

#include "modules/usrloc/usrloc.h"

/* mod_init, after usrloc: puts back what is in folder/registrations and listens for changes.
 * Number of contacts put back, or -errno. */
int cx_registrations_init(const char *folder, usrloc_api_t *ul, udomain_t *location);

/* Loader: moves what has changed into the file. 0 or -errno. */
int cx_registrations_collect(void);

#endif
