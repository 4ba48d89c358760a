/*
 * record.c - see record.h.
 *
 * A recording is: asked -> its entry in the spool -> "subscribe request" -> our ports in
 * "subscribe answer" -> RTP of each leg, read ten times a second (the kernel keeps what waits) ->
 * silence for long -> "query": the call is gone -> "ended" in the sidecar. Every failure on the way
 * is tried again as long as rtpengine knows the call; nothing of it reaches the call.
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include <arpa/inet.h>
#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>

#include "audio/codec.h"
#include "audio/tracks.h"
#include "db/id.h"
#include "job.h"
#include "log.h"
#include "ng.h"
#include "record.h"
#include "record_sdp.h"
#include "rtp/packet.h"
#include "sidecar.h"
#include "spool.h"

enum {
    TICK_MS = 100,
    AGAIN_MS = 1000,    /* after a failed subscription */
    QUIET_MS = 1200,    /* nothing came for so long: is the call still there? */
    ASK_MS = 2000,      /* and again */
    LOOK_MS = 15000,    /* also while something comes: a phone may go on after its BYE */
    GIVE_UP_MS = 60000, /* rtpengine says nothing at all any more */
    LIMIT_S = 10800,    /* when nobody said one */
    RECORDINGS_MAX = 200,
    LEFT_MAX = 256,
    LEFT_TRIES = 20, /* a job of another worker may hold the lock for a moment */
    MS = CX_RATE / 1000
};

struct leg {
    struct cx_rtp_pair pair;
    unsigned side;
    uint32_t ssrc;
    struct cx_track track;
};

struct recording {
    struct cx_records *all;
    struct recording *next;
    struct cx_spool_entry *entry;
    char id[33], interaction[33], call_id[256], from_tag[160], own_tag[40];
    struct sockaddr_in ng;
    int64_t start_ms;  /* unix time of the first sample */
    int64_t origin_ms; /* the same on the monotonic clock */
    uint64_t limit;    /* [samples] */
    struct leg legs[CX_RECORD_LEGS];
    size_t leg_count;
    struct cx_ng_request *request;
    int64_t subscribe_at, heard_ms, asked_ms, ng_ms; /* monotonic; 0: not (yet) */
    bool running, over, disk;
    uint64_t owed; /* frames that the disk did not take: silence, when it takes some again */
    struct cx_tracks tracks;
};

struct cx_records {
    struct ev_loop *loop;
    const struct cx_media_config *config;
    struct cx_rtp_ports *ports;
    struct cx_ng *ng;
    ev_timer timer;
    struct recording *live;
    struct cx_record_stats stats;
    struct cx_codec_state decoders[2]; /* PCMU, PCMA */
    pthread_mutex_t lock;
    struct {
        char id[33];
        unsigned tries;
    } left[LEFT_MAX];
    size_t left_count;
};

static int64_t monotonic_ms(void)
{
    struct timespec t;

    clock_gettime(CLOCK_MONOTONIC, &t);
    return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

static int64_t unix_ms(void)
{
    struct timespec t;

    clock_gettime(CLOCK_REALTIME, &t);
    return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

/* ---- ng */

static void ask(struct recording *r, json_t *body, cx_ng_h *h)
{
    cx_ng_cancel(r->request);
    json_object_set_new(body, "call-id", json_string(r->call_id));
    if (cx_ng_send(r->all->ng, &r->ng, body, h, r, &r->request) < 0)
        r->subscribe_at = monotonic_ms() + AGAIN_MS;
}

/* Tells rtpengine something whose answer nobody waits for. */
static void tell(struct recording *r, const char *command, bool own_tag)
{
    json_t *body = json_pack("{s:s, s:s}", "command", command, "call-id", r->call_id);

    if (own_tag)
        json_object_set_new(body, "to-tag", json_string(r->own_tag));
    cx_ng_send(r->all->ng, &r->ng, body, NULL, NULL, NULL);
}

static void close_legs(struct recording *r)
{
    for (size_t i = 0; i < r->leg_count; i++)
        cx_rtp_pair_close(&r->legs[i].pair);
    r->leg_count = 0;
}

/* "Unknown call-id" is the one answer that says that the call is over. */
static bool is_gone(const json_t *reply)
{
    const char *reason = json_string_value(json_object_get(reply, "error-reason"));

    return reason && strstr(reason, "Unknown call");
}

static void failed(struct recording *r, const char *what, const json_t *reply)
{
    const char *reason = json_string_value(json_object_get(reply, "error-reason"));

    if (reply)
        r->ng_ms = monotonic_ms();
    if (is_gone(reply)) {
        r->over = true;
        return;
    }
    cx_log(CX_LOG_WARNING, r->interaction, "record %s: %s: %s; again in a second", r->id, what,
           reason  ? reason
           : reply ? "no description"
                   : "no answer");
    close_legs(r);
    r->running = false;
    r->subscribe_at = monotonic_ms() + AGAIN_MS;
}

static void answered(void *arg, const json_t *reply)
{
    struct recording *r = arg;

    r->request = NULL;
    if (!cx_ng_ok(reply)) {
        failed(r, "subscribe answer", reply);
        return;
    }
    r->running = true;
    r->heard_ms = r->ng_ms = r->asked_ms = monotonic_ms();
    cx_log(CX_LOG_INFO, r->interaction, "record %s: %zu legs of %s", r->id, r->leg_count,
           r->call_id);
}

/* Which side of the stereo is this leg's? */
static unsigned side_of(const struct recording *r, const json_t *reply, const char *label)
{
    const char *tag = json_string_value(
        json_object_get(json_object_get(json_object_get(reply, "media-labels"), label), "tag"));

    return tag && strcmp(tag, r->from_tag) == 0 ? 0 : 1;
}

static int open_legs(struct recording *r, const json_t *reply, const struct cx_record_offer *offer,
                     unsigned *ports)
{
    close_legs(r);
    for (size_t i = 0; i < offer->count; i++) {
        struct leg *leg = &r->legs[r->leg_count];
        int err;

        ports[i] = 0;
        if (strcmp(offer->legs[i].media, "audio") != 0)
            continue;
        memset(leg, 0, sizeof(*leg));
        err = cx_rtp_pair_open(r->all->ports, &leg->pair);
        if (err < 0)
            return err;
        leg->side = side_of(r, reply, offer->legs[i].label);
        ports[i] = leg->pair.port;
        r->leg_count++;
    }
    return r->leg_count ? 0 : -EINVAL;
}

static void subscribed(void *arg, const json_t *reply)
{
    struct recording *r = arg;
    const char *sdp = json_string_value(json_object_get(reply, "sdp"));
    struct cx_record_offer offer;
    unsigned ports[CX_RECORD_LEGS];
    char answer[4096];

    r->request = NULL;
    if (!cx_ng_ok(reply) || !sdp || cx_record_offer_read(sdp, &offer) < 0 ||
        open_legs(r, reply, &offer, ports) < 0 ||
        cx_record_answer(&offer, r->all->config->ip, ports, answer, sizeof(answer)) < 0) {
        failed(r, "subscribe request", reply);
        return;
    }
    r->ng_ms = monotonic_ms();
    ask(r,
        json_pack("{s:s, s:s, s:s, s:[s]}", "command", "subscribe answer", "to-tag", r->own_tag,
                  "sdp", answer, "flags", "allow transcoding"),
        answered);
}

static void subscribe(struct recording *r)
{
    r->subscribe_at = 0;
    /* the same tag each time: who takes a recording over takes the dead one's place */
    ask(r,
        json_pack("{s:s, s:s, s:[s,s], s:{s:[s], s:[s]}}", "command", "subscribe request", "to-tag",
                  r->own_tag, "flags", "all", "SIPREC", "codec", "strip", "all", "transcode",
                  "PCMU"),
        subscribed);
}

/* Has this party of the call a port of rtpengine's? One that was deleted has none any more. */
static bool has_port(const json_t *tag)
{
    const json_t *media, *stream;
    size_t i, k;

    json_array_foreach(json_object_get(tag, "medias"), i, media)
    {
        json_array_foreach(json_object_get(media, "streams"), k, stream)
        {
            if (json_object_get(stream, "local port"))
                return true;
        }
    }
    return false;
}

/* A call with a recorder that was deleted by one of its tags, as Kamailio does it, stays behind and
 * holds the other's ports. */
static bool is_left_behind(const json_t *reply)
{
    const json_t *tag, *subscription;
    unsigned parties = 0;
    const char *name;
    size_t i;

    json_object_foreach((json_t *)json_object_get(reply, "tags"), name, tag)
    {
        bool party = false;

        json_array_foreach(json_object_get(tag, "subscriptions"), i, subscription)
        {
            const char *type = json_string_value(json_object_get(subscription, "type"));
            party |= type && strcmp(type, "offer/answer") == 0;
        }
        parties += party && has_port(tag);
    }
    return parties < 2;
}

static void queried(void *arg, const json_t *reply)
{
    struct recording *r = arg;

    r->request = NULL;
    if (!reply)
        return;
    r->ng_ms = monotonic_ms();
    if (is_gone(reply)) {
        r->over = true;
    } else if (cx_ng_ok(reply) && is_left_behind(reply)) {
        tell(r, "delete", false);
        r->over = true;
    }
}

/* ---- sound */

static void packet(struct recording *r, struct leg *leg, const uint8_t *data, size_t len,
                   uint64_t now)
{
    int16_t samples[CX_TRACKS_ROOM / 4];
    struct cx_rtp rtp;

    if (cx_rtp_parse(data, len, &rtp) < 0 || (rtp.type != 0 && rtp.type != 8) || rtp.len == 0 ||
        rtp.len > sizeof(samples) / sizeof(*samples))
        return;
    if (rtp.ssrc != leg->ssrc) {
        leg->ssrc = rtp.ssrc;
        leg->track.synced = false;
    }
    cx_codec_decode(&r->all->decoders[rtp.type == 8], samples, rtp.payload, rtp.len);
    cx_tracks_put(&r->tracks, &leg->track, leg->side, now, rtp.timestamp, samples, rtp.len);
    r->heard_ms = monotonic_ms();
}

static void read_legs(struct recording *r, uint64_t now)
{
    uint8_t data[2048];
    ssize_t n;

    for (size_t i = 0; i < r->leg_count; i++) {
        while ((n = recv(r->legs[i].pair.rtp, data, sizeof(data), MSG_DONTWAIT)) > 0)
            packet(r, &r->legs[i], data, (size_t)n, now);
        while (recv(r->legs[i].pair.rtcp, data, sizeof(data), MSG_DONTWAIT) > 0)
            ;
    }
}

/* 0, or -errno: the disk does not take it now. */
static int put(struct recording *r, const int16_t *stereo, size_t frames)
{
    int err = cx_spool_append(r->entry, stereo, frames * 2 * sizeof(*stereo));

    if (err < 0 && !r->disk)
        cx_log(CX_LOG_ERROR, r->interaction, "record %s: the spool cannot be written: %s", r->id,
               strerror(-err));
    r->disk = err < 0;
    return err;
}

static void write_until(struct recording *r, uint64_t until)
{
    static const int16_t silence[2 * CX_TRACKS_ROOM];
    int16_t stereo[2 * 2048];
    size_t n;

    while (r->owed > 0) {
        n = r->owed < CX_TRACKS_ROOM ? (size_t)r->owed : CX_TRACKS_ROOM;
        if (put(r, silence, n) < 0)
            break;
        r->owed -= n;
    }
    while ((n = cx_tracks_take(&r->tracks, until, stereo, 2048)) > 0)
        if (r->owed > 0 || put(r, stereo, n) < 0)
            r->owed += n;
}

/* ---- life */

static void forget(struct recording *r)
{
    struct recording **at = &r->all->live;

    while (*at != r)
        at = &(*at)->next;
    *at = r->next;
    r->all->stats.now--;
    cx_ng_cancel(r->request);
    close_legs(r);
    free(r);
}

static void end(struct recording *r, const char *why)
{
    json_t *ended = json_pack("{s:b}", "ended", 1);
    int err;

    read_legs(r, (uint64_t)(monotonic_ms() - r->origin_ms) * MS);
    write_until(r, r->tracks.heard < r->limit ? r->tracks.heard : r->limit);
    err = cx_spool_note(r->entry, ended);
    json_decref(ended);
    cx_log(err < 0 ? CX_LOG_ERROR : CX_LOG_INFO, r->interaction, "record %s: %s after %.1f s%s%s",
           r->id, why, (double)r->tracks.written / CX_RATE, err < 0 ? ", not noted: " : "",
           err < 0 ? strerror(-err) : "");
    cx_spool_close(r->entry);
    r->all->stats.ended++;
    forget(r);
    cx_job_wake();
}

static void due(struct recording *r)
{
    int64_t now = monotonic_ms();
    uint64_t position = (uint64_t)(now - r->origin_ms) * MS;

    read_legs(r, position);
    if (r->tracks.written >= r->limit) {
        tell(r, "unsubscribe", true);
        end(r, "limit");
        return;
    }
    if (position > CX_TRACKS_LATE)
        write_until(r, position - CX_TRACKS_LATE < r->limit ? position - CX_TRACKS_LATE : r->limit);
    if (r->over)
        end(r, "over");
    else if (now - r->ng_ms > GIVE_UP_MS && now - r->heard_ms > GIVE_UP_MS)
        end(r, "rtpengine is silent");
    else if (r->subscribe_at && now >= r->subscribe_at)
        subscribe(r);
    else if (r->running && !r->request &&
             now - r->asked_ms > (now - r->heard_ms > QUIET_MS ? ASK_MS : LOOK_MS)) {
        r->asked_ms = now;
        ask(r, json_pack("{s:s}", "command", "query"), queried);
    }
}

/* "udp:127.0.0.1:2223" */
static int read_address(const char *text, struct sockaddr_in *to)
{
    char ip[INET_ADDRSTRLEN + 1];
    unsigned port;

    if (strncmp(text, "udp:", 4) == 0)
        text += 4;
    memset(to, 0, sizeof(*to));
    to->sin_family = AF_INET;
    if (sscanf(text, "%16[0-9.]:%u", ip, &port) != 2 || port < 1 || port > 65535 ||
        inet_pton(AF_INET, ip, &to->sin_addr) != 1)
        return -EINVAL;
    to->sin_port = htons((uint16_t)port);
    return 0;
}

/* What the facts say, new or from the sidecar. */
static struct recording *recording_of(struct cx_records *all, const char *id, const json_t *facts)
{
    struct recording *r = calloc(1, sizeof(*r));
    int64_t limit = cx_sidecar_int(facts, "limit_s");

    if (!r || read_address(cx_sidecar_text(facts, "ng"), &r->ng) < 0) {
        free(r);
        return NULL;
    }
    r->all = all;
    snprintf(r->id, sizeof(r->id), "%s", id);
    snprintf(r->own_tag, sizeof(r->own_tag), "record%s", id);
    snprintf(r->interaction, sizeof(r->interaction), "%s",
             cx_sidecar_text(facts, "interaction_id"));
    snprintf(r->call_id, sizeof(r->call_id), "%s", cx_sidecar_text(facts, "call_id"));
    snprintf(r->from_tag, sizeof(r->from_tag), "%s", cx_sidecar_text(facts, "from_tag"));
    r->limit = (uint64_t)(limit > 0 && limit < LIMIT_S ? limit : LIMIT_S) * CX_RATE;
    r->start_ms = cx_sidecar_int(facts, "start_ms");
    r->heard_ms = r->ng_ms = monotonic_ms();
    r->origin_ms = r->ng_ms - (unix_ms() - r->start_ms);
    return r;
}

static void begin(struct recording *r, struct cx_spool_entry *entry)
{
    r->entry = entry;
    cx_tracks_init(&r->tracks, cx_spool_bytes(entry) / (2 * sizeof(int16_t)));
    r->next = r->all->live;
    r->all->live = r;
    r->all->stats.now++;
    subscribe(r);
}

int cx_records_message(void *arg, const char *body, size_t len)
{
    struct cx_records *all = arg;
    json_t *facts = json_loadb(body, len, JSON_REJECT_DUPLICATES, NULL);
    const char *id = cx_sidecar_text(facts, "id");
    struct cx_spool_entry *entry;
    struct recording *r = NULL;
    int err = -EINVAL;

    if (cx_id_is_valid(id) && *cx_sidecar_text(facts, "call_id") &&
        json_object_set_new(facts, "start_ms", json_integer(unix_ms())) == 0)
        r = recording_of(all, id, facts);
    if (r && all->stats.now >= RECORDINGS_MAX)
        err = -EBUSY;
    else if (r)
        err = cx_spool_open(all->config->spool, &cx_kind_recording, facts, id, &entry);
    json_decref(facts);
    if (err == 0) {
        all->stats.asked++;
        begin(r, entry);
        return 200;
    }
    free(r);
    if (err == -EEXIST) /* told twice */
        return 200;
    all->stats.lost++;
    cx_log(CX_LOG_ERROR, NULL, "record: refused: %s", strerror(-err));
    return err == -EINVAL ? 400 : 503;
}

/* 0: taken, or nothing to be taken; -EBUSY: somebody has its lock just now. */
static int take_over(struct cx_records *all, const char *id)
{
    char folder[CX_SPOOL_PATH];
    struct cx_spool_entry *entry;
    struct recording *r = NULL;
    json_t *facts = NULL;
    int err = cx_spool_resume(all->config->spool, &cx_kind_recording, id, &entry);

    if (err < 0)
        return err == -EBUSY ? err : 0;
    if (cx_spool_folder(folder, sizeof(folder), all->config->spool, &cx_kind_recording) == 0 &&
        cx_sidecar_read(folder, id, &facts) == 0 && !json_is_true(json_object_get(facts, "ended")))
        r = recording_of(all, id, facts);
    json_decref(facts);
    if (!r) {
        cx_spool_close(entry);
        return 0;
    }
    all->stats.taken_over++;
    cx_log(CX_LOG_WARNING, r->interaction, "record %s: taken over from a dead worker at %.1f s", id,
           (double)cx_spool_bytes(entry) / 4 / CX_RATE);
    begin(r, entry);
    return 0;
}

void cx_records_left(void *arg, const char *id)
{
    struct cx_records *all = arg;
    bool known = false;

    pthread_mutex_lock(&all->lock);
    for (size_t i = 0; i < all->left_count && !known; i++)
        known = strcmp(all->left[i].id, id) == 0;
    if (!known && all->left_count < LEFT_MAX) {
        snprintf(all->left[all->left_count].id, sizeof(all->left[0].id), "%s", id);
        all->left[all->left_count++].tries = 0;
    }
    pthread_mutex_unlock(&all->lock);
}

static void take_left(struct cx_records *all)
{
    size_t kept = 0;

    pthread_mutex_lock(&all->lock);
    for (size_t i = 0; i < all->left_count; i++)
        if (all->stats.now < RECORDINGS_MAX && take_over(all, all->left[i].id) == -EBUSY &&
            ++all->left[i].tries < LEFT_TRIES)
            all->left[kept++] = all->left[i];
    all->left_count = kept;
    pthread_mutex_unlock(&all->lock);
}

static void tick(struct ev_loop *loop, ev_timer *timer, int events)
{
    struct cx_records *all = timer->data;
    struct recording *next;

    (void)loop, (void)events;
    take_left(all);
    for (struct recording *r = all->live; r; r = next) {
        next = r->next;
        due(r);
    }
}

int cx_records_open(struct ev_loop *loop, const struct cx_media_config *config,
                    struct cx_rtp_ports *ports, struct cx_records **out)
{
    struct cx_records *all = calloc(1, sizeof(*all));
    int err;

    *out = NULL;
    if (!all)
        return -ENOMEM;
    err = cx_ng_open(loop, config->ip, &all->ng);
    if (err < 0) {
        free(all);
        return err;
    }
    all->loop = loop;
    all->config = config;
    all->ports = ports;
    pthread_mutex_init(&all->lock, NULL);
    cx_codec_open(&all->decoders[0], CX_PCMU);
    cx_codec_open(&all->decoders[1], CX_PCMA);
    ev_timer_init(&all->timer, tick, TICK_MS / 1000.0, TICK_MS / 1000.0);
    all->timer.data = all;
    ev_timer_start(loop, &all->timer);
    *out = all;
    return 0;
}

void cx_records_close(struct cx_records *all)
{
    if (!all)
        return;
    ev_timer_stop(all->loop, &all->timer);
    while (all->live) {
        struct recording *r = all->live;

        write_until(r, r->tracks.heard);
        cx_spool_close(r->entry); /* without "ended": another worker goes on */
        forget(r);
    }
    cx_ng_close(all->ng);
    pthread_mutex_destroy(&all->lock);
    free(all);
}

void cx_records_stats(const struct cx_records *all, struct cx_record_stats *stats)
{
    *stats = all->stats;
}
