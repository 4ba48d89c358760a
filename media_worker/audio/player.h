/*
 * player.h - plays a row of prompts, frame by frame, from memory. SPDX-License-Identifier:
 * GPL-2.0-or-later
 */
#ifndef CX_PLAYER_H
#define CX_PLAYER_H

#include <stdbool.h>

#include "prompt.h"

#define CX_PLAYER_MAX CX_PROMPTS_MAX

struct cx_player {
    struct cx_prompt *prompts[CX_PLAYER_MAX]; /* a reference each */
    unsigned count, at;
    unsigned frame; /* of prompts[at] */
};

/* Takes the prompts' references over; what was playing stops. NULLs (missing files) are left out.
 */
void cx_player_start(struct cx_player *player, struct cx_prompt *const *prompts, unsigned count);
void cx_player_stop(struct cx_player *player);
static inline bool cx_player_is_on(const struct cx_player *p)
{
    return p->count > 0;
}
/* The next CX_FRAME bytes, or NULL: nothing more (the player is off then). */
const uint8_t *cx_player_next(struct cx_player *player);

#endif
