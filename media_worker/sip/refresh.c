/*
 * refresh.c - session timers (RFC 4028): a call whose other side has gone silently ends.
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "session_private.h"

#define MIN_S     90
#define DEFAULT_S 1800
#define MAX_S     86400

static const char *session_expires(const osip_message_t *m)
{
    const char *value = cx_sip_header(m, "session-expires");

    return *value ? value : cx_sip_header(m, "x"); /* its compact form */
}

int cx_refresh_read(struct cx_session *s, const osip_message_t *m)
{
    const char *value = session_expires(m);
    long interval = *value ? strtol(value, NULL, 10) : 0;

    s->refresh.peer_supports =
        cx_sip_has_token(m, "supported", "timer") || cx_sip_has_token(m, "k", "timer");
    if (*value && interval < MIN_S) {
        if (s->refresh.peer_supports)
            return 422;
        interval = MIN_S;
    }
    if (interval > MAX_S)
        interval = MAX_S;
    s->refresh.interval_s = interval > 0 ? (unsigned)interval : DEFAULT_S;
    /* the caller refreshes if it can and does not ask us to */
    s->refresh.ours = !s->refresh.peer_supports || strcasestr(value, "refresher=uas") != NULL;
    return 0;
}

void cx_refresh_headers(const struct cx_session *s, struct cx_text *out)
{
    cx_text_add(out, "Supported: timer\r\n");
    if (!s->refresh.interval_s)
        return;
    if (s->refresh.ours) {
        cx_text_add(out, "Session-Expires: %u;refresher=uas\r\n", s->refresh.interval_s);
    } else {
        cx_text_add(out, "Require: timer\r\nSession-Expires: %u;refresher=uac\r\n",
                    s->refresh.interval_s);
    }
}

static void again_in(struct cx_session *s, double seconds)
{
    ev_timer_stop(s->all->loop, &s->refresh.timer);
    ev_timer_set(&s->refresh.timer, seconds, 0);
    ev_timer_start(s->all->loop, &s->refresh.timer);
}

static void send_refresh(struct cx_session *s)
{
    char buffer[CX_SIP_MAX], body[4096], headers[128];
    struct cx_text out = {buffer, sizeof(buffer), 0}, more = {headers, sizeof(headers), 0};

    if (cx_session_is_busy(s) || cx_offer_again(s, body, sizeof(body)) < 0) {
        again_in(s, 2); /* something is under way already */
        return;
    }
    cx_text_add(&more, "Supported: timer\r\nSession-Expires: %u;refresher=uac\r\n",
                s->refresh.interval_s);
    if (cx_dialog_request(&s->dialog, "INVITE", 0, cx_sip_sent_by(s->all->sip), headers, body,
                          &out) < 0 ||
        cx_sip_request(s->all->sip, out.s, out.len) < 0) {
        again_in(s, 2);
        return;
    }
    s->refresh.cseq = s->dialog.local_cseq;
}

static void due(struct ev_loop *loop, ev_timer *timer, int events)
{
    struct cx_session *s = timer->data;

    (void)loop, (void)events;
    if (s->refresh.ours)
        send_refresh(s);
    else
        cx_session_fail(s, "session timer ran out", true);
}

void cx_refresh_start(struct cx_session *s)
{
    double interval = s->refresh.interval_s;

    if (!s->refresh.timer
             .data) { /* once: initialising a timer that runs would leave it in the loop */
        ev_init(&s->refresh.timer, due);
        s->refresh.timer.data = s;
    }
    ev_timer_stop(s->all->loop, &s->refresh.timer);
    if (interval <= 0)
        return;
    again_in(s,
             s->refresh.ours ? interval / 2 : interval - (interval / 3 < 32 ? interval / 3 : 32));
}

void cx_refresh_stop(struct cx_session *s)
{
    if (s->refresh.timer.data)
        ev_timer_stop(s->all->loop, &s->refresh.timer);
}

void cx_refresh_answered(struct cx_session *s, const osip_message_t *m)
{
    long interval = strtol(session_expires(m), NULL, 10);

    s->refresh.interval_s = interval >= MIN_S && interval <= MAX_S ? (unsigned)interval : DEFAULT_S;
    s->refresh.ours = strcasestr(session_expires(m), "refresher=uas") == NULL;
    cx_refresh_start(s);
}

void cx_refresh_response(struct cx_session *s, const osip_message_t *m)
{
    long interval;

    if (m && m->status_code < 200)
        return;
    s->refresh.cseq = 0;
    if (!m || m->status_code == 408 || m->status_code == 481) {
        cx_session_fail(s, m ? "the other side has no such call any more" : "refresh not answered",
                        true);
    } else if (m->status_code == 491) {
        again_in(s, 2.1 + (double)(s->dialog.local_tag[0] % 16) / 8);
    } else if (m->status_code == 422) {
        interval = strtol(cx_sip_header(m, "min-se"), NULL, 10);
        if (interval > (long)s->refresh.interval_s && interval <= MAX_S)
            s->refresh.interval_s = (unsigned)interval;
        again_in(s, 1);
    } else {
        if (m->status_code < 300) {
            cx_dialog_refresh(&s->dialog, m);
            interval = strtol(session_expires(m), NULL, 10);
            if (interval >= MIN_S && interval <= MAX_S)
                s->refresh.interval_s = (unsigned)interval;
            s->refresh.ours = strcasestr(session_expires(m), "refresher=uas") == NULL;
        }
        cx_refresh_start(s); /* an answer, even a refusal: somebody is there */
    }
}
