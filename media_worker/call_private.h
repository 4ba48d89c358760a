/*
 * call_private.h - what call.c (one call and its service) and peer.c (its second party) share.
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef CX_CALL_PRIVATE_H
#define CX_CALL_PRIVATE_H

#include "bridge.h"
#include "call.h"
#include "ivr.h"
#include "rtp/stream.h"

struct cx_call {
    struct cx_calls *all;
    struct cx_call *next, *before;
    struct cx_session *session; /* NULL: over */
    struct cx_stream *stream;   /* NULL: over, or media have left the worker */
    struct cx_ivr *ivr;
    const char *id; /* the interaction's, in ivr */
    ev_timer timer;
    double began;

    char *names[CX_PLAYER_MAX]; /* what is to be played, or plays */
    size_t name_count;
    unsigned missing;
    struct cx_prompt_request *request;
    struct cx_ask *ask;
    struct cx_fax_line *fax;
    bool has_media, dead;
    enum cx_codec codec;

    /* peer.c */
    struct cx_session *peer; /* NULL: none */
    char *cursor;            /* X-Centrex-Cursor, or NULL */
    char *forward;           /* X-Centrex-Forward, or NULL: goes to the peer as it came */
    char *offered;           /* the caller's description that the peer got */
    char *early;             /* the peer's, of its 183 */
    char *told;              /* the peer's, as the caller got it */
    bool going_on;           /* the peer is the callflow that continues */
    bool joining;            /* the peer is being offered the caller's media */
    bool peer_up, telling, bridged;
    unsigned tries;
    struct cx_bridge bridge;
};

/* call.c */
void cx_call_event(struct cx_call *c, struct cx_event event);
void cx_call_media(struct cx_call *c, const struct cx_sdp_stream *stream);
void cx_call_end(struct cx_call *c, int code, const char *reason, const char *headers);
void cx_call_finish(struct cx_call *c);
void cx_call_silence(struct cx_call *c);               /* stops playing */
void cx_call_ringback(struct cx_call *c);              /* until something else plays */
void cx_call_again_in(struct cx_call *c, unsigned ms); /* then cx_call_again() */

/* peer.c; the first three for cx_ivr_ops */
int cx_call_go_on(void *arg, const char *outcome);
int cx_call_dial(void *arg, const char *uri, const char *headers);
int cx_call_join(void *arg);
void cx_call_reinvited(struct cx_call *c, int code, const char *sdp);
void cx_call_again(struct cx_call *c);

#endif
