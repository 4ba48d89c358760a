/*
 * dtmf.h - telephone events (RFC 4733): one key press from its many packets. Pure.
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef CX_DTMF_H
#define CX_DTMF_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct cx_dtmf {
    uint32_t timestamp; /* of the event that was told last */
    uint32_t ended_at;  /* timestamp of its end, when ended */
    uint8_t event;
    bool known, ended;
};

/* Feeds one packet's payload. Returns the key ('0'-'9', '*', '#', 'A'-'D') when a new press begins,
 * 0 else (repetitions, other events, malformed payloads). */
char cx_dtmf_feed(struct cx_dtmf *dtmf, const uint8_t *payload, size_t len, uint32_t timestamp);

#endif
