/*
 * spool.c - the recording side of the spool; see spool.h. Runs in the worker's loop.
 *
 * The audio file is made and locked before the sidecar gets its name: an entry that a job can see
 * and that has no lock is therefore always one whose recording is over. Closing the file is what
 * ends a recording, by cx_spool_finish() or by the death of the process alike; the job thread then
 * syncs the audio and writes the stage "recorded", so that the loop never waits for the disk while
 * somebody speaks.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "db/id.h"
#include "media_worker/sidecar.h"
#include "media_worker/spool.h"

struct cx_spool_entry {
    int fd; /* holds the lock; close-on-exec, or a child would keep the entry locked */
    size_t samples;
    char id[33];
    char *folder;
};

static void entry_free(struct cx_spool_entry *e)
{
    if (e->fd >= 0)
        close(e->fd);
    free(e->folder);
    free(e);
}

int cx_spool_init(const char *folder)
{
    struct stat st;

    if (mkdir(folder, 0750) == 0)
        return 0;
    if (errno != EEXIST)
        return -errno;
    if (stat(folder, &st) < 0)
        return -errno;
    return S_ISDIR(st.st_mode) ? 0 : -ENOTDIR;
}

static void remove_files(const struct cx_spool_entry *e)
{
    static const char *const suffixes[] = {".json", ".tmp", ".raw"};
    char path[CX_SPOOL_PATH];

    for (size_t i = 0; i < sizeof(suffixes) / sizeof(*suffixes); i++)
        if (cx_spool_path(path, sizeof(path), e->folder, e->id, suffixes[i]) == 0)
            unlink(path);
}

int cx_spool_begin(const char *folder, const struct cx_spool_meta *meta,
                   struct cx_spool_entry **entry)
{
    struct cx_spool_entry *e = calloc(1, sizeof(*e));
    char path[CX_SPOOL_PATH];
    json_t *sidecar = NULL;
    int err = -ENOMEM;

    *entry = NULL;
    if (!e)
        return -ENOMEM;
    e->fd = -1;
    e->folder = strdup(folder);
    if (!e->folder)
        goto out;
    err = -EINVAL;
    if (!cx_id_is_valid(meta->account_id) || !cx_id_is_valid(meta->vmbox_id))
        goto out;
    cx_id_new(e->id);
    err = -ENOMEM;
    sidecar = cx_sidecar_new(e->id, meta, (int64_t)time(NULL));
    if (!sidecar)
        goto out;
    err = cx_spool_path(path, sizeof(path), folder, e->id, ".raw");
    if (err < 0)
        goto out;
    e->fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_APPEND | O_CLOEXEC, 0640);
    if (e->fd < 0 || flock(e->fd, LOCK_EX | LOCK_NB) < 0)
        err = -errno;
    else
        err = cx_sidecar_write(folder, e->id, sidecar);
    if (err < 0 && e->fd >= 0)
        remove_files(e);
out:
    json_decref(sidecar);
    if (err < 0)
        entry_free(e);
    else
        *entry = e;
    return err;
}

int cx_spool_write(struct cx_spool_entry *e, const int16_t *samples, size_t count)
{
    const char *at = (const char *)samples;
    size_t left = count * sizeof(*samples);

    while (left > 0) {
        ssize_t n = write(e->fd, at, left);

        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0) {
            int err = -errno;

            /* a torn sample would turn all that follows into noise */
            if (ftruncate(e->fd, (off_t)(e->samples * sizeof(*samples))) < 0)
                return -errno;
            return err;
        }
        at += n;
        left -= (size_t)n;
    }
    e->samples += count;
    return 0;
}

int cx_spool_finish(struct cx_spool_entry *e, size_t keep_samples)
{
    int err = 0;

    if (keep_samples < e->samples && ftruncate(e->fd, (off_t)(keep_samples * sizeof(int16_t))) < 0)
        err = -errno; /* the message is kept with its silence */
    entry_free(e);
    return err;
}

void cx_spool_drop(struct cx_spool_entry *e)
{
    /* Emptied first: if we die between the steps, what is left is too short to become a message. */
    if (ftruncate(e->fd, 0) == 0 || errno != EINTR)
        remove_files(e);
    entry_free(e);
}

const char *cx_spool_id(const struct cx_spool_entry *e)
{
    return e->id;
}
