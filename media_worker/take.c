/*
 * take.c - see take.h. SPDX-License-Identifier: GPL-2.0-or-later
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "../db/id.h"
#include "log.h"
#include "take.h"

#define BEEP     "tone/440/500"
#define TRIES    4 /* recordings, and silences after the question */
#define STORE_MS 6000

enum { OFF, INTRO, RECORDING, STORING, REVIEW };

/* ---- the file */

struct store {
    struct cx_draft draft;
    char key[100];
    long bytes;
};

static int store(const struct cx_ask_env *env, void *data)
{
    struct store *q = data;

    q->bytes = cx_draft_store(&q->draft, env->storage, q->key);
    return q->bytes < 0 ? (int)q->bytes : 0;
}

static void store_release(void *data)
{
    cx_draft_clear(&((struct store *)data)->draft);
}

static const struct cx_question store_question = {
    .run = store, .release = store_release, .size = sizeof(struct store), .deadline_ms = STORE_MS};

static int drop(const struct cx_ask_env *env, void *data)
{
    char path[4200];

    snprintf(path, sizeof(path), "%s/%s", env->storage, (const char *)data);
    return unlink(path) < 0 ? -errno : 0;
}

static const struct cx_question drop_question = {.run = drop, .size = 100, .deadline_ms = 60000};

/* Nobody wants it: removed aside, whatever becomes of the call. */
static void forget(struct cx_ivr *ivr, struct cx_take *t)
{
    if (t->bytes > 0)
        cx_ivr_aside(ivr, &drop_question, t->key);
    t->bytes = 0;
}

/* ---- the dialogue */

static void intro(struct cx_ivr *ivr, struct cx_take *t)
{
    struct cx_say say;

    cx_say_start(&say);
    cx_say_words(&say, t->words);
    cx_say_sound(&say, BEEP);
    t->step = INTRO;
    cx_input_forget(t->input);
    cx_ivr_play(ivr, say.names, say.count);
}

void cx_take_start(struct cx_ivr *ivr, struct cx_take *t, struct cx_input *input, const char *words)
{
    *t = (struct cx_take){.input = input};
    snprintf(t->words, sizeof(t->words), "%s", words);
    intro(ivr, t);
}

static void review(struct cx_ivr *ivr, struct cx_take *t, bool listen)
{
    static const struct cx_input_rule one = {.max = 1};
    struct cx_say say;

    cx_say_start(&say);
    if (listen)
        cx_say_media(&say, t->key);
    cx_say_words(&say, "vm-review");
    t->step = REVIEW;
    cx_input_start(ivr, t->input, &say, &one);
}

static enum cx_take_result over(struct cx_take *t, enum cx_take_result result)
{
    t->step = OFF;
    return result;
}

static enum cx_take_result recorded(struct cx_ivr *ivr, struct cx_take *t)
{
    struct store q = {.bytes = 0};

    if (cx_ivr_draft_stop(ivr, &q.draft) == 0) { /* nothing was said */
        if (++t->tries >= TRIES)
            return over(t, CX_TAKE_FAILED);
        intro(ivr, t);
        return CX_TAKE_MORE;
    }
    cx_id_new(t->id);
    snprintf(t->key, sizeof(t->key), "%s/media/%s.wav", cx_ivr_call(ivr)->account, t->id);
    snprintf(q.key, sizeof(q.key), "%s", t->key);
    t->step = STORING;
    cx_ivr_ask(ivr, &store_question, &q);
    return CX_TAKE_MORE;
}

static enum cx_take_result choice(struct cx_ivr *ivr, struct cx_take *t, enum cx_input_result input)
{
    char key = input == CX_INPUT_DONE ? t->input->digits[0] : '\0';

    if (key == '1')
        return over(t, CX_TAKE_KEPT);
    if (key == '3') {
        forget(ivr, t);
        if (++t->tries >= TRIES)
            return over(t, CX_TAKE_FAILED);
        intro(ivr, t);
        return CX_TAKE_MORE;
    }
    if (key != '2' && ++t->silences >= TRIES) {
        forget(ivr, t);
        return over(t, CX_TAKE_FAILED);
    }
    review(ivr, t, key == '2');
    return CX_TAKE_MORE;
}

enum cx_take_result cx_take_event(struct cx_ivr *ivr, struct cx_take *t, const struct cx_event *e,
                                  enum cx_input_result input)
{
    if (t->step == OFF)
        return CX_TAKE_OFF;
    if (e->type == CX_EV_HANGUP || e->type == CX_EV_MEDIA_LOST) {
        forget(ivr, t);
        return over(t, CX_TAKE_OFF);
    }
    switch (t->step) {
    case INTRO:
        if (e->type == CX_EV_PLAYED) {
            t->step = RECORDING;
            if (cx_ivr_draft(ivr, CX_TAKE_LONGEST_MS) < 0)
                return over(t, CX_TAKE_BROKEN);
        }
        return CX_TAKE_MORE;
    case RECORDING:
        if (e->type != CX_EV_DIGIT && e->type != CX_EV_RECORDED)
            return CX_TAKE_MORE;
        cx_input_forget(t->input); /* the key that ended it */
        return recorded(ivr, t);
    case STORING:
        if (e->type != CX_EV_ANSWER)
            return CX_TAKE_MORE;
        if (e->error < 0)
            return over(t, CX_TAKE_BROKEN);
        t->bytes = ((const struct store *)e->answer)->bytes;
        review(ivr, t, true);
        return CX_TAKE_MORE;
    default:
        return input == CX_INPUT_DONE || input == CX_INPUT_NOTHING ? choice(ivr, t, input)
                                                                   : CX_TAKE_MORE;
    }
}
