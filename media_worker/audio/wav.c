/*
 * wav.c - reads a sound file into 8 kHz mono samples. See prompt.h.
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include <errno.h>
#include <stdlib.h>

#include <sndfile.h>

#include "prompt.h"

#define LONGEST_S 600

/* Uploads are 8 kHz already; this is for speech from text and for what an operator drops in. A
 * higher rate: the mean of all that falls into a sample; a lower one: linear interpolation. */
static size_t to_8k(int16_t *out, const int16_t *in, size_t frames, int channels, int rate)
{
    size_t count = (size_t)((uint64_t)frames * CX_RATE / (unsigned)rate);

    for (size_t i = 0; i < count; i++) {
        double at = (double)i * rate / CX_RATE;
        size_t a = (size_t)at, b = a + 1 < frames ? a + 1 : a;
        double sum = 0;
        if (rate > CX_RATE) {
            size_t end = (size_t)((double)(i + 1) * rate / CX_RATE);
            end = end > frames ? frames : end <= a ? a + 1 : end;
            for (size_t f = a; f < end; f++)
                for (int c = 0; c < channels; c++)
                    sum += in[f * (size_t)channels + (size_t)c];
            out[i] = (int16_t)(sum / (double)(end - a) / channels);
            continue;
        }
        for (int c = 0; c < channels; c++) {
            double left = in[a * (size_t)channels + (size_t)c];
            double right = in[b * (size_t)channels + (size_t)c];
            sum += left + (right - left) * (at - (double)a);
        }
        out[i] = (int16_t)(sum / channels);
    }
    return count;
}

int cx_prompt_read_wav(const char *path, int16_t **samples, size_t *count)
{
    SF_INFO info = {0};
    SNDFILE *file = sf_open(path, SFM_READ, &info);
    int16_t *raw = NULL, *out = NULL;
    sf_count_t frames;
    int err = -EINVAL;

    *samples = NULL;
    *count = 0;
    if (!file)
        return -ENOENT;
    if (info.channels < 1 || info.channels > 8 || info.samplerate < 1000 ||
        info.samplerate > 192000 || info.frames < 0)
        goto out;
    frames = info.frames;
    if (frames > (sf_count_t)info.samplerate * LONGEST_S)
        frames = (sf_count_t)info.samplerate * LONGEST_S;
    err = -ENOMEM;
    raw = malloc(((size_t)frames * (size_t)info.channels + 1) * sizeof(*raw));
    if (!raw)
        goto out;
    frames = sf_readf_short(file, raw, frames);
    if (info.channels == 1 && info.samplerate == CX_RATE) {
        *samples = raw;
        *count = (size_t)frames;
        raw = NULL;
        err = 0;
        goto out;
    }
    out = malloc(((size_t)frames * CX_RATE / (unsigned)info.samplerate + 1) * sizeof(*out));
    if (!out)
        goto out;
    *count = to_8k(out, raw, (size_t)frames, info.channels, info.samplerate);
    *samples = out;
    err = 0;
out:
    free(raw);
    sf_close(file);
    return err;
}
