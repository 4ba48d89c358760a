/*
 * offer.c - offers and answers of a session (RFC 3264). See session_private.h.
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "session_private.h"

static bool is_sdp(const osip_message_t *m)
{
    return m->content_type && m->content_type->type && m->content_type->subtype &&
           strcasecmp(m->content_type->type, "application") == 0 &&
           strcasecmp(m->content_type->subtype, "sdp") == 0;
}

static int parse_body(const osip_message_t *m, struct cx_sdp *sdp)
{
    osip_body_t *body = osip_list_get(&m->bodies, 0);

    return body && body->body ? cx_sdp_parse(body->body, body->length, sdp) : -EINVAL;
}

static bool has_body(const osip_message_t *m)
{
    osip_body_t *body = osip_list_get(&m->bodies, 0);

    return body && body->length > 0;
}

/* T.38 when it may be and is offered: at first only if there is nothing else (a caller that offers
 * both begins with sound), later whenever they ask for it. */
static int negotiate(struct cx_session *s, const struct cx_sdp *sdp, struct cx_sdp_stream *stream)
{
    const struct cx_sdp_stream *now = s->has_stream && !s->stream.t38 ? &s->stream : NULL;
    struct cx_sdp narrow;

    if (s->t38 && s->has_stream && cx_sdp_negotiate_t38(sdp, stream) == 0)
        return 0;
    if (s->g711) {
        narrow = *sdp;
        for (unsigned i = 0; i < narrow.line_count; i++)
            for (unsigned k = 0; k < narrow.lines[i].format_count; k++)
                if (narrow.lines[i].formats[k].codec == CX_G722)
                    narrow.lines[i].formats[k].codec = -1;
    }
    if (cx_sdp_negotiate(s->g711 ? &narrow : sdp, now, stream) == 0)
        return 0;
    return s->t38 ? cx_sdp_negotiate_t38(sdp, stream) : -ENOTSUP;
}

int cx_offer_read(struct cx_session *s, const osip_message_t *m)
{
    struct cx_sdp_stream trial;

    free(s->offer);
    s->offer = NULL;
    if (!has_body(m))
        return 0;
    if (!is_sdp(m))
        return 415;
    s->offer = malloc(sizeof(*s->offer));
    if (!s->offer)
        return 500;
    if (parse_body(m, s->offer) == 0) {
        if (negotiate(s, s->offer, &trial) == 0)
            return 0;
        free(s->offer);
        s->offer = NULL;
        return 488;
    }
    free(s->offer);
    s->offer = NULL;
    return 400;
}

static struct cx_sdp_local local_of(struct cx_session *s)
{
    return (struct cx_sdp_local){s->all->ip, s->rtp_port, s->sdp_id, s->sdp_version};
}

/* The version in o= counts what really changed. */
static int write_sdp(struct cx_session *s, const struct cx_sdp *offer, char *body, size_t size)
{
    for (int round = 0; round < 2; round++) {
        struct cx_sdp_local local = local_of(s);
        int n = offer ? cx_sdp_answer(offer, &s->stream, &local, body, size)
                      : cx_sdp_offer(s->has_stream ? &s->stream : NULL, &local, body, size);

        if (n < 0)
            return n;
        if (round == 1 || strcmp(body, s->last_sdp) == 0)
            break;
        s->sdp_version++;
    }
    if (strlen(body) < sizeof(s->last_sdp))
        strcpy(s->last_sdp, body);
    return 0;
}

int cx_offer_answer(struct cx_session *s, char *body, size_t size)
{
    struct cx_sdp_stream stream;

    if (!s->offer) { /* we offer; what they answer comes with the ACK */
        s->offered = true;
        return write_sdp(s, NULL, body, size) < 0 ? 500 : 0;
    }
    if (negotiate(s, s->offer, &stream) < 0)
        return 488;
    s->stream = stream;
    s->has_stream = true;
    if (write_sdp(s, s->offer, body, size) < 0)
        return 500;
    if (s->handlers)
        s->handlers->media(s->arg, &s->stream);
    return 0;
}

int cx_offer_answered(struct cx_session *s, const osip_message_t *m)
{
    struct cx_sdp *sdp = malloc(sizeof(*sdp));
    struct cx_sdp_stream stream;
    int err = sdp ? parse_body(m, sdp) : -ENOMEM;

    if (err == 0)
        err = negotiate(s, sdp, &stream);
    free(sdp);
    if (err < 0)
        return err;
    s->offered = false;
    s->stream = stream;
    s->has_stream = true;
    if (s->handlers)
        s->handlers->media(s->arg, &s->stream);
    return 0;
}

int cx_offer_again(struct cx_session *s, char *body, size_t size)
{
    if (s->relayed) {
        const char *last = s->last_relayed ? s->last_relayed : "";
        return *last && snprintf(body, size, "%s", last) < (int)size ? 0 : -ENOBUFS;
    }
    return write_sdp(s, NULL, body, size);
}
