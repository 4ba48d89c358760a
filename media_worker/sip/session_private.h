/*
 * session_private.h - what session.c (life), offer.c (offers and answers), refresh.c (session
 * timers) and fax_offer.c (T.38) share. SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef CX_SIP_SESSION_PRIVATE_H
#define CX_SIP_SESSION_PRIVATE_H

#include "dialog.h"
#include "session.h"

#define CX_SESSION_BUCKETS 1024

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

/* session.c */
int cx_session_reply(struct cx_sessions *all, osip_transaction_t *transaction,
                     const osip_message_t *request, int code, const char *reason, const char *tag,
                     const char *headers, const char *body);
/* Ends it from outside: the user is told. bye: also the peer. */
void cx_session_fail(struct cx_session *s, const char *why, bool bye);
void cx_session_send_ack(struct cx_session *s, unsigned cseq);

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
/* The response to our re-INVITE; NULL: none. */
void cx_refresh_response(struct cx_session *s, const osip_message_t *response);

#endif
