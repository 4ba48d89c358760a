/*
 * step.h - what routing answers: one step, and the cursor that resumes after it.
 *
 * A step is plain data in a caller's buffer. Its strings point into the image it came from or into
 * its own `text` arena: they live as long as both.
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef CX_ROUTING_STEP_H
#define CX_ROUTING_STEP_H

#include "call.h"

#define CX_STEP_TARGETS_MAX  32 /* tm's own limit of branches */
#define CX_STEP_GATEWAYS_MAX 16
#define CX_STEP_TEXT_MAX     8192 /* [bytes] strings made for this step */
#define CX_STEP_PARAMS_MAX   2048 /* [bytes] parameters of a service */
#define CX_TRACE_MAX         48   /* events; later ones are counted, not kept */

enum cx_step_kind {
    CX_STEP_RING = 1, /* ring targets; resumes with an outcome */
    CX_STEP_SERVICE,  /* hand the caller to a media worker; resumes with CONTINUE */
    CX_STEP_OUTBOUND, /* to a carrier; the gateways are tried in order within the step */
    CX_STEP_ENTER,    /* another account of this cluster: route there as CX_FROM_ONNET */
    CX_STEP_REPLY,    /* final answer */
    CX_STEP_PICKUP,   /* the caller takes over a call of one of u.pickup's phones. No such call:
                         resumes with UNREACHABLE */
    CX_STEP_PARK, /* u.park: the caller (or who was transferred here) waits in a slot, or fetches
                     who waits there. Nothing to fetch, or no free slot: UNREACHABLE; the slot is
                     taken: BUSY; the ring-back was not answered: CONTINUE with the slot as key */
};

enum cx_outcome {
    CX_OUT_ANSWERED = 1,
    CX_OUT_BUSY,        /* 486, 600 */
    CX_OUT_NO_ANSWER,   /* 408, 480 after ringing, ringing time over */
    CX_OUT_UNREACHABLE, /* nobody registered, no reply at all */
    CX_OUT_REJECTED,    /* 603, 403 and other refusals */
    CX_OUT_FAILED,      /* carriers: every gateway failed */
    CX_OUT_CONTINUE,    /* a service is done: take the child `key` */
};

/* A leg that forwards: the cluster calls `number` as the forwarder would (its restrictions, caller
 * ID, carriers). The module makes it a branch to the cluster itself, and so a call of the forwarder
 * through routing again: a cx_call that is `forwarded`, one forward hop more than this call, with
 * user, device and keep_caller_id as here and as caller what this step shows. */
struct cx_forward {
    struct cx_str number; /* as the forwarder would dial it: number, extension, "**" and a box's
                             number; empty: the target is no forward */
    struct cx_id user;    /* forwarder; zero: a phone of nobody's */
    struct cx_id device;  /* the phone whose own forward it is; zero: the user's */
    const char *rule;     /* a literal: "always", "busy", "no answer", "failover" */
    bool keep_caller_id;
    bool confirm;            /* whoever answers must press a key, else the leg is dropped */
    bool ignore_early_media; /* the caller does not hear the leg before it is answered */
};

enum cx_record_wish { CX_RECORD_UNSAID, CX_RECORD_START, CX_RECORD_STOP };
enum cx_record_scope { CX_RECORD_BY_CALLFLOW, CX_RECORD_BY_ACCOUNT, CX_RECORD_BY_ENDPOINT };

/* Is this call to be recorded once it is answered? */
struct cx_record_rule {
    bool on;
    bool wav;      /* else mp3 */
    bool outbound; /* as whose rule it is sees the call */
    bool offnet;
    enum cx_record_scope scope;
    uint16_t limit_s; /* 0: not said */
    uint16_t least_s; /* shorter ones are not kept */
    struct cx_id who; /* the document whose rule it is: account, user, device or callflow */
};

/* Either a phone (username or route_uri) or a forward. */
struct cx_target {
    struct cx_str username;  /* SIP user in the account's realm: ring its contacts */
    struct cx_str route_uri; /* else a fixed URI (device type sip_uri); empty for registered ones */
    struct cx_forward forward;
    struct cx_str ringtone; /* Alert-Info of this phone, when the step has none; or empty */
    struct cx_id device;    /* zero for a user's forward */
    struct cx_id owner;
    uint16_t delay_s;             /* starts so late */
    uint16_t timeout_s;           /* and rings so long; 0: until the step ends */
    struct cx_record_rule record; /* if this one answers, and the step's own does not say so */
};

struct cx_gateway {
    struct cx_str server; /* host or address */
    struct cx_str transport;
    struct cx_str number; /* what this gateway is to be sent: prefix, number, suffix */
    uint16_t port;
    struct cx_id resource;
};

enum {
    CX_CURSOR_ANONYMOUS = 1,   /* the caller came without a number to show */
    CX_CURSOR_ANSWERED = 2,    /* a worker has answered the caller: media needs no early media */
    CX_CURSOR_HIDE_NUMBER = 4, /* node "privacy" */
    CX_CURSOR_HIDE_NAME = 8,
    CX_CURSOR_AUTO_ANSWER = 16, /* node "intercom" */
    CX_CURSOR_KEEP_CALLER = 32, /* cx_call.keep_caller_id */
    CX_CURSOR_FORWARDED = 64,   /* cx_call.forwarded */
};

/* A callflow that goes on with its default child when the one it called has no more to say. */
struct cx_frame {
    struct cx_id callflow;
    uint32_t path_hash;
};

#define CX_CURSOR_FRAMES 8
#define CX_FRAME_ROOT    0 /* path_hash: the callflow waits to begin */

/* Where the call stands in its tree, and what lives with it from node to node. Bounded and
 * position-independent; see cursor.h for the text form. Texts are NUL-terminated, cut when too
 * long. */
struct cx_cursor {
    struct cx_id account;
    struct cx_id callflow; /* zero: nothing to resume */
    struct cx_id caller_device;
    struct cx_id forward_user; /* of a forwarded call */
    uint32_t path_hash; /* of the child keys from the root: finds the node in a newer image */
    uint32_t node;      /* its number within the callflow */
    uint8_t from;       /* enum cx_caller_kind */
    uint8_t forward_hops;
    uint8_t steps; /* taken so far; bounded, so that loops end */
    uint8_t flags;
    uint8_t stage; /* of a node that makes several steps: which forward rule it tried last */
    uint16_t turn; /* and how many members or repeats it has been through */
    uint16_t seed; /* of an order drawn by lot */
    uint8_t frame_count;
    struct cx_frame frames[CX_CURSOR_FRAMES];
    /* the call as it came */
    char dialled[64];
    char capture[64]; /* group of the feature code's pattern */
    char caller_name[64];
    char caller_number[64];
    /* what nodes made of it */
    char set_name[48]; /* caller ID instead of the caller's own */
    char set_number[40];
    char name_prefix[40];
    char number_prefix[20];
    char language[12];
    char alert_info[80];
    char variables[200]; /* "name=value;name=value", percent-encoded */
    uint8_t record;      /* enum cx_record_wish of node "record_call" */
    uint8_t record_wav;
    uint16_t record_limit_s;
};

enum cx_trace_kind {
    CX_TRACE_SOURCE = 1,
    CX_TRACE_NUMBER,
    CX_TRACE_NODE,
    CX_TRACE_DEVICE,
    CX_TRACE_RESTRICTION,
    CX_TRACE_CALLER_ID,
    CX_TRACE_CARRIER,
    CX_TRACE_OUTCOME,
    CX_TRACE_REPLY,
    CX_TRACE_FORWARD,
};

/* One decision: which rule, about which document, and why it went as it did. */
struct cx_trace {
    uint8_t kind; /* enum cx_trace_kind */
    struct cx_id document;
    const char *reason; /* a literal: "device is disabled" */
    struct cx_str detail;
};

enum cx_park_action {
    CX_PARK_AUTO, /* fetches who waits in the slot; parks when it is free */
    CX_PARK_IN,
    CX_PARK_OUT,
};

struct cx_step {
    enum cx_step_kind kind;
    struct cx_str caller_name; /* what the called party is shown */
    struct cx_str caller_number;
    bool privacy;
    struct cx_str language;   /* empty: the account's. A service has it as parameter `language` */
    struct cx_str alert_info; /* for phones that ring, or empty */
    struct cx_record_rule record; /* RING and OUTBOUND */
    struct cx_str callee_name;
    struct cx_id callflow;
    struct cx_id owner; /* the calling user, if any */
    union {
        struct {
            struct cx_target targets[CX_STEP_TARGETS_MAX];
            uint16_t count;
            uint16_t timeout_s;         /* of the step as a whole */
            struct cx_str ringback;     /* sound for the caller instead of a tone (as `media` of
                                           service play), or empty */
            bool fail_on_single_reject; /* one refusal (busy, declined) ends the step */
            bool ignore_redirect;       /* a phone's own 302 is no answer to follow */
            bool auto_answer;           /* phones are asked to answer by themselves (intercom) */
        } ring;
        struct {
            struct cx_str name;     /* "voicemail", "play", "announce" */
            struct cx_str params;   /* "action=compose;box=...": RFC 3261 generic-param, values
                                       percent-encoded */
            struct cx_str affinity; /* calls of one text meet on one worker (a conference room);
                                       empty: any worker */
        } service;
        struct {
            struct cx_gateway gateways[CX_STEP_GATEWAYS_MAX];
            uint16_t count;
            struct cx_str number;    /* E.164 */
            struct cx_str diversion; /* who forwarded, or empty */
            bool emergency;
        } outbound;
        struct {
            struct cx_id account;
            struct cx_str number;
        } enter;
        struct {
            uint16_t code;
            struct cx_str reason;
        } reply;
        struct {
            struct cx_target targets[CX_STEP_TARGETS_MAX]; /* phones; the caller's is not among
                                                              them */
            uint16_t count;
            bool answered; /* calls that talk may be taken too (intercept, move), not only ringing
                              ones */
        } pickup;
        struct {
            enum cx_park_action action;
            struct cx_str slot;  /* empty: the next free one from 101 on, and say it */
            struct cx_id device; /* who parks or fetches: rung back when nobody fetches */
            uint16_t ringback_s; /* waits so long before the parker is rung; 0: for ever */
            uint16_t callback_s; /* rings the parker so long */
        } park;
    } u;
    struct cx_cursor cursor; /* resumes after this step */
    struct cx_trace trace[CX_TRACE_MAX];
    uint16_t trace_count;
    uint16_t text_len;
    char text[CX_STEP_TEXT_MAX];
};

#endif
