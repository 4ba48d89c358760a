/*
 * line.h - a fax machine on a call: joins fax.h with the call's stream and its SIP session, and
 * changes from sound to T.38 when the other side offers it, or when we do.
 *
 * The stream, the session and the machine's user are one loop's. SPDX-License-Identifier:
 * GPL-2.0-or-later
 */
#ifndef CX_FAX_LINE_H
#define CX_FAX_LINE_H

#include <sys/time.h> /* osip wants it */

#include "../rtp/stream.h"
#include "../sip/session.h"
#include "fax.h"

struct cx_fax_line;

struct cx_fax_line_handlers {
    void (*page)(void *arg, unsigned pages);                     /* must not end the call */
    void (*done)(void *arg, const struct cx_fax_result *result); /* may free the line */
};

/* stream and session must live until cx_fax_line_free(); id is for the log and must live on. 0,
 * -EINVAL, -ENOMEM. */
int cx_fax_line_new(struct cx_stream *stream, struct cx_session *session, const char *id,
                    const struct cx_fax_order *order, const struct cx_fax_line_handlers *handlers,
                    void *arg, struct cx_fax_line **line);
void cx_fax_line_free(struct cx_fax_line *line); /* NULL is fine */
/* What the session's handlers are told: media() after cx_stream_set(), refused(). */
void cx_fax_line_media(struct cx_fax_line *line, const struct cx_sdp_stream *media);
void cx_fax_line_refused(struct cx_fax_line *line, int code);
/* What came of it so far: for a call that ends first. */
void cx_fax_line_result(const struct cx_fax_line *line, struct cx_fax_result *result);

#endif
