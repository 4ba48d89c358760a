/*
 * media.c - media rows. See select.h.
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "select.h"

static void fill(struct cx_account_rows *rows, void *element, const struct cx_value *c)
{
    struct cx_row_media *m = element;

    m->id = cx_col_text(rows, &c[0]);
    m->name = cx_col_text(rows, &c[1]);
    m->storage_key = cx_col_maybe(rows, &c[2]);
}

int cx_select_media(struct cx_db *db, struct cx_account_rows *rows, const char *account_id)
{
    return cx_select(
        db, rows, "SELECT id, name, storage_key FROM media WHERE account_id = ? ORDER BY id",
        account_id, sizeof(struct cx_row_media), fill, (void **)&rows->media, &rows->media_count);
}
