/*
 * spool.h - accepted work that survives kill -9: a file that grows, and a sidecar that says what
 * it is for.
 *
 * FOLDER/<id><data>  the file: for voicemail .raw, signed 16-bit samples, host order, 8 kHz mono,
 * appended while the caller speaks; kind.h names the others' folders and endings
 * FOLDER/<id>.json   the sidecar, written and synced before the first byte; replaced whole (write,
 * fsync, rename) when the file is closed and after each finished stage of its job
 * Who writes holds flock(2) on the data file; an entry without a lock whose state is "recording"
 * was left by a dead process and is finished by any other. job.h finishes entries: mp3, storage,
 * row, mail.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef CX_SPOOL_H
#define CX_SPOOL_H

#include <jansson.h>
#include <stddef.h>
#include <stdint.h>

#include "kind.h"

/* What a voicemail message is; strings are copied. Ids are 32 hex digits. */
struct cx_spool_meta {
    const char *account_id;
    const char *vmbox_id;
    const char *mailbox;
    const char *caller_id_name;
    const char *caller_id_number;
    const char *from_uri;
    const char *to_uri;
    const char *call_id;
    const char *interaction_id;
};

struct cx_spool_entry;

/* Makes the folder, and those of the kinds. 0 or -errno. */
int cx_spool_init(const char *folder);
/* Begins an entry of any kind: writes the sidecar (synced), opens and locks the data file. facts:
 * account_id and what kind->texts wants (strings, cleaned on the way), and anything else. id: NULL
 * makes a new one. 0; -EINVAL: a fact is not what it must be; -EEXIST; or -errno. */
int cx_spool_open(const char *spool, const struct cx_kind *kind, const json_t *facts,
                  const char *id, struct cx_spool_entry **entry);
/* Goes on with an entry that another process left when it died. 0; -EBUSY: somebody writes it;
 * -EALREADY: it is over; -ENOENT; or -errno. */
int cx_spool_resume(const char *spool, const struct cx_kind *kind, const char *id,
                    struct cx_spool_entry **entry);
/* The same for a new voicemail message. 0 or -errno. */
int cx_spool_begin(const char *folder, const struct cx_spool_meta *meta,
                   struct cx_spool_entry **entry);
/* Appends; quick (page cache), never syncs. 0 or -errno (disk full): the recording then ends with
 * what is there. A write is kept whole or not at all. */
int cx_spool_append(struct cx_spool_entry *entry, const void *data, size_t bytes);
int cx_spool_write(struct cx_spool_entry *entry, const int16_t *samples, size_t count);
/* Merges facts into the sidecar, synced: for what is learnt seldom (a page has come). 0 or -errno.
 */
int cx_spool_note(struct cx_spool_entry *entry, const json_t *facts);
/* Closes the file: the job goes on with it. Frees entry. */
void cx_spool_close(struct cx_spool_entry *entry);
/* Closes, the data kept up to keep_samples (less than was written: trailing silence
 * cut). The sync happens in the job thread. Frees entry. 0 or -errno. */
int cx_spool_finish(struct cx_spool_entry *entry, size_t keep_samples);
/* Nothing worth keeping. Frees entry. */
void cx_spool_drop(struct cx_spool_entry *entry);
const char *cx_spool_id(const struct cx_spool_entry *entry);
const char *cx_spool_data_path(const struct cx_spool_entry *entry); /* for libraries that write */
uint64_t cx_spool_bytes(const struct cx_spool_entry *entry); /* appended, also before a resume */

#endif
