/*
 * test_mw_speech.c - services tts, directory, disa and time by events; text to speech by the real
 * program; the mp3 of a message is read. SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "db_fixture.h"
#include "ivr_fixture.h"

#include <errno.h>
#include <lame/lame.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "media_worker/audio/prompt.h"
#include "media_worker/tts.h"

#define DATABASE  "mwspeech"
#define DIRECTORY "e0000000000000000000000000000001"

static struct cx_db *db;
static char storage[] = "/tmp/cx_speech_XXXXXX";

static void a_text_is_said(void **state)
{
    (void)state;
    call_start("tts;text=Good%20morning;voice=male;answer=1");
    assert_true(call_seen.answered);
    assert_ptr_equal(call_seen.question, &cx_tts_question);
    assert_string_equal(((struct cx_tts *)call_seen.data)->text, "Good morning");
    snprintf(((struct cx_tts *)call_seen.data)->key, 128, "acc/tts/1.wav");
    call_answer(0);
    call_says("store/acc/tts/1.wav");
    call_played();
    assert_true(call_seen.over);
    assert_string_equal(call_seen.outcome, "");
    call_end();
    call_start("tts;text=Hello;answer=1;next=1");
    call_answer(-ENOEXEC); /* the callflow goes on without it */
    assert_string_equal(call_seen.outcome, "continue;key=_");
    call_end();
    call_start("tts;text=Hello");
    assert_true(call_seen.early);
    assert_false(call_seen.answered);
    call_end();
}

static void the_program_speaks(void **state)
{
    struct cx_tts t = {.account = CALL_ACCOUNT, .text = "You have reached the sales office."}, u;
    char path[300];
    struct stat first, again;
    int16_t *samples;
    size_t count;
    double energy = 0;

    (void)state;
    assert_int_equal(cx_tts_make(storage, &t), 0);
    snprintf(path, sizeof(path), "%s/%s", storage, t.key);
    assert_int_equal(cx_prompt_read_wav(path, &samples, &count), 0);
    assert_true(count > 8000 && count < 40000); /* one to five seconds */
    for (size_t i = 0; i < count; i++)
        energy += (double)samples[i] * samples[i];
    assert_true(sqrt(energy / (double)count) > 300);
    free(samples);
    /* the same again is the same file, another voice another one */
    assert_int_equal(stat(path, &first), 0);
    assert_int_equal(cx_tts_make(storage, &t), 0);
    assert_int_equal(stat(path, &again), 0);
    assert_int_equal(first.st_ino, again.st_ino);
    u = t;
    snprintf(u.voice, sizeof(u.voice), "male");
    assert_int_equal(cx_tts_make(storage, &u), 0);
    assert_string_not_equal(u.key, t.key);
    snprintf(u.language, sizeof(u.language), "de");
    assert_int_equal(cx_tts_make(storage, &u), 0);
    /* hostile words are words */
    snprintf(u.language, sizeof(u.language), "--help; rm");
    snprintf(u.text, sizeof(u.text), "-o /tmp/x $(id)\n\001");
    (void)cx_tts_make(storage, &u);
    snprintf(u.text, sizeof(u.text), "  ");
    assert_int_equal(cx_tts_make(storage, &u), -EBADMSG);
}

static void an_mp3_is_read(void **state)
{
    enum { SECONDS = 2, COUNT = 8000 * SECONDS };
    static int16_t tone[COUNT];
    static unsigned char mp3[COUNT * 2];
    lame_t lame = lame_init();
    char path[300];
    int16_t *samples;
    size_t count;
    double re = 0, im = 0, all = 1;
    FILE *file;
    int n;

    (void)state;
    for (int i = 0; i < COUNT; i++)
        tone[i] = (int16_t)(8000 * sin(2 * 3.14159265 * 500 * i / 8000));
    lame_set_in_samplerate(lame, 8000);
    lame_set_out_samplerate(lame, 8000);
    lame_set_num_channels(lame, 1);
    lame_set_mode(lame, MONO);
    lame_set_brate(lame, 24);
    lame_init_params(lame);
    n = lame_encode_buffer(lame, tone, NULL, COUNT, mp3, sizeof(mp3));
    n += lame_encode_flush(lame, mp3 + n, (int)sizeof(mp3) - n);
    lame_close(lame);
    snprintf(path, sizeof(path), "%s/m.mp3", storage);
    file = fopen(path, "w");
    fwrite(mp3, 1, (size_t)n, file);
    fclose(file);
    assert_int_equal(cx_prompt_read_wav(path, &samples, &count), 0);
    assert_true(count > COUNT - 800 && count < COUNT + 4000);
    for (size_t i = 0; i < count; i++) {
        re += samples[i] * cos(2 * 3.14159265 * 500 * (double)i / 8000);
        im += samples[i] * sin(2 * 3.14159265 * 500 * (double)i / 8000);
        all += (double)samples[i] * samples[i];
    }
    assert_true(2 * (re * re + im * im) / ((double)count * all) > 0.8);
    free(samples);
}

/* ---- dial by name */

/* Runs the question that waits against the database, as its thread would. */
static void answer_from_database(void)
{
    struct cx_ask_env env = {.db = db, .storage = storage};

    assert_non_null(call_seen.question);
    assert_true(call_seen.question->database);
    call_answer(call_seen.question->run(&env, call_seen.data));
}

static void people(void)
{
    db_fixture_run(
        db,
        "DELETE FROM account;"
        "INSERT INTO account (id, name, name_key, realm, timezone, created, modified) VALUES "
        "('" CALL_ACCOUNT "', 'A', 'a', 'a.example', 'Europe/Dublin', 0, 0), "
        "('a0000000000000000000000000000002', 'B', 'b', 'b.example', 'UTC', 0, 0);"
        "INSERT INTO user (id, account_id, first_name, last_name, doc, created, modified) VALUES "
        "('c0000000000000000000000000000001', '" CALL_ACCOUNT "', 'Jane', 'Smith', "
        "'{\"directories\":{\"" DIRECTORY "\":\"f0000000000000000000000000000001\"}}', 0, 0),"
        "('c0000000000000000000000000000002', '" CALL_ACCOUNT "', 'Bob', 'Smiley', "
        "'{\"directories\":{\"" DIRECTORY "\":\"f0000000000000000000000000000002\"}}', 0, 0),"
        "('c0000000000000000000000000000003', '" CALL_ACCOUNT "', 'Not', 'Smithers', '{}', 0, 0),"
        "('c0000000000000000000000000000004', '" CALL_ACCOUNT "', 'Ann', 'O''Brien', "
        "'{\"directories\":{\"" DIRECTORY "\":\"f0000000000000000000000000000004\"}}', 0, 0),"
        "('c0000000000000000000000000000005', 'a0000000000000000000000000000002', 'Eve', 'Smith', "
        "'{\"directories\":{\"" DIRECTORY "\":\"f0000000000000000000000000000005\"}}', 0, 0);"
        "INSERT INTO media (id, account_id, name, storage_key, created, modified) VALUES "
        "('d0000000000000000000000000000001', '" CALL_ACCOUNT "', 'n', 'acc/media/jane.wav', 0, 0);"
        "INSERT INTO vmbox (id, account_id, owner_id, name, mailbox, doc, created, modified) "
        "VALUES "
        "('b0000000000000000000000000000001', '" CALL_ACCOUNT "', "
        "'c0000000000000000000000000000001', 'J', '201', "
        "'{\"media\":{\"name\":\"d0000000000000000000000000000001\"}}', 0, 0)");
}

static void dial_by_name(void **state)
{
    (void)state;
    people();
    call_start("directory;id=" DIRECTORY ";search=last_name;min=3;max=0;confirm=1");
    call_says("dir-intro");
    call_keys("764#"); /* smi */
    answer_from_database();
    /* Smiley first, spoken from text; then Smith, as she recorded it; nobody else */
    assert_non_null(strstr(call_seen.said, "store/" CALL_ACCOUNT "/tts/"));
    assert_non_null(strstr(call_seen.said, " dir-instr"));
    call_key('*');
    call_says("store/acc/media/jane.wav dir-instr");
    call_key('1');
    assert_string_equal(call_seen.outcome, "continue;key=_;dial=f0000000000000000000000000000001");
    call_end();
    /* the apostrophe is not typed; one match is called at once */
    call_start("directory;id=" DIRECTORY ";search=last_name;min=3;max=0;confirm=0");
    call_keys("62743#");
    answer_from_database();
    assert_string_equal(call_seen.outcome, "continue;key=_;dial=f0000000000000000000000000000004");
    call_end();
    call_start("directory;id=" DIRECTORY ";search=first_name;min=3");
    call_says("dir-intro-fn");
    call_keys("999#");
    answer_from_database();
    call_says("dir-nomatch dir-intro-fn");
    call_keys("5#"); /* too few */
    call_says("dir-intro-fn");
    call_played();
    call_timer();
    call_says("vm-goodbye");
    call_end();
    call_start("directory;id=" DIRECTORY ";search=both;min=3;max=4;confirm=0");
    call_keys("5263"); /* jane; four are enough */
    answer_from_database();
    assert_string_equal(call_seen.outcome, "continue;key=_;dial=f0000000000000000000000000000001");
    call_end();
    call_start("directory;id=" DIRECTORY);
    call_keys("764#");
    call_answer(-ENOTCONN);
    call_says("im-sorry please-try-call-later");
    call_end();
}

static void the_time(void **state)
{
    (void)state;
    people();
    call_start("time");
    answer_from_database();
    assert_memory_equal(call_seen.said, "at-tone-time-exactly digits/", 28);
    call_played();
    answer_from_database();
    call_played();
    answer_from_database();
    call_played();
    assert_true(call_seen.over);
    call_end();
}

static void dialling_on_with_a_pin(void **state)
{
    (void)state;
    call_start("disa;pin=4711;retries=2;max=10");
    call_says("agent-pass");
    call_keys("4711#");
    call_says("tone/425/8000");
    call_keys("0861234567");
    assert_string_equal(call_seen.outcome, "continue;key=_;dial=0861234567");
    call_end();
    call_start("disa;pin=4711;retries=2;ringing=1");
    call_played();
    call_keys("1#");
    call_says("agent-pass");
    call_keys("2#");
    call_says("vm-goodbye");
    call_end();
    call_start("disa;retries=1"); /* no PIN: nobody */
    call_key('#');
    call_says("vm-goodbye");
    call_end();
}

static int open_all(void **state)
{
    (void)state;
    db = db_fixture_fresh(DATABASE, true);
    return mkdtemp(storage) ? 0 : -1;
}

static int close_all(void **state)
{
    char command[100];

    (void)state;
    cx_db_close(db);
    snprintf(command, sizeof(command), "rm -r %s", storage);
    return system(command);
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_text_is_said), cmocka_unit_test(the_program_speaks),
        cmocka_unit_test(an_mp3_is_read), cmocka_unit_test(dial_by_name),
        cmocka_unit_test(the_time),       cmocka_unit_test(dialling_on_with_a_pin),
    };

    (void)argc;
    db_fixture_enter(argv);
    return cmocka_run_group_tests(tests, open_all, close_all);
}
