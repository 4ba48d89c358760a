/*
 * message.h - SIP messages as text: the entry check, answers to what cannot be parsed, responses.
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef CX_SIP_MESSAGE_H
#define CX_SIP_MESSAGE_H

#include <osip2/osip.h>
#include <stdbool.h>
#include <stddef.h>

#define CX_SIP_MAX 16384 /* bytes of a message; more is answered 513 */

void cx_sip_parser_init(void); /* once */

/* Parses a datagram and checks that all that a transaction needs is there. 0, or -EINVAL. The event
 * is the caller's: osip_event_free(). */
int cx_sip_parse(const char *data, size_t len, osip_event_t **event);

/* A response to a request that cx_sip_parse() refused, made of its raw Via, From, To, Call-ID and
 * CSeq lines. Length, or -EINVAL: not even those (or an ACK, or no request): stay silent. */
int cx_sip_bad_request(const char *data, size_t len, int code, const char *reason, char *out,
                       size_t size);

/* Text that grows in a buffer; len is size when it did not fit. */
struct cx_text {
    char *s;
    size_t size, len;
};
void cx_text_add(struct cx_text *text, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* A response: status line, Via, From, To (with to_tag unless it has one), Call-ID, CSeq,
 * Record-Route, then the lines in headers (each with CRLF, or NULL), then the SDP body (or NULL).
 * 0 or -ENOBUFS. */
int cx_sip_response(const osip_message_t *request, int code, const char *reason, const char *to_tag,
                    const char *headers, const char *body, struct cx_text *out);

/* Value of a header, or "". */
const char *cx_sip_header(const osip_message_t *message, const char *name);
/* Tag of From or To, or "". */
const char *cx_sip_tag(const osip_from_t *from);
bool cx_sip_has_token(const osip_message_t *message, const char *header, const char *token);

#endif
