/*
 * mailbox.h - the owner's side of voicemail: getting in, hearing messages, settings. Part of
 * service "voicemail" (action=check, and * while leaving a message). mailbox.c is the way in and
 * the menus, mailbox_setup.c the settings.
 *
 * Parameters: box, mailbox, ask=1 (which box?), owner=1 (it is the caller's own), single=1 (any
 * box: its PIN is always wanted), offnet=1 (the caller is outside: no PIN is taken from there
 * unless remote=1). SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef CX_MAILBOX_H
#define CX_MAILBOX_H

#include "mailbox_row.h"
#include "take.h"

enum cx_mailbox_step {
    CX_MB_FINDING,
    CX_MB_ASKING_BOX,
    CX_MB_ASKING_PIN,
    CX_MB_CHECKING_PIN,
    CX_MB_LISTING,
    CX_MB_MENU,
    CX_MB_MESSAGE,
    CX_MB_MOVING,
    CX_MB_TELLING, /* then what `after` says */
    /* mailbox_setup.c */
    CX_MB_SETTINGS,
    CX_MB_NEW_PIN,
    CX_MB_NEW_PIN_AGAIN,
    CX_MB_SETTING_PIN,
    CX_MB_TAKING,
    CX_MB_KEEPING,
    CX_MB_FINISHING,
};

struct cx_mailbox {
    enum cx_mailbox_step step;
    void (*after)(struct cx_ivr *ivr, struct cx_mailbox *m);
    struct cx_mailbox_find box;
    struct cx_mailbox_list list;
    unsigned at; /* which message of the list */
    bool deleted[CX_MAILBOX_MESSAGES], heard[CX_MAILBOX_MESSAGES];
    bool want_deleted; /* of CX_MB_MOVING */
    bool hearing;      /* of CX_MB_LISTING: to be heard, not only counted */
    bool greeted;      /* the numbers of messages have been said */
    unsigned tries;
    char pin[16]; /* the new one, to be repeated */
    bool setup;   /* first time: one setting after the other */
    enum cx_mailbox_prompt prompt;
    struct cx_input input;
    struct cx_take take;
};

/* The call is answered already. */
void cx_mailbox_start(struct cx_ivr *ivr, struct cx_mailbox *m, const char *box,
                      const char *mailbox);
void cx_mailbox_event(struct cx_ivr *ivr, struct cx_mailbox *m, const struct cx_event *e);

/* Between the two files. */
void cx_mailbox_menu(struct cx_ivr *ivr, struct cx_mailbox *m); /* main menu, lists anew */
void cx_mailbox_ask(struct cx_ivr *ivr, struct cx_mailbox *m, enum cx_mailbox_step step,
                    const struct cx_say *say, unsigned max);
void cx_mailbox_tell(struct cx_ivr *ivr, struct cx_mailbox *m, const char *words,
                     void (*after)(struct cx_ivr *ivr, struct cx_mailbox *m));
void cx_mailbox_goodbye(struct cx_ivr *ivr);
void cx_mailbox_settings(struct cx_ivr *ivr, struct cx_mailbox *m);
void cx_mailbox_first_time(struct cx_ivr *ivr, struct cx_mailbox *m);
/* An event while the step is one of mailbox_setup.c's. */
void cx_mailbox_settings_event(struct cx_ivr *ivr, struct cx_mailbox *m, const struct cx_event *e,
                               enum cx_input_result result);

#endif
