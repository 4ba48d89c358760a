/*
 * cdr.c - see cdr.h.
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include <string.h>

#include "cdr.h"

#define TEXT_MAX 255 /* the longest text column */

/* Bytes of the UTF-8 character at p (RFC 3629: no overlong forms, no surrogates); 0: not one. */
static size_t utf8_length(const unsigned char *p)
{
    size_t n = p[0] < 0x80 ? 1 : p[0] < 0xc2 ? 0 : p[0] < 0xe0 ? 2 : p[0] < 0xf0 ? 3 : 4;

    if (p[0] > 0xf4 || (p[0] == 0xe0 && p[1] < 0xa0) || (p[0] == 0xed && p[1] > 0x9f) ||
        (p[0] == 0xf0 && p[1] < 0x90) || (p[0] == 0xf4 && p[1] > 0x8f))
        return 0;
    for (size_t i = 1; i < n; i++)
        if ((p[i] & 0xc0) != 0x80)
            return 0;
    return n;
}

/* Texts come from SIP messages, so they may hold anything: cut to the column, never in the middle
 * of a character, and what is not UTF-8 becomes '?'. A record must not be refused for its looks. */
static struct cx_value tidy(char buffer[TEXT_MAX], const char *text, size_t max)
{
    size_t len = 0;

    for (const char *p = text; *p;) {
        size_t n = utf8_length((const unsigned char *)p);
        if (len + (n ? n : 1) > max)
            break;
        if (n)
            memcpy(buffer + len, p, n);
        else
            buffer[len] = '?';
        len += n ? n : 1;
        p += n ? n : 1;
    }
    return cx_textn(buffer, len);
}

static int insert_one(struct cx_db *db, const struct cx_row_cdr *r)
{
    char text[8][TEXT_MAX];
    int64_t end = r->end_ms > r->start_ms ? r->end_ms : r->start_ms;
    struct cx_value params[] = {
        cx_text(r->id),
        cx_text(r->account_id),
        cx_text(r->interaction_id),
        tidy(text[0], r->call_id, 255),
        cx_text(r->call_direction),
        cx_text(r->network),
        cx_text(r->device_id),
        cx_text(r->owner_id),
        cx_text(r->callee_device_id),
        cx_text(r->callee_owner_id),
        cx_text(r->resource_id),
        cx_text(r->callflow_id),
        cx_text(r->forwarded_by),
        tidy(text[1], r->caller_id_name, 128),
        tidy(text[2], r->caller_id_number, 64),
        tidy(text[3], r->callee_id_name, 128),
        tidy(text[4], r->callee_id_number, 64),
        tidy(text[5], r->from_uri, 255),
        tidy(text[6], r->to_uri, 255),
        tidy(text[7], r->request, 255),
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
        "forwarded_by, "
        "caller_id_name, caller_id_number, callee_id_name, callee_id_number, from_uri, "
        "to_uri, request, start_ms, answer_ms, end_ms, duration_ms, billing_ms, sip_code, "
        "hangup_cause, hangup_by, mos, jitter_ms, packet_loss, path) "
        "VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?) "
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
