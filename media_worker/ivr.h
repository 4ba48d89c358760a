/*
 * ivr.h - what a service sees of its call: parameters, events, and what it may do.
 *
 * A service is a small state machine in its own file under services/, with one line in
 * services.inc. It gets events and calls the functions below; SIP and RTP are behind them.
 * After cx_ivr_end() nothing more may be called and no event comes.
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef CX_IVR_H
#define CX_IVR_H

#include <stdbool.h>
#include <stddef.h>

#include "audio/recorder.h"
#include "spool.h"

enum cx_event_type {
    CX_EV_STARTED,    /* first of all */
    CX_EV_DIGIT,      /* a key: digit */
    CX_EV_PLAYED,     /* what was played is over; missing: so many of its sounds were not there */
    CX_EV_RECORDED,   /* silence, maximum or a full disk has ended the recording: reason */
    CX_EV_TIMER,      /* of cx_ivr_timer() */
    CX_EV_MEDIA_LOST, /* nothing was heard for a minute */
    CX_EV_HANGUP,     /* the caller is gone: last event; recordings have been kept */
};

struct cx_event {
    enum cx_event_type type;
    char digit;
    unsigned missing;
    enum cx_record_end reason;
};

struct cx_ivr;

struct cx_service {
    const char *name;
    size_t state_size; /* zeroed at the start */
    void (*event)(struct cx_ivr *ivr, void *state, const struct cx_event *event);
};

/* The service of this name, or NULL. */
const struct cx_service *cx_service_find(const char *name);

/* Who calls. Ids are 32 hex digits; the rest is the caller's text. */
struct cx_ivr_call {
    char account[33], interaction[33];
    char caller_name[129], caller_number[65];
    char from_uri[256], to_uri[256], call_id[256];
};

/* How an ivr reaches its call; tests have their own. arg is cx_ivr_new()'s. */
struct cx_ivr_ops {
    bool (*has_offer)(void *arg);
    int (*early)(void *arg);
    int (*answer)(void *arg);
    void (*end)(void *arg, int code, const char *reason, const char *headers);
    int (*play)(void *arg, const char *const *names, size_t count);
    void (*stop)(void *arg);
    int (*record)(void *arg, const struct cx_spool_meta *meta, unsigned max_ms);
    unsigned (*record_stop)(void *arg);
    void (*echo)(void *arg, bool on);
    void (*timer)(void *arg, unsigned ms);
};

/* service_text: X-Centrex-Service. 0, -ENOENT (no such service; its name is in the log), -EINVAL
 * (malformed), -ENOMEM. */
int cx_ivr_new(const char *service_text, const struct cx_ivr_call *call,
               const struct cx_ivr_ops *ops, void *arg, struct cx_ivr **ivr);
void cx_ivr_free(struct cx_ivr *ivr);
void cx_ivr_event(struct cx_ivr *ivr, const struct cx_event *event);

/* ---- for services */

/* A parameter, decoded; NULL when it is absent. */
const char *cx_ivr_param(const struct cx_ivr *ivr, const char *name);
/* A number between min and max; otherwise (absent, malformed, outside) `missing`. */
unsigned cx_ivr_param_number(const struct cx_ivr *ivr, const char *name, unsigned min, unsigned max,
                             unsigned missing);
const struct cx_ivr_call *cx_ivr_call(const struct cx_ivr *ivr);
/* Can the caller be told something before the call is answered? */
bool cx_ivr_has_offer(struct cx_ivr *ivr);
int cx_ivr_early(struct cx_ivr *ivr);
int cx_ivr_answer(struct cx_ivr *ivr);
/* Ends the call: BYE when it is answered, else this final reply (headers: lines with CRLF or NULL).
 */
void cx_ivr_end(struct cx_ivr *ivr, int code, const char *reason, const char *headers);
/* Plays sounds by name (audio/prompt.h), then CX_EV_PLAYED. Replaces what was playing. */
void cx_ivr_play(struct cx_ivr *ivr, const char *const *names, size_t count);
void cx_ivr_stop(struct cx_ivr *ivr); /* no CX_EV_PLAYED then */
/* 0 or -errno. */
int cx_ivr_record(struct cx_ivr *ivr, const struct cx_spool_meta *meta, unsigned max_ms);
unsigned cx_ivr_record_stop(struct cx_ivr *ivr); /* milliseconds that were kept, 0: none */
void cx_ivr_echo(struct cx_ivr *ivr, bool on);
void cx_ivr_timer(struct cx_ivr *ivr, unsigned ms); /* 0: off */
/* A callflow's media (storage key, or system_media/NAME) as a sound's name. False: not usable. */
bool cx_ivr_media_name(const char *media, char *name, size_t size);

#endif
