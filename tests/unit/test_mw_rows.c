/*
 * test_mw_rows.c - what services change in the database: hot desk logins and settings, against a
 * real MariaDB (tests/unit/with-db). A second account has the same numbers and is never touched.
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "db_fixture.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "media_worker/feature_row.h"
#include "media_worker/hotdesk_row.h"

#define DATABASE "mwrows"
#define ACCOUNT  "a0000000000000000000000000000001"
#define OTHER    "a0000000000000000000000000000002"
#define ALICE    "c0000000000000000000000000000001"
#define BOB      "c0000000000000000000000000000002"
#define CAROL    "c0000000000000000000000000000003"
#define DESK     "d0000000000000000000000000000001"
#define DESK2    "d0000000000000000000000000000002"
#define RULE     "e0000000000000000000000000000001"

static struct cx_db *db;
static struct cx_ask_env env;

static int begin(void **state)
{
    (void)state;
    db_fixture_run(
        db,
        "DELETE FROM change_log; DELETE FROM account;"
        "INSERT INTO account (id, name, name_key, realm, created, modified) VALUES "
        "('" ACCOUNT "', 'A', 'a', 'a.example', 0, 0), ('" OTHER "', 'B', 'b', 'b.example', 0, 0);"
        "INSERT INTO user (id, account_id, first_name, last_name, hotdesk, call_forward, created, "
        "modified) VALUES "
        "('" ALICE "', '" ACCOUNT
        "', 'Alice', 'A', '{\"enabled\":true,\"id\":\"1001\"}', NULL, 0, 0),"
        "('" BOB "', '" ACCOUNT "', 'Bob', 'B', "
        "'{\"enabled\":true,\"id\":\"1002\",\"pin\":\"4321\"}', "
        "'{\"enabled\":false,\"number\":\"203\",\"keep_caller_id\":true}', 0, 0),"
        "('" CAROL "', '" ACCOUNT
        "', 'Carol', 'C', '{\"enabled\":false,\"id\":\"1003\"}', NULL, 0, 0),"
        "('c0000000000000000000000000000009', '" OTHER "', 'X', 'Y', "
        "'{\"enabled\":true,\"id\":\"1002\"}', NULL, 0, 0);"
        "INSERT INTO device (id, account_id, owner_id, name, sip_username, created, modified) "
        "VALUES "
        "('" DESK "', '" ACCOUNT "', '" ALICE "', 'desk', 'desk', 0, 0),"
        "('" DESK2 "', '" ACCOUNT "', NULL, 'hall', 'hall', 0, 0);"
        "INSERT INTO vmbox (id, account_id, owner_id, name, mailbox, created, modified) VALUES "
        "('b0000000000000000000000000000001', '" ACCOUNT "', '" ALICE "', 'A', '201', 0, 0),"
        "('b0000000000000000000000000000002', '" ACCOUNT "', '" BOB "', 'B', '202', 0, 0);"
        "INSERT INTO vm_message (id, account_id, vmbox_id, folder, timestamp, length_ms, "
        "size_bytes, "
        "storage_key) VALUES "
        "('10000000000000000000000000000001', '" ACCOUNT "', 'b0000000000000000000000000000002', "
        "'new', 1, 1, 1, 'k'),"
        "('10000000000000000000000000000002', '" ACCOUNT "', 'b0000000000000000000000000000002', "
        "'saved', 1, 1, 1, 'k'),"
        "('10000000000000000000000000000003', '" ACCOUNT "', 'b0000000000000000000000000000002', "
        "'deleted', 1, 1, 1, 'k');"
        "INSERT INTO temporal_rule (id, account_id, name, doc, created, modified) VALUES "
        "('" RULE "', '" ACCOUNT "', 'open', '{\"cycle\":\"weekly\"}', 0, 0)");
    return 0;
}

/* Where is BOB etc. logged in: number of phones. */
static int64_t logins(const char *device, const char *user)
{
    char sql[300];

    snprintf(
        sql, sizeof(sql),
        "SELECT COUNT(*) FROM device WHERE id = '%s' AND JSON_EXISTS(hotdesk, '$.users.\"%s\"')",
        device, user);
    return db_fixture_number(db, sql);
}

static int64_t changes(const char *kind, const char *id)
{
    char sql[300];

    snprintf(sql, sizeof(sql),
             "SELECT COUNT(*) FROM change_log WHERE account_id = '" ACCOUNT
             "' AND kind = '%s' AND object_id = '%s'",
             kind, id);
    return db_fixture_number(db, sql);
}

static struct cx_hotdesk about(const char *device, const char *id, const char *user)
{
    struct cx_hotdesk q = {.account = ACCOUNT};

    snprintf(q.device, sizeof(q.device), "%s", device);
    snprintf(q.id, sizeof(q.id), "%s", id);
    snprintf(q.user, sizeof(q.user), "%s", user);
    return q;
}

static void login_takes_the_phone_over(void **state)
{
    struct cx_hotdesk q = about(DESK, "1002", "");

    (void)state;
    assert_int_equal(cx_hotdesk_find(&env, &q), 0);
    assert_int_equal(q.result, CX_HOTDESK_DONE);
    assert_string_equal(q.user, BOB); /* not the other account's user with this id */
    assert_true(q.has_pin);
    snprintf(q.pin, sizeof(q.pin), "9999");
    assert_int_equal(cx_hotdesk_login(&env, &q), 0);
    assert_int_equal(q.result, CX_HOTDESK_WRONG_PIN);
    assert_int_equal(logins(DESK, BOB), 0);
    assert_int_equal(changes("device", DESK), 0);
    snprintf(q.pin, sizeof(q.pin), "4321");
    assert_int_equal(cx_hotdesk_login(&env, &q), 0);
    assert_int_equal(q.result, CX_HOTDESK_DONE);
    assert_int_equal(q.fresh, 1);
    assert_int_equal(q.saved, 1);
    assert_int_equal(logins(DESK, BOB), 1);
    assert_int_equal(changes("device", DESK), 1);
    assert_int_equal(changes("vm_message", "b0000000000000000000000000000002"), 1);
    assert_int_equal(changes("vm_message", "b0000000000000000000000000000001"), 1);
    /* elsewhere: the first login ends */
    snprintf(q.device, sizeof(q.device), DESK2);
    assert_int_equal(cx_hotdesk_login(&env, &q), 0);
    assert_int_equal(logins(DESK, BOB), 0);
    assert_int_equal(logins(DESK2, BOB), 1);
    /* who is here? */
    q = about(DESK2, "", "");
    assert_int_equal(cx_hotdesk_find(&env, &q), 0);
    assert_true(q.here);
    assert_string_equal(q.user, BOB);
    assert_int_equal(cx_hotdesk_logout(&env, &q), 0);
    assert_int_equal(q.result, CX_HOTDESK_DONE);
    assert_int_equal(logins(DESK2, BOB), 0);
    assert_int_equal(db_fixture_number(db, "SELECT COUNT(*) FROM device WHERE JSON_EXISTS(hotdesk, "
                                           "'$.unassigned')"),
                     0);
}

static void several_phones_when_allowed(void **state)
{
    struct cx_hotdesk q = about(DESK, "1002", "");

    (void)state;
    db_fixture_run(db, "UPDATE user SET hotdesk = JSON_SET(hotdesk, '$.keep_logged_in_elsewhere', "
                       "true) WHERE id = '" BOB "'");
    snprintf(q.pin, sizeof(q.pin), "4321");
    assert_int_equal(cx_hotdesk_login(&env, &q), 0);
    snprintf(q.device, sizeof(q.device), DESK2);
    assert_int_equal(cx_hotdesk_login(&env, &q), 0);
    assert_int_equal(logins(DESK, BOB) + logins(DESK2, BOB), 2);
    assert_int_equal(cx_hotdesk_logout(&env, &q), 0);
    assert_int_equal(logins(DESK, BOB), 1);
    assert_int_equal(logins(DESK2, BOB), 0);
}

static void who_may_not(void **state)
{
    struct cx_hotdesk q = about(DESK, "1003", "");

    (void)state;
    assert_int_equal(cx_hotdesk_find(&env, &q), 0);
    assert_int_equal(q.result, CX_HOTDESK_OFF);
    assert_int_equal(cx_hotdesk_login(&env, &q), 0);
    assert_int_equal(q.result, CX_HOTDESK_OFF);
    q = about(DESK, "7777", "");
    assert_int_equal(cx_hotdesk_find(&env, &q), 0);
    assert_int_equal(q.result, CX_HOTDESK_NOBODY);
    q = about(DESK, "1' OR '1'='1", "");
    assert_int_equal(cx_hotdesk_find(&env, &q), 0);
    assert_int_equal(q.result, CX_HOTDESK_NOBODY);
    /* two users with one id: nobody */
    db_fixture_run(db, "UPDATE user SET hotdesk = '{\"enabled\":true,\"id\":\"1001\"}' WHERE id = "
                       "'" CAROL "'");
    q = about(DESK, "1001", "");
    assert_int_equal(cx_hotdesk_find(&env, &q), 0);
    assert_int_equal(q.result, CX_HOTDESK_NOBODY);
    /* another account's phone */
    db_fixture_run(db, "UPDATE device SET account_id = '" OTHER "', owner_id = NULL WHERE id = "
                       "'" DESK2 "'");
    q = about(DESK2, "1002", "");
    snprintf(q.pin, sizeof(q.pin), "4321");
    assert_int_equal(cx_hotdesk_login(&env, &q), 0);
    assert_int_equal(q.result, CX_HOTDESK_NOBODY);
    assert_int_equal(logins(DESK2, BOB), 0);
}

static void owner_leaves_the_own_phone_unassigned(void **state)
{
    struct cx_hotdesk q = about(DESK, "", ALICE);

    (void)state;
    assert_int_equal(cx_hotdesk_logout(&env, &q), 0);
    assert_int_equal(q.result, CX_HOTDESK_DONE);
    assert_int_equal(db_fixture_number(db, "SELECT JSON_VALUE(hotdesk, '$.unassigned') = 1 FROM "
                                           "device WHERE id = '" DESK "'"),
                     1);
    q = about(DESK, "1001", "");
    assert_int_equal(cx_hotdesk_login(&env, &q), 0);
    assert_int_equal(q.result, CX_HOTDESK_DONE);
    assert_int_equal(logins(DESK, ALICE), 1);
    assert_int_equal(db_fixture_number(db, "SELECT COUNT(*) FROM device WHERE JSON_EXISTS(hotdesk, "
                                           "'$.unassigned')"),
                     0);
    /* without hot-desking there is nothing to leave */
    db_fixture_run(db, "UPDATE user SET hotdesk = NULL; UPDATE device SET hotdesk = NULL");
    q = about(DESK, "", ALICE);
    assert_int_equal(cx_hotdesk_logout(&env, &q), 0);
    assert_int_equal(q.result, CX_HOTDESK_OFF);
}

/* ---- settings */

static struct cx_feature setting(enum cx_feature_kind kind, enum cx_feature_change change,
                                 const char *user, const char *number)
{
    struct cx_feature q = {.kind = kind, .change = change, .account = ACCOUNT};

    snprintf(q.id, sizeof(q.id), "%s", user);
    snprintf(q.number, sizeof(q.number), "%s", number);
    return q;
}

static void do_not_disturb(void **state)
{
    struct cx_feature q = setting(CX_FEATURE_DND, CX_FEATURE_TOGGLE, ALICE, "");

    (void)state;
    assert_int_equal(cx_feature_change(&env, &q), 0);
    assert_true(q.on);
    assert_int_equal(db_fixture_number(db, "SELECT COUNT(*) FROM user WHERE do_not_disturb"), 1);
    assert_int_equal(changes("user", ALICE), 1);
    assert_int_equal(cx_feature_change(&env, &q), 0);
    assert_false(q.on);
    q = setting(CX_FEATURE_DND, CX_FEATURE_ON, DESK, "");
    q.of_device = true;
    assert_int_equal(cx_feature_change(&env, &q), 0);
    assert_int_equal(changes("device", DESK), 1);
    q = setting(CX_FEATURE_DND, CX_FEATURE_ON, "c0000000000000000000000000000009", "");
    assert_int_equal(cx_feature_change(&env, &q), 0);
    assert_int_equal(q.result, CX_FEATURE_NOTHING); /* the other account's */
    assert_int_equal(db_fixture_number(db, "SELECT COUNT(*) FROM user WHERE do_not_disturb"), 0);
}

static void forwards(void **state)
{
    struct cx_feature q = setting(CX_FEATURE_FORWARD, CX_FEATURE_ON, ALICE, "");

    (void)state;
    assert_int_equal(cx_feature_change(&env, &q), 0);
    assert_int_equal(q.result, CX_FEATURE_NO_NUMBER);
    assert_int_equal(changes("user", ALICE), 0);
    q = setting(CX_FEATURE_FORWARD, CX_FEATURE_ON, ALICE, "0861234567");
    assert_int_equal(cx_feature_change(&env, &q), 0);
    assert_int_equal(q.result, CX_FEATURE_DONE);
    /* what else stands there stays, and the number comes back by itself */
    q = setting(CX_FEATURE_FORWARD, CX_FEATURE_TOGGLE, BOB, "");
    assert_int_equal(cx_feature_change(&env, &q), 0);
    assert_true(q.on);
    assert_string_equal(q.number, "203");
    assert_int_equal(
        db_fixture_number(db, "SELECT JSON_VALUE(call_forward, '$.keep_caller_id') = 1 AND "
                              "JSON_VALUE(call_forward, '$.enabled') = 1 FROM user WHERE id = '" BOB
                              "'"),
        1);
    q = setting(CX_FEATURE_FORWARD, CX_FEATURE_OFF, BOB, "");
    assert_int_equal(cx_feature_change(&env, &q), 0);
    assert_int_equal(db_fixture_number(db, "SELECT JSON_VALUE(call_forward, '$.enabled') = 1 FROM "
                                           "user WHERE id = '" BOB "'"),
                     0);
    q = setting(CX_FEATURE_FORWARD_BUSY, CX_FEATURE_ON, BOB, "204");
    assert_int_equal(cx_feature_change(&env, &q), 0);
    assert_int_equal(db_fixture_number(db, "SELECT JSON_VALUE(call_forward_busy, '$.number') = "
                                           "'204' FROM user WHERE id = '" BOB "'"),
                     1);
    q = setting(CX_FEATURE_FORWARD_NO_ANSWER, CX_FEATURE_ON, DESK, "205");
    q.of_device = true;
    assert_int_equal(cx_feature_change(&env, &q), 0);
    assert_int_equal(
        db_fixture_number(db, "SELECT JSON_VALUE(doc, '$.call_forward_no_answer.number') = '205' "
                              "FROM device WHERE id = '" DESK "'"),
        1);
    q = setting(CX_FEATURE_CALL_WAITING, CX_FEATURE_TOGGLE, ALICE, "");
    assert_int_equal(cx_feature_change(&env, &q), 0);
    assert_false(q.on); /* it was on without a word */
    assert_int_equal(
        db_fixture_number(db, "SELECT JSON_VALUE(doc, '$.call_waiting.enabled') = 0 FROM user "
                              "WHERE id = '" ALICE "'"),
        1);
}

static void office_hours(void **state)
{
    struct cx_feature q = {.kind = CX_FEATURE_HOURS, .change = CX_FEATURE_OFF, .account = ACCOUNT};

    (void)state;
    snprintf(q.rules, sizeof(q.rules), RULE ",e0000000000000000000000000000009");
    assert_int_equal(cx_feature_change(&env, &q), 0);
    assert_int_equal(q.result, CX_FEATURE_DONE);
    assert_int_equal(db_fixture_number(db, "SELECT JSON_EXTRACT(doc, '$.enabled') = 'false' FROM "
                                           "temporal_rule"),
                     1);
    q.change = CX_FEATURE_ON;
    assert_int_equal(cx_feature_change(&env, &q), 0);
    assert_int_equal(db_fixture_number(db, "SELECT JSON_EXTRACT(doc, '$.enabled') = 'true' FROM "
                                           "temporal_rule"),
                     1);
    q.change = CX_FEATURE_RESET;
    assert_int_equal(cx_feature_change(&env, &q), 0);
    assert_int_equal(
        db_fixture_number(db, "SELECT JSON_EXISTS(doc, '$.enabled') FROM temporal_rule"), 0);
    assert_int_equal(changes("temporal_rule", RULE), 3);
    snprintf(q.account, sizeof(q.account), OTHER);
    assert_int_equal(cx_feature_change(&env, &q), 0);
    assert_int_equal(q.result, CX_FEATURE_DONE + 2); /* NOTHING */
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
        cmocka_unit_test_setup(login_takes_the_phone_over, begin),
        cmocka_unit_test_setup(several_phones_when_allowed, begin),
        cmocka_unit_test_setup(who_may_not, begin),
        cmocka_unit_test_setup(owner_leaves_the_own_phone_unassigned, begin),
        cmocka_unit_test_setup(do_not_disturb, begin),
        cmocka_unit_test_setup(forwards, begin),
        cmocka_unit_test_setup(office_hours, begin),
    };

    (void)argc;
    db_fixture_enter(argv);
    return cmocka_run_group_tests(tests, open_db, close_db);
}
