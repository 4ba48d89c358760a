/*
 * dialog.h - what both sides of a call have agreed about each other (RFC 3261 section 12), as the
 * called side. SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef CX_SIP_DIALOG_H
#define CX_SIP_DIALOG_H

#include "message.h"

struct cx_dialog {
    char call_id[256];
    char local_tag[24], remote_tag[128];
    char *local, *remote; /* values of our and their From/To, with tags */
    char *target;         /* URI of requests */
    char *routes;         /* "Route: ...\r\n" lines, or "" */
    unsigned local_cseq, remote_cseq;
};

/* From an INVITE that has no To tag. 0, -EINVAL (no Contact), -ENOMEM. */
int cx_dialog_init(struct cx_dialog *dialog, const osip_message_t *invite);
/* Of a call that we make. from: a From value without a tag. 0 or -ENOMEM. */
int cx_dialog_call(struct cx_dialog *dialog, const char *uri, const char *from);
/* A response to that INVITE with a To tag: who it is, and the way to it. */
void cx_dialog_answered(struct cx_dialog *dialog, const osip_message_t *response);
void cx_dialog_close(struct cx_dialog *dialog);
/* Is this message (a request of theirs, or a response to ours) in the dialog? */
bool cx_dialog_owns(const struct cx_dialog *dialog, const osip_message_t *message);
/* A target refresh: the Contact of a re-INVITE or of its 200. */
void cx_dialog_refresh(struct cx_dialog *dialog, const osip_message_t *message);
/* A request of ours; cseq 0 takes the next number (an ACK repeats its INVITE's). headers: lines
 * with CRLF or NULL; body: SDP or NULL. 0 or -ENOBUFS. */
int cx_dialog_request(struct cx_dialog *dialog, const char *method, unsigned cseq,
                      const char *sent_by, const char *headers, const char *body,
                      struct cx_text *out);
/* count random characters of [0-9a-f] and a NUL. */
void cx_sip_random(char *text, size_t count);

#endif
