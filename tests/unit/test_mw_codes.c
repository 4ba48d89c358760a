/*
 * test_mw_codes.c - services hotdesk and feature, driven by events: what is said and asked.
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "ivr_fixture.h"

#include <errno.h>
#include <string.h>

#include "media_worker/feature_row.h"
#include "media_worker/hotdesk_row.h"

#define DEVICE "d0000000000000000000000000000001"
#define USER   "c0000000000000000000000000000001"

/* The question, to be looked at and answered in place. */
static struct cx_hotdesk *hotdesk(void)
{
    assert_non_null(call_seen.question);
    assert_int_equal(call_seen.question->size, sizeof(struct cx_hotdesk));
    return call_seen.data;
}

static struct cx_feature *feature(void)
{
    assert_non_null(call_seen.question);
    assert_int_equal(call_seen.question->size, sizeof(struct cx_feature));
    return call_seen.data;
}

static void login_with_id_and_pin(void **state)
{
    (void)state;
    call_start("hotdesk;action=login;device=" DEVICE);
    assert_true(call_seen.answered);
    call_says("agent-user");
    call_keys("1002#");
    assert_string_equal(hotdesk()->id, "1002");
    assert_string_equal(hotdesk()->account, CALL_ACCOUNT);
    hotdesk()->has_pin = true;
    strcpy(hotdesk()->user, USER);
    call_answer(0);
    call_says("agent-pass");
    call_keys("4321#");
    assert_string_equal(hotdesk()->pin, "4321");
    assert_string_equal(hotdesk()->device, DEVICE);
    hotdesk()->fresh = 2;
    hotdesk()->saved = 1;
    call_answer(0);
    call_says("agent-loginok vm-youhave digits/2 vm-INBOX vm-and digits/1 vm-Old vm-message");
    call_played();
    assert_true(call_seen.over);
    call_end();
}

static void login_without_pin_or_messages(void **state)
{
    (void)state;
    call_start("hotdesk;action=login;device=" DEVICE ";id=1002");
    strcpy(hotdesk()->user, USER);
    call_answer(0);
    call_answer(0);
    call_says("agent-loginok vm-youhave vm-no vm-INBOX vm-messages");
    call_end();
}

static void three_tries(void **state)
{
    (void)state;
    call_start("hotdesk;action=login;device=" DEVICE);
    for (int i = 0; i < 3; i++) {
        call_keys("99#");
        hotdesk()->result = CX_HOTDESK_NOBODY;
        call_answer(0);
        if (i < 1)
            call_says("agent-incorrect");
    }
    call_says("vm-goodbye");
    call_end();
    call_start("hotdesk;action=login;device=" DEVICE ";id=1");
    hotdesk()->has_pin = true;
    call_answer(0);
    for (int i = 0; i < 3; i++) {
        call_says(i ? "auth-incorrect" : "agent-pass");
        call_keys("99#");
        hotdesk()->result = CX_HOTDESK_WRONG_PIN;
        call_answer(0);
    }
    call_says("vm-goodbye");
    call_end();
    /* silence counts */
    call_start("hotdesk;action=login;device=" DEVICE);
    for (int i = 0; i < 3; i++) {
        call_says("agent-user");
        call_played();
        call_timer();
    }
    call_says("vm-goodbye");
    call_end();
}

static void not_enabled(void **state)
{
    (void)state;
    call_start("hotdesk;action=login;device=" DEVICE ";id=1003");
    hotdesk()->result = CX_HOTDESK_OFF;
    call_answer(0);
    call_says("feature-not-avail-line");
    call_played();
    assert_true(call_seen.over);
    call_end();
    call_start("hotdesk;action=login"); /* no phone of the account */
    call_says("feature-not-avail-line");
    call_end();
}

static void logout_and_toggle(void **state)
{
    (void)state;
    call_start("hotdesk;action=logout;device=" DEVICE ";user=" USER);
    hotdesk()->here = true;
    call_answer(0);
    assert_false(hotdesk()->in);
    call_answer(0);
    call_says("agent-loggedoff");
    call_end();
    call_start("hotdesk;action=toggle;device=" DEVICE ";user=" USER);
    hotdesk()->here = true;
    call_answer(0);
    assert_false(hotdesk()->in);
    call_end();
    /* nobody is logged in: the caller wants to be */
    call_start("hotdesk;action=toggle;device=" DEVICE ";user=" USER);
    call_answer(0);
    call_says("agent-user");
    call_keys("1002#");
    assert_string_equal(hotdesk()->id, "1002");
    strcpy(hotdesk()->user, USER);
    call_answer(0);
    assert_true(hotdesk()->in);
    call_end();
}

static void a_dead_database_is_an_apology(void **state)
{
    (void)state;
    call_start("hotdesk;action=login;device=" DEVICE ";id=1002");
    call_answer(-ENOTCONN);
    call_says("im-sorry please-try-call-later");
    call_played();
    assert_true(call_seen.over);
    call_end();
    call_start("feature;action=dnd_on;user=" USER);
    call_answer(-ETIMEDOUT);
    call_says("im-sorry please-try-call-later");
    call_end();
}

static void settings_without_a_number(void **state)
{
    static const struct {
        const char *service, *words;
        enum cx_feature_kind kind;
        enum cx_feature_change change;
        bool on;
    } cases[] = {
        {"feature;action=dnd_on;user=" USER, "do-not-disturb activated", CX_FEATURE_DND,
         CX_FEATURE_ON, true},
        {"feature;action=dnd_off;user=" USER, "do-not-disturb de-activated", CX_FEATURE_DND,
         CX_FEATURE_OFF, false},
        {"feature;action=forward_off;user=" USER, "call-fwd-unconditional de-activated",
         CX_FEATURE_FORWARD, CX_FEATURE_OFF, false},
        {"feature;action=forward_busy_off;user=" USER, "call-fwd-on-busy de-activated",
         CX_FEATURE_FORWARD_BUSY, CX_FEATURE_OFF, false},
        {"feature;action=call_waiting_toggle;device=" DEVICE, "call-waiting activated",
         CX_FEATURE_CALL_WAITING, CX_FEATURE_TOGGLE, true},
        {"feature;action=hours_on;rules=1,2", "hours activated", CX_FEATURE_HOURS, CX_FEATURE_ON,
         true},
        {"feature;action=hours_reset;rules=1,2", "hours is-set-to time", CX_FEATURE_HOURS,
         CX_FEATURE_RESET, false},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
        call_start(cases[i].service);
        assert_int_equal(feature()->kind, cases[i].kind);
        assert_int_equal(feature()->change, cases[i].change);
        assert_int_equal(feature()->of_device, strstr(cases[i].service, "device=") != NULL ||
                                                   cases[i].kind == CX_FEATURE_HOURS);
        feature()->on = cases[i].on;
        call_answer(0);
        call_says(cases[i].words);
        call_played();
        assert_true(call_seen.over);
        call_end();
    }
}

static void forward_asks_for_the_number(void **state)
{
    (void)state;
    call_start("feature;action=forward_on;user=" USER);
    call_says("vm-enter-num-to-call vm-then-pound");
    call_keys("12#"); /* too short */
    call_says("pbx-invalid vm-enter-num-to-call vm-then-pound");
    call_keys("202#");
    assert_string_equal(feature()->number, "202");
    feature()->on = true;
    call_answer(0);
    call_says("call-fwd-unconditional is-set-to digits/2 digits/0 digits/2");
    call_end();
    /* dialled behind the code */
    call_start("feature;action=forward_on;user=" USER ";number=0861234567");
    assert_string_equal(feature()->number, "0861234567");
    call_end();
    /* # alone: the number that stands there, if there is one */
    call_start("feature;action=forward_on;user=" USER);
    call_key('#');
    assert_string_equal(feature()->number, "");
    feature()->result = CX_FEATURE_NO_NUMBER;
    call_answer(0);
    call_says("pbx-invalid vm-enter-num-to-call vm-then-pound");
    call_end();
    /* three times nothing */
    call_start("feature;action=forward_update;user=" USER);
    for (int i = 0; i < 3; i++) {
        call_played();
        call_timer();
    }
    call_says("vm-goodbye");
    call_end();
}

static void hours_are_chosen(void **state)
{
    (void)state;
    call_start("feature;action=hours_menu;rules=1");
    assert_true(call_seen.playing);
    call_key('9');
    assert_null(call_seen.question);
    call_key('2');
    assert_int_equal(feature()->change, CX_FEATURE_OFF);
    call_answer(0);
    call_says("hours de-activated");
    call_end();
    call_start("feature;action=nonsense;user=" USER);
    call_says("feature-not-avail-line");
    call_end();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(login_with_id_and_pin),
        cmocka_unit_test(login_without_pin_or_messages),
        cmocka_unit_test(three_tries),
        cmocka_unit_test(not_enabled),
        cmocka_unit_test(logout_and_toggle),
        cmocka_unit_test(a_dead_database_is_an_apology),
        cmocka_unit_test(settings_without_a_number),
        cmocka_unit_test(forward_asks_for_the_number),
        cmocka_unit_test(hours_are_chosen),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
