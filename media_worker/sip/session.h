/*
 * session.h - one call as SIP sees it: INVITE to BYE, offers and answers, session timers.
 *
 * RFC 3261 (UAS; UAC within the dialog), 3264, 4028. A session frees itself; its user is told once,
 * by ended(), unless the user ended it (reject, hang up): then nothing is told any more.
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef CX_SIP_SESSION_H
#define CX_SIP_SESSION_H

#include <ev.h>

#include "sdp.h"
#include "transport.h"

struct cx_session;
struct cx_sessions; /* all of the process */

struct cx_session_handlers {
    /* Media are agreed, at first (before early() or answer() returns, or with the ACK) or again. */
    void (*media)(void *arg, const struct cx_sdp_stream *stream);
    /* The other side has ended it, or it failed. why: for the log. */
    void (*ended)(void *arg, const char *why);
    /* Our offer of T.38 was not accepted; the sound goes on. May be NULL. */
    void (*refused)(void *arg, int code);
};

/* A new call, not answered. Must call cx_session_own() or cx_session_reject(). */
typedef void cx_session_incoming_h(void *arg, struct cx_session *session,
                                   const osip_message_t *invite);

int cx_sessions_open(struct ev_loop *loop, const char *ip, unsigned port,
                     const struct sockaddr_in *proxy, cx_session_incoming_h *incoming, void *arg,
                     struct cx_sessions **sessions);
/* An order of the proxy's, not of a call: a MESSAGE out of dialog. Returns the SIP code to answer.
 */
typedef int cx_session_message_h(void *arg, const char *body, size_t len);
void cx_sessions_on_message(struct cx_sessions *sessions, cx_session_message_h *message, void *arg);
/* Frees all sessions without a word to the other sides. */
void cx_sessions_close(struct cx_sessions *sessions);
/* From now on OPTIONS and new calls are answered 503. */
void cx_sessions_drain(struct cx_sessions *sessions);
unsigned cx_sessions_count(const struct cx_sessions *sessions);

/* Who is told, and which RTP port of ours goes into SDPs. */
void cx_session_own(struct cx_session *session, const struct cx_session_handlers *handlers,
                    void *arg, unsigned rtp_port);
/* May their offers change the call to T.38? Not unless this was called. */
void cx_session_allow_t38(struct cx_session *session, bool allowed);
/* A re-INVITE that offers it: media() with stream->t38, or refused(). 0, or -EAGAIN: not now. */
int cx_session_offer_t38(struct cx_session *session);
/* Has the caller made an offer that we can answer early? */
bool cx_session_has_offer(const struct cx_session *session);
/* 183 with our SDP. 0, or -EINVAL when there is no offer. */
int cx_session_early(struct cx_session *session);
/* 200. 0 or -errno. */
int cx_session_answer(struct cx_session *session);
bool cx_session_is_answered(const struct cx_session *session);
/* The final answer to an unanswered call. headers: lines with CRLF, or NULL. */
void cx_session_reject(struct cx_session *session, int code, const char *reason,
                       const char *headers);
/* BYE, or 480 when it is not answered. */
void cx_session_hangup(struct cx_session *session);

#endif
