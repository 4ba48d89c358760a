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
};

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

/* dress.c: caller ID prefixes, language, recording: what earlier nodes wanted for every step. */
void cx_dress(struct cx_decide *d);
/* Copies into a text of the cursor, cut when too long. */
void cx_state_put(char *to, size_t size, struct cx_str from);
#define CX_STATE_PUT(member, from) cx_state_put((member), sizeof(member), (from))

/* ---- parts */

/* endpoint.c: the devices of a user, or one device, that can ring now. Number added to the step's
 * targets. */
unsigned cx_ring_user(struct cx_decide *d, const struct cx_user *user, bool can_call_self);
unsigned cx_ring_device(struct cx_decide *d, const struct cx_device *device, bool can_call_self);

/* callerid.c */
void cx_show_caller_inside(struct cx_decide *d);
void cx_show_caller_outside(struct cx_decide *d, bool emergency);

/* block.c: may this caller call (user: a row, or CX_NONE for the account)? True: the call was
 * answered. */
bool cx_block_caller(struct cx_decide *d, uint32_t user);

/* dialplan.c: what counts of the number dialled. */
struct cx_str cx_dial_plan(struct cx_decide *d, struct cx_str dialled);

/* carrier.c: to the outside world; restrictions are checked here and nowhere else. */
enum cx_carriers { CX_CARRIERS_ANY, CX_CARRIERS_OWN, CX_CARRIERS_CLUSTER };
void cx_step_outbound(struct cx_decide *d, struct cx_str dialled, enum cx_carriers which);
/* Is it a number of another account here, that may be reached on-net? Then the step goes there. */
bool cx_step_onnet(struct cx_decide *d, struct cx_str number);

/* nodes/: what a callflow module does. ref and text as compile.c put them. */
typedef enum cx_done cx_node_h(struct cx_decide *d, const struct cx_node *node);

#endif
