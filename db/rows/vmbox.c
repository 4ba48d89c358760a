/*
 * vmbox.c - voicemail box rows, with their messages counted. See select.h.
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "select.h"

static void fill(struct cx_account_rows *rows, void *element, const struct cx_value *c)
{
    struct cx_row_vmbox *v = element;

    v->id = cx_col_text(rows, &c[0]);
    v->owner_id = cx_col_maybe(rows, &c[1]);
    v->mailbox = cx_col_text(rows, &c[2]);
    v->check_if_owner = cx_col_bool(&c[3]);
    v->skip_greeting = cx_col_bool(&c[4]);
    v->skip_instructions = cx_col_bool(&c[5]);
    v->greeting_id = cx_col_maybe(rows, &c[6]);
    v->max_message_length_s = (int32_t)cx_col_int(&c[7], -1);
    v->messages_new = (uint32_t)cx_col_int(&c[8], 0);
    v->messages_saved = (uint32_t)cx_col_int(&c[9], 0);
}

int cx_select_vmboxes(struct cx_db *db, struct cx_account_rows *rows, const char *account_id)
{
    return cx_select(db, rows,
                     "SELECT b.id, b.owner_id, b.mailbox, b.check_if_owner, b.skip_greeting, "
                     "b.skip_instructions, b.greeting_id, b.max_message_length, "
                     "CAST(COALESCE(SUM(m.folder = 'new'), 0) AS SIGNED), "
                     "CAST(COALESCE(SUM(m.folder = 'saved'), 0) AS SIGNED) "
                     "FROM vmbox b LEFT JOIN vm_message m ON m.vmbox_id = b.id "
                     "WHERE b.account_id = ? GROUP BY b.id ORDER BY b.id",
                     account_id, sizeof(struct cx_row_vmbox), fill, (void **)&rows->vmboxes,
                     &rows->vmbox_count);
}
