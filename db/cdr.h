/*
 * cdr.h - call records into the cdr table.
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef CX_DB_CDR_H
#define CX_DB_CDR_H

#include "db.h"

/* Strings are borrowed and never NULL unless the comment says so. Times in unix milliseconds. */
struct cx_row_cdr {
    const char *id;
    const char *account_id;
    const char *interaction_id;
    const char *call_id;
    const char *call_direction; /* inbound, outbound, internal */
    const char *network;        /* onnet, offnet */
    const char *device_id;      /* or NULL, and so the next six */
    const char *owner_id;
    const char *callee_device_id;
    const char *callee_owner_id;
    const char *resource_id;
    const char *callflow_id;
    const char *forwarded_by; /* user, or a phone of nobody's */
    const char *caller_id_name;
    const char *caller_id_number;
    const char *callee_id_name;
    const char *callee_id_number;
    const char *from_uri;
    const char *to_uri;
    const char *request;
    int64_t start_ms;
    int64_t answer_ms; /* -1: never answered */
    int64_t end_ms;
    uint16_t sip_code;
    const char *hangup_cause;
    const char *hangup_by; /* caller, callee, system */
    const char *mos;       /* decimal, or NULL: unknown; and so the next two */
    const char *jitter_ms;
    const char *packet_loss; /* [%] */
    const char *path;        /* or NULL */
};

/* All or nothing, in one transaction; records that are there already are left alone. 0 or a db
 * error. */
int cx_cdr_insert(struct cx_db *db, const struct cx_row_cdr *rows, size_t n);

#endif
