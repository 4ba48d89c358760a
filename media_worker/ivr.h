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

#include "ask.h"
#include "audio/draft.h"
#include "audio/mixer.h"
#include "audio/recorder.h"
#include "fax/fax.h"
#include "spool.h"

enum cx_event_type {
    CX_EV_STARTED,    /* first of all */
    CX_EV_DIGIT,      /* a key: digit */
    CX_EV_PLAYED,     /* what was played is over; missing: so many of its sounds were not there */
    CX_EV_RECORDED,   /* silence, maximum or a full disk has ended the recording: reason */
    CX_EV_TIMER,      /* of cx_ivr_timer() */
    CX_EV_ANSWER,     /* to cx_ivr_ask(): error, answer */
    CX_EV_PEER,       /* of cx_ivr_dial(): peer, code */
    CX_EV_FAX_PAGE,   /* of cx_ivr_fax(): one more page; the call must not be ended now */
    CX_EV_FAX,        /* the fax is over: fax */
    CX_EV_MEDIA_LOST, /* nothing was heard for a minute */
    CX_EV_HANGUP,     /* the caller is gone: last event; recordings have been kept */
};

/* How the called party of cx_ivr_dial() is. */
enum cx_peer { CX_PEER_RINGING, CX_PEER_ANSWERED, CX_PEER_ENDED };

struct cx_event {
    enum cx_event_type type;
    char digit;
    unsigned missing;
    enum cx_record_end reason;
    int error;          /* 0, -ETIMEDOUT, or what the question's function returned */
    const void *answer; /* the question with its answer; NULL when time ran out */
    enum cx_peer peer;
    const struct cx_fax_result *fax;
    int code; /* of a peer that has ended: its final reply, 0 after it had answered */
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
    int (*ringing)(void *arg);
    int (*answer)(void *arg);
    void (*end)(void *arg, int code, const char *reason, const char *headers);
    int (*play)(void *arg, const char *const *names, size_t count);
    void (*stop)(void *arg);
    int (*record)(void *arg, const struct cx_spool_meta *meta, unsigned max_ms);
    unsigned (*record_stop)(void *arg);
    void (*echo)(void *arg, bool on);
    void (*timer)(void *arg, unsigned ms);
    int (*draft)(void *arg, unsigned max_ms);
    unsigned (*draft_stop)(void *arg, struct cx_draft *draft);
    int (*ask)(void *arg, const struct cx_question *question, const void *data);
    void (*aside)(void *arg, const struct cx_question *question, const void *data);
    int (*go_on)(void *arg, const char *outcome);
    int (*dial)(void *arg, const char *uri, const char *headers);
    int (*join)(void *arg);
    int (*mix)(void *arg, struct cx_mix *mix, struct cx_mix_member **member);
    const char *(*spool)(void *arg);
    int (*fax)(void *arg, const struct cx_fax_order *order);
    void (*fax_result)(void *arg, struct cx_fax_result *result);
};

/* service_text: X-Centrex-Service. 0, -ENOENT (no such service; its name is in the log), -EINVAL
 * (malformed), -ENOMEM. */
int cx_ivr_new(const char *service_text, const struct cx_ivr_call *call,
               const struct cx_ivr_ops *ops, void *arg, struct cx_ivr **ivr);
/* The same with a service that is known already (tests have their own). */
int cx_ivr_make(const struct cx_service *service, const char *service_text,
                const struct cx_ivr_call *call, const struct cx_ivr_ops *ops, void *arg,
                struct cx_ivr **ivr);
void cx_ivr_free(struct cx_ivr *ivr);
void cx_ivr_event(struct cx_ivr *ivr, const struct cx_event *event);

/* ---- for services */

/* A parameter, decoded; NULL when it is absent. */
const char *cx_ivr_param(const struct cx_ivr *ivr, const char *name);
/* A number between min and max; otherwise (absent, malformed, outside) `missing`. */
unsigned cx_ivr_param_number(const struct cx_ivr *ivr, const char *name, unsigned min, unsigned max,
                             unsigned missing);
/* Zeroed memory that lives as long as the call, for what only some calls need. One block; NULL: no
 * memory. */
void *cx_ivr_alloc(struct cx_ivr *ivr, size_t size);
const struct cx_ivr_call *cx_ivr_call(const struct cx_ivr *ivr);
/* Can the caller be told something before the call is answered? */
bool cx_ivr_has_offer(struct cx_ivr *ivr);
int cx_ivr_early(struct cx_ivr *ivr);
int cx_ivr_ringing(struct cx_ivr *ivr); /* 180 */
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
/* Records into memory, for a prompt that its speaker hears before it is kept; CX_EV_RECORDED as
 * above. 0 or -errno. */
int cx_ivr_draft(struct cx_ivr *ivr, unsigned max_ms);
/* Milliseconds; 0: nothing was said, and draft is empty. Else the service owns its samples. */
unsigned cx_ivr_draft_stop(struct cx_ivr *ivr, struct cx_draft *draft);
/* Runs a question on a thread (ask.h; data is copied), then CX_EV_ANSWER, perhaps before this
 * returns. One at a time: the answer to an earlier one is not told any more. */
void cx_ivr_ask(struct cx_ivr *ivr, const struct cx_question *question, const void *data);
/* The same for work whose outcome nobody waits for: it is done although the call may end. Also
 * while CX_EV_HANGUP is told. */
void cx_ivr_aside(struct cx_ivr *ivr, const struct cx_question *question, const void *data);
void cx_ivr_echo(struct cx_ivr *ivr, bool on);
void cx_ivr_timer(struct cx_ivr *ivr, unsigned ms); /* 0: off */
/* Plays, then ends the call, whatever happens meanwhile: no event but CX_EV_HANGUP comes. */
void cx_ivr_farewell(struct cx_ivr *ivr, const char *const *names, size_t count);
/* "Sorry, please try later": the farewell when the database does not answer. */
void cx_ivr_apologize(struct cx_ivr *ivr);
/* Gives the call back to the callflow, which goes on with this child ("_" if there is none of that
 * name), or with a number that the caller dialled (dial, or NULL). An answered caller hears ringing
 * until the next party answers, and then speaks with it directly. Nothing more may be called. */
void cx_ivr_continue(struct cx_ivr *ivr, const char *key, const char *dial);
/* Calls uri ("sip:NUMBER": at the proxy) through the proxy; headers: lines with CRLF, or NULL.
 * CX_EV_PEER tells how it goes. The called party, not the caller, then hears what is played, and
 * its keys are told. 0 or -errno.
 */
int cx_ivr_dial(struct cx_ivr *ivr, const char *uri, const char *headers);
/* Answers the caller and joins it with the party that was dialled: nothing more may be called.
 * 0 or -errno. */
int cx_ivr_join(struct cx_ivr *ivr);
/* Joins a conference (leaves the one before): the caller hears it when nothing is played. mix NULL:
 * leaves. *member (the call's own) is for mute and the like. 0 or -errno. */
int cx_ivr_mix(struct cx_ivr *ivr, struct cx_mix *mix, struct cx_mix_member **member);
/* The spool's folder, for services that keep more than sound (spool.h). */
const char *cx_ivr_spool(const struct cx_ivr *ivr);
/* The call becomes a fax machine's (before it is answered); file must be ours until the call is
 * over. 0 or -errno. */
int cx_ivr_fax(struct cx_ivr *ivr, const struct cx_fax_order *order);
/* What came of it so far, also while CX_EV_HANGUP is told. */
void cx_ivr_fax_result(struct cx_ivr *ivr, struct cx_fax_result *result);
/* A callflow's media (storage key, or system_media/NAME) as a sound's name. False: not usable. */
bool cx_ivr_media_name(const char *media, char *name, size_t size);

#endif
