/*
 * account.c - the account row. See select.h.
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include <errno.h>

#include "select.h"

static void fill(struct cx_account_rows *rows, void *element, const struct cx_value *c)
{
    struct cx_row_account *a = element;

    a->id = cx_col_text(rows, &c[0]);
    a->parent_id = cx_col_maybe(rows, &c[1]);
    a->name = cx_col_text(rows, &c[2]);
    a->realm = cx_col_text(rows, &c[3]);
    a->enabled = cx_col_bool(&c[4]);
    a->timezone = cx_col_text(rows, &c[5]);
    a->language = cx_col_text(rows, &c[6]);
    a->country = cx_col_text(rows, &c[7]);
    a->max_calls = (int32_t)cx_col_int(&c[8], -1);
    a->caller_id = cx_col_maybe(rows, &c[9]);
    a->call_restriction = cx_col_maybe(rows, &c[10]);
    a->music_on_hold = cx_col_maybe(rows, &c[11]);
    a->doc = cx_col_text(rows, &c[12]);
}

int cx_select_account(struct cx_db *db, struct cx_account_rows *rows, const char *account_id)
{
    struct cx_row_account *found;
    void *array;
    size_t count;
    int err = cx_select(db, rows,
                        "SELECT id, parent_id, name, realm, enabled, timezone, language, country, "
                        "max_calls, caller_id, call_restriction, music_on_hold, doc "
                        "FROM account WHERE id = ?",
                        account_id, sizeof(struct cx_row_account), fill, &array, &count);

    if (err < 0)
        return err;
    if (count == 0)
        return -ENOENT;
    found = array;
    rows->account = *found;
    return 0;
}
