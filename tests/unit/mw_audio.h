/*
 * mw_audio.h - sines and what is in a sound, by frequency (Goertzel), for the tests of the worker's
 * audio. SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef CX_TEST_MW_AUDIO_H
#define CX_TEST_MW_AUDIO_H

#include <math.h>
#include <stddef.h>
#include <stdint.h>

/* count samples of a sine, adding to what is there; at: index of the first sample (phase). */
static inline void audio_add(int16_t *samples, size_t count, size_t at, double hz, double rate,
                             double level)
{
    for (size_t i = 0; i < count; i++)
        samples[i] =
            (int16_t)(samples[i] + lrint(level * sin(2 * M_PI * hz * (double)(at + i) / rate)));
}

/* The amplitude of one frequency. */
static inline double audio_level(const int16_t *samples, size_t count, double hz, double rate)
{
    double re = 0, im = 0;

    for (size_t i = 0; i < count; i++) {
        re += samples[i] * cos(2 * M_PI * hz * (double)i / rate);
        im += samples[i] * sin(2 * M_PI * hz * (double)i / rate);
    }
    return count ? 2 * sqrt(re * re + im * im) / (double)count : 0;
}

static inline double audio_rms(const int16_t *samples, size_t count)
{
    double sum = 0;

    for (size_t i = 0; i < count; i++)
        sum += (double)samples[i] * samples[i];
    return count ? sqrt(sum / (double)count) : 0;
}

#endif
