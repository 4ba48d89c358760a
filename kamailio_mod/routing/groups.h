/*
 * groups.h - rows of forwards, groups and ring groups in an image. Private to this folder; part of
 * layout.h. SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef CX_ROUTING_GROUPS_H
#define CX_ROUTING_GROUPS_H

/* When a call is forwarded. */
enum cx_forward_rule {
    CX_FORWARD_ALWAYS,
    CX_FORWARD_BUSY,
    CX_FORWARD_NO_ANSWER,
    CX_FORWARD_FAILOVER, /* no phone of theirs is registered */
    CX_FORWARD_RULES
};

enum {
    CX_FORWARD_DIRECT_ONLY = 1, /* not for calls that come by a group */
    CX_FORWARD_KEEP_CALLER = 2,
    CX_FORWARD_CONFIRM = 4,
    CX_FORWARD_IGNORE_EARLY = 8,
    CX_FORWARD_SUBSTITUTE = 16, /* the phones do not ring */
};

/* Only rules that are on and have a number are in an image. */
struct cx_forward_row {
    cx_ref number;
    uint8_t rule;
    uint8_t flags;
    uint16_t zero;
};

/* At most one row a rule, in CX_T_FORWARD. */
struct cx_forwards {
    uint32_t first;
    uint32_t count;
};

enum cx_member_kind { CX_MEMBER_USER, CX_MEMBER_DEVICE, CX_MEMBER_GROUP, CX_MEMBER_KINDS };

/* Of a group or of a ring group. */
struct cx_member {
    uint32_t ref; /* row in the table of its kind, or CX_NONE: it does not exist */
    uint8_t kind;
    uint8_t weight;     /* 1 to 100; 0: not said */
    uint16_t delay_s;   /* rings so late */
    uint16_t timeout_s; /* and so long; 0: not said */
    uint16_t zero;
    uint32_t disabled_until; /* unix time [s]; logged out of the group before */
};

struct cx_group {
    struct cx_id id;
    cx_ref name;
    uint32_t member_first; /* in CX_T_MEMBER */
    uint32_t member_count;
};

enum cx_ring_strategy { CX_RING_SIMULTANEOUS, CX_RING_SINGLE, CX_RING_RANDOM };

enum { CX_RING_IGNORE_REDIRECT = 1, CX_RING_FAIL_ON_REJECT = 2 };

/* Ring groups; pickups: whose calls, and who may take them. */
struct cx_ring {
    cx_ref name;
    cx_ref ringback; /* as cx_flow_sound() gives it */
    cx_ref tone_internal, tone_external;
    uint32_t member_first, member_count;
    uint32_t approved_first, approved_count; /* pickups; count 0: everybody */
    uint16_t timeout_s;                      /* 0: as long as its members */
    uint16_t repeats;
    uint8_t strategy;
    uint8_t flags;
    uint16_t zero;
};

/* What an account may use at once; -1: no limit. */
struct cx_limits {
    int32_t calls;
    int32_t inbound, outbound;   /* with the outside world */
    int32_t outbound_per_minute; /* begun; against toll fraud */
};

#endif
