/*
 * disk.c - see disk.h.
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/dprint.h"

#include "disk.h"

#define SUFFIX ".img"

static void path_of(const char *folder, struct cx_id account, char path[PATH_MAX])
{
    char hex[33];

    cx_id_format(account, hex);
    snprintf(path, PATH_MAX, "%s/%s" SUFFIX, folder, hex);
}

int cx_disk_init(const char *folder)
{
    return mkdir(folder, 0750) < 0 && errno != EEXIST ? -errno : 0;
}

static int write_all(int fd, const void *data, size_t size)
{
    const char *p = data;

    while (size > 0) {
        ssize_t n = write(fd, p, size);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return -errno;
        p += n;
        size -= (size_t)n;
    }
    return 0;
}

int cx_disk_save(const char *folder, const struct cx_image *image)
{
    char path[PATH_MAX], part[PATH_MAX + 8];
    int fd, err;

    path_of(folder, cx_image_account(image), path);
    snprintf(part, sizeof(part), "%s.part", path);
    fd = open(part, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0640);
    if (fd < 0)
        return -errno;
    err = write_all(fd, image, cx_image_size(image));
    if (err == 0 && fdatasync(fd) < 0)
        err = -errno;
    close(fd);
    if (err == 0 && rename(part, path) < 0)
        err = -errno;
    if (err < 0)
        unlink(part);
    return err;
}

void cx_disk_remove(const char *folder, struct cx_id account)
{
    char path[PATH_MAX];

    path_of(folder, account, path);
    unlink(path);
}

/* The whole file in malloc memory (aligned for an image), or NULL. */
static void *read_file(const char *path, size_t *size)
{
    struct stat st;
    void *data = NULL;
    int fd = open(path, O_RDONLY | O_CLOEXEC);

    if (fd < 0)
        return NULL;
    if (fstat(fd, &st) == 0 && st.st_size > 0 && (data = malloc((size_t)st.st_size)) != NULL) {
        *size = (size_t)st.st_size;
        if (read(fd, data, *size) != st.st_size) {
            free(data);
            data = NULL;
        }
    }
    close(fd);
    return data;
}

int cx_disk_load_all(const char *folder, int (*use)(const struct cx_image *image))
{
    DIR *dir = opendir(folder);
    struct dirent *entry;
    int loaded = 0;

    if (!dir)
        return -errno;
    while ((entry = readdir(dir)) != NULL) {
        size_t len = strlen(entry->d_name), size = 0;
        char path[PATH_MAX];
        const char *why = "cannot be read";
        struct cx_id id;
        void *data;

        if (len != 32 + sizeof(SUFFIX) - 1 || strcmp(entry->d_name + 32, SUFFIX) != 0 ||
            !cx_id_parse(entry->d_name, 32, &id))
            continue;
        snprintf(path, sizeof(path), "%s/%s", folder, entry->d_name);
        data = read_file(path, &size);
        if (!data || cx_image_check(data, size, &why) < 0 ||
            !cx_id_equal(cx_image_account(data), id))
            LM_ERR("account image %s is not used: %s\n", path, why);
        else if (use(data) == 0)
            loaded++;
        free(data);
    }
    closedir(dir);
    return loaded;
}
