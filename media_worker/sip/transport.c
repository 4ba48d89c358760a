/*
 * transport.c - see transport.h. SPDX-License-Identifier: GPL-2.0-or-later
 */
#include <arpa/inet.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "../log.h"
#include "message.h"
#include "transport.h"

#define RCVBUF_BYTES (4 << 20) /* a burst of INVITEs waits here while the tick runs */
#define READS        64        /* datagrams in one go */
#define DEAD_MAX     512

struct cx_sip {
    struct ev_loop *loop;
    osip_t *osip;
    ev_io watcher;
    ev_timer timer;
    struct sockaddr_in proxy;
    char sent_by[32], proxy_ip[INET_ADDRSTRLEN];
    const struct cx_sip_handlers *handlers;
    void *arg;
    bool dirty; /* an event was added while events were worked on */
    bool running;
    osip_transaction_t **dead;
    size_t dead_count, dead_room;
};

const char *cx_sip_sent_by(const struct cx_sip *sip)
{
    return sip->sent_by;
}

static struct cx_sip *sip_of(const osip_transaction_t *transaction)
{
    return osip_get_application_context(((osip_t *)transaction->config));
}

/* ---- what libosip2 calls */

static int send_message(osip_transaction_t *transaction, osip_message_t *message, char *host,
                        int port, int fd)
{
    struct cx_sip *sip = sip_of(transaction);
    struct sockaddr_in to = sip->proxy;
    char *text = NULL;
    size_t len = 0;
    int err = 0;

    (void)fd;
    if (MSG_IS_RESPONSE(message) &&
        (inet_pton(AF_INET, host ? host : "", &to.sin_addr) != 1 || port < 1 || port > 65535))
        return -1;
    if (MSG_IS_RESPONSE(message))
        to.sin_port = htons((uint16_t)port);
    if (osip_message_to_str(message, &text, &len) != 0)
        return -1;
    if (sendto(sip->watcher.fd, text, len, 0, (struct sockaddr *)&to, sizeof(to)) < 0 &&
        errno != EAGAIN && errno != EWOULDBLOCK && errno != ECONNREFUSED)
        err = -1; /* else the retransmission comes through */
    osip_free(text);
    return err;
}

static void on_request(int type, osip_transaction_t *transaction, osip_message_t *message)
{
    struct cx_sip *sip = sip_of(transaction);

    (void)type;
    sip->handlers->request(sip->arg, transaction, message);
}

static void on_response(int type, osip_transaction_t *transaction, osip_message_t *message)
{
    struct cx_sip *sip = sip_of(transaction);

    sip->handlers->response(
        sip->arg, transaction,
        type == OSIP_ICT_STATUS_TIMEOUT || type == OSIP_NICT_STATUS_TIMEOUT ? NULL : message);
}

static void on_error(int type, osip_transaction_t *transaction, int error)
{
    struct cx_sip *sip = sip_of(transaction);

    (void)error;
    if (type == OSIP_ICT_TRANSPORT_ERROR || type == OSIP_NICT_TRANSPORT_ERROR)
        sip->handlers->response(sip->arg, transaction, NULL);
}

static void on_kill(int type, osip_transaction_t *transaction)
{
    struct cx_sip *sip = sip_of(transaction);

    (void)type;
    sip->handlers->gone(sip->arg, transaction);
    osip_remove_transaction(sip->osip, transaction);
    if (sip->dead_count == sip->dead_room) {
        size_t room = sip->dead_room ? sip->dead_room * 2 : DEAD_MAX;
        void *more = realloc(sip->dead, room * sizeof(*sip->dead));
        if (!more)
            return; /* leaks one transaction in a process that is out of memory */
        sip->dead = more;
        sip->dead_room = room;
    }
    sip->dead[sip->dead_count++] = transaction;
}

static void set_callbacks(osip_t *osip)
{
    static const int responses[] = {
        OSIP_ICT_STATUS_1XX_RECEIVED,  OSIP_ICT_STATUS_2XX_RECEIVED,  OSIP_ICT_STATUS_3XX_RECEIVED,
        OSIP_ICT_STATUS_4XX_RECEIVED,  OSIP_ICT_STATUS_5XX_RECEIVED,  OSIP_ICT_STATUS_6XX_RECEIVED,
        OSIP_NICT_STATUS_2XX_RECEIVED, OSIP_NICT_STATUS_3XX_RECEIVED, OSIP_NICT_STATUS_4XX_RECEIVED,
        OSIP_NICT_STATUS_5XX_RECEIVED, OSIP_NICT_STATUS_6XX_RECEIVED, OSIP_ICT_STATUS_TIMEOUT,
        OSIP_NICT_STATUS_TIMEOUT};

    osip_set_cb_send_message(osip, send_message);
    osip_set_message_callback(osip, OSIP_IST_INVITE_RECEIVED, on_request);
    for (int type = OSIP_NIST_REGISTER_RECEIVED; type <= OSIP_NIST_UNKNOWN_REQUEST_RECEIVED; type++)
        osip_set_message_callback(osip, type, on_request);
    for (size_t i = 0; i < sizeof(responses) / sizeof(*responses); i++)
        osip_set_message_callback(osip, responses[i], on_response);
    for (int type = 0; type < OSIP_KILL_CALLBACK_COUNT; type++)
        osip_set_kill_transaction_callback(osip, type, on_kill);
    for (int type = 0; type < OSIP_TRANSPORT_ERROR_CALLBACK_COUNT; type++)
        osip_set_transport_error_callback(osip, type, on_error);
}

/* ---- driving the transactions */

static void arm(struct cx_sip *sip)
{
    struct timeval next = {0};
    double in;

    osip_timers_gettimeout(sip->osip, &next);
    in = (double)next.tv_sec + (double)next.tv_usec / 1e6;
    ev_timer_stop(sip->loop, &sip->timer);
    ev_timer_set(&sip->timer, in < 0.005 ? 0.005 : in > 3600 ? 3600 : in, 0);
    ev_timer_start(sip->loop, &sip->timer);
}

static void run(struct cx_sip *sip)
{
    if (sip->running) { /* from a callback: the loop below goes on */
        sip->dirty = true;
        return;
    }
    sip->running = true;
    do {
        sip->dirty = false;
        osip_ist_execute(sip->osip);
        osip_nist_execute(sip->osip);
        osip_ict_execute(sip->osip);
        osip_nict_execute(sip->osip);
    } while (sip->dirty);
    sip->running = false;
    for (size_t i = 0; i < sip->dead_count; i++)
        osip_transaction_free2(sip->dead[i]);
    sip->dead_count = 0;
    arm(sip);
}

static void timers_due(struct ev_loop *loop, ev_timer *timer, int events)
{
    struct cx_sip *sip = timer->data;

    (void)loop, (void)events;
    osip_timers_ist_execute(sip->osip);
    osip_timers_nist_execute(sip->osip);
    osip_timers_ict_execute(sip->osip);
    osip_timers_nict_execute(sip->osip);
    run(sip);
}

/* ---- in */

static void refuse(struct cx_sip *sip, const char *data, size_t len, int code, const char *reason,
                   const struct sockaddr_in *to)
{
    char out[8192];
    int n = cx_sip_bad_request(data, len, code, reason, out, sizeof(out));

    if (n > 0)
        (void)sendto(sip->watcher.fd, out, (size_t)n, 0, (const struct sockaddr *)to, sizeof(*to));
}

static void new_request(struct cx_sip *sip, osip_event_t *event)
{
    osip_transaction_t *transaction = NULL;
    osip_fsm_type_t type = MSG_IS_INVITE(event->sip) ? IST : NIST;

    if (osip_transaction_init(&transaction, type, sip->osip, event->sip) != 0) {
        osip_event_free(event);
        return;
    }
    event->transactionid = transaction->transactionid;
    osip_transaction_set_out_socket(transaction, sip->watcher.fd);
    osip_transaction_add_event(transaction, event);
}

static void datagram(struct cx_sip *sip, const char *data, size_t len,
                     const struct sockaddr_in *from)
{
    bool proxy = from->sin_addr.s_addr == sip->proxy.sin_addr.s_addr &&
                 from->sin_port == sip->proxy.sin_port;
    char ip[INET_ADDRSTRLEN];
    osip_event_t *event;

    if (len < 5)
        return; /* keep-alive */
    if (len > CX_SIP_MAX || cx_sip_parse(data, len, &event) < 0) {
        cx_log(CX_LOG_WARNING, NULL, "sip: malformed message of %zu bytes%s", len,
               proxy ? "" : " from a stranger");
        if (proxy)
            refuse(sip, data, len, len > CX_SIP_MAX ? 513 : 400,
                   len > CX_SIP_MAX ? "Message Too Large" : "Bad Request", from);
        return;
    }
    if (!proxy && !(MSG_IS_REQUEST(event->sip) && MSG_IS_OPTIONS(event->sip))) {
        inet_ntop(AF_INET, &from->sin_addr, ip, sizeof(ip));
        cx_log(CX_LOG_WARNING, NULL, "sip: %s from %s:%u is not the proxy's",
               MSG_IS_REQUEST(event->sip) ? event->sip->sip_method : "response", ip,
               ntohs(from->sin_port));
        if (MSG_IS_REQUEST(event->sip) && MSG_IS_INVITE(event->sip))
            refuse(sip, data, len, 403, "Forbidden", from);
        osip_event_free(event);
        return;
    }
    if (MSG_IS_REQUEST(event->sip)) {
        inet_ntop(AF_INET, &from->sin_addr, ip, sizeof(ip));
        osip_message_fix_last_via_header(event->sip, ip, ntohs(from->sin_port));
    }
    if (osip_find_transaction_and_add_event(sip->osip, event) == 0)
        return;
    if (MSG_IS_REQUEST(event->sip) && !MSG_IS_ACK(event->sip)) {
        new_request(sip, event);
        return;
    }
    if (MSG_IS_REQUEST(event->sip))
        sip->handlers->request(sip->arg, NULL, event->sip);
    else
        sip->handlers->stray_response(sip->arg, event->sip);
    osip_event_free(event);
}

static void readable(struct ev_loop *loop, ev_io *watcher, int events)
{
    static char data[65536];
    struct cx_sip *sip = watcher->data;
    struct sockaddr_in from;
    socklen_t size;
    ssize_t n;

    (void)loop, (void)events;
    for (int i = 0; i < READS; i++) {
        size = sizeof(from);
        n = recvfrom(watcher->fd, data, sizeof(data) - 1, MSG_DONTWAIT, (struct sockaddr *)&from,
                     &size);
        if (n < 0)
            break;
        datagram(sip, data, (size_t)n, &from);
    }
    run(sip);
}

/* ---- out */

static int parse_own(const char *text, size_t len, osip_message_t **message)
{
    if (osip_message_init(message) != 0)
        return -ENOMEM;
    if (osip_message_parse(*message, text, len) == 0)
        return 0;
    osip_message_free(*message);
    *message = NULL;
    return -EINVAL;
}

static int add_event(struct cx_sip *sip, osip_transaction_t *transaction, osip_message_t *message)
{
    osip_event_t *event = osip_new_outgoing_sipmessage(message);

    if (!event) {
        osip_message_free(message);
        return -ENOMEM;
    }
    event->transactionid = transaction->transactionid;
    osip_transaction_add_event(transaction, event);
    run(sip);
    return 0;
}

int cx_sip_reply(struct cx_sip *sip, osip_transaction_t *transaction, const char *text, size_t len)
{
    osip_message_t *message;
    int err = parse_own(text, len, &message);

    if (err < 0) {
        cx_log(CX_LOG_ERROR, NULL, "sip: cannot make a response");
        return err;
    }
    return add_event(sip, transaction, message);
}

int cx_sip_request(struct cx_sip *sip, const char *text, size_t len)
{
    osip_transaction_t *transaction = NULL;
    osip_message_t *message;
    bool invite;
    int err = parse_own(text, len, &message);

    if (err < 0)
        return err;
    invite = MSG_IS_INVITE(message);
    if (osip_transaction_init(&transaction, invite ? ICT : NICT, sip->osip, message) != 0) {
        osip_message_free(message);
        return -ENOMEM;
    }
    if (invite)
        osip_ict_set_destination(transaction->ict_context, osip_strdup(sip->proxy_ip),
                                 ntohs(sip->proxy.sin_port));
    else
        osip_nict_set_destination(transaction->nict_context, osip_strdup(sip->proxy_ip),
                                  ntohs(sip->proxy.sin_port));
    osip_transaction_set_out_socket(transaction, sip->watcher.fd);
    return add_event(sip, transaction, message);
}

void cx_sip_send(struct cx_sip *sip, const char *text, size_t len)
{
    /* lost like any datagram if the buffer is full: the other side asks again */
    (void)sendto(sip->watcher.fd, text, len, 0, (struct sockaddr *)&sip->proxy, sizeof(sip->proxy));
}

/* ---- life */

int cx_sip_open(struct ev_loop *loop, const char *ip, unsigned port,
                const struct sockaddr_in *proxy, const struct cx_sip_handlers *handlers, void *arg,
                struct cx_sip **out)
{
    struct sockaddr_in own = {.sin_family = AF_INET, .sin_port = htons((uint16_t)port)};
    struct cx_sip *sip = calloc(1, sizeof(*sip));
    int fd = -1, size = RCVBUF_BYTES, err;

    *out = NULL;
    if (!sip || inet_pton(AF_INET, ip, &own.sin_addr) != 1) {
        free(sip);
        return sip ? -EINVAL : -ENOMEM;
    }
    fd = socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (fd < 0 || bind(fd, (struct sockaddr *)&own, sizeof(own)) < 0) {
        err = -errno;
        goto fail;
    }
    (void)setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &size, sizeof(size));
    err = -ENOMEM;
    if (osip_init(&sip->osip) != 0)
        goto fail;
    osip_set_application_context(sip->osip, sip);
    set_callbacks(sip->osip);
    sip->loop = loop;
    sip->proxy = *proxy;
    inet_ntop(AF_INET, &proxy->sin_addr, sip->proxy_ip, sizeof(sip->proxy_ip));
    sip->handlers = handlers;
    sip->arg = arg;
    snprintf(sip->sent_by, sizeof(sip->sent_by), "%s:%u", ip, port);
    ev_io_init(&sip->watcher, readable, fd, EV_READ);
    ev_timer_init(&sip->timer, timers_due, 0, 0);
    sip->watcher.data = sip->timer.data = sip;
    ev_io_start(loop, &sip->watcher);
    *out = sip;
    return 0;
fail:
    if (fd >= 0)
        close(fd);
    free(sip);
    return err;
}

static void free_all(struct cx_sip *sip, osip_list_t *transactions)
{
    osip_transaction_t *transaction;

    while ((transaction = osip_list_get(transactions, 0)) != NULL) {
        osip_remove_transaction(sip->osip, transaction);
        osip_transaction_free2(transaction);
    }
}

void cx_sip_close(struct cx_sip *sip)
{
    if (!sip)
        return;
    ev_io_stop(sip->loop, &sip->watcher);
    ev_timer_stop(sip->loop, &sip->timer);
    free_all(sip, &sip->osip->osip_ist_transactions);
    free_all(sip, &sip->osip->osip_nist_transactions);
    free_all(sip, &sip->osip->osip_ict_transactions);
    free_all(sip, &sip->osip->osip_nict_transactions);
    osip_release(sip->osip);
    close(sip->watcher.fd);
    free(sip->dead);
    free(sip);
}
