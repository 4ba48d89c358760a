/*
 * ivr_fixture.h - drives one service by events, without SIP, RTP or database: what it says, asks
 * and does is kept as text. One call at a time.
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef CX_TEST_IVR_FIXTURE_H
#define CX_TEST_IVR_FIXTURE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "media_worker/ivr.h"

#define CALL_ACCOUNT "a0000000000000000000000000000001"
#define CALL_ID      "f0000000000000000000000000000001"

struct call_seen {
    char said[4096]; /* the newest sentence: names without "sys/", separated by spaces */
    bool playing, answered, early, ringing, recording, drafting, echo, over;
    unsigned timer_ms;
    int code; /* of the end; 0 while it goes on */
    char reason[100], headers[512], outcome[512], dialled[256];
    bool joined;
    const struct cx_question *question; /* what is asked and not answered, or NULL */
    void *data;
    const struct cx_question *aside; /* newest, and its data as text */
    char aside_text[200];
    unsigned sentences, questions;
};
extern struct call_seen call_seen;

/* Starts it, and lets it begin. */
void call_start(const char *service);
void call_start_with(const struct cx_service *service, const char *text);
void call_end(void); /* hangs up when it is not over, and frees */
void call_key(char key);
void call_keys(const char *keys);
void call_played(void);  /* the sentence is over */
void call_missing(void); /* none of its sounds was there */
void call_timer(void);   /* the timer is due: fails when it is off */
void call_recorded(void);
void call_draft(unsigned ms); /* what the next draft_stop gives: so much sound */
/* Answers the question with data (of its size), which is freed. */
void call_answer(int err);
void call_peer(enum cx_peer peer, int code);
void call_event(const struct cx_event *event);
/* The sentence that is being said is this one. */
void call_says(const char *words);

#endif
