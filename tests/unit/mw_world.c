/*
 * mw_world.c - see mw_world.h.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "media_worker/store.h"
#include "mw_world.h"

struct cx_db *world_db;
struct cx_job_config world_config;
static char paths[3][256], smtp[64];

const struct cx_spool_meta world_meta = {.account_id = ACCOUNT,
                                         .vmbox_id = BOX,
                                         .mailbox = "201",
                                         .caller_id_name = "Zo\xc3\xab\r\nBcc: x@y.z",
                                         .caller_id_number = "+353123",
                                         .from_uri = "sip:+353123@example.com",
                                         .to_uri = "sip:201@example.com",
                                         .call_id = "call-1",
                                         .interaction_id = ACCOUNT};

void world_use_smtp(unsigned port)
{
    snprintf(smtp, sizeof(smtp), "smtp://%s:%u", mw_ip(), port);
}

/* Each test begins with an empty spool and storage, one account, user and box. */
int world_begin(void **state)
{
    (void)state;
    mw_empty("spool");
    mw_empty("storage");
    db_fixture_run(
        world_db,
        "DELETE FROM vm_message; DELETE FROM change_log; DELETE FROM vmbox; "
        "DELETE FROM user; DELETE FROM account;"
        "INSERT INTO account (id, name, name_key, realm, created, modified) VALUES "
        "('" ACCOUNT "', 'A', 'a', 'a.example.com', 0, 0);"
        "INSERT INTO user (id, account_id, first_name, last_name, email, created, "
        "modified) VALUES ('" USER "', '" ACCOUNT "', 'J', 'D', 'jane@example.com', 0, 0);"
        "INSERT INTO vmbox (id, account_id, owner_id, name, mailbox, created, "
        "modified) VALUES ('" BOX "', '" ACCOUNT "', '" USER "', 'Jane''s box', '201', 0, 0)");
    world_use_smtp(STUB_PORT);
    mw_smtp_mode(MW_SMTP_ACCEPT);
    return 0;
}

int world_end(void **state)
{
    (void)state;
    cx_job_stop();
    return 0;
}

struct cx_spool_entry *world_begin_entry(const struct cx_spool_meta *m, char id[33])
{
    struct cx_spool_entry *entry;

    assert_int_equal(cx_spool_begin(world_config.spool, m, &entry), 0);
    memcpy(id, cx_spool_id(entry), 33);
    return entry;
}

void world_write_tone(struct cx_spool_entry *entry, size_t samples)
{
    static int16_t tone[60 * SECOND];

    mw_tone(tone, samples, 440);
    for (size_t at = 0; at < samples; at += 160)
        assert_int_equal(cx_spool_write(entry, tone + at, samples - at < 160 ? samples - at : 160),
                         0);
}

void world_record(const struct cx_spool_meta *m, size_t samples, char id[33])
{
    struct cx_spool_entry *entry = world_begin_entry(m, id);

    world_write_tone(entry, samples);
    assert_int_equal(cx_spool_finish(entry, samples), 0);
}

bool world_spool_is_empty(void *arg)
{
    (void)arg;
    return mw_count("spool", ".json") == 0 && mw_count("spool", ".raw") == 0 &&
           mw_count("spool", ".lock") == 0 && mw_count("spool", ".tmp") == 0;
}

void world_start_job(void)
{
    assert_int_equal(cx_job_start(&world_config), 0);
}

void world_run_job_until_empty(double seconds)
{
    world_start_job();
    assert_true(mw_within(seconds, world_spool_is_empty, NULL));
    cx_job_stop();
}

/* A worker of its own process; with nothing of the test's but its job thread. */
pid_t world_fork_job(void)
{
    pid_t pid = fork();

    assert_true(pid >= 0);
    if (pid == 0) {
        prctl(PR_SET_PDEATHSIG, SIGKILL);
        if (cx_job_start(&world_config) < 0)
            _exit(1);
        for (;;)
            pause();
    }
    return pid;
}

void world_kill_child(pid_t pid)
{
    assert_int_equal(kill(pid, SIGKILL), 0);
    assert_int_equal(waitpid(pid, NULL, 0), pid);
}

int64_t world_messages(void)
{
    return db_fixture_number(world_db, "SELECT COUNT(*) FROM vm_message");
}

int64_t world_changes(void)
{
    return db_fixture_number(
        world_db, "SELECT COUNT(*) FROM change_log WHERE kind = 'vm_message' AND "
                  "object_id = '" BOX "' AND account_id = '" ACCOUNT "' AND actor = 'worker'");
}

void *world_read_file(const char *path, size_t *size)
{
    FILE *f = fopen(path, "r");
    char *data = malloc(1 << 20);

    assert_non_null(f);
    assert_non_null(data);
    *size = fread(data, 1, 1 << 20, f);
    fclose(f);
    return data;
}

void world_expect_mp3(const char *id, double seconds)
{
    char below[256], key[128];
    double length, share;
    void *mp3;
    size_t size;

    cx_store_key(key, ACCOUNT, id);
    snprintf(below, sizeof(below), "storage/%s", key);
    mp3 = world_read_file(mw_path(below), &size);
    mw_mp3_measure(mp3, size, 440, &length, &share);
    free(mp3);
    /* an encoder adds its delay and fills its last frame: under 0.3 s at 8 kHz */
    assert_true(length > seconds - 0.05 && length < seconds + 0.3);
    assert_true(share > 0.9);
}

int world_group_begin(void **state)
{
    struct cx_db_config c = db_fixture_config(DATABASE);
    FILE *f;

    (void)state;
    snprintf(paths[0], sizeof(paths[0]), "%s", mw_path("centrex.cfg"));
    snprintf(paths[1], sizeof(paths[1]), "%s", mw_path("spool"));
    snprintf(paths[2], sizeof(paths[2]), "%s", mw_path("storage"));
    f = fopen(paths[0], "w");
    fprintf(f,
            "database = { socket = \"%s\"; host = \"\"; port = 3306; name = \"" DATABASE
            "\"; user = \"root\"; password = \"\"; };\n",
            c.socket);
    fclose(f);
    world_config = (struct cx_job_config){.config_file = paths[0],
                                          .spool = paths[1],
                                          .storage = paths[2],
                                          .smtp = smtp,
                                          .mail_from = "voicemail@centrex.local"};
    mw_smtp_start(STUB_PORT);
    world_db = db_fixture_fresh(DATABASE, true);
    /* what is committed must survive the death of the server, as where Centrex runs */
    db_fixture_run(world_db, "SET GLOBAL innodb_flush_log_at_trx_commit = 1");
    return 0;
}

int world_group_end(void **state)
{
    (void)state;
    cx_db_close(world_db);
    return 0;
}
