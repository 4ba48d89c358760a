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
#include "media_worker/store.h"

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
    cx_log(CX_LOG_WARNING, NULL, "job: message %s: database: %s (%s)", id,
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
    cx_log(CX_LOG_WARNING, NULL, "job: message %s: storage: %s; again in %d s", id, strerror(-err),
           (int)(f->needs[CX_NEED_STORAGE].delay_ms / 1000));
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

/* The lock file last: as long as a name is there, its lock is the way to the others. */
static void remove_entry(struct cx_finisher *f, const char *id)
{
    static const char *const suffixes[] = {".raw", ".tmp", ".json", ".lock"};
    char path[CX_SPOOL_PATH];

    for (size_t i = 0; i < sizeof(suffixes) / sizeof(*suffixes); i++)
        if (cx_spool_path(path, sizeof(path), f->config->spool, id, suffixes[i]) == 0)
            unlink(path);
}

static enum cx_finish_result fail_entry(struct cx_finisher *f, const char *id, const char *reason)
{
    char folder[CX_SPOOL_PATH], from[CX_SPOOL_PATH], to[CX_SPOOL_PATH];
    static const char *const suffixes[] = {".raw", ".json"};
    FILE *file;
    int err = cx_spool_path(folder, sizeof(folder), f->config->spool, "failed", "");

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
    for (size_t i = 0; err == 0 && i < sizeof(suffixes) / sizeof(*suffixes); i++) {
        err = cx_spool_path(from, sizeof(from), f->config->spool, id, suffixes[i]);
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
    cx_log(CX_LOG_ERROR, NULL, "job: message %s: given up, moved to %s: %s", id, folder, reason);
    return CX_FINISH_FAILED;
}

static int write_stage(struct cx_finisher *f, const char *id, json_t *s, enum cx_stage stage)
{
    int err = cx_sidecar_set_stage(s, stage);

    return err < 0 ? err : cx_sidecar_write(f->config->spool, id, s);
}

/* Is the recording over? Syncs what there is either way: audio of a call that goes on is safe from
 * a power cut each time the job thread comes by. 1 over; 0 not; -ENOENT no audio; -errno. */
static int audio_over(const char *raw, int64_t *bytes)
{
    int fd = open(raw, O_RDWR | O_CLOEXEC), err;
    struct stat st;

    if (fd < 0)
        return -errno;
    err = flock(fd, LOCK_EX | LOCK_NB) == 0 ? 1 : errno == EWOULDBLOCK ? 0 : -errno;
    if (err >= 0 && (fdatasync(fd) < 0 || fstat(fd, &st) < 0))
        err = -errno;
    else if (err >= 0)
        *bytes = st.st_size;
    close(fd);
    return err;
}

/* The stages up to the mail, one after the other. CX_FINISH_DONE: go on with the mail. */
static enum cx_finish_result to_inserted(struct cx_finisher *f, const char *id, const char *raw,
                                         json_t *s, char *reason, size_t reason_size)
{
    const char *account = cx_sidecar_text(s, "account_id");
    int64_t now = cx_monotonic_ms();
    uint32_t size = 0;
    int err;

    if (cx_sidecar_stage(s) == CX_STAGE_RECORDED) {
        if (now < f->needs[CX_NEED_STORAGE].next_ms)
            return CX_FINISH_WAIT;
        err = cx_store_mp3(f->config->storage, account, id, raw, &size);
        if (err == -ENODATA) {
            snprintf(reason, reason_size, "the audio is missing");
            return CX_FINISH_FAILED;
        }
        if (err == 0)
            err = json_object_set_new(s, "size_bytes", json_integer(size)) ? -ENOMEM : 0;
        if (err == 0)
            err = write_stage(f, id, s, CX_STAGE_STORED);
        if (err < 0)
            return cx_finisher_storage_failed(f, id, err);
        f->needs[CX_NEED_STORAGE] = (struct cx_backoff){0};
    }
    if (cx_sidecar_stage(s) == CX_STAGE_STORED) {
        if (now < f->needs[CX_NEED_DATABASE].next_ms || cx_finisher_database(f) < 0)
            return CX_FINISH_WAIT;
        err = cx_store_insert(f->db, s);
        if (err == -ECHILD) {
            cx_store_remove(f->config->storage, account, id);
            snprintf(reason, reason_size, "account %s has no voicemail box %s", account,
                     cx_sidecar_text(s, "vmbox_id"));
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

/* Stage recording, whose worker has closed the audio or is dead. CX_FINISH_DONE: go on. */
static enum cx_finish_result to_recorded(struct cx_finisher *f, const char *id, const char *raw,
                                         json_t *s)
{
    int64_t bytes = 0, ms;
    int err = audio_over(raw, &bytes);

    if (err == 0)
        return CX_FINISH_BUSY;
    if (err < 0 && err != -ENOENT)
        return cx_finisher_storage_failed(f, id, err);
    ms = bytes / (int64_t)sizeof(int16_t) * 1000 / CX_STORE_RATE;
    if (err == -ENOENT || ms < CX_FINISH_MIN_MS) {
        cx_log(CX_LOG_INFO, NULL, "job: message %s: %d ms of audio: dropped", id, (int)ms);
        remove_entry(f, id);
        return CX_FINISH_DROPPED;
    }
    err = json_object_set_new(s, "length_ms", json_integer(ms)) ? -ENOMEM : 0;
    if (err == 0)
        err = write_stage(f, id, s, CX_STAGE_RECORDED);
    if (err == 0)
        err = cx_sync_folder(f->config->spool);
    return err < 0 ? cx_finisher_storage_failed(f, id, err) : CX_FINISH_DONE;
}

static enum cx_finish_result finish_locked(struct cx_finisher *f, const char *id)
{
    char raw[CX_SPOOL_PATH], reason[512] = "";
    enum cx_finish_result result = CX_FINISH_DONE;
    json_t *s = NULL;
    int64_t bytes = 0;
    int err = cx_spool_path(raw, sizeof(raw), f->config->spool, id, ".raw");

    if (err == 0)
        err = cx_sidecar_read(f->config->spool, id, &s);
    if (err == -ENOENT) { /* another worker was through with it before we had the lock */
        remove_entry(f, id);
        return CX_FINISH_BUSY;
    }
    if (err == -EBADMSG) {
        /* not while somebody records, whatever happened to the sidecar */
        if (audio_over(raw, &bytes) == 0)
            return CX_FINISH_BUSY;
        return fail_entry(f, id, "the sidecar is corrupt");
    }
    if (err < 0)
        return cx_finisher_storage_failed(f, id, err);
    if (cx_sidecar_stage(s) == CX_STAGE_RECORDING)
        result = to_recorded(f, id, raw, s);
    if (result == CX_FINISH_DONE && cx_sidecar_stage(s) < CX_STAGE_INSERTED)
        result = to_inserted(f, id, raw, s, reason, sizeof(reason));
    if (result == CX_FINISH_DONE && cx_sidecar_stage(s) < CX_STAGE_DONE)
        result = cx_finish_mail(f, id, s);
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
    char raw[CX_SPOOL_PATH], lock[CX_SPOOL_PATH];
    enum cx_finish_result result;
    int64_t bytes;
    int fd;

    if (cx_spool_path(raw, sizeof(raw), f->config->spool, id, ".raw") < 0 ||
        cx_spool_path(lock, sizeof(lock), f->config->spool, id, ".lock") < 0)
        return CX_FINISH_BUSY;
    if (audio_over(raw, &bytes) == 0) /* no lock file for each call that is being recorded */
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

    if (cx_spool_path(path, sizeof(path), f->config->spool, id, ".raw") < 0 ||
        cx_spool_path(lock, sizeof(lock), f->config->spool, id, ".lock") < 0)
        return;
    /* young: cx_spool_begin() is perhaps between the audio file and the sidecar */
    if (stat(path, &st) == 0 && time(NULL) - st.st_mtime < ORPHAN_S)
        return;
    fd = lock_file(lock, O_RDWR | O_CREAT);
    if (fd < 0)
        return;
    if (cx_spool_path(path, sizeof(path), f->config->spool, id, ".json") == 0 &&
        access(path, F_OK) < 0 && errno == ENOENT &&
        cx_spool_path(path, sizeof(path), f->config->spool, id, ".raw") == 0) {
        int over = audio_over(path, &bytes);

        if (over == 1 && bytes > 0)
            fail_entry(f, id, "there is no sidecar");
        else if (over == 1 || over == -ENOENT)
            remove_entry(f, id);
    }
    close(fd);
}
