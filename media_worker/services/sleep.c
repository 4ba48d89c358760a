/*
 * sleep.c - service "sleep": waits ms, then the callflow goes on. With answer=1 the caller is
 * answered (and hears silence), and next=1 says that something follows.
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "../ivr.h"

#define LONGEST_MS 600000

static void event(struct cx_ivr *ivr, void *state, const struct cx_event *e)
{
    bool answer = cx_ivr_param_number(ivr, "answer", 0, 1, 0),
         next = cx_ivr_param_number(ivr, "next", 0, 1, 0);

    (void)state;
    if (e->type == CX_EV_STARTED) {
        if (answer && cx_ivr_answer(ivr) < 0)
            cx_ivr_end(ivr, 500, "Server Internal Error", NULL);
        else
            cx_ivr_timer(ivr, cx_ivr_param_number(ivr, "ms", 1, LONGEST_MS, 1));
    } else if (e->type == CX_EV_TIMER) {
        if (answer && !next)
            cx_ivr_end(ivr, 480, "Temporarily Unavailable", NULL);
        else
            cx_ivr_continue(ivr, "_", NULL);
    } else if (e->type == CX_EV_MEDIA_LOST) {
        cx_ivr_end(ivr, 480, "Media Lost", NULL);
    }
}

const struct cx_service cx_service_sleep = {"sleep", 0, event};
