/*
 * codec.h - G.711 a-law and mu-law by tables, G.722 by spandsp. Audio inside is 16 bit, 8 kHz,
 * mono; in conferences 16 kHz.
 *
 * With all three codecs one byte carries one 8 kHz sample (G.722's upper half band stays empty), so
 * a frame of 20 ms is 160 samples and 160 bytes. SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef CX_CODEC_H
#define CX_CODEC_H

#include <stddef.h>
#include <stdint.h>

#include "resample.h"

#define CX_FRAME 160 /* samples, and bytes, of 20 ms */
#define CX_RATE  8000

enum cx_codec { CX_PCMU, CX_PCMA, CX_G722, CX_CODECS };

/* One direction pair of one stream. */
struct cx_codec_state {
    enum cx_codec codec;
    void *encoder, *decoder; /* G.722 only */
};

/* One direction pair at 16 kHz: all of G.722's band; G.711 is filtered up and down. */
#define CX_WIDE_FRAME (2 * CX_FRAME) /* samples */
struct cx_wide_state {
    enum cx_codec codec;
    void *encoder, *decoder; /* G.722 only */
    struct cx_upsampler up;
    struct cx_downsampler down;
};

void cx_codec_init(void); /* fills the tables; once, before any other thread */
const char *cx_codec_name(enum cx_codec codec); /* as in rtpmap */
/* 0 or -ENOMEM. */
int cx_codec_open(struct cx_codec_state *state, enum cx_codec codec);
void cx_codec_close(struct cx_codec_state *state);
void cx_codec_encode(struct cx_codec_state *state, uint8_t *bytes, const int16_t *samples,
                     size_t n);
void cx_codec_decode(struct cx_codec_state *state, int16_t *samples, const uint8_t *bytes,
                     size_t n);
/* As above; n counts bytes, there are twice as many samples. */
int cx_wide_open(struct cx_wide_state *state, enum cx_codec codec);
void cx_wide_close(struct cx_wide_state *state);
void cx_wide_encode(struct cx_wide_state *state, uint8_t *bytes, const int16_t *samples, size_t n);
void cx_wide_decode(struct cx_wide_state *state, int16_t *samples, const uint8_t *bytes, size_t n);
/* From now on this one's listener hears what the other's has heard: no click. The same codec. */
void cx_wide_follow(struct cx_wide_state *state, const struct cx_wide_state *other);
/* G.711 only, without the filter. */
void cx_codec_expand(enum cx_codec codec, int16_t *samples, const uint8_t *bytes, size_t n);
/* A frame of silence, CX_FRAME bytes. */
const uint8_t *cx_codec_silence(enum cx_codec codec);
/* Is this frame more than background noise? */
int cx_audio_is_loud(const int16_t *samples, size_t n);

#endif
