/*
 * sdp.c - see sdp.h. SPDX-License-Identifier: GPL-2.0-or-later
 */
#include <arpa/inet.h>
#include <errno.h>
#include <stdio.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "sdp.h"

#define TEXT_MAX  16384
#define OUR_EVENT 101

struct parser {
    struct cx_sdp *sdp;
    struct cx_sdp_line *line; /* the m= line that we are in, or NULL */
    struct in_addr address;   /* of the session */
    bool ipv6, sends, receives;
    bool saw_version, saw_origin;
};

/* A number up to max at the start of text; *end behind it. -1: none. */
static long number(const char *text, long max, const char **end)
{
    long value = 0;
    const char *at = text;

    while (*at >= '0' && *at <= '9') {
        value = value * 10 + (*at++ - '0');
        if (value > max)
            return -1;
    }
    *end = at;
    return at == text ? -1 : value;
}

/* Copies the word at text (up to a space); what follows its space. NULL: no word or no room. */
static const char *word(const char *text, char *to, size_t size)
{
    size_t n = strcspn(text, " ");

    if (n == 0 || n >= size)
        return NULL;
    memcpy(to, text, n);
    to[n] = '\0';
    text += n;
    return text + strspn(text, " ");
}

static int connection(struct parser *p, const char *text)
{
    struct in_addr address = {0};
    char host[64];
    bool ipv6 = strncmp(text, "IN IP6 ", 7) == 0;

    if (!ipv6 && strncmp(text, "IN IP4 ", 7) != 0)
        return -EINVAL;
    if (!word(text + 7, host, sizeof(host)))
        return -EINVAL;
    host[strcspn(host, "/")] = '\0';
    if (!ipv6 && inet_pton(AF_INET, host, &address) != 1)
        return -EINVAL; /* a host name: nobody sends one */
    if (p->line) {
        p->line->address = address;
        p->line->ipv6 = ipv6;
    } else {
        p->address = address;
        p->ipv6 = ipv6;
    }
    return 0;
}

static void add_format(struct cx_sdp_line *line, uint8_t type)
{
    struct cx_sdp_format *f;

    if (line->format_count == CX_SDP_FORMATS)
        return;
    f = &line->formats[line->format_count++];
    /* RFC 3551: these need no rtpmap */
    *f = (struct cx_sdp_format){type,
                                type == 0   ? CX_PCMU
                                : type == 8 ? CX_PCMA
                                : type == 9 ? CX_G722
                                            : -1,
                                false};
}

static int media(struct parser *p, const char *text)
{
    struct cx_sdp_line *line;
    const char *end;
    long value;

    if (p->sdp->line_count == CX_SDP_LINES)
        return -EINVAL;
    line = p->line = &p->sdp->lines[p->sdp->line_count++];
    *line = (struct cx_sdp_line){
        .address = p->address, .ipv6 = p->ipv6, .sends = p->sends, .receives = p->receives};
    text = word(text, line->kind, sizeof(line->kind));
    value = text ? number(text, 65535, &end) : -1;
    if (value < 0)
        return -EINVAL;
    line->port = (unsigned)value;
    text = end;
    if (*text == '/' && number(text + 1, 65535, &text) < 0)
        return -EINVAL;
    if (*text != ' ')
        return -EINVAL;
    text = word(text + strspn(text, " "), line->protocol, sizeof(line->protocol));
    if (!text || !word(text, line->first_format, sizeof(line->first_format)))
        return -EINVAL;
    while (*text) {
        value = number(text, 127, &end);
        if (value >= 0 && (*end == ' ' || !*end))
            add_format(line, (uint8_t)value);
        text += strcspn(text, " ");
        text += strspn(text, " ");
    }
    return 0;
}

static void rtpmap(struct cx_sdp_line *line, const char *text)
{
    const char *name;
    long type = number(text, 127, &name);
    size_t len;

    if (type < 0 || *name != ' ')
        return;
    name += strspn(name, " ");
    len = strcspn(name, "/");
    for (unsigned i = 0; i < line->format_count; i++) {
        struct cx_sdp_format *f = &line->formats[i];

        if (f->type != type)
            continue;
        f->codec = -1;
        f->event = len == 15 && strncasecmp(name, "telephone-event/8000", 20) == 0;
        for (int c = 0; c < CX_CODECS; c++) {
            const char *ours = cx_codec_name((enum cx_codec)c);
            if (strlen(ours) == len && strncasecmp(name, ours, len) == 0 &&
                strncmp(name + len, "/8000", 5) == 0 &&
                (name[len + 5] == '\0' || strcmp(name + len + 5, "/1") == 0))
                f->codec = (int8_t)c;
        }
    }
}

static void rtcp_port(struct cx_sdp_line *line, const char *text)
{
    const char *end;
    long port = number(text, 65535, &end);
    char host[64];

    if (port <= 0)
        return;
    line->has_rtcp = true;
    line->rtcp.sin_family = AF_INET;
    line->rtcp.sin_port = htons((uint16_t)port);
    if (strncmp(end, " IN IP4 ", 8) == 0 && word(end + 8, host, sizeof(host)))
        inet_pton(AF_INET, host, &line->rtcp.sin_addr);
}

/* T.38's attributes, as gateways write them: any case, spaces behind the colon, a flag alone or
 * with 0 or 1. */
static void t38_attribute(struct cx_t38_terms *t, const char *text)
{
    size_t len = strcspn(text, ":");
    const char *value = text[len] ? text + len + 1 : "", *end;
    long n;

    value += strspn(value, " ");
    n = number(value, 1000000, &end);
#define IS(name) (len == sizeof(name) - 1 && strncasecmp(text, name, len) == 0)
    if (IS("T38FaxVersion"))
        t->version = n > 0 ? (unsigned)n : 0;
    else if (IS("T38MaxBitRate") || IS("T38FaxMaxBitRate"))
        t->max_bit_rate = n > 0 ? (unsigned)n : 0;
    else if (IS("T38FaxMaxDatagram") || IS("T38MaxDatagram"))
        t->max_datagram = n > 0 ? (unsigned)n : 0;
    else if (IS("T38FaxFillBitRemoval"))
        t->fill_bit_removal = n != 0;
    else if (IS("T38FaxTranscodingMMR"))
        t->mmr = n != 0;
    else if (IS("T38FaxTranscodingJBIG"))
        t->jbig = n != 0;
    else if (IS("T38FaxRateManagement"))
        t->local_tcf = strncasecmp(value, "localTCF", 8) == 0;
    else if (IS("T38FaxUdpEC"))
        t->no_copies = strncasecmp(value, "t38UDPNoEC", 10) == 0;
#undef IS
}

static void attribute(struct parser *p, const char *text)
{
    static const struct {
        const char *name;
        bool sends, receives;
    } directions[] = {{"sendrecv", true, true},
                      {"sendonly", true, false},
                      {"recvonly", false, true},
                      {"inactive", false, false}};

    for (unsigned i = 0; i < 4; i++)
        if (strcmp(text, directions[i].name) == 0) {
            *(p->line ? &p->line->sends : &p->sends) = directions[i].sends;
            *(p->line ? &p->line->receives : &p->receives) = directions[i].receives;
        }
    if (p->line && strncmp(text, "rtpmap:", 7) == 0)
        rtpmap(p->line, text + 7);
    if (p->line && strncmp(text, "rtcp:", 5) == 0)
        rtcp_port(p->line, text + 5);
    if (p->line && strncasecmp(text, "T38", 3) == 0)
        t38_attribute(&p->line->t38, text);
}

static int one_line(struct parser *p, const char *text)
{
    if (text[0] < 'a' || text[0] > 'z' || text[1] != '=')
        return -EINVAL;
    switch (text[0]) {
    case 'v':
        p->saw_version = true;
        return strcmp(text, "v=0") == 0 ? 0 : -EINVAL;
    case 'o':
        p->saw_origin = true;
        return 0;
    case 'c':
        return connection(p, text + 2);
    case 'm':
        return media(p, text + 2);
    case 'a':
        attribute(p, text + 2);
        return 0;
    default:
        return 0;
    }
}

int cx_sdp_parse(const char *text, size_t len, struct cx_sdp *sdp)
{
    struct parser p = {.sdp = sdp, .sends = true, .receives = true};
    const char *end = text + len;
    char line[1024];

    memset(sdp, 0, sizeof(*sdp));
    if (len > TEXT_MAX || memchr(text, '\0', len))
        return -EINVAL;
    while (text < end) {
        const char *stop = memchr(text, '\n', (size_t)(end - text));
        size_t n = (size_t)((stop ? stop : end) - text);
        const char *next = stop ? stop + 1 : end;

        if (n && text[n - 1] == '\r')
            n--;
        if (n >= sizeof(line))
            return -EINVAL;
        memcpy(line, text, n);
        line[n] = '\0';
        text = next;
        if (n && one_line(&p, line) < 0)
            return -EINVAL;
    }
    return p.saw_version && p.saw_origin && sdp->line_count ? 0 : -EINVAL;
}

static bool is_ours(const struct cx_sdp_line *line)
{
    return strcmp(line->kind, "audio") == 0 && line->port && !line->ipv6 &&
           (strcmp(line->protocol, "RTP/AVP") == 0 || strcmp(line->protocol, "RTP/AVPF") == 0);
}

static const struct cx_sdp_format *choose(const struct cx_sdp_line *line,
                                          const struct cx_sdp_stream *now)
{
    const struct cx_sdp_format *first = NULL;

    for (unsigned i = 0; i < line->format_count; i++) {
        const struct cx_sdp_format *f = &line->formats[i];
        if (f->codec < 0)
            continue;
        if (now && f->codec == (int)now->codec)
            return f;
        if (!first)
            first = f;
    }
    return first;
}

int cx_sdp_negotiate(const struct cx_sdp *sdp, const struct cx_sdp_stream *now,
                     struct cx_sdp_stream *stream)
{
    for (unsigned i = 0; i < sdp->line_count; i++) {
        const struct cx_sdp_line *line = &sdp->lines[i];
        const struct cx_sdp_format *f = is_ours(line) ? choose(line, now) : NULL;
        bool away = line->address.s_addr == 0; /* RFC 2543's way to hold */

        if (!f)
            continue;
        *stream = (struct cx_sdp_stream){.remote = {.sin_family = AF_INET,
                                                    .sin_port = htons((uint16_t)line->port),
                                                    .sin_addr = line->address},
                                         .codec = (enum cx_codec)f->codec,
                                         .type = f->type,
                                         .event_type = -1,
                                         .send = line->receives && !away,
                                         .receive = line->sends,
                                         .line = i};
        for (unsigned k = 0; k < line->format_count && stream->event_type < 0; k++)
            if (line->formats[k].event)
                stream->event_type = line->formats[k].type;
        stream->remote_rtcp = stream->remote;
        stream->remote_rtcp.sin_port = line->port < 65535 ? htons((uint16_t)(line->port + 1)) : 0;
        if (line->has_rtcp) {
            stream->remote_rtcp.sin_port = line->rtcp.sin_port;
            if (line->rtcp.sin_addr.s_addr)
                stream->remote_rtcp.sin_addr = line->rtcp.sin_addr;
        }
        if (away)
            stream->remote.sin_port = stream->remote_rtcp.sin_port = 0;
        return 0;
    }
    return -ENOTSUP;
}

int cx_sdp_negotiate_t38(const struct cx_sdp *sdp, struct cx_sdp_stream *stream)
{
    for (unsigned i = 0; i < sdp->line_count; i++) {
        const struct cx_sdp_line *line = &sdp->lines[i];

        if (strcasecmp(line->kind, "image") != 0 || strcasecmp(line->protocol, "udptl") != 0 ||
            strcasecmp(line->first_format, "t38") != 0 || !line->port || line->ipv6 ||
            !line->address.s_addr)
            continue;
        *stream = (struct cx_sdp_stream){.remote = {.sin_family = AF_INET,
                                                    .sin_port = htons((uint16_t)line->port),
                                                    .sin_addr = line->address},
                                         .event_type = -1,
                                         .send = true,
                                         .receive = true,
                                         .line = i,
                                         .t38 = true,
                                         .terms = line->t38};
        return 0;
    }
    return -ENOTSUP;
}

/* snprintf that goes on behind *n, and remembers in *n that there was no room. */
__attribute__((format(printf, 4, 5))) static void add(char *text, size_t size, size_t *n,
                                                      const char *format, ...)
{
    va_list args;
    int more;

    if (*n >= size)
        return;
    va_start(args, format);
    more = vsnprintf(text + *n, size - *n, format, args);
    va_end(args);
    *n = more < 0 ? size : *n + (size_t)more;
}

static void add_head(char *text, size_t size, size_t *n, const struct cx_sdp_local *local)
{
    add(text, size, n, "v=0\r\no=centrex %llu %u IN IP4 %s\r\ns=-\r\nc=IN IP4 %s\r\nt=0 0\r\n",
        (unsigned long long)local->id, local->version, local->ip, local->ip);
}

static void add_image(char *text, size_t size, size_t *n, const struct cx_sdp_stream *s,
                      unsigned port)
{
    unsigned rate = s->terms.max_bit_rate;

    add(text, size, n,
        "m=image %u udptl t38\r\na=T38FaxVersion:0\r\na=T38MaxBitRate:%u\r\n"
        "a=T38FaxRateManagement:%s\r\na=T38FaxMaxBuffer:2000\r\na=T38FaxMaxDatagram:512\r\n"
        "a=T38FaxUdpEC:t38UDPRedundancy\r\n",
        port, rate && rate < 14400 ? rate : 14400,
        s->terms.local_tcf ? "localTCF" : "transferredTCF");
}

static void add_stream(char *text, size_t size, size_t *n, const struct cx_sdp_stream *s,
                       const char *protocol, unsigned port)
{
    static const char *const directions[] = {"inactive", "recvonly", "sendonly", "sendrecv"};

    if (s->t38) {
        add_image(text, size, n, s, port);
        return;
    }
    add(text, size, n, "m=audio %u %s %u", port, protocol, s->type);
    if (s->event_type >= 0)
        add(text, size, n, " %d", s->event_type);
    add(text, size, n, "\r\na=rtpmap:%u %s/8000\r\n", s->type, cx_codec_name(s->codec));
    if (s->event_type >= 0)
        add(text, size, n, "a=rtpmap:%d telephone-event/8000\r\na=fmtp:%d 0-15\r\n", s->event_type,
            s->event_type);
    add(text, size, n, "a=ptime:20\r\na=%s\r\n",
        directions[(s->send ? 2 : 0) + (s->receive ? 1 : 0)]);
}

int cx_sdp_answer(const struct cx_sdp *offer, const struct cx_sdp_stream *stream,
                  const struct cx_sdp_local *local, char *text, size_t size)
{
    size_t n = 0;

    add_head(text, size, &n, local);
    for (unsigned i = 0; i < offer->line_count; i++) {
        const struct cx_sdp_line *line = &offer->lines[i];
        if (i == stream->line)
            add_stream(text, size, &n, stream, line->protocol, local->port);
        else
            add(text, size, &n, "m=%s 0 %s %s\r\n", line->kind, line->protocol, line->first_format);
    }
    return n < size ? (int)n : -ENOBUFS;
}

int cx_sdp_offer(const struct cx_sdp_stream *now, const struct cx_sdp_local *local, char *text,
                 size_t size)
{
    size_t n = 0;

    add_head(text, size, &n, local);
    if (now)
        add_stream(text, size, &n, now, "RTP/AVP", local->port);
    else
        add(text, size, &n,
            "m=audio %u RTP/AVP 8 0 9 %d\r\na=rtpmap:8 PCMA/8000\r\na=rtpmap:0 PCMU/8000\r\n"
            "a=rtpmap:9 G722/8000\r\na=rtpmap:%d telephone-event/8000\r\na=fmtp:%d 0-15\r\n"
            "a=ptime:20\r\na=sendrecv\r\n",
            local->port, OUR_EVENT, OUR_EVENT, OUR_EVENT);
    return n < size ? (int)n : -ENOBUFS;
}
