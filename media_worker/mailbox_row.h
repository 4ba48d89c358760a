/*
 * mailbox_row.h - a voicemail box as its owner sees it, in the database: questions (ask.h).
 *
 * Each is bound to the account. PINs are compared here; after CX_PIN_TRIES wrong ones in a row a
 * box is locked for CX_PIN_LOCK_S, whoever calls.
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef CX_MAILBOX_ROW_H
#define CX_MAILBOX_ROW_H

#include <time.h>

#include "ask.h"
#include "media_row.h"

enum { CX_PIN_TRIES = 3, CX_PIN_LOCK_S = 300, CX_MAILBOX_MESSAGES = 100 };

/* Which box is it, and what is needed to get in? */
struct cx_mailbox_find {
    char account[33], box[33]; /* box: "" is found by its number */
    char mailbox[31];
    /* answers */
    bool found, has_pin, require_pin, is_setup, locked;
    bool skip_envelope, oldest_first, fixed; /* fixed: settings cannot be changed by phone */
};
extern const struct cx_question cx_mailbox_find;

struct cx_mailbox_pin {
    char account[33], box[33], pin[16];
    bool right, locked;
};
extern const struct cx_question cx_mailbox_check_pin, cx_mailbox_set_pin;

struct cx_mailbox_message {
    char id[33], number[32], key[96];
    struct tm when; /* local, by the box's time zone */
};

struct cx_mailbox_list {
    char account[33], box[33];
    bool saved; /* else the new ones */
    bool oldest_first;
    /* answers */
    struct tm now;
    unsigned fresh, old; /* in all */
    unsigned count;
    struct cx_mailbox_message messages[CX_MAILBOX_MESSAGES];
};
extern const struct cx_question cx_mailbox_list;

/* A message to another folder; the lamp is told. */
struct cx_mailbox_move {
    char account[33], box[33], id[33], folder[8];
};
extern const struct cx_question cx_mailbox_move;

enum cx_mailbox_prompt { CX_MAILBOX_GREETING, CX_MAILBOX_NAME };

/* A recorded prompt becomes the box's. */
struct cx_mailbox_keep {
    struct cx_media_row media;
    char box[33];
    enum cx_mailbox_prompt prompt;
};
extern const struct cx_question cx_mailbox_keep;

/* The first-time set-up is over. */
struct cx_mailbox_done {
    char account[33], box[33];
};
extern const struct cx_question cx_mailbox_done;

#endif
