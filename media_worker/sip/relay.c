/*
 * relay.c - sessions whose media are somebody else's: descriptions are passed on, only their origin
 * is ours. See session.h. SPDX-License-Identifier: GPL-2.0-or-later
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "session_private.h"

/* With our own o= line: the other side must see one session with versions that count. */
static int with_origin(const struct cx_session *s, const char *sdp, char *out, size_t size)
{
    const char *line = strncmp(sdp, "o=", 2) == 0 ? sdp : strstr(sdp, "\no=");
    const char *rest;
    int n;

    if (!line)
        return -EINVAL;
    line += *line == '\n';
    rest = strchr(line, '\n');
    if (!rest)
        return -EINVAL;
    n = snprintf(out, size, "%.*so=- %llu %u IN IP4 %s\r\n%s", (int)(line - sdp), sdp,
                 (unsigned long long)s->sdp_id, s->sdp_version, s->all->ip, rest + 1);
    return n < 0 || (size_t)n >= size ? -ENOBUFS : 0;
}

int cx_offer_relay(struct cx_session *s, const char *sdp, char *body, size_t size)
{
    int err = with_origin(s, sdp, body, size);

    if (err < 0 || (s->last_relayed && strcmp(body, s->last_relayed) == 0))
        return err;
    s->sdp_version++;
    err = with_origin(s, sdp, body, size);
    if (err < 0)
        return err;
    free(s->last_relayed);
    s->last_relayed = strdup(body);
    return s->last_relayed ? 0 : -ENOMEM;
}

void cx_session_remember_sdp(struct cx_session *s, const char *sdp)
{
    char *copy = sdp ? strdup(sdp) : NULL;

    if (!copy)
        return;
    free(s->their_sdp);
    s->their_sdp = copy;
}

const char *cx_session_sdp(const struct cx_session *s)
{
    return s->their_sdp;
}

unsigned cx_session_max_forwards(const struct cx_session *s)
{
    return s->max_forwards;
}

int cx_session_reinvite(struct cx_session *s, const char *sdp)
{
    char buffer[CX_SIP_MAX], body[4096], headers[128];
    struct cx_text out = {buffer, sizeof(buffer), 0}, more = {headers, sizeof(headers), 0};
    int err;

    if (s->state != CX_S_CONFIRMED || cx_session_is_busy(s))
        return -EBUSY;
    s->relayed = true;
    s->offerless = sdp == NULL;
    if (sdp) {
        err = cx_offer_relay(s, sdp, body, sizeof(body));
        if (err < 0)
            return err;
    }
    cx_text_add(&more, "Supported: timer\r\n" CX_SIP_ALLOWED);
    err = cx_dialog_request(&s->dialog, "INVITE", 0, cx_sip_sent_by(s->all->sip), headers,
                            sdp ? body : NULL, &out);
    if (err == 0)
        err = cx_sip_request(s->all->sip, out.s, out.len);
    if (err == 0)
        s->reinvite_cseq = s->dialog.local_cseq;
    return err;
}

void cx_session_reinvited(struct cx_session *s, const osip_message_t *m)
{
    osip_body_t *body = m ? osip_list_get(&m->bodies, 0) : NULL;
    int code = m ? m->status_code : 408;

    if (code < 200)
        return;
    s->reinvite_cseq = 0;
    if (code == 408 || code == 481) {
        cx_session_fail(s, "the other side has no such call any more", true);
        return;
    }
    if (code < 300) {
        cx_dialog_refresh(&s->dialog, m);
        if (body && body->body)
            cx_session_remember_sdp(s, body->body);
    }
    if (s->handlers && s->handlers->reinvited)
        s->handlers->reinvited(s->arg, code, code < 300 && body ? body->body : NULL);
}

void cx_session_ack(struct cx_session *s, const char *sdp)
{
    char buffer[CX_SIP_MAX], body[4096];
    struct cx_text out = {buffer, sizeof(buffer), 0};

    if (!s->offerless)
        return;
    s->offerless = false;
    if (sdp && cx_offer_relay(s, sdp, body, sizeof(body)) < 0)
        sdp = NULL;
    if (cx_dialog_request(&s->dialog, "ACK", s->dialog.local_cseq, cx_sip_sent_by(s->all->sip),
                          NULL, sdp ? body : NULL, &out) == 0)
        cx_sip_send(s->all->sip, out.s, out.len);
}

int cx_session_answer_with(struct cx_session *s, const char *sdp)
{
    osip_transaction_t *transaction = s->invite;
    char body[4096];
    int err;

    if (s->state > CX_S_EARLY || !transaction)
        return -EINVAL;
    s->relayed = true;
    err = cx_offer_relay(s, sdp, body, sizeof(body));
    if (err < 0)
        return err;
    s->state = CX_S_ANSWERED;
    osip_transaction_set_your_instance(transaction, NULL);
    s->invite = NULL;
    free(s->offer);
    s->offer = NULL;
    return cx_session_send_ok(s, transaction, transaction->orig_request, body);
}

int cx_session_ringing(struct cx_session *s, int code)
{
    char contact[64];

    if (s->state > CX_S_EARLY || !s->invite)
        return -EINVAL;
    snprintf(contact, sizeof(contact), "Contact: <sip:%s>\r\n", cx_sip_sent_by(s->all->sip));
    s->state = CX_S_EARLY;
    return cx_session_reply(s->all, s->invite, s->invite->orig_request, code, "Ringing",
                            s->dialog.local_tag, contact, NULL);
}

int cx_session_answer_offer(struct cx_session *s, int code, const char *reason, const char *sdp)
{
    osip_transaction_t *transaction = s->pending;
    char body[4096];

    if (!transaction)
        return -EINVAL;
    s->pending = NULL;
    osip_transaction_set_your_instance(transaction, NULL);
    if (code < 300 && sdp && cx_offer_relay(s, sdp, body, sizeof(body)) < 0) {
        code = 500;
        reason = "Server Internal Error";
    }
    if (code >= 300)
        return cx_session_reply(s->all, transaction, transaction->orig_request, code, reason, NULL,
                                NULL, NULL);
    return cx_session_send_ok(s, transaction, transaction->orig_request, sdp ? body : NULL);
}

bool cx_session_pass_on(struct cx_session *s, osip_transaction_t *transaction, osip_message_t *m)
{
    osip_body_t *body = osip_list_get(&m->bodies, 0);
    const char *sdp = body && body->body && body->length > 0 ? body->body : NULL;
    bool update = !MSG_IS_INVITE(m);

    if (!s->relayed)
        return false;
    cx_dialog_refresh(&s->dialog, m);
    if ((update && !sdp) || (sdp && s->their_sdp && strcmp(sdp, s->their_sdp) == 0)) {
        /* only the session timer's */
        cx_session_send_ok(s, transaction, m, sdp ? s->last_relayed : NULL);
        if (update)
            cx_refresh_start(s);
        return true;
    }
    s->pending = transaction;
    osip_transaction_set_your_instance(transaction, s);
    cx_session_remember_sdp(s, sdp);
    if (s->handlers && s->handlers->offer) {
        if (!update)
            cx_session_reply(s->all, transaction, m, 100, "Trying", NULL, NULL, NULL);
        s->handlers->offer(s->arg, sdp);
    } else {
        cx_session_answer_offer(s, 488, "Not Acceptable Here", NULL);
    }
    return true;
}
