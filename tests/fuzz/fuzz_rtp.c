/*
 * fuzz_rtp.c - what comes in at an RTP port: headers, telephone events, RTCP. The input is a row of
 * packets, each after its length (two bytes). SPDX-License-Identifier: GPL-2.0-or-later
 */
#include <stdlib.h>
#include <string.h>

#include "media_worker/rtp/dtmf.h"
#include "media_worker/rtp/packet.h"

#define CHECK(what)                                                                                \
    do {                                                                                           \
        if (!(what))                                                                               \
            abort();                                                                               \
    } while (0)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct cx_rtp_source source = {0};
    struct cx_rtp_sent sent = {.ssrc = 1, .packets = size & 1};
    struct cx_dtmf dtmf = {0};
    uint8_t report[120];
    int64_t now = 0;

    while (size >= 2) {
        size_t len = (size_t)(data[0] << 8 | data[1]);
        uint8_t *packet;
        struct cx_rtp rtp;

        data += 2;
        size -= 2;
        if (len > size)
            len = size;
        packet = malloc(len ? len : 1); /* of its exact size: the sanitizer sees a byte too many */
        CHECK(packet);
        memcpy(packet, data, len);
        now += 20000000;
        if (cx_rtp_parse(packet, len, &rtp) == 0) {
            char key;

            CHECK(rtp.payload >= packet + CX_RTP_HEADER && rtp.payload + rtp.len <= packet + len);
            cx_rtp_count(&source, &rtp, now);
            key = cx_dtmf_feed(&dtmf, rtp.payload, rtp.len, rtp.timestamp);
            CHECK(!key || strchr("0123456789*#ABCD", key));
            /* the same packet again is never a second press */
            CHECK(!cx_dtmf_feed(&dtmf, rtp.payload, rtp.len, rtp.timestamp));
        }
        cx_rtcp_read(packet, len, &source, now);
        CHECK(cx_rtcp_write(report, &sent, &source, now, "centrex") <= sizeof(report));
        free(packet);
        data += len;
        size -= len;
    }
    return 0;
}
