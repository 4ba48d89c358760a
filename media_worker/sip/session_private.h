/*
 * session_private.h - what session.c (life), offer.c (offers and answers), refresh.c (session
 * timers) and fax_offer.c (T.38) share. SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef CX_SIP_SESSION_PRIVATE_H
#define CX_SIP_SESSION_PRIVATE_H

#include "dialog.h"
#include "session.h"

#define CX_SESSION_BUCKETS 1024
#define CX_SIP_ALLOWED     "Allow: INVITE, ACK, CANCEL, BYE, OPTIONS, UPDATE\r\n"

enum cx_session_state { CX_S_TRYING, CX_S_EARLY, CX_S_ANSWERED, CX_S_CONFIRMED, CX_S_ENDED };

/* RFC 4028 */
struct cx_refresh {
    unsigned interval_s; /* 0: none */
    bool ours;           /* we refresh */
    bool peer_supports;
    unsigned cseq; /* of our re-INVITE that waits for its answer, 0: none */
    ev_timer timer;
};

struct cx_session {
    struct cx_sessions *all;
    struct cx_session *next; /* of the bucket, or of the dead */
    enum cx_session_state state;
    struct cx_dialog dialog;
    osip_transaction_t *invite;                 /* that waits for our final answer, or NULL */
    char branch[128];                           /* of the INVITE: CANCEL carries it too */
    const struct cx_session_handlers *handlers; /* NULL: nobody is told */
    void *arg;

    struct cx_sdp *offer; /* theirs that is not answered yet, or NULL */
    bool offered;         /* ours stands in the 200; the answer comes with the ACK */
    bool has_stream;
    bool g711;         /* only */
    bool t38;          /* may be agreed */
    unsigned t38_cseq; /* of our re-INVITE that offers it, 0: none */
    struct cx_sdp_stream stream;
    unsigned rtp_port, sdp_version;
    uint64_t sdp_id;
    char last_sdp[1024];

    char *answer; /* the 200 to the newest INVITE until its ACK, or NULL */
    size_t answer_len;
    unsigned answer_cseq;
    ev_timer repeat; /* of the 200; or, after a BYE, until all is over */
    double interval, waited;
    bool bye_after_ack;
    struct cx_refresh refresh;

    unsigned max_forwards;       /* of the INVITE */
    char *their_sdp;             /* their newest description, or NULL */
    bool calling, cancelled;     /* we have called; and do not want to any more */
    char *called, *first_to;     /* request URI and To of our INVITE */
    bool relayed;                /* descriptions are passed on */
    bool offerless;              /* our re-INVITE asked for an offer: the ACK carries the answer */
    char *last_relayed;          /* what we have passed on last, or NULL */
    unsigned reinvite_cseq;      /* of our re-INVITE that waits for its answer, 0: none */
    osip_transaction_t *pending; /* theirs that waits for cx_session_answer_offer(), or NULL */
};

struct cx_sessions {
    struct ev_loop *loop;
    struct cx_sip *sip;
    cx_session_incoming_h *incoming;
    void *arg;
    cx_session_message_h *message; /* or NULL */
    void *message_arg;
    char ip[INET_ADDRSTRLEN];
    struct cx_session *buckets[CX_SESSION_BUCKETS];
    struct cx_session *dead;
    ev_prepare reaper;
    unsigned count;
    bool draining;
};

/* Is an offer under way, of ours or of theirs? */
static inline bool cx_session_is_busy(const struct cx_session *s)
{
    return s->answer || s->refresh.cseq || s->t38_cseq || s->reinvite_cseq || s->pending;
}

/* session.c */
int cx_session_reply(struct cx_sessions *all, osip_transaction_t *transaction,
                     const osip_message_t *request, int code, const char *reason, const char *tag,
                     const char *headers, const char *body);
/* Ends it from outside: the user is told. bye: also the peer. */
void cx_session_fail(struct cx_session *s, const char *why, bool bye);
void cx_session_send_ack(struct cx_session *s, unsigned cseq);
/* Into the table; branch is the caller's. */
void cx_session_add(struct cx_sessions *all, struct cx_session *s);
/* Answers an INVITE (which is repeated until the ACK comes) or an UPDATE with 200. 0 or -errno. */
int cx_session_send_ok(struct cx_session *s, osip_transaction_t *transaction,
                       const osip_message_t *request, const char *body);

/* caller.c */
void cx_session_cancel(struct cx_session *s);
/* Tells the user that the call was refused; does not end the session. */
void cx_session_failed(struct cx_session *s, int code, const char *reason);
/* A response to our first INVITE; NULL: none came. */
void cx_session_called(struct cx_session *s, const osip_message_t *response);

/* relay.c */
/* Somebody else's description as ours, into body. 0 or -errno. */
int cx_offer_relay(struct cx_session *s, const char *sdp, char *body, size_t size);
void cx_session_remember_sdp(struct cx_session *s, const char *sdp);
/* The response to cx_session_reinvite(); NULL: none. */
void cx_session_reinvited(struct cx_session *s, const osip_message_t *response);
/* A re-INVITE or UPDATE. False: this session's descriptions are not passed on. */
bool cx_session_pass_on(struct cx_session *s, osip_transaction_t *transaction, osip_message_t *m);

/* offer.c */
/* Reads the SDP of a message into s->offer (none: NULL). 0, or the SIP code to refuse with. */
int cx_offer_read(struct cx_session *s, const osip_message_t *message);
/* Answers s->offer (or makes an offer) into body; tells the user. 0, or the SIP code to refuse
 * with. */
int cx_offer_answer(struct cx_session *s, char *body, size_t size);
/* The answer to our offer, in an ACK or a 200. 0 or -errno. */
int cx_offer_answered(struct cx_session *s, const osip_message_t *message);
/* What stands already, offered again unchanged. 0 or -ENOBUFS. */
int cx_offer_again(struct cx_session *s, char *body, size_t size);

/* fax_offer.c */
/* The response to our offer of T.38; NULL: none. */
void cx_fax_offer_response(struct cx_session *s, const osip_message_t *response);

/* refresh.c */
/* Reads Session-Expires and Supported of a request. 0, or 422 (then *min_se says what we want). */
int cx_refresh_read(struct cx_session *s, const osip_message_t *request);
/* The headers of a 200. */
void cx_refresh_headers(const struct cx_session *s, struct cx_text *out);
void cx_refresh_start(struct cx_session *s);
void cx_refresh_stop(struct cx_session *s);
/* The 200 to our first INVITE. */
void cx_refresh_answered(struct cx_session *s, const osip_message_t *response);
/* The response to our re-INVITE; NULL: none. */
void cx_refresh_response(struct cx_session *s, const osip_message_t *response);

#endif
