/*
 * session.c - the life of a session. See session.h. SPDX-License-Identifier: GPL-2.0-or-later
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/random.h>

#include "../log.h"
#include "session_private.h"

#define T1       0.5
#define T2       4.0
#define GIVE_UP  32.0 /* 64 * T1 */
#define TEXT_MAX 8192

static unsigned bucket_of(const char *call_id)
{
    uint32_t hash = 2166136261u;

    for (; *call_id; call_id++)
        hash = (hash ^ (unsigned char)*call_id) * 16777619u;
    return hash % CX_SESSION_BUCKETS;
}

int cx_session_reply(struct cx_sessions *all, osip_transaction_t *transaction,
                     const osip_message_t *request, int code, const char *reason, const char *tag,
                     const char *headers, const char *body)
{
    char buffer[TEXT_MAX], own_tag[20];
    struct cx_text out = {buffer, sizeof(buffer), 0};

    if (!tag) {
        cx_sip_random(own_tag, 16);
        tag = own_tag;
    }
    if (cx_sip_response(request, code, reason, tag, headers, body, &out) < 0) {
        cx_log(CX_LOG_ERROR, NULL, "sip: no room for a response");
        return -ENOBUFS;
    }
    return cx_sip_reply(all->sip, transaction, out.s, out.len);
}

/* ---- finding and ending */

static struct cx_session **head_for(struct cx_sessions *all, const osip_message_t *m)
{
    char *text = NULL;
    unsigned bucket;

    osip_call_id_to_str(m->call_id, &text);
    bucket = bucket_of(text ? text : "");
    osip_free(text);
    return &all->buckets[bucket];
}

static struct cx_session *find(struct cx_sessions *all, const osip_message_t *m)
{
    struct cx_session *s = *head_for(all, m);

    while (s && !cx_dialog_owns(&s->dialog, m))
        s = s->next;
    return s;
}

static const char *branch_of(const osip_message_t *m)
{
    osip_via_t *via = osip_list_get(&m->vias, 0);
    osip_generic_param_t *branch = NULL;

    osip_via_param_get_byname(via, "branch", &branch);
    return branch && branch->gvalue ? branch->gvalue : "";
}

static struct cx_session *find_by_branch(struct cx_sessions *all, const osip_message_t *m)
{
    struct cx_session *s = *head_for(all, m);

    while (s && strcmp(s->branch, branch_of(m)) != 0)
        s = s->next;
    return s;
}

static void drop_answer(struct cx_session *s)
{
    ev_timer_stop(s->all->loop, &s->repeat);
    free(s->answer);
    s->answer = NULL;
}

/* Out of the table; freed when the loop goes round. */
static void end(struct cx_session *s)
{
    struct cx_session **at = &s->all->buckets[bucket_of(s->dialog.call_id)];

    if (s->state == CX_S_ENDED)
        return;
    s->state = CX_S_ENDED;
    s->handlers = NULL;
    drop_answer(s);
    cx_refresh_stop(s);
    if (s->invite)
        osip_transaction_set_your_instance(s->invite, NULL);
    s->invite = NULL;
    if (s->pending)
        osip_transaction_set_your_instance(s->pending, NULL);
    s->pending = NULL;
    while (*at != s)
        at = &(*at)->next;
    *at = s->next;
    s->all->count--;
    s->next = s->all->dead;
    s->all->dead = s;
}

static void reap(struct ev_loop *loop, ev_prepare *watcher, int events)
{
    struct cx_sessions *all = watcher->data;
    struct cx_session *s;

    (void)loop, (void)events;
    while ((s = all->dead) != NULL) {
        all->dead = s->next;
        cx_dialog_close(&s->dialog);
        free(s->offer);
        free(s->their_sdp);
        free(s->called);
        free(s->first_to);
        free(s->last_relayed);
        free(s);
    }
}

static void tell_ended(struct cx_session *s, const char *why)
{
    const struct cx_session_handlers *handlers = s->handlers;

    s->handlers = NULL;
    if (handlers)
        handlers->ended(s->arg, why);
}

static void send_bye(struct cx_session *s)
{
    char buffer[TEXT_MAX];
    struct cx_text out = {buffer, sizeof(buffer), 0};

    if (cx_dialog_request(&s->dialog, "BYE", 0, cx_sip_sent_by(s->all->sip), NULL, NULL, &out) == 0)
        cx_sip_request(s->all->sip, out.s, out.len);
}

void cx_session_fail(struct cx_session *s, const char *why, bool bye)
{
    tell_ended(s, why);
    if (bye && s->state >= CX_S_ANSWERED && s->state != CX_S_ENDED)
        send_bye(s);
    end(s);
}

/* ---- the 200 and its ACK */

static void repeat_due(struct ev_loop *loop, ev_timer *timer, int events)
{
    struct cx_session *s = timer->data;

    (void)loop, (void)events;
    if (s->waited >= GIVE_UP) {
        cx_session_fail(s, "no ACK", true);
        return;
    }
    cx_sip_send(s->all->sip, s->answer, s->answer_len);
    s->interval = s->interval * 2 > T2 ? T2 : s->interval * 2;
    s->waited += s->interval;
    ev_timer_set(timer, s->interval, 0);
    ev_timer_start(s->all->loop, timer);
}

/* Answers an INVITE with 200 and repeats it until the ACK comes (RFC 3261 13.3.1.4). */
int cx_session_send_ok(struct cx_session *s, osip_transaction_t *transaction,
                       const osip_message_t *request, const char *body)
{
    char buffer[TEXT_MAX], headers[512];
    struct cx_text out = {buffer, sizeof(buffer), 0}, more = {headers, sizeof(headers), 0};

    cx_text_add(&more, "Contact: <sip:%s>\r\n" CX_SIP_ALLOWED, cx_sip_sent_by(s->all->sip));
    cx_refresh_headers(s, &more);
    if (cx_sip_response(request, 200, "OK", s->dialog.local_tag, headers, body, &out) < 0)
        return -ENOBUFS;
    drop_answer(s);
    if (MSG_IS_INVITE(request)) {
        s->answer = strdup(out.s);
        if (!s->answer)
            return -ENOMEM;
        s->answer_len = out.len;
        s->answer_cseq = (unsigned)strtoul(request->cseq->number, NULL, 10);
        s->interval = T1;
        s->waited = T1;
        ev_timer_set(&s->repeat, T1, 0);
        ev_timer_start(s->all->loop, &s->repeat);
    }
    return cx_sip_reply(s->all->sip, transaction, out.s, out.len);
}

static const char *body_of(const osip_message_t *m)
{
    osip_body_t *body = osip_list_get(&m->bodies, 0);

    return body && body->body && body->length > 0 ? body->body : NULL;
}

static void ack(struct cx_sessions *all, const osip_message_t *m)
{
    struct cx_session *s = find(all, m);
    bool first;

    if (!s || !s->answer || strtoul(m->cseq->number, NULL, 10) != s->answer_cseq)
        return; /* a repetition */
    first = s->state == CX_S_ANSWERED;
    drop_answer(s);
    s->state = CX_S_CONFIRMED;
    if (s->bye_after_ack) {
        send_bye(s);
        end(s);
        return;
    }
    if (body_of(m))
        cx_session_remember_sdp(s, body_of(m));
    if (s->relayed) {
        if (s->handlers && s->handlers->acked)
            s->handlers->acked(s->arg, body_of(m));
    } else if (s->offered && cx_offer_answered(s, m) < 0) {
        if (first) {
            cx_session_fail(s, "no usable SDP in the ACK", true);
            return;
        }
        s->offered = false;
    }
    if (s->state == CX_S_CONFIRMED)
        cx_refresh_start(s);
}

void cx_session_send_ack(struct cx_session *s, unsigned cseq)
{
    char buffer[TEXT_MAX];
    struct cx_text out = {buffer, sizeof(buffer), 0};

    if (cx_dialog_request(&s->dialog, "ACK", cseq, cx_sip_sent_by(s->all->sip), NULL, NULL, &out) ==
        0)
        cx_sip_send(s->all->sip, out.s, out.len);
}

/* ---- requests */

static const char *reason_of(int code)
{
    switch (code) {
    case 400:
        return "Bad SDP";
    case 415:
        return "Unsupported Media Type";
    case 420:
        return "Bad Extension";
    case 422:
        return "Session Interval Too Small";
    case 488:
        return "Not Acceptable Here";
    default:
        return "Server Internal Error";
    }
}

static void refuse(struct cx_sessions *all, osip_transaction_t *transaction,
                   const osip_message_t *request, int code, const char *tag)
{
    const char *headers = code == 422   ? "Min-SE: 90\r\n"
                          : code == 415 ? "Accept: application/sdp\r\n"
                                        : NULL;

    cx_log(CX_LOG_INFO, cx_sip_header(request, "x-centrex-call"), "sip: %s refused: %d %s",
           request->sip_method, code, reason_of(code));
    cx_session_reply(all, transaction, request, code, reason_of(code), tag, headers, NULL);
}

/* An extension that the caller insists on and that we do not know, or NULL. */
static const char *unknown_extension(const osip_message_t *m)
{
    const char *require = cx_sip_header(m, "require");

    return *require && strcasecmp(require, "timer") != 0 ? require : NULL;
}

void cx_session_add(struct cx_sessions *all, struct cx_session *s)
{
    struct cx_session **head = &all->buckets[bucket_of(s->dialog.call_id)];

    s->all = all;
    ev_init(&s->repeat, repeat_due);
    s->repeat.data = s;
    if (getrandom(&s->sdp_id, sizeof(s->sdp_id), 0) != sizeof(s->sdp_id))
        s->sdp_id = (uintptr_t)s;
    s->sdp_id >>= 2; /* fits into signed numbers everywhere */
    s->next = *head;
    *head = s;
    all->count++;
}

static void new_call(struct cx_sessions *all, osip_transaction_t *transaction, osip_message_t *m)
{
    struct cx_session *s;
    const char *extension = unknown_extension(m);
    char unsupported[300];
    int code;

    if (all->draining) {
        cx_session_reply(all, transaction, m, 503, "Shutting Down", NULL, NULL, NULL);
        return;
    }
    if (extension) {
        snprintf(unsupported, sizeof(unsupported), "Unsupported: %.200s\r\n", extension);
        cx_session_reply(all, transaction, m, 420, "Bad Extension", NULL, unsupported, NULL);
        return;
    }
    s = calloc(1, sizeof(*s));
    if (!s || cx_dialog_init(&s->dialog, m) < 0) {
        cx_session_reply(all, transaction, m, s ? 400 : 500, s ? "No Contact" : "Out of Memory",
                         NULL, NULL, NULL);
        free(s);
        return;
    }
    snprintf(s->branch, sizeof(s->branch), "%s", branch_of(m));
    cx_session_add(all, s);
    s->max_forwards = (unsigned)strtoul(cx_sip_header(m, "max-forwards"), NULL, 10);
    cx_session_remember_sdp(s, body_of(m));
    /* who calls a fax machine may begin with T.38 */
    s->t38 = s->g711 = strncmp(cx_sip_header(m, "x-centrex-service"), "fax", 3) == 0;
    code = cx_offer_read(s, m);
    if (code == 0)
        code = cx_refresh_read(s, m);
    if (code) {
        refuse(all, transaction, m, code, s->dialog.local_tag);
        end(s);
        return;
    }
    s->invite = transaction;
    osip_transaction_set_your_instance(transaction, s);
    cx_session_reply(all, transaction, m, 100, "Trying", NULL, NULL, NULL);
    all->incoming(all->arg, s, m);
}

static void again(struct cx_session *s, osip_transaction_t *transaction, osip_message_t *m)
{
    struct cx_sessions *all = s->all;
    unsigned cseq = (unsigned)strtoul(m->cseq->number, NULL, 10);
    char body[2048];
    bool update = !MSG_IS_INVITE(m), pending;
    int code;

    if (cseq <= s->dialog.remote_cseq) {
        cx_session_reply(all, transaction, m, 500, "CSeq Out Of Order", NULL, NULL, NULL);
        return;
    }
    s->dialog.remote_cseq = cseq;
    pending = s->refresh.cseq || s->reinvite_cseq || s->t38_cseq;
    if (s->state != CX_S_CONFIRMED || cx_session_is_busy(s)) {
        cx_session_reply(all, transaction, m, pending ? 491 : 500,
                         pending ? "Request Pending" : "Not Yet", NULL,
                         pending ? NULL : "Retry-After: 2\r\n", NULL);
        return;
    }
    code = cx_refresh_read(s, m);
    if (code == 0 && cx_session_pass_on(s, transaction, m))
        return;
    if (code == 0)
        code = cx_offer_read(s, m);
    if (code == 0 && body_of(m))
        cx_session_remember_sdp(s, body_of(m));
    if (code == 0 && (s->offer || !update))
        code = cx_offer_answer(s, body, sizeof(body));
    if (s->state == CX_S_ENDED)
        return; /* the user hung up when it heard of the new media */
    if (code) {
        refuse(all, transaction, m, code, NULL);
        return;
    }
    cx_dialog_refresh(&s->dialog, m);
    cx_session_send_ok(s, transaction, m, s->offer || !update ? body : NULL);
    if (update)
        cx_refresh_start(s);
    free(s->offer);
    s->offer = NULL;
}

static void invite(struct cx_sessions *all, osip_transaction_t *transaction, osip_message_t *m)
{
    struct cx_session *s;

    if (*cx_sip_tag(m->to)) {
        s = find(all, m);
        if (s)
            again(s, transaction, m);
        else
            cx_session_reply(all, transaction, m, 481, "No Such Call", NULL, NULL, NULL);
        return;
    }
    s = find_by_branch(all, m);
    if (!s) {
        new_call(all, transaction, m);
    } else if (s->answer) {
        /* repeated after our 200: its transaction was over, ours repeats it anyway */
        cx_sip_reply(all->sip, transaction, s->answer, s->answer_len);
    } else {
        cx_session_reply(all, transaction, m, 482, "Loop Detected", NULL, NULL, NULL);
    }
}

static void bye(struct cx_sessions *all, osip_transaction_t *transaction, osip_message_t *m)
{
    struct cx_session *s = find(all, m);

    if (!s) {
        cx_session_reply(all, transaction, m, 481, "No Such Call", NULL, NULL, NULL);
        return;
    }
    cx_session_reply(all, transaction, m, 200, "OK", NULL, NULL, NULL);
    if (s->invite)
        cx_session_reply(all, s->invite, s->invite->orig_request, 487, "Request Terminated",
                         s->dialog.local_tag, NULL, NULL);
    if (s->pending)
        cx_session_answer_offer(s, 487, "Request Terminated", NULL);
    cx_session_fail(s, "BYE", false);
}

static void cancel(struct cx_sessions *all, osip_transaction_t *transaction, osip_message_t *m)
{
    struct cx_session *s = find_by_branch(all, m);

    if (!s) {
        cx_session_reply(all, transaction, m, 481, "No Such Call", NULL, NULL, NULL);
        return;
    }
    cx_session_reply(all, transaction, m, 200, "OK", s->dialog.local_tag, NULL, NULL);
    if (!s->invite || s->state >= CX_S_ANSWERED)
        return; /* too late: the 200 stands */
    cx_session_reply(all, s->invite, s->invite->orig_request, 487, "Request Terminated",
                     s->dialog.local_tag, NULL, NULL);
    cx_session_fail(s, "CANCEL", false);
}

static void order(struct cx_sessions *all, osip_transaction_t *transaction, osip_message_t *m)
{
    osip_body_t *body = NULL;
    int code = 503;

    osip_message_get_body(m, 0, &body);
    if (!all->draining)
        code = body && body->body ? all->message(all->message_arg, body->body, body->length) : 400;
    cx_session_reply(all, transaction, m, code, code < 300 ? "OK" : "Refused", NULL, NULL, NULL);
}

static void on_request(void *arg, osip_transaction_t *transaction, osip_message_t *m)
{
    struct cx_sessions *all = arg;
    struct cx_session *s;

    if (MSG_IS_ACK(m)) {
        ack(all, m);
    } else if (MSG_IS_INVITE(m)) {
        invite(all, transaction, m);
    } else if (MSG_IS_BYE(m)) {
        bye(all, transaction, m);
    } else if (MSG_IS_CANCEL(m)) {
        cancel(all, transaction, m);
    } else if (MSG_IS_OPTIONS(m)) {
        cx_session_reply(all, transaction, m, all->draining ? 503 : 200,
                         all->draining ? "Shutting Down" : "OK", NULL,
                         CX_SIP_ALLOWED "Accept: application/sdp\r\nSupported: timer\r\n", NULL);
    } else if (MSG_IS_MESSAGE(m) && !*cx_sip_tag(m->to) && all->message) {
        order(all, transaction, m);
    } else if (strcmp(m->sip_method, "UPDATE") == 0 && (s = find(all, m)) != NULL) {
        again(s, transaction, m);
    } else {
        cx_session_reply(all, transaction, m, *cx_sip_tag(m->to) && !find(all, m) ? 481 : 405,
                         *cx_sip_tag(m->to) && !find(all, m) ? "No Such Call"
                                                             : "Method Not Allowed",
                         NULL, CX_SIP_ALLOWED, NULL);
    }
}

/* ---- responses to BYE and to our re-INVITEs */

static void on_response(void *arg, osip_transaction_t *transaction, osip_message_t *m)
{
    struct cx_sessions *all = arg;
    const osip_message_t *request = transaction->orig_request;
    struct cx_session *s;
    unsigned cseq;

    if (!request || !MSG_IS_INVITE(request))
        return; /* BYE: whatever they say, it is over */
    s = *head_for(all, request);
    while (s && strcmp(s->dialog.local_tag, cx_sip_tag(request->from)) != 0)
        s = s->next;
    if (!s)
        return;
    cseq = (unsigned)strtoul(request->cseq->number, NULL, 10);
    if (s->calling && s->state <= CX_S_EARLY) {
        cx_session_called(s, m);
        return;
    }
    if (m && MSG_IS_STATUS_2XX(m) && !(cseq == s->reinvite_cseq && s->offerless))
        cx_session_send_ack(s, cseq);
    if (cseq == s->t38_cseq)
        cx_fax_offer_response(s, m);
    else if (cseq == s->reinvite_cseq)
        cx_session_reinvited(s, m);
    else if (cseq == s->refresh.cseq)
        cx_refresh_response(s, m);
}

static void on_stray_response(void *arg, osip_message_t *m)
{
    struct cx_session *s = find(arg, m);

    if (s && MSG_IS_STATUS_2XX(m) && strcmp(m->cseq->method, "INVITE") == 0 && !s->offerless)
        cx_session_send_ack(s, (unsigned)strtoul(m->cseq->number, NULL, 10));
}

static void on_gone(void *arg, osip_transaction_t *transaction)
{
    struct cx_session *s = osip_transaction_get_your_instance(transaction);

    (void)arg;
    if (s && s->invite == transaction)
        s->invite = NULL;
    if (s && s->pending == transaction)
        s->pending = NULL;
}

/* ---- for the user */

void cx_session_own(struct cx_session *s, const struct cx_session_handlers *handlers, void *arg,
                    unsigned rtp_port)
{
    s->handlers = handlers;
    s->arg = arg;
    s->rtp_port = rtp_port;
}

bool cx_session_has_offer(const struct cx_session *s)
{
    return s->offer != NULL;
}

bool cx_session_is_answered(const struct cx_session *s)
{
    return s->state >= CX_S_ANSWERED;
}

int cx_session_early(struct cx_session *s)
{
    char body[2048], contact[64];

    if (s->state != CX_S_TRYING || !s->offer || !s->invite)
        return -EINVAL;
    if (cx_offer_answer(s, body, sizeof(body)) != 0)
        return -EINVAL;
    s->state = CX_S_EARLY;
    snprintf(contact, sizeof(contact), "Contact: <sip:%s>\r\n", cx_sip_sent_by(s->all->sip));
    return cx_session_reply(s->all, s->invite, s->invite->orig_request, 183, "Session Progress",
                            s->dialog.local_tag, contact, body);
}

int cx_session_answer(struct cx_session *s)
{
    osip_transaction_t *transaction = s->invite;
    char body[2048];
    int code;

    if (s->state > CX_S_EARLY || !transaction)
        return -EINVAL;
    code = cx_offer_answer(s, body, sizeof(body));
    if (code || s->state == CX_S_ENDED)
        return -EINVAL;
    s->state = CX_S_ANSWERED;
    osip_transaction_set_your_instance(transaction, NULL);
    s->invite = NULL; /* over with the 200 */
    free(s->offer);
    s->offer = NULL;
    return cx_session_send_ok(s, transaction, transaction->orig_request, body);
}

void cx_session_reject(struct cx_session *s, int code, const char *reason, const char *headers)
{
    s->handlers = NULL;
    if (s->invite)
        cx_session_reply(s->all, s->invite, s->invite->orig_request, code, reason,
                         s->dialog.local_tag, headers, NULL);
    end(s);
}

void cx_session_hangup(struct cx_session *s)
{
    s->handlers = NULL;
    if (s->calling && s->state < CX_S_ANSWERED) {
        cx_session_cancel(s);
    } else if (s->state < CX_S_ANSWERED) {
        cx_session_reject(s, 480, "Temporarily Unavailable", NULL);
    } else if (s->state == CX_S_ANSWERED) {
        s->bye_after_ack = true; /* RFC 3261 15: not before the ACK */
    } else {
        send_bye(s);
        end(s);
    }
}

void cx_sessions_on_message(struct cx_sessions *all, cx_session_message_h *message, void *arg)
{
    all->message = message;
    all->message_arg = arg;
}

void cx_sessions_drain(struct cx_sessions *all)
{
    all->draining = true;
}

unsigned cx_sessions_count(const struct cx_sessions *all)
{
    return all->count;
}

int cx_sessions_open(struct ev_loop *loop, const char *ip, unsigned port,
                     const struct sockaddr_in *proxy, cx_session_incoming_h *incoming, void *arg,
                     struct cx_sessions **out)
{
    static const struct cx_sip_handlers handlers = {on_request, on_response, on_stray_response,
                                                    on_gone};
    struct cx_sessions *all = calloc(1, sizeof(*all));
    int err;

    *out = NULL;
    if (!all)
        return -ENOMEM;
    err = cx_sip_open(loop, ip, port, proxy, &handlers, all, &all->sip);
    if (err < 0) {
        free(all);
        return err;
    }
    all->loop = loop;
    all->incoming = incoming;
    all->arg = arg;
    snprintf(all->ip, sizeof(all->ip), "%s", ip);
    ev_prepare_init(&all->reaper, reap);
    all->reaper.data = all;
    ev_prepare_start(loop, &all->reaper);
    *out = all;
    return 0;
}

void cx_sessions_close(struct cx_sessions *all)
{
    if (!all)
        return;
    for (unsigned b = 0; b < CX_SESSION_BUCKETS; b++)
        while (all->buckets[b])
            end(all->buckets[b]);
    reap(all->loop, &all->reaper, 0);
    ev_prepare_stop(all->loop, &all->reaper);
    cx_sip_close(all->sip);
    free(all);
}
