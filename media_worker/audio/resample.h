/*
 * resample.h - 8 kHz to 16 kHz and back by a half-band filter: flat to 3.5 kHz, 70 dB down from
 * 4.5 kHz on, 2 ms late. Pure. SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef CX_RESAMPLE_H
#define CX_RESAMPLE_H

#include <stddef.h>
#include <stdint.h>

#define CX_RESAMPLE_TAPS 32  /* of the phase that is not a mere delay */
#define CX_RESAMPLE_MAX  160 /* samples at 8 kHz in one call */

/* What was there before this frame; all zero at the start. */
struct cx_upsampler {
    int16_t past[CX_RESAMPLE_TAPS - 1];
};
struct cx_downsampler {
    int16_t even[CX_RESAMPLE_TAPS - 1], odd[CX_RESAMPLE_TAPS - 1];
};

void cx_resample_init(void); /* computes the filter; once */
/* n samples at 8 kHz become 2 n. */
void cx_upsample(struct cx_upsampler *state, int16_t *to, const int16_t *from, size_t n);
/* 2 n samples at 16 kHz become n. */
void cx_downsample(struct cx_downsampler *state, int16_t *to, const int16_t *from, size_t n);

#endif
