/*
 * rtp_load.c - for loadtest/bench-media: phones that speak a tone, and the bare loop that the
 * worker is measured against.
 *
 *     rtp_load gen SECONDS IP LOCAL:REMOTE...    from each local port 50 packets a second to the
 * remote one; says how many came back rtp_load bare IP PORT...                   each 20 ms:
 * receives what has come at each port, and sends as many packets of the same size back; until it is
 * killed SPDX-License-Identifier: GPL-2.0-or-later
 */
#include <arpa/inet.h>
#include <errno.h>
#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/timerfd.h>
#include <time.h>
#include <unistd.h>

#define PACKET  172
#define STREAMS 2000

struct stream {
    int fd;
    unsigned seq, sent, got;
    struct sockaddr_in to;
};

static struct stream streams[STREAMS];
static uint8_t tone[8][160];

static struct sockaddr_in at(const char *ip, const char *port)
{
    struct sockaddr_in a = {.sin_family = AF_INET, .sin_port = htons((uint16_t)atoi(port))};

    inet_pton(AF_INET, ip, &a.sin_addr);
    return a;
}

static int bound(const char *ip, const char *port)
{
    struct sockaddr_in a = at(ip, port);
    int fd = socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK, 0);

    if (fd < 0 || bind(fd, (struct sockaddr *)&a, sizeof(a)) < 0) {
        fprintf(stderr, "rtp_load: %s:%s: %s\n", ip, port, strerror(errno));
        exit(1);
    }
    return fd;
}

/* mu-law of a sample (G.711): a tone needs no table. */
static uint8_t mulaw(int sample)
{
    int sign = sample < 0 ? 0x80 : 0, exponent = 7;

    sample = (sample < 0 ? -sample : sample) + 132;
    for (int mask = 0x4000; exponent > 0 && !(sample & mask); mask >>= 1)
        exponent--;
    return (uint8_t) ~(sign | exponent << 4 | (sample >> (exponent + 3) & 15));
}

static void speak(struct stream *s)
{
    uint8_t packet[PACKET] = {0x80, 0, (uint8_t)(s->seq >> 8), (uint8_t)s->seq};
    uint32_t stamp = htonl(s->seq * 160), ssrc = htonl((uint32_t)s->fd);

    memcpy(packet + 4, &stamp, 4);
    memcpy(packet + 8, &ssrc, 4);
    memcpy(packet + 12, tone[s->fd % 8], 160);
    s->seq++;
    if (send(s->fd, packet, sizeof(packet), MSG_DONTWAIT) > 0)
        s->sent++;
}

static void hear(struct stream *s)
{
    uint8_t data[2048];

    while (recv(s->fd, data, sizeof(data), MSG_DONTWAIT) > 0)
        s->got++;
}

/* The streams take their turns in 20 groups, a millisecond apart, as phones do. */
static int generate(int seconds, const char *ip, char **pairs, int n)
{
    unsigned long sent = 0, got = 0;
    struct timespec next;

    for (int t = 0; t < 8; t++)
        for (int i = 0; i < 160; i++)
            tone[t][i] = mulaw((int)(8000 * sin(2 * M_PI * (400 + 50 * t) * i / 8000)));
    for (int i = 0; i < n; i++) {
        char *colon = strchr(pairs[i], ':');
        struct sockaddr_in to;

        *colon = '\0';
        to = at(ip, colon + 1);
        streams[i].fd = bound(ip, pairs[i]);
        streams[i].seq = 1;
        if (connect(streams[i].fd, (struct sockaddr *)&to, sizeof(to)) < 0)
            return 1;
    }
    clock_gettime(CLOCK_MONOTONIC, &next);
    for (long ms = 0; ms < seconds * 1000L; ms++) {
        for (int i = (int)(ms % 20); i < n; i += 20) {
            hear(&streams[i]);
            speak(&streams[i]);
        }
        next.tv_nsec += 1000000;
        if (next.tv_nsec >= 1000000000) {
            next.tv_sec++;
            next.tv_nsec -= 1000000000;
        }
        clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &next, NULL);
    }
    for (int i = 0; i < n; i++) {
        sent += streams[i].sent;
        got += streams[i].got;
    }
    printf("%lu %lu\n", sent, got);
    return 0;
}

static int bare(const char *ip, char **ports, int n)
{
    struct itimerspec tick = {.it_interval = {.tv_nsec = 20000000}, .it_value = {.tv_nsec = 1}};
    int timer = timerfd_create(CLOCK_MONOTONIC, 0);
    uint8_t data[2048];
    uint64_t due;

    for (int i = 0; i < n; i++)
        streams[i].fd = bound(ip, ports[i]);
    timerfd_settime(timer, 0, &tick, NULL);
    puts("ready");
    fflush(stdout);
    while (read(timer, &due, sizeof(due)) == sizeof(due))
        for (int i = 0; i < n; i++) {
            struct stream *s = &streams[i];
            socklen_t size = sizeof(s->to);
            ssize_t len;

            for (uint64_t k = 0; k < due; k++) { /* one each tick, as a stream has */
                if (s->to.sin_port)
                    len = recv(s->fd, data, sizeof(data), MSG_DONTWAIT);
                else
                    len = recvfrom(s->fd, data, sizeof(data), MSG_DONTWAIT,
                                   (struct sockaddr *)&s->to, &size);
                if (len < 0)
                    break;
                if (s->got++ == 0 && connect(s->fd, (struct sockaddr *)&s->to, size) < 0)
                    return 1;
                (void)!send(s->fd, data, (size_t)len, MSG_DONTWAIT);
            }
        }
    return 1;
}

int main(int argc, char **argv)
{
    if (argc > 4 && argc - 4 <= STREAMS && strcmp(argv[1], "gen") == 0)
        return generate(atoi(argv[2]), argv[3], argv + 4, argc - 4);
    if (argc > 3 && argc - 3 <= STREAMS && strcmp(argv[1], "bare") == 0)
        return bare(argv[2], argv + 3, argc - 3);
    fputs("rtp_load gen SECONDS IP LOCAL:REMOTE... | bare IP PORT...\n", stderr);
    return 2;
}
