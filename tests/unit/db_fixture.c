/*
 * db_fixture.c - see db_fixture.h.
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include <libgen.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "db/migrate.h"
#include "db_fixture.h"

const char *db_fixture_top(void)
{
    static char path[PATH_MAX];

    if (!path[0]) {
        ssize_t n = readlink("/proc/self/exe", path, sizeof(path) - 1);
        if (n <= 0)
            abort();
        path[n] = '\0';
        for (int i = 0; i < 5; i++) /* build/out/tests/unit/test_x */
            dirname(path);
    }
    return path;
}

void db_fixture_enter(char **argv)
{
    char helper[PATH_MAX + 32], program[PATH_MAX];
    ssize_t n;

    setvbuf(stdout, NULL, _IOLBF, 0);
    if (getenv("CX_TEST_DB_SOCKET"))
        return;
    n = readlink("/proc/self/exe", program, sizeof(program) - 1);
    if (n <= 0)
        abort();
    program[n] = '\0';
    snprintf(helper, sizeof(helper), "%s/tests/unit/with-db", db_fixture_top());
    execl(helper, helper, program, argv[1], (char *)NULL);
    perror(helper);
    exit(99);
}

struct cx_db_config db_fixture_config(const char *database)
{
    struct cx_db_config c = {
        .user = "root", .port = 3306, .connect_timeout_s = 3, .query_timeout_s = 10};

    snprintf(c.socket, sizeof(c.socket), "%s", getenv("CX_TEST_DB_SOCKET"));
    snprintf(c.name, sizeof(c.name), "%s", database);
    return c;
}

struct cx_db *db_fixture_open(const char *database)
{
    struct cx_db_config c = db_fixture_config(database);
    char error[256] = "";
    struct cx_db *db = NULL;

    if (cx_db_open(&c, &db, error, sizeof(error)) < 0)
        fail_msg("%s", error);
    return db;
}

void db_fixture_run(struct cx_db *db, const char *sql)
{
    if (cx_db_script(db, sql) < 0)
        fail_msg("%s: %s", sql, cx_db_error(db));
}

static int on_number(void *arg, const struct cx_value *c, size_t n)
{
    assert_int_equal(n, 1);
    assert_int_equal(c[0].type, CX_INT);
    *(int64_t *)arg = c[0].i;
    return 0;
}

int64_t db_fixture_number(struct cx_db *db, const char *sql)
{
    int64_t number = INT64_MIN;

    if (cx_db_query(db, sql, NULL, 0, on_number, &number) < 0)
        fail_msg("%s: %s", sql, cx_db_error(db));
    return number;
}

struct cx_db *db_fixture_fresh(const char *database, bool with_schema)
{
    char sql[256], folder[PATH_MAX + 16], error[512] = "";
    struct cx_db *db = db_fixture_open("mysql");

    snprintf(sql, sizeof(sql),
             "DROP DATABASE IF EXISTS %s; CREATE DATABASE %s CHARACTER SET utf8mb4", database,
             database);
    db_fixture_run(db, sql);
    cx_db_close(db);
    db = db_fixture_open(database);
    snprintf(folder, sizeof(folder), "%s/db/schema", db_fixture_top());
    if (with_schema && cx_migrate(db, folder, NULL, error, sizeof(error)) < 0)
        fail_msg("%s", error);
    return db;
}

void db_fixture_kill_server(void)
{
    FILE *f = fopen(getenv("CX_TEST_DB_PID_FILE"), "re");
    int pid = 0;

    assert_non_null(f);
    assert_int_equal(fscanf(f, "%d", &pid), 1);
    fclose(f);
    assert_true(pid > 1);
    assert_int_equal(kill(pid, SIGKILL), 0);
    while (kill(pid, 0) == 0)
        usleep(1000);
}
