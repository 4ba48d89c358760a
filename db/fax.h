/*
 * fax.h - a fax that is to be sent: its document in the storage, its row in the queue. For the API
 * and for mails that become faxes; the workers' queue (media_worker/fax/queue.h) sends it.
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef CX_DB_FAX_H
#define CX_DB_FAX_H

#include <stdbool.h>

#include "db.h"

struct cx_fax_request {
    const char *id, *account_id;
    const char *owner_id, *faxbox_id; /* or NULL */
    const char *to_number, *to_name, *from_number, *from_name;
    int retries;
    const char *storage_key, *content_type;
    int64_t size;
    const char *doc; /* JSON: notifications and what else belongs to it */
    const char *actor;
};

/* A number that can be dialled: digits, * and #, a + at the start; up to 32. */
bool cx_fax_number_is_valid(const char *number);
/* Digits of "(+353) 1 555-0100" without what people put between them. False: no number. */
bool cx_fax_number_read(const char *text, char *number, size_t size);

/* Writes the document to STORAGE/<account>/fax/<id>.document, synced; key: its storage key. 0 or
 * -errno. */
int cx_fax_store(const char *storage, const char *account_id, const char *id, const void *data,
                 size_t size, char key[128]);
/* The row and its change_log line, within a transaction. 0; -EEXIST: it is there already; -ECHILD:
 * there is no such account; or an error of db.h. */
int cx_fax_insert(struct cx_db *db, const struct cx_fax_request *request);

#endif
