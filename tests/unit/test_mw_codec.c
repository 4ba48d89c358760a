/*
 * test_mw_codec.c - what goes through a codec comes out as it was, by frequency.
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <string.h>

#include "media_worker/audio/codec.h"
#include "media_worker/audio/tone.h"
#include "mw_audio.h"

#define SECOND (50 * CX_FRAME)

static void every_codec_carries_a_tone(void **state)
{
    static int16_t in[SECOND], out[SECOND];
    static uint8_t bytes[SECOND];

    (void)state;
    for (int codec = 0; codec < CX_CODECS; codec++)
        for (int hz = 400; hz <= 3000; hz += 650) {
            struct cx_codec_state s;

            memset(in, 0, sizeof(in));
            audio_add(in, SECOND, 0, hz, CX_RATE, 8000);
            assert_int_equal(cx_codec_open(&s, (enum cx_codec)codec), 0);
            for (unsigned i = 0; i < 50; i++) {
                cx_codec_encode(&s, bytes + i * CX_FRAME, in + i * CX_FRAME, CX_FRAME);
                cx_codec_decode(&s, out + i * CX_FRAME, bytes + i * CX_FRAME, CX_FRAME);
            }
            cx_codec_close(&s);
            assert_in_range((int)audio_level(out + 800, 4000, hz, CX_RATE), 7000, 9000);
            /* and little else: noise is 25 dB below */
            audio_add(out, SECOND, 0, hz == 400 ? 2000 : 400, CX_RATE, 0);
            assert_true(audio_level(out + 800, 4000, hz == 400 ? 2000 : 400, CX_RATE) < 200);
        }
}

static void g711_is_exact_where_it_can_be(void **state)
{
    struct cx_codec_state s;

    (void)state;
    for (int codec = CX_PCMU; codec <= CX_PCMA; codec++) {
        assert_int_equal(cx_codec_open(&s, (enum cx_codec)codec), 0);
        for (int i = 0; i < 256; i++) {
            uint8_t byte = (uint8_t)i, again;
            int16_t sample;

            cx_codec_decode(&s, &sample, &byte, 1);
            cx_codec_encode(&s, &again, &sample, 1);
            /* mu-law has two zeros */
            assert_true(again == byte || (codec == CX_PCMU && sample == 0));
        }
        cx_codec_close(&s);
    }
}

static void silence_is_silent(void **state)
{
    (void)state;
    for (int codec = 0; codec < CX_CODECS; codec++) {
        struct cx_codec_state s;
        int16_t out[CX_FRAME];

        assert_int_equal(cx_codec_open(&s, (enum cx_codec)codec), 0);
        for (int i = 0; i < 20; i++)
            cx_codec_decode(&s, out, cx_codec_silence((enum cx_codec)codec), CX_FRAME);
        assert_true(audio_rms(out, CX_FRAME) < 20);
        assert_false(cx_audio_is_loud(out, CX_FRAME));
        cx_codec_close(&s);
    }
}

static void loud_is_more_than_noise(void **state)
{
    int16_t samples[CX_FRAME] = {0};

    (void)state;
    audio_add(samples, CX_FRAME, 0, 440, CX_RATE, 100);
    assert_false(cx_audio_is_loud(samples, CX_FRAME));
    audio_add(samples, CX_FRAME, 0, 440, CX_RATE, 1000);
    assert_true(cx_audio_is_loud(samples, CX_FRAME));
    assert_false(cx_audio_is_loud(samples, 0));
}

static void tones_are_of_their_frequency_and_do_not_click(void **state)
{
    static int16_t samples[4000];

    (void)state;
    cx_tone(samples, 4000, 440);
    assert_in_range((int)audio_level(samples, 4000, 440, CX_RATE), 7500, 8100);
    assert_in_range(samples[0] + 50, 0, 100);
    assert_in_range(samples[3999] + 400, 0, 800);
    cx_tone(samples, 0, 440);
    cx_tone(samples, 1, 440);
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
        cmocka_unit_test(every_codec_carries_a_tone),
        cmocka_unit_test(g711_is_exact_where_it_can_be),
        cmocka_unit_test(silence_is_silent),
        cmocka_unit_test(loud_is_more_than_noise),
        cmocka_unit_test(tones_are_of_their_frequency_and_do_not_click),
    };

    return cmocka_run_group_tests(tests, setup, NULL);
}
