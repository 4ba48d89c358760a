/*
 * test_mw_mailbox.c - voicemail's owner's side, driven by events; and its questions against a real
 * MariaDB (tests/unit/with-db). SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "db_fixture.h"
#include "ivr_fixture.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "media_worker/mailbox_row.h"

#define BOX      "b0000000000000000000000000000001"
#define OWN      "voicemail;action=check;box=" BOX ";mailbox=201;owner=1"
#define DATABASE "mwmailbox"
#define OTHER    "a0000000000000000000000000000002"

static void *asked(const struct cx_question *question)
{
    assert_non_null(call_seen.question);
    assert_ptr_equal(call_seen.question, question);
    return call_seen.data;
}

static void the_box(bool require_pin, bool has_pin, bool is_setup)
{
    struct cx_mailbox_find *q = asked(&cx_mailbox_find);

    q->found = true;
    snprintf(q->box, sizeof(q->box), BOX);
    snprintf(q->mailbox, sizeof(q->mailbox), "201");
    q->require_pin = require_pin;
    q->has_pin = has_pin;
    q->is_setup = is_setup;
    call_answer(0);
}

static void messages(unsigned count, bool saved)
{
    struct cx_mailbox_list *q = asked(&cx_mailbox_list);

    assert_int_equal(q->saved, saved);
    q->fresh = saved ? 0 : count;
    q->old = saved ? count : 0;
    q->count = count;
    q->now = (struct tm){.tm_year = 126, .tm_mon = 10, .tm_mday = 25, .tm_wday = 3};
    for (unsigned i = 0; i < count; i++) {
        struct cx_mailbox_message *m = &q->messages[i];
        snprintf(m->id, sizeof(m->id), "%032u", i + 1);
        snprintf(m->number, sizeof(m->number), i ? "anonymous" : "+353861");
        snprintf(m->key, sizeof(m->key), "acc/vm/%u.mp3", i + 1);
        m->when = q->now;
        m->when.tm_hour = 9;
    }
    call_answer(0);
}

static void own_box_without_pin(void **state)
{
    (void)state;
    call_start(OWN);
    the_box(false, true, true);
    messages(2, false);
    call_says("vm-youhave digits/2 vm-INBOX vm-messages vm-onefor vm-INBOX vm-messages vm-opts "
              "vm-helpexit");
    call_key('1');
    messages(2, false);
    call_says(
        "vm-first vm-message vm-received digits/today digits/at digits/9 digits/oclock "
        "digits/a-m vm-from-phonenumber digits/3 digits/5 digits/3 digits/8 digits/6 digits/1 "
        "store/acc/vm/1.mp3 vm-repeat vm-next vm-delete vm-savemessage");
    call_key('6');
    assert_ptr_equal(call_seen.aside, &cx_mailbox_move); /* the first one counts as heard */
    call_says("vm-last vm-message vm-received digits/today digits/at digits/9 digits/oclock "
              "digits/a-m vm-unknown-caller store/acc/vm/2.mp3 vm-repeat vm-prev vm-delete "
              "vm-savemessage");
    call_key('6');
    call_says("vm-nomore");
    call_played();
    messages(0, false);
    call_key('#');
    call_says("vm-goodbye");
    call_played();
    assert_true(call_seen.over);
    call_end();
}

static void delete_and_undo(void **state)
{
    struct cx_mailbox_move *q;

    (void)state;
    call_start(OWN);
    the_box(false, true, true);
    messages(1, false);
    call_key('1');
    messages(1, false);
    call_key('7');
    q = asked(&cx_mailbox_move);
    assert_string_equal(q->folder, "deleted");
    assert_string_equal(q->id, "00000000000000000000000000000001");
    assert_string_equal(q->box, BOX);
    call_answer(0);
    call_says("vm-deleted");
    call_played();
    call_says("vm-repeat vm-undelete");
    call_key('7');
    q = asked(&cx_mailbox_move);
    assert_string_equal(q->folder, "saved");
    call_answer(0);
    call_says("vm-undeleted");
    call_played();
    call_says("vm-repeat vm-delete vm-savemessage");
    call_key('5');
    assert_non_null(strstr(call_seen.said, "store/acc/vm/1.mp3"));
    call_end();
}

static void an_unheard_message_stays_new(void **state)
{
    (void)state;
    call_start(OWN);
    the_box(false, true, true);
    messages(1, false);
    call_key('1');
    messages(1, false);
    call_end(); /* hangs up in the middle */
    assert_null(call_seen.aside);
    call_start(OWN);
    the_box(false, true, true);
    messages(1, false);
    call_key('1');
    messages(1, false);
    call_played(); /* to its end */
    assert_ptr_equal(call_seen.aside, &cx_mailbox_move);
    call_end();
}

static void any_box_wants_its_pin(void **state)
{
    struct cx_mailbox_pin *q;

    (void)state;
    call_start("voicemail;action=check;ask=1;single=1");
    call_says("vm-login");
    call_keys("201#");
    assert_string_equal(((struct cx_mailbox_find *)asked(&cx_mailbox_find))->mailbox, "201");
    the_box(false, true, true);
    call_says("vm-password");
    call_keys("1234#");
    q = asked(&cx_mailbox_check_pin);
    assert_string_equal(q->pin, "1234");
    assert_string_equal(q->box, BOX);
    q->right = true;
    call_answer(0);
    messages(0, false);
    call_says("vm-youhave vm-no vm-INBOX vm-messages vm-opts vm-helpexit");
    call_end();
}

static void three_wrong_pins(void **state)
{
    (void)state;
    call_start(OWN ";single=1");
    the_box(false, true, true);
    for (int i = 0; i < 3; i++) {
        call_says(i ? "vm-incorrect vm-password" : "vm-password");
        call_keys("99#");
        call_answer(0);
    }
    call_says("vm-incorrect vm-goodbye");
    call_end();
    /* locked: not even asked */
    call_start(OWN ";single=1");
    ((struct cx_mailbox_find *)asked(&cx_mailbox_find))->locked = true;
    the_box(false, true, true);
    call_says("feature-not-avail-line");
    call_end();
    /* a box without a PIN is nobody else's */
    call_start("voicemail;action=check;box=" BOX);
    the_box(false, false, true);
    call_says("feature-not-avail-line");
    call_end();
}

static void nobody_enters_from_outside(void **state)
{
    (void)state;
    call_start("voicemail;action=check;ask=1;offnet=1");
    call_says("feature-not-avail-line");
    call_end();
    call_start("voicemail;action=compose;box=" BOX ";mailbox=201");
    call_key('*'); /* only skips the greeting */
    call_says("tone/440/500");
    call_end();
    call_start("voicemail;action=compose;box=" BOX ";mailbox=201;onnet=1");
    call_key('*');
    the_box(false, true, true);
    call_says("vm-password");
    call_end();
}

static void operator_key(void **state)
{
    (void)state;
    call_start("voicemail;action=compose;box=" BOX ";mailbox=201;operator=0");
    call_key('0');
    assert_string_equal(call_seen.outcome, "continue;key=_;dial=0");
    call_end();
    call_start("voicemail;action=compose;box=" BOX ";mailbox=201");
    call_key('0');
    call_says("tone/440/500");
    call_end();
}

static void first_time(void **state)
{
    struct cx_mailbox_keep *q;

    (void)state;
    call_start(OWN);
    the_box(false, false, false);
    call_says("vm-newuser");
    call_played();
    call_says("vm-newpassword");
    call_keys("1111#"); /* what a thief tries first */
    call_says("vm-invalid-password");
    call_played();
    call_keys("2580#");
    call_says("vm-reenterpassword");
    call_keys("2581#");
    call_says("vm-mismatch");
    call_played();
    call_keys("2580#");
    call_keys("2580#");
    assert_string_equal(((struct cx_mailbox_pin *)asked(&cx_mailbox_set_pin))->pin, "2580");
    call_answer(0);
    call_says("vm-passchanged");
    call_played();
    call_says("vm-rec-name tone/440/500");
    call_played();
    call_draft(1000);
    call_key('#');
    call_answer(0);
    call_key('1');
    q = asked(&cx_mailbox_keep);
    assert_int_equal(q->prompt, CX_MAILBOX_NAME);
    call_answer(0);
    call_says("vm-rec-unv tone/440/500");
    call_played();
    call_key('#');
    call_answer(0);
    call_key('1');
    q = asked(&cx_mailbox_keep);
    assert_int_equal(q->prompt, CX_MAILBOX_GREETING);
    call_answer(0);
    assert_string_equal(((struct cx_mailbox_done *)asked(&cx_mailbox_done))->box, BOX);
    call_answer(0);
    messages(0, false);
    call_end();
}

static void pin_change(void **state)
{
    (void)state;
    call_start(OWN);
    the_box(false, true, true);
    messages(0, false);
    call_key('0');
    call_says("vm-options");
    call_key('5');
    call_keys("2580#");
    call_keys("2580#");
    call_answer(0);
    call_says("vm-passchanged");
    call_played();
    call_says("vm-options");
    call_key('*');
    messages(0, false);
    call_end();
}

static void a_dead_database_is_an_apology(void **state)
{
    (void)state;
    call_start(OWN);
    call_answer(-ENOTCONN);
    call_says("im-sorry please-try-call-later");
    call_played();
    assert_true(call_seen.over);
    call_end();
}

/* ---- the questions */

static struct cx_db *db;
static struct cx_ask_env env;

static int begin(void **state)
{
    (void)state;
    db_fixture_run(
        db,
        "DELETE FROM change_log; DELETE FROM account;"
        "INSERT INTO account (id, name, name_key, realm, timezone, created, modified) VALUES "
        "('" CALL_ACCOUNT "', 'A', 'a', 'a.example', 'Europe/Dublin', 0, 0), "
        "('" OTHER "', 'B', 'b', 'b.example', 'UTC', 0, 0);"
        "INSERT INTO vmbox (id, account_id, name, mailbox, pin, doc, created, modified) VALUES "
        "('" BOX "', '" CALL_ACCOUNT "', 'A', '201', '2580', "
        "'{\"skip_envelope\":true,\"media\":{\"x\":1}}', 0, 0),"
        "('b0000000000000000000000000000002', '" OTHER "', 'B', '201', '9999', '{}', 0, 0);"
        "INSERT INTO vm_message (id, account_id, vmbox_id, folder, timestamp, length_ms, "
        "size_bytes, caller_id_number, storage_key) VALUES "
        "('10000000000000000000000000000001', '" CALL_ACCOUNT "', '" BOX "', 'new', 1783683000, 1, "
        "1, '202', 'k/1.mp3'),"
        "('10000000000000000000000000000002', '" CALL_ACCOUNT "', '" BOX "', 'new', 1767955800, 1, "
        "1, '203', 'k/2.mp3'),"
        "('10000000000000000000000000000003', '" CALL_ACCOUNT "', '" BOX "', 'deleted', 3, 1, 1, "
        "'203', 'k')");
    return 0;
}

static void finding_and_pins(void **state)
{
    struct cx_mailbox_find find = {.account = CALL_ACCOUNT, .mailbox = "201"};
    struct cx_mailbox_pin pin = {.account = CALL_ACCOUNT, .box = BOX, .pin = "1111"};

    (void)state;
    assert_int_equal(cx_mailbox_find.run(&env, &find), 0);
    assert_true(find.found && find.has_pin && find.skip_envelope && !find.locked);
    assert_string_equal(find.box, BOX);
    for (int i = 0; i < 3; i++) {
        assert_int_equal(cx_mailbox_check_pin.run(&env, &pin), 0);
        assert_false(pin.right);
        assert_int_equal(pin.locked, i == 2);
    }
    snprintf(pin.pin, sizeof(pin.pin), "2580");
    assert_int_equal(cx_mailbox_check_pin.run(&env, &pin), 0);
    assert_false(pin.right); /* locked: the right one does not help */
    assert_int_equal(cx_mailbox_find.run(&env, &find), 0);
    assert_true(find.locked);
    db_fixture_run(db, "UPDATE vmbox_lock SET locked_until = 1");
    assert_int_equal(cx_mailbox_check_pin.run(&env, &pin), 0);
    assert_true(pin.right);
    assert_int_equal(db_fixture_number(db, "SELECT COUNT(*) FROM vmbox_lock"), 0);
    /* of another account: not there */
    snprintf(pin.account, sizeof(pin.account), OTHER);
    assert_int_equal(cx_mailbox_check_pin.run(&env, &pin), 0);
    assert_false(pin.right);
    assert_int_equal(cx_mailbox_set_pin.run(&env, &pin), -ENOENT);
    snprintf(pin.account, sizeof(pin.account), CALL_ACCOUNT);
    snprintf(pin.pin, sizeof(pin.pin), "8642");
    assert_int_equal(cx_mailbox_set_pin.run(&env, &pin), 0);
    assert_int_equal(db_fixture_number(db, "SELECT COUNT(*) FROM vmbox WHERE pin = '8642'"), 1);
    assert_int_equal(db_fixture_number(db, "SELECT COUNT(*) FROM change_log WHERE kind = 'vmbox'"),
                     1);
}

static void listing_and_moving(void **state)
{
    static struct cx_mailbox_list list;
    struct cx_mailbox_move move = {.account = CALL_ACCOUNT, .box = BOX, .folder = "saved"};

    (void)state;
    memset(&list, 0, sizeof(list));
    snprintf(list.account, sizeof(list.account), CALL_ACCOUNT);
    snprintf(list.box, sizeof(list.box), BOX);
    assert_int_equal(cx_mailbox_list.run(&env, &list), 0);
    assert_int_equal(list.count, 2);
    assert_int_equal(list.fresh, 2);
    assert_int_equal(list.old, 0);
    /* the newest first, in Dublin's summer and winter time */
    assert_string_equal(list.messages[0].number, "202");
    assert_int_equal(list.messages[0].when.tm_mon, 6);
    assert_int_equal(list.messages[0].when.tm_hour, 12);
    assert_int_equal(list.messages[0].when.tm_min, 30);
    assert_int_equal(list.messages[1].when.tm_mon, 0);
    assert_int_equal(list.messages[1].when.tm_hour, 10);
    snprintf(move.id, sizeof(move.id), "%s", list.messages[0].id);
    assert_int_equal(cx_mailbox_move.run(&env, &move), 0);
    assert_int_equal(
        db_fixture_number(db, "SELECT COUNT(*) FROM change_log WHERE kind = 'vm_message' AND "
                              "object_id = '" BOX "'"),
        1);
    list.oldest_first = true;
    assert_int_equal(cx_mailbox_list.run(&env, &list), 0);
    assert_int_equal(list.count, 1);
    assert_int_equal(list.old, 1);
    snprintf(move.account, sizeof(move.account), OTHER);
    snprintf(move.folder, sizeof(move.folder), "deleted");
    assert_int_equal(cx_mailbox_move.run(&env, &move), 0);
    assert_int_equal(db_fixture_number(db, "SELECT COUNT(*) FROM vm_message WHERE folder = "
                                           "'deleted'"),
                     1);
}

static void prompts_are_kept(void **state)
{
    struct cx_mailbox_keep keep = {.box = BOX, .prompt = CX_MAILBOX_GREETING};
    struct cx_mailbox_done done = {.account = CALL_ACCOUNT, .box = BOX};

    (void)state;
    keep.media = (struct cx_media_row){.account = CALL_ACCOUNT,
                                       .id = "e0000000000000000000000000000001",
                                       .key = "k/1.wav",
                                       .name = "greeting",
                                       .bytes = 44};
    assert_int_equal(cx_mailbox_keep.run(&env, &keep), 0);
    assert_int_equal(db_fixture_number(db, "SELECT COUNT(*) FROM vmbox WHERE greeting_id = "
                                           "'e0000000000000000000000000000001'"),
                     1);
    keep.prompt = CX_MAILBOX_NAME;
    snprintf(keep.media.id, sizeof(keep.media.id), "e0000000000000000000000000000002");
    assert_int_equal(cx_mailbox_keep.run(&env, &keep), 0);
    assert_int_equal(
        db_fixture_number(db, "SELECT COUNT(*) FROM vmbox WHERE JSON_VALUE(doc, '$.media.name') = "
                              "'e0000000000000000000000000000002' AND JSON_VALUE(doc, "
                              "'$.media.x') = 1"),
        1);
    assert_int_equal(cx_mailbox_done.run(&env, &done), 0);
    assert_int_equal(db_fixture_number(db, "SELECT COUNT(*) FROM vmbox WHERE is_setup"), 1);
}

static int open_db(void **state)
{
    (void)state;
    db = db_fixture_fresh(DATABASE, true);
    env = (struct cx_ask_env){.db = db, .storage = "/nowhere"};
    return 0;
}

static int close_db(void **state)
{
    (void)state;
    cx_db_close(db);
    return 0;
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(own_box_without_pin),
        cmocka_unit_test(delete_and_undo),
        cmocka_unit_test(an_unheard_message_stays_new),
        cmocka_unit_test(any_box_wants_its_pin),
        cmocka_unit_test(three_wrong_pins),
        cmocka_unit_test(nobody_enters_from_outside),
        cmocka_unit_test(operator_key),
        cmocka_unit_test(first_time),
        cmocka_unit_test(pin_change),
        cmocka_unit_test(a_dead_database_is_an_apology),
        cmocka_unit_test_setup(finding_and_pins, begin),
        cmocka_unit_test_setup(listing_and_moving, begin),
        cmocka_unit_test_setup(prompts_are_kept, begin),
    };

    (void)argc;
    db_fixture_enter(argv);
    return cmocka_run_group_tests(tests, open_db, close_db);
}
