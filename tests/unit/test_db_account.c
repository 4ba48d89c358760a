/*
 * test_db_account.c - one account's rows in one read, and the change log's window, against a real
 * MariaDB. SPDX-License-Identifier: GPL-2.0-or-later
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "db/account_load.h"
#include "db/change_log.h"
#include "db_fixture.h"

#define ACME  "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
#define UMBRA "bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb"
#define ID(n) "0000000000000000000000000000000" #n

static int setup(void **state)
{
    struct cx_db *db = db_fixture_fresh("account", true);

    db_fixture_run(db, "INSERT INTO account (id, name, name_key, realm, created, modified) VALUES "
                       "('" ACME "', 'Acme', 'acme', 'acme.example', 1, 1), "
                       "('" UMBRA "', 'Umbra', 'umbra', 'umbra.example', 1, 1)");
    *state = db;
    return 0;
}

static int teardown(void **state)
{
    cx_db_close(*state);
    return 0;
}

static void documents_of_all_kinds(void **state)
{
    struct cx_db *db = *state;
    struct cx_account_rows rows;

    for (int k = 0; k < CX_DOCUMENT_KINDS; k++) {
        char sql[600];
        /* two of ours, in the wrong order, and one of the other tenant's */
        snprintf(sql, sizeof(sql),
                 "INSERT INTO %s (id, account_id, name, doc, created, modified) VALUES "
                 "('" ID(2) "', '" ACME "', 'second', '{\"k\":2}', 1, 1), "
                            "('" ID(1) "', '" ACME "', 'first', '{\"k\":1}', 1, 1), "
                                       "('" ID(3) "', '" UMBRA "', 'theirs', '{}', 1, 1)",
                 cx_document_tables[k]);
        db_fixture_run(db, sql);
    }
    assert_int_equal(cx_account_load(db, ACME, &rows), 0);
    for (int k = 0; k < CX_DOCUMENT_KINDS; k++) {
        const struct cx_row_documents *d = &rows.documents[k];
        assert_int_equal(d->count, 2);
        assert_int_equal(d->items[0].kind, k);
        assert_string_equal(d->items[0].id, ID(1));
        assert_string_equal(d->items[0].name, "first");
        assert_null(d->items[0].owner_id);
        assert_string_equal(d->items[1].doc, "{\"k\":2}");
    }
    cx_rows_free(&rows);
    assert_int_equal(cx_account_load(db, ID(9), &rows), -ENOENT);
    cx_rows_free(&rows);
}

/* ---- change_log */

static time_t seconds;

static time_t clock_of_the_test(void)
{
    return seconds;
}

struct told {
    int count;
    char ids[8][33];
};

static int note(void *arg, const struct cx_change *change)
{
    struct told *t = arg;

    assert_in_range(t->count, 0, 7);
    snprintf(t->ids[t->count++], sizeof(t->ids[0]), "%s", change->object_id);
    return 0;
}

static void append(struct cx_db *db, const char *object)
{
    assert_int_equal(cx_change_append(db, ACME, "menu", object, "update", "test"), 0);
}

/* Ids are given out when a row is written, and seen when its transaction commits: the other way
 * round. */
static void two_transactions_commit_in_the_opposite_order(void **state)
{
    struct cx_db *reader = *state, *one = db_fixture_open("account"),
                 *two = db_fixture_open("account");
    struct cx_change_follower *follower = NULL;
    struct told told = {0};

    seconds = 1000;
    assert_int_equal(cx_change_follower_new(reader, &follower), 0);
    cx_change_follower_clock(follower, clock_of_the_test);
    assert_int_equal(cx_db_begin(one), 0);
    assert_int_equal(cx_db_begin(two), 0);
    append(one, ID(1)); /* the lower id */
    append(two, ID(2));
    assert_int_equal(cx_db_commit(two), 0);
    assert_int_equal(cx_change_follow(reader, follower, note, &told), 0);
    assert_int_equal(told.count, 1);
    assert_string_equal(told.ids[0], ID(2));
    seconds += 5;
    assert_int_equal(cx_db_commit(one), 0);
    assert_int_equal(cx_change_follow(reader, follower, note, &told), 0);
    assert_int_equal(told.count, 2);
    assert_string_equal(told.ids[1], ID(1));
    /* and neither is told twice */
    assert_int_equal(cx_change_follow(reader, follower, note, &told), 0);
    assert_int_equal(told.count, 2);
    cx_change_follower_free(follower);
    cx_db_close(one);
    cx_db_close(two);
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(documents_of_all_kinds),
        cmocka_unit_test(two_transactions_commit_in_the_opposite_order),
    };

    (void)argc;
    db_fixture_enter(argv);
    return cmocka_run_group_tests(tests, setup, teardown);
}
