/*
 * lamp.h - the message lamp (message-summary, RFC 3842): who has how many messages, told to their
 * phones.
 *
 * Used by the loader process only. Phones learn it when they register (after each REGISTER, so also
 * after a restart of phone or server), when a count changes, and, if they SUBSCRIBE, through the
 * presence module. SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef CX_LAMP_H
#define CX_LAMP_H

#include "db/rows/rows.h"
#include "routing/image.h"

struct cx_lamp;

struct cx_lamp *cx_lamp_new(void); /* NULL: no memory */

/* The counts as an account was loaded; tells the phones of owners whose counts changed. */
void cx_lamp_account(struct cx_lamp *lamp, const struct cx_account_rows *rows);
/* One box changed. */
void cx_lamp_box(struct cx_lamp *lamp, struct cx_id account, struct cx_id box,
                 uint32_t messages_new, uint32_t messages_saved);
/* This device registered: tell it. */
void cx_lamp_registered(struct cx_lamp *lamp, struct cx_id account, struct cx_id device);

#endif
