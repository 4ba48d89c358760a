/*
 * peer.c - the second party of a call: the callflow that goes on elsewhere (continue), or somebody
 * whom a service calls (dial); and joining them with the caller. See call_private.h.
 *
 * Continue: the new party is offered the caller's own description. When it answers, the caller is
 * offered the new party's, and RTP leaves us. Until then the caller hears ringing from here.
 *
 * Dial and join: the party is called with our description, so that a service can speak with it. At
 * the end it is offered the caller's description, and its answer answers the caller.
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include <arpa/inet.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "call_private.h"
#include "log.h"

#define AGAIN_MS 1000
#define TRIES    5

static void over(void *arg, const char *why)
{
    struct cx_call *c = arg;

    cx_log(CX_LOG_INFO, c->id, "call: ended by %s after %.1f s", why,
           ev_now(c->all->loop) - c->began);
    c->session = c->peer = NULL;
    c->bridged = false;
    cx_call_finish(c);
}

static void give_up(struct cx_call *c, const char *why)
{
    cx_log(CX_LOG_INFO, c->id, "call: cannot go on: %s", why);
    cx_call_end(c, 480, "Temporarily Unavailable", NULL);
}

static void bridge(struct cx_call *c)
{
    struct cx_session *a = c->session, *b = c->peer;

    cx_log(CX_LOG_INFO, c->id, "call: joined, media leave the worker");
    cx_call_silence(c);
    cx_stream_free(c->stream);
    c->stream = NULL;
    c->bridged = true;
    cx_bridge_open(&c->bridge, a, b, over, c);
    /* what the caller has answered may differ from what the new party was offered */
    if (c->going_on && !cx_bridge_same_media(cx_session_sdp(a), c->offered))
        cx_session_reinvite(b, cx_session_sdp(a));
}

/* The caller is offered what the new party says; the answer comes to cx_call_reinvited(). */
static void offer_caller(struct cx_call *c)
{
    const char *sdp = cx_session_sdp(c->peer) ? cx_session_sdp(c->peer) : c->early;
    int err = cx_session_reinvite(c->session, sdp);

    if (err == 0) {
        free(c->told);
        c->told = strdup(sdp);
        c->telling = true;
    } else if (c->peer_up && (err != -EBUSY || ++c->tries > TRIES)) {
        give_up(c, strerror(-err));
    } else if (c->peer_up) {
        cx_call_again_in(c, AGAIN_MS); /* something else is under way, perhaps the first ACK */
    }
}

static void join_caller(struct cx_call *c)
{
    if (c->telling)
        return;
    if (c->told && cx_bridge_same_media(c->told, cx_session_sdp(c->peer)))
        bridge(c);
    else
        offer_caller(c);
}

void cx_call_again(struct cx_call *c)
{
    if (c->peer_up && c->peer)
        join_caller(c);
}

/* The caller's answer to what we have offered. */
void cx_call_reinvited(struct cx_call *c, int code, const char *sdp)
{
    (void)sdp;
    c->telling = false;
    if (code >= 300) {
        cx_log(CX_LOG_INFO, c->id, "call: the caller's side refuses the new media: %d", code);
        free(c->told);
        c->told = NULL;
        if (!c->peer_up)
            return;
        if (code == 491 && ++c->tries <= TRIES)
            cx_call_again_in(c, AGAIN_MS);
        else
            give_up(c, "no media");
        return;
    }
    cx_call_silence(c);
    cx_stream_mute(c->stream); /* the caller hears the other side now */
    if (c->peer_up)
        join_caller(c);
}

/* ---- what the party does */

static void peer_media(void *arg, const struct cx_sdp_stream *stream)
{
    struct cx_call *c = arg;

    if (!c->going_on)
        cx_call_media(c, stream);
}

static void peer_ended(void *arg, const char *why)
{
    struct cx_call *c = arg;

    c->peer = NULL;
    if (c->going_on || c->joining)
        give_up(c, why);
    else
        cx_call_event(c, (struct cx_event){.type = CX_EV_PEER, .peer = CX_PEER_ENDED});
}

static void peer_failed(void *arg, int code, const char *reason)
{
    struct cx_call *c = arg;

    c->peer = NULL;
    cx_log(CX_LOG_INFO, c->id, "call: the other party: %d %s", code, reason);
    if (c->going_on)
        give_up(c, reason);
    else
        cx_call_event(c,
                      (struct cx_event){.type = CX_EV_PEER, .peer = CX_PEER_ENDED, .code = code});
}

static void peer_progress(void *arg, int code, const char *sdp)
{
    struct cx_call *c = arg;

    if (!c->going_on) {
        cx_call_event(c,
                      (struct cx_event){.type = CX_EV_PEER, .peer = CX_PEER_RINGING, .code = code});
    } else if (sdp && !c->early) {
        c->early = strdup(sdp);
        if (c->early)
            offer_caller(c);
    }
}

static void peer_answered(void *arg, const char *sdp)
{
    struct cx_call *c = arg;

    (void)sdp;
    c->peer_up = true;
    if (c->going_on)
        join_caller(c);
    else
        cx_call_event(c, (struct cx_event){.type = CX_EV_PEER, .peer = CX_PEER_ANSWERED});
}

/* The party's answer to the caller's offer. */
static void peer_reinvited(void *arg, int code, const char *sdp)
{
    struct cx_call *c = arg;

    if (!c->joining)
        return;
    if (code >= 300 || !sdp || cx_session_answer_with(c->session, sdp) < 0)
        give_up(c, "no media");
    else
        bridge(c);
}

static int call_out(struct cx_call *c, const char *uri, const char *headers, const char *sdp)
{
    static const struct cx_session_handlers handlers = {.media = peer_media,
                                                        .ended = peer_ended,
                                                        .progress = peer_progress,
                                                        .answered = peer_answered,
                                                        .failed = peer_failed,
                                                        .reinvited = peer_reinvited};
    const struct cx_ivr_call *info = cx_ivr_call(c->ivr);
    char from[512], more[4096];
    struct cx_session_call call = {.uri = uri, .from = from, .headers = more, .sdp = sdp};
    int n;

    call.max_forwards = cx_session_max_forwards(c->session) - 1;
    call.rtp_port = cx_stream_port(c->stream);
    snprintf(from, sizeof(from), "%s%s%s<%s>", *info->caller_name ? "\"" : "", info->caller_name,
             *info->caller_name ? "\" " : "", info->from_uri);
    n = snprintf(more, sizeof(more), "X-Centrex-Account: %s\r\nX-Centrex-Call: %s\r\n%s%s%s%s",
                 info->account, info->interaction, headers ? headers : "",
                 c->forward ? "X-Centrex-Forward: " : "", c->forward ? c->forward : "",
                 c->forward ? "\r\n" : "");
    if (n >= (int)sizeof(more))
        return -ENOBUFS;
    return cx_session_call(c->all->sessions, &call, &handlers, c, &c->peer);
}

/* ---- for services */

/* "sip:USER" at the proxy, which is where all requests go. */
static void at_proxy(const struct cx_call *c, const char *user, char *uri, size_t size)
{
    char ip[INET_ADDRSTRLEN];

    inet_ntop(AF_INET, &c->all->config->proxy.sin_addr, ip, sizeof(ip));
    snprintf(uri, size, "%s@%s:%u", user, ip, ntohs(c->all->config->proxy.sin_port));
}

int cx_call_go_on(void *arg, const char *outcome)
{
    struct cx_call *c = arg;
    char headers[3000], uri[64];
    const char *sdp = cx_session_sdp(c->session);
    int err;

    if (!cx_session_is_answered(c->session) || !c->cursor || !sdp || c->peer)
        return -EINVAL;
    c->offered = strdup(sdp);
    if (!c->offered)
        return -ENOMEM;
    at_proxy(c, "sip:continue", uri, sizeof(uri));
    snprintf(headers, sizeof(headers), "X-Centrex-Cursor: %s\r\nX-Centrex-Outcome: %s\r\n",
             c->cursor, outcome);
    c->going_on = true;
    err = call_out(c, uri, headers, c->offered);
    cx_log(err < 0 ? CX_LOG_WARNING : CX_LOG_INFO, c->id, "call: %s%s%s", outcome,
           err < 0 ? ": " : "", err < 0 ? strerror(-err) : "");
    if (err == 0)
        cx_call_ringback(c);
    else
        c->going_on = false;
    return err;
}

int cx_call_dial(void *arg, const char *uri, const char *headers)
{
    struct cx_call *c = arg;
    char whole[300];

    if (c->peer || cx_session_is_answered(c->session))
        return -EBUSY;
    if (strlen(uri) > 200)
        return -EINVAL;
    if (!strchr(uri, '@')) {
        at_proxy(c, uri, whole, sizeof(whole));
        uri = whole;
    }
    cx_log(CX_LOG_INFO, c->id, "call: calls %s", uri);
    return call_out(c, uri, headers, NULL);
}

int cx_call_join(void *arg)
{
    struct cx_call *c = arg;
    int err;

    if (!c->peer || !c->peer_up)
        return -EINVAL;
    err = cx_session_reinvite(c->peer, cx_session_sdp(c->session));
    c->joining = err == 0;
    return err;
}
