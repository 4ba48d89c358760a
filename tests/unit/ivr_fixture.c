/*
 * ivr_fixture.c - see ivr_fixture.h. SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "ivr_fixture.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct call_seen call_seen;
static struct cx_ivr *ivr;
static unsigned draft_ms;

static bool has_offer(void *arg)
{
    (void)arg;
    return true;
}

static int early(void *arg)
{
    (void)arg;
    call_seen.early = true;
    return 0;
}

static int ringing(void *arg)
{
    (void)arg;
    call_seen.ringing = true;
    return 0;
}

static int answer(void *arg)
{
    (void)arg;
    call_seen.answered = true;
    return 0;
}

static void end(void *arg, int code, const char *reason, const char *headers)
{
    (void)arg;
    call_seen.over = true;
    call_seen.code = code;
    snprintf(call_seen.reason, sizeof(call_seen.reason), "%s", reason);
    snprintf(call_seen.headers, sizeof(call_seen.headers), "%s", headers ? headers : "");
}

static int play(void *arg, const char *const *names, size_t count)
{
    size_t at = 0;

    (void)arg;
    call_seen.said[0] = '\0';
    for (size_t i = 0; i < count; i++) {
        const char *name = strncmp(names[i], "sys/", 4) == 0 ? names[i] + 4 : names[i];
        at += (size_t)snprintf(call_seen.said + at, sizeof(call_seen.said) - at, "%s%s",
                               i ? " " : "", name);
        assert_true(at < sizeof(call_seen.said));
    }
    call_seen.playing = true;
    call_seen.sentences++;
    return count ? 0 : -EINVAL;
}

static void stop(void *arg)
{
    (void)arg;
    call_seen.playing = false;
}

static int record(void *arg, const struct cx_spool_meta *meta, unsigned max_ms)
{
    (void)arg, (void)meta, (void)max_ms;
    call_seen.recording = true;
    return 0;
}

static unsigned record_stop(void *arg)
{
    (void)arg;
    call_seen.recording = false;
    return draft_ms;
}

static void echo(void *arg, bool on)
{
    (void)arg;
    call_seen.echo = on;
}

static void timer(void *arg, unsigned ms)
{
    (void)arg;
    call_seen.timer_ms = ms;
}

static int draft(void *arg, unsigned max_ms)
{
    (void)arg, (void)max_ms;
    call_seen.drafting = true;
    return 0;
}

static unsigned draft_stop(void *arg, struct cx_draft *d)
{
    int16_t silence[80] = {0};

    (void)arg;
    memset(d, 0, sizeof(*d));
    call_seen.drafting = false;
    for (unsigned ms = 0; ms < draft_ms; ms += 10)
        assert_int_equal(cx_draft_add(d, silence, 80), 0);
    return draft_ms;
}

static int ask(void *arg, const struct cx_question *question, const void *data)
{
    (void)arg;
    assert_null(call_seen.question);
    call_seen.question = question;
    call_seen.data = malloc(question->size + 1);
    memcpy(call_seen.data, data, question->size);
    call_seen.questions++;
    return 0;
}

static void aside(void *arg, const struct cx_question *question, const void *data)
{
    (void)arg;
    call_seen.aside = question;
    snprintf(call_seen.aside_text, sizeof(call_seen.aside_text), "%.*s", (int)question->size,
             (const char *)data);
}

static int go_on(void *arg, const char *outcome)
{
    (void)arg;
    snprintf(call_seen.outcome, sizeof(call_seen.outcome), "%s", outcome);
    if (!call_seen.answered)
        return -EINVAL;
    call_seen.over = true;
    return 0;
}

static int dial(void *arg, const char *uri, const char *headers)
{
    (void)arg, (void)headers;
    snprintf(call_seen.dialled, sizeof(call_seen.dialled), "%s", uri);
    return 0;
}

static int join(void *arg)
{
    (void)arg;
    call_seen.joined = call_seen.over = true;
    return 0;
}

static int mix(void *arg, struct cx_mix *mix, struct cx_mix_member **member)
{
    (void)arg;
    if (member)
        *member = NULL;
    return mix ? -ENOTSUP : 0; /* test_mw_conference.c has callers of its own */
}

static const struct cx_ivr_ops ops = {
    .has_offer = has_offer,
    .early = early,
    .ringing = ringing,
    .answer = answer,
    .end = end,
    .play = play,
    .stop = stop,
    .record = record,
    .record_stop = record_stop,
    .echo = echo,
    .timer = timer,
    .draft = draft,
    .draft_stop = draft_stop,
    .ask = ask,
    .aside = aside,
    .go_on = go_on,
    .dial = dial,
    .join = join,
    .mix = mix,
};

void call_event(const struct cx_event *event)
{
    assert_non_null(ivr);
    cx_ivr_event(ivr, event);
}

void call_start_with(const struct cx_service *service, const char *text)
{
    static const struct cx_ivr_call call = {
        .account = CALL_ACCOUNT,
        .interaction = CALL_ID,
        .caller_name = "Alice Archer",
        .caller_number = "201",
        .from_uri = "sip:201@acme.example",
        .to_uri = "sip:*97@acme.example",
        .call_id = "1@test",
    };

    assert_null(ivr);
    memset(&call_seen, 0, sizeof(call_seen));
    draft_ms = 0;
    assert_int_equal(cx_ivr_make(service, text, &call, &ops, NULL, &ivr), 0);
    call_event(&(struct cx_event){.type = CX_EV_STARTED});
}

void call_start(const char *service)
{
    char name[32];

    snprintf(name, sizeof(name), "%.*s", (int)strcspn(service, ";"), service);
    assert_non_null(cx_service_find(name));
    call_start_with(cx_service_find(name), service);
}

static void forget_question(void)
{
    if (call_seen.question && call_seen.question->release)
        call_seen.question->release(call_seen.data);
    free(call_seen.data);
    call_seen.question = NULL;
    call_seen.data = NULL;
}

void call_end(void)
{
    if (!call_seen.over)
        call_event(&(struct cx_event){.type = CX_EV_HANGUP});
    forget_question();
    cx_ivr_free(ivr);
    ivr = NULL;
}

void call_key(char key)
{
    call_event(&(struct cx_event){.type = CX_EV_DIGIT, .digit = key});
}

void call_keys(const char *keys)
{
    for (; *keys; keys++)
        call_key(*keys);
}

void call_played(void)
{
    assert_true(call_seen.playing);
    call_seen.playing = false;
    call_event(&(struct cx_event){.type = CX_EV_PLAYED});
}

void call_missing(void)
{
    assert_true(call_seen.playing);
    call_seen.playing = false;
    call_event(&(struct cx_event){.type = CX_EV_PLAYED, .missing = 1});
}

void call_timer(void)
{
    assert_int_not_equal(call_seen.timer_ms, 0);
    call_seen.timer_ms = 0;
    call_event(&(struct cx_event){.type = CX_EV_TIMER});
}

void call_recorded(void)
{
    call_event(&(struct cx_event){.type = CX_EV_RECORDED, .reason = CX_RECORD_SILENCE});
}

void call_draft(unsigned ms)
{
    draft_ms = ms;
}

void call_answer(int err)
{
    const struct cx_question *question = call_seen.question;
    void *data = call_seen.data;

    assert_non_null(question);
    call_seen.question = NULL;
    call_seen.data = NULL;
    call_event(&(struct cx_event){.type = CX_EV_ANSWER, .error = err, .answer = err ? NULL : data});
    if (question->release)
        question->release(data);
    free(data);
}

void call_peer(enum cx_peer peer, int code)
{
    call_event(&(struct cx_event){.type = CX_EV_PEER, .peer = peer, .code = code});
}

void call_says(const char *words)
{
    assert_true(call_seen.playing);
    assert_string_equal(call_seen.said, words);
}
