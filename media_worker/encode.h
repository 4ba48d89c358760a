/*
 * encode.h - samples to what is kept: mp3 or wav, from one open file to another. Job threads only.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef CX_ENCODE_H
#define CX_ENCODE_H

#include <stdint.h>
#include <stdio.h>

enum {
    CX_ENCODE_RATE = 8000, /* samples a second, in and out */
    CX_ENCODE_KBPS = 24    /* of an mp3, each channel */
};

/* in: samples of 16 bit, host order, interleaved (channels 1 or 2). 0 with *bytes written;
 * -ENODATA: there are none; -EFBIG; -errno of the writing. */
int cx_encode_mp3(FILE *in, FILE *out, int channels, uint32_t *bytes);
int cx_encode_wav(FILE *in, FILE *out, int channels, uint32_t *bytes);

#endif
