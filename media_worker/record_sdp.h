/*
 * record_sdp.h - the descriptions of a subscription: rtpengine offers one line for each leg of the
 * call, we answer with a port for each. Pure. SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef CX_RECORD_SDP_H
#define CX_RECORD_SDP_H

#include <stddef.h>

enum { CX_RECORD_LEGS = 6 };

struct cx_record_offer {
    struct {
        char label[32];
        char media[16]; /* "audio"; others are refused by port 0 */
        char rest[128]; /* of the m= line, after its port */
        char maps[512]; /* its rtpmap and fmtp lines, with their ends */
    } legs[CX_RECORD_LEGS];
    size_t count;
};

/* 0, or -EINVAL. Legs beyond CX_RECORD_LEGS make it invalid. */
int cx_record_offer_read(const char *sdp, struct cx_record_offer *offer);
/* ports: of each leg, 0 refuses. Length, or -ENOBUFS. */
int cx_record_answer(const struct cx_record_offer *offer, const char *ip, const unsigned *ports,
                     char *text, size_t size);

#endif
