/*
 * media_row.h - a prompt that was recorded over the phone becomes a document of the account. For
 * questions (ask.h). SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef CX_MEDIA_ROW_H
#define CX_MEDIA_ROW_H

#include "../db/db.h"

struct cx_media_row {
    char account[33], id[33], key[100]; /* of the new row of table media */
    char name[129];
    long bytes;
};

/* Within a transaction: the row with its change_log line. 0 or an error of db.h. */
int cx_media_insert(struct cx_db *db, const struct cx_media_row *row);
/* A document's object in a change_log line. */
int cx_row_changed(struct cx_db *db, const char *account, const char *table, const char *id);

#endif
