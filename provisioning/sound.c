/*
 * sound.c - see sound.h. Decoding is libsndfile's and libmpg123's work; the sampling rate is
 * changed by a windowed sinc, so that what 8 kHz cannot hold is gone and not folded back.
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include <errno.h>
#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <ebur128.h>
#include <mpg123.h>
#include <sndfile.h>

#include "sound.h"

#define RATE          8000
#define MINUTES       30
#define ZEROS         16 /* of the sinc, on each side */
#define CUT           0.95
#define RATE_MAX      192000
#define CHUNK         4096
#define LOUDNESS_LUFS (-17.0) /* a tone of it has an amplitude of 0.22 */
#define SILENCE_LUFS  (-60.0)
#define PEAK          0.9

struct sound {
    float *samples; /* mono */
    size_t n, room;
    int rate, channels;
};

/* Interleaved frames, mixed into one channel. */
static int add_frames(struct sound *s, const float *frames, size_t count)
{
    if (s->n + count > (size_t)s->rate * 60 * MINUTES)
        return -EFBIG;
    if (s->n + count > s->room) {
        size_t room = (s->n + count) * 2;
        float *grown = realloc(s->samples, room * sizeof(*grown));
        if (!grown)
            return -ENOMEM;
        s->samples = grown;
        s->room = room;
    }
    for (size_t i = 0; i < count; i++) {
        float sum = 0;
        for (int c = 0; c < s->channels; c++)
            sum += frames[i * (size_t)s->channels + (size_t)c];
        s->samples[s->n++] = sum / (float)s->channels;
    }
    return 0;
}

struct memory {
    const unsigned char *data;
    sf_count_t len, at;
};

static sf_count_t memory_len(void *arg)
{
    return ((struct memory *)arg)->len;
}

static sf_count_t memory_seek(sf_count_t offset, int whence, void *arg)
{
    struct memory *m = arg;
    sf_count_t to = whence == SEEK_SET   ? offset
                    : whence == SEEK_CUR ? m->at + offset
                                         : m->len + offset;

    if (to < 0 || to > m->len)
        return -1;
    return m->at = to;
}

static sf_count_t memory_read(void *to, sf_count_t count, void *arg)
{
    struct memory *m = arg;

    if (count > m->len - m->at)
        count = m->len - m->at;
    memcpy(to, m->data + m->at, (size_t)count);
    m->at += count;
    return count;
}

static sf_count_t memory_tell(void *arg)
{
    return ((struct memory *)arg)->at;
}

static int read_sndfile(const void *data, size_t len, struct sound *s)
{
    SF_VIRTUAL_IO io = {memory_len, memory_seek, memory_read, NULL, memory_tell};
    struct memory memory = {data, (sf_count_t)len, 0};
    SF_INFO info = {0};
    SNDFILE *file = sf_open_virtual(&io, SFM_READ, &info, &memory);
    float *chunk = NULL;
    sf_count_t got;
    int err = 0;

    if (!file)
        return -EBADMSG;
    if (info.samplerate < 1000 || info.samplerate > RATE_MAX || info.channels < 1 ||
        info.channels > 8) {
        err = -EBADMSG;
        goto out;
    }
    s->rate = info.samplerate;
    s->channels = info.channels;
    chunk = malloc(sizeof(*chunk) * CHUNK * (size_t)info.channels);
    if (!chunk)
        err = -ENOMEM;
    while (err == 0 && (got = sf_readf_float(file, chunk, CHUNK)) > 0)
        err = add_frames(s, chunk, (size_t)got);
out:
    free(chunk);
    sf_close(file);
    return err;
}

/* libmpg123 finds something in any noise: a file must begin like an mp3. */
static bool looks_like_mp3(const unsigned char *data, size_t len)
{
    return len > 4 &&
           (memcmp(data, "ID3", 3) == 0 || (data[0] == 0xff && (data[1] & 0xe6) == 0xe2));
}

static int read_mp3(const void *data, size_t len, struct sound *s)
{
    mpg123_handle *mpg;
    unsigned char chunk[CHUNK * sizeof(float)];
    size_t got = 0;
    long rate = 0;
    int channels = 0, encoding, err = 0, result;

    if (!looks_like_mp3(data, len) || mpg123_init() != MPG123_OK)
        return -EBADMSG;
    mpg = mpg123_new(NULL, &err);
    if (!mpg)
        return -ENOMEM;
    err = -EBADMSG;
    mpg123_param(mpg, MPG123_ADD_FLAGS, MPG123_FORCE_FLOAT | MPG123_QUIET | MPG123_MONO_MIX, 0);
    if (mpg123_open_feed(mpg) != MPG123_OK || mpg123_feed(mpg, data, len) != MPG123_OK)
        goto out;
    for (;;) {
        result = mpg123_read(mpg, chunk, sizeof(chunk), &got);
        if (result == MPG123_NEW_FORMAT) {
            mpg123_getformat(mpg, &rate, &channels, &encoding);
            if (s->n > 0 && s->rate != (int)rate) {
                err = -EBADMSG;
                break;
            }
            s->rate = (int)rate;
            s->channels = channels;
            err = 0;
        }
        if (err == 0 && got > 0 && s->channels > 0)
            err = add_frames(s, (const float *)(const void *)chunk,
                             got / sizeof(float) / (size_t)s->channels);
        if (err < 0 || (result != MPG123_OK && result != MPG123_NEW_FORMAT))
            break;
    }
    if (err == 0 && s->n == 0)
        err = -EBADMSG;
out:
    mpg123_delete(mpg);
    return err;
}

/* Brings the sound to one loudness (EBU R 128), so that nobody's music or greeting is louder than
 * another's. Not above full scale, and not the noise of silence. */
static int normalise(struct sound *s)
{
    ebur128_state *state = ebur128_init(1, (unsigned long)s->rate, EBUR128_MODE_I);
    double loudness = -HUGE_VAL, peak = 0, gain;
    int err = -ENOMEM;

    if (!state)
        return err;
    if (ebur128_add_frames_float(state, s->samples, s->n) != EBUR128_SUCCESS)
        goto out;
    err = 0;
    if (ebur128_loudness_global(state, &loudness) != EBUR128_SUCCESS || loudness < SILENCE_LUFS)
        goto out;
    for (size_t i = 0; i < s->n; i++)
        peak = fmax(peak, fabs((double)s->samples[i]));
    gain = pow(10, (LOUDNESS_LUFS - loudness) / 20);
    if (gain * peak > PEAK)
        gain = PEAK / peak;
    for (size_t i = 0; i < s->n; i++)
        s->samples[i] = (float)((double)s->samples[i] * gain);
out:
    ebur128_destroy(&state);
    return err;
}

/* Blackman window over -1..1. */
static double window(double x)
{
    return 0.42 + 0.5 * cos(M_PI * x) + 0.08 * cos(2 * M_PI * x);
}

static double sinc(double x)
{
    return fabs(x) < 1e-9 ? 1 : sin(M_PI * x) / (M_PI * x);
}

static float sample_at(const struct sound *s, double position, double cut)
{
    double reach = ZEROS / cut, sum = 0, gain = 0;
    long first = (long)ceil(position - reach), last = (long)floor(position + reach);

    for (long i = first; i <= last; i++) {
        double distance = (double)i - position, weight;
        weight = sinc(distance * cut) * window(distance / reach);
        gain += weight;
        if (i >= 0 && (size_t)i < s->n)
            sum += weight * (double)s->samples[i];
    }
    sum = gain > 0 ? sum / gain : 0;
    return (float)sum;
}

/* To what is kept: before that, what 8 kHz cannot hold would count for the loudness. */
static int resample(struct sound *s)
{
    size_t total = (size_t)((double)s->n * RATE / s->rate);
    double step = (double)s->rate / RATE, cut = s->rate > RATE ? CUT / step : CUT;
    float *samples;

    if (s->rate == RATE)
        return 0;
    samples = malloc((total ? total : 1) * sizeof(*samples));
    if (!samples)
        return -ENOMEM;
    for (size_t i = 0; i < total; i++)
        samples[i] = sample_at(s, (double)i * step, cut);
    free(s->samples);
    s->samples = samples;
    s->n = s->room = total;
    s->rate = RATE;
    return 0;
}

static int write_wav(const struct sound *s, const char *path, uint32_t *length_ms)
{
    SF_INFO info = {.samplerate = RATE, .channels = 1, .format = SF_FORMAT_WAV | SF_FORMAT_PCM_16};
    SNDFILE *file = sf_open(path, SFM_WRITE, &info);
    short chunk[CHUNK];
    size_t at = 0;
    int err = 0;

    if (!file)
        return -EIO;
    while (err == 0 && at < s->n) {
        size_t n = s->n - at < CHUNK ? s->n - at : CHUNK;
        for (size_t i = 0; i < n; i++)
            chunk[i] = (short)lrint(fmax(-1, fmin(1, (double)s->samples[at + i])) * 32767);
        if (sf_writef_short(file, chunk, (sf_count_t)n) != (sf_count_t)n)
            err = -EIO;
        at += n;
    }
    sf_write_sync(file);
    if (sf_close(file) != 0)
        err = -EIO;
    *length_ms = (uint32_t)(s->n * 1000 / RATE);
    return err;
}

int cx_sound_convert(const void *data, size_t len, const char *path, uint32_t *length_ms)
{
    struct sound s = {.samples = NULL};
    int err = looks_like_mp3(data, len) ? read_mp3(data, len, &s) : read_sndfile(data, len, &s);

    if (err == 0 && s.n == 0)
        err = -EBADMSG;
    if (err == 0)
        err = resample(&s);
    if (err == 0)
        err = normalise(&s);
    if (err == 0)
        err = write_wav(&s, path, length_ms);
    free(s.samples);
    return err;
}
