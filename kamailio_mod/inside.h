/*
 * inside.h - requests that the cluster sends to itself, and the signed headers that they carry.
 *
 * X-Centrex-Forward says for whom a forwarded leg is called: "text;sig=HMAC", good for a few
 * minutes. X-Centrex-Cursor and X-Centrex-Outcome say where a worker continues a callflow. The
 * script asks only about requests from addresses of the cluster; the signature is checked all the
 * same. SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef CX_INSIDE_H
#define CX_INSIDE_H

#include "context.h"
#include "source.h"

#define CX_TICKET_MAX 640
#define CX_HOPS_MAX   8

/* Is it one of these, and is the signature ours? Remembers the source. */
bool cx_inside(struct sip_msg *msg);

/* Fills in what the signed header of a request with ctx->inside says: who calls, in which account,
 * where the tree goes on. Between cx_snapshot_enter and leave. false: bad, or too many hops. */
bool cx_inside_take(struct sip_msg *msg, struct cx_context *ctx);

/* The value of X-Centrex-Forward for this leg. Length. */
int cx_inside_ticket(const struct cx_context *ctx, const struct cx_leg *leg,
                     char text[CX_TICKET_MAX]);

/* What a worker wants: "continue;key=K[;dial=N]", decoded. */
struct cx_wish {
    char key[64]; /* empty: the default child */
    char dial[64];
};
bool cx_inside_wish(const struct sip_msg *msg, struct cx_wish *wish);

/* A header by its name; empty: absent. */
struct cx_str cx_header(const struct sip_msg *msg, const char *name);

#endif
