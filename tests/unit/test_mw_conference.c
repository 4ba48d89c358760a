/*
 * test_mw_conference.c - the dialogue of a conference and its rooms: several callers by events,
 * without SIP, RTP or database; who hears whom is asked of the real mixer.
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "media_worker/conference/room.h"
#include "media_worker/control.h"
#include "media_worker/ivr.h"

#define ACME  "a0000000000000000000000000000001"
#define UMBRA "a0000000000000000000000000000002"
#define ROOM  "c0000000000000000000000000000001"
#define OTHER "c0000000000000000000000000000002"
#define USER  "b0000000000000000000000000000001"
#define CALLS 6

struct caller {
    struct cx_ivr *ivr;
    struct cx_mix_member *member;
    char said[500];
    bool playing, answered, over, drafting;
    unsigned timer_ms;
    const struct cx_question *question;
    char data[4096];
};
static struct caller callers[CALLS];

static bool has_offer(void *arg)
{
    (void)arg;
    return true;
}

static int answer(void *arg)
{
    ((struct caller *)arg)->answered = true;
    return 0;
}

static void end(void *arg, int code, const char *reason, const char *headers)
{
    struct caller *c = arg;

    (void)code, (void)reason, (void)headers;
    c->over = true;
    assert_null(c->member); /* it has left before its call ends */
}

static int play(void *arg, const char *const *names, size_t count)
{
    struct caller *c = arg;
    char path[600];

    c->said[0] = '\0';
    for (size_t i = 0; i < count; i++) {
        bool system = strncmp(names[i], "sys/", 4) == 0;
        snprintf(path, sizeof(path), "/usr/share/asterisk/sounds/en_US_f_Allison/%s.wav",
                 names[i] + 4);
        if (system)
            assert_int_equal(access(path, R_OK), 0);
        snprintf(c->said + strlen(c->said), sizeof(c->said) - strlen(c->said), "%s%s", i ? " " : "",
                 names[i] + (system ? 4 : 0));
    }
    c->playing = true;
    return count ? 0 : -EINVAL;
}

static void stop(void *arg)
{
    ((struct caller *)arg)->playing = false;
}

static void timer(void *arg, unsigned ms)
{
    ((struct caller *)arg)->timer_ms = ms;
}

static int draft(void *arg, unsigned max_ms)
{
    (void)max_ms;
    ((struct caller *)arg)->drafting = true;
    return 0;
}

static unsigned draft_stop(void *arg, struct cx_draft *d)
{
    static const int16_t sound[800] = {1};

    ((struct caller *)arg)->drafting = false;
    memset(d, 0, sizeof(*d));
    assert_int_equal(cx_draft_add(d, sound, 800), 0);
    return 100;
}

static int ask(void *arg, const struct cx_question *question, const void *data)
{
    struct caller *c = arg;

    c->question = question;
    assert_true(question->size <= sizeof(c->data));
    memcpy(c->data, data, question->size);
    return 0;
}

static int mix(void *arg, struct cx_mix *mix, struct cx_mix_member **member)
{
    struct caller *c = arg;
    int err = 0;

    cx_mix_leave(c->member);
    c->member = NULL;
    if (mix)
        err = cx_mix_join(mix, CX_PCMU, &c->member);
    if (member)
        *member = c->member;
    return err;
}

static const struct cx_ivr_ops ops = {
    .has_offer = has_offer,
    .answer = answer,
    .end = end,
    .play = play,
    .stop = stop,
    .timer = timer,
    .draft = draft,
    .draft_stop = draft_stop,
    .ask = ask,
    .mix = mix,
};

static void event(unsigned n, enum cx_event_type type)
{
    cx_ivr_event(callers[n].ivr, &(struct cx_event){.type = type});
}

static void dials_in(unsigned n, const char *account, const char *text)
{
    struct cx_ivr_call call = {.caller_name = "Alice \"A\"", .interaction = USER};

    snprintf(call.account, sizeof(call.account), "%s", account);
    snprintf(call.caller_number, sizeof(call.caller_number), "20%u", n);
    snprintf(call.call_id, sizeof(call.call_id), "call-%u", n);
    memset(&callers[n], 0, sizeof(callers[n]));
    assert_int_equal(cx_ivr_new(text, &call, &ops, &callers[n], &callers[n].ivr), 0);
    event(n, CX_EV_STARTED);
}

static void keys(unsigned n, const char *text)
{
    for (; *text; text++)
        cx_ivr_event(callers[n].ivr, &(struct cx_event){.type = CX_EV_DIGIT, .digit = *text});
}

static void played(unsigned n)
{
    assert_true(callers[n].playing);
    callers[n].playing = false;
    event(n, CX_EV_PLAYED);
}

static void hangs_up(unsigned n)
{
    if (!callers[n].ivr)
        return;
    event(n, CX_EV_HANGUP);
    cx_ivr_free(callers[n].ivr);
    callers[n].ivr = NULL;
    assert_null(callers[n].member);
}

static int all_gone(void **state)
{
    (void)state;
    for (unsigned n = 0; n < CALLS; n++)
        hangs_up(n);
    assert_int_equal(cx_conf_rooms(), 0);
    return 0;
}

#define says(n, words) assert_string_equal(callers[n].said, words)

static bool is_in(unsigned n)
{
    return callers[n].member != NULL && !callers[n].over;
}

/* Leaves after the farewell that is being said. */
static void is_out(unsigned n, const char *words)
{
    says(n, words);
    assert_null(callers[n].member);
    played(n);
    assert_true(callers[n].over);
    hangs_up(n);
}

/* ---- tests */

static void a_known_room_without_pins(void **state)
{
    (void)state;
    dials_in(0, ACME, "conference;id=" ROOM);
    assert_true(callers[0].answered && is_in(0));
    says(0, "conf-onlyperson");
    played(0);
    assert_false(callers[0].playing); /* no music was given: silence */
    dials_in(1, ACME, "conference;id=" ROOM ";welcome=1;music=acc%2Fmoh.wav");
    says(1, "conf-placeintoconf");
    played(1);
    assert_true(is_in(1));
    assert_false(callers[1].playing);
    assert_int_equal(cx_conf_rooms(), 1);
    hangs_up(0);
    says(1, "conf-onlyperson");
    played(1);
    says(1, "store/acc/moh.wav"); /* and again and again */
    played(1);
    assert_true(callers[1].playing);
    dials_in(0, ACME, "conference;id=" ROOM);
    assert_false(callers[1].playing); /* somebody is there */
    assert_true(is_in(0) && is_in(1));
}

static void music_that_is_missing_is_not_asked_for_again(void **state)
{
    (void)state;
    dials_in(0, ACME, "conference;id=" ROOM ";music=gone.wav");
    played(0);
    says(0, "store/gone.wav");
    callers[0].playing = false;
    cx_ivr_event(callers[0].ivr, &(struct cx_event){.type = CX_EV_PLAYED, .missing = 1});
    assert_false(callers[0].playing);
}

static void the_room_number_is_asked_for_three_times(void **state)
{
    static const char service[] =
        "conference;rooms=" OTHER "~7202~~~~~m~0~!" ROOM "~7201~7301~7401~~~~0~";

    (void)state;
    dials_in(0, ACME, service);
    says(0, "conf-getconfno");
    keys(0, "7201#");
    assert_true(is_in(0));
    dials_in(1, ACME, service);
    keys(1, "999#");
    says(1, "conf-invalid");
    keys(1, "#");
    says(1, "conf-invalid");
    keys(1, "7202#");
    assert_true(is_in(1));
    assert_int_equal(cx_conf_rooms(), 2);
    dials_in(2, ACME, service);
    for (int i = 0; i < 3; i++)
        keys(2, "72#");
    is_out(2, "conf-invalid vm-goodbye");
    dials_in(2, ACME, service);
    keys(2, "7401#"); /* a number of the moderators' */
    keys(2, "5");
    says(2, "conf-lockednow");
}

/* As look_up of the service; what the database found goes behind the number. */
struct answer {
    char account[33], number[17];
    bool found;
    struct cx_conf_settings settings;
};

static void without_a_list_the_database_is_asked(void **state)
{
    struct answer a;
    struct cx_event e = {.type = CX_EV_ANSWER, .answer = &a};

    (void)state;
    dials_in(0, ACME, "conference;user=" USER);
    keys(0, "7201#");
    assert_non_null(callers[0].question);
    assert_int_equal(callers[0].question->size, sizeof(a));
    memcpy(&a, callers[0].data, sizeof(a));
    assert_string_equal(a.account, ACME);
    assert_string_equal(a.number, "7201");
    cx_ivr_event(callers[0].ivr, &e); /* none has this number */
    says(0, "conf-invalid");
    keys(0, "7202#");
    a.found = true;
    strcpy(a.settings.id, ROOM);
    strcpy(a.settings.owner, USER);
    strcpy(a.settings.member_pins, "1234");
    cx_ivr_event(callers[0].ivr, &e);
    assert_true(is_in(0)); /* its owner needs no PIN */
    keys(0, "5");
    says(0, "conf-lockednow");
    dials_in(1, ACME, "conference");
    keys(1, "7201#");
    e.answer = NULL;
    e.error = -ETIMEDOUT;
    cx_ivr_event(callers[1].ivr, &e);
    is_out(1, "im-sorry please-try-call-later");
}

static void pins_make_members_and_moderators(void **state)
{
    static const char both[] = "conference;id=" ROOM ";member_pins=11.12;moderator_pins=99";

    (void)state;
    dials_in(0, ACME, both);
    says(0, "conf-getpin");
    keys(0, "12#");
    assert_true(is_in(0));
    callers[0].said[0] = '\0';
    keys(0, "5");
    says(0, ""); /* not for members */
    dials_in(1, ACME, both);
    keys(1, "98#");
    says(1, "conf-invalidpin");
    assert_false(is_in(1));
    keys(1, "99#");
    assert_true(is_in(1));
    keys(1, "5");
    says(1, "conf-lockednow");
    dials_in(2, ACME, both);
    keys(2, "1#");
    keys(2, "#");
    keys(2, "1112#");
    is_out(2, "conf-invalidpin vm-goodbye");
    /* only moderators have one: nothing, or just #, is a member */
    dials_in(3, ACME, "conference;id=" OTHER ";moderator_pins=99");
    keys(3, "#");
    assert_true(is_in(3));
    dials_in(4, ACME, "conference;id=" OTHER ";moderator_pins=99;role=moderator");
    keys(4, "#");
    says(4, "conf-invalidpin");
    hangs_up(4);
    dials_in(4, ACME, "conference;id=" OTHER ";moderator_pins=99;role=member");
    assert_true(is_in(4));
}

static void locked_full_and_put_out(void **state)
{
    static const char owner[] = "conference;id=" ROOM ";owner=1;max=3";
    static const char other[] = "conference;id=" ROOM ";max=3";

    (void)state;
    dials_in(0, ACME, owner);
    dials_in(1, ACME, other);
    keys(0, "5");
    dials_in(2, ACME, other);
    is_out(2, "conf-locked");
    dials_in(2, ACME, owner); /* moderators come in */
    assert_true(is_in(2));
    keys(2, "5");
    says(2, "conf-unlockednow");
    dials_in(3, ACME, other);
    is_out(3, "conf-full");
    hangs_up(2);
    dials_in(2, ACME, other);
    assert_true(is_in(2));
    keys(1, "9"); /* no moderator */
    assert_true(is_in(2));
    keys(0, "9"); /* who came last */
    is_out(2, "conf-kicked");
    keys(0, "9");
    is_out(1, "conf-kicked");
    keys(0, "9");
    says(0, "conf-errormenu");
    assert_true(is_in(0));
}

static void muting(void **state)
{
    (void)state;
    dials_in(0, ACME, "conference;id=" ROOM ";owner=1;muted=1");
    dials_in(1, ACME, "conference;id=" ROOM ";muted=1;moderator_muted=0");
    dials_in(2, ACME, "conference;id=" ROOM);
    assert_false(cx_mix_is_muted(callers[0].member));
    assert_true(cx_mix_is_muted(callers[1].member));
    says(1, "conf-now-muted");
    assert_false(cx_mix_is_muted(callers[2].member));
    says(2, "");
    keys(1, "0");
    says(1, "conf-unmuted");
    assert_false(cx_mix_is_muted(callers[1].member));
    keys(0, "0");
    says(0, "conf-muted");
    assert_true(cx_mix_is_muted(callers[0].member));
    keys(2, "1");
    says(2, "conf-thereare digits/2 conf-otherinparty");
    keys(0, "7");
    says(1, "conf-now-muted");
    assert_true(cx_mix_is_muted(callers[1].member) && cx_mix_is_muted(callers[2].member));
    keys(0, "7");
    says(2, "conf-now-unmuted");
    assert_false(cx_mix_is_muted(callers[1].member) || cx_mix_is_muted(callers[2].member));
}

static void members_wait_for_the_moderator(void **state)
{
    (void)state;
    dials_in(0, ACME, "conference;id=" ROOM ";wait=1;music=m.wav");
    dials_in(1, ACME, "conference;id=" ROOM ";wait=1");
    says(0, "conf-waitforleader");
    assert_false(is_in(0) || is_in(1));
    played(0);
    says(0, "store/m.wav");
    dials_in(2, ACME, "conference;id=" ROOM ";wait=1;role=moderator");
    assert_true(is_in(0) && is_in(1) && is_in(2));
    assert_false(callers[0].playing || callers[1].playing || callers[2].playing);
    hangs_up(2);
    assert_true(is_in(0) && is_in(1)); /* they go on */
}

static void names_are_recorded(void **state)
{
    (void)state;
    dials_in(0, ACME, "conference;id=" ROOM ";names=1");
    says(0, "vm-rec-name tone/440/300");
    played(0);
    assert_true(callers[0].drafting);
    keys(0, "#");
    assert_false(callers[0].drafting);
    assert_true(is_in(0));
    dials_in(1, ACME, "conference;id=" ROOM ";names=1");
    played(1);
    event(1, CX_EV_RECORDED);
    assert_true(is_in(1));
    dials_in(2, ACME, "conference;id=" ROOM ";names=1");
    keys(2, "#"); /* no name */
    assert_true(is_in(2));
    dials_in(3, ACME, "conference;id=" ROOM ";names=1");
    played(3);
    hangs_up(3); /* while the name is being said */
}

static void tenants_are_apart(void **state)
{
    (void)state;
    dials_in(0, ACME, "conference;id=" ROOM);
    dials_in(1, UMBRA, "conference;id=" ROOM);
    assert_int_equal(cx_conf_rooms(), 2);
    says(1, "conf-onlyperson");
    event(1, CX_EV_MEDIA_LOST);
    assert_true(callers[1].over);
    assert_int_equal(cx_conf_rooms(), 1);
}

static void malformed_ids_are_refused(void **state)
{
    (void)state;
    dials_in(0, ACME, "conference;id=..%2Fx");
    assert_true(callers[0].over && !callers[0].answered);
}

/* ---- the control socket's commands */

static json_t *reply_to(const char *account, const char *command, int participant)
{
    char text[500];

    snprintf(text, sizeof(text),
             "{\"subject\":\"conference\",\"account\":\"%s\",\"conference\":\"%s\",\"command\":"
             "\"%s\"%s%.0d}",
             account, ROOM, command, participant ? ",\"participant\":" : "", participant);
    return cx_control_answer(text, strlen(text));
}

static bool tells(json_t *reply, const char *error)
{
    const char *text = json_string_value(json_object_get(reply, "error"));
    bool good = json_is_true(json_object_get(reply, "ok"));
    bool same = error ? text && !good && strcmp(text, error) == 0 : good;

    json_decref(reply);
    return same;
}

static void commands_from_elsewhere(void **state)
{
    json_t *reply, *p;

    (void)state;
    dials_in(0, ACME, "conference;id=" ROOM ";owner=1");
    dials_in(1, ACME, "conference;id=" ROOM);
    dials_in(2, ACME, "conference;id=" ROOM);
    reply = reply_to(ACME, "participants", 0);
    assert_int_equal(json_array_size(json_object_get(reply, "participants")), 3);
    p = json_array_get(json_object_get(reply, "participants"), 1);
    assert_int_equal(json_integer_value(json_object_get(p, "participant_id")), 2);
    assert_string_equal(json_string_value(json_object_get(p, "call_id")), "call-1");
    assert_string_equal(json_string_value(json_object_get(p, "caller_id_number")), "201");
    assert_string_equal(json_string_value(json_object_get(p, "caller_id_name")), "Alice \"A\"");
    assert_true(json_is_false(json_object_get(p, "is_moderator")));
    assert_true(json_is_true(json_object_get(p, "speak")));
    json_decref(reply);
    assert_true(tells(reply_to(ACME, "lock", 0), NULL));
    dials_in(3, ACME, "conference;id=" ROOM);
    is_out(3, "conf-locked");
    assert_true(tells(reply_to(ACME, "unlock", 0), NULL));
    assert_true(tells(reply_to(ACME, "mute", 2), NULL));
    assert_true(cx_mix_is_muted(callers[1].member) && !cx_mix_is_muted(callers[2].member));
    assert_true(tells(reply_to(ACME, "unmute", 2), NULL));
    assert_false(cx_mix_is_muted(callers[1].member));
    assert_true(tells(reply_to(ACME, "deaf", 3), NULL));
    assert_true(cx_mix_is_deaf(callers[2].member));
    assert_true(tells(reply_to(ACME, "kick", 3), NULL));
    is_out(2, "conf-kicked");
    assert_true(tells(reply_to(ACME, "kick", 3), "no_such_participant"));
    assert_true(tells(reply_to(ACME, "mute", 0), NULL)); /* all but the moderator */
    assert_true(cx_mix_is_muted(callers[1].member) && !cx_mix_is_muted(callers[0].member));
    assert_true(tells(reply_to(ACME, "dance", 0), "no_such_command"));
    assert_true(tells(reply_to(UMBRA, "participants", 0), "not_here"));
    assert_true(tells(reply_to(ACME, "kick", 0), NULL)); /* everybody: the room is gone */
    is_out(1, "conf-kicked");
    is_out(0, "conf-kicked");
    assert_true(tells(reply_to(ACME, "participants", 0), "not_here"));
}

static void malformed_commands(void **state)
{
    static const char *const bad[] = {
        "",
        "{",
        "[]",
        "7",
        "{}",
        "{\"subject\":1,\"command\":\"x\"}",
        "{\"subject\":\"conference\"}",
        "{\"subject\":\"conference\",\"command\":[]}",
        "{\"subject\":\"conference\",\"command\":\"kick\"}",
        "{\"subject\":\"conference\",\"command\":\"kick\",\"account\":1,\"conference\":\"x\"}",
        "{\"subject\":\"conference\",\"command\":\"kick\",\"account\":\"" ACME
        "\",\"conference\":\"" ROOM "\",\"participant\":\"1\"}",
    };

    (void)state;
    dials_in(0, ACME, "conference;id=" ROOM);
    for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++)
        assert_true(tells(cx_control_answer(bad[i], strlen(bad[i])), "malformed"));
    assert_true(
        tells(cx_control_answer("{\"subject\":\"x\",\"command\":\"y\"}", 29), "no_such_subject"));
    assert_true(is_in(0));
}

/* ---- documents */

static void documents_say_what_a_room_is(void **state)
{
    static const char text[] =
        "{\"conference_numbers\":[\"7201\",7205],\"member\":{\"numbers\":[\"7202\"],\"pins\":"
        "[\"11\",12],\"join_muted\":false},\"moderator\":{\"numbers\":[\"7203\"],\"pins\":"
        "[\"99\"],\"join_deaf\":true},\"max_participants\":7,\"wait_for_moderator\":true,"
        "\"play_exit_tone\":false,\"play_name\":true}";
    json_t *doc = json_loads(text, 0, NULL), *none = json_object();
    struct cx_conf_settings s;

    (void)state;
    assert_true(cx_conf_from_document(ROOM, USER, doc, "7201", &s));
    assert_int_equal(s.role, CX_CONF_UNSAID);
    assert_true(cx_conf_from_document(ROOM, USER, doc, "7205", &s));
    assert_true(cx_conf_from_document(ROOM, USER, doc, "7202", &s));
    assert_int_equal(s.role, CX_CONF_MEMBER);
    assert_true(cx_conf_from_document(ROOM, USER, doc, "7203", &s));
    assert_int_equal(s.role, CX_CONF_MODERATOR);
    assert_string_equal(s.member_pins, "11.12");
    assert_string_equal(s.moderator_pins, "99");
    assert_int_equal(s.max, 7);
    assert_true(s.wait && s.names && s.entry_tone && !s.exit_tone);
    assert_true(!s.member_muted && !s.moderator_muted && s.moderator_deaf && !s.member_deaf);
    assert_false(cx_conf_from_document(ROOM, USER, doc, "720", &s));
    assert_false(cx_conf_from_document(ROOM, USER, doc, "", &s));
    assert_false(cx_conf_from_document(ROOM, "", none, "7201", &s));
    assert_true(s.member_muted); /* Kazoo's default */
    json_decref(doc);
    json_decref(none);
}

static void lists_of_rooms_may_be_malformed(void **state)
{
    static const char *const bad[] = {
        "",
        "!",
        "!!!",
        "~",
        "~~~~~~~~",
        ROOM,
        ROOM "~7201",
        ROOM "~7201~~~~~~0~~~~",
        "short~7201~~~~~~0~",
    };
    struct cx_conf_settings s;

    (void)state;
    for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++)
        assert_false(cx_conf_find(bad[i], "7201", &s));
    assert_true(cx_conf_find("x!" ROOM "~1.7201~~~11.12~99~wxM~5~" USER, "7201", &s));
    assert_string_equal(s.owner, USER);
    assert_string_equal(s.member_pins, "11.12");
    assert_true(s.wait && s.moderator_muted && !s.member_muted && s.entry_tone && !s.exit_tone);
    assert_int_equal(s.max, 5);
    assert_true(cx_conf_list_has("1,2,3", "2"));
    assert_false(cx_conf_list_has("12.3", "1"));
    assert_false(cx_conf_list_has("", ""));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(a_known_room_without_pins, all_gone),
        cmocka_unit_test_teardown(music_that_is_missing_is_not_asked_for_again, all_gone),
        cmocka_unit_test_teardown(the_room_number_is_asked_for_three_times, all_gone),
        cmocka_unit_test_teardown(without_a_list_the_database_is_asked, all_gone),
        cmocka_unit_test_teardown(pins_make_members_and_moderators, all_gone),
        cmocka_unit_test_teardown(locked_full_and_put_out, all_gone),
        cmocka_unit_test_teardown(muting, all_gone),
        cmocka_unit_test_teardown(members_wait_for_the_moderator, all_gone),
        cmocka_unit_test_teardown(names_are_recorded, all_gone),
        cmocka_unit_test_teardown(tenants_are_apart, all_gone),
        cmocka_unit_test_teardown(malformed_ids_are_refused, all_gone),
        cmocka_unit_test_teardown(commands_from_elsewhere, all_gone),
        cmocka_unit_test_teardown(malformed_commands, all_gone),
        cmocka_unit_test(documents_say_what_a_room_is),
        cmocka_unit_test(lists_of_rooms_may_be_malformed),
    };

    cx_codec_init();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
