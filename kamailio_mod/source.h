/*
 * source.h - who sent this request: a device of an account, or a carrier.
 *
 * Found once a request, from the password check or from the address; kept for the rest of the
 * script. SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef CX_SOURCE_H
#define CX_SOURCE_H

#include "core/parser/msg_parser.h"
#include "routing/image.h"

/* Requests that the cluster sends to itself; inside.h. */
enum cx_inside {
    CX_INSIDE_NOT,
    CX_INSIDE_CONTINUE, /* a worker goes on with a callflow after it answered */
    CX_INSIDE_FORWARD,  /* a worker calls a forward's number */
    CX_INSIDE_LOOP,     /* a branch of ours to ourselves: a forwarded leg within its call */
};

struct cx_source {
    enum cx_caller_kind from;
    struct cx_id account; /* device: its account. Carrier: the account that the carrier serves, zero
                             for all */
    struct cx_id device;
    struct cx_id owner;
    enum cx_inside inside;
};

/* Fresh, of this request. */
struct cx_source *cx_source_new(const struct sip_msg *msg);
/* Is it a carrier's address? Remembers it. */
bool cx_source_trunk(struct sip_msg *msg);
/* The password was right: which device is it, and may it do anything? 0; -ENOENT unknown; -EACCES
 * disabled. */
int cx_source_device(struct sip_msg *msg);
/* What was remembered for this request, or NULL. */
const struct cx_source *cx_source_get(const struct sip_msg *msg);

/* The HA1 that the credentials of this request must match: 32 characters in a buffer of this
 * process, empty when the user or realm does not exist. */
struct cx_str cx_source_ha1(struct sip_msg *msg);
/* User name in the credentials for the realm of From; empty when there are none. */
struct cx_str cx_source_username(struct sip_msg *msg);

static inline struct cx_str cx_str_of(const str s)
{
    return (struct cx_str){s.s, s.len > 0 ? (uint32_t)s.len : 0};
}

#endif
