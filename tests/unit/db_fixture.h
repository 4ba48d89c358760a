/*
 * db_fixture.h - a real MariaDB for unit tests: started by tests/unit/with-db, one for each
 * program. SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef CX_TEST_DB_FIXTURE_H
#define CX_TEST_DB_FIXTURE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "db/db.h"

/* First in main(): starts the program again under with-db, unless it is there already. */
void db_fixture_enter(char **argv);

/* How tests reach their server; with_schema: an empty database with all tables of db/schema. */
struct cx_db_config db_fixture_config(const char *database);
struct cx_db *db_fixture_open(const char *database);
struct cx_db *db_fixture_fresh(const char *database, bool with_schema);
/* The tree's folder, for db/schema. */
const char *db_fixture_top(void);

void db_fixture_run(struct cx_db *db, const char *sql); /* fails the test when it fails */
int64_t db_fixture_number(struct cx_db *db, const char *sql);
/* Kills the server as a crash would; it comes back by itself. */
void db_fixture_kill_server(void);

#endif
