/*
 * call.c - see call.h. SPDX-License-Identifier: GPL-2.0-or-later
 */
#include <arpa/inet.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../db/id.h"
#include "call_private.h"
#include "fax/line.h"
#include "log.h"
#include "sip/message.h"

void cx_call_event(struct cx_call *c, struct cx_event e)
{
    if (!c->dead && c->ivr)
        cx_ivr_event(c->ivr, &e);
}

/* ---- playing */

static void forget_names(struct cx_call *c)
{
    cx_prompt_cancel(c->request);
    c->request = NULL;
    for (size_t i = 0; i < c->name_count; i++)
        free(c->names[i]);
    c->name_count = 0;
}

static void played(void *arg)
{
    struct cx_call *c = arg;
    unsigned missing = c->missing;

    forget_names(c);
    if (c->going_on)
        cx_call_ringback(c);
    else
        cx_call_event(c, (struct cx_event){.type = CX_EV_PLAYED, .missing = missing});
}

static void got_prompts(void *arg, struct cx_prompt *const *prompts, size_t count)
{
    struct cx_call *c = arg;

    c->request = NULL;
    c->missing = 0;
    for (size_t i = 0; i < count; i++)
        if (!prompts[i]) {
            c->missing++;
            cx_log(CX_LOG_WARNING, c->id, "sound %s is missing", c->names[i]);
        }
    cx_stream_play(c->stream, prompts, (unsigned)count);
    if (c->missing == count)
        played(c);
}

static int start_playing(struct cx_call *c)
{
    return cx_prompt_get(c->codec, (const char *const *)c->names, c->name_count, got_prompts, c,
                         &c->request);
}

static int op_play(void *arg, const char *const *names, size_t count)
{
    struct cx_call *c = arg;

    forget_names(c);
    cx_stream_play_stop(c->stream);
    if (count == 0 || count > CX_PLAYER_MAX)
        return -EINVAL;
    for (size_t i = 0; i < count; i++) {
        c->names[i] = strdup(names[i]);
        if (!c->names[i])
            return -ENOMEM;
        c->name_count++;
    }
    /* without media yet (the offer was ours): media() starts it */
    return c->has_media ? start_playing(c) : 0;
}

void cx_call_silence(struct cx_call *c)
{
    forget_names(c);
    if (c->stream)
        cx_stream_play_stop(c->stream);
}

void cx_call_ringback(struct cx_call *c)
{
    static const char *const names[] = {"tone/425/400", "tone/0/200", "tone/425/400",
                                        "tone/0/2000"};

    op_play(c, names, 4);
}

static void op_stop(void *arg)
{
    cx_call_silence(arg);
}

/* ---- the rest of what a service may do */

static bool op_has_offer(void *arg)
{
    struct cx_call *c = arg;

    return cx_session_has_offer(c->session);
}

static int op_early(void *arg)
{
    struct cx_call *c = arg;

    return cx_session_early(c->session);
}

static int op_ringing(void *arg)
{
    struct cx_call *c = arg;

    return cx_session_ringing(c->session, 180);
}

static int op_answer(void *arg)
{
    struct cx_call *c = arg;

    return cx_session_answer(c->session);
}

void cx_call_finish(struct cx_call *c)
{
    if (c->dead)
        return;
    c->dead = true;
    c->session = NULL;
    forget_names(c);
    cx_ask_cancel(c->ask);
    c->ask = NULL;
    ev_timer_stop(c->all->loop, &c->timer);
    cx_fax_line_free(c->fax);
    c->fax = NULL;
    if (c->bridged)
        cx_bridge_close(&c->bridge);
    else if (c->peer)
        cx_session_hangup(c->peer);
    c->peer = NULL;
    cx_stream_free(c->stream);
    c->stream = NULL;
    *(c->before ? &c->before->next : &c->all->live) = c->next;
    if (c->next)
        c->next->before = c->before;
    c->next = c->all->dead;
    c->all->dead = c;
    c->all->count--;
}

void cx_call_end(struct cx_call *c, int code, const char *reason, const char *headers)
{
    bool answered = cx_session_is_answered(c->session);

    if (answered)
        cx_log(CX_LOG_INFO, c->id, "call: hung up after %.1f s", ev_now(c->all->loop) - c->began);
    else
        cx_log(CX_LOG_INFO, c->id, "call: %d %s", code, reason);
    if (answered)
        cx_session_hangup(c->session);
    else
        cx_session_reject(c->session, code, reason, headers);
    cx_call_finish(c);
}

static void op_end(void *arg, int code, const char *reason, const char *headers)
{
    cx_call_end(arg, code, reason, headers);
}

static int op_record(void *arg, const struct cx_spool_meta *meta, unsigned max_ms)
{
    struct cx_call *c = arg;
    struct cx_spool_entry *entry;
    int err = cx_spool_begin(c->all->config->spool, meta, &entry);

    if (err < 0)
        return err;
    c->all->recordings++;
    cx_log(CX_LOG_INFO, c->id, "recording %s for box %s", cx_spool_id(entry), meta->vmbox_id);
    cx_stream_record(c->stream, entry, max_ms, c->all->config->silence_end_ms);
    return 0;
}

static unsigned op_record_stop(void *arg)
{
    struct cx_call *c = arg;
    unsigned kept_ms = c->stream ? cx_stream_record_stop(c->stream) : 0;

    if (!kept_ms)
        c->all->dropped++;
    return kept_ms;
}

static void op_echo(void *arg, bool on)
{
    struct cx_call *c = arg;

    cx_stream_echo(c->stream, on);
}

void cx_call_again_in(struct cx_call *c, unsigned ms)
{
    ev_timer_stop(c->all->loop, &c->timer);
    if (ms) {
        ev_timer_set(&c->timer, ms / 1000.0, 0);
        ev_timer_start(c->all->loop, &c->timer);
    }
}

static void op_timer(void *arg, unsigned ms)
{
    cx_call_again_in(arg, ms);
}

static int op_draft(void *arg, unsigned max_ms)
{
    struct cx_call *c = arg;

    cx_stream_draft(c->stream, max_ms, c->all->config->silence_end_ms);
    return 0;
}

static unsigned op_draft_stop(void *arg, struct cx_draft *draft)
{
    struct cx_call *c = arg;

    if (c->stream)
        return cx_stream_draft_stop(c->stream, draft);
    memset(draft, 0, sizeof(*draft));
    return 0;
}

static void answered(void *arg, int err, const void *data)
{
    struct cx_call *c = arg;

    c->ask = NULL;
    if (err < 0)
        cx_log(CX_LOG_WARNING, c->id, "question: %s", strerror(-err));
    cx_call_event(c, (struct cx_event){.type = CX_EV_ANSWER, .error = err, .answer = data});
}

static int op_ask(void *arg, const struct cx_question *question, const void *data)
{
    struct cx_call *c = arg;

    cx_ask_cancel(c->ask);
    c->ask = NULL;
    return cx_ask(question, data, answered, c, &c->ask);
}

static void nobody_waits(void *arg, int err, const void *data)
{
    (void)arg, (void)data;
    if (err < 0)
        cx_log(CX_LOG_WARNING, NULL, "work aside: %s", strerror(-err));
}

static void op_aside(void *arg, const struct cx_question *question, const void *data)
{
    struct cx_ask *ask;

    (void)arg;
    if (cx_ask(question, data, nobody_waits, NULL, &ask) < 0)
        nobody_waits(NULL, -EAGAIN, NULL);
}

static int op_mix(void *arg, struct cx_mix *mix, struct cx_mix_member **member)
{
    struct cx_call *c = arg;

    if (member)
        *member = NULL;
    if (!c->stream)
        return mix ? -EINVAL : 0;
    return cx_stream_mix(c->stream, mix, member);
}

static const char *op_spool(void *arg)
{
    return ((struct cx_call *)arg)->all->config->spool;
}

static void fax_page(void *arg, unsigned pages)
{
    (void)pages;
    cx_call_event(arg, (struct cx_event){.type = CX_EV_FAX_PAGE});
}

static void fax_done(void *arg, const struct cx_fax_result *result)
{
    cx_call_event(arg, (struct cx_event){.type = CX_EV_FAX, .fax = result});
}

static int op_fax(void *arg, const struct cx_fax_order *order)
{
    static const struct cx_fax_line_handlers handlers = {fax_page, fax_done};
    struct cx_call *c = arg;

    cx_fax_line_free(c->fax);
    return cx_fax_line_new(c->stream, c->session, c->id, order, &handlers, c, &c->fax);
}

static void op_fax_result(void *arg, struct cx_fax_result *result)
{
    struct cx_call *c = arg;

    memset(result, 0, sizeof(*result));
    result->text = "The call ended before it began";
    if (c->fax)
        cx_fax_line_result(c->fax, result);
}

static const struct cx_ivr_ops ops = {
    .has_offer = op_has_offer,
    .early = op_early,
    .ringing = op_ringing,
    .answer = op_answer,
    .end = op_end,
    .play = op_play,
    .stop = op_stop,
    .record = op_record,
    .record_stop = op_record_stop,
    .echo = op_echo,
    .timer = op_timer,
    .draft = op_draft,
    .draft_stop = op_draft_stop,
    .ask = op_ask,
    .mix = op_mix,
    .spool = op_spool,
    .fax = op_fax,
    .fax_result = op_fax_result,
    .aside = op_aside,
    .go_on = cx_call_go_on,
    .dial = cx_call_dial,
    .join = cx_call_join,
};

/* ---- what happens */

static void timer_due(struct ev_loop *loop, ev_timer *timer, int events)
{
    struct cx_call *c = timer->data;

    (void)loop, (void)events;
    if (c->going_on)
        cx_call_again(c);
    else
        cx_call_event(c, (struct cx_event){.type = CX_EV_TIMER});
}

static void digit(void *arg, char key)
{
    struct cx_call *c = arg;

    cx_log(CX_LOG_DEBUG, c->id, "key %c", key);
    cx_call_event(c, (struct cx_event){.type = CX_EV_DIGIT, .digit = key});
}

static void recorded(void *arg, enum cx_record_end reason)
{
    struct cx_call *c = arg;

    if (reason == CX_RECORD_DISK)
        cx_log(CX_LOG_ERROR, c->id, "the spool cannot be written");
    cx_call_event(c, (struct cx_event){.type = CX_EV_RECORDED, .reason = reason});
}

static void lost(void *arg)
{
    struct cx_call *c = arg;

    cx_log(CX_LOG_WARNING, c->id, "no media for a minute");
    cx_call_event(c, (struct cx_event){.type = CX_EV_MEDIA_LOST});
}

void cx_call_media(struct cx_call *c, const struct cx_sdp_stream *stream)
{
    bool first = !c->has_media, changed = c->codec != stream->codec;
    char ip[INET_ADDRSTRLEN];
    int err;

    inet_ntop(AF_INET, &stream->remote.sin_addr, ip, sizeof(ip));
    cx_log(CX_LOG_INFO, c->id, "media: %s with %s:%u%s%s",
           stream->t38 ? "T.38" : cx_codec_name(stream->codec), ip, ntohs(stream->remote.sin_port),
           stream->send ? "" : ", held", stream->event_type < 0 ? ", keys in the sound" : "");
    err = cx_stream_set(c->stream, stream);
    if (err < 0)
        cx_log(CX_LOG_ERROR, c->id, "media: %s", strerror(-err));
    if (c->fax)
        cx_fax_line_media(c->fax, stream);
    c->has_media = true;
    c->codec = stream->codec;
    if (c->name_count && (first || changed)) {
        cx_prompt_cancel(c->request);
        c->request = NULL;
        if (start_playing(c) < 0)
            played(c);
    }
}

static void t38_refused(void *arg, int code)
{
    struct cx_call *c = arg;

    if (c->fax)
        cx_fax_line_refused(c->fax, code);
}

static void media(void *arg, const struct cx_sdp_stream *stream)
{
    cx_call_media(arg, stream);
}

static void reinvited(void *arg, int code, const char *sdp)
{
    cx_call_reinvited(arg, code, sdp);
}

static void ended(void *arg, const char *why)
{
    struct cx_call *c = arg;

    cx_log(CX_LOG_INFO, c->id, "call: ended by %s after %.1f s", why,
           ev_now(c->all->loop) - c->began);
    cx_call_event(c, (struct cx_event){.type = CX_EV_HANGUP});
    cx_call_finish(c);
}

/* ---- a new call */

/* A text of the caller's without quotes and control characters. */
static void clean(char *to, size_t size, const char *text)
{
    size_t n = 0;

    for (; text && *text && n + 1 < size; text++)
        if ((unsigned char)*text >= ' ' && *text != 0x7f && *text != '"' && *text != '\\')
            to[n++] = *text;
    /* never half a UTF-8 character at the end */
    if (text && *text && n + 1 >= size)
        while (n && ((unsigned char)to[n - 1] & 0xc0) == 0x80)
            n--;
    if (n && (unsigned char)to[n - 1] >= 0xc0)
        n--;
    to[n] = '\0';
}

static void describe(const osip_message_t *m, struct cx_ivr_call *call)
{
    char *text = NULL;

    memset(call, 0, sizeof(*call));
    clean(call->account, sizeof(call->account), cx_sip_header(m, "x-centrex-account"));
    clean(call->interaction, sizeof(call->interaction), cx_sip_header(m, "x-centrex-call"));
    clean(call->caller_name, sizeof(call->caller_name), m->from->displayname);
    clean(call->caller_number, sizeof(call->caller_number), m->from->url->username);
    osip_uri_to_str(m->from->url, &text);
    clean(call->from_uri, sizeof(call->from_uri), text);
    osip_free(text);
    text = NULL;
    osip_uri_to_str(m->to->url, &text);
    clean(call->to_uri, sizeof(call->to_uri), text);
    osip_free(text);
    text = NULL;
    osip_call_id_to_str(m->call_id, &text);
    clean(call->call_id, sizeof(call->call_id), text);
    osip_free(text);
}

static void refuse(struct cx_calls *all, struct cx_session *session, const char *id, int code,
                   const char *reason)
{
    all->refused++;
    cx_log(CX_LOG_WARNING, id, "call: refused, %d %s", code, reason);
    cx_session_reject(session, code, reason, NULL);
}

void cx_calls_incoming(void *arg, struct cx_session *session, const osip_message_t *m)
{
    static const struct cx_session_handlers session_handlers = {
        .media = media, .ended = ended, .refused = t38_refused, .reinvited = reinvited};
    static const struct cx_stream_handlers stream_handlers = {digit, played, recorded, lost};
    const char *service = cx_sip_header(m, "x-centrex-service");
    const char *cursor = cx_sip_header(m, "x-centrex-cursor");
    const char *forward = cx_sip_header(m, "x-centrex-forward");
    struct cx_calls *all = arg;
    struct cx_ivr_call info;
    struct cx_call *c;
    int err;

    describe(m, &info);
    if (!cx_id_is_valid(info.account) || !cx_id_is_valid(info.interaction)) {
        refuse(all, session, NULL, 400, "X-Centrex-Account or X-Centrex-Call is missing");
        return;
    }
    if (all->count >= all->config->max_calls) {
        refuse(all, session, info.interaction, 503, "Too Many Calls");
        return;
    }
    c = calloc(1, sizeof(*c));
    if (!c) {
        refuse(all, session, info.interaction, 500, "Out of Memory");
        return;
    }
    c->all = all;
    err = cx_ivr_new(service, &info, &ops, c, &c->ivr);
    if (err == 0)
        err = cx_stream_new(all->clock, &all->ports, &stream_handlers, c, &c->stream);
    if (err < 0) {
        refuse(all, session, info.interaction, !c->ivr ? (err == -ENOENT ? 501 : 400) : 503,
               !c->ivr ? (err == -ENOENT ? "No Such Service" : "Bad X-Centrex-Service")
                       : "No Media Port");
        cx_ivr_free(c->ivr);
        free(c);
        return;
    }
    c->id = cx_ivr_call(c->ivr)->interaction;
    if (*cursor)
        c->cursor = strdup(cursor);
    if (*forward)
        c->forward = strdup(forward);
    c->session = session;
    c->began = ev_now(all->loop);
    ev_init(&c->timer, timer_due);
    c->timer.data = c;
    c->next = all->live;
    if (c->next)
        c->next->before = c;
    all->live = c;
    all->count++;
    all->total++;
    cx_session_own(session, &session_handlers, c, cx_stream_port(c->stream));
    cx_log(CX_LOG_INFO, c->id, "call: %s for account %s from \"%s\" <%s>", service, info.account,
           info.caller_name, info.caller_number);
    cx_call_event(c, (struct cx_event){.type = CX_EV_STARTED});
}

static void reap(struct ev_loop *loop, ev_prepare *watcher, int events)
{
    struct cx_calls *all = watcher->data;
    struct cx_call *c;

    (void)loop, (void)events;
    while ((c = all->dead) != NULL) {
        all->dead = c->next;
        cx_ivr_free(c->ivr);
        free(c->cursor);
        free(c->forward);
        free(c->offered);
        free(c->early);
        free(c->told);
        free(c);
    }
}

int cx_calls_init(struct cx_calls *all, struct ev_loop *loop, const struct cx_media_config *config,
                  struct cx_clock *clock)
{
    *all = (struct cx_calls){.loop = loop, .config = config, .clock = clock};
    all->ports.min = all->ports.next = config->rtp_min;
    all->ports.max = config->rtp_max;
    if (inet_pton(AF_INET, config->ip, &all->ports.ip) != 1)
        return -EINVAL;
    ev_prepare_init(&all->reaper, reap);
    all->reaper.data = all;
    ev_prepare_start(loop, &all->reaper);
    return 0;
}

void cx_calls_close(struct cx_calls *all)
{
    while (all->live)
        cx_call_finish(all->live);
    reap(all->loop, &all->reaper, 0);
    ev_prepare_stop(all->loop, &all->reaper);
}
