/*
 * encode.c - see encode.h.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include <errno.h>
#include <lame/lame.h>
#include <stdlib.h>
#include <string.h>

#include "media_worker/encode.h"

enum { BLOCK = 8000, MP3_ROOM = BLOCK * 5 / 4 + 7200 }; /* room: lame.h's worst case */

/* One file forever after: no Xing/Info frame, which would have to be written when all is known. */
static lame_t encoder_new(int channels)
{
    lame_t lame = lame_init();

    if (!lame)
        return NULL;
    if (lame_set_in_samplerate(lame, CX_ENCODE_RATE) < 0 ||
        lame_set_out_samplerate(lame, CX_ENCODE_RATE) < 0 ||
        lame_set_num_channels(lame, channels) < 0 ||
        lame_set_mode(lame, channels == 1 ? MONO : STEREO) < 0 ||
        lame_set_brate(lame, CX_ENCODE_KBPS * channels) < 0 || lame_set_quality(lame, 5) < 0 ||
        lame_set_bWriteVbrTag(lame, 0) < 0 || lame_init_params(lame) < 0) {
        lame_close(lame);
        return NULL;
    }
    return lame;
}

int cx_encode_mp3(FILE *in, FILE *out, int channels, uint32_t *bytes)
{
    lame_t lame = encoder_new(channels);
    int16_t *pcm = malloc(BLOCK * sizeof(*pcm) * (size_t)channels);
    unsigned char *mp3 = malloc(MP3_ROOM);
    uint64_t total = 0, samples = 0;
    int err = -ENOMEM;
    size_t n;

    if (!lame || !pcm || !mp3)
        goto out;
    do {
        int made;

        n = fread(pcm, sizeof(*pcm) * (size_t)channels, BLOCK, in);
        samples += n;
        made = n == 0          ? lame_encode_flush(lame, mp3, MP3_ROOM)
               : channels == 1 ? lame_encode_buffer(lame, pcm, pcm, (int)n, mp3, MP3_ROOM)
                               : lame_encode_buffer_interleaved(lame, pcm, (int)n, mp3, MP3_ROOM);
        err = -EIO;
        if (made < 0 || ferror(in))
            goto out;
        errno = 0;
        if (fwrite(mp3, 1, (size_t)made, out) != (size_t)made) {
            err = errno ? -errno : -EIO;
            goto out;
        }
        total += (uint64_t)made;
    } while (n > 0);
    err = samples == 0 ? -ENODATA : total > UINT32_MAX ? -EFBIG : 0;
    *bytes = (uint32_t)total;
out:
    if (lame)
        lame_close(lame);
    free(pcm);
    free(mp3);
    return err;
}

static unsigned char *little(unsigned char *at, uint32_t value, int bytes)
{
    for (int i = 0; i < bytes; i++)
        *at++ = (unsigned char)(value >> (8 * i));
    return at;
}

/* The canonical 44 bytes: the length of all is known before the first sample is written. */
int cx_encode_wav(FILE *in, FILE *out, int channels, uint32_t *bytes)
{
    unsigned char head[44], *at = head;
    int16_t *pcm = NULL;
    off_t size;
    size_t n;
    int err;

    if (fseeko(in, 0, SEEK_END) < 0 || (size = ftello(in)) < 0 || fseeko(in, 0, SEEK_SET) < 0)
        return -errno;
    size -= size % (off_t)(sizeof(*pcm) * (size_t)channels);
    if (size == 0)
        return -ENODATA;
    if (size > (off_t)UINT32_MAX - 44)
        return -EFBIG;
    memcpy(at, "RIFF", 4);
    at = little(at + 4, (uint32_t)size + 36, 4);
    memcpy(at, "WAVEfmt ", 8);
    at = little(at + 8, 16, 4);
    at = little(at, 1, 2); /* PCM */
    at = little(at, (uint32_t)channels, 2);
    at = little(at, CX_ENCODE_RATE, 4);
    at = little(at, CX_ENCODE_RATE * 2 * (uint32_t)channels, 4);
    at = little(at, 2 * (uint32_t)channels, 2);
    at = little(at, 16, 2);
    memcpy(at, "data", 4);
    little(at + 4, (uint32_t)size, 4);
    errno = 0;
    if (fwrite(head, sizeof(head), 1, out) != 1)
        return errno ? -errno : -EIO;
    pcm = malloc(BLOCK * sizeof(*pcm));
    if (!pcm)
        return -ENOMEM;
    err = 0;
    for (off_t left = size; left > 0 && err == 0; left -= (off_t)(n * sizeof(*pcm))) {
        size_t want = (size_t)left / sizeof(*pcm);

        n = fread(pcm, sizeof(*pcm), want < BLOCK ? want : BLOCK, in);
        for (size_t i = 0; i < n; i++)
            little((unsigned char *)&pcm[i], (uint16_t)pcm[i], 2);
        if (n == 0 || fwrite(pcm, sizeof(*pcm), n, out) != n)
            err = errno ? -errno : -EIO;
    }
    free(pcm);
    *bytes = (uint32_t)size + 44;
    return err;
}
