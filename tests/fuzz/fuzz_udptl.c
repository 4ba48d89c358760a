/*
 * fuzz_udptl.c - T.38 datagrams: a row of them, each after its length (two bytes). What is read
 * lies within the datagram; packets are delivered in order; what we build is read as it was.
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include <stdlib.h>
#include <string.h>

#include "media_worker/fax/udptl.h"

#define CHECK(what)                                                                                \
    do {                                                                                           \
        if (!(what))                                                                               \
            abort();                                                                               \
    } while (0)

struct seen {
    const uint8_t *start, *end;
    uint16_t last;
    bool any;
};

static void deliver(void *arg, const uint8_t *ifp, size_t len, uint16_t seq)
{
    struct seen *s = arg;

    CHECK(ifp >= s->start && ifp + len <= s->end);
    if (s->any)
        CHECK(seq != s->last);
    s->last = seq;
    s->any = true;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct cx_udptl_receiver receiver = {0};
    struct cx_udptl_sender sender = {.limit = size % 300};
    struct seen seen = {0};

    while (size >= 2) {
        size_t len = (size_t)(data[0] << 8 | data[1]) % 2048;
        uint8_t *datagram, out[CX_UDPTL_ROOM];
        struct cx_udptl_packet packet;

        data += 2;
        size -= 2;
        if (len > size)
            len = size;
        datagram =
            malloc(len ? len : 1); /* of its exact size: the sanitizer sees a byte too many */
        CHECK(datagram);
        memcpy(datagram, data, len);
        if (cx_udptl_parse(datagram, len, &packet) == 0) {
            seen.start = datagram;
            seen.end = datagram + len;
            cx_udptl_receive(&receiver, &packet, deliver, &seen);
        }
        if (len > 0) {
            size_t n = cx_udptl_build(&sender, datagram, len, out);
            CHECK(n > len && n <= sizeof(out));
            CHECK(cx_udptl_parse(out, n, &packet) == 0);
            CHECK(packet.len == len && memcmp(packet.ifp, datagram, len) == 0);
        }
        free(datagram);
        data += len;
        size -= len;
    }
    return 0;
}
