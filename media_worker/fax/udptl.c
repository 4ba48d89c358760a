/*
 * udptl.c - see udptl.h. Lengths are ASN.1 PER's length determinants (X.691 10.9).
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include <errno.h>
#include <string.h>

#include "udptl.h"

/* How far behind the expected number a packet may be before it counts as a new beginning. */
#define FAR_BEHIND 1000

struct reader {
    const uint8_t *at, *end;
};

/* A length up to 16383; longer ones are fragmented, which nobody does. -1: none. */
static int length(struct reader *r)
{
    int n;

    if (r->at == r->end)
        return -1;
    n = *r->at++;
    if (n < 0x80)
        return n;
    if (n >= 0xc0 || r->at == r->end)
        return -1;
    return (n & 0x3f) << 8 | *r->at++;
}

static const uint8_t *open_type(struct reader *r, size_t *len)
{
    const uint8_t *data;
    int n = length(r);

    if (n < 0 || n > r->end - r->at)
        return NULL;
    data = r->at;
    r->at += n;
    *len = (size_t)n;
    return data;
}

int cx_udptl_parse(const uint8_t *data, size_t size, struct cx_udptl_packet *p)
{
    struct reader r = {data, data + size};
    int count;

    memset(p, 0, sizeof(*p));
    if (size < 4)
        return -EINVAL;
    p->seq = (uint16_t)(data[0] << 8 | data[1]);
    r.at += 2;
    p->ifp = open_type(&r, &p->len);
    if (!p->ifp || r.at == r.end)
        return -EINVAL;
    if (*r.at++ & 0x80)
        return 0; /* parity: nothing that we make use of */
    count = length(&r);
    if (count < 0)
        return -EINVAL;
    for (int i = 0; i < count; i++) {
        size_t len;
        const uint8_t *ifp = open_type(&r, &len);

        if (!ifp)
            return -EINVAL;
        if (p->older_count < CX_UDPTL_OLDER) {
            p->older[p->older_count].ifp = ifp;
            p->older[p->older_count++].len = len;
        }
    }
    return 0;
}

static size_t put(uint8_t *out, const uint8_t *ifp, size_t len)
{
    size_t n = 0;

    if (len >= 0x80)
        out[n++] = (uint8_t)(0x80 | len >> 8);
    out[n++] = (uint8_t)len;
    memcpy(out + n, ifp, len);
    return n + len;
}

size_t cx_udptl_build(struct cx_udptl_sender *s, const uint8_t *ifp, size_t len,
                      uint8_t out[CX_UDPTL_ROOM])
{
    size_t limit = s->limit && s->limit < CX_UDPTL_ROOM ? s->limit : CX_UDPTL_ROOM, n = 2, count_at;
    uint8_t copies = 0;

    /* some say 0 or 1 here, and take whole packets all the same */
    if (limit < CX_UDPTL_LEAST)
        limit = CX_UDPTL_ROOM;
    if (len > CX_UDPTL_ROOM - 16)
        return 0;
    out[0] = (uint8_t)(s->seq >> 8);
    out[1] = (uint8_t)s->seq;
    s->seq++;
    n += put(out + n, ifp, len);
    out[n++] = 0; /* redundancy, not parity */
    count_at = n++;
    for (; !s->no_copies && copies < s->count && n + s->past[copies].len + 2 <= limit; copies++)
        n += put(out + n, s->past[copies].data, s->past[copies].len);
    out[count_at] = copies;
    if (len > CX_UDPTL_IFP) {
        s->count = 0; /* copies must follow one another */
        return n;
    }
    memmove(&s->past[1], &s->past[0], sizeof(s->past) - sizeof(s->past[0]));
    memcpy(s->past[0].data, ifp, len);
    s->past[0].len = len;
    if (s->count < CX_UDPTL_COPIES)
        s->count++;
    return n;
}

void cx_udptl_receive(struct cx_udptl_receiver *r, const struct cx_udptl_packet *p,
                      void (*deliver)(void *arg, const uint8_t *ifp, size_t len, uint16_t seq),
                      void *arg)
{
    unsigned usable = p->older_count;
    uint16_t ahead;

    if (!r->began) /* the very first may be lost: its copy counts */
        r->next = p->seq <= usable ? 0 : p->seq;
    r->began = true;
    ahead = (uint16_t)(p->seq - r->next);
    if (ahead >= 0x8000) {
        if ((uint16_t)-ahead < FAR_BEHIND)
            return; /* seen, or made good, or given up */
        ahead = 0;  /* the other side began anew */
    }
    if (ahead > usable) {
        r->lost += ahead - usable;
        ahead = (uint16_t)usable;
    }
    for (unsigned i = ahead; i > 0; i--) {
        r->recovered++;
        deliver(arg, p->older[i - 1].ifp, p->older[i - 1].len, (uint16_t)(p->seq - i));
    }
    r->next = (uint16_t)(p->seq + 1);
    deliver(arg, p->ifp, p->len, p->seq);
}
