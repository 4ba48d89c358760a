/*
 * clock.h - the one 20 ms tick that drives all streams of the process. It stands still without
 * streams. SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef CX_RTP_CLOCK_H
#define CX_RTP_CLOCK_H

#include <ev.h>
#include <stdbool.h>
#include <stddef.h>

struct cx_stream;

struct cx_clock {
    struct ev_loop *loop;
    ev_io watcher; /* of the timerfd */
    struct cx_stream **streams;
    size_t count, room;
    bool ticking, holes;
    unsigned long late; /* ticks that were skipped because the process had stood still */
};

int cx_clock_init(struct cx_clock *clock, struct ev_loop *loop);
void cx_clock_close(struct cx_clock *clock);
/* 0 or -ENOMEM. */
int cx_clock_add(struct cx_clock *clock, struct cx_stream *stream);
void cx_clock_remove(struct cx_clock *clock, struct cx_stream *stream);

#endif
