/*
 * media_row.c - see media_row.h. SPDX-License-Identifier: GPL-2.0-or-later
 */
#include <time.h>

#include "../db/change_log.h"
#include "media_row.h"

int cx_row_changed(struct cx_db *db, const char *account, const char *table, const char *id)
{
    return cx_change_append(db, account, table, id, "update", "worker");
}

int cx_media_insert(struct cx_db *db, const struct cx_media_row *row)
{
    int64_t now = (int64_t)time(NULL);
    struct cx_value params[] = {cx_text(row->id),   cx_text(row->account), cx_text(row->name),
                                cx_int(row->bytes), cx_text(row->key),     cx_int(now),
                                cx_int(now)};
    int err = cx_db_exec(db,
                         "INSERT INTO media (id, account_id, name, media_source, content_type, "
                         "content_length, storage_key, created, modified) VALUES (?, ?, ?, "
                         "'recording', 'audio/x-wav', ?, ?, ?, ?)",
                         params, sizeof(params) / sizeof(*params), NULL);

    return err < 0 ? err : cx_change_append(db, row->account, "media", row->id, "create", "worker");
}
