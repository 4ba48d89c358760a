/*
 * sdp.h - session descriptions (RFC 4566, 3264) as far as one audio stream, or the T.38 that takes
 * its place, wants them. Pure.
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef CX_SDP_H
#define CX_SDP_H

#include <netinet/in.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "../audio/codec.h"
#include "../fax/terms.h"

#define CX_SDP_LINES   8  /* m= lines that are mirrored; more are refused */
#define CX_SDP_FORMATS 32 /* of one m= line; further ones are not looked at */

struct cx_sdp_format {
    uint8_t type;
    int8_t codec; /* enum cx_codec, -1: one that we do not speak */
    bool event;   /* telephone-event/8000 */
};

struct cx_sdp_line {
    char kind[16], protocol[32], first_format[24];
    unsigned port;
    struct in_addr address; /* 0.0.0.0: none or on hold */
    struct sockaddr_in rtcp;
    bool has_rtcp, ipv6, sends, receives; /* as the peer sees it */
    struct cx_sdp_format formats[CX_SDP_FORMATS];
    unsigned format_count;
    struct cx_t38_terms t38; /* of an image line */
};

struct cx_sdp {
    struct cx_sdp_line lines[CX_SDP_LINES];
    unsigned line_count;
};

/* What has been agreed. */
struct cx_sdp_stream {
    struct sockaddr_in remote;      /* port 0: nowhere to send to */
    struct sockaddr_in remote_rtcp; /* port 0: none */
    in_port_t latched_port;         /* rtp/stream.c: where packets come from */
    enum cx_codec codec;
    uint8_t type;   /* payload type */
    int event_type; /* of telephone-event, -1: the peer has none */
    bool send, receive;
    unsigned line; /* which m= line */
    bool t38;      /* no sound but T.38 over UDPTL: codec, type and event_type mean nothing */
    struct cx_t38_terms terms;
};

/* Who we are in an SDP. */
struct cx_sdp_local {
    const char *ip;
    unsigned port;
    uint64_t id;      /* of the session */
    unsigned version; /* counts changes */
};

/* 0, or -EINVAL: malformed. text needs no NUL. */
int cx_sdp_parse(const char *text, size_t len, struct cx_sdp *sdp);
/* Chooses codec and direction; now: what was agreed before (its codec is kept if possible), or
 * NULL. 0, or -ENOTSUP: nothing in common. */
int cx_sdp_negotiate(const struct cx_sdp *sdp, const struct cx_sdp_stream *now,
                     struct cx_sdp_stream *stream);
/* The same for T.38: an image line by UDPTL. 0, or -ENOTSUP: there is none. */
int cx_sdp_negotiate_t38(const struct cx_sdp *sdp, struct cx_sdp_stream *stream);
/* The answer to an offer. Length, or -ENOBUFS. */
int cx_sdp_answer(const struct cx_sdp *offer, const struct cx_sdp_stream *stream,
                  const struct cx_sdp_local *local, char *text, size_t size);
/* An offer of ours: all codecs, or what was agreed. Length, or -ENOBUFS. */
int cx_sdp_offer(const struct cx_sdp_stream *now, const struct cx_sdp_local *local, char *text,
                 size_t size);

#endif
