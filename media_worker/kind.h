/*
 * kind.h - the kinds of work in the spool: what their files are called, and what is done with an
 * entry when its file is closed. finish.c takes every entry through the same stages and asks the
 * kind's hooks at each.
 *
 * A new kind: kinds/NAME.c defines cx_kind_NAME, kinds/kinds.inc gets one line. Its entries lie in
 * SPOOL + folder, are written through spool.h, and have a job thread of their own: a long fax or
 * recording holds up no voicemail message.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef CX_KIND_H
#define CX_KIND_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "db/db.h"

struct cx_finisher;

enum { CX_KIND_FILES_MAX = 12 }; /* endings of an entry's files, ours included */

/* A text that every sidecar of the kind has, at most max characters; id: 32 hex digits, which may
 * become a path. Other members of the facts are kept as they are. */
struct cx_kind_text {
    const char *key;
    unsigned max;
    bool id;
};

struct cx_kind {
    const char *name;   /* in logs and statistics */
    const char *folder; /* below the spool; "": the spool itself */
    const char *data;   /* ending of the file that grows, and whose lock says that it still does */
    unsigned scan_ms;   /* how often the job looks for entries without a writer; 0: every 2 s */
    const char *const *files;         /* endings of other files of an entry, NULL at the end */
    const struct cx_kind_text *texts; /* beside id, account_id, state; .key NULL at the end */

    /* All hooks run in the job thread; each can be done twice with the effect of once. */

    /* The data file is closed (or who wrote it is dead) and synced: notes in the sidecar what there
     * is. 1: go on; 0: nothing worth keeping; -EAGAIN: not over yet (asked again); -errno. */
    int (*measure)(struct cx_finisher *f, const char *path, int64_t bytes, json_t *sidecar);
    /* Makes of it what is kept, in the storage (store.h), and notes its size and place. 0;
     * -ENODATA or -EBADMSG: will never work; -errno: the storage has trouble. */
    int (*store)(struct cx_finisher *f, const char *path, json_t *sidecar);
    /* The row and its change_log line, one transaction. 1: new; 0: was there; -ECHILD: what it
     * belongs to is gone, so the entry has failed; or an error of db.h. */
    int (*row)(struct cx_db *db, const json_t *sidecar);
    /* Undoes store() after -ECHILD, and says what is gone. */
    void (*homeless)(struct cx_finisher *f, const json_t *sidecar, char *reason, size_t size);
    /* Tells people; NULL: nobody. An enum cx_finish_result; see cx_finish_letters(). */
    int (*mail)(struct cx_finisher *f, const char *id, json_t *sidecar);
};

#define CX_KIND(name) extern const struct cx_kind cx_kind_##name;
#include "kinds/kinds.inc"
#undef CX_KIND
#define CX_KIND(name) CX_KIND_##name,
enum {
#include "kinds/kinds.inc"
    CX_KINDS
};
#undef CX_KIND

extern const struct cx_kind *const cx_kinds[CX_KINDS];

#endif
