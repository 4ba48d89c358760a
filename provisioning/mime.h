/*
 * mime.h - the parts of a MIME message (a mail, or a multipart body), decoded. By libgmime.
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef CX_MIME_H
#define CX_MIME_H

#include <stdbool.h>
#include <stddef.h>

enum { CX_MIME_PARTS = 32 };

struct cx_mime_part {
    char type[96];   /* "application/pdf" */
    char name[256];  /* of the file, or "" */
    bool attachment; /* says that it is one, or has a name */
    char *data;      /* decoded; text as UTF-8 */
    size_t size;
};

struct cx_mime {
    struct cx_mime_part parts[CX_MIME_PARTS]; /* leaves, in their order */
    size_t count;
    char message_id[512], subject[512]; /* of a mail, or "" */
    bool automatic;                     /* a mail that no person sent: a bounce, an absence note */
};

/* content_type: of the body that follows without headers, or NULL: it is a whole mail. 0; -EBADMSG:
 * nothing of the kind; -E2BIG: too many parts; -ENOMEM. */
int cx_mime_parse(const char *data, size_t size, const char *content_type, struct cx_mime *mime);
void cx_mime_free(struct cx_mime *mime);

#endif
