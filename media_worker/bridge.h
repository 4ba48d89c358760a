/*
 * bridge.h - two sessions joined (a B2BUA): offers, answers and the end of one go to the other; the
 * media pass us by. SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef CX_BRIDGE_H
#define CX_BRIDGE_H

#include "sip/session.h"

struct cx_bridge;

struct cx_bridge_side {
    struct cx_bridge *bridge;
    struct cx_session *session; /* NULL: over */
    struct cx_bridge_side *other;
};

/* Part of its owner's struct. */
struct cx_bridge {
    struct cx_bridge_side sides[2];
    void (*over)(void *arg, const char *why);
    void *arg;
};

/* Both have descriptions of each other already. over(): one has ended, the other was told. */
void cx_bridge_open(struct cx_bridge *bridge, struct cx_session *a, struct cx_session *b,
                    void (*over)(void *arg, const char *why), void *arg);
/* Ends both; over() is not called. */
void cx_bridge_close(struct cx_bridge *bridge);
/* Would media that were agreed with one description go elsewhere with the other? */
bool cx_bridge_same_media(const char *sdp, const char *other);

#endif
