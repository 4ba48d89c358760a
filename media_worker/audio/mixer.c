/*
 * mixer.c - see mixer.h. SPDX-License-Identifier: GPL-2.0-or-later
 */
#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "jitter.h"
#include "mixer.h"

#define WIDE       CX_WIDE_FRAME
#define WIDE_RATE  (2 * CX_RATE)
#define FLOOR      24 /* mean of absolute samples; below it is nobody's voice */
#define QUIET      150
#define RAMP       128 /* samples: 8 ms, in which a speaker comes and goes */
#define ROOF       30000
#define CUES       12
#define TONE_LEVEL 4000
#define REPEATS    3 /* frames that stand in for lost ones, ever softer */

/* What all hear beside the speakers: a beep, or a sound of 8 kHz. */
struct cue {
    unsigned hz;
    int16_t *samples; /* NULL: a beep */
    size_t left, at;  /* samples of 16 kHz */
};

struct cx_mix_member {
    struct cx_mix *mix;
    struct cx_mix_member *next, *before;
    struct cx_wide_state codec;
    struct cx_jitter jitter;
    bool muted, deaf, chosen, was_chosen;
    float level;      /* loudness, slowly falling */
    unsigned repeats; /* frames in a row that were made up */
    const uint8_t *heard;
    uint8_t own[CX_FRAME]; /* heard, when it is not what others hear too */
    int16_t last[WIDE];    /* the newest frame: at 8 kHz half of it, for G.711 */
    int16_t voice[WIDE];   /* the same at 16 kHz; speakers only */
};

struct cx_mix {
    struct cx_mix *next, *before;
    struct cx_mix_member *members;
    unsigned count, users[CX_CODECS];
    struct cx_wide_state common[CX_CODECS]; /* encoders of what all who do not speak hear */
    uint8_t frames[CX_CODECS][CX_FRAME];
    struct cue cues[CUES];
    unsigned cue_count;
    struct cx_upsampler up; /* of their sounds */
    float gain;             /* of the sum, at the end of the last frame */
    unsigned tail;          /* ticks for which filters still have something to say */
};

static struct cx_mix *mixes;

int cx_mix_new(struct cx_mix **out)
{
    struct cx_mix *mix = calloc(1, sizeof(*mix));

    *out = mix;
    if (!mix)
        return -ENOMEM;
    mix->gain = 1;
    for (int c = 0; c < CX_CODECS; c++) {
        if (cx_wide_open(&mix->common[c], (enum cx_codec)c) < 0) {
            *out = NULL;
            while (--c >= 0)
                cx_wide_close(&mix->common[c]);
            free(mix);
            return -ENOMEM;
        }
        memcpy(mix->frames[c], cx_codec_silence((enum cx_codec)c), CX_FRAME);
    }
    mix->next = mixes;
    if (mixes)
        mixes->before = mix;
    mixes = mix;
    return 0;
}

void cx_mix_free(struct cx_mix *mix)
{
    if (!mix)
        return;
    *(mix->before ? &mix->before->next : &mixes) = mix->next;
    if (mix->next)
        mix->next->before = mix->before;
    for (int c = 0; c < CX_CODECS; c++)
        cx_wide_close(&mix->common[c]);
    for (unsigned i = 0; i < mix->cue_count; i++)
        free(mix->cues[i].samples);
    free(mix);
}

unsigned cx_mix_count(const struct cx_mix *mix)
{
    return mix->count;
}

void cx_mix_tone(struct cx_mix *mix, unsigned hz, unsigned ms)
{
    if (mix->cue_count < CUES)
        mix->cues[mix->cue_count++] = (struct cue){.hz = hz, .left = ms * (WIDE_RATE / 1000)};
}

void cx_mix_sound(struct cx_mix *mix, const int16_t *samples, size_t count)
{
    int16_t *copy = mix->cue_count < CUES ? malloc((count + 1) * sizeof(*copy)) : NULL;

    if (!copy)
        return;
    memcpy(copy, samples, count * sizeof(*copy));
    mix->cues[mix->cue_count++] = (struct cue){.samples = copy, .left = 2 * count};
}

int cx_mix_join(struct cx_mix *mix, enum cx_codec codec, struct cx_mix_member **out)
{
    struct cx_mix_member *m = calloc(1, sizeof(*m));

    *out = NULL;
    if (!m || cx_wide_open(&m->codec, codec) < 0) {
        free(m);
        return -ENOMEM;
    }
    m->mix = mix;
    m->heard = cx_codec_silence(codec);
    m->next = mix->members;
    if (m->next)
        m->next->before = m;
    mix->members = m;
    mix->count++;
    mix->users[codec]++;
    *out = m;
    return 0;
}

void cx_mix_leave(struct cx_mix_member *m)
{
    if (!m)
        return;
    *(m->before ? &m->before->next : &m->mix->members) = m->next;
    if (m->next)
        m->next->before = m->before;
    m->mix->count--;
    m->mix->users[m->codec.codec]--;
    cx_wide_close(&m->codec);
    free(m);
}

int cx_mix_set_codec(struct cx_mix_member *m, enum cx_codec codec)
{
    struct cx_wide_state next;

    if (codec == m->codec.codec)
        return 0;
    if (cx_wide_open(&next, codec) < 0)
        return -ENOMEM;
    m->mix->users[m->codec.codec]--;
    m->mix->users[codec]++;
    cx_wide_close(&m->codec);
    m->codec = next;
    cx_jitter_reset(&m->jitter); /* what waits is in the other codec */
    m->chosen = m->was_chosen = false;
    m->repeats = REPEATS;
    m->heard = cx_codec_silence(codec);
    return 0;
}

void cx_mix_put(struct cx_mix_member *m, uint32_t timestamp, const uint8_t *payload, size_t n)
{
    cx_jitter_put(&m->jitter, timestamp, payload, n);
}

void cx_mix_resync(struct cx_mix_member *m)
{
    cx_jitter_reset(&m->jitter);
}

void cx_mix_mute(struct cx_mix_member *m, bool on)
{
    m->muted = on;
}

void cx_mix_deafen(struct cx_mix_member *m, bool on)
{
    m->deaf = on;
}

bool cx_mix_is_muted(const struct cx_mix_member *m)
{
    return m->muted;
}

bool cx_mix_is_deaf(const struct cx_mix_member *m)
{
    return m->deaf;
}

bool cx_mix_speaks(const struct cx_mix_member *m)
{
    return m->chosen && m->level >= QUIET;
}

const uint8_t *cx_mix_frame(const struct cx_mix_member *m)
{
    return m->heard;
}

/* ---- what a member says */

/* Samples of the newest frame at their own rate: half as many for G.711. */
static unsigned rate_of(const struct cx_mix_member *m)
{
    return m->codec.codec == CX_G722 ? 2 : 1;
}

static void decode(struct cx_mix_member *m, int16_t *to, const uint8_t *bytes, size_t n)
{
    if (m->codec.codec == CX_G722)
        cx_wide_decode(&m->codec, to, bytes, n);
    else
        cx_codec_expand(m->codec.codec, to, bytes, n);
}

/* Lost: the frame before stands in for it, ever softer until nothing is left after REPEATS. */
static void make_up(struct cx_mix_member *m, int16_t *to, unsigned from, unsigned n)
{
    int size = (int)(CX_FRAME * rate_of(m)), repeats = (int)m->repeats;

    for (int i = (int)from; i < (int)(from + n); i++) {
        /* m->last has been made softer already, but for the first time */
        int left = (REPEATS - repeats) * size - i, before = repeats ? left + size : REPEATS * size;
        to[i] = (int16_t)(repeats < REPEATS ? m->last[i] * left / before : 0);
    }
}

/* Reads a frame into m->last. */
static void listen(struct cx_mix_member *m)
{
    uint8_t bytes[CX_FRAME], there[CX_JITTER_BLOCKS];
    int16_t now[WIDE];
    unsigned rate = rate_of(m);
    bool any = cx_jitter_get(&m->jitter, bytes, there, m->level < QUIET);

    if (any && memchr(there, 0, CX_JITTER_BLOCKS) == NULL) {
        decode(m, m->last, bytes, CX_FRAME);
        m->repeats = 0;
        return;
    }
    if (!any && m->repeats > REPEATS)
        return; /* silent since long */
    for (unsigned i = 0, n; i < CX_JITTER_BLOCKS; i += n) {
        unsigned at = i * CX_JITTER_BLOCK;

        for (n = 1; any && i + n < CX_JITTER_BLOCKS && there[i + n] == there[i]; n++)
            ;
        if (any && there[i])
            decode(m, now + at * rate, bytes + at, n * CX_JITTER_BLOCK);
        else
            make_up(m, now, at * rate, n * CX_JITTER_BLOCK * rate);
    }
    memcpy(m->last, now, CX_FRAME * rate * sizeof(*now));
    m->repeats = any ? 0 : m->repeats + 1;
}

static void measure(struct cx_mix_member *m)
{
    size_t n = CX_FRAME * rate_of(m);
    int32_t sum = 0;
    float now = 0;

    m->level *= 0.95f;
    if (!m->muted && m->repeats <= REPEATS) {
        for (size_t i = 0; i < n; i++)
            sum += m->last[i] < 0 ? -m->last[i] : m->last[i];
        now = (float)sum / (float)n;
    }
    if (now > m->level)
        m->level = now;
}

/* ---- the mix */

/* The loudest; who is one already stays it until another is clearly louder. */
static unsigned choose(struct cx_mix *mix, struct cx_mix_member **speakers)
{
    float scores[CX_MIX_SPEAKERS];
    unsigned count = 0;

    for (struct cx_mix_member *m = mix->members; m; m = m->next) {
        float score = m->level * (m->chosen ? 1.5f : 1);
        unsigned at;

        m->was_chosen = m->chosen;
        m->chosen = false;
        if (score < FLOOR || m->muted)
            continue;
        for (at = count; at > 0 && scores[at - 1] < score; at--)
            if (at < CX_MIX_SPEAKERS) {
                scores[at] = scores[at - 1];
                speakers[at] = speakers[at - 1];
            }
        if (at == CX_MIX_SPEAKERS)
            continue;
        scores[at] = score;
        speakers[at] = m;
        if (count < CX_MIX_SPEAKERS)
            count++;
    }
    for (unsigned i = 0; i < count; i++)
        speakers[i]->chosen = true;
    return count;
}

/* m->voice: what this member adds to the sum. */
static void speak(struct cx_mix_member *m)
{
    if (m->codec.codec == CX_G722)
        memcpy(m->voice, m->last, sizeof(m->voice));
    else
        cx_upsample(&m->codec.up, m->voice, m->last, CX_FRAME);
    if (m->chosen == m->was_chosen)
        return;
    for (int i = 0; i < RAMP; i++)
        m->voice[i] = (int16_t)(m->voice[i] * (m->chosen ? i : RAMP - i) / RAMP);
    if (!m->chosen)
        memset(m->voice + RAMP, 0, (WIDE - RAMP) * sizeof(*m->voice));
}

static void beep(struct cue *c, int32_t *sum, unsigned n)
{
    double step = 2 * M_PI * c->hz / WIDE_RATE;

    for (unsigned i = 0; i < n; i++) {
        size_t at = c->at + i, left = c->left - i, edge = at < left ? at : left;
        double level = edge < RAMP ? TONE_LEVEL * (double)edge / RAMP : TONE_LEVEL;
        sum[i] += (int32_t)lrint(level * sin(step * (double)at));
    }
}

static void play_cue(struct cx_mix *mix, int32_t *sum)
{
    struct cue *c = &mix->cues[0];
    unsigned n = c->left < WIDE ? (unsigned)c->left : WIDE;
    int16_t wide[WIDE];

    if (c->samples) {
        cx_upsample(&mix->up, wide, c->samples + c->at / 2, n / 2);
        for (unsigned i = 0; i < n; i++)
            sum[i] += wide[i];
    } else if (c->hz) {
        beep(c, sum, n);
    }
    c->at += n;
    c->left -= n;
    if (c->left)
        return;
    free(c->samples);
    memmove(mix->cues, mix->cues + 1, --mix->cue_count * sizeof(*c));
}

/* The sum, without `minus`, at this frame's gain (which glides). */
static void render(int16_t *to, const int32_t *sum, const int16_t *minus, float gain, float next)
{
    float step = (next - gain) / WIDE;

    for (unsigned i = 0; i < WIDE; i++) {
        int32_t v = sum[i] - (minus ? minus[i] : 0);
        v = (int32_t)((float)v * (gain + step * (float)i));
        to[i] = (int16_t)(v > 32767 ? 32767 : v < -32768 ? -32768 : v);
    }
}

/* Down at once when it is too loud, up again within a second or so. */
static float next_gain(const struct cx_mix *mix, const int32_t *sum)
{
    int32_t peak = 0;
    float wanted, slow = mix->gain + 0.02f;

    for (unsigned i = 0; i < WIDE; i++) {
        int32_t v = sum[i] < 0 ? -sum[i] : sum[i];
        peak = v > peak ? v : peak;
    }
    wanted = peak > ROOF ? ROOF / (float)peak : 1;
    return wanted < slow ? wanted : slow > 1 ? 1 : slow;
}

static void mix_tick(struct cx_mix *mix)
{
    struct cx_mix_member *speakers[CX_MIX_SPEAKERS], *m;
    int32_t sum[WIDE] = {0};
    int16_t out[WIDE];
    float gain;
    bool sounds;

    for (m = mix->members; m; m = m->next) {
        listen(m);
        measure(m);
    }
    sounds = choose(mix, speakers) > 0 || mix->cue_count > 0;
    for (m = mix->members; m; m = m->next) {
        if (!m->chosen && !m->was_chosen)
            continue;
        sounds = true;
        if (!m->was_chosen)
            cx_wide_follow(&m->codec, &mix->common[m->codec.codec]);
        speak(m);
        for (unsigned i = 0; i < WIDE; i++)
            sum[i] += m->voice[i];
    }
    if (mix->cue_count)
        play_cue(mix, sum);
    if (sounds)
        mix->tail = 3;
    else if (mix->tail)
        mix->tail--;
    gain = next_gain(mix, sum);

    render(out, sum, NULL, mix->gain, gain);
    for (int c = 0; c < CX_CODECS; c++)
        if (mix->users[c] && (mix->tail || c == CX_G722))
            cx_wide_encode(&mix->common[c], mix->frames[c], out, CX_FRAME);
        else if (mix->users[c])
            memcpy(mix->frames[c], cx_codec_silence((enum cx_codec)c), CX_FRAME);
    for (m = mix->members; m; m = m->next) {
        enum cx_codec codec = m->codec.codec;

        if (m->deaf) {
            m->heard = cx_codec_silence(codec);
        } else if (m->chosen || m->was_chosen) {
            render(out, sum, m->voice, mix->gain, gain);
            cx_wide_encode(&m->codec, m->own, out, CX_FRAME);
            m->heard = m->own;
        } else {
            m->heard = mix->frames[codec];
        }
    }
    mix->gain = gain;
}

void cx_mix_tick_all(void)
{
    for (struct cx_mix *mix = mixes; mix; mix = mix->next)
        mix_tick(mix);
}
