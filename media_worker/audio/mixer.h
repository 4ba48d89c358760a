/*
 * mixer.h - who is in a conference hears all the others: mix-minus at 16 kHz.
 *
 * The CX_MIX_SPEAKERS loudest are mixed. Who is none of them gets the same frame as all such
 * members with this codec, so a large room costs little more than its packets; each speaker gets
 * the mix without themself. Too loud a sum is turned down, not clipped. Belongs to the loop's
 * thread; pure but for the list of all mixes. SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef CX_MIXER_H
#define CX_MIXER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "codec.h"

#define CX_MIX_SPEAKERS 5

struct cx_mix;
struct cx_mix_member;

int cx_mix_new(struct cx_mix **mix); /* 0 or -ENOMEM */
/* Its members must have left. NULL is fine. */
void cx_mix_free(struct cx_mix *mix);
unsigned cx_mix_count(const struct cx_mix *mix);
/* Beeps that all members hear, one after the other; those that come too quickly are left out. hz 0:
 * a pause. */
void cx_mix_tone(struct cx_mix *mix, unsigned hz, unsigned ms);
/* The same with a sound of 8 kHz (copied). */
void cx_mix_sound(struct cx_mix *mix, const int16_t *samples, size_t count);

/* 0 or -ENOMEM. */
int cx_mix_join(struct cx_mix *mix, enum cx_codec codec, struct cx_mix_member **member);
void cx_mix_leave(struct cx_mix_member *member); /* NULL is fine */
int cx_mix_set_codec(struct cx_mix_member *member, enum cx_codec codec);
/* A packet of this member's. */
void cx_mix_put(struct cx_mix_member *member, uint32_t timestamp, const uint8_t *payload, size_t n);
void cx_mix_resync(struct cx_mix_member *member); /* their timestamps start anew */
void cx_mix_mute(struct cx_mix_member *member, bool on);
void cx_mix_deafen(struct cx_mix_member *member, bool on);
bool cx_mix_is_muted(const struct cx_mix_member *member);
bool cx_mix_is_deaf(const struct cx_mix_member *member);
bool cx_mix_speaks(const struct cx_mix_member *member); /* is heard just now */

/* Once in 20 ms: all mixes. */
void cx_mix_tick_all(void);
/* What this member hears, as of the last tick: CX_FRAME bytes of its codec. */
const uint8_t *cx_mix_frame(const struct cx_mix_member *member);

#endif
