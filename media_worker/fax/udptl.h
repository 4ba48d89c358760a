/*
 * udptl.h - T.38's datagrams (ITU-T T.38 section 9.1, UDPTL): one IFP packet with copies of those
 * before it, so that a lost datagram costs nothing. Pure.
 *
 * Parity error correction (FEC) is read past: its primary packet is taken. We send redundancy.
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef CX_UDPTL_H
#define CX_UDPTL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    CX_UDPTL_OLDER = 8,   /* copies that are looked at, of one datagram */
    CX_UDPTL_COPIES = 3,  /* copies that we send */
    CX_UDPTL_IFP = 512,   /* longest IFP packet of ours that is kept as a copy */
    CX_UDPTL_ROOM = 2600, /* a datagram of ours is never longer */
    CX_UDPTL_LEAST = 72,  /* a limit of the peer's below this is not believed */
};

struct cx_udptl_packet {
    uint16_t seq;
    const uint8_t *ifp; /* in the datagram */
    size_t len;
    unsigned older_count; /* older[0] is the one just before */
    struct {
        const uint8_t *ifp;
        size_t len;
    } older[CX_UDPTL_OLDER];
};

/* 0, or -EINVAL: no such datagram. */
int cx_udptl_parse(const uint8_t *data, size_t size, struct cx_udptl_packet *packet);

struct cx_udptl_sender {
    uint16_t seq;   /* of the next */
    size_t limit;   /* the peer's T38FaxMaxDatagram, 0: none */
    bool no_copies; /* one packet a datagram */
    unsigned count;
    struct {
        uint8_t data[CX_UDPTL_IFP];
        size_t len;
    } past[CX_UDPTL_COPIES]; /* past[0] is the newest */
};

/* Writes the datagram for an IFP packet. Its length, or 0: it does not fit. */
size_t cx_udptl_build(struct cx_udptl_sender *sender, const uint8_t *ifp, size_t len,
                      uint8_t out[CX_UDPTL_ROOM]);

struct cx_udptl_receiver {
    bool began;
    uint16_t next;
    unsigned long recovered, lost;
};

/* Each packet once and in order, those that can be made good included; what is later than a newer
 * one is dropped. */
void cx_udptl_receive(struct cx_udptl_receiver *receiver, const struct cx_udptl_packet *packet,
                      void (*deliver)(void *arg, const uint8_t *ifp, size_t len, uint16_t seq),
                      void *arg);

#endif
