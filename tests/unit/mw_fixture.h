/*
 * mw_fixture.h - what the tests of the worker's jobs need: a folder, tones, two kinds of mail
 * server.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef CX_TEST_MW_FIXTURE_H
#define CX_TEST_MW_FIXTURE_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

/* A loopback address of this program's own: several can run beside each other. */
const char *mw_ip(void);

const char *mw_folder(void);            /* made once, removed at exit by the process that made it */
const char *mw_path(const char *below); /* of mw_folder(); four results live at a time */
void mw_empty(const char *below);       /* removes it with all that is in it, makes it anew */
unsigned mw_count(const char *below, const char *suffix); /* files of that ending */
bool mw_within(double seconds, bool (*condition)(void *arg), void *arg);
void mw_tone(int16_t *samples, size_t count, double hz);
/* Decodes an mp3 in memory: its length, and the share of its energy that is at hz. */
void mw_mp3_measure(const void *mp3, size_t bytes, double hz, double *seconds, double *share);

/* aiosmtpd, in a process of its own; mails go to a Maildir. */
pid_t mw_sink_start(unsigned port, const char *maildir);
void mw_sink_stop(pid_t pid);
unsigned mw_sink_mails(const char *maildir);
/* The mails as Python's parser sees them: [{headers, text, parts: [{type, name, base64}]}]; caller
 * owns it. */
json_t *mw_sink_read(const char *maildir);

/* A server that answers as told; a thread of this process. */
enum mw_smtp_mode {
    MW_SMTP_ACCEPT,
    MW_SMTP_REFUSE_RCPT,    /* 550 */
    MW_SMTP_LATER_RCPT,     /* 451 */
    MW_SMTP_REFUSE_MESSAGE, /* 554 after the dot */
    MW_SMTP_NO_SERVICE,     /* 554 greeting */
    MW_SMTP_CLOSE_AT_END,   /* hangs up after the dot, without an answer */
    MW_SMTP_SLOW,           /* accepts, and takes 10 ms for it */
    MW_SMTP_HANG_AT_RCPT,
    MW_SMTP_HANG_AT_END
};
void mw_smtp_start(unsigned port);
void mw_smtp_mode(enum mw_smtp_mode mode);
/* Since the last mw_smtp_mode(): messages whose dot came; dialogues that came to the place of HANG.
 */
unsigned mw_smtp_messages(void);
unsigned mw_smtp_hanging(void);
unsigned
mw_smtp_repeated(void); /* of those messages: how many had the Message-ID of an earlier one */
const char *mw_smtp_last(void); /* what was sent after DATA */

#endif
