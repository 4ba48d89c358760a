/*
 * test_db_connection.c - statements, values, errors, transactions and lost connections, against a
 * real MariaDB. SPDX-License-Identifier: GPL-2.0-or-later
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "db/id.h"
#include "db_fixture.h"

static const char *const tables =
    "CREATE TABLE t (id BIGINT PRIMARY KEY, s VARCHAR(64), j LONGTEXT) ENGINE=InnoDB;"
    "CREATE TABLE named (a VARCHAR(191) NOT NULL, b INT, UNIQUE KEY unique_a (a), "
    "UNIQUE KEY unique_b (b)) ENGINE=InnoDB;"
    "CREATE TABLE parent (id INT PRIMARY KEY) ENGINE=InnoDB;"
    "CREATE TABLE child (id INT PRIMARY KEY, parent_id INT, FOREIGN KEY (parent_id) REFERENCES "
    "parent (id)) ENGINE=InnoDB";

static int setup(void **state)
{
    struct cx_db *db = db_fixture_fresh("connection", false);

    db_fixture_run(db, tables);
    *state = db;
    return 0;
}

static int teardown(void **state)
{
    cx_db_close(*state);
    return 0;
}

static int put(struct cx_db *db, int64_t id, const char *s)
{
    struct cx_value v[] = {cx_int(id), cx_text(s)};

    return cx_db_exec(db, "INSERT INTO t (id, s) VALUES (?, ?)", v, 2, NULL);
}

static int64_t count(struct cx_db *db)
{
    return db_fixture_number(db, "SELECT COUNT(*) FROM t");
}

struct expected {
    const struct cx_value *values;
    int rows;
};

static int same(void *arg, const struct cx_value *c, size_t n)
{
    struct expected *e = arg;

    for (size_t i = 0; i < n; i++) {
        assert_int_equal(c[i].type, e->values[i].type);
        if (c[i].type == CX_INT)
            assert_true(c[i].i == e->values[i].i);
        if (c[i].type == CX_TEXT) {
            assert_int_equal(c[i].len, e->values[i].len);
            assert_memory_equal(c[i].s, e->values[i].s, c[i].len);
            assert_int_equal(c[i].s[c[i].len], 0);
        }
    }
    e->rows++;
    return 0;
}

static void values_come_back_as_they_went_in(void **state)
{
    static const char *const texts[] = {
        "",
        "'; DROP TABLE t; --",
        "\" OR \"1\"=\"1",
        "x') ON DUPLICATE KEY UPDATE s = ('owned",
        "back\\slash \\' %s %n ? ?",
        "/* */ -- # \r\n\t\x01",
        "caf\xc3\xa9 \xe6\xbc\xa2 \xf0\x9f\x93\x9e",
    };
    struct cx_db *db = *state;
    int64_t id = 0;

    for (size_t i = 0; i < sizeof(texts) / sizeof(*texts); i++) {
        struct cx_value wanted[] = {cx_int(++id), cx_text(texts[i]), cx_null()};
        struct expected e = {wanted, 0};
        assert_int_equal(put(db, id, texts[i]), 0);
        /* the text as the condition as well */
        assert_int_equal(cx_db_query(db, "SELECT id, s, j FROM t WHERE s = ? AND id = ?",
                                     (struct cx_value[]){cx_text(texts[i]), cx_int(id)}, 2, same,
                                     &e),
                         0);
        assert_int_equal(e.rows, 1);
    }
    assert_int_equal(count(db), id);
    /* NULs inside, the ends of the numbers */
    for (size_t i = 0; i < 2; i++) {
        struct cx_value v[] = {cx_int(i ? INT64_MAX : INT64_MIN), cx_textn("a\0'b", 4), cx_null()};
        struct expected e = {v, 0};
        assert_int_equal(cx_db_exec(db, "INSERT INTO t (id, s, j) VALUES (?, ?, ?)", v, 3, NULL),
                         0);
        assert_int_equal(cx_db_query(db, "SELECT id, s, j FROM t WHERE id = ?", v, 1, same, &e), 0);
        assert_int_equal(e.rows, 1);
    }
}

struct sized {
    const char *text;
    const size_t *sizes;
    size_t at;
};

static int right_size(void *arg, const struct cx_value *c, size_t n)
{
    struct sized *w = arg;

    assert_int_equal(n, 2);
    assert_int_equal(c[0].i, w->at);
    assert_int_equal(c[1].len, w->sizes[w->at]);
    assert_memory_equal(c[1].s, w->text, c[1].len);
    w->at++;
    return 0;
}

static void long_texts_are_whole_in_every_row(void **state)
{
    static const size_t sizes[] = {10, 255, 256, 257, 70000, 3, 2000000, 0, 300};
    const size_t n = sizeof(sizes) / sizeof(*sizes);
    struct cx_db *db = *state;
    char *text = malloc(2000000);
    struct sized w = {text, sizes, 0};

    assert_non_null(text);
    for (size_t i = 0; i < 2000000; i++)
        text[i] = (char)('a' + i % 26);
    for (size_t i = 0; i < n; i++) {
        struct cx_value v[] = {cx_int((int64_t)i), cx_textn(text, sizes[i])};
        assert_int_equal(cx_db_exec(db, "INSERT INTO t (id, j) VALUES (?, ?)", v, 2, NULL), 0);
    }
    assert_int_equal(cx_db_query(db, "SELECT id, j FROM t ORDER BY id", NULL, 0, right_size, &w),
                     0);
    assert_int_equal(w.at, n);
    free(text);
}

static void malformed_values_are_refused_whole(void **state)
{
    struct cx_db *db = *state;
    char long_text[66];
    struct cx_value none = cx_null();

    memset(long_text, 'x', 65);
    long_text[65] = '\0';
    assert_int_equal(put(db, 1, long_text), -EINVAL); /* strict: never cut */
    assert_non_null(strstr(cx_db_error(db), "too long"));
    assert_int_equal(put(db, 1, "\xff\xfe broken"), -EINVAL); /* not UTF-8 */
    assert_int_equal(cx_db_exec(db, "INSERT INTO t (id) VALUES (?)",
                                (struct cx_value[]){cx_text("12 monkeys")}, 1, NULL),
                     -EINVAL);
    assert_int_equal(cx_db_exec(db, "INSERT INTO t (id) VALUES (?)", &none, 1, NULL), -EINVAL);
    assert_int_equal(cx_db_exec(db, "SELEKT 1", NULL, 0, NULL), -EINVAL);
    assert_int_equal(cx_db_exec(db, "INSERT INTO t (id) VALUES (?)", NULL, 0, NULL), -EINVAL);
    assert_non_null(strstr(cx_db_error(db), "0 parameters given, 1 wanted"));
    /* one text is one statement, also when it has no parameters */
    assert_int_equal(cx_db_exec(db, "DELETE FROM t; DELETE FROM t", NULL, 0, NULL), -EINVAL);
    assert_int_equal(count(db), 0);
    assert_int_equal(put(db, 1, "good"), 0);
}

static void a_duplicate_names_its_key(void **state)
{
    static const char insert[] = "INSERT INTO named (a, b) VALUES (?, ?)";
    /* what somebody else wrote must not pass for a key's name */
    struct cx_value v[] = {cx_text("Duplicate entry 'a' for key 'unique_b'"), cx_int(1)};
    struct cx_db *db = *state;

    assert_int_equal(cx_db_exec(db, insert, v, 2, NULL), 0);
    assert_int_equal(cx_db_exec(db, insert, v, 2, NULL), -EEXIST);
    assert_string_equal(cx_db_duplicate_key(db), "unique_a");
    v[0] = cx_text("other");
    assert_int_equal(cx_db_exec(db, insert, v, 2, NULL), -EEXIST);
    assert_string_equal(cx_db_duplicate_key(db), "unique_b");
    assert_int_equal(put(db, 1, "x"), 0);
    assert_int_equal(put(db, 1, "x"), -EEXIST);
    assert_string_equal(cx_db_duplicate_key(db), "PRIMARY");
}

static void a_missing_parent_is_told_apart(void **state)
{
    struct cx_db *db = *state;

    assert_int_equal(cx_db_exec(db, "INSERT INTO child VALUES (1, 7)", NULL, 0, NULL), -ECHILD);
    assert_int_equal(cx_db_exec(db, "INSERT INTO parent VALUES (7)", NULL, 0, NULL), 0);
    assert_int_equal(cx_db_exec(db, "INSERT INTO child VALUES (1, 7)", NULL, 0, NULL), 0);
    assert_int_equal(cx_db_exec(db, "DELETE FROM parent", NULL, 0, NULL), -ECHILD);
}

static void affected_rows_and_ids_are_told(void **state)
{
    struct cx_db *db = *state;
    uint64_t affected = 99;

    put(db, 1, "a");
    put(db, 2, "b");
    assert_int_equal(cx_db_exec(db, "UPDATE t SET s = 'c'", NULL, 0, &affected), 0);
    assert_int_equal(affected, 2);
    db_fixture_run(db, "CREATE TABLE counted (id INT AUTO_INCREMENT PRIMARY KEY)");
    for (uint64_t i = 1; i <= 3; i++) {
        assert_int_equal(cx_db_exec(db, "INSERT INTO counted VALUES ()", NULL, 0, NULL), 0);
        assert_int_equal(cx_db_insert_id(db), i);
    }
}

struct nest {
    struct cx_db *db;
    int depth, rows, stop_at;
};

static int nested(void *arg, const struct cx_value *c, size_t n)
{
    struct nest *me = arg;
    struct nest deeper = {me->db, me->depth + 1, 0, -1};
    char copy[65];

    assert_int_equal(n, 2);
    snprintf(copy, sizeof(copy), "%s", c[1].s);
    if (me->depth < 2) {
        assert_int_equal(
            cx_db_query(me->db, "SELECT id, s FROM t ORDER BY id", NULL, 0, nested, &deeper), 0);
        assert_int_equal(deeper.rows, 5);
    }
    assert_string_equal(c[1].s, copy); /* our row is still what it was */
    return ++me->rows == me->stop_at ? -ECANCELED : 0;
}

static void a_row_callback_may_use_the_connection(void **state)
{
    struct nest n = {*state, 0, 0, -1};

    for (int i = 0; i < 5; i++)
        put(n.db, i, "text");
    assert_int_equal(cx_db_query(n.db, "SELECT id, s FROM t ORDER BY id", NULL, 0, nested, &n), 0);
    assert_int_equal(n.rows, 5);
    n.rows = 0;
    n.stop_at = 3;
    assert_int_equal(cx_db_query(n.db, "SELECT id, s FROM t ORDER BY id", NULL, 0, nested, &n),
                     -ECANCELED);
    assert_int_equal(n.rows, 3);
}

static int many_statements(void *arg, const struct cx_value *c, size_t n)
{
    struct nest *me = arg;
    char sql[64];

    (void)c;
    (void)n;
    for (int i = 0; i < 300; i++) { /* more than are kept prepared: the cache is emptied */
        snprintf(sql, sizeof(sql), "SELECT %d", i);
        assert_int_equal(db_fixture_number(me->db, sql), i);
    }
    me->rows++;
    return 0;
}

static void statements_in_use_outlive_the_cache(void **state)
{
    struct nest n = {*state, 0, 0, -1};

    put(n.db, 1, "a");
    put(n.db, 2, "b");
    assert_int_equal(cx_db_query(n.db, "SELECT id FROM t", NULL, 0, many_statements, &n), 0);
    assert_int_equal(n.rows, 2);
    assert_int_equal(count(n.db), 2);
}

static void rollback_leaves_nothing_commit_leaves_all(void **state)
{
    struct cx_db *db = *state;

    assert_int_equal(cx_db_begin(db), 0);
    put(db, 1, "a");
    cx_db_rollback(db);
    assert_int_equal(count(db), 0);
    assert_int_equal(cx_db_commit(db), -EINVAL); /* none is open */
    assert_int_equal(cx_db_begin(db), 0);
    put(db, 1, "a");
    assert_int_equal(cx_db_begin(db), -EINVAL); /* would commit the first behind our back */
    assert_int_equal(cx_db_begin_snapshot(db), -EINVAL);
    cx_db_rollback(db);
    assert_int_equal(count(db), 0);
    assert_int_equal(cx_db_begin(db), 0);
    put(db, 1, "a");
    assert_int_equal(cx_db_commit(db), 0);
    assert_int_equal(count(db), 1);
}

static void a_snapshot_sees_one_moment_and_writes_nothing(void **state)
{
    struct cx_db *db = *state, *other = db_fixture_open("connection");

    /* the server's default must not matter */
    db_fixture_run(other, "SET GLOBAL tx_isolation = 'READ-COMMITTED'");
    cx_db_close(db);
    db = *state = db_fixture_open("connection");
    assert_int_equal(cx_db_begin_snapshot(db), 0);
    put(other, 1, "later");
    assert_int_equal(count(db), 0);
    assert_int_equal(put(db, 2, "x"), -EINVAL);
    cx_db_rollback(db);
    assert_int_equal(count(db), 1);
    db_fixture_run(other, "SET GLOBAL tx_isolation = 'REPEATABLE-READ'");
    cx_db_close(other);
}

/* Meets another's lock twice; what it wrote before that must be gone each time. */
struct contest {
    struct cx_db *other;
    int runs;
};

static int clash(struct cx_db *db, void *arg)
{
    struct contest *c = arg;
    int err;

    if (++c->runs == 3)
        cx_db_rollback(c->other);
    err = put(db, 10, "done");
    return err < 0 ? err : cx_db_exec(db, "UPDATE t SET s = 'mine' WHERE id = 1", NULL, 0, NULL);
}

static void a_deadlocked_transaction_is_run_again(void **state)
{
    struct contest c = {db_fixture_open("connection"), 0};
    struct cx_db *db = *state;

    put(db, 1, "a");
    db_fixture_run(db, "SET SESSION innodb_lock_wait_timeout = 1");
    assert_int_equal(cx_db_begin(c.other), 0);
    assert_int_equal(cx_db_exec(c.other, "UPDATE t SET s = 'yours'", NULL, 0, NULL), 0);
    assert_int_equal(cx_db_transaction(db, clash, &c), 0);
    assert_int_equal(c.runs, 3);
    assert_int_equal(count(db), 2);
    cx_db_close(c.other);
}

static void a_lock_time_out_says_try_again(void **state)
{
    struct cx_db *db = *state, *other = db_fixture_open("connection");

    put(db, 1, "a");
    db_fixture_run(other, "SET SESSION innodb_lock_wait_timeout = 1");
    assert_int_equal(cx_db_begin(db), 0);
    assert_int_equal(cx_db_exec(db, "UPDATE t SET s = 'mine'", NULL, 0, NULL), 0);
    assert_int_equal(cx_db_exec(other, "UPDATE t SET s = 'yours'", NULL, 0, NULL), -EAGAIN);
    cx_db_rollback(db);
    assert_int_equal(cx_db_exec(other, "UPDATE t SET s = 'yours'", NULL, 0, NULL), 0);
    cx_db_close(other);
}

/* As the server does it to a connection that idles too long, or an operator. */
static void cut_off(struct cx_db *victim)
{
    struct cx_db *other = db_fixture_open("connection");
    char sql[64];

    snprintf(sql, sizeof(sql), "KILL CONNECTION %lld",
             (long long)db_fixture_number(victim, "SELECT CONNECTION_ID()"));
    db_fixture_run(other, sql);
    usleep(50000);
    cx_db_close(other);
}

static void an_idle_connection_that_died_is_made_again(void **state)
{
    struct cx_db *db = *state;

    put(db, 1, "a");
    cut_off(db);
    assert_int_equal(count(db), 1); /* reading */
    cut_off(db);
    assert_int_equal(cx_db_begin(db), 0); /* or beginning: nobody notices */
    assert_int_equal(put(db, 2, "b"), 0);
    assert_int_equal(cx_db_commit(db), 0);
    cut_off(db);
    /* a single write may have been done before the line was cut: the caller must know */
    assert_int_equal(put(db, 3, "c"), -ENOTCONN);
    assert_int_equal(put(db, 3, "c"), 0);
    cut_off(db);
    assert_int_equal(cx_db_ping(db), 0);
    assert_int_equal(count(db), 3);
}

static void a_lost_transaction_stays_lost(void **state)
{
    struct cx_db *db = *state;

    assert_int_equal(cx_db_begin(db), 0);
    assert_int_equal(put(db, 1, "first half"), 0);
    cut_off(db);
    assert_int_equal(put(db, 2, "second half"), -ENOTCONN);
    /* a caller that goes on all the same writes nothing outside of its transaction */
    assert_int_equal(put(db, 3, "second half"), -ENOTCONN);
    assert_int_equal(cx_db_ping(db), -ENOTCONN);
    assert_int_equal(cx_db_commit(db), -ENOTCONN);
    assert_int_equal(count(db), 0);
    assert_int_equal(put(db, 4, "new"), 0);
    assert_int_equal(count(db), 1);
}

static int cut_then_count(void *arg, const struct cx_value *c, size_t n)
{
    struct nest *me = arg;

    (void)c;
    (void)n;
    me->rows++;
    cut_off(me->db);
    return count(me->db) == 3 ? 0 : -EIO; /* reconnects: the outer rows' statement is gone */
}

static void losing_the_connection_in_a_row_callback_ends_the_query(void **state)
{
    struct nest n = {*state, 0, 0, -1};

    for (int i = 0; i < 3; i++)
        put(n.db, i, "x");
    assert_int_equal(cx_db_query(n.db, "SELECT id FROM t", NULL, 0, cut_then_count, &n), -ENOTCONN);
    assert_int_equal(n.rows, 1);
    assert_int_equal(count(n.db), 3);
}

static void a_killed_server_is_noticed_and_found_again(void **state)
{
    struct cx_db *db = *state;
    int err = 0;

    put(db, 1, "kept");
    db_fixture_run(db, "SET GLOBAL innodb_flush_log_at_trx_commit = 1");
    put(db, 2, "kept");
    assert_int_equal(cx_db_begin(db), 0);
    assert_int_equal(put(db, 3, "lost"), 0);
    db_fixture_kill_server();
    assert_int_equal(put(db, 4, "lost"), -ENOTCONN);
    assert_true(strlen(cx_db_error(db)) > 0);
    cx_db_rollback(db);
    for (int i = 0; i < 200 && (err = cx_db_ping(db)) < 0; i++) {
        assert_int_equal(err, -ENOTCONN);
        usleep(100000);
    }
    assert_int_equal(err, 0);
    assert_int_equal(count(db), 2);
}

static void a_server_that_is_not_there_is_an_error_with_a_reason(void **state)
{
    struct cx_db_config c = db_fixture_config("connection");
    char error[256] = "";
    struct cx_db *db = (struct cx_db *)&c;

    (void)state;
    snprintf(c.socket, sizeof(c.socket), "/nonexistent/sock");
    assert_int_equal(cx_db_open(&c, &db, error, sizeof(error)), -ENOTCONN);
    assert_null(db);
    assert_non_null(strstr(error, "/nonexistent/sock"));
    c.socket[0] = '\0'; /* nor any of several hosts */
    snprintf(c.host, sizeof(c.host), "127.77.0.1, 127.77.0.2");
    c.port = 1;
    assert_int_equal(cx_db_open(&c, &db, error, sizeof(error)), -ENOTCONN);
    assert_non_null(strstr(error, "127.77.0.2"));
    c = db_fixture_config("no_such_database");
    assert_int_equal(cx_db_open(&c, &db, error, sizeof(error)), -ENOTCONN);
    assert_non_null(strstr(error, "no_such_database"));
}

static void ids_are_random_hex(void **state)
{
    char a[33], b[33];

    (void)state;
    cx_id_new(a);
    cx_id_new(b);
    assert_true(cx_id_is_valid(a));
    assert_string_not_equal(a, b);
    assert_false(cx_id_is_valid(NULL));
    assert_false(cx_id_is_valid(""));
    assert_false(cx_id_is_valid("0123456789abcdef0123456789abcdeg"));
    assert_false(cx_id_is_valid("0123456789ABCDEF0123456789ABCDEF"));
    assert_false(cx_id_is_valid("0123456789abcdef0123456789abcdef0"));
}

#define T(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        T(values_come_back_as_they_went_in),
        T(long_texts_are_whole_in_every_row),
        T(malformed_values_are_refused_whole),
        T(a_duplicate_names_its_key),
        T(a_missing_parent_is_told_apart),
        T(affected_rows_and_ids_are_told),
        T(a_row_callback_may_use_the_connection),
        T(statements_in_use_outlive_the_cache),
        T(rollback_leaves_nothing_commit_leaves_all),
        T(a_snapshot_sees_one_moment_and_writes_nothing),
        T(a_deadlocked_transaction_is_run_again),
        T(a_lock_time_out_says_try_again),
        T(an_idle_connection_that_died_is_made_again),
        T(a_lost_transaction_stays_lost),
        T(losing_the_connection_in_a_row_callback_ends_the_query),
        T(a_killed_server_is_noticed_and_found_again),
        cmocka_unit_test(a_server_that_is_not_there_is_an_error_with_a_reason),
        cmocka_unit_test(ids_are_random_hex),
    };

    (void)argc;
    db_fixture_enter(argv);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
