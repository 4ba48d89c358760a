/*
 * documents.h - rows of an image that come from the documents which callflows name: rules of time,
 * menus, rooms, directories, fax boxes, lists of numbers. Private to this folder; part of layout.h.
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef CX_ROUTING_DOCUMENTS_H
#define CX_ROUTING_DOCUMENTS_H

#include "zone.h"

/* A program in CX_T_CODE. count 0: there is none. */
struct cx_code {
    uint32_t first, count;
};

/* ---- hours */

struct cx_zone_row {
    cx_ref name;
    uint32_t shift_first, shift_count; /* in CX_T_SHIFT */
    int32_t before;
    struct cx_zone_rule rule;
};

enum cx_cycle {
    CX_CYCLE_NEVER, /* the document says nothing usable */
    CX_CYCLE_DATE,
    CX_CYCLE_DAILY,
    CX_CYCLE_WEEKLY,
    CX_CYCLE_MONTHLY,
    CX_CYCLE_YEARLY,
    CX_CYCLES
};
enum cx_ordinal {
    CX_ORDINAL_EVERY,
    CX_ORDINAL_FIRST,
    CX_ORDINAL_FIFTH = 5,
    CX_ORDINAL_LAST,
    CX_ORDINALS
};
enum cx_forced { CX_FORCED_NOT, CX_FORCED_ON, CX_FORCED_OFF };

struct cx_hours_rule {
    struct cx_id id;
    cx_ref name;
    uint32_t zone;           /* the rule's own, in CX_T_ZONE; CX_NONE: the route's */
    uint32_t start_s, end_s; /* unix; 0: not said. The local day that they fall on counts */
    uint32_t days;           /* bit 1..31: days of the month */
    int32_t from_s, to_s;    /* of the local day; to < from: until the next day */
    uint32_t exclude_first, exclude_count; /* in CX_T_EXCLUDE */
    uint16_t interval;
    uint8_t cycle, ordinal;
    uint8_t wdays; /* bit 0 is Sunday */
    uint8_t month; /* 1..12, 0: not said */
    uint8_t forced;
    uint8_t spare;
};

/* A day on which the rule does not hold, or another rule that goes before. */
struct cx_exclude {
    uint32_t rule; /* CX_NONE: a day */
    uint32_t day;  /* civil day since 1970 */
};

/* Node temporal_route: which rule leads to which child, in the order in which they are asked. */
struct cx_route_row {
    uint32_t zone; /* CX_NONE: UTC */
    uint32_t link_first, link_count;
    uint32_t action; /* enum cx_route_action */
    cx_ref rules;    /* ids of what an action forces, with commas */
};
enum cx_route_action {
    CX_ROUTE_DECIDE,
    CX_ROUTE_MENU,
    CX_ROUTE_ENABLE,
    CX_ROUTE_DISABLE,
    CX_ROUTE_RESET
};

struct cx_link {
    cx_ref key;
    uint32_t rule; /* in CX_T_HOURS */
};

/* ---- what workers play and ask */

enum { CX_MENU_HUNT = 1, CX_MENU_SUPPRESS = 2, CX_MENU_RECORD_OFFNET = 4 };

struct cx_menu {
    struct cx_id id;
    cx_ref name, greeting;
    cx_ref invalid, transfer, exit; /* a sound; "" the system's; "0" none */
    cx_ref pin;
    struct cx_code allow, deny; /* what may be dialled in the menu */
    uint32_t timeout_ms, interdigit_ms;
    uint8_t retries, digits;
    uint16_t flags;
};

enum {
    CX_ROOM_MEMBER_MUTED = 1,
    CX_ROOM_MODERATOR_MUTED = 2,
    CX_ROOM_WAIT_MODERATOR = 4,
    CX_ROOM_PLAY_NAME = 8,
    CX_ROOM_NO_ENTRY_TONE = 16,
    CX_ROOM_NO_EXIT_TONE = 32,
    CX_ROOM_NO_WELCOME = 64,
    CX_ROOM_MEMBER_DEAF = 128,
    CX_ROOM_MODERATOR_DEAF = 256
};

struct cx_room {
    struct cx_id id;
    cx_ref name, language;
    cx_ref member_pins, moderator_pins; /* joined by "." */
    uint32_t owner;                     /* in CX_T_USER, or CX_NONE */
    uint32_t max;                       /* participants; 0: no limit */
    uint32_t flags;
};

enum cx_room_role { CX_ROLE_ANY, CX_ROLE_MEMBER, CX_ROLE_MODERATOR };

/* A number that callers of the main conference number type. Sorted by number. */
struct cx_room_number {
    cx_ref number;
    uint32_t room;
    uint32_t role; /* enum cx_room_role */
};

enum { CX_DIRECTORY_CONFIRM = 1, CX_DIRECTORY_FIRST_NAME = 2 };

struct cx_directory {
    struct cx_id id;
    cx_ref name, search; /* first_name, last_name, both */
    uint16_t min_digits, max_digits;
    uint32_t flags;
};

/* Who is in a directory and which callflow reaches them. Sorted by directory. */
struct cx_listed {
    uint32_t directory, callflow, user;
};

enum { CX_FAXBOX_T38 = 1, CX_FAXBOX_NO_T38 = 2 };

struct cx_faxbox {
    struct cx_id id;
    cx_ref name;
    uint32_t owner; /* in CX_T_USER, or CX_NONE */
    uint32_t flags;
};

/* ---- numbers in lists */

enum { CX_BLACKLIST_ANONYMOUS = 1 };

struct cx_blacklist {
    struct cx_id id;
    cx_ref name;
    uint32_t number_first, number_count; /* in CX_T_BLOCKED, sorted */
    uint32_t flags;
};

/* Which blacklist holds for whom: user CX_NONE is the account. Sorted by user. */
struct cx_applies {
    uint32_t user, blacklist;
};

struct cx_match_list {
    struct cx_id id;
    cx_ref name;
    uint32_t first, count; /* in CX_T_MATCH */
};

struct cx_match {
    cx_ref number; /* or empty: the pattern */
    cx_ref name;   /* shown instead of the caller's */
    cx_ref key;    /* for dynamic_cid: digits that choose this entry */
    struct cx_code pattern;
};

/* Node branch_variable: what it finds with a user, a device. Sorted by node, kind, row. */
struct cx_value {
    cx_ref variable;
    uint32_t kind; /* enum cx_value_kind */
    uint32_t row;  /* CX_T_USER or CX_T_DEVICE; 0 for the account */
    cx_ref value;
};
enum cx_value_kind { CX_VALUE_ACCOUNT, CX_VALUE_USER, CX_VALUE_DEVICE };

/* A dial plan: what is dialled becomes prefix + last capture + suffix. The first that matches. */
struct cx_dial_rule {
    struct cx_code pattern;
    cx_ref prefix, suffix;
    uint32_t kind; /* enum cx_value_kind: whose rule */
    uint32_t row;
};

#endif
