/*
 * codec.c - see codec.h. SPDX-License-Identifier: GPL-2.0-or-later
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <spandsp.h>
#include <spandsp/private/g722.h> /* size of an encoder */

#include "codec.h"

#define G722_NOTHING 0xfe
#define LOUD_MEAN    150 /* mean of the absolute samples; about -44 dB of full scale for speech */

static int16_t linear_of[2][256];
static uint8_t coded_of[2][1 << 14]; /* by the upper 14 bits of the sample */
static uint8_t silence[CX_CODECS][CX_FRAME];

void cx_codec_init(void)
{
    for (int i = 0; i < 256; i++) {
        linear_of[CX_PCMU][i] = ulaw_to_linear((uint8_t)i);
        linear_of[CX_PCMA][i] = alaw_to_linear((uint8_t)i);
    }
    for (int i = 0; i < 1 << 14; i++) {
        int sample = (int16_t)(uint16_t)(i << 2);
        coded_of[CX_PCMU][i] = linear_to_ulaw(sample);
        coded_of[CX_PCMA][i] = linear_to_alaw(sample);
    }
    cx_resample_init();
    memset(silence[CX_PCMU], linear_to_ulaw(0), CX_FRAME);
    memset(silence[CX_PCMA], linear_to_alaw(0), CX_FRAME);
    /* no difference in either band: what comes out dies away, whatever came before */
    memset(silence[CX_G722], G722_NOTHING, CX_FRAME);
}

const char *cx_codec_name(enum cx_codec codec)
{
    static const char *const names[CX_CODECS] = {"PCMU", "PCMA", "G722"};

    return names[codec];
}

int cx_codec_open(struct cx_codec_state *s, enum cx_codec codec)
{
    *s = (struct cx_codec_state){.codec = codec};
    if (codec != CX_G722)
        return 0;
    s->encoder = g722_encode_init(NULL, 64000, G722_SAMPLE_RATE_8000);
    s->decoder = g722_decode_init(NULL, 64000, G722_SAMPLE_RATE_8000);
    if (s->encoder && s->decoder)
        return 0;
    cx_codec_close(s);
    return -ENOMEM;
}

void cx_codec_close(struct cx_codec_state *s)
{
    if (s->encoder)
        g722_encode_free(s->encoder);
    if (s->decoder)
        g722_decode_free(s->decoder);
    s->encoder = s->decoder = NULL;
}

void cx_codec_encode(struct cx_codec_state *s, uint8_t *bytes, const int16_t *samples, size_t n)
{
    const uint8_t *table;

    if (s->codec == CX_G722) {
        g722_encode(s->encoder, bytes, samples, (int)n);
        return;
    }
    table = coded_of[s->codec];
    for (size_t i = 0; i < n; i++)
        bytes[i] = table[(uint16_t)samples[i] >> 2];
}

void cx_codec_decode(struct cx_codec_state *s, int16_t *samples, const uint8_t *bytes, size_t n)
{
    if (s->codec == CX_G722) {
        g722_decode(s->decoder, samples, bytes, (int)n);
        return;
    }
    cx_codec_expand(s->codec, samples, bytes, n);
}

int cx_wide_open(struct cx_wide_state *s, enum cx_codec codec)
{
    memset(s, 0, sizeof(*s));
    s->codec = codec;
    if (codec != CX_G722)
        return 0;
    s->encoder = g722_encode_init(NULL, 64000, 0);
    s->decoder = g722_decode_init(NULL, 64000, 0);
    if (s->encoder && s->decoder)
        return 0;
    cx_wide_close(s);
    return -ENOMEM;
}

void cx_wide_close(struct cx_wide_state *s)
{
    if (s->encoder)
        g722_encode_free(s->encoder);
    if (s->decoder)
        g722_decode_free(s->decoder);
    s->encoder = s->decoder = NULL;
}

void cx_wide_encode(struct cx_wide_state *s, uint8_t *bytes, const int16_t *samples, size_t n)
{
    int16_t narrow[CX_RESAMPLE_MAX];

    if (s->codec == CX_G722) {
        g722_encode(s->encoder, bytes, samples, (int)(2 * n));
        return;
    }
    cx_downsample(&s->down, narrow, samples, n);
    for (size_t i = 0; i < n; i++)
        bytes[i] = coded_of[s->codec][(uint16_t)narrow[i] >> 2];
}

void cx_wide_decode(struct cx_wide_state *s, int16_t *samples, const uint8_t *bytes, size_t n)
{
    int16_t narrow[CX_RESAMPLE_MAX];

    if (s->codec == CX_G722) {
        g722_decode(s->decoder, samples, bytes, (int)n);
        return;
    }
    cx_codec_expand(s->codec, narrow, bytes, n);
    cx_upsample(&s->up, samples, narrow, n);
}

void cx_wide_follow(struct cx_wide_state *s, const struct cx_wide_state *other)
{
    if (s->codec == CX_G722)
        memcpy(s->encoder, other->encoder, sizeof(g722_encode_state_t));
    else
        s->down = other->down;
}

void cx_codec_expand(enum cx_codec codec, int16_t *samples, const uint8_t *bytes, size_t n)
{
    const int16_t *table = linear_of[codec];

    for (size_t i = 0; i < n; i++)
        samples[i] = table[bytes[i]];
}

const uint8_t *cx_codec_silence(enum cx_codec codec)
{
    return silence[codec];
}

int cx_audio_is_loud(const int16_t *samples, size_t n)
{
    uint32_t sum = 0;

    for (size_t i = 0; i < n; i++)
        sum += (uint32_t)(samples[i] < 0 ? -samples[i] : samples[i]);
    return n && sum / n >= LOUD_MEAN;
}
