/*
 * user.c - user rows. See select.h.
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "select.h"

static void fill(struct cx_account_rows *rows, void *element, const struct cx_value *c)
{
    struct cx_row_user *u = element;

    u->id = cx_col_text(rows, &c[0]);
    u->first_name = cx_col_text(rows, &c[1]);
    u->last_name = cx_col_text(rows, &c[2]);
    u->enabled = cx_col_bool(&c[3]);
    u->presence_id = cx_col_maybe(rows, &c[4]);
    u->timeout_s = (int32_t)cx_col_int(&c[5], -1);
    u->do_not_disturb = cx_col_bool(&c[6]);
    u->max_calls = (int32_t)cx_col_int(&c[7], -1);
    u->caller_id = cx_col_maybe(rows, &c[8]);
    u->call_restriction = cx_col_maybe(rows, &c[9]);
    u->call_forward = cx_col_maybe(rows, &c[10]);
    u->call_failover = cx_col_maybe(rows, &c[11]);
    u->call_forward_busy = cx_col_maybe(rows, &c[12]);
    u->call_forward_no_answer = cx_col_maybe(rows, &c[13]);
    u->hotdesk = cx_col_maybe(rows, &c[14]);
    u->music_on_hold = cx_col_maybe(rows, &c[15]);
    u->doc = cx_col_text(rows, &c[16]);
}

int cx_select_users(struct cx_db *db, struct cx_account_rows *rows, const char *account_id)
{
    return cx_select(
        db, rows,
        "SELECT id, first_name, last_name, enabled, presence_id, timeout, do_not_disturb, "
        "max_calls, caller_id, call_restriction, call_forward, call_failover, "
        "call_forward_busy, call_forward_no_answer, hotdesk, music_on_hold, doc "
        "FROM user WHERE account_id = ? ORDER BY id",
        account_id, sizeof(struct cx_row_user), fill, (void **)&rows->users, &rows->user_count);
}
