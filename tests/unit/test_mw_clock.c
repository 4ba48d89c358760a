/*
 * test_mw_clock.c - the tick: every stream once each 20 ms, also while streams come and go within
 * it. The streams are counters here. SPDX-License-Identifier: GPL-2.0-or-later
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <time.h>

#include "media_worker/rtp/clock.h"
#include "media_worker/rtp/stream.h"

static unsigned ticks[200];
static unsigned buried, rounds, remove_at, add_at;
static struct cx_clock a_clock;

static struct cx_stream *stream(size_t n)
{
    return (struct cx_stream *)&ticks[n];
}

static unsigned mixed;

void cx_mix_tick_all(void)
{
    assert_true(ticks[2] > mixed || remove_at == 0); /* when all have had their turn */
    mixed++;
}

void cx_stream_tick(struct cx_stream *s)
{
    unsigned *count = (unsigned *)s;

    ++*count;
    if (count == &ticks[0] && ++rounds == remove_at) {
        cx_clock_remove(&a_clock, stream(0)); /* itself */
        cx_clock_remove(&a_clock, stream(1)); /* one that is still to come */
    }
    if (count == &ticks[2] && *count == add_at)
        for (size_t i = 10; i < 150; i++) /* the list must grow while it is walked */
            assert_int_equal(cx_clock_add(&a_clock, stream(i)), 0);
}

void cx_stream_bury(void)
{
    buried++;
}

static void enough(struct ev_loop *loop, ev_timer *timer, int events)
{
    (void)timer, (void)events;
    ev_break(loop, EVBREAK_ALL);
}

static void run_for(struct ev_loop *loop, double seconds)
{
    ev_timer timer;

    ev_timer_init(&timer, enough, seconds, 0);
    ev_timer_start(loop, &timer);
    ev_run(loop, 0);
    ev_timer_stop(loop, &timer);
}

static void ticks_all_and_stands_still_without_any(void **state)
{
    struct ev_loop *loop = ev_loop_new(EVFLAG_AUTO);
    unsigned before;

    (void)state;
    assert_int_equal(cx_clock_init(&a_clock, loop), 0);
    run_for(loop, 0.1);
    assert_int_equal(buried, 0); /* nobody: no tick */
    for (size_t i = 0; i < 4; i++)
        assert_int_equal(cx_clock_add(&a_clock, stream(i)), 0);
    remove_at = 3;
    add_at = 5;
    run_for(loop, 0.5);
    assert_int_equal(ticks[0], 3);
    assert_int_equal(ticks[1], 2);
    assert_in_range(ticks[2] + a_clock.late, 12, 60);
    assert_int_equal(ticks[2], ticks[3]);
    assert_int_equal(mixed, ticks[2]);
    /* those that came within a tick got it too, or the next one */
    assert_true(ticks[2] - ticks[10] == 4 || ticks[2] - ticks[10] == 5);
    assert_int_equal(ticks[10], ticks[149]);
    for (size_t i = 0; i < 200; i++)
        cx_clock_remove(&a_clock, stream(i));
    assert_int_equal(a_clock.count, 0);
    before = ticks[2];
    run_for(loop, 0.1);
    assert_int_equal(ticks[2], before);
    cx_clock_close(&a_clock);
    ev_loop_destroy(loop);
}

static void what_was_missed_is_caught_up_but_not_without_end(void **state)
{
    struct ev_loop *loop = ev_loop_new(EVFLAG_AUTO);
    struct timespec pause = {.tv_nsec = 150000000};

    (void)state;
    remove_at = add_at = 0;
    ticks[0] = 0;
    assert_int_equal(cx_clock_init(&a_clock, loop), 0);
    assert_int_equal(cx_clock_add(&a_clock, stream(0)), 0);
    nanosleep(&pause, NULL); /* the process stands still */
    ev_run(loop, EVRUN_ONCE);
    assert_in_range(ticks[0], 6, 10);
    ticks[0] = 0;
    a_clock.late = 0;
    pause.tv_nsec = 500000000;
    nanosleep(&pause, NULL);
    ev_run(loop, EVRUN_ONCE);
    assert_int_equal(ticks[0], 10);
    assert_true(a_clock.late >= 14);
    cx_clock_remove(&a_clock, stream(0));
    cx_clock_close(&a_clock);
    ev_loop_destroy(loop);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(ticks_all_and_stands_still_without_any),
        cmocka_unit_test(what_was_missed_is_caught_up_but_not_without_end),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
