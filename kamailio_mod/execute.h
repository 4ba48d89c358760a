/*
 * execute.h - runs routing steps through tm: branches out, outcome in, next step.
 *
 * Each returns 1 when the script is to t_relay() now, -1 when the request has been answered and the
 * script is to stop.
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef CX_EXECUTE_H
#define CX_EXECUTE_H

#include "core/parser/msg_parser.h"

/* Times that a step waits, from module parameters. */
struct cx_execute_config {
    unsigned device_silence_ms;  /* a phone that sends nothing at all is given up after this */
    unsigned gateway_silence_ms; /* and a carrier's gateway */
    unsigned worker_silence_ms;  /* and a media worker */
    unsigned service_ms;         /* the longest early media of a service */
    unsigned outbound_ms;        /* the longest ringing at a carrier */
    int worker_set;              /* dispatcher set of the media workers */
    int worker_algorithm;
};
extern struct cx_execute_config cx_execute_config;

/* Request route: the caller is known (source.h), a transaction exists. */
int cx_execute_first(struct sip_msg *msg);
/* Failure route. */
int cx_execute_next(struct sip_msg *msg);

struct cx_env;
/* Routing's questions, answered from what this node knows now. */
const struct cx_env *cx_live_env(void);

#endif
