/*
 * outbox.h - what is to be sent by the herald: put into the database in the transaction that it is
 * about, so that it is sent exactly when that holds. SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef CX_OUTBOX_H
#define CX_OUTBOX_H

#include "api.h"

int cx_outbox_mail(struct cx_request *r, const char *account_id, const char *to,
                   const char *subject, const char *text);
/* The same delivery id: sent once. */
int cx_outbox_webhook(struct cx_db *db, const char *delivery_id, const char *account_id,
                      const char *webhook_id, const json_t *payload, int64_t now);

#endif
