/*
 * test_mw_ivr.c - what services are made of: sentences, keys, questions, farewells.
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "ivr_fixture.h"

#include <errno.h>
#include <ev.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "media_worker/ask.h"
#include "media_worker/audio/prompt.h"
#include "media_worker/input.h"

/* ---- sentences */

static const char *sentence(const struct cx_say *say)
{
    static char text[2048];

    text[0] = '\0';
    for (size_t i = 0; i < say->count; i++) {
        assert_memory_equal(say->names[i], "sys/", 4);
        snprintf(text + strlen(text), sizeof(text) - strlen(text), "%s%s", i ? " " : "",
                 say->names[i] + 4);
        /* a word that is not in the package would be silence */
        char path[512];
        snprintf(path, sizeof(path), "/usr/share/asterisk/sounds/en_US_f_Allison/%s.wav",
                 say->names[i] + 4);
        assert_int_equal(access(path, R_OK), 0);
    }
    return text;
}

static void numbers_are_spoken(void **state)
{
    static const struct {
        unsigned n;
        const char *words;
    } cases[] = {
        {0, "digits/0"},
        {7, "digits/7"},
        {20, "digits/20"},
        {21, "digits/20 digits/1"},
        {90, "digits/90"},
        {100, "digits/1 digits/hundred"},
        {115, "digits/1 digits/hundred digits/15"},
        {1234, "digits/1 digits/thousand digits/2 digits/hundred digits/30 digits/4"},
        {2000000, "digits/2 digits/million"},
        {4294967295u,
         "digits/4 digits/billion digits/2 digits/hundred digits/90 digits/4 digits/million "
         "digits/9 digits/hundred digits/60 digits/7 digits/thousand digits/2 digits/hundred "
         "digits/90 digits/5"},
    };
    struct cx_say say;

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
        cx_say_start(&say);
        cx_say_number(&say, cases[i].n);
        assert_string_equal(sentence(&say), cases[i].words);
    }
    cx_say_start(&say);
    cx_say_digits(&say, "+2*0#x");
    assert_string_equal(sentence(&say), "digits/2 digits/star digits/0 digits/pound");
}

static void dates_are_spoken(void **state)
{
    struct tm now = {.tm_year = 126, .tm_mon = 10, .tm_mday = 25, .tm_wday = 3, .tm_hour = 12};
    struct tm t = now;
    struct cx_say say;

    (void)state;
    t.tm_hour = 0;
    t.tm_min = 5;
    cx_say_start(&say);
    cx_say_when(&say, &t, &now);
    assert_string_equal(sentence(&say),
                        "digits/today digits/at digits/12 digits/oh digits/5 digits/a-m");
    t = (struct tm){.tm_year = 126, .tm_mon = 10, .tm_mday = 24, .tm_wday = 2, .tm_hour = 15};
    cx_say_start(&say);
    cx_say_when(&say, &t, &now);
    assert_string_equal(sentence(&say),
                        "digits/yesterday digits/at digits/3 digits/oclock digits/p-m");
    t.tm_mday = 20;
    t.tm_wday = 5;
    t.tm_min = 45;
    cx_say_start(&say);
    cx_say_when(&say, &t, &now);
    assert_string_equal(sentence(&say),
                        "digits/day-5 digits/at digits/3 digits/40 digits/5 digits/p-m");
    /* a week and more: with the date; over the turn of a year */
    t = (struct tm){.tm_year = 125, .tm_mon = 11, .tm_mday = 31, .tm_wday = 3, .tm_hour = 12};
    cx_say_start(&say);
    cx_say_when(&say, &t, &now);
    assert_string_equal(sentence(&say), "digits/day-3 digits/mon-11 digits/30 digits/h-1 digits/at "
                                        "digits/12 digits/oclock digits/p-m");
    now = (struct tm){.tm_year = 126, .tm_mon = 0, .tm_mday = 1, .tm_wday = 4};
    cx_say_start(&say);
    cx_say_when(&say, &t, &now);
    assert_string_equal(sentence(&say),
                        "digits/yesterday digits/at digits/12 digits/oclock digits/p-m");
}

static void a_long_sentence_is_cut(void **state)
{
    struct cx_say say;
    char longest[3000];

    (void)state;
    cx_say_start(&say);
    for (int i = 0; i < 100; i++)
        cx_say_words(&say, "digits/1 digits/2");
    assert_int_equal(say.count, CX_SAY_MAX);
    cx_say_start(&say);
    memset(longest, 'x', sizeof(longest) - 1);
    longest[sizeof(longest) - 1] = '\0';
    cx_say_sound(&say, longest);
    assert_int_equal(say.count, 0);
    cx_say_media(&say, "../../etc/passwd");
    assert_int_equal(say.count, 0);
    cx_say_media(&say, "system_media/beep");
    assert_string_equal(sentence(&say), "beep");
}

/* ---- keys */

static struct cx_input input;
static enum cx_input_result result;
static struct cx_input_rule rule;

static void input_event(struct cx_ivr *ivr, void *state, const struct cx_event *e)
{
    static const char *const question[] = {"sys/vm-password"};
    struct cx_say say;

    (void)state;
    result = cx_input_event(ivr, &input, e);
    if (e->type == CX_EV_STARTED) {
        cx_say_start(&say);
        cx_say_sound(&say, question[0]);
        cx_input_start(ivr, &input, &say, &rule);
    }
    if (e->type == CX_EV_MEDIA_LOST)
        cx_ivr_apologize(ivr);
}

static const struct cx_service input_test = {"input_test", 0, input_event};

static void ask_for(struct cx_input_rule r)
{
    rule = r;
    memset(&input, 0, sizeof(input));
    call_start_with(&input_test, "input_test");
    call_says("vm-password");
}

static void keys_until_the_terminator(void **state)
{
    (void)state;
    ask_for((struct cx_input_rule){.max = 6, .terminator = '#', .first_ms = 5000});
    call_keys("12");
    assert_false(call_seen.playing); /* the first key ends the question */
    assert_int_equal(result, CX_INPUT_MORE);
    assert_int_equal(call_seen.timer_ms, 3000);
    call_key('#');
    assert_int_equal(result, CX_INPUT_DONE);
    assert_string_equal(input.digits, "12");
    assert_int_equal(call_seen.timer_ms, 0);
    call_end();
}

static void keys_until_there_are_enough(void **state)
{
    (void)state;
    ask_for((struct cx_input_rule){.max = 2});
    call_keys("1#");
    assert_int_equal(result, CX_INPUT_DONE);
    assert_string_equal(input.digits, "1#");
    call_end();
}

static void silence_ends_it(void **state)
{
    (void)state;
    ask_for((struct cx_input_rule){.max = 4, .first_ms = 7000});
    assert_int_equal(call_seen.timer_ms, 0); /* not while it speaks */
    call_played();
    assert_int_equal(call_seen.timer_ms, 7000);
    call_timer();
    assert_int_equal(result, CX_INPUT_NOTHING);
    call_end();
    ask_for((struct cx_input_rule){.max = 4});
    call_key('5');
    call_timer();
    assert_int_equal(result, CX_INPUT_DONE);
    assert_string_equal(input.digits, "5");
    call_end();
}

static void keys_typed_ahead_answer_the_next_question(void **state)
{
    (void)state;
    ask_for((struct cx_input_rule){.max = 2});
    call_keys("12");
    assert_int_equal(result, CX_INPUT_DONE);
    call_keys("34"); /* nothing is asked now */
    assert_int_equal(result, CX_INPUT_OTHER);
    call_event(&(struct cx_event){.type = CX_EV_STARTED}); /* the question again */
    call_timer();
    assert_int_equal(result, CX_INPUT_DONE);
    assert_string_equal(input.digits, "34");
    call_keys("5");
    cx_input_forget(&input);
    call_event(&(struct cx_event){.type = CX_EV_STARTED});
    call_says("vm-password");
    call_end();
}

static void a_farewell_ends_the_call(void **state)
{
    (void)state;
    ask_for((struct cx_input_rule){.max = 2});
    call_event(&(struct cx_event){.type = CX_EV_MEDIA_LOST});
    call_says("im-sorry please-try-call-later");
    call_keys("12"); /* nobody listens any more */
    assert_int_equal(result, CX_INPUT_OTHER);
    call_played();
    assert_true(call_seen.over);
    call_end();
}

/* ---- questions */

static struct ev_loop *loop;
static atomic_uint released, ran;

struct number {
    unsigned sleep_ms, n;
};

static int twice(const struct cx_ask_env *env, void *data)
{
    struct number *q = data;

    assert_null(env->db);
    assert_string_equal(env->storage, "/nowhere");
    ran++;
    usleep(q->sleep_ms * 1000);
    q->n *= 2;
    return q->n == 26 ? -EDOM : 0;
}

static void release(void *data)
{
    (void)data;
    released++;
}

static const struct cx_question quick = {
    .run = twice, .release = release, .size = sizeof(struct number), .deadline_ms = 5000};
static const struct cx_question short_time = {
    .run = twice, .release = release, .size = sizeof(struct number), .deadline_ms = 50};

struct got {
    int err;
    unsigned n, times;
};

static void got_it(void *arg, int err, const void *data)
{
    struct got *got = arg;

    got->err = err;
    got->n = data ? ((const struct number *)data)->n : 0;
    got->times++;
}

static void turn_until(const unsigned *counter, unsigned value)
{
    for (int i = 0; i < 300 && *counter < value; i++) {
        usleep(10000);
        ev_run(loop, EVRUN_NOWAIT);
    }
    assert_int_equal(*counter, value);
}

static void questions_are_answered(void **state)
{
    struct got got = {0}, second = {0};
    struct cx_ask *ask, *other;

    (void)state;
    released = ran = 0;
    assert_int_equal(cx_ask(&quick, &(struct number){0, 21}, got_it, &got, &ask), 0);
    assert_int_equal(cx_ask(&quick, &(struct number){0, 13}, got_it, &second, &other), 0);
    turn_until(&got.times, 1);
    turn_until(&second.times, 1);
    assert_int_equal(got.err, 0);
    assert_int_equal(got.n, 42);
    assert_int_equal(second.err, -EDOM);
    assert_int_equal(released, 2);
}

static void a_slow_answer_is_no_answer(void **state)
{
    struct got got = {0}, cancelled = {0}, late[2] = {{0}};
    struct cx_ask *ask;

    (void)state;
    released = ran = 0;
    assert_int_equal(cx_ask(&short_time, &(struct number){600, 1}, got_it, &got, &ask), 0);
    assert_int_equal(cx_ask(&quick, &(struct number){600, 1}, got_it, &cancelled, &ask), 0);
    cx_ask_cancel(ask);
    /* both threads are busy: these would begin after their time, and never do */
    assert_int_equal(cx_ask(&short_time, &(struct number){0, 1}, got_it, &late[0], &ask), 0);
    assert_int_equal(cx_ask(&short_time, &(struct number){0, 1}, got_it, &late[1], &ask), 0);
    turn_until(&got.times, 1);
    turn_until(&late[0].times, 1);
    turn_until(&late[1].times, 1);
    assert_int_equal(got.err, -ETIMEDOUT);
    assert_int_equal(late[0].err, -ETIMEDOUT);
    for (int i = 0; i < 200 && released < 4; i++) {
        usleep(10000);
        ev_run(loop, EVRUN_NOWAIT);
    }
    assert_int_equal(released, 4);
    assert_int_equal(ran, 2);
    assert_int_equal(cancelled.times, 0);
    assert_int_equal(got.times, 1);
}

static int never(const struct cx_ask_env *env, void *data)
{
    (void)env, (void)data;
    ran++;
    return 0;
}

static void a_dead_database_is_an_error(void **state)
{
    static const struct cx_question question = {
        .run = never, .size = sizeof(struct number), .deadline_ms = 3000, .database = true};
    struct got got = {0};
    struct cx_ask *ask;

    (void)state;
    ran = 0;
    assert_int_equal(cx_ask(&question, &(struct number){0, 1}, got_it, &got, &ask), 0);
    turn_until(&got.times, 1);
    assert_int_equal(got.err, -ENOTCONN);
    assert_int_equal(ran, 0);
}

static int begin_asking(void **state)
{
    char path[] = "/tmp/cx_ask_XXXXXX";
    FILE *file = fdopen(mkstemp(path), "w");
    int err;

    (void)state;
    fputs("database = { socket = \"/nowhere/mysql.sock\"; name = \"centrex\"; user = \"x\"; };\n",
          file);
    fclose(file);
    loop = ev_loop_new(EVFLAG_AUTO);
    err = cx_ask_init(loop, path, "/nowhere");
    unlink(path);
    return err;
}

static int end_asking(void **state)
{
    (void)state;
    cx_ask_close();
    ev_loop_destroy(loop);
    return 0;
}

static void a_draft_becomes_a_file(void **state)
{
    struct cx_draft draft = {0};
    int16_t tone[800], *samples;
    char folder[] = "/tmp/cx_draft_XXXXXX", path[100];
    size_t count;

    (void)state;
    for (int i = 0; i < 800; i++)
        tone[i] = (int16_t)(i * 10);
    assert_non_null(mkdtemp(folder));
    assert_int_equal(cx_draft_add(&draft, tone, 800), 0);
    assert_int_equal(cx_draft_add(&draft, tone, 800), 0);
    assert_int_equal(cx_draft_store(&draft, folder, "acc/media/1.wav"), 44 + 3200);
    snprintf(path, sizeof(path), "%s/acc/media/1.wav", folder);
    assert_int_equal(cx_prompt_read_wav(path, &samples, &count), 0);
    assert_int_equal(count, 1600);
    assert_memory_equal(samples + 800, tone, sizeof(tone));
    free(samples);
    unlink(path);
    cx_draft_clear(&draft);
    snprintf(path, sizeof(path), "rm -r %s", folder);
    assert_int_equal(system(path), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(numbers_are_spoken),
        cmocka_unit_test(dates_are_spoken),
        cmocka_unit_test(a_long_sentence_is_cut),
        cmocka_unit_test(keys_until_the_terminator),
        cmocka_unit_test(keys_until_there_are_enough),
        cmocka_unit_test(silence_ends_it),
        cmocka_unit_test(keys_typed_ahead_answer_the_next_question),
        cmocka_unit_test(a_farewell_ends_the_call),
        cmocka_unit_test(a_draft_becomes_a_file),
        cmocka_unit_test_setup_teardown(questions_are_answered, begin_asking, end_asking),
        cmocka_unit_test_setup_teardown(a_slow_answer_is_no_answer, begin_asking, end_asking),
        cmocka_unit_test_setup_teardown(a_dead_database_is_an_error, begin_asking, end_asking),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
