/*
 * rows.h - the rows of the shared database as C structs, one struct a table.
 *
 * Strings are NUL-terminated, never NULL unless the comment says so ("or NULL"), and belong to the
 * cx_account_rows (or cx_cluster_rows) that holds them: one cx_rows_free() ends them all.
 * Ids are 32 lower-case hex digits. Columns that are JSON come as text; the reader parses them.
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef CX_DB_ROWS_H
#define CX_DB_ROWS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct cx_row_account {
    const char *id;
    const char *parent_id; /* or NULL */
    const char *name;
    const char *realm;
    bool enabled;
    const char *timezone;
    const char *language;
    const char *country;          /* ISO 3166, two letters */
    int32_t max_calls;            /* -1: no limit */
    const char *caller_id;        /* JSON object or NULL */
    const char *call_restriction; /* JSON object or NULL */
    const char *music_on_hold;    /* media id or NULL */
    const char *doc;              /* JSON object */
};

struct cx_row_user {
    const char *id;
    const char *first_name;
    const char *last_name;
    bool enabled;
    const char *presence_id; /* or NULL */
    int32_t timeout_s;       /* -1: not set */
    bool do_not_disturb;
    int32_t max_calls;     /* -1: no limit */
    const char *caller_id; /* JSON or NULL, and so the next seven */
    const char *call_restriction;
    const char *call_forward;
    const char *call_failover;
    const char *call_forward_busy;
    const char *call_forward_no_answer;
    const char *hotdesk;
    const char *music_on_hold; /* media id or NULL */
    const char *doc;
};

struct cx_row_device {
    const char *id;
    const char *owner_id; /* or NULL */
    const char *name;
    const char *device_type;
    bool enabled;
    const char *sip_username; /* or NULL */
    const char *sip_ha1;      /* 32 hex digits, or NULL */
    const char *sip_method;   /* "password" or "ip" */
    const char *sip_ip;       /* or NULL */
    const char *sip_invite_format;
    const char *sip_route; /* or NULL */
    bool do_not_disturb;
    const char *caller_id; /* JSON or NULL, and so the next three */
    const char *call_restriction;
    const char *call_forward;
    const char *hotdesk;
    const char *music_on_hold; /* media id or NULL */
    const char *doc;
};

struct cx_row_vmbox {
    const char *id;
    const char *owner_id; /* or NULL */
    const char *mailbox;
    bool check_if_owner;
    bool skip_greeting;
    bool skip_instructions;
    const char *greeting_id;      /* media id or NULL */
    int32_t max_message_length_s; /* -1: not set */
    uint32_t messages_new;        /* counted in the same read */
    uint32_t messages_saved;
};

struct cx_row_media {
    const char *id;
    const char *name;
    const char *storage_key; /* or NULL: nothing uploaded yet */
};

struct cx_row_callflow {
    const char *id;
    const char *owner_id; /* or NULL */
    const char *name;     /* or NULL */
    const char *flow;     /* JSON object: module, data, children */
    const char **numbers;
    size_t number_count;
    const char **patterns;
    size_t pattern_count;
};

struct cx_row_number {
    const char *number; /* E.164 with + */
    bool force_outbound;
};

struct cx_row_gateway {
    const char *name;
    bool enabled;
    const char *server;
    uint16_t port;
    const char *transport; /* "udp", "tcp", "tls" */
    const char *prefix;
    const char *suffix;
    bool inbound;
};

struct cx_row_resource {
    const char *id;
    const char *name;
    bool enabled;
    bool emergency;
    uint8_t weight_cost;
    const char *rules; /* JSON array of patterns, or NULL: any number */
    const char *doc;
    struct cx_row_gateway *gateways; /* in order */
    size_t gateway_count;
};

/* The documents of tables that are all of one shape (0004_documents.sql), in the order of the
 * kinds. doc holds every key but name and owner_id. */
enum cx_document_kind {
    CX_DOCUMENT_MENU,
    CX_DOCUMENT_CONFERENCE,
    CX_DOCUMENT_DIRECTORY,
    CX_DOCUMENT_GROUP,
    CX_DOCUMENT_RULE,
    CX_DOCUMENT_RULE_SET,
    CX_DOCUMENT_BLACKLIST,
    CX_DOCUMENT_MATCH_LIST,
    CX_DOCUMENT_FAXBOX,
    CX_DOCUMENT_KINDS
};
/* The kind's table, also its kind in change_log. */
extern const char *const cx_document_tables[CX_DOCUMENT_KINDS];

struct cx_row_document {
    int kind; /* enum cx_document_kind */
    const char *id;
    const char *owner_id; /* or NULL */
    const char *name;
    const char *doc; /* JSON object */
};

struct cx_row_documents {
    const struct cx_row_document *items; /* by id */
    size_t count;
};

/* All of one account, from one consistent read. Arrays are sorted by id (numbers by number). */
struct cx_account_rows {
    struct cx_row_account account;
    struct cx_row_user *users;
    size_t user_count;
    struct cx_row_device *devices;
    size_t device_count;
    struct cx_row_vmbox *vmboxes;
    size_t vmbox_count;
    struct cx_row_media *media;
    size_t media_count;
    struct cx_row_callflow *callflows;
    size_t callflow_count;
    struct cx_row_number *numbers; /* in service on this account */
    size_t number_count;
    struct cx_row_resource
        *resources; /* the account's own carriers; all of the cluster's when account.id is "" */
    size_t resource_count;
    struct cx_row_documents documents[CX_DOCUMENT_KINDS];
    void *arena;        /* owns every string and array above */
    bool out_of_memory; /* cx_rows_alloc() failed once: the rows are not complete */
};

void cx_rows_free(struct cx_account_rows *rows);

/* Takes memory from the rows' arena; NULL when there is none. Zeroed, aligned for any type. */
void *cx_rows_alloc(struct cx_account_rows *rows, size_t size_bytes);
/* Copies a string (NULL stays NULL) into the arena. */
const char *cx_rows_strdup(struct cx_account_rows *rows, const char *text);

#endif
