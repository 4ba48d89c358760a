/*
 * clock.c - see clock.h. SPDX-License-Identifier: GPL-2.0-or-later
 */
#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/timerfd.h>
#include <unistd.h>

#include "../audio/mixer.h"
#include "clock.h"
#include "stream.h"

#define TICK_NS  20000000
#define CATCH_UP 10 /* ticks: what is older is skipped, not sent in a burst */

static void arm(struct cx_clock *c, long ns)
{
    struct itimerspec at = {.it_interval = {.tv_nsec = ns}, .it_value = {.tv_nsec = ns}};

    timerfd_settime(c->watcher.fd, 0, &at, NULL);
}

static void fill_holes(struct cx_clock *c)
{
    size_t n = 0;

    for (size_t i = 0; i < c->count; i++)
        if (c->streams[i])
            c->streams[n++] = c->streams[i];
    c->count = n;
    c->holes = false;
    if (n == 0)
        arm(c, 0);
}

static void tick(struct ev_loop *loop, ev_io *watcher, int events)
{
    struct cx_clock *c = watcher->data;
    uint64_t due = 0;

    (void)loop, (void)events;
    if (read(watcher->fd, &due, sizeof(due)) != sizeof(due))
        return;
    if (due > CATCH_UP) {
        c->late += due - CATCH_UP;
        due = CATCH_UP;
    }
    c->ticking = true;
    for (; due > 0; due--) {
        /* What a conference says is mixed at the end and sent with the next tick: so all that
         * belongs to a stream is touched once, while it is in the cache. Hearing all before
         * speaking would save 20 ms, and cost half as much again. */
        for (size_t i = 0; i < c->count; i++)
            if (c->streams[i])
                cx_stream_tick(c->streams[i]);
        cx_mix_tick_all();
    }
    c->ticking = false;
    if (c->holes)
        fill_holes(c);
    cx_stream_bury();
}

int cx_clock_init(struct cx_clock *c, struct ev_loop *loop)
{
    int fd = timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK | TFD_CLOEXEC);

    *c = (struct cx_clock){.loop = loop};
    if (fd < 0)
        return -errno;
    ev_io_init(&c->watcher, tick, fd, EV_READ);
    c->watcher.data = c;
    ev_io_start(loop, &c->watcher);
    return 0;
}

void cx_clock_close(struct cx_clock *c)
{
    ev_io_stop(c->loop, &c->watcher);
    close(c->watcher.fd);
    free(c->streams);
    c->streams = NULL;
}

int cx_clock_add(struct cx_clock *c, struct cx_stream *stream)
{
    if (c->count == c->room) {
        size_t room = c->room ? c->room * 2 : 64;
        void *more = realloc(c->streams, room * sizeof(*c->streams));
        if (!more)
            return -ENOMEM;
        c->streams = more;
        c->room = room;
    }
    c->streams[c->count++] = stream;
    if (c->count == 1)
        arm(c, TICK_NS);
    return 0;
}

void cx_clock_remove(struct cx_clock *c, struct cx_stream *stream)
{
    for (size_t i = 0; i < c->count; i++)
        if (c->streams[i] == stream) {
            c->streams[i] = NULL;
            c->holes = true;
        }
    if (c->holes && !c->ticking)
        fill_holes(c);
}
