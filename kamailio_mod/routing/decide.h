/*
 * decide.h - one decision while it is being made. Private to this folder.
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef CX_ROUTING_DECIDE_H
#define CX_ROUTING_DECIDE_H

#include "layout.h"
#include "restrict.h"
#include "route.h"

#define CX_NODES_MAX                                                                               \
    50 /* nodes passed in one decision, and jumps in one call: loops end (Kazoo's 50) */
#define CX_LISTED_MAX       256 /* phones and forwards that a group can ring in all, in waves */
#define CX_FORWARD_HOPS_MAX 5   /* forwards of one call */

/* Who rings in a step, and why others do not. */
struct cx_ring_list {
    uint32_t listed[CX_LISTED_MAX]; /* everybody once, in order; groups may name them often */
    uint16_t count;
    uint16_t wave; /* the step has the targets from wave * CX_STEP_TARGETS_MAX on */
    uint16_t busy, unregistered, refused; /* phones that do not ring */
};

struct cx_decide {
    const struct cx_image *image;
    const struct cx_image *cluster; /* or NULL */
    const struct cx_env *env;
    const struct cx_call *call;
    struct cx_step *step;
    const struct cx_device *device; /* the caller's, or NULL */
    const struct cx_user *user;     /* whose phone it is now, or NULL */
    struct cx_str dialled;          /* as the callflow was found: extension or E.164 */
    struct cx_str capture;          /* group of the feature code's pattern, or empty */
    unsigned passed;                /* nodes */
    struct cx_str key;              /* child that a node wants next; empty: the default one */
    uint32_t jump;                  /* callflow, with CX_DONE_JUMP */
    int previous;                   /* enum cx_module of the node before; -1: none */
    const struct cx_callflow *flow; /* that the node at hand is in */
    enum cx_outcome missed;         /* why the last node that made no step did not; 0: not said */
    struct cx_ring_list ring;       /* of the step that is being made */
};

/* Whose boxes and settings are the caller's own. Nobody becomes an owner by way of a forwarded leg:
 * whoever calls it is a stranger. */
static inline const struct cx_user *cx_self(const struct cx_decide *d)
{
    return d->call->forwarded ? NULL : d->user;
}

/* What lives through the call: a node may change it, the step's cursor keeps it. */
static inline struct cx_cursor *cx_state(struct cx_decide *d)
{
    return &d->step->cursor;
}

/* What a node did. */
enum cx_done {
    CX_DONE_STEP, /* *step is complete; its cursor stands on this node */
    CX_DONE_NEXT, /* go on with the child d->key, else the default child */
    CX_DONE_JUMP, /* go on with the root of callflow d->jump; comes back to this node's default
                     child when that one has no more to say */
};

/* ---- trace and text of the step */

void cx_trace_add(struct cx_decide *d, enum cx_trace_kind kind, struct cx_id document,
                  const char *reason, struct cx_str detail);
/* printf into the step's text. Cut when it is full. */
struct cx_str cx_text_make(struct cx_step *step, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
static inline struct cx_str cx_z(const char *z)
{
    return (struct cx_str){z, (uint32_t)__builtin_strlen(z)};
}

/* ---- steps */

/* route.c: a number as the caller's phone would dial it: CX_DONE_JUMP to its callflow, or the step
 * that takes the call outside or refuses it. */
enum cx_done cx_dial(struct cx_decide *d, struct cx_str number);
/* Dials who called the caller's phone last (dialled: whom it called last). */
enum cx_done cx_dial_last(struct cx_decide *d, bool dialled);
/* A service that is for phones of the account only, not for callers or forwarded legs; refuses
 * others. */
bool cx_is_phone(struct cx_decide *d);

void cx_step_reply(struct cx_decide *d, uint16_t code, const char *reason);
/* A prompt before the final reply: service "announce". */
void cx_step_announce(struct cx_decide *d, const char *prompt, uint16_t code, const char *reason);

/* Hands the caller to a worker. format makes the parameters, for which cx_escape() is. */
void cx_step_service(struct cx_decide *d, const char *name, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
/* RFC 3261 token characters stay, the rest is percent-encoded, in the step's text. NUL-terminated:
 * good for %s. */
const char *cx_escape(struct cx_decide *d, struct cx_str text);
/* More parameters behind those that the service has. */
void cx_service_add(struct cx_decide *d, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* nodes/play.c: `answer` and `next` of a service that says something and lets the tree go on. */
void cx_service_play_on(struct cx_decide *d, const struct cx_node *node, bool answer);

/* ---- walk.c: the tree */

/* From this node of the flow on, until one makes a step. */
void cx_walk(struct cx_decide *d, const struct cx_callflow *flow, uint32_t node);
/* The tree has nothing below: the callflow that called this one goes on, or the caller gets the
 * answer that the outcome deserves. */
void cx_walk_up(struct cx_decide *d, enum cx_outcome outcome, uint16_t sip_code);
/* The child with this key, else the default child; CX_NONE: neither. */
uint32_t cx_child(const struct cx_image *image, const struct cx_node *node, struct cx_str key);
bool cx_has_child(const struct cx_image *image, const struct cx_node *node, struct cx_str key);
/* The node with this hash in the flow; hint: its number in the image that the hash came from. */
uint32_t cx_find_node(const struct cx_image *image, const struct cx_callflow *flow, uint32_t hint,
                      uint32_t path_hash);

/* This node did so: completes its step, or goes on. */
void cx_walk_done(struct cx_decide *d, const struct cx_callflow *flow, uint32_t node,
                  enum cx_done done);
/* route.c: the callflow that has this number of its own, with the reason in the trace. CX_NONE. */
uint32_t cx_find_number_flow(struct cx_decide *d, struct cx_str number, const char *reason);
/* A node that made a step may make another one of its outcome (a forward, the next of a group). */
bool cx_walk_again(struct cx_decide *d, const struct cx_callflow *flow, uint32_t node,
                   enum cx_outcome outcome, uint16_t sip_code);

/* dress.c: caller ID prefixes, language, recording: what earlier nodes wanted for every step. */
void cx_dress(struct cx_decide *d);
/* Copies into a text of the cursor, cut when too long. */
void cx_state_put(char *to, size_t size, struct cx_str from);
#define CX_STATE_PUT(member, from) cx_state_put((member), sizeof(member), (from))

/* ---- parts */

/* How a node wants someone to ring. */
struct cx_ringing {
    bool can_call_self;
    bool group;                  /* one of a group: forwards of "direct calls only" are not taken */
    uint16_t delay_s, timeout_s; /* timeout 0: as long as the step */
    struct cx_str ringtone;
};

/* endpoint.c: makes the step a RING step without targets. */
void cx_ring_begin(struct cx_decide *d, uint16_t timeout_s);
/* The user's phones and forwards, or one phone (with its owner's forwards), that can ring now, are
 * added to the step. Number added; 0: d->ring says why. */
unsigned cx_ring_user(struct cx_decide *d, const struct cx_user *user,
                      const struct cx_ringing *how);
unsigned cx_ring_device(struct cx_decide *d, const struct cx_device *device,
                        const struct cx_ringing *how);
/* A target that is not listed yet; key: what it is listed by. False: it was. */
bool cx_ring_add(struct cx_decide *d, uint32_t key, const struct cx_target *target);
/* What came of a step in which nobody could ring, for the child to take. */
void cx_ring_missed(struct cx_decide *d, const struct cx_node *node);
/* Phone or fixed address: has it a contact now? */
bool cx_has_contact(const struct cx_decide *d, const struct cx_device *device);
/* The owner's, or NULL. */
const struct cx_user *cx_device_owner(const struct cx_image *image, const struct cx_device *device);

/* group.c: each user, phone and group of these members. */
unsigned cx_ring_members(struct cx_decide *d, const struct cx_member *members, uint32_t count,
                         const struct cx_ringing *how);
/* Every phone of these members, some perhaps twice. */
void cx_each_phone(const struct cx_image *image, const struct cx_member *members, uint32_t count,
                   void (*visit)(void *arg, const struct cx_device *device), void *arg);
/* Is this user or phone (either may be NULL) among them, also by a group? */
bool cx_is_member(const struct cx_image *image, const struct cx_member *members, uint32_t count,
                  const struct cx_user *user, const struct cx_device *device);
/* May this caller reach that user or phone, when calls outside of groups are denied? */
bool cx_share_group(const struct cx_decide *d, const struct cx_user *user,
                    const struct cx_device *device);

/* pickup.c: whom the callflow of an extension rings: by its first node that rings anybody; *members
 * is one, or those of a ring group. */
bool cx_flow_rings(const struct cx_decide *d, uint32_t callflow, struct cx_member *one,
                   const struct cx_member **members, uint32_t *count);

/* forward.c: every rule of forwarding. The leg is added if the rule is on and fits this call;
 * *substitute: the phones are not to ring beside it (may be NULL). */
bool cx_forward_user(struct cx_decide *d, const struct cx_user *user, enum cx_forward_rule rule,
                     const struct cx_ringing *how, bool *substitute);
/* The phone's own rule. */
bool cx_forward_device(struct cx_decide *d, const struct cx_device *device,
                       enum cx_forward_rule rule, const struct cx_ringing *how, bool *substitute);
/* After a RING step of theirs: the rule for what came of it, the phone's before its owner's. user
 * or device may be NULL. */
bool cx_forward_after(struct cx_decide *d, const struct cx_user *user,
                      const struct cx_device *device, enum cx_outcome outcome,
                      const struct cx_ringing *how);

/* callerid.c */
void cx_show_caller_inside(struct cx_decide *d);
void cx_show_caller_outside(struct cx_decide *d, bool emergency);

/* block.c: may this caller call (user: a row, or CX_NONE for the account)? True: the call was
 * answered. */
bool cx_block_caller(struct cx_decide *d, uint32_t user);

/* lists.c: the caller's number as lists have it (E.164, or the phone's extension); the entry of the
 * match list in this row that knows it, or NULL. */
struct cx_str cx_caller_number(struct cx_decide *d);
const struct cx_match *cx_list_find(struct cx_decide *d, uint32_t list, struct cx_str number);

/* dialplan.c: what counts of the number dialled. */
struct cx_str cx_dial_plan(struct cx_decide *d, struct cx_str dialled);

/* carrier.c: to the outside world; restrictions are checked here and nowhere else. cx_denied_by:
 * a literal that says who denies this bit to the caller, or NULL. */
enum cx_carriers { CX_CARRIERS_ANY, CX_CARRIERS_OWN, CX_CARRIERS_CLUSTER };
const char *cx_denied_by(const struct cx_decide *d, uint32_t bit, struct cx_id *who);
void cx_step_outbound(struct cx_decide *d, struct cx_str dialled, enum cx_carriers which);
/* Is it a number of another account here, that may be reached on-net? Then the step goes there. */
bool cx_step_onnet(struct cx_decide *d, struct cx_str number);

/* nodes/: what a callflow module does. ref and text as compile.c put them. */
typedef enum cx_done cx_node_h(struct cx_decide *d, const struct cx_node *node);
/* Its step came to this. CX_DONE_NEXT: nothing more of the node. */
typedef enum cx_done cx_again_h(struct cx_decide *d, const struct cx_node *node,
                                enum cx_outcome outcome, uint16_t sip_code);

#endif
