/*
 * socket.h - pairs of UDP sockets (RTP even, RTCP the next) from this worker's slice of ports.
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef CX_RTP_SOCKET_H
#define CX_RTP_SOCKET_H

#include <netinet/in.h>

struct cx_rtp_ports {
    struct in_addr ip;
    unsigned min, max, next; /* next: where the search goes on */
};

struct cx_rtp_pair {
    int rtp, rtcp; /* -1: none */
    unsigned port;
};

/* 0, -EMFILE, or -EADDRINUSE when no pair is free. Sockets do not block and carry the kernel's time
 * of arrival. */
int cx_rtp_pair_open(struct cx_rtp_ports *ports, struct cx_rtp_pair *pair);
void cx_rtp_pair_close(struct cx_rtp_pair *pair);

#endif
