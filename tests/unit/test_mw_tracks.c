/*
 * test_mw_tracks.c - two sides of a call on one line of time, and the descriptions of a
 * subscription.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "media_worker/audio/tracks.h"
#include "media_worker/record_sdp.h"

static struct cx_tracks t;
static int16_t stereo[2 * CX_TRACKS_ROOM];

static void frame(struct cx_track *track, unsigned side, uint64_t now, uint32_t timestamp,
                  int16_t value)
{
    int16_t samples[160];

    for (int i = 0; i < 160; i++)
        samples[i] = value;
    cx_tracks_put(&t, track, side, now, timestamp, samples, 160);
}

static void sides_and_gaps(void **state)
{
    struct cx_track a = {0}, b = {0};

    (void)state;
    cx_tracks_init(&t, 0);
    frame(&a, 0, 1000, 4294967000u, 100); /* its clock wraps at once */
    frame(&a, 0, 1160, 4294967160u, 101);
    frame(&a, 0, 1700, 184, 103); /* one lost in between: 480 after the first */
    frame(&b, 1, 1100, 7, -5);
    frame(&a, 0, 1700, 24, 102); /* the lost one, late */
    assert_int_equal(t.heard, 1640);
    assert_int_equal(cx_tracks_take(&t, 1640, stereo, CX_TRACKS_ROOM), 1640);
    assert_int_equal(stereo[2 * 999], 0);
    for (int i = 0; i < 640; i++)
        assert_int_equal(stereo[2 * (1000 + i)], 100 + i / 160);
    assert_int_equal(stereo[2 * 1099 + 1], 0);
    assert_int_equal(stereo[2 * 1100 + 1], -5);
    assert_int_equal(stereo[2 * 1259 + 1], -5);
    assert_int_equal(stereo[2 * 1260 + 1], 0);
    frame(&a, 0, 1700, 24, 55); /* too late now */
    assert_int_equal(cx_tracks_take(&t, 1800, stereo, 1000), 160);
    for (int i = 0; i < 320; i++)
        assert_int_equal(stereo[i], 0);
}

static void two_of_one_side_are_mixed(void **state)
{
    struct cx_track a = {0}, b = {0};

    (void)state;
    cx_tracks_init(&t, 8000); /* a recording that goes on */
    frame(&a, 1, 8000, 0, 30000);
    frame(&b, 1, 8000, 0, 30000);
    assert_int_equal(cx_tracks_take(&t, 8160, stereo, CX_TRACKS_ROOM), 160);
    assert_int_equal(stereo[1], INT16_MAX);
    assert_int_equal(stereo[0], 0);
}

static void a_clock_that_jumps(void **state)
{
    struct cx_track a = {0};

    (void)state;
    cx_tracks_init(&t, 0);
    frame(&a, 0, 160, 1000, 1);
    frame(&a, 0, 320, 900000, 2); /* held and resumed by another clock: where it is now */
    assert_int_equal(t.heard, 480);
    cx_tracks_take(&t, 480, stereo, CX_TRACKS_ROOM);
    assert_int_equal(stereo[2 * 320], 2);
    frame(&a, 0, 400000, 900160, 3); /* nothing was taken: far ahead, and dropped */
    assert_int_equal(t.heard, 480);
}

static const char offer_text[] =
    "v=0\r\no=- 77 77 IN IP4 127.60.0.1\r\ns=rtpengine\r\nt=0 0\r\n"
    "m=audio 30032 RTP/AVP 0 101\r\nc=IN IP4 127.60.0.1\r\na=label:1\r\n"
    "a=rtpmap:0 PCMU/8000\r\na=rtpmap:101 telephone-event/8000\r\na=fmtp:101 0-15\r\na=sendonly\r\n"
    "m=image 30040 udptl t38\r\na=label:2\r\na=sendonly\r\n"
    "m=audio 30048 RTP/AVP 0\r\na=label:0\r\na=rtpmap:0 PCMU/8000\r\na=sendonly\r\n";

static void descriptions(void **state)
{
    static const unsigned ports[] = {40000, 0, 40002};
    struct cx_record_offer offer;
    char text[2048], many[2048] = "";

    (void)state;
    assert_int_equal(cx_record_offer_read(offer_text, &offer), 0);
    assert_int_equal(offer.count, 3);
    assert_string_equal(offer.legs[0].label, "1");
    assert_string_equal(offer.legs[1].media, "image");
    assert_string_equal(offer.legs[2].rest, "RTP/AVP 0");
    assert_true(cx_record_answer(&offer, "127.0.0.9", ports, text, sizeof(text)) > 0);
    assert_non_null(strstr(text, "m=audio 40000 RTP/AVP 0 101\r\na=label:1\r\na=rtpmap:0 "
                                 "PCMU/8000\r\na=rtpmap:101 telephone-event/8000\r\n"
                                 "a=fmtp:101 0-15\r\na=recvonly\r\nm=image 0 udptl t38\r\n"));
    for (int n = 0; n < 200; n++) /* whatever room there is, never more than that */
        assert_int_equal(cx_record_answer(&offer, "127.0.0.9", ports, text, (size_t)n), -ENOBUFS);
    assert_int_equal(cx_record_offer_read("v=0\r\n", &offer), -EINVAL);
    assert_int_equal(cx_record_offer_read("m=audio\r\n", &offer), -EINVAL);
    assert_int_equal(cx_record_offer_read("m=audio 5\n", &offer), -EINVAL);
    for (int i = 0; i < 7; i++)
        strcat(many, "m=audio 1 RTP/AVP 0\r\n");
    assert_int_equal(cx_record_offer_read(many, &offer), -EINVAL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(sides_and_gaps),
        cmocka_unit_test(two_of_one_side_are_mixed),
        cmocka_unit_test(a_clock_that_jumps),
        cmocka_unit_test(descriptions),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
