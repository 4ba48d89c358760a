/*
 * sidecar.h - the .json beside a spooled file: what it is for and how far its job has come.
 *
 * Members are the kind's facts and one object "mail" (address -> what became of it). Only the
 * holder of the recording's lock, or of the job's lock, writes. Everything read is checked: ids
 * become paths and keys.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef CX_SIDECAR_H
#define CX_SIDECAR_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

#include "spool.h"

/* In the order in which an entry goes through them. */
enum cx_stage {
    CX_STAGE_RECORDING, /* audio comes, or its worker died */
    CX_STAGE_RECORDED,  /* audio is whole and synced */
    CX_STAGE_STORED,    /* the mp3 is in the storage */
    CX_STAGE_INSERTED,  /* the row is in the database */
    CX_STAGE_MAILING,   /* some mails may have gone */
    CX_STAGE_DONE       /* the files are to be removed */
};
const char *cx_stage_name(enum cx_stage stage);

/* What became of the mail to one address. */
enum cx_mail_state {
    CX_MAIL_NONE,   /* not tried, or tried and certainly not accepted */
    CX_MAIL_ENDING, /* about to tell the server that the message is complete: from here it may be
                       accepted */
    CX_MAIL_SENT,
    CX_MAIL_UNSURE, /* a worker died after ENDING: never sent again */
    CX_MAIL_REFUSED /* for good */
};

enum { CX_SPOOL_PATH = 4096 };

/* Where the kind's entries lie. 0, or -ENAMETOOLONG. */
int cx_spool_folder(char *path, size_t size, const char *spool, const struct cx_kind *kind);
/* FOLDER/<id><suffix>. 0, or -ENAMETOOLONG. */
int cx_spool_path(char *path, size_t size, const char *folder, const char *id, const char *suffix);
/* So that names made or removed in folder survive a power cut. 0 or -errno. */
int cx_sync_folder(const char *folder);
/* text as valid UTF-8 without control characters, at most max_chars characters; caller frees. NULL:
 * no memory. */
char *cx_clean_text(const char *text, size_t max_chars);

/* The facts of a voicemail message; caller owns them. NULL: no memory. */
json_t *cx_spool_facts(const struct cx_spool_meta *meta);
/* A new sidecar in stage recording, owned by the caller: the facts with their texts cleaned. 0;
 * -EINVAL: an id is not one; -ENOMEM. */
int cx_sidecar_new(const char *id, const struct cx_kind *kind, const json_t *facts, int64_t started,
                   json_t **sidecar);
/* Has it all that the kind's hooks rely on? */
bool cx_sidecar_suits(const json_t *sidecar, const struct cx_kind *kind);
/* 0 with *sidecar owned by the caller; -ENOENT; -EBADMSG: it is not a valid sidecar of this id;
 * -errno. */
int cx_sidecar_read(const char *folder, const char *id, json_t **sidecar);
/* tmp, fsync, rename. The caller syncs the folder where a lost name would matter. 0 or -errno. */
int cx_sidecar_write(const char *folder, const char *id, const json_t *sidecar);

enum cx_stage cx_sidecar_stage(const json_t *sidecar);
int cx_sidecar_set_stage(json_t *sidecar, enum cx_stage stage);
const char *cx_sidecar_text(const json_t *sidecar, const char *key); /* "" when absent */
int64_t cx_sidecar_int(const json_t *sidecar, const char *key);      /* 0 when absent */
enum cx_mail_state cx_sidecar_mail(const json_t *sidecar, const char *address);
int cx_sidecar_set_mail(json_t *sidecar, const char *address, enum cx_mail_state state);

#endif
