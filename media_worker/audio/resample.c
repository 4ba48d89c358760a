/*
 * resample.c - see resample.h. SPDX-License-Identifier: GPL-2.0-or-later
 */
#include <math.h>
#include <string.h>

#include "resample.h"

#define TAPS CX_RESAMPLE_TAPS
#define PAST (TAPS - 1)
#define Q    14 /* the sum of 32 products stays within 32 bits */
#define BETA 7.5

static int16_t filter[TAPS];

/* Kaiser's window. */
static double bessel(double x)
{
    double sum = 1, term = 1;

    for (int k = 1; k < 40; k++) {
        term *= x / 2 / k;
        sum += term * term;
    }
    return sum;
}

void cx_resample_init(void)
{
    double taps[TAPS], sum = 0;

    for (int k = 0; k < TAPS; k++) {
        double t = k - TAPS / 2 + 0.5, edge = t / (TAPS / 2);
        taps[k] = sin(M_PI * t) / (M_PI * t) * bessel(BETA * sqrt(1 - edge * edge)) / bessel(BETA);
        sum += taps[k];
    }
    for (int k = 0; k < TAPS; k++)
        filter[k] = (int16_t)lrint(taps[k] / sum * (1 << Q));
}

static int16_t clamp(int32_t v)
{
    return (int16_t)(v > 32767 ? 32767 : v < -32768 ? -32768 : v);
}

static int32_t convolve(const int16_t *samples)
{
    int32_t sum = 1 << (Q - 1);

    for (int k = 0; k < TAPS; k++)
        sum += filter[k] * samples[k];
    return sum >> Q;
}

void cx_upsample(struct cx_upsampler *s, int16_t *to, const int16_t *from, size_t n)
{
    int16_t line[PAST + CX_RESAMPLE_MAX];

    memcpy(line, s->past, sizeof(s->past));
    memcpy(line + PAST, from, n * sizeof(*from));
    for (size_t i = 0; i < n; i++) {
        to[2 * i] = line[i + TAPS / 2 - 1];
        to[2 * i + 1] = clamp(convolve(line + i));
    }
    memcpy(s->past, line + n, sizeof(s->past));
}

void cx_downsample(struct cx_downsampler *s, int16_t *to, const int16_t *from, size_t n)
{
    int16_t even[PAST + CX_RESAMPLE_MAX], odd[PAST + CX_RESAMPLE_MAX];

    memcpy(even, s->even, sizeof(s->even));
    memcpy(odd, s->odd, sizeof(s->odd));
    for (size_t i = 0; i < n; i++) {
        even[PAST + i] = from[2 * i];
        odd[PAST + i] = from[2 * i + 1];
    }
    for (size_t i = 0; i < n; i++)
        to[i] = clamp((odd[i + TAPS / 2 - 1] + convolve(even + i)) / 2);
    memcpy(s->even, even + n, sizeof(s->even));
    memcpy(s->odd, odd + n, sizeof(s->odd));
}
