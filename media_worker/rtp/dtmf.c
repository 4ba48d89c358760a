/*
 * dtmf.c - see dtmf.h. SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "dtmf.h"

#define KEYS     16
#define END_FLAG 0x80
#define ONE_S    8000 /* timestamp units */
#define SHORT    400  /* no press begins and ends so soon after another */

char cx_dtmf_feed(struct cx_dtmf *d, const uint8_t *payload, size_t len, uint32_t timestamp)
{
    bool end, same;

    if (len < 4 || payload[0] >= KEYS)
        return 0;
    end = payload[1] & END_FLAG;
    /* All packets of a press carry its first timestamp. Some senders count on: then it is the same
     * press until its end has been seen, or a second has passed (the end packets were lost). */
    same = d->known &&
           (timestamp == d->timestamp ||
            (!d->ended && payload[0] == d->event && (uint32_t)(timestamp - d->timestamp) < ONE_S) ||
            /* and the end is told three times */
            (d->ended && end && payload[0] == d->event &&
             (uint32_t)(timestamp - d->ended_at) < SHORT));
    /* a packet that was overtaken must not start its press again */
    if (d->known && !same && (int32_t)(timestamp - d->timestamp) < 0 &&
        (int32_t)(timestamp - d->timestamp) > -ONE_S)
        return 0;
    if (same) {
        if (end && !d->ended)
            d->ended_at = timestamp;
        d->ended = d->ended || end;
        return 0;
    }
    d->known = true;
    d->timestamp = timestamp;
    d->event = payload[0];
    d->ended = end;
    d->ended_at = timestamp;
    return "0123456789*#ABCD"[payload[0]];
}
