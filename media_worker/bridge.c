/*
 * bridge.c - see bridge.h. SPDX-License-Identifier: GPL-2.0-or-later
 */
#include <string.h>

#include "bridge.h"

static void offer(void *arg, const char *sdp)
{
    struct cx_bridge_side *side = arg;

    if (!side->other->session || cx_session_reinvite(side->other->session, sdp) < 0)
        cx_session_answer_offer(side->session, 491, "Request Pending", NULL);
}

static void reinvited(void *arg, int code, const char *sdp)
{
    struct cx_bridge_side *side = arg;

    if (side->other->session)
        cx_session_answer_offer(side->other->session, code, code < 300 ? "OK" : "Not Acceptable",
                                sdp);
}

static void acked(void *arg, const char *sdp)
{
    struct cx_bridge_side *side = arg;

    if (side->other->session)
        cx_session_ack(side->other->session, sdp);
}

static void ended(void *arg, const char *why)
{
    struct cx_bridge_side *side = arg;
    struct cx_bridge *bridge = side->bridge;

    side->session = NULL;
    cx_bridge_close(bridge);
    bridge->over(bridge->arg, why);
}

void cx_bridge_open(struct cx_bridge *bridge, struct cx_session *a, struct cx_session *b,
                    void (*over)(void *arg, const char *why), void *arg)
{
    static const struct cx_session_handlers handlers = {
        .ended = ended, .offer = offer, .reinvited = reinvited, .acked = acked};

    bridge->over = over;
    bridge->arg = arg;
    for (int i = 0; i < 2; i++) {
        struct cx_bridge_side *side = &bridge->sides[i];
        side->bridge = bridge;
        side->session = i == 0 ? a : b;
        side->other = &bridge->sides[1 - i];
        cx_session_own(side->session, &handlers, side, 0);
    }
}

void cx_bridge_close(struct cx_bridge *bridge)
{
    for (int i = 0; i < 2; i++) {
        struct cx_session *session = bridge->sides[i].session;
        bridge->sides[i].session = NULL;
        if (session)
            cx_session_hangup(session);
    }
}

/* The next line that says where media go, or NULL. */
static const char *place(const char *sdp, size_t *len)
{
    while (sdp && *sdp) {
        *len = strcspn(sdp, "\r\n");
        if (sdp[0] == 'c' || sdp[0] == 'm' || strncmp(sdp, "a=sendonly", 10) == 0 ||
            strncmp(sdp, "a=recvonly", 10) == 0 || strncmp(sdp, "a=inactive", 10) == 0)
            return sdp;
        sdp += *len;
        sdp += strspn(sdp, "\r\n");
    }
    return NULL;
}

bool cx_bridge_same_media(const char *sdp, const char *other)
{
    size_t len = 0, other_len = 0;

    for (;;) {
        sdp = place(sdp, &len);
        other = place(other, &other_len);
        if (!sdp || !other)
            return !sdp && !other;
        if (sdp[0] == 'm') { /* up to the port: codecs may be fewer in an answer */
            len = strcspn(sdp, " ");
            len += strcspn(sdp + len + 1, " ") + 1;
            if (strncmp(sdp, other, len) != 0)
                return false;
        } else if (len != other_len || strncmp(sdp, other, len) != 0) {
            return false;
        }
        sdp += strcspn(sdp, "\r\n");
        sdp += strspn(sdp, "\r\n");
        other += strcspn(other, "\r\n");
        other += strspn(other, "\r\n");
    }
}
