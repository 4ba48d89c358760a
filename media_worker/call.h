/*
 * call.h - joins the SIP session, the RTP stream and the service of each call.
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef CX_CALL_H
#define CX_CALL_H

#include "config.h"
#include "rtp/clock.h"
#include "rtp/socket.h"
#include "sip/session.h"

struct cx_call;

struct cx_calls {
    struct ev_loop *loop;
    const struct cx_media_config *config;
    struct cx_sessions *sessions; /* for calls that we make; set before the first call comes */
    struct cx_clock *clock;
    struct cx_rtp_ports ports;
    struct cx_call *live, *dead; /* dead ones are freed when the loop goes round */
    ev_prepare reaper;
    unsigned count;
    unsigned long total, refused, recordings, dropped;
};

int cx_calls_init(struct cx_calls *calls, struct ev_loop *loop,
                  const struct cx_media_config *config, struct cx_clock *clock);
/* Ends what is left, without a word to the callers; recordings are kept. */
void cx_calls_close(struct cx_calls *calls);
/* For cx_sessions_open(); arg is the cx_calls. */
void cx_calls_incoming(void *arg, struct cx_session *session, const osip_message_t *invite);

#endif
