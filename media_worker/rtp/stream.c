/*
 * stream.c - see stream.h. SPDX-License-Identifier: GPL-2.0-or-later
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/socket.h>
#include <time.h>

#include <spandsp.h>

#include "dtmf.h"
#include "packet.h"
#include "stream.h"

#define BATCH       8
#define DRAIN_EVERY 25 /* ticks */
#define DATAGRAM    1600
#define LONGEST     1600 /* samples in a packet: 200 ms */
#define ECHO_ROOM   3200
#define LONGEST_GAP 4000 /* samples that are counted as missed; more is a new beginning */
#define LOST_TICKS  (60 * 50)
#define RTCP_FIRST  50 /* ticks */
#define RTCP_EVERY  200

struct cx_stream {
    struct cx_clock *clock;
    const struct cx_stream_handlers *handlers;
    void *arg;
    struct cx_rtp_pair pair;
    struct cx_sdp_stream media;
    struct cx_codec_state codec;
    struct cx_rtp_source source;
    struct cx_rtp_sent sent;
    struct cx_rtp out; /* the next packet's header */
    struct cx_dtmf dtmf;
    dtmf_rx_state_t *inband; /* only when the peer knows no telephone-event */
    const struct cx_stream_user *user;
    void *user_arg;
    uint32_t user_next; /* timestamp */
    bool running, latched, exact, echo, dead, user_heard;
    unsigned idle, to_rtcp; /* ticks */
    bool drain;             /* more than one packet may wait */
    bool brief;             /* the newest packet was shorter than a tick: so two come in one */
    uint32_t seen_loss;
    struct cx_stream *next_dead;
    struct cx_player player;
    size_t echo_len;
    uint8_t echo_bytes[ECHO_ROOM];
    struct cx_mix_member *member; /* of a conference, or NULL */
    struct cx_recorder recorder;
};

struct cx_stream_totals cx_stream_totals;

/* Shared by all streams: the worker has one thread in the loop. */
static uint8_t datagrams[BATCH][DATAGRAM];
static struct sockaddr_in senders[BATCH];
static union {
    char bytes[CMSG_SPACE(sizeof(struct timespec))];
    struct cmsghdr align;
} controls[BATCH];
static struct iovec vectors[BATCH];
static struct mmsghdr messages[BATCH];
static struct cx_stream *graveyard;

static int64_t now_ns(void)
{
    struct timespec now;

    clock_gettime(CLOCK_REALTIME, &now);
    return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}

int cx_stream_new(struct cx_clock *clock, struct cx_rtp_ports *ports,
                  const struct cx_stream_handlers *handlers, void *arg, struct cx_stream **out)
{
    struct cx_stream *s = calloc(1, sizeof(*s));
    struct {
        uint32_t ssrc, timestamp;
        uint16_t seq;
    } start;
    int err;

    *out = NULL;
    if (!s)
        return -ENOMEM;
    err = cx_rtp_pair_open(ports, &s->pair);
    if (err < 0) {
        free(s);
        return err;
    }
    if (getrandom(&start, sizeof(start), 0) != sizeof(start))
        memset(&start, 0x5a, sizeof(start)); /* guessable, but it works */
    s->clock = clock;
    s->handlers = handlers;
    s->arg = arg;
    s->out.ssrc = s->sent.ssrc = start.ssrc;
    s->out.timestamp = start.timestamp;
    s->out.seq = start.seq;
    s->out.marker = true;
    s->to_rtcp = RTCP_FIRST;
    *out = s;
    return 0;
}

static void destroy(struct cx_stream *s)
{
    cx_rtp_pair_close(&s->pair);
    cx_codec_close(&s->codec);
    if (s->inband)
        dtmf_rx_free(s->inband);
    free(s);
}

void cx_stream_free(struct cx_stream *s)
{
    if (!s || s->dead)
        return;
    s->dead = true;
    cx_player_stop(&s->player);
    cx_mix_leave(s->member);
    s->member = NULL;
    cx_recorder_stop(&s->recorder);
    if (s->running)
        cx_clock_remove(s->clock, s);
    if (s->clock->ticking) {
        s->next_dead = graveyard;
        graveyard = s;
    } else {
        destroy(s);
    }
}

void cx_stream_bury(void)
{
    struct cx_stream *s;

    while ((s = graveyard) != NULL) {
        graveyard = s->next_dead;
        destroy(s);
    }
}

unsigned cx_stream_port(const struct cx_stream *s)
{
    return s->pair.port;
}

enum cx_codec cx_stream_codec(const struct cx_stream *s)
{
    return s->media.codec;
}

int cx_stream_set(struct cx_stream *s, const struct cx_sdp_stream *media)
{
    bool moved = s->running && (media->remote.sin_addr.s_addr != s->media.remote.sin_addr.s_addr ||
                                media->remote.sin_port != s->media.remote.sin_port);
    struct sockaddr nobody = {.sa_family = AF_UNSPEC};
    int err = 0;

    if (!media->t38 && (!s->running || s->media.t38 || media->codec != s->media.codec)) {
        cx_player_stop(&s->player); /* its frames are of the other codec */
        cx_codec_close(&s->codec);
        err = cx_codec_open(&s->codec, media->codec);
        if (err < 0)
            return err;
        s->echo_len = 0;
        if (s->member)
            err = cx_mix_set_codec(s->member, media->codec);
        if (err < 0)
            return err;
    }
    if (moved && s->latched) {
        connect(s->pair.rtp, &nobody, sizeof(nobody));
        s->latched = s->exact = false;
    }
    s->media = *media;
    s->out.type = media->type;
    s->idle = 0;
    if (media->event_type < 0 && !media->t38 && !s->inband) {
        s->inband = dtmf_rx_init(NULL, NULL, NULL);
        if (!s->inband)
            return -ENOMEM;
    }
    if (!s->running) {
        err = cx_clock_add(s->clock, s);
        s->running = err == 0;
    }
    return err;
}

void cx_stream_mute(struct cx_stream *s)
{
    s->media.send = false;
}

void cx_stream_play(struct cx_stream *s, struct cx_prompt *const *prompts, unsigned count)
{
    cx_player_start(&s->player, prompts, count);
}

void cx_stream_play_stop(struct cx_stream *s)
{
    cx_player_stop(&s->player);
}

void cx_stream_record(struct cx_stream *s, struct cx_spool_entry *entry, unsigned max_ms,
                      unsigned silence_ms)
{
    cx_recorder_start(&s->recorder, entry, max_ms, silence_ms);
}

unsigned cx_stream_record_stop(struct cx_stream *s)
{
    return cx_recorder_stop(&s->recorder);
}

void cx_stream_draft(struct cx_stream *s, unsigned max_ms, unsigned silence_ms)
{
    cx_recorder_draft(&s->recorder, max_ms, silence_ms);
}

unsigned cx_stream_draft_stop(struct cx_stream *s, struct cx_draft *draft)
{
    return cx_recorder_draft_stop(&s->recorder, draft);
}

void cx_stream_echo(struct cx_stream *s, bool on)
{
    s->echo = on;
    s->echo_len = 0;
}

int cx_stream_mix(struct cx_stream *s, struct cx_mix *mix, struct cx_mix_member **member)
{
    int err;

    cx_mix_leave(s->member);
    s->member = NULL;
    if (!mix)
        return 0;
    err = cx_mix_join(mix, s->media.codec, &s->member);
    *member = s->member;
    return err;
}

void cx_stream_attach(struct cx_stream *s, const struct cx_stream_user *user, void *arg)
{
    s->user = user;
    s->user_arg = arg;
    s->user_heard = false;
}

void cx_stream_send_datagram(struct cx_stream *s, const uint8_t *data, size_t len)
{
    struct sockaddr_in to = s->media.remote;

    if (!s->media.t38 || s->dead)
        return;
    if (s->latched)
        to.sin_port = s->media.latched_port;
    if (s->exact)
        (void)send(s->pair.rtp, data, len, MSG_DONTWAIT);
    else
        (void)sendto(s->pair.rtp, data, len, MSG_DONTWAIT, (struct sockaddr *)&to, sizeof(to));
    cx_stream_totals.packets_sent++;
}

/* ---- in */

/* The user hears everything once and in order. */
static void user_hear(struct cx_stream *s, const struct cx_rtp *rtp, const int16_t *samples,
                      size_t n)
{
    uint32_t gap = rtp->timestamp - s->user_next;

    if (s->user_heard && gap >= 0x80000000u && -gap < LONGEST_GAP)
        return; /* late, or for the second time */
    if (s->user_heard && gap > 0 && gap < LONGEST_GAP)
        s->user->miss(s->user_arg, gap);
    s->user_heard = true;
    s->user_next = rtp->timestamp + (uint32_t)n;
    s->user->hear(s->user_arg, samples, n);
}

static void hear(struct cx_stream *s, const struct cx_rtp *rtp)
{
    int16_t samples[LONGEST];
    char digits[8];
    size_t n = rtp->len < LONGEST ? rtp->len : LONGEST;

    if (s->echo) {
        if (n > ECHO_ROOM - s->echo_len)
            s->echo_len = 0; /* late: start anew instead of lagging behind for ever */
        memcpy(s->echo_bytes + s->echo_len, rtp->payload, n);
        s->echo_len += n;
    }
    /* who holds us sends hold music, which nobody in a conference wants */
    if (s->member && s->media.send)
        cx_mix_put(s->member, rtp->timestamp, rtp->payload, n);
    if (!cx_recorder_is_on(&s->recorder) && !s->inband && !s->user)
        return;
    cx_codec_decode(&s->codec, samples, rtp->payload, n);
    if (s->user) {
        user_hear(s, rtp, samples, n);
        return;
    }
    if (cx_recorder_is_on(&s->recorder))
        cx_recorder_put(&s->recorder, rtp->seq, rtp->timestamp, samples, (unsigned)n);
    if (s->inband) {
        dtmf_rx(s->inband, samples, (int)n);
        if (dtmf_rx_get(s->inband, digits, sizeof(digits) - 1) > 0)
            for (char *d = digits; *d && !s->dead; d++)
                s->handlers->digit(s->arg, *d);
    }
}

static int64_t arrival(struct msghdr *m)
{
    struct timespec at;

    for (struct cmsghdr *c = CMSG_FIRSTHDR(m); c; c = CMSG_NXTHDR(m, c))
        if (c->cmsg_level == SOL_SOCKET && c->cmsg_type == SCM_TIMESTAMPNS) {
            memcpy(&at, CMSG_DATA(c), sizeof(at));
            return (int64_t)at.tv_sec * 1000000000 + at.tv_nsec;
        }
    return now_ns();
}

/* Whose packets are taken: those from the SDP's address; once one came from its very port, only
 * those. */
static bool latch(struct cx_stream *s, const struct sockaddr_in *from)
{
    bool exact;

    if (s->exact)
        return true; /* connected: the kernel has looked */
    if (from->sin_addr.s_addr != s->media.remote.sin_addr.s_addr)
        return false;
    exact = from->sin_port == s->media.remote.sin_port;
    if (!exact && s->latched)
        return from->sin_port == s->media.latched_port;
    s->latched = true;
    s->media.latched_port = from->sin_port;
    if (exact)
        s->exact = connect(s->pair.rtp, (const struct sockaddr *)from, sizeof(*from)) == 0;
    return true;
}

static void take(struct cx_stream *s, struct mmsghdr *m, unsigned i)
{
    struct cx_rtp rtp;
    char digit;

    if (s->media.t38) {
        if (latch(s, &senders[i]) && !(m->msg_hdr.msg_flags & MSG_TRUNC) && s->user) {
            s->idle = 0;
            cx_stream_totals.packets_received++;
            s->user->datagram(s->user_arg, datagrams[i], m->msg_len);
        }
        return;
    }
    if (!latch(s, &senders[i]) || (m->msg_hdr.msg_flags & MSG_TRUNC) ||
        cx_rtp_parse(datagrams[i], m->msg_len, &rtp) < 0 ||
        (rtp.type != s->media.type && rtp.type != s->media.event_type)) {
        cx_stream_totals.rejected++;
        return;
    }
    s->idle = 0;
    cx_stream_totals.packets_received++;
    if (cx_rtp_count(&s->source, &rtp, arrival(&m->msg_hdr))) {
        cx_recorder_resync(&s->recorder);
        if (s->member)
            cx_mix_resync(s->member);
    }
    if (rtp.type == s->media.type) {
        s->brief = rtp.len < CX_FRAME;
        hear(s, &rtp);
        return;
    }
    digit = cx_dtmf_feed(&s->dtmf, rtp.payload, rtp.len, rtp.timestamp);
    if (digit)
        s->handlers->digit(s->arg, digit);
}

/* Once for all streams; the kernel changes only what receive() sets again. */
static void prepare(void)
{
    for (unsigned i = 0; i < BATCH; i++) {
        vectors[i] = (struct iovec){datagrams[i], DATAGRAM};
        messages[i].msg_hdr = (struct msghdr){
            .msg_iov = &vectors[i], .msg_iovlen = 1, .msg_control = controls[i].bytes};
    }
}

static int receive(struct cx_stream *s, unsigned wanted)
{
    ssize_t n;

    if (!messages[0].msg_hdr.msg_iov)
        prepare();
    for (unsigned i = 0; i < wanted; i++) {
        struct msghdr *m = &messages[i].msg_hdr;

        m->msg_name = s->exact ? NULL : &senders[i];
        m->msg_namelen = s->exact ? 0 : sizeof(senders[i]);
        m->msg_controllen = sizeof(controls[i].bytes);
    }
    if (wanted > 1)
        return recvmmsg(s->pair.rtp, messages, wanted, MSG_DONTWAIT, NULL);
    n = recvmsg(s->pair.rtp, &messages[0].msg_hdr, MSG_DONTWAIT);
    messages[0].msg_len = n > 0 ? (unsigned)n : 0;
    return n < 0 ? -1 : 1;
}

/* A packet comes each tick: looking for a second one would cost as much as the first. So that is
 * done only after a tick without any (then two may come), and now and then. */
static void hear_all(struct cx_stream *s)
{
    unsigned wanted = s->drain || s->to_rtcp % DRAIN_EVERY == 0 ? BATCH : 1;
    int n;

    do {
        n = receive(s, wanted);
        for (int i = 0; i < n && !s->dead; i++)
            take(s, &messages[i], (unsigned)i);
        if (!s->dead)
            s->drain = n < 1 || s->brief || n == BATCH;
    } while (n == BATCH && !s->dead);
}

/* ---- out */

static void rtcp(struct cx_stream *s)
{
    uint8_t data[512];
    struct sockaddr_in to = s->media.remote_rtcp, from;
    socklen_t size = sizeof(from);
    ssize_t n;

    while (size = sizeof(from), (n = recvfrom(s->pair.rtcp, data, sizeof(data), MSG_DONTWAIT,
                                              (struct sockaddr *)&from, &size)) > 0)
        if (from.sin_addr.s_addr == s->media.remote.sin_addr.s_addr)
            cx_rtcp_read(data, (size_t)n, &s->source, now_ns());
    if (--s->to_rtcp > 0)
        return;
    s->to_rtcp = RTCP_EVERY;
    if (!to.sin_port || s->media.t38)
        return;
    s->sent.timestamp = s->out.timestamp;
    n = (ssize_t)cx_rtcp_write(data, &s->sent, &s->source, now_ns(), "centrex");
    (void)sendto(s->pair.rtcp, data, (size_t)n, MSG_DONTWAIT, (struct sockaddr *)&to, sizeof(to));
    n = (ssize_t)cx_rtp_lost(&s->source);
    cx_stream_totals.packets_lost += (uint32_t)n - s->seen_loss;
    s->seen_loss = (uint32_t)n;
}

static void send_frame(struct cx_stream *s, const uint8_t *frame)
{
    uint8_t packet[CX_RTP_HEADER + CX_FRAME];
    struct sockaddr_in to = s->media.remote;
    ssize_t n;

    if (s->latched)
        to.sin_port = s->media.latched_port;
    cx_rtp_write_header(packet, &s->out);
    memcpy(packet + CX_RTP_HEADER, frame, CX_FRAME);
    n = s->exact ? send(s->pair.rtp, packet, sizeof(packet), MSG_DONTWAIT)
                 : sendto(s->pair.rtp, packet, sizeof(packet), MSG_DONTWAIT, (struct sockaddr *)&to,
                          sizeof(to));
    s->out.marker = false;
    s->out.seq++;
    if (n < 0)
        return; /* refused for now: the next one may get through */
    s->sent.packets++;
    s->sent.octets += CX_FRAME;
    cx_stream_totals.packets_sent++;
}

static void user_speak(struct cx_stream *s)
{
    int16_t samples[CX_FRAME];
    uint8_t frame[CX_FRAME];

    s->user->speak(s->user_arg, samples, CX_FRAME);
    cx_codec_encode(&s->codec, frame, samples, CX_FRAME);
    send_frame(s, frame);
}

static void speak(struct cx_stream *s)
{
    const uint8_t *frame = NULL;
    uint8_t echoed[CX_FRAME];
    bool was_on = cx_player_is_on(&s->player);

    if (s->media.t38)
        return; /* its user sends when it likes */

    if (!s->media.send || !s->media.remote.sin_port) {
        s->out.marker = true; /* held: what plays waits */
        return;
    }
    if (s->user) {
        user_speak(s);
        return;
    }
    if (was_on)
        frame = cx_player_next(&s->player);
    if (!frame && s->echo && s->echo_len >= CX_FRAME) {
        memcpy(echoed, s->echo_bytes, CX_FRAME);
        s->echo_len -= CX_FRAME;
        memmove(s->echo_bytes, s->echo_bytes + CX_FRAME, s->echo_len);
        frame = echoed;
    }
    if (!frame)
        frame = s->member ? cx_mix_frame(s->member) : cx_codec_silence(s->media.codec);
    send_frame(s, frame);
    if (was_on && !cx_player_is_on(&s->player))
        s->handlers->played(s->arg);
}

void cx_stream_tick(struct cx_stream *s)
{
    enum cx_record_end end;

    hear_all(s);
    if (s->dead)
        return;
    speak(s);
    s->out.timestamp += CX_FRAME;
    if (!s->dead && s->user)
        s->user->tick(s->user_arg);
    if (s->dead)
        return;
    if (s->to_rtcp % 50 == 0 || s->to_rtcp == 1)
        rtcp(s);
    else
        s->to_rtcp--;
    if (cx_recorder_is_on(&s->recorder)) {
        end = cx_recorder_tick(&s->recorder);
        if (end != CX_RECORD_GOES_ON)
            s->handlers->recorded(s->arg, end);
        if (s->dead)
            return;
    }
    if (!s->media.receive)
        s->idle = 0;
    else if (++s->idle == LOST_TICKS)
        s->handlers->lost(s->arg);
}
