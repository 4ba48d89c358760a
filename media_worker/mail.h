/*
 * mail.h - one e-mail about finished work to one address, by SMTP (libcurl).
 *
 * One dialogue an address: what became of each is known for itself, and no recipient sees another's
 * address. smtp:// is plain text, for a relay on this machine or in this network; smtps:// is
 * checked against the machine's certificates.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef CX_MAIL_H
#define CX_MAIL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct cx_mail {
    const char *smtp; /* smtp://host:port or smtps:// */
    const char *from, *to;
    const char *from_name;  /* shown before from; NULL: Centrex */
    const char *message_id; /* 32 hex digits: the Message-ID is <it@domain of from> */
    const char *subject;    /* any UTF-8; becomes a header that cannot contain another */
    const char *text;       /* any UTF-8 */
    const char *file;       /* path of what is attached, or NULL: nothing */
    const char *file_name;  /* its name in the mail; ASCII letters, digits, '.', '-' */
    const char *file_type;  /* "audio/mpeg" */
    int64_t date;           /* unix seconds */
    /* Called when the last of the message is about to be given to the server, before it can be
     * accepted. An error ends the dialogue, and then it has certainly not been accepted. May be
     * NULL. */
    int (*before_end)(void *arg);
    void *arg;
};

/* 0: the server has it. -EHOSTUNREACH: no server, it is not working, or from is wrong (any message
 * would fare so);
 * -EAGAIN: not this one now; -EBADMSG: never this one; -EINVAL: an address, or the file, cannot be
 * used; before_end's error. */
int cx_mail_send(const struct cx_mail *mail, char *error, size_t error_size);

/* local@domain in printable ASCII without what could end it in a command or a header. */
bool cx_mail_address_is_valid(const char *address);
/* "NAME: value" folded, RFC 2047 where value is not plain ASCII; control characters become spaces.
 * Caller frees; NULL: no memory. */
char *cx_mail_header(const char *name, const char *value);

#endif
