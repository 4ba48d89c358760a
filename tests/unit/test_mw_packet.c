/*
 * test_mw_packet.c - RTP and RTCP packets, what a receiver counts, and keys from telephone events.
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "media_worker/rtp/dtmf.h"
#include "media_worker/rtp/packet.h"

static void a_header_is_read_as_it_was_written(void **state)
{
    struct cx_rtp in = {
        .type = 101, .marker = true, .seq = 65530, .timestamp = 0xdeadbeef, .ssrc = 7};
    struct cx_rtp out;
    uint8_t data[CX_RTP_HEADER + 3] = {0};

    (void)state;
    cx_rtp_write_header(data, &in);
    memcpy(data + CX_RTP_HEADER, "abc", 3);
    assert_int_equal(cx_rtp_parse(data, sizeof(data), &out), 0);
    assert_int_equal(out.type, 101);
    assert_true(out.marker);
    assert_int_equal(out.seq, 65530);
    assert_int_equal(out.timestamp, 0xdeadbeef);
    assert_int_equal(out.ssrc, 7);
    assert_int_equal(out.len, 3);
    assert_memory_equal(out.payload, "abc", 3);
}

static void sources_extensions_and_padding_are_skipped(void **state)
{
    uint8_t data[64] = {0x80 | 0x20 | 0x10 | 2, 0};
    struct cx_rtp rtp;

    (void)state;
    /* 12 + 2 sources + extension of one word + 4 of sound + 3 of padding */
    data[12 + 8 + 3] = 1;
    memcpy(data + 12 + 8 + 8, "soun", 4);
    data[12 + 8 + 8 + 4 + 2] = 3;
    assert_int_equal(cx_rtp_parse(data, 12 + 8 + 8 + 4 + 3, &rtp), 0);
    assert_int_equal(rtp.len, 4);
    assert_memory_equal(rtp.payload, "soun", 4);
}

static void what_is_no_rtp_is_refused(void **state)
{
    uint8_t data[64] = {0x80};
    struct cx_rtp rtp;

    (void)state;
    for (size_t len = 0; len < CX_RTP_HEADER; len++)
        assert_int_equal(cx_rtp_parse(data, len, &rtp), -EINVAL);
    assert_int_equal(cx_rtp_parse(data, CX_RTP_HEADER, &rtp), 0);
    data[0] = 0x40; /* version 1 */
    assert_int_equal(cx_rtp_parse(data, 40, &rtp), -EINVAL);
    data[0] = 0x8f; /* 15 sources that are not there */
    assert_int_equal(cx_rtp_parse(data, 40, &rtp), -EINVAL);
    data[0] = 0x90; /* an extension longer than the packet */
    data[15] = 200;
    assert_int_equal(cx_rtp_parse(data, 40, &rtp), -EINVAL);
    assert_int_equal(cx_rtp_parse(data, 14, &rtp), -EINVAL);
    data[0] = 0xa0; /* more padding than payload */
    data[39] = 29;
    assert_int_equal(cx_rtp_parse(data, 40, &rtp), -EINVAL);
}

static void count(struct cx_rtp_source *s, unsigned seq, int64_t at_ms)
{
    struct cx_rtp rtp = {.seq = (uint16_t)seq, .timestamp = seq * 160, .ssrc = 5};

    cx_rtp_count(s, &rtp, at_ms * 1000000);
}

static void losses_are_counted_over_the_wrap(void **state)
{
    struct cx_rtp_source s = {0};

    (void)state;
    for (unsigned seq = 65500; seq < 65600; seq++)
        if (seq != 65510 && seq != 65550)
            count(&s, seq, seq * 20);
    assert_int_equal(s.received, 98);
    assert_int_equal(cx_rtp_lost(&s), 2);
    count(&s, 65550, 65600 * 20); /* late, but there */
    assert_int_equal(cx_rtp_lost(&s), 1);
    assert_true(s.cycles == 65536);
}

static void another_source_counts_anew(void **state)
{
    struct cx_rtp_source s = {0};
    struct cx_rtp other = {.seq = 9, .ssrc = 6};

    (void)state;
    count(&s, 1, 20);
    count(&s, 3, 60);
    assert_true(cx_rtp_count(&s, &other, 0));
    assert_int_equal(cx_rtp_lost(&s), 1); /* the loss before is not forgotten */
    assert_int_equal(s.received, 1);
}

static void jitter_is_what_it_is(void **state)
{
    struct cx_rtp_source even = {0}, uneven = {0};

    (void)state;
    for (unsigned i = 1; i < 500; i++) {
        count(&even, i, i * 20);
        count(&uneven, i, i * 20 + (i % 2 ? 10 : 0));
    }
    assert_int_equal(even.jitter >> 4, 0);
    assert_in_range(uneven.jitter >> 4, 70, 81); /* 10 ms are 80 units */
}

static void reports_say_it(void **state)
{
    struct cx_rtp_source s = {0}, peer = {.known = true, .ssrc = 99};
    struct cx_rtp_sent sent = {.ssrc = 99, .packets = 10, .octets = 1600, .timestamp = 4711};
    uint8_t data[120];
    size_t len;

    (void)state;
    for (unsigned seq = 1; seq <= 100; seq++)
        if (seq % 4)
            count(&s, seq, seq * 20);
    len = cx_rtcp_write(data, &sent, &s, 1000000000000, "centrex");
    assert_in_range(len, 60, sizeof(data));
    assert_int_equal(len % 4, 0);
    assert_int_equal(data[1], 200);
    assert_int_equal(data[32], 24 * 256 / 99); /* fraction lost: 24 of the 99 up to the newest */
    assert_int_equal(data[35], 24);
    cx_rtcp_read(data, len, &peer, 5); /* the other side notes when it was sent */
    assert_int_equal(peer.last_sr_ns, 5);
    assert_int_not_equal(peer.last_sr, 0);
    sent.packets = 0;
    len = cx_rtcp_write(data, &sent, &s, 1000000000000,
                        "a name that is longer than 32 characters are");
    assert_int_equal(data[1], 201);
    assert_in_range(len, 32, 120);
    for (size_t n = 0; n < len; n++)
        cx_rtcp_read(data, n, &peer, 6); /* cut anywhere: left alone */
}

static char key(struct cx_dtmf *d, unsigned event, bool end, uint32_t stamp)
{
    uint8_t payload[4] = {(uint8_t)event, (uint8_t)((end ? 0x80 : 0) | 10), 0, 160};

    return cx_dtmf_feed(d, payload, 4, stamp);
}

static void one_press_is_one_key(void **state)
{
    struct cx_dtmf d = {0};
    char got[10] = "";
    unsigned n = 0;

    (void)state;
    for (unsigned press = 0; press < 4; press++)
        for (unsigned packet = 0; packet < 8; packet++) {
            char c = key(&d, press / 2 * 5, packet > 4, 1000 + press * 2000);
            if (c)
                got[n++] = c;
        }
    assert_string_equal(got, "0055");
}

static void lost_and_late_packets_make_no_key(void **state)
{
    struct cx_dtmf d = {0};

    (void)state;
    assert_int_equal(key(&d, 11, true, 8000), '#'); /* only the end arrived */
    assert_int_equal(key(&d, 11, true, 8000), 0);
    assert_int_equal(key(&d, 10, false, 12000), '*');
    assert_int_equal(key(&d, 11, true, 8000), 0);   /* overtaken */
    assert_int_equal(key(&d, 10, false, 12160), 0); /* a sender that counts on */
    for (unsigned i = 0; i < 3; i++)
        assert_int_equal(key(&d, 10, true, 12320), 0); /* and tells its end three times */
    assert_int_equal(key(&d, 10, true, 12480), 0);
    assert_int_equal(key(&d, 10, false, 14000), '*');
    assert_int_equal(key(&d, 12, false, 0x80000000u + 14000), 'A'); /* a new clock */
}

static void other_events_are_left_alone(void **state)
{
    struct cx_dtmf d = {0};
    uint8_t payload[4] = {1, 0, 0, 0};

    (void)state;
    assert_int_equal(key(&d, 16, false, 1), 0);
    assert_int_equal(key(&d, 255, false, 2), 0);
    for (size_t len = 0; len < 4; len++)
        assert_int_equal(cx_dtmf_feed(&d, payload, len, 3), 0);
    assert_int_equal(cx_dtmf_feed(&d, payload, 4, 3), '1');
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_header_is_read_as_it_was_written),
        cmocka_unit_test(sources_extensions_and_padding_are_skipped),
        cmocka_unit_test(what_is_no_rtp_is_refused),
        cmocka_unit_test(losses_are_counted_over_the_wrap),
        cmocka_unit_test(another_source_counts_anew),
        cmocka_unit_test(jitter_is_what_it_is),
        cmocka_unit_test(reports_say_it),
        cmocka_unit_test(one_press_is_one_key),
        cmocka_unit_test(lost_and_late_packets_make_no_key),
        cmocka_unit_test(other_events_are_left_alone),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
