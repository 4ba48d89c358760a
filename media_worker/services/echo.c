/*
 * echo.c - service "echo": sends back what it hears, for ten minutes at most.
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "../ivr.h"

#define LONGEST_MS (10 * 60 * 1000)

static void event(struct cx_ivr *ivr, void *state, const struct cx_event *e)
{
    (void)state;
    switch (e->type) {
    case CX_EV_STARTED:
        if (cx_ivr_answer(ivr) < 0) {
            cx_ivr_end(ivr, 500, "Server Internal Error", NULL);
            break;
        }
        cx_ivr_echo(ivr, true);
        cx_ivr_timer(ivr, LONGEST_MS);
        break;
    case CX_EV_TIMER:
    case CX_EV_MEDIA_LOST:
        cx_ivr_end(ivr, 480, "Temporarily Unavailable", NULL);
        break;
    default:
        break;
    }
}

const struct cx_service cx_service_echo = {"echo", 0, event};
