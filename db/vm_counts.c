/*
 * vm_counts.c - see vm_counts.h.
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "vm_counts.h"

static int on_row(void *arg, const struct cx_value *c, size_t n)
{
    uint32_t *counts = arg;

    (void)n;
    counts[0] = (uint32_t)c[0].i;
    counts[1] = (uint32_t)c[1].i;
    return 0;
}

int cx_vmbox_counts(struct cx_db *db, const char *vmbox_id, uint32_t *messages_new,
                    uint32_t *messages_saved)
{
    struct cx_value id = cx_text(vmbox_id);
    uint32_t counts[2] = {0, 0};
    int err = cx_db_query(db,
                          "SELECT CAST(COALESCE(SUM(folder = 'new'), 0) AS SIGNED), "
                          "CAST(COALESCE(SUM(folder = 'saved'), 0) AS SIGNED) "
                          "FROM vm_message WHERE vmbox_id = ?",
                          &id, 1, on_row, counts);

    *messages_new = counts[0];
    *messages_saved = counts[1];
    return err;
}
