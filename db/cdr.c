/*
 * cdr.c - see cdr.h.
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include <string.h>

#include "cdr.h"

/* Texts come from SIP messages: cut to the column, and never in the middle of a UTF-8 character. */
static struct cx_value cut(const char *text, size_t max)
{
    size_t len = strlen(text);

    if (len > max) {
        len = max;
        while (len > 0 && ((unsigned char)text[len] & 0xc0) == 0x80)
            len--;
    }
    return cx_textn(text, len);
}

static int insert_one(struct cx_db *db, const struct cx_row_cdr *r)
{
    int64_t end = r->end_ms > r->start_ms ? r->end_ms : r->start_ms;
    struct cx_value params[] = {
        cx_text(r->id),
        cx_text(r->account_id),
        cx_text(r->interaction_id),
        cut(r->call_id, 255),
        cx_text(r->call_direction),
        cx_text(r->network),
        cx_text(r->device_id),
        cx_text(r->owner_id),
        cx_text(r->callee_device_id),
        cx_text(r->callee_owner_id),
        cx_text(r->resource_id),
        cx_text(r->callflow_id),
        cut(r->caller_id_name, 128),
        cut(r->caller_id_number, 64),
        cut(r->callee_id_name, 128),
        cut(r->callee_id_number, 64),
        cut(r->from_uri, 255),
        cut(r->to_uri, 255),
        cut(r->request, 255),
        cx_int(r->start_ms),
        r->answer_ms >= 0 ? cx_int(r->answer_ms) : cx_null(),
        cx_int(end),
        cx_int(end - r->start_ms),
        cx_int(r->answer_ms >= 0 && end > r->answer_ms ? end - r->answer_ms : 0),
        cx_int(r->sip_code),
        cx_text(r->hangup_cause),
        cx_text(r->hangup_by),
        cx_text(r->mos),
        cx_text(r->jitter_ms),
        cx_text(r->packet_loss),
        cx_text(r->path),
    };

    return cx_db_exec(
        db,
        "INSERT INTO cdr (id, account_id, interaction_id, call_id, call_direction, network, "
        "device_id, owner_id, callee_device_id, callee_owner_id, resource_id, callflow_id, "
        "caller_id_name, caller_id_number, callee_id_name, callee_id_number, from_uri, "
        "to_uri, request, start_ms, answer_ms, end_ms, duration_ms, billing_ms, sip_code, "
        "hangup_cause, hangup_by, mos, jitter_ms, packet_loss, path) "
        "VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?) "
        "ON DUPLICATE KEY UPDATE id = id",
        params, sizeof(params) / sizeof(*params), NULL);
}

struct batch {
    const struct cx_row_cdr *rows;
    size_t n;
};

static int insert_all(struct cx_db *db, void *arg)
{
    const struct batch *b = arg;
    int err = 0;

    for (size_t i = 0; err == 0 && i < b->n; i++)
        err = insert_one(db, &b->rows[i]);
    return err;
}

int cx_cdr_insert(struct cx_db *db, const struct cx_row_cdr *rows, size_t n)
{
    struct batch b = {rows, n};

    return cx_db_transaction(db, insert_all, &b);
}
