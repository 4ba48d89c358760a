/*
 * spool.h - accepted audio that survives kill -9: a file that grows, and a sidecar that says what
 * it is for.
 *
 * FOLDER/<id>.raw   signed 16-bit samples, host order, 8 kHz mono, appended while the caller speaks
 * FOLDER/<id>.json  the sidecar, written and synced before the first sample; replaced whole (write,
 * fsync, rename) when the recording ends and after each finished stage of its job Who records holds
 * flock(2) on the .raw file; an entry without a lock whose state is "recording" was left by a dead
 * process and is finished by any other. job.h finishes entries: mp3, storage, row, mail.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef CX_SPOOL_H
#define CX_SPOOL_H

#include <stddef.h>
#include <stdint.h>

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

/* Makes the folder. 0 or -errno. */
int cx_spool_init(const char *folder);
/* Names a new message, writes the sidecar (synced), opens and locks the audio file. 0 or -errno. */
int cx_spool_begin(const char *folder, const struct cx_spool_meta *meta,
                   struct cx_spool_entry **entry);
/* Appends; quick (page cache), never syncs. 0 or -errno (disk full): the recording then ends with
 * what is there. */
int cx_spool_write(struct cx_spool_entry *entry, const int16_t *samples, size_t count);
/* Ends the recording: the audio is kept up to keep_samples (less than was written: trailing silence
 * cut). The sync happens in the job thread. Frees entry. 0 or -errno. */
int cx_spool_finish(struct cx_spool_entry *entry, size_t keep_samples);
/* Nothing worth keeping. Frees entry. */
void cx_spool_drop(struct cx_spool_entry *entry);
const char *cx_spool_id(const struct cx_spool_entry *entry); /* the message id */

#endif
