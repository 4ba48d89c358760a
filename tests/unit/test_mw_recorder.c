/*
 * test_mw_recorder.c - what arrives becomes one line of time: loss, late packets, jumps, the end.
 * The spool is an array here. SPDX-License-Identifier: GPL-2.0-or-later
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <errno.h>
#include <string.h>

#include "media_worker/audio/recorder.h"
#include "mw_audio.h"

static int16_t spool[60 * CX_RATE];
static size_t spooled, kept;
static bool dropped, finished, disk_full;
static char an_entry;
static struct cx_recorder recorder;

int cx_spool_write(struct cx_spool_entry *e, const int16_t *samples, size_t count)
{
    assert_ptr_equal(e, &an_entry);
    if (disk_full)
        return -ENOSPC;
    assert_true(spooled + count <= sizeof(spool) / sizeof(*spool));
    memcpy(spool + spooled, samples, count * sizeof(*samples));
    spooled += count;
    return 0;
}

int cx_spool_finish(struct cx_spool_entry *e, size_t samples)
{
    assert_ptr_equal(e, &an_entry);
    finished = true;
    kept = samples;
    return 0;
}

void cx_spool_drop(struct cx_spool_entry *e)
{
    assert_ptr_equal(e, &an_entry);
    dropped = true;
}

static void begin(unsigned max_ms, unsigned silence_ms)
{
    spooled = kept = 0;
    dropped = finished = disk_full = false;
    cx_recorder_start(&recorder, (struct cx_spool_entry *)&an_entry, max_ms, silence_ms);
}

/* Frame n of a steady tone, or of silence. */
static void put(unsigned n, double hz, uint32_t stamp_base)
{
    int16_t samples[CX_FRAME] = {0};

    if (hz > 0)
        audio_add(samples, CX_FRAME, n * CX_FRAME, hz, CX_RATE, 8000);
    cx_recorder_put(&recorder, (uint16_t)(65530 + n), stamp_base + n * CX_FRAME, samples, CX_FRAME);
}

static void a_tone_is_kept_whole(void **state)
{
    (void)state;
    begin(60000, 4000);
    for (unsigned n = 0; n < 100; n++) {
        put(n, 500, 0xfffff000u); /* the timestamps wrap on the way */
        assert_int_equal(cx_recorder_tick(&recorder), CX_RECORD_GOES_ON);
    }
    assert_int_equal(cx_recorder_stop(&recorder), 2000);
    assert_true(finished && !dropped);
    assert_int_equal(kept, 16000);
    assert_in_range((int)audio_level(spool, 16000, 500, CX_RATE), 7900, 8100);
}

static void a_late_packet_finds_its_place(void **state)
{
    (void)state;
    begin(60000, 4000);
    for (unsigned n = 0; n < 100; n++) {
        if (n % 10 != 5)
            put(n, 500, 0);
        if (n % 10 == 7)
            put(n - 2, 500, 0); /* 40 ms late */
        cx_recorder_tick(&recorder);
    }
    assert_int_equal(cx_recorder_stop(&recorder), 2000);
    assert_in_range((int)audio_level(spool, 16000, 500, CX_RATE), 7900, 8100);
}

static void a_lost_packet_is_silence_of_its_length(void **state)
{
    (void)state;
    begin(60000, 4000);
    for (unsigned n = 0; n < 100; n++) {
        if (n < 40 || n >= 45)
            put(n, 500, 0);
        cx_recorder_tick(&recorder);
    }
    assert_int_equal(cx_recorder_stop(&recorder), 2000);
    assert_true(audio_rms(spool + 40 * CX_FRAME, 5 * CX_FRAME) < 1);
    assert_in_range((int)audio_level(spool + 45 * CX_FRAME, 8000, 500, CX_RATE), 7900, 8100);
}

static void a_jump_of_the_senders_clock_goes_on_at_the_end(void **state)
{
    (void)state;
    begin(60000, 4000);
    for (unsigned n = 0; n < 50; n++) {
        put(n, 500, 1000);
        cx_recorder_tick(&recorder);
    }
    for (unsigned n = 50; n < 100; n++) {
        put(n, 500, 90000000);
        cx_recorder_tick(&recorder);
    }
    assert_in_range(cx_recorder_stop(&recorder), 1990, 2010);
    begin(60000, 4000);
    for (unsigned n = 0; n < 50; n++) {
        if (n == 25)
            cx_recorder_resync(&recorder);
        put(n, 500, n < 25 ? 1000 : 4000000000u);
        cx_recorder_tick(&recorder);
    }
    assert_in_range(cx_recorder_stop(&recorder), 990, 1010);
}

static void silence_ends_it_and_is_cut(void **state)
{
    unsigned n = 0;

    (void)state;
    begin(60000, 2000);
    for (; n < 100; n++) {
        put(n, 500, 0);
        cx_recorder_tick(&recorder);
    }
    do {
        put(n++, 0, 0);
    } while (cx_recorder_tick(&recorder) == CX_RECORD_GOES_ON && n < 1000);
    assert_in_range(n, 195, 205);
    assert_in_range(cx_recorder_stop(&recorder), 2200, 2400); /* 300 ms of it stay */
}

static void no_packets_at_all_are_silence_too(void **state)
{
    enum cx_record_end end = CX_RECORD_GOES_ON;
    unsigned n;

    (void)state;
    begin(60000, 3000);
    for (n = 0; n < 100; n++) {
        put(n, 500, 0);
        cx_recorder_tick(&recorder);
    }
    for (; end == CX_RECORD_GOES_ON && n < 1000; n++)
        end = cx_recorder_tick(&recorder);
    assert_int_equal(end, CX_RECORD_SILENCE);
    assert_in_range(n, 245, 270);
    cx_recorder_stop(&recorder);
}

static void the_maximum_ends_it(void **state)
{
    enum cx_record_end end = CX_RECORD_GOES_ON;
    unsigned n;

    (void)state;
    begin(1000, 4000);
    for (n = 0; end == CX_RECORD_GOES_ON && n < 1000; n++) {
        put(n, 500, 0);
        end = cx_recorder_tick(&recorder);
    }
    assert_int_equal(end, CX_RECORD_MAXIMUM);
    assert_int_equal(n, 50);
    assert_int_equal(cx_recorder_stop(&recorder), 1000);
}

static void too_short_or_silent_is_dropped(void **state)
{
    (void)state;
    begin(60000, 4000);
    for (unsigned n = 0; n < 20; n++)
        put(n, 500, 0);
    assert_int_equal(cx_recorder_stop(&recorder), 0);
    assert_true(dropped && !finished);
    begin(60000, 4000);
    for (unsigned n = 0; n < 100; n++)
        put(n, 0, 0);
    assert_int_equal(cx_recorder_stop(&recorder), 0);
    assert_true(dropped && !finished);
    assert_int_equal(cx_recorder_stop(&recorder), 0); /* off: nothing happens */
}

static void a_full_disk_is_told(void **state)
{
    enum cx_record_end end = CX_RECORD_GOES_ON;

    (void)state;
    begin(60000, 4000);
    disk_full = true;
    for (unsigned n = 0; end == CX_RECORD_GOES_ON && n < 100; n++) {
        put(n, 500, 0);
        end = cx_recorder_tick(&recorder);
    }
    assert_int_equal(end, CX_RECORD_DISK);
    cx_recorder_stop(&recorder);
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
        cmocka_unit_test(a_tone_is_kept_whole),
        cmocka_unit_test(a_late_packet_finds_its_place),
        cmocka_unit_test(a_lost_packet_is_silence_of_its_length),
        cmocka_unit_test(a_jump_of_the_senders_clock_goes_on_at_the_end),
        cmocka_unit_test(silence_ends_it_and_is_cut),
        cmocka_unit_test(no_packets_at_all_are_silence_too),
        cmocka_unit_test(the_maximum_ends_it),
        cmocka_unit_test(too_short_or_silent_is_dropped),
        cmocka_unit_test(a_full_disk_is_told),
    };

    return cmocka_run_group_tests(tests, setup, NULL);
}
