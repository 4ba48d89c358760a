/*
 * cursor.h - the cursor as signed text, to ride in a SIP header to a worker and back.
 *
 * Form: base64url of the fields, a dot, base64url of the first 16 bytes of HMAC-SHA-256 over them.
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef CX_ROUTING_CURSOR_H
#define CX_ROUTING_CURSOR_H

#include <stddef.h>
#include "step.h"

/* What a header must hold. A usual cursor has about 180. */
#define CX_CURSOR_TEXT_MAX 1536

/* Returns the length without the NUL. */
size_t cx_cursor_encode(const struct cx_cursor *cursor, const uint8_t key[32],
                        char text[CX_CURSOR_TEXT_MAX]);
/* 0; -EINVAL: malformed; -EBADMSG: the signature is not ours. */
int cx_cursor_decode(struct cx_str text, const uint8_t key[32], struct cx_cursor *cursor);

/* The facts of the call that the cursor remembers, for a worker that continues the tree by a new
 * INVITE. Strings point into the cursor; now_ms and answered are the caller's to set. */
void cx_cursor_call(const struct cx_cursor *cursor, struct cx_call *call);

#endif
