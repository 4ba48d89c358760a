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

    /* Of calls that we make (cx_session_call()). sdp: their description, or NULL. */
    void (*progress)(void *arg, int code, const char *sdp);
    void (*answered)(void *arg, const char *sdp);
    void (*failed)(void *arg, int code, const char *reason); /* it is over */

    /* Of sessions whose descriptions are passed on (after cx_session_reinvite(),
     * cx_session_answer_with(), or with an sdp in cx_session_call()). offer: theirs, NULL when they
     * want ours; must be answered by cx_session_answer_offer(). */
    void (*offer)(void *arg, const char *sdp);
    void (*reinvited)(void *arg, int code, const char *sdp); /* the answer to our re-INVITE */
    void (*acked)(void *arg, const char *sdp);               /* an ACK, with its description */
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
/* Modems do not get through G.722: G.711 only. Calls to a fax service are so from the start. */
void cx_session_g711(struct cx_session *session);
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
/* BYE, CANCEL, or 480 when it is not answered. */
void cx_session_hangup(struct cx_session *session);

/* ---- calls that we make (caller.c) */

struct cx_session_call {
    const char *uri;     /* who is called; all requests go to the proxy */
    const char *from;    /* who calls: a From value without a tag */
    const char *headers; /* lines with CRLF, or NULL */
    const char *sdp;     /* somebody else's description, or NULL: our own with rtp_port */
    unsigned rtp_port;
    unsigned max_forwards; /* 0: refused with -ELOOP */
};
/* 0 or -errno; then the handlers tell. cx_session_hangup() cancels it. */
int cx_session_call(struct cx_sessions *sessions, const struct cx_session_call *call,
                    const struct cx_session_handlers *handlers, void *arg,
                    struct cx_session **session);

/* ---- media of somebody else's (relay.c) */

/* The description that the other side gave last, or NULL. */
const char *cx_session_sdp(const struct cx_session *session);
unsigned cx_session_max_forwards(const struct cx_session *session);
/* A provisional response without a description. 0 or -errno. */
int cx_session_ringing(struct cx_session *session, int code);
/* Offers somebody else's description (NULL: asks for an offer), then reinvited(). 0, -EBUSY:
 * something else is under way, or -errno. */
int cx_session_reinvite(struct cx_session *session, const char *sdp);
/* After a re-INVITE without an offer: the ACK with the answer. Else nothing. */
void cx_session_ack(struct cx_session *session, const char *sdp);
/* Answers the call with somebody else's description. 0 or -errno. */
int cx_session_answer_with(struct cx_session *session, const char *sdp);
/* Answers offer(). 0, or -EINVAL: there is none. */
int cx_session_answer_offer(struct cx_session *session, int code, const char *reason,
                            const char *sdp);

#endif
