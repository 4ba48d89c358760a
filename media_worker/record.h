/*
 * record.h - records calls that go on between others: subscribes to them at rtpengine, writes both
 * sides into the spool. The calls themselves know nothing of it.
 *
 * Told by Kamailio in a MESSAGE (JSON): id (named by Kamailio, so that telling twice makes one
 * recording), account_id, call_id, from_tag of the caller, ng: the rtpengine that carries it,
 * format, limit_s, least_s, and what the row wants to know (kinds/recording.c). The end of the call
 * is seen at rtpengine: nothing comes any more, and it does not know the call. A recording whose
 * worker died is taken over by any other of this spool. SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef CX_RECORD_H
#define CX_RECORD_H

#include "config.h"
#include "rtp/socket.h"
#include "sip/session.h"

struct cx_records;

struct cx_record_stats {
    unsigned now;
    unsigned long asked, taken_over, ended, lost; /* lost: could not be begun here */
};

/* ports must live on. 0 or -errno. */
int cx_records_open(struct ev_loop *loop, const struct cx_media_config *config,
                    struct cx_rtp_ports *ports, struct cx_records **records);
/* What is being recorded is left to others. NULL is fine. */
void cx_records_close(struct cx_records *records);
/* For cx_sessions_on_message(): the SIP code to answer. */
int cx_records_message(void *arg, const char *body, size_t len);
/* For the job: a dead worker's recording; from any thread. */
void cx_records_left(void *arg, const char *id);
void cx_records_stats(const struct cx_records *records, struct cx_record_stats *stats);

#endif
