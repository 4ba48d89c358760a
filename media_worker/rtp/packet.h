/*
 * packet.h - RTP and RTCP packets (RFC 3550): reading, writing, what a receiver counts. Pure.
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef CX_RTP_PACKET_H
#define CX_RTP_PACKET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define CX_RTP_HEADER 12

struct cx_rtp {
    uint8_t type;
    bool marker;
    uint16_t seq;
    uint32_t timestamp, ssrc;
    const uint8_t *payload; /* into the packet */
    size_t len;
};

/* 0, or -EINVAL: not RTP. */
int cx_rtp_parse(const uint8_t *data, size_t len, struct cx_rtp *rtp);
void cx_rtp_write_header(uint8_t header[CX_RTP_HEADER], const struct cx_rtp *rtp);

/* What is counted about one source that we receive. */
struct cx_rtp_source {
    bool known;
    uint32_t ssrc;
    uint16_t first, newest;
    uint32_t cycles; /* of the sequence number, times 65536 */
    uint32_t received, lost_before, expected_before, received_before;
    int64_t transit;
    uint32_t jitter; /* times 16 [timestamp units] */
    bool has_transit;
    uint32_t last_sr; /* middle of the sender report's NTP time; 0: none */
    int64_t last_sr_ns;
};

/* Returns true when the source is a new one. arrival_ns: the kernel's time of arrival. */
bool cx_rtp_count(struct cx_rtp_source *source, const struct cx_rtp *rtp, int64_t arrival_ns);

struct cx_rtp_sent {
    uint32_t ssrc, packets, octets, timestamp;
};
/* Sender (when packets were sent) or receiver report with SDES. Returns its length, at most 120. */
size_t cx_rtcp_write(uint8_t *data, const struct cx_rtp_sent *sent, struct cx_rtp_source *source,
                     int64_t now_ns, const char *cname);
/* Notes the sender report in a packet that arrived. Malformed ones are left alone. */
void cx_rtcp_read(const uint8_t *data, size_t len, struct cx_rtp_source *source, int64_t now_ns);
/* Packets that never came. */
uint32_t cx_rtp_lost(const struct cx_rtp_source *source);

#endif
