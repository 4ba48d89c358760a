/*
 * record_sdp.c - see record_sdp.h. SPDX-License-Identifier: GPL-2.0-or-later
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "record_sdp.h"

static void copy(char *to, size_t size, const char *from, size_t n)
{
    if (n >= size)
        n = size - 1;
    memcpy(to, from, n);
    to[n] = '\0';
}

static int media_line(struct cx_record_offer *o, const char *line, size_t n)
{
    const char *port = memchr(line, ' ', n), *rest;

    if (o->count == CX_RECORD_LEGS || !port)
        return -EINVAL;
    rest = memchr(port + 1, ' ', n - (size_t)(port + 1 - line));
    if (!rest)
        return -EINVAL;
    copy(o->legs[o->count].media, sizeof(o->legs[0].media), line, (size_t)(port - line));
    copy(o->legs[o->count].rest, sizeof(o->legs[0].rest), rest + 1, n - (size_t)(rest + 1 - line));
    o->count++;
    return 0;
}

int cx_record_offer_read(const char *sdp, struct cx_record_offer *o)
{
    memset(o, 0, sizeof(*o));
    while (*sdp) {
        size_t n = strcspn(sdp, "\r\n");

        if (strncmp(sdp, "m=", 2) == 0) {
            if (media_line(o, sdp + 2, n - 2) < 0)
                return -EINVAL;
        } else if (o->count && strncmp(sdp, "a=label:", 8) == 0) {
            copy(o->legs[o->count - 1].label, sizeof(o->legs[0].label), sdp + 8, n - 8);
        } else if (o->count &&
                   (strncmp(sdp, "a=rtpmap:", 9) == 0 || strncmp(sdp, "a=fmtp:", 7) == 0)) {
            char *maps = o->legs[o->count - 1].maps;
            size_t used = strlen(maps), room = sizeof(o->legs[0].maps) - used;

            if (n + 3 > room)
                return -EINVAL;
            memcpy(maps + used, sdp, n);
            memcpy(maps + used + n, "\r\n", 3);
        }
        sdp += n;
        sdp += strspn(sdp, "\r\n");
    }
    return o->count ? 0 : -EINVAL;
}

int cx_record_answer(const struct cx_record_offer *o, const char *ip, const unsigned *ports,
                     char *text, size_t size)
{
    size_t n = 0;
    int more =
        snprintf(text, size, "v=0\r\no=- 1 1 IN IP4 %s\r\ns=-\r\nc=IN IP4 %s\r\nt=0 0\r\n", ip, ip);

    for (size_t i = 0; i <= o->count; i++) {
        if (more < 0 || (n += (size_t)more) >= size)
            return -ENOBUFS;
        if (i == o->count)
            break;
        /* the maps of all that was offered, or rtpengine does not take the answer */
        more =
            snprintf(text + n, size - n, "m=%s %u %s\r\n%s%s%s%sa=recvonly\r\n", o->legs[i].media,
                     ports[i], o->legs[i].rest, o->legs[i].label[0] ? "a=label:" : "",
                     o->legs[i].label, o->legs[i].label[0] ? "\r\n" : "", o->legs[i].maps);
    }
    return (int)n;
}
