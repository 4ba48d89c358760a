/*
 * tone.h - sines. SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef CX_TONE_H
#define CX_TONE_H

#include <stddef.h>
#include <stdint.h>

/* count samples of hz at a telephone's usual level, softly begun and ended (no clicks). */
void cx_tone(int16_t *samples, size_t count, unsigned hz);

#endif
