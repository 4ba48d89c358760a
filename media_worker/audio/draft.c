/*
 * draft.c - see draft.h. SPDX-License-Identifier: GPL-2.0-or-later
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "codec.h"
#include "draft.h"

int cx_draft_add(struct cx_draft *d, const int16_t *samples, size_t count)
{
    if (d->count + count > d->room) {
        size_t room = d->room * 2 + count + CX_RATE * 10;
        int16_t *more = realloc(d->samples, room * sizeof(*more));
        if (!more)
            return -ENOMEM;
        d->samples = more;
        d->room = room;
    }
    memcpy(d->samples + d->count, samples, count * sizeof(*samples));
    d->count += count;
    return 0;
}

void cx_draft_clear(struct cx_draft *d)
{
    free(d->samples);
    memset(d, 0, sizeof(*d));
}

static int make_folders(char *path, size_t fixed)
{
    for (char *slash = strchr(path + fixed + 1, '/'); slash; slash = strchr(slash + 1, '/')) {
        int made;
        *slash = '\0';
        made = mkdir(path, 0770);
        *slash = '/';
        if (made < 0 && errno != EEXIST)
            return -errno;
    }
    return 0;
}

static void put(uint8_t *to, unsigned bytes, size_t value)
{
    for (unsigned i = 0; i < bytes; i++)
        to[i] = (uint8_t)(value >> (8 * i));
}

static int write_all(int fd, const void *data, size_t size)
{
    for (const char *at = data; size;) {
        ssize_t n = write(fd, at, size);
        if (n < 0 && errno != EINTR)
            return -errno;
        if (n > 0) {
            at += n;
            size -= (size_t)n;
        }
    }
    return 0;
}

static int sync_folder(char *path)
{
    char *slash = strrchr(path, '/');
    int fd, err = 0;

    *slash = '\0';
    fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    *slash = '/';
    if (fd < 0 || fsync(fd) < 0)
        err = -errno;
    if (fd >= 0)
        close(fd);
    return err;
}

long cx_draft_store(const struct cx_draft *d, const char *storage, const char *key)
{
    size_t bytes = d->count * sizeof(*d->samples);
    uint8_t head[44] = "RIFF....WAVEfmt ";
    char path[4096], tmp[4096 + 8];
    int fd = -1, err;

    if (snprintf(path, sizeof(path), "%s/%s", storage, key) >= (int)sizeof(path))
        return -ENAMETOOLONG;
    err = make_folders(path, strlen(storage));
    if (err < 0)
        return err;
    put(head + 4, 4, 36 + bytes);
    put(head + 16, 4, 16);
    put(head + 20, 2, 1); /* PCM */
    put(head + 22, 2, 1);
    put(head + 24, 4, CX_RATE);
    put(head + 28, 4, CX_RATE * 2);
    put(head + 32, 2, 2);
    put(head + 34, 2, 16);
    memcpy(head + 36, "data", 4);
    put(head + 40, 4, bytes);
    snprintf(tmp, sizeof(tmp), "%s.tmp", path);
    fd = open(tmp, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0660);
    if (fd < 0)
        return -errno;
    err = write_all(fd, head, sizeof(head));
    if (err == 0)
        err = write_all(fd, d->samples, bytes);
    if (err == 0 && fsync(fd) < 0)
        err = -errno;
    if (close(fd) < 0 && err == 0)
        err = -errno;
    if (err == 0 && rename(tmp, path) < 0)
        err = -errno;
    if (err == 0)
        err = sync_folder(path);
    if (err < 0)
        unlink(tmp);
    return err < 0 ? err : (long)(sizeof(head) + bytes);
}
