/*
 * number.c - the numbers in service on an account. See select.h.
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "select.h"

static void fill(struct cx_account_rows *rows, void *element, const struct cx_value *c)
{
    struct cx_row_number *n = element;

    n->number = cx_col_text(rows, &c[0]);
    n->force_outbound = cx_col_bool(&c[1]);
}

int cx_select_numbers(struct cx_db *db, struct cx_account_rows *rows, const char *account_id)
{
    return cx_select(db, rows,
                     "SELECT number, force_outbound FROM phone_number "
                     "WHERE account_id = ? AND state IN ('in_service', 'port_out') ORDER BY number",
                     account_id, sizeof(struct cx_row_number), fill, (void **)&rows->numbers,
                     &rows->number_count);
}
