/*
 * dtmf.c - see dtmf.h. SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "dtmf.h"

#define KEYS     16
#define END_FLAG 0x80
#define ONE_S    8000 /* timestamp units */

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
            (!d->ended && payload[0] == d->event && (uint32_t)(timestamp - d->timestamp) < ONE_S));
    /* a packet that was overtaken must not start its press again */
    if (d->known && !same && (int32_t)(timestamp - d->timestamp) < 0 &&
        (int32_t)(timestamp - d->timestamp) > -ONE_S)
        return 0;
    if (same) {
        if (end)
            d->ended = true;
        return 0;
    }
    d->known = true;
    d->timestamp = timestamp;
    d->event = payload[0];
    d->ended = end;
    return "0123456789*#ABCD"[payload[0]];
}
