/*
 * test_mw_menu.c - services menu and confirm, driven by events.
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "ivr_fixture.h"

#include <errno.h>
#include <string.h>

static void a_key_goes_on_at_once(void **state)
{
    (void)state;
    call_start("menu;id=1;keys=1,2,23");
    assert_true(call_seen.answered);
    call_says("vm-enter-num-to-call");
    call_key('1');
    assert_string_equal(call_seen.outcome, "continue;key=1");
    assert_true(call_seen.over);
    call_end();
    /* 2 may become 23 */
    call_start("menu;id=1;keys=1,2,23");
    call_key('2');
    assert_false(call_seen.over);
    call_timer();
    assert_string_equal(call_seen.outcome, "continue;key=2");
    call_end();
    call_start("menu;id=1;keys=1,2,23");
    call_keys("23");
    assert_string_equal(call_seen.outcome, "continue;key=23");
    call_end();
    call_start("menu;id=1;keys=1,2,23");
    call_keys("2#");
    assert_string_equal(call_seen.outcome, "continue;key=2");
    call_end();
    call_start("menu;id=1;keys=*,#");
    call_key('#');
    assert_string_equal(call_seen.outcome, "continue;key=%23");
    call_end();
}

static void the_greeting_is_the_tenants(void **state)
{
    (void)state;
    call_start("menu;id=1;greeting=acc/media/1.wav;keys=1;timeout=7000");
    call_says("store/acc/media/1.wav");
    call_played();
    assert_int_equal(call_seen.timer_ms, 7000);
    call_end();
    call_start("menu;id=1;greeting=..%2F..%2Fetc%2Fpasswd;keys=1");
    call_says("vm-enter-num-to-call");
    call_end();
}

static void wrong_keys_and_silence_use_up_the_tries(void **state)
{
    (void)state;
    call_start("menu;id=1;keys=1;retries=2");
    call_key('7');
    call_says("pbx-invalid");
    call_played();
    call_says("vm-enter-num-to-call");
    call_played();
    call_timer();
    call_says("vm-goodbye");
    call_played();
    assert_true(call_seen.over);
    assert_string_equal(call_seen.outcome, "");
    call_end();
    call_start("menu;id=1;keys=1,_;retries=1;transfer=0");
    call_key('7');
    assert_string_equal(call_seen.outcome, "continue;key=_");
    call_end();
    call_start("menu;id=1;keys=1,_,max_retries;retries=1");
    call_key('7');
    assert_string_equal(call_seen.outcome, "continue;key=max_retries");
    call_end();
    call_start("menu;id=1;keys=1,timeout;retries=1");
    call_played();
    call_timer();
    assert_string_equal(call_seen.outcome, "continue;key=timeout");
    call_end();
    call_start("menu;id=1;keys=1;invalid=0");
    call_key('7');
    call_says("vm-enter-num-to-call"); /* silent, and asked again */
    call_end();
    call_start("menu;id=1;keys=1;invalid=acc/media/2.wav");
    call_key('7');
    call_says("store/acc/media/2.wav");
    call_end();
}

struct found {
    char account[33], number[33];
    bool found;
};

static void extensions_are_dialled(void **state)
{
    struct found *q;

    (void)state;
    call_start("menu;id=1;keys=1;hunt=1;max=3");
    call_keys("202");
    assert_non_null(call_seen.question);
    q = call_seen.data;
    assert_string_equal(q->account, CALL_ACCOUNT);
    assert_string_equal(q->number, "202");
    q->found = true;
    call_answer(0);
    call_says("pbx-transfer");
    call_played();
    assert_string_equal(call_seen.outcome, "continue;key=_;dial=202");
    call_end();
    /* unknown */
    call_start("menu;id=1;keys=1;hunt=1;max=3");
    call_keys("299");
    call_answer(0);
    call_says("pbx-invalid");
    call_end();
    /* the database is dead: the callflow knows as well */
    call_start("menu;id=1;keys=1;hunt=1;max=3;transfer=0");
    call_keys("202");
    call_answer(-ENOTCONN);
    assert_string_equal(call_seen.outcome, "continue;key=_;dial=202");
    call_end();
    /* feature codes are no extensions, and nothing is without hunt */
    call_start("menu;id=1;keys=1;hunt=1;max=3");
    call_keys("*97");
    assert_null(call_seen.question);
    call_end();
    call_start("menu;id=1;keys=1;max=3");
    call_keys("2");
    assert_null(call_seen.question);
    call_says("pbx-invalid");
    call_end();
}

static void the_greeting_is_recorded(void **state)
{
    (void)state;
    call_start("menu;id=30000000000000000000000000000001;keys=1;pin=4711");
    call_keys("4711");
    call_says("vm-rec-unv tone/440/500");
    call_played();
    assert_true(call_seen.drafting);
    call_draft(0); /* nothing was said: again */
    call_recorded();
    call_says("vm-rec-unv tone/440/500");
    call_played();
    call_draft(1500);
    call_key('#');
    assert_false(call_seen.drafting);
    call_answer(0); /* stored */
    assert_non_null(strstr(call_seen.said, "store/" CALL_ACCOUNT "/media/"));
    assert_non_null(strstr(call_seen.said, " vm-review"));
    call_key('2'); /* listens */
    assert_non_null(strstr(call_seen.said, "store/" CALL_ACCOUNT "/media/"));
    call_key('1');
    assert_non_null(call_seen.question);
    call_answer(0); /* the row */
    call_says("vm-msgsaved");
    call_played();
    assert_non_null(strstr(call_seen.said, "store/" CALL_ACCOUNT "/media/"));
    call_end();
}

static void a_dead_database_is_an_apology(void **state)
{
    (void)state;
    call_start("menu;id=30000000000000000000000000000001;keys=1;pin=4711");
    call_keys("4711");
    call_played();
    call_draft(1500);
    call_key('#');
    call_answer(0);
    call_key('1');
    call_answer(-ENOTCONN);
    call_says("im-sorry please-try-call-later");
    call_played();
    assert_true(call_seen.over);
    call_end();
}

static void confirm_by_one(void **state)
{
    (void)state;
    call_start("confirm;uri=sip:%2B353861234567@10.0.0.1");
    assert_string_equal(call_seen.dialled, "sip:+353861234567@10.0.0.1");
    assert_false(call_seen.ringing);
    call_peer(CX_PEER_RINGING, 180);
    assert_true(call_seen.ringing);
    call_peer(CX_PEER_ANSWERED, 0);
    assert_false(call_seen.answered);
    call_says("followme/call-from digits/2 digits/0 digits/1 followme/options");
    call_key('1');
    assert_true(call_seen.joined);
    call_end();
}

static void confirm_is_dropped_without_a_key(void **state)
{
    (void)state;
    call_start("confirm;uri=sip:1@10.0.0.1");
    call_peer(CX_PEER_ANSWERED, 0);
    call_played();
    assert_int_equal(call_seen.timer_ms, 7000);
    call_timer();
    assert_int_equal(call_seen.code, 480);
    call_end();
    call_start("confirm;uri=sip:1@10.0.0.1");
    call_peer(CX_PEER_ENDED, 486);
    assert_int_equal(call_seen.code, 486);
    call_end();
    call_start("confirm;uri=sip:1@10.0.0.1");
    call_peer(CX_PEER_ANSWERED, 0);
    call_peer(CX_PEER_ENDED, 0);
    assert_int_equal(call_seen.code, 480);
    call_end();
    call_start("confirm");
    assert_int_equal(call_seen.code, 480);
    call_end();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_key_goes_on_at_once),
        cmocka_unit_test(the_greeting_is_the_tenants),
        cmocka_unit_test(wrong_keys_and_silence_use_up_the_tries),
        cmocka_unit_test(extensions_are_dialled),
        cmocka_unit_test(the_greeting_is_recorded),
        cmocka_unit_test(a_dead_database_is_an_apology),
        cmocka_unit_test(confirm_by_one),
        cmocka_unit_test(confirm_is_dropped_without_a_key),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
