/*
 * line.c - see line.h. SPDX-License-Identifier: GPL-2.0-or-later
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "../log.h"
#include "line.h"

#define OFFERS_MAX  3  /* when something else is under way */
#define OFFER_AGAIN 50 /* ticks */

struct cx_fax_line {
    struct cx_stream *stream;
    struct cx_session *session;
    const char *id;
    struct cx_fax *fax;
    const struct cx_fax_line_handlers *handlers;
    void *arg;
    unsigned offers, wait; /* of T.38 by us; ticks until the next try, 0: none wanted */
    bool t38;
};

static void offer(struct cx_fax_line *l)
{
    l->wait = 0;
    if (!cx_fax_can_switch(l->fax) || ++l->offers > OFFERS_MAX)
        return;
    if (cx_session_offer_t38(l->session) == 0)
        cx_log(CX_LOG_INFO, l->id, "fax: T.38 is offered");
    else
        l->wait = OFFER_AGAIN;
}

/* ---- the machine */

static void page(void *arg, unsigned pages)
{
    struct cx_fax_line *l = arg;

    cx_log(CX_LOG_INFO, l->id, "fax: %u page%s", pages, pages == 1 ? "" : "s");
    if (!cx_fax_is_t38(l->fax))
        cx_session_allow_t38(l->session, false); /* a page is through: no new beginning */
    l->handlers->page(l->arg, pages);
}

static void calling(void *arg)
{
    struct cx_fax_line *l = arg;

    if (l->t38)
        offer(l);
}

static void done(void *arg, const struct cx_fax_result *r)
{
    struct cx_fax_line *l = arg;

    cx_log(r->success ? CX_LOG_INFO : CX_LOG_WARNING, l->id,
           "fax: %s (%d): %u pages, %s at %u bit/s%s, with \"%s\", %u s",
           r->success ? "good" : r->text, r->code, r->pages, r->t38 ? "T.38" : "sound", r->bit_rate,
           r->ecm ? " with error correction" : "", r->remote_id, r->seconds);
    l->handlers->done(l->arg, r);
}

/* ---- the stream */

static void hear(void *arg, const int16_t *samples, size_t count)
{
    cx_fax_hear(((struct cx_fax_line *)arg)->fax, samples, count);
}

static void miss(void *arg, size_t count)
{
    cx_fax_miss(((struct cx_fax_line *)arg)->fax, count);
}

static void speak(void *arg, int16_t *samples, size_t count)
{
    cx_fax_speak(((struct cx_fax_line *)arg)->fax, samples, count);
}

static void datagram(void *arg, const uint8_t *data, size_t len)
{
    cx_fax_datagram(((struct cx_fax_line *)arg)->fax, data, len);
}

static void tick(void *arg)
{
    struct cx_fax_line *l = arg;

    if (l->wait > 0 && --l->wait == 0)
        offer(l);
    cx_fax_tick(l->fax); /* last: it may free us */
}

static void send_datagram(void *arg, const uint8_t *data, size_t len)
{
    cx_stream_send_datagram(((struct cx_fax_line *)arg)->stream, data, len);
}

/* ---- */

int cx_fax_line_new(struct cx_stream *stream, struct cx_session *session, const char *id,
                    const struct cx_fax_order *order, const struct cx_fax_line_handlers *handlers,
                    void *arg, struct cx_fax_line **out)
{
    static const struct cx_stream_user user = {hear, miss, speak, datagram, tick};
    struct cx_fax_line *l = calloc(1, sizeof(*l));
    struct cx_fax_setup setup = {.sends = order->sends,
                                 .file = order->file,
                                 .ident = order->ident,
                                 .header = order->header,
                                 .zone = order->zone,
                                 .page = page,
                                 .calling = calling,
                                 .done = done,
                                 .arg = l};
    int err;

    *out = NULL;
    if (!l)
        return -ENOMEM;
    err = cx_fax_new(&setup, &l->fax);
    if (err < 0) {
        free(l);
        return err;
    }
    l->stream = stream;
    l->session = session;
    l->id = id;
    l->handlers = handlers;
    l->arg = arg;
    l->t38 = order->t38;
    cx_session_allow_t38(session, order->t38);
    cx_stream_attach(stream, &user, l);
    *out = l;
    return 0;
}

void cx_fax_line_free(struct cx_fax_line *l)
{
    if (!l)
        return;
    cx_stream_attach(l->stream, NULL, NULL);
    cx_fax_free(l->fax);
    free(l);
}

void cx_fax_line_media(struct cx_fax_line *l, const struct cx_sdp_stream *media)
{
    int err;

    if (!media->t38 || !cx_fax_can_switch(l->fax))
        return; /* a refresh, or another port */
    err = cx_fax_switch(l->fax, &media->terms, send_datagram, l);
    if (err < 0)
        cx_log(CX_LOG_ERROR, l->id, "fax: T.38: %s", strerror(-err));
    else
        cx_log(CX_LOG_INFO, l->id, "fax: T.38 from now on");
}

void cx_fax_line_refused(struct cx_fax_line *l, int code)
{
    cx_log(CX_LOG_INFO, l->id, "fax: T.38 is refused (%d), sound goes on", code);
    if (code == 491)
        l->wait = 2 * OFFER_AGAIN;
}

void cx_fax_line_result(const struct cx_fax_line *l, struct cx_fax_result *result)
{
    cx_fax_result(l->fax, result);
}
