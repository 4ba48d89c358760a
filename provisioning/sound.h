/*
 * sound.h - uploaded sound files -> what workers and rtpengine play: wav, 8 kHz, mono, 16 bit, all
 * of one loudness. SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef CX_SOUND_H
#define CX_SOUND_H

#include <stddef.h>
#include <stdint.h>

/* Reads wav (and what else libsndfile knows) or mp3 from memory, writes path. 0 with the length of
 * the sound; -EBADMSG: no sound file that can be read; -EFBIG: longer than 30 minutes; else -errno
 * of writing. */
int cx_sound_convert(const void *data, size_t len, const char *path, uint32_t *length_ms);

#endif
