/*
 * player.c - see player.h. SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "codec.h"
#include "player.h"

void cx_player_stop(struct cx_player *p)
{
    for (unsigned i = 0; i < p->count; i++)
        cx_prompt_unref(p->prompts[i]);
    p->count = p->at = p->frame = 0;
}

void cx_player_start(struct cx_player *p, struct cx_prompt *const *prompts, unsigned count)
{
    cx_player_stop(p);
    for (unsigned i = 0; i < count; i++) {
        if (prompts[i] && p->count < CX_PLAYER_MAX)
            p->prompts[p->count++] = prompts[i];
        else if (prompts[i])
            cx_prompt_unref(prompts[i]);
    }
}

const uint8_t *cx_player_next(struct cx_player *p)
{
    while (p->at < p->count) {
        const struct cx_prompt *prompt = p->prompts[p->at];
        if (p->frame < prompt->frames)
            return prompt->data + (size_t)p->frame++ * CX_FRAME;
        p->at++;
        p->frame = 0;
    }
    cx_player_stop(p);
    return NULL;
}
