/*
 * finish.c - locks, stages and failures of a spool entry; see finish.h.
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

#include "media_worker/finish.h"
#include "media_worker/log.h"
#include "media_worker/sidecar.h"

enum { BACKOFF_MIN_MS = 1000, BACKOFF_MAX_MS = 60000, ORPHAN_S = 60 };

int64_t cx_monotonic_ms(void)
{
    struct timespec t;

    clock_gettime(CLOCK_MONOTONIC, &t);
    return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

void cx_backoff_fail(struct cx_backoff *b, int64_t now_ms)
{
    b->delay_ms = b->delay_ms == 0 ? BACKOFF_MIN_MS : b->delay_ms * 2;
    if (b->delay_ms > BACKOFF_MAX_MS)
        b->delay_ms = BACKOFF_MAX_MS;
    b->next_ms = now_ms + b->delay_ms;
}

int cx_finisher_database(struct cx_finisher *f)
{
    struct cx_db_config config;
    char error[256] = "";
    int err;

    if (f->db)
        return 0;
    err = cx_db_config_read(f->config->config_file, &config, error, sizeof(error));
    if (err == 0)
        err = cx_db_open(&config, &f->db, error, sizeof(error));
    if (err < 0) {
        cx_backoff_fail(&f->needs[CX_NEED_DATABASE], cx_monotonic_ms());
        cx_log(CX_LOG_WARNING, NULL, "job: database: %s; again in %d s", error,
               (int)(f->needs[CX_NEED_DATABASE].delay_ms / 1000));
    }
    return err;
}

enum cx_finish_result cx_finisher_db_failed(struct cx_finisher *f, const char *id, int err)
{
    cx_log(CX_LOG_WARNING, NULL, "job: %s %s: database: %s (%s)", f->kind->name, id,
           f->db ? cx_db_error(f->db) : "not connected", strerror(-err));
    if (err != -ENOTCONN)
        return CX_FINISH_RETRY;
    cx_finisher_close(f);
    cx_backoff_fail(&f->needs[CX_NEED_DATABASE], cx_monotonic_ms());
    return CX_FINISH_WAIT;
}

enum cx_finish_result cx_finisher_storage_failed(struct cx_finisher *f, const char *id, int err)
{
    cx_backoff_fail(&f->needs[CX_NEED_STORAGE], cx_monotonic_ms());
    cx_log(CX_LOG_WARNING, NULL, "job: %s %s: storage: %s; again in %d s", f->kind->name, id,
           strerror(-err), (int)(f->needs[CX_NEED_STORAGE].delay_ms / 1000));
    return CX_FINISH_WAIT;
}

void cx_finisher_close(struct cx_finisher *f)
{
    cx_db_close(f->db);
    f->db = NULL;
}

/* A locked file, or -EBUSY, or -errno. The name must still be that of the file that was locked: its
 * last holder may have removed it while we opened it. */
static int lock_file(const char *path, int flags)
{
    int fd = open(path, flags | O_CLOEXEC, 0640);
    struct stat held, named;

    if (fd < 0)
        return -errno;
    if (flock(fd, LOCK_EX | LOCK_NB) == 0 && fstat(fd, &held) == 0 && stat(path, &named) == 0 &&
        held.st_ino == named.st_ino && held.st_dev == named.st_dev)
        return fd;
    close(fd);
    return -EBUSY;
}

/* The endings of an entry's files, of any kind. The lock file last: as long as a name is there, its
 * lock is the way to the others. */
static size_t endings(const struct cx_kind *kind, const char *out[CX_KIND_FILES_MAX])
{
    size_t n = 0;

    out[n++] = kind->data;
    for (size_t i = 0; kind->files && kind->files[i] && n < CX_KIND_FILES_MAX - 3; i++)
        out[n++] = kind->files[i];
    out[n++] = ".tmp";
    out[n++] = ".json";
    out[n++] = ".lock";
    return n;
}

static void remove_entry(struct cx_finisher *f, const char *id)
{
    const char *suffixes[CX_KIND_FILES_MAX];
    size_t n = endings(f->kind, suffixes);
    char path[CX_SPOOL_PATH];

    for (size_t i = 0; i < n; i++)
        if (cx_spool_path(path, sizeof(path), f->folder, id, suffixes[i]) == 0)
            unlink(path);
}

static enum cx_finish_result fail_entry(struct cx_finisher *f, const char *id, const char *reason)
{
    char folder[CX_SPOOL_PATH], from[CX_SPOOL_PATH], to[CX_SPOOL_PATH];
    const char *suffixes[CX_KIND_FILES_MAX];
    size_t n = endings(f->kind, suffixes) - 1; /* all but the lock */
    FILE *file;
    int err = cx_spool_path(folder, sizeof(folder), f->folder, "failed", "");

    if (err == 0)
        err = cx_spool_path(to, sizeof(to), folder, id, ".reason");
    if (err == 0 && mkdir(folder, 0750) < 0 && errno != EEXIST)
        err = -errno;
    if (err < 0)
        return cx_finisher_storage_failed(f, id, err);
    file = fopen(to, "ae");
    if (!file || fprintf(file, "%s\n", reason) < 0 || fflush(file) != 0 || fsync(fileno(file)) < 0)
        err = errno ? -errno : -EIO;
    if (file)
        fclose(file);
    for (size_t i = 0; err == 0 && i < n; i++) {
        if (strcmp(suffixes[i], ".tmp") == 0) /* a torn sidecar helps nobody */
            continue;
        err = cx_spool_path(from, sizeof(from), f->folder, id, suffixes[i]);
        if (err == 0)
            err = cx_spool_path(to, sizeof(to), folder, id, suffixes[i]);
        if (err == 0 && rename(from, to) < 0 && errno != ENOENT)
            err = -errno;
    }
    if (err == 0)
        err = cx_sync_folder(folder);
    if (err < 0)
        return cx_finisher_storage_failed(f, id, err);
    remove_entry(f, id);
    cx_log(CX_LOG_ERROR, NULL, "job: %s %s: given up, moved to %s: %s", f->kind->name, id, folder,
           reason);
    return CX_FINISH_FAILED;
}

static int write_stage(struct cx_finisher *f, const char *id, json_t *s, enum cx_stage stage)
{
    int err = cx_sidecar_set_stage(s, stage);

    return err < 0 ? err : cx_sidecar_write(f->folder, id, s);
}

/* Is the writing over? Then it is synced. 1 over; 0 not; -ENOENT no file; -errno. */
static int data_over(const char *path, int64_t *bytes)
{
    int fd = open(path, O_RDWR | O_CLOEXEC), err;
    struct stat st;

    if (fd < 0)
        return -errno;
    err = flock(fd, LOCK_EX | LOCK_NB) == 0 ? 1 : errno == EWOULDBLOCK ? 0 : -errno;
    if (err >= 0 && ((err == 1 && fdatasync(fd) < 0) || fstat(fd, &st) < 0))
        err = -errno;
    else if (err >= 0)
        *bytes = st.st_size;
    close(fd);
    return err;
}

/* The stages up to the mail, one after the other. CX_FINISH_DONE: go on with the mail. */
static enum cx_finish_result to_inserted(struct cx_finisher *f, const char *id, const char *data,
                                         json_t *s, char *reason, size_t reason_size)
{
    int64_t now = cx_monotonic_ms();
    int err;

    if (cx_sidecar_stage(s) == CX_STAGE_RECORDED) {
        if (now < f->needs[CX_NEED_STORAGE].next_ms)
            return CX_FINISH_WAIT;
        err = f->kind->store(f, data, s);
        if (err == -ENODATA || err == -EBADMSG) {
            snprintf(reason, reason_size, "the %s file is %s", f->kind->data,
                     err == -ENODATA ? "missing" : "unusable");
            return CX_FINISH_FAILED;
        }
        if (err == 0)
            err = write_stage(f, id, s, CX_STAGE_STORED);
        if (err < 0)
            return cx_finisher_storage_failed(f, id, err);
        f->needs[CX_NEED_STORAGE] = (struct cx_backoff){0};
    }
    if (cx_sidecar_stage(s) == CX_STAGE_STORED) {
        if (now < f->needs[CX_NEED_DATABASE].next_ms || cx_finisher_database(f) < 0)
            return CX_FINISH_WAIT;
        err = f->kind->row(f->db, s);
        if (err == -ECHILD) {
            f->kind->homeless(f, s, reason, reason_size);
            return CX_FINISH_FAILED;
        }
        if (err < 0)
            return cx_finisher_db_failed(f, id, err);
        f->needs[CX_NEED_DATABASE] = (struct cx_backoff){0};
        err = write_stage(f, id, s, CX_STAGE_INSERTED);
        if (err < 0)
            return cx_finisher_storage_failed(f, id, err);
    }
    return CX_FINISH_DONE;
}

/* Stage recording, whose worker has closed the file or is dead. CX_FINISH_DONE: go on. */
static enum cx_finish_result to_recorded(struct cx_finisher *f, const char *id, const char *data,
                                         json_t *s)
{
    int64_t bytes = 0;
    int err = data_over(data, &bytes), keep = 0;

    if (err == 0)
        return CX_FINISH_BUSY;
    if (err < 0 && err != -ENOENT)
        return cx_finisher_storage_failed(f, id, err);
    if (err != -ENOENT)
        keep = f->kind->measure(f, data, bytes, s);
    if (keep == -EAGAIN)
        return CX_FINISH_LATER;
    if (keep < 0)
        return cx_finisher_storage_failed(f, id, keep);
    if (keep == 0) {
        cx_log(CX_LOG_INFO, NULL, "job: %s %s: %lld bytes are nothing to keep: dropped",
               f->kind->name, id, (long long)bytes);
        remove_entry(f, id);
        return CX_FINISH_DROPPED;
    }
    err = write_stage(f, id, s, CX_STAGE_RECORDED);
    if (err == 0)
        err = cx_sync_folder(f->folder);
    return err < 0 ? cx_finisher_storage_failed(f, id, err) : CX_FINISH_DONE;
}

static enum cx_finish_result finish_locked(struct cx_finisher *f, const char *id)
{
    char data[CX_SPOOL_PATH], reason[512] = "";
    enum cx_finish_result result = CX_FINISH_DONE;
    json_t *s = NULL;
    int64_t bytes = 0;
    int err = cx_spool_path(data, sizeof(data), f->folder, id, f->kind->data);

    if (err == 0)
        err = cx_sidecar_read(f->folder, id, &s);
    if (err == 0 && !cx_sidecar_suits(s, f->kind))
        err = -EBADMSG;
    if (err == -ENOENT) { /* another worker was through with it before we had the lock */
        remove_entry(f, id);
        return CX_FINISH_BUSY;
    }
    if (err == -EBADMSG) {
        /* not while somebody records, whatever happened to the sidecar */
        json_decref(s);
        if (data_over(data, &bytes) == 0)
            return CX_FINISH_BUSY;
        return fail_entry(f, id, "the sidecar is corrupt");
    }
    if (err < 0)
        return cx_finisher_storage_failed(f, id, err);
    if (cx_sidecar_stage(s) == CX_STAGE_RECORDING)
        result = to_recorded(f, id, data, s);
    if (result == CX_FINISH_DONE && cx_sidecar_stage(s) < CX_STAGE_INSERTED)
        result = to_inserted(f, id, data, s, reason, sizeof(reason));
    if (result == CX_FINISH_DONE && cx_sidecar_stage(s) < CX_STAGE_DONE && f->kind->mail)
        result = (enum cx_finish_result)f->kind->mail(f, id, s);
    if (result == CX_FINISH_FAILED) {
        result = fail_entry(f, id, reason);
    } else if (result == CX_FINISH_DONE) {
        err = write_stage(f, id, s, CX_STAGE_DONE);
        if (err < 0)
            result = cx_finisher_storage_failed(f, id, err);
        else
            remove_entry(f, id);
    }
    json_decref(s);
    return result;
}

enum cx_finish_result cx_finish_entry(struct cx_finisher *f, const char *id)
{
    char data[CX_SPOOL_PATH], lock[CX_SPOOL_PATH];
    enum cx_finish_result result;
    int64_t bytes;
    int fd;

    if (cx_spool_path(data, sizeof(data), f->folder, id, f->kind->data) < 0 ||
        cx_spool_path(lock, sizeof(lock), f->folder, id, ".lock") < 0)
        return CX_FINISH_BUSY;
    if (data_over(data, &bytes) == 0) /* no lock file for each call that is being recorded */
        return CX_FINISH_BUSY;
    fd = lock_file(lock, O_RDWR | O_CREAT);
    if (fd == -EBUSY)
        return CX_FINISH_BUSY;
    if (fd < 0)
        return cx_finisher_storage_failed(f, id, fd);
    result = finish_locked(f, id);
    close(fd);
    return result;
}

void cx_finish_orphan(struct cx_finisher *f, const char *id)
{
    char path[CX_SPOOL_PATH], lock[CX_SPOOL_PATH];
    struct stat st;
    int64_t bytes = 0;
    int fd;

    if (cx_spool_path(path, sizeof(path), f->folder, id, f->kind->data) < 0 ||
        cx_spool_path(lock, sizeof(lock), f->folder, id, ".lock") < 0)
        return;
    /* young: cx_spool_open() is perhaps between the data file and the sidecar */
    if (stat(path, &st) == 0 && time(NULL) - st.st_mtime < ORPHAN_S)
        return;
    fd = lock_file(lock, O_RDWR | O_CREAT);
    if (fd < 0)
        return;
    if (cx_spool_path(path, sizeof(path), f->folder, id, ".json") == 0 && access(path, F_OK) < 0 &&
        errno == ENOENT && cx_spool_path(path, sizeof(path), f->folder, id, f->kind->data) == 0) {
        int over = data_over(path, &bytes);

        if (over == 1 && bytes > 0)
            fail_entry(f, id, "there is no sidecar");
        else if (over == 1 || over == -ENOENT)
            remove_entry(f, id);
    }
    close(fd);
}
