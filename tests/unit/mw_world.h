/*
 * mw_world.h - what the tests of the spool run in: one account, user and box in a real database, a
 * spool and a storage, workers that can be killed.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef CX_TEST_MW_WORLD_H
#define CX_TEST_MW_WORLD_H

#include "db_fixture.h"
#include "media_worker/job.h"
#include "media_worker/spool.h"
#include "mw_fixture.h"

enum { STUB_PORT = 2541, SINK_PORT = 2542, SECOND = 8000 };
#define ACCOUNT  "a0000000000000000000000000000001"
#define BOX      "b0000000000000000000000000000001"
#define NO_BOX   "b0000000000000000000000000000009"
#define USER     "c0000000000000000000000000000001"
#define DATABASE "mwspool"

extern struct cx_db *world_db;
extern struct cx_job_config world_config;
extern const struct cx_spool_meta world_meta;

/* For cmocka: the program's, and each test's. Each begins with nothing but the box, and the stub
 * server accepting. */
int world_group_begin(void **state);
int world_group_end(void **state);
int world_begin(void **state);
int world_end(void **state);

void world_use_smtp(unsigned port);
struct cx_spool_entry *world_begin_entry(const struct cx_spool_meta *m, char id[33]);
void world_write_tone(struct cx_spool_entry *entry, size_t samples); /* 440 Hz */
void world_record(const struct cx_spool_meta *m, size_t samples, char id[33]);
bool world_spool_is_empty(void *arg); /* for mw_within() */
void world_start_job(void);
void world_run_job_until_empty(double seconds);
/* A worker in a process of its own. */
pid_t world_fork_job(void);
void world_kill_child(pid_t pid);
int64_t world_messages(void);                          /* rows */
int64_t world_changes(void);                           /* of the box, by the worker */
void *world_read_file(const char *path, size_t *size); /* up to 1 MB; free() it */
void world_expect_mp3(const char *id, double seconds);

#endif
