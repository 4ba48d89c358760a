/*
 * socket.c - see socket.h. SPDX-License-Identifier: GPL-2.0-or-later
 */
#include <errno.h>
#include <sys/socket.h>
#include <unistd.h>

#include "socket.h"

#define EXPEDITED 0xb8 /* DSCP EF: voice */

static int open_one(struct in_addr ip, unsigned port)
{
    struct sockaddr_in a = {
        .sin_family = AF_INET, .sin_port = htons((uint16_t)port), .sin_addr = ip};
    int fd = socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0), on = 1;
    int tos = EXPEDITED, err;

    if (fd < 0)
        return -errno;
    if (bind(fd, (struct sockaddr *)&a, sizeof(a)) < 0) {
        err = -errno;
        close(fd);
        return err;
    }
    /* both are niceties: the call works without */
    (void)setsockopt(fd, IPPROTO_IP, IP_TOS, &tos, sizeof(tos));
    (void)setsockopt(fd, SOL_SOCKET, SO_TIMESTAMPNS, &on, sizeof(on));
    return fd;
}

int cx_rtp_pair_open(struct cx_rtp_ports *p, struct cx_rtp_pair *pair)
{
    unsigned pairs = (p->max + 1 - p->min) / 2;

    pair->rtp = pair->rtcp = -1;
    for (unsigned tries = 0; tries < pairs; tries++) {
        unsigned port = p->next;

        p->next = port + 3 <= p->max ? port + 2 : p->min;
        pair->rtp = open_one(p->ip, port);
        if (pair->rtp == -EMFILE || pair->rtp == -ENFILE)
            return pair->rtp;
        if (pair->rtp < 0)
            continue;
        pair->rtcp = open_one(p->ip, port + 1);
        if (pair->rtcp >= 0) {
            pair->port = port;
            return 0;
        }
        close(pair->rtp);
        pair->rtp = -1;
    }
    return -EADDRINUSE;
}

void cx_rtp_pair_close(struct cx_rtp_pair *pair)
{
    if (pair->rtp >= 0)
        close(pair->rtp);
    if (pair->rtcp >= 0)
        close(pair->rtcp);
    pair->rtp = pair->rtcp = -1;
}
