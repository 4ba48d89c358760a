/*
 * storage.c - removing stored files. See api.h.
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "api.h"
#include "db/id.h"

void cx_remove_file(struct cx_request *r, const char *storage_key)
{
    char path[640];

    if (!storage_key || !storage_key[0] || strstr(storage_key, "..") || storage_key[0] == '/')
        return;
    snprintf(path, sizeof(path), "%s/%s", r->api->storage, storage_key);
    if (unlink(path) < 0 && errno != ENOENT)
        fprintf(stderr, "%s %s: %s\n", r->id, path, strerror(errno));
}

static int remove_entry(const char *path, const struct stat *st, int kind, struct FTW *at)
{
    (void)st;
    (void)kind;
    (void)at;
    return remove(path) < 0 && errno != ENOENT ? -1 : 0;
}

void cx_remove_account_files(struct cx_request *r, const char *account_id)
{
    char path[640];

    if (!cx_id_is_valid(account_id))
        return;
    snprintf(path, sizeof(path), "%s/%s", r->api->storage, account_id);
    if (nftw(path, remove_entry, 16, FTW_DEPTH | FTW_PHYS) < 0 && errno != ENOENT)
        fprintf(stderr, "%s %s: %s\n", r->id, path, strerror(errno));
}
