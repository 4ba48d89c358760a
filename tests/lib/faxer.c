/*
 * faxer.c - a fax machine of the tests' own: spandsp on an RTP port, or over T.38. SIP is the
 * test's.
 *
 *   faxer send|receive FILE.tif IP PORT pcmu|pcma [COPIES]
 *   faxer make FILE.tif PAGES ROWS SEED        makes pages (tests/unit/fax_page.c)
 *   faxer equal A.tif B.tif                    prints how many pages at the start are equal
 *
 * Reads lines: "to IP PORT" (where RTP goes), "t38 IP PORT" (from now on T.38), "quit". Writes
 * lines: "calling", "page N", "done CODE PAGES TEXT". COPIES: of each datagram's predecessor (0 or
 * 1). SPDX-License-Identifier: GPL-2.0-or-later
 */
#include <arpa/inet.h>
#include <poll.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/timerfd.h>
#include <unistd.h>

#include <tiffio.h>
#include <spandsp.h>

#include "tests/unit/fax_page.h"

enum { FRAME = 160 };

static struct {
    bool sends, alaw, over;
    const char *file;
    int fd, copies;
    struct sockaddr_in to;
    bool has_to;
    fax_state_t *audio;
    t38_terminal_state_t *t38;
    uint16_t rtp_seq, t38_seq;
    uint32_t stamp;
    uint8_t last[256];
    int last_len;
} me;

static int page(t30_state_t *t30, void *arg, int event)
{
    t30_stats_t s;

    (void)arg, (void)event;
    t30_get_transfer_statistics(t30, &s);
    printf("page %d\n", me.sends ? s.pages_tx : s.pages_rx);
    return T30_ERR_OK;
}

static void done(t30_state_t *t30, void *arg, int code)
{
    t30_stats_t s;

    (void)arg;
    t30_get_transfer_statistics(t30, &s);
    if (!me.over)
        printf("done %d %d %s\n", code, me.sends ? s.pages_tx : s.pages_rx,
               t30_completion_code_to_str(code));
    me.over = true;
}

static void set_up(t30_state_t *t30)
{
    t30_set_tx_ident(t30, me.sends ? "+353861234567" : "+353867654321");
    if (me.sends)
        t30_set_tx_file(t30, me.file, -1, -1);
    else
        t30_set_rx_file(t30, me.file, -1);
    t30_set_ecm_capability(t30, TRUE);
    t30_set_supported_modems(t30, T30_SUPPORT_V27TER | T30_SUPPORT_V29 | T30_SUPPORT_V17);
    t30_set_supported_compressions(t30, T30_SUPPORT_T4_1D_COMPRESSION |
                                            T30_SUPPORT_T4_2D_COMPRESSION |
                                            T30_SUPPORT_T6_COMPRESSION);
    t30_set_supported_resolutions(t30, T30_SUPPORT_STANDARD_RESOLUTION |
                                           T30_SUPPORT_FINE_RESOLUTION | T30_SUPPORT_R8_RESOLUTION);
    t30_set_supported_image_sizes(t30, T30_SUPPORT_215MM_WIDTH | T30_SUPPORT_UNLIMITED_LENGTH |
                                           T30_SUPPORT_A4_LENGTH);
    t30_set_phase_d_handler(t30, page, NULL);
    t30_set_phase_e_handler(t30, done, NULL);
}

static void put(const void *data, size_t len)
{
    if (me.has_to)
        (void)sendto(me.fd, data, len, 0, (struct sockaddr *)&me.to, sizeof(me.to));
}

static int send_ifp(t38_core_state_t *core, void *arg, const uint8_t *ifp, int len, int count)
{
    uint8_t out[1024];
    int n = 0;

    (void)core, (void)arg, (void)count;
    out[n++] = (uint8_t)(me.t38_seq >> 8);
    out[n++] = (uint8_t)me.t38_seq++;
    if (len > 127)
        out[n++] = (uint8_t)(0x80 | len >> 8);
    out[n++] = (uint8_t)len;
    memcpy(out + n, ifp, (size_t)len);
    n += len;
    out[n++] = 0;
    out[n++] = me.copies && me.last_len;
    if (me.copies && me.last_len) {
        out[n++] = (uint8_t)me.last_len;
        memcpy(out + n, me.last, (size_t)me.last_len);
        n += me.last_len;
    }
    me.last_len = len < 128 ? len : 0;
    memcpy(me.last, ifp, (size_t)me.last_len);
    put(out, (size_t)n);
    return 0;
}

static void take(const uint8_t *data, int len)
{
    int16_t samples[1600];
    int n = len - 12;

    if (me.t38) {
        int ifp = data[2], at = 3;
        if (len < 4 || (data[0] == 0x80 && len > 12 && me.t38_seq < 10000))
            return;
        if (ifp & 0x80) {
            ifp = (ifp & 0x3f) << 8 | data[3];
            at = 4;
        }
        if (at + ifp <= len)
            t38_core_rx_ifp_packet(t38_terminal_get_t38_core_state(me.t38), data + at, ifp,
                                   (uint16_t)(data[0] << 8 | data[1]));
        return;
    }
    if (n <= 0 || n > 1600 || (data[0] & 0xc0) != 0x80 || (data[1] & 0x7f) != (me.alaw ? 8 : 0))
        return;
    for (int i = 0; i < n; i++)
        samples[i] = me.alaw ? alaw_to_linear(data[12 + i]) : ulaw_to_linear(data[12 + i]);
    fax_rx(me.audio, samples, n);
}

static void speak(void)
{
    int16_t samples[FRAME] = {0};
    uint8_t packet[12 + FRAME] = {0x80, me.alaw ? 8 : 0};
    uint32_t stamp = htonl(me.stamp), ssrc = htonl(0x0fa00fa0);
    uint16_t seq = htons(me.rtp_seq++);

    if (me.t38) {
        t38_terminal_send_timeout(me.t38, FRAME);
        return;
    }
    fax_tx(me.audio, samples, FRAME);
    memcpy(packet + 2, &seq, 2);
    memcpy(packet + 4, &stamp, 4);
    memcpy(packet + 8, &ssrc, 4);
    me.stamp += FRAME;
    for (int i = 0; i < FRAME; i++)
        packet[12 + i] = me.alaw ? linear_to_alaw(samples[i]) : linear_to_ulaw(samples[i]);
    put(packet, sizeof(packet));
}

static void command(char *line)
{
    char word[8], ip[40];
    unsigned port;

    if (strncmp(line, "quit", 4) == 0)
        exit(0);
    if (sscanf(line, "%7s %39s %u", word, ip, &port) != 3)
        return;
    me.to = (struct sockaddr_in){.sin_family = AF_INET, .sin_port = htons((uint16_t)port)};
    me.has_to = inet_pton(AF_INET, ip, &me.to.sin_addr) == 1;
    if (strcmp(word, "t38") == 0 && !me.t38) {
        me.t38 = t38_terminal_init(NULL, me.sends, send_ifp, NULL);
        me.over = false;
        t38_set_t38_version(t38_terminal_get_t38_core_state(me.t38), 0);
        set_up(t38_terminal_get_t30_state(me.t38));
    }
}

static int run(char **argv)
{
    struct sockaddr_in at = {.sin_family = AF_INET, .sin_port = htons((uint16_t)atoi(argv[4]))};
    struct itimerspec every = {{0, 20000000}, {0, 20000000}};
    struct pollfd fds[3];
    char line[200];

    me.sends = strcmp(argv[1], "send") == 0;
    me.file = argv[2];
    me.alaw = strcmp(argv[5], "pcma") == 0;
    me.copies = argv[6] ? atoi(argv[6]) : 0;
    me.fd = socket(AF_INET, SOCK_DGRAM, 0);
    if (inet_pton(AF_INET, argv[3], &at.sin_addr) != 1 ||
        bind(me.fd, (struct sockaddr *)&at, sizeof(at)) < 0)
        return 1;
    me.audio = fax_init(NULL, me.sends);
    fax_set_transmit_on_idle(me.audio, TRUE);
    set_up(fax_get_t30_state(me.audio));
    fds[0] = (struct pollfd){STDIN_FILENO, POLLIN, 0};
    fds[1] = (struct pollfd){me.fd, POLLIN, 0};
    fds[2] = (struct pollfd){timerfd_create(CLOCK_MONOTONIC, 0), POLLIN, 0};
    timerfd_settime(fds[2].fd, 0, &every, NULL);
    setvbuf(stdout, NULL, _IOLBF, 0);
    setvbuf(stdin, NULL, _IONBF, 0);
    while (poll(fds, 3, -1) >= 0) {
        uint8_t data[2048];
        uint64_t ticks;

        if (fds[0].revents && !fgets(line, sizeof(line), stdin))
            return 0;
        if (fds[0].revents)
            command(line);
        if (fds[1].revents) {
            ssize_t n = recv(me.fd, data, sizeof(data), 0);
            if (n > 0)
                take(data, (int)n);
        }
        if (fds[2].revents && read(fds[2].fd, &ticks, sizeof(ticks)) == sizeof(ticks))
            for (; ticks > 0 && me.has_to; ticks--)
                speak();
    }
    return 1;
}

int main(int argc, char **argv)
{
    if (argc == 6 && strcmp(argv[1], "make") == 0) {
        fax_pages_make(argv[2], (unsigned)atoi(argv[3]), (unsigned)atoi(argv[4]),
                       (uint32_t)atoi(argv[5]));
        return 0;
    }
    if (argc == 4 && strcmp(argv[1], "equal") == 0) {
        printf("%u of %d\n", fax_pages_equal(argv[2], argv[3]), fax_pages_count(argv[3]));
        return 0;
    }
    return argc >= 6 ? run(argv) : 2;
}
