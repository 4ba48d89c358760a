/*
 * test_mw_sdp.c - offers of phones and gateways, what is chosen of them, and our own SDPs.
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <arpa/inet.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "media_worker/sip/sdp.h"

#define HEAD "v=0\r\no=- 1 1 IN IP4 127.0.0.9\r\ns=-\r\nc=IN IP4 127.0.0.9\r\nt=0 0\r\n"

static const struct cx_sdp_local local = {"127.0.0.1", 40000, 77, 3};

static int parse(const char *text, struct cx_sdp *sdp)
{
    return cx_sdp_parse(text, strlen(text), sdp);
}

static int negotiate(const char *text, const struct cx_sdp_stream *now, struct cx_sdp_stream *out)
{
    struct cx_sdp sdp;

    assert_int_equal(parse(text, &sdp), 0);
    return cx_sdp_negotiate(&sdp, now, out);
}

static void takes_the_first_codec_that_both_speak(void **state)
{
    static const struct {
        const char *lines;
        int codec, type, event;
    } offers[] = {
        {"m=audio 4000 RTP/AVP 0 8\r\n", CX_PCMU, 0, -1},
        {"m=audio 4000 RTP/AVP 8 0 101\r\na=rtpmap:101 telephone-event/8000\r\n", CX_PCMA, 8, 101},
        {"m=audio 4000 RTP/AVP 96 9 0\r\na=rtpmap:96 opus/48000/2\r\n", CX_G722, 9, -1},
        {"m=audio 4000 RTP/AVP 97 8\r\na=rtpmap:97 PCMU/8000/1\r\n", CX_PCMU, 97, -1},
        {"m=audio 4000 RTP/AVP 98 0\r\na=rtpmap:98 g722/8000\r\n", CX_G722, 98, -1},
        /* 0 may be mapped to something else */
        {"m=audio 4000 RTP/AVP 0 8\r\na=rtpmap:0 opus/48000/2\r\n", CX_PCMA, 8, -1},
        {"m=video 4002 RTP/AVP 34\r\nm=audio 4000 RTP/AVPF 3 8\r\n", CX_PCMA, 8, -1},
        {"m=audio 4000/2 RTP/AVP 0\r\n", CX_PCMU, 0, -1},
    };
    struct cx_sdp_stream s;
    char text[1000];

    (void)state;
    for (size_t i = 0; i < sizeof(offers) / sizeof(*offers); i++) {
        snprintf(text, sizeof(text), "%s%s", HEAD, offers[i].lines);
        assert_int_equal(negotiate(text, NULL, &s), 0);
        assert_int_equal(s.codec, offers[i].codec);
        assert_int_equal(s.type, offers[i].type);
        assert_int_equal(s.event_type, offers[i].event);
        assert_true(s.send && s.receive);
        assert_int_equal(ntohs(s.remote.sin_port), 4000);
        assert_int_equal(s.remote.sin_addr.s_addr, inet_addr("127.0.0.9"));
    }
}

static void keeps_the_codec_when_it_is_negotiated_again(void **state)
{
    struct cx_sdp_stream now, s;

    (void)state;
    assert_int_equal(negotiate(HEAD "m=audio 4000 RTP/AVP 9 8 0\r\n", NULL, &now), 0);
    assert_int_equal(now.codec, CX_G722);
    assert_int_equal(negotiate(HEAD "m=audio 4000 RTP/AVP 0 8 9\r\n", &now, &s), 0);
    assert_int_equal(s.codec, CX_G722);
    assert_int_equal(negotiate(HEAD "m=audio 4000 RTP/AVP 0 8\r\n", &now, &s), 0);
    assert_int_equal(s.codec, CX_PCMU);
}

static void nothing_in_common(void **state)
{
    static const char *const offers[] = {
        "m=audio 4000 RTP/AVP 18 3\r\n",
        "m=audio 0 RTP/AVP 0\r\n",
        "m=audio 4000 RTP/SAVP 0\r\n",
        "m=image 4000 udptl t38\r\n",
        "c=IN IP6 ::1\r\nm=audio 40 RTP/AVP 0\r\n",
    };
    struct cx_sdp_stream s;
    char text[1000];

    (void)state;
    for (size_t i = 0; i < sizeof(offers) / sizeof(*offers); i++) {
        snprintf(text, sizeof(text), "%s%s", HEAD, offers[i]);
        assert_int_equal(negotiate(text, NULL, &s), -ENOTSUP);
    }
}

static void holds_in_every_way(void **state)
{
    static const struct {
        const char *lines;
        bool send, receive;
        const char *answer;
    } holds[] = {
        {"m=audio 4000 RTP/AVP 0\r\na=sendonly\r\n", false, true, "a=recvonly"},
        {"m=audio 4000 RTP/AVP 0\r\na=recvonly\r\n", true, false, "a=sendonly"},
        {"m=audio 4000 RTP/AVP 0\r\na=inactive\r\n", false, false, "a=inactive"},
        {"a=sendonly\r\nm=audio 4000 RTP/AVP 0\r\n", false, true, "a=recvonly"},
        {"a=sendonly\r\nm=audio 4000 RTP/AVP 0\r\na=sendrecv\r\n", true, true, "a=sendrecv"},
        {"m=audio 4000 RTP/AVP 0\r\nc=IN IP4 0.0.0.0\r\n", false, true, "a=recvonly"},
    };
    struct cx_sdp sdp;
    struct cx_sdp_stream s;
    char text[1000], answer[1000];

    (void)state;
    for (size_t i = 0; i < sizeof(holds) / sizeof(*holds); i++) {
        snprintf(text, sizeof(text), "%s%s", HEAD, holds[i].lines);
        assert_int_equal(parse(text, &sdp), 0);
        assert_int_equal(cx_sdp_negotiate(&sdp, NULL, &s), 0);
        assert_int_equal(s.send, holds[i].send);
        assert_int_equal(s.receive, holds[i].receive);
        assert_true(cx_sdp_answer(&sdp, &s, &local, answer, sizeof(answer)) > 0);
        assert_non_null(strstr(answer, holds[i].answer));
    }
    assert_int_equal(s.remote.sin_port, 0); /* 0.0.0.0: nowhere to send to */
}

static void rtcp_goes_where_it_is_wanted(void **state)
{
    struct cx_sdp_stream s;

    (void)state;
    assert_int_equal(negotiate(HEAD "m=audio 4000 RTP/AVP 0\r\n", NULL, &s), 0);
    assert_int_equal(ntohs(s.remote_rtcp.sin_port), 4001);
    assert_int_equal(
        negotiate(HEAD "m=audio 4000 RTP/AVP 0\r\na=rtcp:5005 IN IP4 127.0.0.8\r\n", NULL, &s), 0);
    assert_int_equal(ntohs(s.remote_rtcp.sin_port), 5005);
    assert_int_equal(s.remote_rtcp.sin_addr.s_addr, inet_addr("127.0.0.8"));
    assert_int_equal(negotiate(HEAD "m=audio 4000 RTP/AVP 0\r\na=rtcp:4000\r\n", NULL, &s), 0);
    assert_int_equal(s.remote_rtcp.sin_addr.s_addr, inet_addr("127.0.0.9"));
    /* no port above 65535 */
    assert_int_equal(negotiate(HEAD "m=audio 65535 RTP/AVP 0\r\n", NULL, &s), 0);
    assert_int_equal(s.remote_rtcp.sin_port, 0);
}

static void the_answer_mirrors_all_lines(void **state)
{
    struct cx_sdp sdp, read;
    struct cx_sdp_stream s;
    char answer[1000];

    (void)state;
    assert_int_equal(parse(HEAD "m=video 5000 RTP/AVP 99\r\nm=audio 4000 RTP/AVP 8 96\r\n"
                                "a=rtpmap:96 telephone-event/8000\r\nm=image 6000 udptl t38\r\n",
                           &sdp),
                     0);
    assert_int_equal(cx_sdp_negotiate(&sdp, NULL, &s), 0);
    assert_true(cx_sdp_answer(&sdp, &s, &local, answer, sizeof(answer)) > 0);
    assert_non_null(strstr(answer, "m=video 0 RTP/AVP 99\r\nm=audio 40000 RTP/AVP 8 96\r\n"));
    assert_non_null(strstr(answer, "m=image 0 udptl t38\r\n"));
    assert_int_equal(parse(answer, &read), 0);
    assert_int_equal(read.line_count, 3);
    assert_int_equal(read.lines[1].port, 40000);
    assert_true(read.lines[1].formats[1].event);
}

static void our_offer_has_all_codecs_or_what_stands(void **state)
{
    struct cx_sdp sdp;
    struct cx_sdp_stream s;
    char text[1000];

    (void)state;
    assert_true(cx_sdp_offer(NULL, &local, text, sizeof(text)) > 0);
    assert_int_equal(parse(text, &sdp), 0);
    assert_int_equal(sdp.lines[0].format_count, 4);
    assert_int_equal(cx_sdp_negotiate(&sdp, NULL, &s), 0);
    assert_int_equal(s.event_type, 101);
    assert_true(cx_sdp_offer(&s, &local, text, sizeof(text)) > 0);
    assert_int_equal(parse(text, &sdp), 0);
    assert_int_equal(sdp.lines[0].format_count, 2);
}

static void refuses_what_is_malformed(void **state)
{
    static const char *const bad[] = {
        "",
        "v=0\r\n",
        "v=1\r\no=-\r\nm=audio 1 RTP/AVP 0\r\n",
        HEAD,
        HEAD "m=audio\r\n",
        HEAD "m=audio x RTP/AVP 0\r\n",
        HEAD "m=audio 65536 RTP/AVP 0\r\n",
        HEAD "m=audio 99999999999999999999 RTP/AVP 0\r\n",
        HEAD "m=audio 4000 RTP/AVP\r\n",
        HEAD "m=audio 4000/ RTP/AVP 0\r\n",
        HEAD "m=averyveryverylongkind 4000 RTP/AVP 0\r\n",
        HEAD "m=audio 4000 RTP/AVP 0\r\nc=IN IP4 host.example\r\n",
        HEAD "m=audio 4000 RTP/AVP 0\r\nc=IN\r\n",
        HEAD "m=audio 4000 RTP/AVP 0\r\n=x\r\n",
        HEAD "m=audio 4000 RTP/AVP 0\r\nnonsense\r\n",
        HEAD "m=a 1 x 0\nm=a 1 x 0\nm=a 1 x 0\nm=a 1 x 0\nm=a 1 x 0\nm=a 1 x 0\nm=a 1 x 0\nm=a 1 "
             "x 0\nm=a 1 x 0\n",
        "o=-\r\nm=audio 1 RTP/AVP 0\r\n",
    };
    static char long_line[3000] = HEAD "m=audio 4000 RTP/AVP 0\r\na=";
    struct cx_sdp sdp;

    (void)state;
    for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++)
        if (parse(bad[i], &sdp) != -EINVAL)
            fail_msg("accepted: %s", bad[i]);
    memset(long_line + strlen(long_line), 'x', 2000);
    assert_int_equal(parse(long_line, &sdp), -EINVAL);
    assert_int_equal(cx_sdp_parse(HEAD "m=audio 1 RTP/AVP 0\r\n\0", sizeof(HEAD) + 22, &sdp),
                     -EINVAL);
    /* but bare newlines, an unfinished last line and a hundred formats are fine */
    assert_int_equal(parse("v=0\no=-\nc=IN IP4 127.0.0.1\nm=audio 4000 RTP/AVP 0", &sdp), 0);
    strcpy(long_line, HEAD "m=audio 4000 RTP/AVP");
    for (int i = 0; i < 100; i++)
        sprintf(long_line + strlen(long_line), " %d", i);
    assert_int_equal(parse(long_line, &sdp), 0);
    assert_int_equal(sdp.lines[0].format_count, CX_SDP_FORMATS);
}

static void says_when_there_is_no_room(void **state)
{
    struct cx_sdp sdp;
    struct cx_sdp_stream s;
    char text[1000], whole[1000];
    int len;

    (void)state;
    assert_int_equal(parse(HEAD "m=audio 4000 RTP/AVP 8\r\n", &sdp), 0);
    assert_int_equal(cx_sdp_negotiate(&sdp, NULL, &s), 0);
    len = cx_sdp_answer(&sdp, &s, &local, whole, sizeof(whole));
    for (size_t size = 1; size <= (size_t)len; size++) {
        memset(text, 0x55, sizeof(text));
        assert_int_equal(cx_sdp_answer(&sdp, &s, &local, text, size), -ENOBUFS);
        assert_int_equal(text[size], 0x55);
    }
    assert_int_equal(cx_sdp_answer(&sdp, &s, &local, text, (size_t)len + 1), len);
    assert_int_equal(cx_sdp_offer(NULL, &local, text, 40), -ENOBUFS);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(takes_the_first_codec_that_both_speak),
        cmocka_unit_test(keeps_the_codec_when_it_is_negotiated_again),
        cmocka_unit_test(nothing_in_common),
        cmocka_unit_test(holds_in_every_way),
        cmocka_unit_test(rtcp_goes_where_it_is_wanted),
        cmocka_unit_test(the_answer_mirrors_all_lines),
        cmocka_unit_test(our_offer_has_all_codecs_or_what_stands),
        cmocka_unit_test(refuses_what_is_malformed),
        cmocka_unit_test(says_when_there_is_no_room),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
