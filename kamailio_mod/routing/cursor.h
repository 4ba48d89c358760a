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

#define CX_CURSOR_TEXT_MAX 160

/* Returns the length without the NUL. */
size_t cx_cursor_encode(const struct cx_cursor *cursor, const uint8_t key[32],
                        char text[CX_CURSOR_TEXT_MAX]);
/* 0; -EINVAL: malformed; -EBADMSG: the signature is not ours. */
int cx_cursor_decode(struct cx_str text, const uint8_t key[32], struct cx_cursor *cursor);

#endif
