/*
 * input.h - asks the caller for keys: plays a sentence that a key cuts short, collects digits until
 * enough, a terminator, or silence. Uses the ivr's timer.
 *
 * A service gives every event to cx_input_event() first. Keys that come while nothing is asked are
 * kept and answer the next question at once (people who know the dialogue type ahead).
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef CX_INPUT_H
#define CX_INPUT_H

#include "ivr.h"
#include "say.h"

#define CX_INPUT_DIGITS 32

struct cx_input_rule {
    unsigned max;        /* digits; so many end it */
    char terminator;     /* ends it and is no digit; 0: none */
    unsigned first_ms;   /* wait for the first key after the sentence; 0: 5 s */
    unsigned between_ms; /* wait for the next key; 0: 3 s */
};

struct cx_input {
    struct cx_input_rule rule;
    bool on;
    unsigned count, ahead_count;
    char digits[CX_INPUT_DIGITS + 1];
    char ahead[CX_INPUT_DIGITS];
};

enum cx_input_result {
    CX_INPUT_OTHER,   /* not about this: the service's own */
    CX_INPUT_MORE,    /* goes on */
    CX_INPUT_DONE,    /* digits has them ("" when only the terminator was pressed) */
    CX_INPUT_NOTHING, /* no key at all */
};

/* say may be NULL or empty: silence. The rule is copied. The result may come with the next event
 * only: keys that were typed ahead are told by a timer of a millisecond. */
void cx_input_start(struct cx_ivr *ivr, struct cx_input *input, const struct cx_say *say,
                    const struct cx_input_rule *rule);
enum cx_input_result cx_input_event(struct cx_ivr *ivr, struct cx_input *input,
                                    const struct cx_event *event);
/* What has come is enough. */
void cx_input_stop(struct cx_ivr *ivr, struct cx_input *input);
/* Forgets what was typed ahead: after a mistake it makes no sense. */
void cx_input_forget(struct cx_input *input);

#endif
