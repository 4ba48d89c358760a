/*
 * calls.h - the calls that this node carries now: who with whom, ringing or talking.
 *
 * In shared memory, under one lock; what a caller gets is a copy. A call comes in with its first
 * INVITE and goes with its BYE or negative reply. One that is forgotten (both phones lost power)
 * goes when its lease ends: nothing is counted up and down, so nothing can drift.
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef CX_CALLS_H
#define CX_CALLS_H

#include "context.h"
#include "routing/image.h"

#define CX_CALL_RINGS_MAX 32

struct cx_party {
    struct cx_id device; /* zero: a carrier, another account, a worker */
    struct cx_id owner;
    char tag[96];
    char contact[160]; /* URI */
    char hop[64];      /* where its messages come from, as a URI; empty: as the contact says */
    bool replaces;     /* knows RFC 3891 */
    bool holds;        /* has put the other one on hold */
};

enum cx_live_state { CX_CALL_RINGS, CX_CALL_TALKS };

struct cx_live {
    char call_id[192];
    struct cx_id interaction;
    struct cx_id account;
    enum cx_live_state state;
    enum cx_caller_kind from;
    bool within; /* a leg of an interaction that is counted already */
    bool emergency;
    uint8_t outbound; /* legs to carriers */
    int64_t start_ms, answer_ms;
    unsigned hash_index, label; /* the INVITE's transaction */
    struct cx_party caller, callee;
    char caller_name[64], caller_number[64];
    char dialled[64];
    char slot[16]; /* parked here; or empty */
    struct cx_id rings[CX_CALL_RINGS_MAX];
    uint8_t ring_count;
};

int cx_calls_init(void); /* mod_init: 0 or -1 */

/* The INVITE of this context. */
void cx_calls_begin(struct sip_msg *msg, const struct cx_context *ctx);
/* A stage: these phones ring now. */
void cx_calls_ring(const struct cx_context *ctx);
void cx_calls_outbound(const struct cx_context *ctx);
void cx_calls_slot(const struct cx_context *ctx, const char *slot);
/* Who sent this: contact, address, abilities. */
void cx_calls_party(struct sip_msg *msg, struct cx_party *party);
/* Takes the call out of its slot: the first who asks has it. False: the slot is empty. */
bool cx_calls_unslot(struct cx_id account, const char *slot, struct cx_id *interaction);
/* A reply of whoever is called, in the reply route: tag and contact. */
void cx_calls_reply(struct sip_msg *msg);
/* The final reply to the caller went out. callee: who answered, or NULL. */
void cx_calls_final(const struct cx_context *ctx, int code, const struct cx_leg *callee);
/* BYE. */
void cx_calls_end(struct cx_str call_id);

/* Walks an account's calls under the lock until use() says true: keep it short, take no other lock.
 * True: it did. */
bool cx_calls_each(struct cx_id account, bool (*use)(void *arg, struct cx_live *call), void *arg);
/* Of this Call-ID, as a copy. */
bool cx_calls_find(struct cx_str call_id, struct cx_live *call);
/* The party with this tag holds the other one, or resumes. False: nothing has changed. */
bool cx_calls_hold(struct cx_str call_id, struct cx_str tag, bool on);
/* Is this phone in a call? struct cx_env. */
bool cx_calls_busy(void *arg, struct cx_str username, struct cx_str realm);
size_t cx_calls_last_number(void *arg, struct cx_id device, bool dialled, char *text, size_t size);
/* Something has changed for this phone, or in this slot. */
struct cx_change {
    struct cx_id account;
    struct cx_id device;
    char slot[16];
};
/* The next one; for one process. False: none. */
bool cx_calls_changed(struct cx_change *change);

/* Throws out what nobody ended; the timeline process, now and then. */
void cx_calls_sweep(void);
unsigned cx_calls_count(void);

#endif
