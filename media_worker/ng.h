/*
 * ng.h - asks rtpengine things by its ng protocol (UDP, JSON), without waiting.
 *
 * A request is repeated until its answer comes or about four seconds are over; rtpengine knows a
 * repetition by its cookie and gives the same answer. SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef CX_NG_H
#define CX_NG_H

#include <ev.h>
#include <jansson.h>
#include <netinet/in.h>

struct cx_ng;
struct cx_ng_request;

/* reply: NULL when none came; borrowed. The request is over. */
typedef void cx_ng_h(void *arg, const json_t *reply);

/* 0 or -errno. */
int cx_ng_open(struct ev_loop *loop, const char *ip, struct cx_ng **ng);
/* Nobody is told any more. NULL is fine. */
void cx_ng_close(struct cx_ng *ng);
/* Takes body over (also on failure). h may be NULL, and so may request. 0 or -errno. */
int cx_ng_send(struct cx_ng *ng, const struct sockaddr_in *to, json_t *body, cx_ng_h *h, void *arg,
               struct cx_ng_request **request);
/* Its handler will not be called. NULL is fine. */
void cx_ng_cancel(struct cx_ng_request *request);
/* Is this answer "ok"? */
int cx_ng_ok(const json_t *reply);

#endif
