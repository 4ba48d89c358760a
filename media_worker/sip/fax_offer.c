/*
 * fax_offer.c - the change from sound to T.38 that we ask for (RFC 3264 8.3.3, T.38 annex D).
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include <errno.h>
#include <stdlib.h>

#include "session_private.h"

void cx_session_allow_t38(struct cx_session *s, bool allowed)
{
    s->t38 = allowed;
}

void cx_session_g711(struct cx_session *s)
{
    s->g711 = true;
}

int cx_session_offer_t38(struct cx_session *s)
{
    struct cx_sdp_stream image = {.t38 = true};
    struct cx_sdp_local local = {s->all->ip, s->rtp_port, s->sdp_id, s->sdp_version + 1};
    char buffer[8192], body[1024];
    struct cx_text out = {buffer, sizeof(buffer), 0};

    if (s->state != CX_S_CONFIRMED || cx_session_is_busy(s))
        return -EAGAIN;
    if (cx_sdp_offer(&image, &local, body, sizeof(body)) < 0)
        return -ENOBUFS;
    if (cx_dialog_request(&s->dialog, "INVITE", 0, cx_sip_sent_by(s->all->sip), NULL, body, &out) <
            0 ||
        cx_sip_request(s->all->sip, out.s, out.len) < 0)
        return -EAGAIN;
    s->t38 = true;
    s->sdp_version++;
    s->t38_cseq = s->dialog.local_cseq;
    return 0;
}

void cx_fax_offer_response(struct cx_session *s, const osip_message_t *m)
{
    int code = m ? m->status_code : 408;

    if (code < 200)
        return;
    s->t38_cseq = 0;
    if (code == 408 || code == 481) {
        cx_session_fail(s, "offer of T.38 not answered", true);
        return;
    }
    if (code < 300) {
        cx_dialog_refresh(&s->dialog, m);
        /* what we shall offer at a refresh is another text than what stood before */
        s->last_sdp[0] = '\0';
        if (cx_offer_answered(s, m) == 0 && s->stream.t38)
            return;
    }
    if (s->handlers && s->handlers->refused)
        s->handlers->refused(s->arg, code);
}
