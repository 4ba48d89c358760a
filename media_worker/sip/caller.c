/*
 * caller.c - calls that we make (RFC 3261 section 13 as UAC): INVITE, CANCEL, and what came of it.
 * See session.h. SPDX-License-Identifier: GPL-2.0-or-later
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../log.h"
#include "session_private.h"

#define LONGEST_S   600.0 /* of ringing: tm ends it long before */
#define CANCELLED_S 32.0  /* for the 487 */

static const char *body_of(const osip_message_t *m)
{
    osip_body_t *body = osip_list_get(&m->bodies, 0);

    return body && body->body && body->length > 0 ? body->body : NULL;
}

static void waited_enough(struct ev_loop *loop, ev_timer *timer, int events)
{
    struct cx_session *s = timer->data;

    (void)loop, (void)events;
    if (s->cancelled) {
        cx_session_fail(s, "no answer to CANCEL", false);
        return;
    }
    cx_session_failed(s, 408, "Request Timeout");
    cx_session_cancel(s);
}

static void guard(struct cx_session *s, double seconds)
{
    ev_timer_stop(s->all->loop, &s->repeat);
    ev_set_cb(&s->repeat, waited_enough);
    ev_timer_set(&s->repeat, seconds, 0);
    ev_timer_start(s->all->loop, &s->repeat);
}

/* From <from> to <uri>, in the transaction of the branch; CANCEL repeats all of it. */
static int request(struct cx_session *s, const char *method, const char *headers, const char *body)
{
    char buffer[CX_SIP_MAX];
    struct cx_text out = {buffer, sizeof(buffer), 0};

    cx_text_add(&out,
                "%s %s SIP/2.0\r\nVia: SIP/2.0/UDP %s;rport;branch=%s\r\nMax-Forwards: %u\r\n"
                "From: %s\r\nTo: %s\r\nCall-ID: %s\r\nCSeq: %u %s\r\n%s",
                method, s->called, cx_sip_sent_by(s->all->sip), s->branch, s->max_forwards,
                s->dialog.local, s->first_to, s->dialog.call_id, s->dialog.local_cseq, method,
                headers);
    if (body)
        cx_text_add(&out, "Content-Type: application/sdp\r\n");
    cx_text_add(&out, "Content-Length: %zu\r\n\r\n%s", body ? strlen(body) : 0, body ? body : "");
    return out.len < out.size ? cx_sip_request(s->all->sip, out.s, out.len) : -ENOBUFS;
}

int cx_session_call(struct cx_sessions *all, const struct cx_session_call *call,
                    const struct cx_session_handlers *handlers, void *arg,
                    struct cx_session **session)
{
    char headers[4096], body[4096], random[24];
    struct cx_text more = {headers, sizeof(headers), 0};
    struct cx_session *s;
    int err;

    *session = NULL;
    if (all->draining)
        return -ESHUTDOWN;
    if (call->max_forwards == 0)
        return -ELOOP;
    s = calloc(1, sizeof(*s));
    if (!s)
        return -ENOMEM;
    err = cx_dialog_call(&s->dialog, call->uri, call->from);
    s->called = strdup(call->uri);
    s->first_to = s->dialog.remote ? strdup(s->dialog.remote) : NULL;
    if (err < 0 || !s->called || !s->first_to) {
        cx_dialog_close(&s->dialog);
        free(s->called);
        free(s->first_to);
        free(s);
        return err < 0 ? err : -ENOMEM;
    }
    s->calling = true;
    s->max_forwards = call->max_forwards;
    s->handlers = handlers;
    s->arg = arg;
    s->rtp_port = call->rtp_port;
    cx_sip_random(random, 20);
    snprintf(s->branch, sizeof(s->branch), "z9hG4bK%s", random);
    cx_session_add(all, s);
    err = call->sdp ? cx_offer_relay(s, call->sdp, body, sizeof(body))
                    : cx_offer_again(s, body, sizeof(body));
    cx_text_add(&more, "Contact: <sip:%s>\r\n" CX_SIP_ALLOWED "Supported: timer\r\n%s",
                cx_sip_sent_by(all->sip), call->headers ? call->headers : "");
    s->relayed = call->sdp != NULL;
    if (err == 0 && more.len >= more.size)
        err = -ENOBUFS;
    if (err == 0)
        err = request(s, "INVITE", headers, body);
    if (err < 0) {
        s->handlers = NULL;
        cx_session_fail(s, "cannot call", false);
        return err;
    }
    guard(s, LONGEST_S);
    *session = s;
    return 0;
}

void cx_session_cancel(struct cx_session *s)
{
    s->handlers = NULL;
    s->cancelled = true;
    guard(s, CANCELLED_S);
    if (s->state == CX_S_EARLY) /* before a 1xx it must wait (RFC 3261 9.1) */
        request(s, "CANCEL", "", NULL);
}

void cx_session_failed(struct cx_session *s, int code, const char *reason)
{
    const struct cx_session_handlers *handlers = s->handlers;

    s->handlers = NULL;
    if (handlers && handlers->failed)
        handlers->failed(s->arg, code, reason);
    else if (handlers)
        handlers->ended(s->arg, reason);
}

static void provisional(struct cx_session *s, const osip_message_t *m)
{
    const char *sdp = body_of(m);
    bool first = s->state == CX_S_TRYING;

    s->state = CX_S_EARLY;
    if (s->cancelled) {
        if (first)
            request(s, "CANCEL", "", NULL);
        return;
    }
    if (m->status_code == 100)
        return;
    cx_dialog_answered(&s->dialog, m);
    if (sdp && !s->relayed)
        cx_offer_answered(s, m);
    if (s->handlers && s->handlers->progress)
        s->handlers->progress(s->arg, m->status_code, sdp);
}

static void accepted(struct cx_session *s, const osip_message_t *m)
{
    cx_dialog_answered(&s->dialog, m);
    ev_timer_stop(s->all->loop, &s->repeat);
    cx_session_send_ack(s, s->dialog.local_cseq);
    s->state = CX_S_CONFIRMED;
    if (s->cancelled) { /* they crossed */
        cx_session_hangup(s);
        return;
    }
    cx_session_remember_sdp(s, body_of(m));
    if (!s->relayed && !body_of(m) && s->has_stream) {
        /* what came with the 183 stands */
    } else if (!body_of(m) || (!s->relayed && cx_offer_answered(s, m) < 0)) {
        cx_session_failed(s, 488, "Not Acceptable Here");
        cx_session_hangup(s);
        return;
    }
    cx_refresh_answered(s, m);
    if (s->handlers && s->handlers->answered)
        s->handlers->answered(s->arg, s->their_sdp);
}

void cx_session_called(struct cx_session *s, const osip_message_t *m)
{
    char reason[100];

    if (m && m->status_code < 200) {
        provisional(s, m);
    } else if (m && m->status_code < 300) {
        accepted(s, m);
    } else {
        snprintf(reason, sizeof(reason), "%s",
                 m && m->reason_phrase ? m->reason_phrase : "Request Timeout");
        cx_session_failed(s, m ? m->status_code : 408, reason);
        cx_session_fail(s, reason, false);
    }
}
