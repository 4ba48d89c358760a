/*
 * spool.c - the writing side of the spool; see spool.h. Runs in the worker's loop.
 *
 * The data file is made and locked before the sidecar gets its name: an entry that a job can see
 * and that has no lock is therefore always one whose recording is over. Closing the file is what
 * ends a recording, by cx_spool_finish() or by the death of the process alike; the job thread then
 * syncs the data and writes the stage "recorded", so that the loop never waits for the disk while
 * somebody speaks.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
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
    uint64_t bytes;
    char id[33];
    const struct cx_kind *kind;
    char *folder, *path; /* path: of the data file */
};

static void entry_free(struct cx_spool_entry *e)
{
    if (e->fd >= 0)
        close(e->fd);
    free(e->folder);
    free(e->path);
    free(e);
}

static struct cx_spool_entry *entry_new(const char *spool, const struct cx_kind *kind,
                                        const char *id)
{
    struct cx_spool_entry *e = calloc(1, sizeof(*e));

    if (!e)
        return NULL;
    e->fd = -1;
    e->kind = kind;
    if (id)
        snprintf(e->id, sizeof(e->id), "%s", id);
    else
        cx_id_new(e->id);
    if (asprintf(&e->folder, "%s%s%s", spool, *kind->folder ? "/" : "", kind->folder) < 0)
        e->folder = NULL;
    if (!e->folder || asprintf(&e->path, "%s/%s%s", e->folder, e->id, kind->data) < 0)
        e->path = NULL;
    if (!e->path) {
        entry_free(e);
        return NULL;
    }
    return e;
}

static int make_folder(const char *folder)
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

int cx_spool_init(const char *folder)
{
    int err = make_folder(folder);

    for (size_t i = 0; i < CX_KINDS && err == 0; i++) {
        char path[CX_SPOOL_PATH];

        err = cx_spool_folder(path, sizeof(path), folder, cx_kinds[i]);
        if (err == 0)
            err = make_folder(path);
    }
    return err;
}

static void remove_files(const struct cx_spool_entry *e)
{
    static const char *const suffixes[] = {".json", ".tmp"};
    char path[CX_SPOOL_PATH];

    for (size_t i = 0; i < sizeof(suffixes) / sizeof(*suffixes); i++)
        if (cx_spool_path(path, sizeof(path), e->folder, e->id, suffixes[i]) == 0)
            unlink(path);
    for (size_t i = 0; e->kind->files && e->kind->files[i]; i++)
        if (cx_spool_path(path, sizeof(path), e->folder, e->id, e->kind->files[i]) == 0)
            unlink(path);
    unlink(e->path);
}

int cx_spool_open(const char *spool, const struct cx_kind *kind, const json_t *facts,
                  const char *id, struct cx_spool_entry **entry)
{
    struct cx_spool_entry *e;
    json_t *sidecar = NULL;
    int err;

    *entry = NULL;
    if (id && !cx_id_is_valid(id))
        return -EINVAL;
    e = entry_new(spool, kind, id);
    if (!e)
        return -ENOMEM;
    err = cx_sidecar_new(e->id, kind, facts, (int64_t)time(NULL), &sidecar);
    if (err < 0)
        goto out;
    e->fd = open(e->path, O_WRONLY | O_CREAT | O_EXCL | O_APPEND | O_CLOEXEC, 0640);
    if (e->fd < 0) {
        err = -errno;
        goto out;
    }
    err =
        flock(e->fd, LOCK_EX | LOCK_NB) < 0 ? -errno : cx_sidecar_write(e->folder, e->id, sidecar);
    if (err < 0)
        remove_files(e);
out:
    json_decref(sidecar);
    if (err < 0)
        entry_free(e);
    else
        *entry = e;
    return err;
}

int cx_spool_resume(const char *spool, const struct cx_kind *kind, const char *id,
                    struct cx_spool_entry **entry)
{
    struct cx_spool_entry *e;
    json_t *sidecar = NULL;
    struct stat held, named;
    int err;

    *entry = NULL;
    if (!cx_id_is_valid(id))
        return -EINVAL;
    e = entry_new(spool, kind, id);
    if (!e)
        return -ENOMEM;
    e->fd = open(e->path, O_WRONLY | O_APPEND | O_CLOEXEC);
    if (e->fd < 0) {
        err = -errno;
        goto out;
    }
    err = -EBUSY;
    if (flock(e->fd, LOCK_EX | LOCK_NB) < 0 || fstat(e->fd, &held) < 0 ||
        stat(e->path, &named) < 0 || held.st_ino != named.st_ino)
        goto out;
    e->bytes = (uint64_t)held.st_size;
    err = cx_sidecar_read(e->folder, id, &sidecar);
    if (err == 0 && cx_sidecar_stage(sidecar) != CX_STAGE_RECORDING)
        err = -EALREADY;
out:
    json_decref(sidecar);
    if (err < 0)
        entry_free(e);
    else
        *entry = e;
    return err;
}

int cx_spool_begin(const char *folder, const struct cx_spool_meta *m, struct cx_spool_entry **entry)
{
    json_t *facts = cx_spool_facts(m);
    int err = facts ? cx_spool_open(folder, &cx_kind_voicemail, facts, NULL, entry) : -ENOMEM;

    if (!facts)
        *entry = NULL;
    json_decref(facts);
    return err;
}

int cx_spool_append(struct cx_spool_entry *e, const void *data, size_t bytes)
{
    const char *at = data;
    size_t left = bytes;

    while (left > 0) {
        ssize_t n = write(e->fd, at, left);

        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0) {
            int err = -errno;

            /* a torn sample would turn all that follows into noise */
            if (ftruncate(e->fd, (off_t)e->bytes) < 0)
                return -errno;
            return err;
        }
        at += n;
        left -= (size_t)n;
    }
    e->bytes += bytes;
    return 0;
}

int cx_spool_write(struct cx_spool_entry *e, const int16_t *samples, size_t count)
{
    return cx_spool_append(e, samples, count * sizeof(*samples));
}

int cx_spool_note(struct cx_spool_entry *e, const json_t *facts)
{
    json_t *sidecar;
    int err = cx_sidecar_read(e->folder, e->id, &sidecar);

    if (err < 0)
        return err;
    err = json_object_update(sidecar, (json_t *)facts)
              ? -ENOMEM
              : cx_sidecar_write(e->folder, e->id, sidecar);
    json_decref(sidecar);
    return err;
}

void cx_spool_close(struct cx_spool_entry *e)
{
    entry_free(e);
}

int cx_spool_finish(struct cx_spool_entry *e, size_t keep_samples)
{
    uint64_t keep = keep_samples * sizeof(int16_t);
    int err = 0;

    if (keep < e->bytes && ftruncate(e->fd, (off_t)keep) < 0)
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

const char *cx_spool_data_path(const struct cx_spool_entry *e)
{
    return e->path;
}

uint64_t cx_spool_bytes(const struct cx_spool_entry *e)
{
    return e->bytes;
}
