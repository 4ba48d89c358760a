/*
 * tone.c - see tone.h. SPDX-License-Identifier: GPL-2.0-or-later
 */
#include <math.h>

#include "codec.h"
#include "tone.h"

#define LEVEL 8000.0
#define RAMP  40 /* samples: 5 ms */

void cx_tone(int16_t *samples, size_t count, unsigned hz)
{
    const double step = 2 * 3.14159265358979323846 * hz / CX_RATE;

    for (size_t i = 0; i < count; i++) {
        size_t edge = i < count - i ? i : count - i;
        double gain = edge < RAMP ? (double)edge / RAMP : 1;
        samples[i] = (int16_t)lrint(LEVEL * gain * sin(step * (double)i));
    }
}
