/*
 * take.h - a prompt recorded over the phone: "after the tone ...", the recording, then accept,
 * listen or record again. Part of a service's state; the service decides what the file is for.
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef CX_TAKE_H
#define CX_TAKE_H

#include "input.h"

#define CX_TAKE_LONGEST_MS (3 * 60 * 1000)

struct cx_take {
    int step; /* 0: off */
    unsigned tries, silences;
    char words[100];
    char key[100]; /* the file, when it is stored: ACCOUNT/media/ID.wav */
    char id[33];   /* for the row of table media that it may become */
    long bytes;
    struct cx_input *input; /* the service's */
};

enum cx_take_result {
    CX_TAKE_OFF,
    CX_TAKE_MORE,
    CX_TAKE_KEPT,   /* key, id, bytes: the file is the service's now */
    CX_TAKE_FAILED, /* the caller gave up; nothing is left */
    CX_TAKE_BROKEN, /* it could not be stored */
};

/* words: of the system's prompts, what to say before the beep. */
void cx_take_start(struct cx_ivr *ivr, struct cx_take *take, struct cx_input *input,
                   const char *words);
/* To be given every event first, with what cx_input_event() said of it; also CX_EV_HANGUP. */
enum cx_take_result cx_take_event(struct cx_ivr *ivr, struct cx_take *take,
                                  const struct cx_event *event, enum cx_input_result input);

#endif
