/*
 * test_mw_mixer.c - conferences by what is heard: members speak tones, and what each hears is taken
 * apart by frequency. Also the resampler and the line of time before it.
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "media_worker/audio/jitter.h"
#include "media_worker/audio/mixer.h"
#include "mw_audio.h"

#define WIDE_RATE 16000
#define PEOPLE    12
#define TICKS     150 /* heard[] holds the last two seconds of three */
#define SKIP      50

struct person {
    struct cx_mix_member *member;
    struct cx_wide_state codec; /* the phone's own */
    double hz, level;
    bool sends;
    int16_t heard[(TICKS - SKIP) * CX_WIDE_FRAME];
};

static struct cx_mix *mix;
static struct person people[PEOPLE];

static void joins(unsigned n, enum cx_codec codec, double hz)
{
    struct person *p = &people[n];

    memset(p, 0, sizeof(*p));
    p->hz = hz;
    p->level = 6000;
    p->sends = true;
    assert_int_equal(cx_wide_open(&p->codec, codec), 0);
    assert_int_equal(cx_mix_join(mix, codec, &p->member), 0);
}

static void says(struct person *p, unsigned tick)
{
    int16_t samples[CX_WIDE_FRAME] = {0};
    uint8_t bytes[CX_FRAME];

    if (p->hz > 0)
        audio_add(samples, CX_WIDE_FRAME, (size_t)tick * CX_WIDE_FRAME, p->hz, WIDE_RATE, p->level);
    cx_wide_encode(&p->codec, bytes, samples, CX_FRAME);
    if (p->sends)
        cx_mix_put(p->member, 0xffff0000u + tick * CX_FRAME, bytes, CX_FRAME);
}

static void hears(struct person *p, unsigned tick)
{
    int16_t samples[CX_WIDE_FRAME];

    cx_wide_decode(&p->codec, samples, cx_mix_frame(p->member), CX_FRAME);
    if (tick >= SKIP)
        memcpy(p->heard + (tick - SKIP) * CX_WIDE_FRAME, samples, sizeof(samples));
}

static void talk(void)
{
    for (unsigned tick = 0; tick < TICKS; tick++) {
        for (unsigned n = 0; n < PEOPLE; n++)
            if (people[n].member)
                says(&people[n], tick);
        cx_mix_tick_all();
        for (unsigned n = 0; n < PEOPLE; n++)
            if (people[n].member)
                hears(&people[n], tick);
    }
}

static int level(unsigned n, double hz)
{
    return (int)audio_level(people[n].heard, sizeof(people[n].heard) / 2, hz, WIDE_RATE);
}

static int begin(void **state)
{
    (void)state;
    memset(people, 0, sizeof(people));
    return cx_mix_new(&mix);
}

static void leaves(unsigned n)
{
    cx_mix_leave(people[n].member);
    cx_wide_close(&people[n].codec);
    people[n].member = NULL;
}

static int end(void **state)
{
    (void)state;
    for (unsigned n = 0; n < PEOPLE; n++)
        leaves(n);
    cx_mix_free(mix);
    return 0;
}

static void each_hears_all_others_and_not_themself(void **state)
{
    static const double hz[] = {400, 700, 1100, 1700};

    (void)state;
    joins(0, CX_PCMU, hz[0]);
    joins(1, CX_PCMA, hz[1]);
    joins(2, CX_G722, hz[2]);
    joins(3, CX_PCMA, hz[3]);
    talk();
    for (unsigned n = 0; n < 4; n++)
        for (unsigned other = 0; other < 4; other++)
            if (n == other)
                assert_in_range(level(n, hz[other]), 0, 100);
            else
                assert_in_range(level(n, hz[other]), 5000, 7000);
}

static void g722_members_hear_each_other_in_full_width(void **state)
{
    (void)state;
    joins(0, CX_G722, 5600); /* no telephone of old could carry it */
    joins(1, CX_G722, 600);
    joins(2, CX_PCMU, 900);
    talk();
    assert_in_range(level(1, 5600), 5000, 7000);
    assert_in_range(level(0, 600), 5000, 7000);
    assert_in_range(level(0, 900), 5000, 7000);
    /* a narrow one hears nothing of it, not folded down (8000 - 5600) either */
    assert_in_range(level(2, 5600), 0, 100);
    assert_in_range(level(2, 2400), 0, 100);
    assert_in_range(level(2, 600), 5000, 7000);
    /* and what a narrow one says has no mirror above 4 kHz */
    assert_in_range(level(0, 8000 - 900), 0, 100);
}

static void muted_and_deaf_members(void **state)
{
    (void)state;
    joins(0, CX_PCMU, 400);
    joins(1, CX_G722, 700);
    joins(2, CX_PCMA, 1100);
    cx_mix_mute(people[0].member, true);
    cx_mix_deafen(people[1].member, true);
    talk();
    assert_in_range(level(1, 400), 0, 100);
    assert_in_range(level(2, 400), 0, 100);
    assert_in_range(level(0, 700), 5000, 7000);
    assert_in_range(level(0, 1100), 5000, 7000);
    assert_in_range(level(1, 1100), 0, 100);
    assert_in_range(level(2, 700), 5000, 7000);
    cx_mix_mute(people[0].member, false);
    talk();
    assert_in_range(level(2, 400), 5000, 7000);
}

static void the_loudest_are_mixed(void **state)
{
    (void)state;
    for (unsigned n = 0; n < CX_MIX_SPEAKERS; n++)
        joins(n, CX_PCMU, 400 + 300 * n);
    joins(CX_MIX_SPEAKERS, CX_PCMU, 3100);
    people[CX_MIX_SPEAKERS].level = 600;
    joins(CX_MIX_SPEAKERS + 1, CX_PCMA, 0);
    talk();
    for (unsigned n = 0; n < CX_MIX_SPEAKERS; n++)
        assert_in_range(level(CX_MIX_SPEAKERS + 1, 400 + 300 * n), 4500, 7000);
    assert_in_range(level(CX_MIX_SPEAKERS + 1, 3100), 0, 60);
    /* one stops: there is room for the quiet one */
    leaves(0);
    talk();
    assert_in_range(level(CX_MIX_SPEAKERS + 1, 3100), 400, 700);
    assert_in_range(level(CX_MIX_SPEAKERS + 1, 400), 0, 60);
}

static void too_loud_a_sum_is_turned_down_not_clipped(void **state)
{
    (void)state;
    for (unsigned n = 0; n < 4; n++) {
        joins(n, CX_G722, 400 + 300 * n);
        people[n].level = 14000;
    }
    joins(4, CX_G722, 0);
    talk();
    for (unsigned n = 0; n < 4; n++)
        assert_in_range(level(4, 400 + 300 * n), 5000, 12000);
    /* clipping would make 2 * 1300 - 400 and its kind */
    assert_in_range(level(4, 2200), 0, 300);
    assert_in_range(level(4, 1900), 0, 300);
}

static void two_rooms_are_never_mixed(void **state)
{
    struct cx_mix *first = mix;

    (void)state;
    joins(0, CX_PCMU, 400);
    joins(1, CX_PCMU, 700);
    assert_int_equal(cx_mix_new(&mix), 0);
    joins(2, CX_PCMU, 1100);
    joins(3, CX_PCMU, 1700);
    talk();
    assert_in_range(level(0, 700), 5000, 7000);
    assert_in_range(level(0, 1100) + level(0, 1700), 0, 100);
    assert_in_range(level(2, 1700), 5000, 7000);
    assert_in_range(level(2, 400) + level(2, 700), 0, 100);
    leaves(2);
    leaves(3);
    cx_mix_free(mix);
    mix = first;
}

static void tones_are_heard_by_all(void **state)
{
    static int16_t spoken[24000];

    (void)state;
    joins(0, CX_PCMU, 0);
    joins(1, CX_G722, 700);
    for (int i = 0; i < 3; i++)
        cx_mix_tone(mix, 1000, 1000);
    talk();
    assert_in_range(level(0, 1000), 3000, 4500);
    assert_in_range(level(1, 1000), 3000, 4500);
    assert_in_range(level(1, 700), 0, 60);
    for (int i = 0; i < 100; i++)
        cx_mix_tone(mix, 1000, 10); /* the surplus is left out */
    talk();
    assert_in_range(level(0, 1000), 0, 60);
    audio_add(spoken, 24000, 0, 1300, 8000, 5000);
    cx_mix_sound(mix, spoken, 24000);
    cx_mix_sound(mix, spoken, 0);
    talk();
    assert_in_range(level(0, 1300), 4500, 5500);
    assert_in_range(level(1, 1300), 4500, 5500);
    cx_mix_sound(mix, spoken, 24000); /* freed with the room */
}

static void who_sends_nothing_and_who_changes_the_codec(void **state)
{
    (void)state;
    joins(0, CX_PCMU, 400);
    joins(1, CX_PCMU, 700);
    people[1].sends = false;
    talk();
    assert_in_range(level(1, 400), 5000, 7000);
    assert_in_range((int)audio_rms(people[0].heard, sizeof(people[0].heard) / 2), 0, 10);
    assert_int_equal(cx_mix_set_codec(people[1].member, CX_G722), 0);
    cx_wide_close(&people[1].codec);
    assert_int_equal(cx_wide_open(&people[1].codec, CX_G722), 0);
    people[1].sends = true;
    talk();
    assert_in_range(level(1, 400), 5000, 7000);
    assert_in_range(level(0, 700), 5000, 7000);
    assert_true(cx_mix_speaks(people[0].member));
}

/* ---- packets that come late, twice, in disorder, or not at all */

static struct cx_jitter jitter;

static void put(unsigned n)
{
    uint8_t bytes[CX_FRAME];

    memset(bytes, 1 + n % 200, sizeof(bytes));
    cx_jitter_put(&jitter, n * CX_FRAME - 320000u, bytes, CX_FRAME);
}

/* What number the next frame has; 0: not all of it has come. */
static unsigned get(void)
{
    uint8_t bytes[CX_FRAME], there[CX_JITTER_BLOCKS];

    if (!cx_jitter_get(&jitter, bytes, there, false) || memchr(there, 0, CX_JITTER_BLOCKS))
        return 0;
    for (unsigned i = 1; i < CX_FRAME; i++)
        assert_int_equal(bytes[i], bytes[0]);
    return bytes[0];
}

static void late_packets_do_not_tear(void **state)
{
    unsigned holes = 0, last = 0;

    (void)state;
    memset(&jitter, 0, sizeof(jitter));
    srand(4711);
    /* each comes 0 to 50 ms late, so many in disorder */
    for (unsigned tick = 0; tick < 190; tick++) {
        static unsigned late[200];
        if (tick == 0)
            for (unsigned i = 0; i < 200; i++)
                late[i] = (unsigned)rand() % 3;
        for (unsigned n = tick < 3 ? 0 : tick - 3; n <= tick; n++)
            if (n + late[n] == tick)
                put(n);
        unsigned now = get();
        if (tick > 20) {
            holes += now == 0;
            if (now && last)
                assert_true(now > last); /* never backwards, never twice */
        }
        last = now ? now : last;
    }
    assert_in_range(holes, 0, 1);
}

static void the_delay_grows_and_shrinks(void **state)
{
    unsigned tick = 0, now = 0;

    (void)state;
    memset(&jitter, 0, sizeof(jitter));
    for (; tick < 50; tick++) {
        put(tick);
        now = get();
    }
    assert_int_equal(tick - 1 - (now - 1), 2); /* 40 ms */
    for (; tick < 150; tick++) {               /* all come 100 ms later from now on */
        if (tick >= 55)
            put(tick - 5);
        now = get();
    }
    assert_true(now > 0);
    assert_int_equal(tick - 1 - (now - 1), 5);
    for (unsigned n = 145; n < 150; n++)
        put(n); /* and at once again */
    for (; tick < 1500; tick++) {
        put(tick);
        now = get();
    }
    assert_in_range(tick - 1 - ((now - 1) % 200 + (tick - 1) / 200 * 200), 1, 4);
}

static void jumps_and_nonsense_do_no_harm(void **state)
{
    static uint8_t bytes[3000];
    unsigned good = 0;

    (void)state;
    memset(&jitter, 0, sizeof(jitter));
    for (unsigned i = 0; i < 100000; i++) {
        cx_jitter_put(&jitter, (uint32_t)rand() * 2654435761u, bytes, (unsigned)rand() % 3000);
        get();
    }
    for (unsigned n = 0; n < 50; n++) {
        put(n);
        good += get() > 0;
    }
    assert_true(good > 40);
}

static void loss_is_filled_softly(void **state)
{
    double before, during;

    (void)state;
    joins(0, CX_PCMU, 400);
    joins(1, CX_PCMU, 0);
    for (unsigned tick = 0; tick < TICKS; tick++) {
        people[0].sends = tick != 100 && tick != 101;
        says(&people[0], tick);
        says(&people[1], tick);
        cx_mix_tick_all();
        hears(&people[0], tick);
        hears(&people[1], tick);
    }
    before = audio_rms(people[1].heard + 20 * CX_WIDE_FRAME, CX_WIDE_FRAME);
    during = audio_rms(people[1].heard + (100 + 2 - SKIP) * CX_WIDE_FRAME + 100, CX_WIDE_FRAME);
    assert_true(during > before / 2 && during <= before * 1.05);
    assert_in_range(level(1, 400), 5000, 7000);
}

static void the_resampler_is_flat_and_clean(void **state)
{
    static int16_t narrow[8000], wide[16000], back[8000];

    (void)state;
    for (int hz = 200; hz <= 3400; hz += 400) {
        struct cx_upsampler up = {{0}};
        struct cx_downsampler down = {{0}, {0}};

        memset(narrow, 0, sizeof(narrow));
        audio_add(narrow, 8000, 0, hz, 8000, 10000);
        for (unsigned i = 0; i < 8000; i += 160)
            cx_upsample(&up, wide + 2 * i, narrow + i, 160);
        for (unsigned i = 0; i < 8000; i += 160)
            cx_downsample(&down, back + i, wide + 2 * i, 160);
        assert_in_range((int)audio_level(wide + 4000, 8000, hz, 16000), 9800, 10200);
        assert_in_range((int)audio_level(wide + 4000, 8000, 8000 - hz, 16000), 0,
                        hz < 3400 ? 20 : 500);
        assert_in_range((int)audio_level(back + 4000, 4000, hz, 8000), 9700, 10200);
    }
    for (int hz = 4800; hz < 8000; hz += 400) { /* what 8 kHz cannot carry is gone */
        struct cx_downsampler down = {{0}, {0}};

        memset(wide, 0, sizeof(wide));
        audio_add(wide, 16000, 0, hz, 16000, 10000);
        for (unsigned i = 0; i < 8000; i += 160)
            cx_downsample(&down, back + i, wide + 2 * i, 160);
        assert_in_range((int)audio_rms(back + 4000, 4000), 0, 20);
    }
}

static int setup(void **state)
{
    (void)state;
    cx_codec_init();
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(each_hears_all_others_and_not_themself, begin, end),
        cmocka_unit_test_setup_teardown(g722_members_hear_each_other_in_full_width, begin, end),
        cmocka_unit_test_setup_teardown(muted_and_deaf_members, begin, end),
        cmocka_unit_test_setup_teardown(the_loudest_are_mixed, begin, end),
        cmocka_unit_test_setup_teardown(too_loud_a_sum_is_turned_down_not_clipped, begin, end),
        cmocka_unit_test_setup_teardown(two_rooms_are_never_mixed, begin, end),
        cmocka_unit_test_setup_teardown(tones_are_heard_by_all, begin, end),
        cmocka_unit_test_setup_teardown(who_sends_nothing_and_who_changes_the_codec, begin, end),
        cmocka_unit_test_setup_teardown(loss_is_filled_softly, begin, end),
        cmocka_unit_test(late_packets_do_not_tear),
        cmocka_unit_test(the_delay_grows_and_shrinks),
        cmocka_unit_test(jumps_and_nonsense_do_no_harm),
        cmocka_unit_test(the_resampler_is_flat_and_clean),
    };

    return cmocka_run_group_tests(tests, setup, NULL);
}
