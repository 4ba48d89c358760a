/*
 * outcome.c - see outcome.h.
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include <stdio.h>

#include "context.h"
#include "outcome.h"
#include "source.h"

static bool in_stage(const struct ua_client *uac, unsigned stage)
{
    unsigned s, target;
    char ruid[24];

    cx_copy(ruid, sizeof(ruid), cx_str_of(uac->ruid));
    return sscanf(ruid, "cx%u.%u", &s, &target) == 2 && s == stage;
}

/* Some phone rang until its time was over; or all were busy; or all refused; or nobody was there.
 * tm's own choice of the "best" reply would let one phone's 404 hide another's busy. */
enum cx_outcome cx_outcome_of(const struct cell *t, unsigned stage, uint16_t *code)
{
    unsigned rang = 0, busy = 0, refused = 0, gone = 0;
    uint16_t refused_code = 603;

    for (int b = 0; b < t->nr_of_outgoings; b++) {
        const struct ua_client *uac = &t->uac[b];
        int c = uac->last_received;

        if (!in_stage(uac, stage))
            continue;
        if (c == 486 || c == 600)
            busy++;
        else if (c == 403 || c == 603 || c == 606 || c == 488 || c == 433) {
            refused++;
            refused_code = (uint16_t)c;
        } else if (c == 480 || c == 487 || (c > 100 && c < 200))
            rang++;
        else if (c == 408 ||
                 c == 487) /* tm's own: the phone's silence, or the end of its ringing */
            *(uac->request.flags & F_RB_REPLIED ? &rang : &gone) += 1;
        else
            gone++;
    }
    if (rang) {
        *code = 480;
        return CX_OUT_NO_ANSWER;
    }
    if (busy) {
        *code = 486;
        return CX_OUT_BUSY;
    }
    if (refused) {
        *code = refused_code;
        return CX_OUT_REJECTED;
    }
    *code = 480;
    return CX_OUT_UNREACHABLE;
}

int cx_outcome_single(const struct cell *t, bool *silent, const struct sip_msg **reply)
{
    const struct ua_client *uac;

    *silent = true;
    *reply = NULL;
    if (t->nr_of_outgoings < 1)
        return 0;
    uac = &t->uac[t->nr_of_outgoings - 1];
    *silent = !(uac->request.flags & F_RB_REPLIED);
    if (uac->reply && uac->reply != FAKED_REPLY)
        *reply = uac->reply;
    return uac->last_received;
}
