/*
 * ticket.h - the signed header that lets a worker call for an account (kamailio_mod/inside.c reads
 * it): as its user, or as the account itself; routing applies the restrictions.
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef CX_FAX_TICKET_H
#define CX_FAX_TICKET_H

#include <stddef.h>

#include "queue.h"

/* "X-Centrex-Forward: ...\r\n" and what goes with it. secret: 64 hex digits. 0 or -EINVAL. */
int cx_fax_ticket(const struct cx_fax_job *job, const char *secret, char *headers, size_t size);

#endif
