/*
 * send.c - see send.h. SPDX-License-Identifier: GPL-2.0-or-later
 */
#include <arpa/inet.h>
#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../log.h"
#include "../rtp/stream.h"
#include "line.h"
#include "queue.h"
#include "send.h"
#include "ticket.h"

#define RINGING_S  60
#define LONGEST_S  3600 /* whatever happens */
#define FORWARDS   20
#define FAILED_MAX 120

struct sending {
    struct sending *next;
    struct cx_fax_job *job;
    struct cx_session *session; /* NULL: over */
    struct cx_stream *stream;
    struct cx_fax_line *line; /* once it is answered */
    ev_timer timer;
    char why[FAILED_MAX];
};

static struct {
    struct ev_loop *loop;
    const struct cx_media_config *config;
    struct cx_sessions *sessions;
    struct cx_clock *clock;
    struct cx_rtp_ports *ports;
    ev_async news;
    pthread_mutex_t lock; /* for incoming */
    struct cx_fax_job *incoming;
    struct sending *live;
    ev_prepare reaper;
    struct sending *dead;
} sender = {.lock = PTHREAD_MUTEX_INITIALIZER};

/* The end of it all; freed when the loop goes round. result may point into the line. */
static void over(struct sending *s, const struct cx_fax_result *result, bool final)
{
    struct sending **at = &sender.live;
    struct cx_session *session = s->session;

    if (!s->job)
        return;
    cx_fax_queue_done(s->job, result, final);
    s->job = NULL;
    s->session = NULL;
    ev_timer_stop(sender.loop, &s->timer);
    if (session)
        cx_session_hangup(session);
    while (*at != s)
        at = &(*at)->next;
    *at = s->next;
    s->next = sender.dead;
    sender.dead = s;
}

static void reap(struct ev_loop *loop, ev_prepare *watcher, int events)
{
    struct sending *s;

    (void)loop, (void)watcher, (void)events;
    while ((s = sender.dead) != NULL) {
        sender.dead = s->next;
        cx_fax_line_free(s->line);
        cx_stream_free(s->stream);
        free(s);
    }
}

static void failed_because(struct sending *s, const char *why, bool final)
{
    struct cx_fax_result result = {.code = -1, .text = s->why};

    if (s->line)
        cx_fax_line_result(s->line, &result);
    snprintf(s->why, sizeof(s->why), "%s", why);
    if (!result.success)
        result.text = s->why;
    cx_log(CX_LOG_INFO, s->job->interaction, "fax %s: %s", s->job->id, result.text);
    over(s, &result, final);
}

/* ---- what the session and the machine tell */

static void media(void *arg, const struct cx_sdp_stream *stream)
{
    struct sending *s = arg;
    int err = cx_stream_set(s->stream, stream);

    if (err < 0)
        cx_log(CX_LOG_ERROR, s->job->interaction, "fax: media: %s", strerror(-err));
    if (s->line)
        cx_fax_line_media(s->line, stream);
}

static void ended(void *arg, const char *why)
{
    struct sending *s = arg;
    struct cx_fax_result result;

    s->session = NULL;
    if (!s->line) {
        failed_because(s, why, false);
        return;
    }
    cx_fax_line_result(s->line, &result);
    over(s, &result, false);
}

static void page(void *arg, unsigned pages)
{
    (void)arg, (void)pages;
}

static void done(void *arg, const struct cx_fax_result *result)
{
    over(arg, result, false);
}

static void answered(void *arg, const char *sdp)
{
    static const struct cx_fax_line_handlers handlers = {page, done};
    struct sending *s = arg;
    struct cx_fax_job *job = s->job;
    struct cx_fax_order order = {.sends = true,
                                 .t38 = true,
                                 .file = job->file,
                                 .ident = *job->ident ? job->ident : NULL,
                                 .header = *job->header ? job->header : NULL};
    int err;

    (void)sdp;
    cx_log(CX_LOG_INFO, job->interaction, "fax %s: answered", job->id);
    err = cx_fax_line_new(s->stream, s->session, job->interaction, &order, &handlers, s, &s->line);
    if (err < 0) {
        failed_because(s, "Out of memory", false);
        return;
    }
    ev_timer_stop(sender.loop, &s->timer);
    ev_timer_set(&s->timer, LONGEST_S, 0);
    ev_timer_start(sender.loop, &s->timer);
}

/* Would the same call fare better later? */
static bool is_final(int code)
{
    static const int codes[] = {400, 403, 404, 410, 414, 416, 484, 488, 604, 606};

    for (size_t i = 0; i < sizeof(codes) / sizeof(*codes); i++)
        if (code == codes[i])
            return true;
    return false;
}

static void failed(void *arg, int code, const char *reason)
{
    struct sending *s = arg;
    char why[FAILED_MAX];

    s->session = NULL;
    snprintf(why, sizeof(why), "%s (%d)", reason, code);
    failed_because(s, why, is_final(code));
}

static void refused(void *arg, int code)
{
    struct sending *s = arg;

    if (s->line)
        cx_fax_line_refused(s->line, code);
}

static void due(struct ev_loop *loop, ev_timer *timer, int events)
{
    struct sending *s = timer->data;

    (void)loop, (void)events;
    failed_because(s, s->line ? "It took too long" : "No answer", false);
}

static void digit(void *arg, char key)
{
    (void)arg, (void)key;
}

static void lost(void *arg)
{
    failed_because(arg, "The line went dead", false);
}

/* ---- a new one */

static int call(struct sending *s)
{
    static const struct cx_session_handlers handlers = {
        .media = media, .ended = ended, .refused = refused, .answered = answered, .failed = failed};
    static const struct cx_stream_handlers stream_handlers = {.digit = digit, .lost = lost};
    struct cx_fax_job *job = s->job;
    char headers[2000], uri[256], from[400], proxy[INET_ADDRSTRLEN];
    struct cx_session_call order = {
        .uri = uri, .from = from, .headers = headers, .max_forwards = FORWARDS};
    int err = cx_fax_ticket(job, sender.config->cluster_secret, headers, sizeof(headers));

    if (err == 0)
        err = cx_stream_new(sender.clock, sender.ports, &stream_handlers, s, &s->stream);
    if (err < 0)
        return err;
    inet_ntop(AF_INET, &sender.config->proxy.sin_addr, proxy, sizeof(proxy));
    snprintf(uri, sizeof(uri), "sip:%s@%s:%u", job->to, proxy,
             ntohs(sender.config->proxy.sin_port));
    snprintf(from, sizeof(from), "<sip:%s@%s>", *job->from_number ? job->from_number : "fax",
             proxy);
    order.rtp_port = cx_stream_port(s->stream);
    err = cx_session_call(sender.sessions, &order, &handlers, s, &s->session);
    if (err == 0)
        cx_session_g711(s->session);
    return err;
}

/* A number that can stand in a request URI as it is. */
static bool is_number(const char *text)
{
    return *text && text[strspn(text, "+*#0123456789")] == '\0';
}

static void begin(struct cx_fax_job *job)
{
    struct sending *s = calloc(1, sizeof(*s));
    struct cx_fax_result result = {.code = -1, .text = "The worker cannot call"};
    int err = -ENOMEM;

    if (!is_number(job->to)) {
        result.text = "That is no number";
        cx_fax_queue_done(job, &result, true);
        free(s);
        return;
    }
    if (s) {
        s->job = job;
        ev_timer_init(&s->timer, due, RINGING_S, 0);
        s->timer.data = s;
        if (!is_number(job->from_number))
            job->from_number[0] = '\0';
        err = call(s);
    }
    if (err < 0) {
        cx_log(CX_LOG_WARNING, job->interaction, "fax %s: cannot call: %s", job->id,
               strerror(-err));
        cx_fax_queue_done(job, &result, false);
        if (s)
            cx_stream_free(s->stream);
        free(s);
        return;
    }
    s->next = sender.live;
    sender.live = s;
    ev_timer_start(sender.loop, &s->timer);
}

static void news(struct ev_loop *loop, ev_async *watcher, int events)
{
    struct cx_fax_job *job, *next;

    (void)loop, (void)watcher, (void)events;
    pthread_mutex_lock(&sender.lock);
    job = sender.incoming;
    sender.incoming = NULL;
    pthread_mutex_unlock(&sender.lock);
    for (; job; job = next) {
        next = job->ready;
        begin(job);
    }
}

/* From the queue's thread. */
static void take(void *arg, struct cx_fax_job *job)
{
    (void)arg;
    pthread_mutex_lock(&sender.lock);
    job->ready = sender.incoming;
    sender.incoming = job;
    pthread_mutex_unlock(&sender.lock);
    ev_async_send(sender.loop, &sender.news);
}

int cx_fax_send_start(struct ev_loop *loop, const char *file, const struct cx_media_config *config,
                      struct cx_sessions *sessions, struct cx_clock *clock,
                      struct cx_rtp_ports *ports)
{
    sender.loop = loop;
    sender.config = config;
    sender.sessions = sessions;
    sender.clock = clock;
    sender.ports = ports;
    ev_async_init(&sender.news, news);
    ev_async_start(loop, &sender.news);
    ev_prepare_init(&sender.reaper, reap);
    ev_prepare_start(loop, &sender.reaper);
    return cx_fax_queue_start(file, config, take, NULL);
}

void cx_fax_send_drain(void)
{
    cx_fax_queue_drain();
}

void cx_fax_send_stop(void)
{
    static const struct cx_fax_result cut = {.code = -1, .text = "The worker was stopped"};

    if (!sender.loop)
        return;
    cx_fax_queue_stop();
    news(NULL, NULL, 0);
    while (sender.live)
        over(sender.live, &cut, false);
    reap(NULL, NULL, 0);
    ev_async_stop(sender.loop, &sender.news);
    ev_prepare_stop(sender.loop, &sender.reaper);
    sender.loop = NULL;
}
