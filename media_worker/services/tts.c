/*
 * tts.c - service "tts": says a text. Parameters: text, voice, language; answer=1 and next=1 as in
 * play.c. SPDX-License-Identifier: GPL-2.0-or-later
 */
#include <stdio.h>
#include <string.h>

#include "../log.h"
#include "../ivr.h"
#include "../say.h"
#include "../tts.h"

static void go_on(struct cx_ivr *ivr)
{
    bool over =
        cx_ivr_param_number(ivr, "answer", 0, 1, 0) && !cx_ivr_param_number(ivr, "next", 0, 1, 0);

    if (over)
        cx_ivr_end(ivr, 480, "Temporarily Unavailable", NULL);
    else
        cx_ivr_continue(ivr, "_", NULL);
}

static void copy(char *to, size_t size, const char *text)
{
    snprintf(to, size, "%s", text ? text : "");
}

static void start(struct cx_ivr *ivr)
{
    struct cx_tts q = {.key = ""};

    copy(q.account, sizeof(q.account), cx_ivr_call(ivr)->account);
    copy(q.text, sizeof(q.text), cx_ivr_param(ivr, "text"));
    copy(q.voice, sizeof(q.voice), cx_ivr_param(ivr, "voice"));
    copy(q.language, sizeof(q.language), cx_ivr_param(ivr, "language"));
    if (cx_ivr_param_number(ivr, "answer", 0, 1, 0) ? cx_ivr_answer(ivr) < 0
                                                    : cx_ivr_early(ivr) < 0)
        go_on(ivr); /* nobody could hear it */
    else
        cx_ivr_ask(ivr, &cx_tts_question, &q);
}

static void event(struct cx_ivr *ivr, void *state, const struct cx_event *e)
{
    const struct cx_tts *q = e->answer;
    struct cx_say say;

    (void)state;
    switch (e->type) {
    case CX_EV_STARTED:
        start(ivr);
        break;
    case CX_EV_ANSWER:
        cx_say_start(&say);
        if (e->error == 0)
            cx_say_media(&say, q->key);
        if (say.count)
            cx_ivr_play(ivr, say.names, say.count);
        else
            go_on(ivr);
        break;
    case CX_EV_PLAYED:
        go_on(ivr);
        break;
    case CX_EV_MEDIA_LOST:
        cx_ivr_end(ivr, 480, "Media Lost", NULL);
        break;
    default:
        break;
    }
}

const struct cx_service cx_service_tts = {"tts", 0, event};
