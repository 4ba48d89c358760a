/*
 * test_mw_spool.c - accepted audio survives whatever happens, and becomes one message, one row, one
 * mail.
 *
 * Against a real MariaDB (tests/unit/with-world_db) and real SMTP; workers are child processes that
 * die by SIGKILL.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "media_worker/finish.h"
#include "media_worker/sidecar.h"
#include "media_worker/store.h"
#include "mw_world.h"

static void a_recording_on_disk(void **state)
{
    struct cx_spool_entry *entry;
    char id[33], path[CX_SPOOL_PATH];
    struct stat st;
    json_t *sidecar;

    (void)state;
    entry = world_begin_entry(&world_meta, id);
    assert_int_equal(cx_sidecar_read(world_config.spool, id, &sidecar), 0);
    assert_int_equal(cx_sidecar_stage(sidecar), CX_STAGE_RECORDING);
    assert_string_equal(cx_sidecar_text(sidecar, "caller_id_name"), "Zo\xc3\xab  Bcc: x@y.z");
    json_decref(sidecar);
    world_write_tone(entry, SECOND);
    assert_int_equal(cx_spool_path(path, sizeof(path), world_config.spool, id, ".raw"), 0);
    assert_int_equal(stat(path, &st), 0);
    assert_int_equal(st.st_size, 2 * SECOND); /* in the kernel: our death would not lose it */
    assert_int_equal(cx_spool_finish(entry, SECOND / 2), 0);
    assert_int_equal(stat(path, &st), 0);
    assert_int_equal(st.st_size, SECOND);
    entry = world_begin_entry(&world_meta, id);
    cx_spool_drop(entry);
    assert_int_equal(cx_sidecar_read(world_config.spool, id, &sidecar), -ENOENT);
    assert_int_equal(cx_spool_begin(world_config.spool, &(struct cx_spool_meta){0}, &entry),
                     -EINVAL);
    assert_int_equal(cx_spool_begin("/nowhere", &world_meta, &entry), -ENOENT);
    assert_null(entry);
}

/* The whole way, with a real server and a real parser at its end. */
static void message_to_mail(void **state)
{
    char id[33], expected[64];
    json_t *mails, *m, *part;
    struct cx_job_stats stats;
    pid_t sink;

    (void)state;
    world_use_smtp(SINK_PORT);
    sink = mw_sink_start(SINK_PORT, "maildir");
    db_fixture_run(world_db,
                   "UPDATE vmbox SET notify_email_addresses = "
                   "'[\"joe@example.com\", \"JANE@example.com\", \"bad\\\\r\\\\nx@y.z\"]'");
    world_start_job();
    world_record(&world_meta, 3 * SECOND, id);
    cx_job_wake();
    assert_true(mw_within(10, world_spool_is_empty, NULL));
    cx_job_stats(&stats);
    assert_int_equal(stats.finished, 1);
    assert_int_equal(stats.failed, 0);
    cx_job_stop();
    mw_sink_stop(sink);
    world_expect_mp3(id, 3);
    assert_int_equal(world_messages(), 1);
    assert_int_equal(world_changes(), 1);
    assert_int_equal(
        db_fixture_number(world_db,
                          "SELECT COUNT(*) FROM vm_message WHERE length_ms = 3000 AND folder = "
                          "'new' AND caller_id_number = '+353123' AND call_id = 'call-1' AND "
                          "storage_key = CONCAT('" ACCOUNT "/vm/', id, '.mp3') AND timestamp > "
                          "UNIX_TIMESTAMP() - 60 AND size_bytes > 4000"),
        1);
    mails = mw_sink_read("maildir");
    assert_int_equal(json_array_size(mails), 2); /* JANE is jane; the bad one is nobody */
    m = json_object_get(json_array_get(mails, 0), "headers");
    assert_string_equal(json_string_value(json_object_get(m, "To")), "jane@example.com");
    assert_string_equal(json_string_value(json_object_get(m, "Subject")),
                        "New voicemail message from Zo\xc3\xab  Bcc: x@y.z (+353123)");
    assert_null(json_object_get(m, "Bcc"));
    snprintf(expected, sizeof(expected), "<%s@centrex.local>", id);
    assert_string_equal(json_string_value(json_object_get(m, "Message-ID")), expected);
    m = json_array_get(mails, 0);
    assert_non_null(strstr(json_string_value(json_object_get(m, "text")), "box 201 (Jane's box)"));
    assert_non_null(strstr(json_string_value(json_object_get(m, "text")), "0:03"));
    part = json_array_get(json_object_get(m, "parts"), 1);
    assert_string_equal(json_string_value(json_object_get(part, "type")), "audio/mpeg");
    /* 24 kbit/s, three seconds and a bit, in base64 */
    assert_true(json_string_length(json_object_get(part, "base64")) > 12000);
    json_decref(mails);
}

static void killed_in_the_middle_of_a_recording(void **state)
{
    struct cx_job_stats stats;
    int ready[2];
    char id[33];
    pid_t pid;

    (void)state;
    assert_int_equal(pipe(ready), 0);
    pid = fork();
    assert_true(pid >= 0);
    if (pid == 0) {
        struct cx_spool_entry *entry, *brief;
        static int16_t tone[2 * SECOND];

        prctl(PR_SET_PDEATHSIG, SIGKILL);
        mw_tone(tone, 2 * SECOND, 440);
        if (cx_spool_begin(world_config.spool, &world_meta, &entry) < 0 ||
            cx_spool_write(entry, tone, 2 * SECOND) < 0 ||
            cx_spool_begin(world_config.spool, &world_meta, &brief) < 0 ||
            cx_spool_write(brief, tone, SECOND / 2 - 80) < 0 || /* 490 ms */
            write(ready[1], cx_spool_id(entry), 32) != 32)
            _exit(1);
        for (;;)
            pause();
    }
    assert_int_equal(read(ready[0], id, 32), 32);
    id[32] = '\0';
    close(ready[0]);
    close(ready[1]);
    world_start_job();
    usleep(2500000); /* more than one scan: what is being recorded is left alone */
    assert_int_equal(mw_count("spool", ".raw"), 2);
    assert_int_equal(world_messages(), 0);
    world_kill_child(pid);
    cx_job_wake();
    assert_true(mw_within(10, world_spool_is_empty, NULL));
    cx_job_stats(&stats);
    cx_job_stop();
    assert_int_equal(stats.finished, 1);
    assert_int_equal(world_messages(), 1);
    world_expect_mp3(id, 2);
    assert_int_equal(mw_smtp_messages(), 1);
}

static void two_workers_one_spool(void **state)
{
    pid_t pids[2];
    char id[33];

    (void)state;
    mw_smtp_mode(MW_SMTP_SLOW); /* so that they meet at an entry */
    for (int i = 0; i < 20; i++)
        world_record(&world_meta, SECOND, id);
    for (int i = 0; i < 2; i++)
        pids[i] = world_fork_job();
    for (int i = 0; i < 20; i++)
        world_record(&world_meta, SECOND, id);
    world_start_job(); /* and a third, to be woken for each */
    for (int i = 0; i < 20; i++) {
        world_record(&world_meta, SECOND, id);
        cx_job_wake();
    }
    assert_true(mw_within(30, world_spool_is_empty, NULL));
    for (int i = 0; i < 2; i++)
        world_kill_child(pids[i]);
    assert_int_equal(world_messages(), 60);
    assert_int_equal(world_changes(), 60);
    assert_int_equal(mw_smtp_messages(), 60);
    assert_int_equal(mw_smtp_repeated(), 0);
}

static bool smtp_hangs(void *arg)
{
    (void)arg;
    return mw_smtp_hanging() > 0;
}

static void killed_before_the_server_could_accept(void **state)
{
    char id[33];
    pid_t pid;

    (void)state;
    mw_smtp_mode(MW_SMTP_HANG_AT_RCPT);
    world_record(&world_meta, SECOND, id);
    pid = world_fork_job();
    assert_true(mw_within(10, smtp_hangs, NULL));
    world_kill_child(pid);
    mw_smtp_mode(MW_SMTP_ACCEPT);
    world_run_job_until_empty(10);
    assert_int_equal(mw_smtp_messages(), 1);
    assert_int_equal(world_messages(), 1);
    assert_int_equal(world_changes(), 1);
}

static void killed_when_the_server_may_have_accepted(void **state)
{
    json_t *sidecar;
    char id[33];
    pid_t pid;

    (void)state;
    db_fixture_run(world_db, "UPDATE vmbox SET delete_after_notify = 1");
    mw_smtp_mode(MW_SMTP_HANG_AT_END);
    world_record(&world_meta, SECOND, id);
    pid = world_fork_job();
    assert_true(mw_within(10, smtp_hangs, NULL));
    assert_int_equal(mw_smtp_messages(), 1);
    world_kill_child(pid);
    assert_int_equal(cx_sidecar_read(world_config.spool, id, &sidecar), 0);
    assert_int_equal(cx_sidecar_stage(sidecar), CX_STAGE_MAILING);
    assert_int_equal(cx_sidecar_mail(sidecar, "jane@example.com"), CX_MAIL_ENDING);
    json_decref(sidecar);
    mw_smtp_mode(MW_SMTP_ACCEPT);
    world_run_job_until_empty(10);
    assert_int_equal(mw_smtp_messages(), 0); /* not a second time */
    assert_int_equal(
        db_fixture_number(world_db, "SELECT COUNT(*) FROM vm_message WHERE folder = 'new'"),
        1); /* and not deleted for a mail that perhaps nobody has */
}

/* Workers die at any moment of their jobs, one after the other, two at a time. */
static void killed_at_any_moment(void **state)
{
    unsigned seed = 1, deaths = 0;
    char id[33];

    (void)state;
    for (int i = 0; i < 30; i++)
        world_record(&world_meta, SECOND, id);
    while (!world_spool_is_empty(NULL) && deaths < 2000) {
        pid_t pids[2] = {world_fork_job(), world_fork_job()};

        /* on a machine that has much else to do, a short life is too short for anything */
        usleep(1000 + (unsigned)rand_r(&seed) % (30000 + deaths * 200));
        world_kill_child(pids[0]);
        usleep((unsigned)rand_r(&seed) % 10000);
        world_kill_child(pids[1]);
        deaths += 2;
    }
    print_message("%u workers died, %u of 30 mails came\n", deaths, mw_smtp_messages());
    assert_true(world_spool_is_empty(NULL));
    assert_true(deaths > 4); /* or it was no test */
    assert_int_equal(world_messages(), 30);
    assert_int_equal(world_changes(), 30);
    assert_int_equal(mw_smtp_repeated(), 0);
    assert_true(mw_smtp_messages() <= 30 && mw_smtp_messages() >= 15);
    assert_int_equal(mw_count("spool/failed", ""), 0);
}

static bool is_retrying(void *arg)
{
    struct cx_job_stats stats;

    (void)arg;
    cx_job_stats(&stats);
    return stats.retries > 0;
}

static void everything_down_for_a_while(void **state)
{
    char id[33], more[33];

    (void)state;
    /* a storage that cannot be: a file where its folder should be */
    assert_int_equal(rmdir(world_config.storage), 0);
    close(open(world_config.storage, O_CREAT | O_WRONLY | O_CLOEXEC, 0600));
    world_use_smtp(SINK_PORT); /* nobody there now */
    world_record(&world_meta, SECOND, id);
    world_start_job();
    assert_true(mw_within(10, is_retrying, NULL));
    assert_int_equal(world_messages(), 0);
    world_record(&world_meta, SECOND, more); /* recording goes on */
    unlink(world_config.storage);
    mw_empty("storage");
    db_fixture_kill_server(); /* comes back by itself */
    assert_false(world_spool_is_empty(NULL));
    cx_job_stop();
    world_use_smtp(STUB_PORT);
    world_start_job();
    assert_true(mw_within(40, world_spool_is_empty, NULL));
    cx_job_stop();
    assert_int_equal(cx_db_ping(world_db), 0);
    assert_int_equal(world_messages(), 2);
    assert_int_equal(world_changes(), 2);
    assert_int_equal(mw_smtp_messages(), 2);
}

static void smtp_trouble_in_one_run(void **state)
{
    char id[33];

    (void)state;
    mw_smtp_mode(MW_SMTP_CLOSE_AT_END); /* we live and hear no acceptance: again */
    world_record(&world_meta, SECOND, id);
    world_start_job();
    assert_true(mw_within(10, is_retrying, NULL));
    mw_smtp_mode(MW_SMTP_LATER_RCPT);
    usleep(2500000);
    assert_false(world_spool_is_empty(NULL));
    assert_int_equal(world_messages(), 1); /* in its box meanwhile */
    mw_smtp_mode(MW_SMTP_ACCEPT);
    assert_true(mw_within(20, world_spool_is_empty, NULL));
    assert_int_equal(mw_smtp_messages(), 1);
    mw_smtp_mode(MW_SMTP_REFUSE_RCPT); /* for good: the message stays, nothing waits */
    world_record(&world_meta, SECOND, id);
    cx_job_wake();
    assert_true(mw_within(20, world_spool_is_empty, NULL));
    assert_int_equal(world_messages(), 2);
    assert_int_equal(mw_count("spool/failed", ""), 0);
}

static void poison(void **state)
{
    struct cx_spool_meta lost = world_meta;
    struct cx_job_stats stats;
    char id[33], bad[33], path[CX_SPOOL_PATH], below[128];
    size_t size;
    char *reason;
    FILE *f;

    (void)state;
    lost.vmbox_id = NO_BOX;
    world_record(&lost, SECOND, id);
    world_record(&world_meta, SECOND, bad);
    assert_int_equal(cx_spool_path(path, sizeof(path), world_config.spool, bad, ".json"), 0);
    f = fopen(path, "w");
    fputs("{\"id\": ", f);
    fclose(f);
    world_start_job();
    assert_true(mw_within(10, world_spool_is_empty, NULL));
    cx_job_stats(&stats);
    cx_job_stop();
    assert_int_equal(stats.failed, 2);
    assert_int_equal(stats.finished, 0);
    assert_int_equal(world_messages(), 0);
    assert_int_equal(mw_count("spool/failed", ".raw"), 2);
    assert_int_equal(mw_count("spool/failed", ".json"), 2);
    snprintf(below, sizeof(below), "spool/failed/%s.reason", id);
    reason = world_read_file(mw_path(below), &size);
    reason[size] = '\0';
    assert_non_null(strstr(reason, "has no voicemail box " NO_BOX));
    free(reason);
    assert_int_equal(mw_count("storage/" ACCOUNT "/vm", ""), 0);
}

static void back_off(void **state)
{
    static const int seconds[] = {1, 2, 4, 8, 16, 32, 60, 60};
    struct cx_backoff b = {0};

    (void)state;
    for (size_t i = 0; i < sizeof(seconds) / sizeof(*seconds); i++) {
        cx_backoff_fail(&b, 5000);
        assert_int_equal(b.next_ms, 5000 + seconds[i] * 1000);
    }
}

/* As after a death between the commit and its note in the sidecar. */
static void inserting_twice(void **state)
{
    json_t *facts, *sidecar;

    (void)state;
    facts = cx_spool_facts(&world_meta);
    assert_int_equal(cx_sidecar_new(ACCOUNT, &cx_kind_voicemail, facts, 1700000000, &sidecar), 0);
    json_decref(facts);
    json_object_set_new(sidecar, "length_ms", json_integer(1000));
    json_object_set_new(sidecar, "size_bytes", json_integer(3000));
    assert_int_equal(cx_store_insert(world_db, sidecar), 1);
    assert_int_equal(cx_store_insert(world_db, sidecar), 0);
    assert_int_equal(world_messages(), 1);
    assert_int_equal(world_changes(), 1);
    json_object_set_new(sidecar, "account_id", json_string(USER)); /* another account's box */
    assert_int_equal(cx_store_insert(world_db, sidecar), -ECHILD);
    json_decref(sidecar);
}

static void after_notification(void **state)
{
    char id[33];

    (void)state;
    db_fixture_run(world_db,
                   "UPDATE vmbox SET delete_after_notify = 1, include_message_on_notify = 0");
    world_record(&world_meta, SECOND, id);
    world_run_job_until_empty(10);
    assert_null(strstr(mw_smtp_last(), "audio/mpeg"));
    assert_int_equal(
        db_fixture_number(world_db, "SELECT COUNT(*) FROM vm_message WHERE folder = 'deleted'"), 1);
    assert_int_equal(world_changes(), 2); /* it came, it went */
    db_fixture_run(world_db, "UPDATE vmbox SET save_after_notify = 1");
    world_record(&world_meta, SECOND, id);
    world_run_job_until_empty(10);
    assert_int_equal(
        db_fixture_number(world_db, "SELECT COUNT(*) FROM vm_message WHERE folder = 'saved'"), 1);
    db_fixture_run(world_db, "UPDATE user SET vm_to_email_enabled = 0"); /* nobody is told now */
    mw_smtp_mode(MW_SMTP_ACCEPT);
    world_record(&world_meta, SECOND, id);
    world_run_job_until_empty(10);
    assert_int_equal(mw_smtp_messages(), 0);
    assert_int_equal(
        db_fixture_number(world_db, "SELECT COUNT(*) FROM vm_message WHERE folder = 'new'"), 1);
}

/* A disk that is full in the middle of a write (here: a limit of the process): what is there stays,
 * whole samples only, and becomes the message. */
static void no_room_on_the_disk(void **state)
{
    struct rlimit before, tight;
    static int16_t tone[2 * SECOND];
    struct cx_spool_entry *entry;
    char id[33];
    int err;

    (void)state;
    mw_tone(tone, 2 * SECOND, 440);
    entry = world_begin_entry(&world_meta, id);
    world_write_tone(entry, SECOND);
    signal(SIGXFSZ, SIG_IGN);
    getrlimit(RLIMIT_FSIZE, &before);
    tight = (struct rlimit){2 * SECOND + 1001, before.rlim_max};
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &tight), 0);
    err = cx_spool_write(entry, tone, SECOND);
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &before), 0);
    assert_int_equal(err, -EFBIG);
    assert_int_equal(cx_spool_bytes(entry), 2 * SECOND);
    assert_int_equal(cx_spool_write(entry, tone, SECOND), 0); /* there is room again */
    assert_int_equal(cx_spool_finish(entry, 2 * SECOND), 0);
    world_run_job_until_empty(10);
    assert_int_equal(world_messages(), 1);
    world_expect_mp3(id, 2);
}

/* ---- recordings: another kind in the same spool */

static json_t *recording_facts(const char *format, int least_s)
{
    return json_pack("{s:s, s:s, s:s, s:s, s:s, s:s, s:i, s:I}", "account_id", ACCOUNT, "call_id",
                     "call-9", "owner_id", USER, "direction", "outbound", "caller_id_name",
                     "Zo\xc3\xab", "format", format, "least_s", least_s, "start_ms",
                     (json_int_t)1700000000123);
}

/* Left: 440 Hz; right: silence. */
static void record_call(const char *format, int least_s, bool ended, char id[33])
{
    static int16_t tone[2 * SECOND], stereo[4 * SECOND];
    json_t *facts = recording_facts(format, least_s), *over = json_pack("{s:b}", "ended", 1);
    struct cx_spool_entry *entry;

    mw_tone(tone, 2 * SECOND, 440);
    for (int i = 0; i < 2 * SECOND; i++)
        stereo[2 * i] = tone[i];
    assert_int_equal(cx_spool_open(world_config.spool, &cx_kind_recording, facts, NULL, &entry), 0);
    memcpy(id, cx_spool_id(entry), 33);
    assert_int_equal(cx_spool_append(entry, stereo, sizeof(stereo)), 0);
    if (ended)
        assert_int_equal(cx_spool_note(entry, over), 0);
    cx_spool_close(entry);
    json_decref(facts);
    json_decref(over);
}

static bool recordings_are_done(void *arg)
{
    (void)arg;
    return mw_count("spool/recording", ".json") == 0 && mw_count("spool/recording", ".raw") == 0 &&
           mw_count("spool/recording", ".lock") == 0;
}

static void a_recorded_call(void **state)
{
    char id[33], brief[33], below[256], path[512];
    struct cx_job_stats stats;
    size_t size;
    char *wav;

    (void)state;
    mw_empty("spool/recording");
    record_call("wav", 0, true, id);
    record_call("mp3", 3, true, brief); /* shorter than wanted */
    /* the storage is away, and comes back */
    assert_int_equal(rmdir(world_config.storage), 0);
    world_start_job();
    usleep(1500000);
    assert_false(recordings_are_done(NULL));
    mw_empty("storage");
    assert_true(mw_within(15, recordings_are_done, NULL));
    cx_job_kind_stats(CX_KIND_recording, &stats);
    assert_int_equal(stats.finished, 1);
    assert_true(stats.retries > 0);
    cx_job_stop();
    assert_int_equal(db_fixture_number(world_db, "SELECT COUNT(*) FROM recording"), 1);
    assert_int_equal(
        db_fixture_number(world_db,
                          "SELECT COUNT(*) FROM recording WHERE duration_ms = 2000 AND start = "
                          "1700000000 AND owner_id = '" USER "' AND direction = 'outbound' AND "
                          "media_type = 'wav' AND size_bytes = 64044 AND storage_key = "
                          "CONCAT('" ACCOUNT "/recording/', id, '.wav')"),
        1);
    snprintf(below, sizeof(below), "storage/" ACCOUNT "/recording/%s.wav", id);
    snprintf(path, sizeof(path), "%s", mw_path(below));
    wav = world_read_file(path, &size);
    assert_int_equal(size, 64044);
    assert_memory_equal(wav, "RIFF", 4);
    assert_int_equal((unsigned char)wav[22], 2); /* channels */
    free(wav);
    db_fixture_run(world_db, "DELETE FROM recording");
}

static unsigned offered;
static char offered_id[33];

static void left(void *arg, const char *id)
{
    (void)arg;
    snprintf(offered_id, sizeof(offered_id), "%s", id);
    offered++;
}

static bool is_offered(void *arg)
{
    (void)arg;
    return offered > 1;
}

static void a_recording_whose_worker_died(void **state)
{
    struct cx_spool_entry *entry, *second;
    json_t *over = json_pack("{s:b}", "ended", 1);
    static const int16_t more[2 * SECOND];
    char id[33];

    (void)state;
    mw_empty("spool/recording");
    world_config.left = left;
    record_call("mp3", 0, false, id);
    world_start_job();
    assert_true(mw_within(5, is_offered, NULL)); /* again and again, and never finished meanwhile */
    assert_string_equal(offered_id, id);
    assert_false(recordings_are_done(NULL));
    while (cx_spool_resume(world_config.spool, &cx_kind_recording, id, &entry) == -EBUSY)
        usleep(1000); /* the job looks at it just now */
    assert_int_equal(cx_spool_bytes(entry), 4 * 2 * SECOND);
    assert_int_equal(cx_spool_resume(world_config.spool, &cx_kind_recording, id, &second), -EBUSY);
    assert_int_equal(cx_spool_append(entry, more, sizeof(more)), 0);
    assert_int_equal(cx_spool_note(entry, over), 0);
    json_decref(over);
    cx_spool_close(entry);
    assert_true(mw_within(15, recordings_are_done, NULL));
    assert_int_equal(cx_spool_resume(world_config.spool, &cx_kind_recording, id, &entry), -ENOENT);
    cx_job_stop();
    world_config.left = NULL;
    assert_int_equal(db_fixture_number(world_db, "SELECT duration_ms FROM recording"), 3000);
    db_fixture_run(world_db, "DELETE FROM recording");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, world_begin, world_end)

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        TEST(a_recording_on_disk),
        TEST(message_to_mail),
        TEST(killed_in_the_middle_of_a_recording),
        TEST(two_workers_one_spool),
        TEST(killed_before_the_server_could_accept),
        TEST(killed_when_the_server_may_have_accepted),
        TEST(killed_at_any_moment),
        TEST(everything_down_for_a_while),
        TEST(smtp_trouble_in_one_run),
        TEST(poison),
        cmocka_unit_test(back_off),
        TEST(inserting_twice),
        TEST(after_notification),
        TEST(no_room_on_the_disk),
        TEST(a_recorded_call),
        TEST(a_recording_whose_worker_died),
    };

    (void)argc;
    db_fixture_enter(argv);
    return cmocka_run_group_tests(tests, world_group_begin, world_group_end);
}
