/*
 * transport.h - the SIP socket and libosip2's transactions on the libev loop.
 *
 * Calls are taken from the proxy's address only: an INVITE from elsewhere is answered 403, other
 * requests but OPTIONS are not answered at all. Malformed messages from the proxy are answered 400.
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef CX_SIP_TRANSPORT_H
#define CX_SIP_TRANSPORT_H

#include <ev.h>
#include <netinet/in.h>
#include <osip2/osip.h>

struct cx_sip;

struct cx_sip_handlers {
    /* A new request; transaction is NULL for an ACK. The message is the transaction's (or ends
     * with the call, for an ACK). */
    void (*request)(void *arg, osip_transaction_t *transaction, osip_message_t *request);
    /* A response to a request of ours; NULL: none came in time. */
    void (*response)(void *arg, osip_transaction_t *transaction, osip_message_t *response);
    /* A 2xx whose transaction is over: the ACK was lost. */
    void (*stray_response)(void *arg, osip_message_t *response);
    /* This transaction is freed soon. */
    void (*gone)(void *arg, osip_transaction_t *transaction);
};

/* 0 or -errno. */
int cx_sip_open(struct ev_loop *loop, const char *ip, unsigned port,
                const struct sockaddr_in *proxy, const struct cx_sip_handlers *handlers, void *arg,
                struct cx_sip **sip);
void cx_sip_close(struct cx_sip *sip);
/* Sends a response text within its transaction. 0 or -errno. */
int cx_sip_reply(struct cx_sip *sip, osip_transaction_t *transaction, const char *text, size_t len);
/* Sends a request (not ACK) in a new client transaction, to the proxy. 0 or -errno. */
int cx_sip_request(struct cx_sip *sip, const char *text, size_t len);
/* To the proxy, outside of transactions: ACK, a repeated 200. */
void cx_sip_send(struct cx_sip *sip, const char *text, size_t len);
const char *cx_sip_sent_by(const struct cx_sip *sip); /* "ip:port" */

#endif
