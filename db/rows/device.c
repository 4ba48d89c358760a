/*
 * device.c - device rows. See select.h.
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "select.h"

static void fill(struct cx_account_rows *rows, void *element, const struct cx_value *c)
{
    struct cx_row_device *d = element;

    d->id = cx_col_text(rows, &c[0]);
    d->owner_id = cx_col_maybe(rows, &c[1]);
    d->name = cx_col_text(rows, &c[2]);
    d->device_type = cx_col_text(rows, &c[3]);
    d->enabled = cx_col_bool(&c[4]);
    d->sip_username = cx_col_maybe(rows, &c[5]);
    d->sip_ha1 = cx_col_maybe(rows, &c[6]);
    d->sip_method = cx_col_text(rows, &c[7]);
    d->sip_ip = cx_col_maybe(rows, &c[8]);
    d->sip_invite_format = cx_col_text(rows, &c[9]);
    d->sip_route = cx_col_maybe(rows, &c[10]);
    d->do_not_disturb = cx_col_bool(&c[11]);
    d->caller_id = cx_col_maybe(rows, &c[12]);
    d->call_restriction = cx_col_maybe(rows, &c[13]);
    d->call_forward = cx_col_maybe(rows, &c[14]);
    d->hotdesk = cx_col_maybe(rows, &c[15]);
    d->music_on_hold = cx_col_maybe(rows, &c[16]);
    d->doc = cx_col_text(rows, &c[17]);
}

int cx_select_devices(struct cx_db *db, struct cx_account_rows *rows, const char *account_id)
{
    return cx_select(
        db, rows,
        "SELECT id, owner_id, name, device_type, enabled, sip_username, sip_ha1, sip_method, "
        "sip_ip, sip_invite_format, sip_route, do_not_disturb, caller_id, "
        "call_restriction, call_forward, hotdesk, music_on_hold, doc "
        "FROM device WHERE account_id = ? ORDER BY id",
        account_id, sizeof(struct cx_row_device), fill, (void **)&rows->devices,
        &rows->device_count);
}
