/*
 * layout.h - how an account image lies in memory. Private to this folder.
 *
 * Header, tables, string pool. References are table indexes or offsets into the pool, where a
 * string is a 16-bit length and its bytes. Host byte order: an image never leaves its kind of
 * machine, and the version guards against another layout. SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef CX_ROUTING_LAYOUT_H
#define CX_ROUTING_LAYOUT_H

#include "image.h"
#include "recording.h"

#define CX_IMAGE_MAGIC   0x31495843u /* "CXI1" */
#define CX_IMAGE_VERSION 5u
#define CX_NONE          UINT32_MAX /* no such row */

typedef uint32_t cx_ref; /* offset into the pool; 0 is the empty string */

#include "documents.h"
#include "groups.h"

enum cx_table {
    CX_T_USER,
    CX_T_DEVICE,
    CX_T_BY_USERNAME, /* uint32_t: devices in order of user name */
    CX_T_OWNED,       /* uint32_t: devices, grouped by the user whose calls they get */
    CX_T_FORWARD,     /* groups.h */
    CX_T_GROUP,
    CX_T_MEMBER,
    CX_T_RING,
    CX_T_BOX,
    CX_T_CALLFLOW,
    CX_T_NODE,
    CX_T_CHILD,
    CX_T_ENTRY,   /* extensions and numbers -> callflow, sorted by text */
    CX_T_PATTERN, /* in the order in which they are tried */
    CX_T_NUMBER,  /* E.164 numbers in service, sorted */
    CX_T_RESOURCE,
    CX_T_GATEWAY,
    CX_T_RULE, /* programs of carriers' rules */
    CX_T_CODE, /* uint32_t: programs of pattern.h */
    /* documents.h */
    CX_T_ZONE,
    CX_T_SHIFT,
    CX_T_HOURS,
    CX_T_EXCLUDE,
    CX_T_ROUTE,
    CX_T_LINK,
    CX_T_MENU,
    CX_T_ROOM,
    CX_T_ROOM_NUMBER,
    CX_T_DIRECTORY,
    CX_T_LISTED,
    CX_T_FAXBOX,
    CX_T_BLACKLIST,
    CX_T_BLOCKED, /* cx_ref: numbers */
    CX_T_APPLIES,
    CX_T_MATCH_LIST,
    CX_T_MATCH,
    CX_T_LIST, /* uint32_t: match lists that a node names */
    CX_T_VALUE,
    CX_T_DIAL_RULE,
    CX_T_ID,        /* struct cx_id: of documents that are no rows, or no more */
    CX_T_RECORDING, /* struct cx_recording: each set of wishes once; the first has none */
    CX_TABLES
};

struct cx_span {
    uint32_t offset; /* [bytes] from the start of the image */
    uint32_t count;  /* rows */
};

struct cx_image {
    uint32_t magic;
    uint32_t version;
    uint32_t size;     /* [bytes] all of it */
    uint32_t checksum; /* of all that follows this field */
    struct cx_id account;
    cx_ref name, realm, timezone, language;
    char country[4];
    uint32_t enabled;
    struct cx_limits limits;
    uint32_t deny;    /* number classes, as bits of restrict.h */
    uint32_t privacy; /* CX_HIDE_...: of calls to the outside world */
    cx_ref external_name, external_number;
    cx_ref emergency_name, emergency_number;
    uint32_t no_match; /* callflow, or CX_NONE */
    struct cx_recording recording_account, recording_endpoint;
    uint32_t preflow; /* callflow that every call passes first, or CX_NONE */
    uint32_t zone;    /* of the account, in CX_T_ZONE, or CX_NONE: UTC, or no rule needs it */
    uint32_t flags;   /* CX_ACCOUNT_... */
    struct cx_span tables[CX_TABLES];
    uint32_t pool; /* [bytes] offset of the string pool */
    uint32_t pool_bytes;
};

enum { CX_ACCOUNT_BLOCK_ANONYMOUS = 1 };

struct cx_caller_id {
    cx_ref internal_name, internal_number;
    cx_ref external_name, external_number;
    cx_ref emergency_name, emergency_number;
};

/* Bits of `privacy`. */
enum { CX_HIDE_NUMBER = 1, CX_HIDE_NAME = 2, CX_HIDE_SAID = 4 };

/* In `deny`, beside the number classes: only extensions of the caller's own groups. */
#define CX_DENY_OTHER_GROUPS (1u << 31)

enum {
    CX_USER_ENABLED = 1,
    CX_USER_DND = 2,     /* or the whole account's */
    CX_USER_HOTDESK = 4, /* may log in */
    CX_USER_CALL_WAITING = 8,
    CX_USER_NO_CALL_WAITING = 16,
};

struct cx_user {
    struct cx_id id;
    cx_ref name;     /* first and last */
    cx_ref presence; /* main extension */
    struct cx_caller_id caller_id;
    uint32_t deny;
    uint32_t owned_first; /* in CX_T_OWNED */
    uint16_t owned_count;
    uint16_t timeout_s; /* 0: not set */
    struct cx_forwards forwards;
    int32_t max_calls; /* -1: no limit */
    uint8_t flags;
    uint8_t privacy;
    uint16_t zero;
    uint32_t recording; /* in CX_T_RECORDING */
};

enum {
    CX_DEVICE_ENABLED = 1,
    CX_DEVICE_DND = 2,
    CX_DEVICE_HOTDESKED = 4,       /* owner is who is logged in; CX_NONE: several are */
    CX_DEVICE_NO_CALL_WAITING = 8, /* a second call finds it busy; user and account considered */
};

struct cx_device {
    struct cx_id id;
    uint32_t owner; /* user whose phone it is now, or CX_NONE: hot desk considered */
    cx_ref name, username, ha1, ip, route;
    cx_ref tone_internal, tone_external; /* ringing tones */
    struct cx_caller_id caller_id;
    uint32_t deny; /* of its several hot-desk users, what all of them are denied */
    struct cx_forwards forwards;
    uint16_t flags;
    uint16_t privacy;
    uint32_t recording; /* in CX_T_RECORDING */
};

enum { CX_BOX_CHECK_IF_OWNER = 1, CX_BOX_SKIP_GREETING = 2, CX_BOX_SKIP_INSTRUCTIONS = 4 };

struct cx_box {
    struct cx_id id;
    uint32_t owner; /* user or CX_NONE */
    cx_ref mailbox, greeting;
    uint16_t max_s; /* 0: not set */
    uint16_t flags;
};

struct cx_callflow {
    struct cx_id id;
    uint32_t first_node; /* its root */
    uint32_t node_count;
    uint32_t owner;
};

enum {
    CX_NODE_CAN_CALL_SELF = 1,
    CX_NODE_SKIP = 2,
    CX_NODE_CHECK = 4,
    CX_NODE_FAIL_ON_REJECT = 8,
    CX_NODE_SINGLE = 16,
};

struct cx_node {
    uint8_t module; /* enum cx_module of nodes.h */
    uint8_t flags;
    uint16_t number; /* timeout in seconds, or a SIP code */
    uint32_t ref;    /* row that data.id names, or CX_NONE */
    uint32_t id;     /* data.id in CX_T_ID, when `ref` says no such document; or CX_NONE */
    cx_ref text;     /* a reason, a media id's storage key */
    cx_ref text2;
    uint32_t path_hash; /* of the child keys from the root */
    uint32_t child_first;
    uint32_t child_count;
};

struct cx_child {
    cx_ref key;
    uint32_t node; /* in CX_T_NODE */
};

struct cx_entry {
    cx_ref text;
    uint32_t callflow;
};

struct cx_pattern_row {
    cx_ref text;
    uint32_t callflow;
    uint32_t code_first; /* in CX_T_CODE */
    uint32_t code_count;
};

enum { CX_NUMBER_FORCE_OUTBOUND = 1 };

struct cx_number_row {
    cx_ref text;
    uint32_t flags;
};

enum { CX_RESOURCE_ENABLED = 1, CX_RESOURCE_EMERGENCY = 2 };

struct cx_resource_row {
    struct cx_id id;
    cx_ref name;
    uint32_t flags;
    uint32_t weight;
    uint32_t rule_first, rule_count;
    uint32_t gateway_first, gateway_count;
};

enum { CX_GATEWAY_ENABLED = 1, CX_GATEWAY_INBOUND = 2 };

struct cx_gateway_row {
    cx_ref server, transport, prefix, suffix;
    uint32_t resource;
    uint16_t port;
    uint16_t flags;
};

struct cx_rule_row {
    uint32_t code_first, code_count;
};

extern const uint32_t cx_table_row_bytes[CX_TABLES];

static inline const void *cx_table(const struct cx_image *image, enum cx_table table)
{
    return (const char *)image + image->tables[table].offset;
}

static inline uint32_t cx_count(const struct cx_image *image, enum cx_table table)
{
    return image->tables[table].count;
}

/* The rows of a table, typed: CX_ROWS(image, CX_T_USER, struct cx_user)[i] */
#define CX_ROWS(image, table, type) ((const type *)cx_table((image), (table)))

struct cx_str cx_pool(const struct cx_image *image, cx_ref ref);

/* Rows by what names them, or NULL. */
const struct cx_device *cx_find_device(const struct cx_image *image, struct cx_id id);
const struct cx_user *cx_find_user(const struct cx_image *image, struct cx_id id);
const struct cx_device *cx_find_username(const struct cx_image *image, struct cx_str username);
bool cx_find_entry(const struct cx_image *image, struct cx_str text, uint32_t *callflow);
const struct cx_number_row *cx_find_number(const struct cx_image *image, struct cx_str e164);
const struct cx_callflow *cx_find_callflow(const struct cx_image *image, struct cx_id id);
/* A row of a table that is sorted by its first field, an id. */
const void *cx_find_id(const struct cx_image *image, enum cx_table table, struct cx_id id);
/* Do rows of this table begin with their document's id? */
bool cx_has_ids(enum cx_table table);
/* The document that a node names (data.id); zero: none. */
struct cx_id cx_node_id(const struct cx_image *image, const struct cx_node *node);
/* The row's index in its table. */
uint32_t cx_index(const struct cx_image *image, enum cx_table table, const void *row);

uint32_t cx_checksum(const void *data, size_t len);
int cx_str_compare(struct cx_str a, struct cx_str b);
bool cx_str_equal_z(struct cx_str a, const char *z);

#endif
