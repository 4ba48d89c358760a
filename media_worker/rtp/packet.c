/*
 * packet.c - see packet.h. SPDX-License-Identifier: GPL-2.0-or-later
 */
#include <errno.h>
#include <string.h>

#include "packet.h"

#define NTP_EPOCH    2208988800u
#define SR           200
#define RR           201
#define SDES         202
#define DISORDER_MAX 100

static uint16_t get16(const uint8_t *p)
{
    return (uint16_t)(p[0] << 8 | p[1]);
}

static uint32_t get32(const uint8_t *p)
{
    return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3];
}

static uint8_t *put16(uint8_t *p, uint32_t v)
{
    p[0] = (uint8_t)(v >> 8);
    p[1] = (uint8_t)v;
    return p + 2;
}

static uint8_t *put32(uint8_t *p, uint32_t v)
{
    return put16(put16(p, v >> 16), v & 0xffff);
}

int cx_rtp_parse(const uint8_t *data, size_t len, struct cx_rtp *rtp)
{
    size_t header, padding = 0;

    if (len < CX_RTP_HEADER || data[0] >> 6 != 2)
        return -EINVAL;
    header = CX_RTP_HEADER + 4u * (data[0] & 15);
    if (data[0] & 0x10) { /* extension */
        if (len < header + 4)
            return -EINVAL;
        header += 4 + 4u * get16(data + header + 2);
    }
    if (data[0] & 0x20)
        padding = data[len - 1];
    if (len < header || len - header < padding)
        return -EINVAL;
    rtp->marker = data[1] & 0x80;
    rtp->type = data[1] & 0x7f;
    rtp->seq = get16(data + 2);
    rtp->timestamp = get32(data + 4);
    rtp->ssrc = get32(data + 8);
    rtp->payload = data + header;
    rtp->len = len - header - padding;
    return 0;
}

void cx_rtp_write_header(uint8_t h[CX_RTP_HEADER], const struct cx_rtp *rtp)
{
    h[0] = 0x80;
    h[1] = (uint8_t)((rtp->marker ? 0x80 : 0) | rtp->type);
    put32(put32(put16(h + 2, rtp->seq), rtp->timestamp), rtp->ssrc);
}

bool cx_rtp_count(struct cx_rtp_source *s, const struct cx_rtp *rtp, int64_t arrival_ns)
{
    bool is_new = !s->known || s->ssrc != rtp->ssrc;
    int16_t step = (int16_t)(rtp->seq - s->newest);
    int64_t transit, change;

    if (is_new || step > 3000 || step < -DISORDER_MAX) {
        /* RFC 3550 A.1: a restart counts anew; its loss so far is kept */
        uint32_t lost = s->known ? cx_rtp_lost(s) : 0;
        memset(s, 0, sizeof(*s));
        s->known = true;
        s->ssrc = rtp->ssrc;
        s->first = s->newest = rtp->seq;
        s->lost_before = lost;
    } else if (step > 0) {
        if (rtp->seq < s->newest)
            s->cycles += 65536;
        s->newest = rtp->seq;
    }
    s->received++;
    transit = arrival_ns / 125000 - rtp->timestamp; /* 8 kHz units */
    if (s->has_transit) {
        change = (int32_t)(uint32_t)(transit - s->transit);
        if (change < 0)
            change = -change;
        /* RFC 3550 A.8; a step of the sender's clock is no jitter */
        if (change < 80000)
            s->jitter += (uint32_t)change - ((s->jitter + 8) >> 4);
    }
    s->transit = transit;
    s->has_transit = true;
    return is_new;
}

static uint32_t expected(const struct cx_rtp_source *s)
{
    return s->cycles + s->newest - s->first + 1;
}

uint32_t cx_rtp_lost(const struct cx_rtp_source *s)
{
    uint32_t wanted = s->known ? expected(s) : 0;

    return s->lost_before + (wanted > s->received ? wanted - s->received : 0);
}

static uint8_t *write_report(uint8_t *p, struct cx_rtp_source *s, int64_t now_ns)
{
    uint32_t wanted = expected(s), interval = wanted - s->expected_before;
    uint32_t got = s->received - s->received_before, fraction = 0, lost = cx_rtp_lost(s);
    uint32_t delay = s->last_sr ? (uint32_t)((now_ns - s->last_sr_ns) * 65536 / 1000000000) : 0;

    if (interval && interval > got)
        fraction = ((interval - got) << 8) / interval;
    s->expected_before = wanted;
    s->received_before = s->received;
    p = put32(p, s->ssrc);
    p = put32(p, (fraction > 255 ? 255 : fraction) << 24 | (lost > 0x7fffff ? 0x7fffff : lost));
    p = put32(p, s->cycles + s->newest);
    p = put32(p, s->jitter >> 4);
    p = put32(p, s->last_sr);
    return put32(p, delay);
}

size_t cx_rtcp_write(uint8_t *data, const struct cx_rtp_sent *sent, struct cx_rtp_source *source,
                     int64_t now_ns, const char *cname)
{
    bool sender = sent->packets > 0, report = source->known;
    uint8_t *p = data, *sdes;
    size_t name = strlen(cname), words;

    if (name > 32)
        name = 32;
    *p++ = (uint8_t)(0x80 | (report ? 1 : 0));
    *p++ = sender ? SR : RR;
    p = put16(p, 1 + (sender ? 5u : 0) + (report ? 6u : 0));
    p = put32(p, sent->ssrc);
    if (sender) {
        p = put32(p, (uint32_t)(now_ns / 1000000000) + NTP_EPOCH);
        p = put32(p, (uint32_t)(((uint64_t)(now_ns % 1000000000) << 32) / 1000000000));
        p = put32(p, sent->timestamp);
        p = put32(p, sent->packets);
        p = put32(p, sent->octets);
    }
    if (report)
        p = write_report(p, source, now_ns);
    sdes = p;
    words = 1 + (2 + name + 1 + 3) / 4;
    memset(sdes, 0, 4 + words * 4);
    sdes[0] = 0x81;
    sdes[1] = SDES;
    p = put32(put16(sdes + 2, (uint32_t)words), sent->ssrc);
    p[0] = 1; /* CNAME */
    p[1] = (uint8_t)name;
    memcpy(p + 2, cname, name);
    return (size_t)(sdes - data) + 4 + words * 4;
}

void cx_rtcp_read(const uint8_t *data, size_t len, struct cx_rtp_source *s, int64_t now_ns)
{
    while (len >= 8 && data[0] >> 6 == 2) {
        size_t size = 4u * (get16(data + 2) + 1u);

        if (size > len)
            return;
        if (data[1] == SR && size >= 28 && s->known && get32(data + 4) == s->ssrc) {
            s->last_sr = get32(data + 10);
            s->last_sr_ns = now_ns;
        }
        data += size;
        len -= size;
    }
}
