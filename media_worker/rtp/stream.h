/*
 * stream.h - one call's audio: receives and sends each 20 ms, plays, records, echoes, hears keys.
 *
 * Symmetric RTP: packets go to where they come from, once one has come from the address in the SDP.
 * Callbacks come from the tick and may free the stream. SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef CX_RTP_STREAM_H
#define CX_RTP_STREAM_H

#include "../audio/mixer.h"
#include "../audio/player.h"
#include "../audio/recorder.h"
#include "../sip/sdp.h"
#include "clock.h"
#include "socket.h"

struct cx_stream;

struct cx_stream_handlers {
    void (*digit)(void *arg, char digit);
    void (*played)(void *arg);                              /* all of it */
    void (*recorded)(void *arg, enum cx_record_end reason); /* call cx_stream_record_stop() */
    void (*lost)(void *arg);                                /* nothing came for a minute */
};

/* Somebody who hears and speaks instead of players and recorders, 20 ms after 20 ms: a fax machine.
 * Only tick() may free the stream. */
struct cx_stream_user {
    void (*hear)(void *arg, const int16_t *samples, size_t count);
    void (*miss)(void *arg, size_t count); /* so many samples were lost on the way */
    void (*speak)(void *arg, int16_t *samples, size_t count);
    void (*datagram)(void *arg, const uint8_t *data, size_t len); /* while T.38 is agreed */
    void (*tick)(void *arg);
};

/* Of all streams of the process. */
struct cx_stream_totals {
    unsigned long packets_sent, packets_received, packets_lost, rejected;
};
extern struct cx_stream_totals cx_stream_totals;

/* Opens the sockets. clock and ports must live on. 0 or -errno. */
int cx_stream_new(struct cx_clock *clock, struct cx_rtp_ports *ports,
                  const struct cx_stream_handlers *handlers, void *arg, struct cx_stream **stream);
/* Sends nothing any more, until cx_stream_set(). */
void cx_stream_mute(struct cx_stream *stream);
void cx_stream_free(struct cx_stream *stream); /* NULL is fine; a recording is finished */
unsigned cx_stream_port(const struct cx_stream *stream);
enum cx_codec cx_stream_codec(const struct cx_stream *stream);
/* What has been negotiated, at first or again. 0 or -ENOMEM. */
int cx_stream_set(struct cx_stream *stream, const struct cx_sdp_stream *media);
/* Takes the references over; prompts must be of cx_stream_codec(). */
void cx_stream_play(struct cx_stream *stream, struct cx_prompt *const *prompts, unsigned count);
void cx_stream_play_stop(struct cx_stream *stream);
/* Takes entry over. */
void cx_stream_record(struct cx_stream *stream, struct cx_spool_entry *entry, unsigned max_ms,
                      unsigned silence_ms);
/* Milliseconds that are kept, 0: nothing. */
unsigned cx_stream_record_stop(struct cx_stream *stream);
/* The same into memory (audio/draft.h). */
void cx_stream_draft(struct cx_stream *stream, unsigned max_ms, unsigned silence_ms);
unsigned cx_stream_draft_stop(struct cx_stream *stream, struct cx_draft *draft);
void cx_stream_echo(struct cx_stream *stream, bool on);

/* Joins a conference (leaves the one before), or leaves with NULL. What is played goes before what
 * the conference says. The member belongs to the stream. 0 or -ENOMEM. */
int cx_stream_mix(struct cx_stream *stream, struct cx_mix *mix, struct cx_mix_member **member);

/* NULL: nobody any more. */
void cx_stream_attach(struct cx_stream *stream, const struct cx_stream_user *user, void *arg);
/* To the peer's T.38 port; nothing while sound is agreed. */
void cx_stream_send_datagram(struct cx_stream *stream, const uint8_t *data, size_t len);

/* For the clock: what has come, then what is sent. */
void cx_stream_tick(struct cx_stream *stream);
void cx_stream_bury(void); /* frees what was ended within a tick */

#endif
