/*
 * store.c - files of the storage; see store.h. The database's part is store_db.c.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "media_worker/sidecar.h"
#include "media_worker/store.h"

void cx_store_key(char key[128], const char *account_id, const char *message_id)
{
    snprintf(key, 128, "%s/vm/%s.mp3", account_id, message_id);
}

/* The folders of path below the storage, each synced into the one above it: who made it may have
 * died before that. The storage itself must be there: a mount that is missing is no place. */
static int make_folders(const char *storage, char *path)
{
    char *slash = path + strlen(storage);
    int err = 0;

    while (err == 0 && (slash = strchr(slash + 1, '/'))) {
        char *above;

        *slash = '\0';
        above = strrchr(path, '/');
        if (mkdir(path, 0750) < 0 && errno != EEXIST)
            err = -errno;
        *above = '\0';
        if (err == 0)
            err = cx_sync_folder(path);
        *above = *slash = '/';
    }
    return err;
}

int cx_store_put(const char *storage, const char *key, int (*fill)(FILE *out, void *arg), void *arg)
{
    char path[CX_SPOOL_PATH], tmp[CX_SPOOL_PATH];
    FILE *out;
    int err = cx_spool_path(path, sizeof(path), storage, key, "");

    if (err == 0)
        err = cx_spool_path(tmp, sizeof(tmp), storage, key, ".tmp");
    if (err == 0)
        err = make_folders(storage, path);
    if (err < 0)
        return err;
    out = fopen(tmp, "wbe");
    if (!out)
        return -errno;
    err = fill(out, arg);
    if (err == 0 && (fflush(out) != 0 || fsync(fileno(out)) < 0))
        err = -errno;
    if (fclose(out) != 0 && err == 0)
        err = -errno;
    if (err == 0 && rename(tmp, path) < 0)
        err = -errno;
    if (err < 0) {
        unlink(tmp);
        return err;
    }
    *strrchr(path, '/') = '\0';
    return cx_sync_folder(path);
}

void cx_store_remove(const char *storage, const char *key)
{
    char path[CX_SPOOL_PATH];

    if (cx_spool_path(path, sizeof(path), storage, key, "") == 0)
        unlink(path);
}
