/*
 * test_mw_play.c - services play and sleep: early or answered, how often, and what follows.
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include <string.h>

#include "ivr_fixture.h"

static void early_sound_gives_back(void **state)
{
    (void)state;
    call_start("play;media=system_media/vm-goodbye");
    assert_true(call_seen.early);
    assert_false(call_seen.answered);
    call_played();
    assert_int_equal(call_seen.code, 480);
    assert_non_null(strstr(call_seen.headers, "continue;key=_"));
    call_end();
}

static void last_sound_is_answered_and_ends(void **state)
{
    (void)state;
    call_start("play;media=system_media/vm-goodbye;answer=1");
    assert_true(call_seen.answered);
    call_played();
    assert_true(call_seen.code != 0);
    assert_string_equal(call_seen.outcome, "");
    call_end();
}

static void answered_sound_with_something_behind_goes_on(void **state)
{
    (void)state;
    call_start("play;media=system_media/vm-goodbye;answer=1;next=1");
    assert_true(call_seen.answered);
    call_played();
    assert_int_equal(call_seen.code, 0);
    assert_non_null(strstr(call_seen.outcome, "continue;key=_"));
    call_end();
}

static void sounds_in_loops(void **state)
{
    (void)state;
    call_start("play;media=system_media/vm-goodbye;answer=1;loops=3");
    for (int i = 0; i < 2; i++) {
        call_played();
        assert_int_equal(call_seen.code, 0);
        assert_true(call_seen.playing);
    }
    call_played();
    assert_true(call_seen.code != 0);
    call_end();
    call_start("play;media=system_media/vm-goodbye;answer=1;loops=0");
    for (int i = 0; i < 200; i++)
        call_played();
    assert_int_equal(call_seen.code, 0);
    call_missing(); /* the file is gone: no loop that says nothing */
    assert_true(call_seen.code != 0);
    call_end();
}

static void pause_then_go_on(void **state)
{
    (void)state;
    call_start("sleep;ms=700");
    assert_false(call_seen.answered);
    assert_int_equal(call_seen.timer_ms, 700);
    call_timer();
    assert_int_equal(call_seen.code, 480);
    assert_non_null(strstr(call_seen.headers, "continue;key=_"));
    call_end();
    call_start("sleep;ms=700;answer=1;next=1");
    assert_true(call_seen.answered);
    call_timer();
    assert_non_null(strstr(call_seen.outcome, "continue;key=_"));
    call_end();
    call_start("sleep;ms=99999999;answer=1");
    assert_int_equal(call_seen.timer_ms, 1); /* nonsense waits for nobody */
    call_timer();
    assert_true(call_seen.code != 0);
    call_end();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(early_sound_gives_back),
        cmocka_unit_test(last_sound_is_answered_and_ends),
        cmocka_unit_test(answered_sound_with_something_behind_goes_on),
        cmocka_unit_test(sounds_in_loops),
        cmocka_unit_test(pause_then_go_on),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
