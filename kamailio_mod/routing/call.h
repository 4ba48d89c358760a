/*
 * call.h - what routing is told of a call: the inputs of route.h.
 *
 * Pure data. Strings are {s, len}, not NUL-terminated, and borrowed: they must live until the
 * function they were given to returns.
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef CX_ROUTING_CALL_H
#define CX_ROUTING_CALL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct cx_str {
    const char *s;
    uint32_t len;
};

/* An id in binary: the 16 bytes that 32 hex digits say. All zero: none. */
struct cx_id {
    uint8_t b[16];
};

enum cx_caller_kind {
    CX_FROM_DEVICE,  /* authenticated phone of the account; cx_call.device names it */
    CX_FROM_CARRIER, /* a trunk, known by its address */
    CX_FROM_ONNET,   /* a call that another account of this cluster sends */
};

struct cx_call {
    enum cx_caller_kind from;
    struct cx_id device;       /* CX_FROM_DEVICE: who calls */
    struct cx_str caller_name; /* as received; may be empty */
    struct cx_str caller_number;
    struct cx_str dialled;     /* user part of the request URI */
    bool anonymous;            /* caller asked for privacy */
    bool answered;             /* a worker answered the caller already, and continues the tree */
    uint8_t forward_hops;      /* how often this call was forwarded already */
    bool forwarded;            /* a forwarded leg (CX_FROM_DEVICE), only by our own signature:
                                  forward_user, or `device`, calls; the caller is who called them */
    bool keep_caller_id;       /* forwarded: show the caller, not the forwarder */
    struct cx_id forward_user; /* forwarded: zero when a device without a user forwards;
                                  no device either: the account itself calls */
    int64_t now_ms;            /* unix time; decides office hours */
};

/* Questions that routing asks while it decides. Answers must be immediate (memory only). */
struct cx_env {
    void *arg;
    /* Has the device with this SIP user name in this realm a contact now? */
    bool (*registered)(void *arg, struct cx_str username, struct cx_str realm);
    /* Is it in a call? May be NULL: nobody is busy. */
    bool (*busy)(void *arg, struct cx_str username, struct cx_str realm);
    /* Who called this user or phone last (dialled: whom they called last), as a number that they
     * can dial: into text, its length; 0: nobody. May be NULL. device: the caller's phone. */
    size_t (*last_number)(void *arg, struct cx_id device, bool dialled, char *text, size_t size);
    /* Which account of this cluster has this E.164 number in service? false: none. */
    bool (*number_owner)(void *arg, struct cx_str number, struct cx_id *account);
};

#endif
