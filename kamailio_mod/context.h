/*
 * context.h - what the module remembers of one call attempt, for as long as tm keeps its
 * transaction.
 *
 * Lives in shared memory and is owned by the transaction: tm frees it with the transaction. Written
 * only under the rules of tm: by the process that handles the request, then by the one that runs
 * the failure route or the final reply (tm serialises these). SPDX-License-Identifier:
 * GPL-2.0-or-later
 */
#ifndef CX_CONTEXT_H
#define CX_CONTEXT_H

#include "core/parser/msg_parser.h"
#include "routing/step.h"

struct cell;

#define CX_PATH_MAX 1200

/* One target of a RING step, as its branch, however late, needs it. */
enum cx_leg_kind {
    CX_LEG_PHONE,   /* text: user name in the account's realm */
    CX_LEG_URI,     /* text: a fixed URI */
    CX_LEG_FORWARD, /* text: a number, called through routing again */
    CX_LEG_CONFIRM, /* the same, by a worker who asks for a key first */
};

struct cx_leg {
    struct cx_id device;
    struct cx_id owner;
    uint8_t kind; /* enum cx_leg_kind */
    bool keep_caller_id;
    bool ignore_early_media;
    uint16_t delay_s;
    uint16_t timeout_s; /* 0: as long as the step */
    uint8_t state;      /* enum cx_leg_state: of a timed stage */
    char ringtone[64];  /* Alert-Info, or empty */
    char text[128];
};

enum cx_leg_state { CX_LEG_WAITS, CX_LEG_RINGS, CX_LEG_OVER };

struct cx_context {
    /* the call, as it came */
    struct cx_id interaction;
    struct cx_id account; /* whose call it is: the caller's, or the number's owner */
    struct cx_id caller_device;
    struct cx_id caller_owner;
    enum cx_caller_kind from;
    uint8_t inside;           /* enum cx_inside (source.h): how it came */
    uint8_t hops;             /* how often it was forwarded already */
    bool keep_caller_id;      /* a forwarded leg: show the caller, not the forwarder */
    bool referred;            /* asked for by a REFER: forwarder as if it were forwarded */
    bool anonymous;           /* the caller wants no number shown */
    struct cx_id transferrer; /* referred: the phone that asked */
    struct cx_id forwarder;   /* a forwarded leg: whose (user; zero: device) */
    int64_t start_ms;
    char caller_name[64];
    char caller_number[64];
    char dialled[64];
    char request_uri[128];
    char from_uri[128];
    char to_uri[128];
    char call_id[192];
    char from_tag[96];

    /* where it stands */
    struct cx_id in_account; /* whose image decides now: changes with an ENTER step */
    enum cx_caller_kind in_from;
    char in_dialled[64];
    char in_number[64]; /* caller number as the present account sees it */
    char in_name[64];
    struct cx_cursor cursor;
    enum cx_step_kind kind;
    unsigned stage; /* counts steps that made branches; names them, so that answers are traced */

    /* the present step: what its branches carry */
    char show_name[64];
    char show_number[64];
    bool privacy;
    char diversion[64];
    char service[24];                /* SERVICE: name ... */
    char params[CX_STEP_PARAMS_MAX]; /* ... and parameters */
    char *gateways; /* OUTBOUND: URI, NUL, URI, NUL, NUL; shm, freed with the context */
    unsigned gateway_next;
    struct cx_id resource;
    uint8_t workers_tried;
    char replaces[360]; /* PICKUP: the Replaces header, unless the request has its own */
    char affinity[40];  /* SERVICE: calls of one text meet on one worker */
    int64_t stage_ms;   /* RING: when the stage began */
    bool timed;         /* RING: timeline.h starts and ends its legs */
    bool waiting;       /* ... and no leg rings yet: nothing to relay */
    bool one_refusal_ends;
    bool auto_answer;
    int16_t blind; /* the branch that keeps a timed stage open */
    char alert_info[80];
    char confirm_at[48]; /* address of the worker that asks for keys */
    uint16_t leg_count;
    uint16_t ring_s;     /* RING: how long the stage lasts */
    struct cx_leg *legs; /* RING: shm, freed with the context */

    struct cx_record *record; /* record.c's: to be recorded when answered; shm, or NULL */

    /* for the record */
    struct cx_id callflow;
    char callee_name[64];
    char callee_number[64];
    bool network_offnet;
    bool emergency;
    bool admitted; /* no limit refused it */
    bool recorded; /* its record is in the journal */
    uint16_t path_len;
    char path[CX_PATH_MAX];
};

/* Makes one for the transaction that msg has (t_newtran ran). NULL: no transaction or no memory. */
struct cx_context *cx_context_new(struct sip_msg *msg);
/* Of this transaction. NULL: none of ours. */
struct cx_context *cx_context_of(struct cell *t);
/* Of the transaction at hand: in request, branch, reply and failure routes. NULL: none of ours. */
struct cx_context *cx_context_get(void);

/* Copies with a NUL, cutting what is too long at the end. */
void cx_copy(char *to, size_t size, struct cx_str from);
#define CX_COPY(array, from) cx_copy((array), sizeof(array), (from))

#endif
