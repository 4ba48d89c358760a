/*
 * send.h - makes the calls of outgoing faxes: the queue's other half, in the loop.
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef CX_FAX_SEND_H
#define CX_FAX_SEND_H

#include "../config.h"
#include "../rtp/clock.h"
#include "../rtp/socket.h"
#include "../sip/session.h"

/* Starts sender and queue; all of it must live on. file: centrex.cfg. 0 or -errno. */
int cx_fax_send_start(struct ev_loop *loop, const char *file, const struct cx_media_config *config,
                      struct cx_sessions *sessions, struct cx_clock *clock,
                      struct cx_rtp_ports *ports);
/* No new calls from now on. */
void cx_fax_send_drain(void);
/* Before the sessions are closed: what is under way is cut, and tried again by somebody. */
void cx_fax_send_stop(void);

#endif
