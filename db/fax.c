/*
 * fax.c - see fax.h. SPDX-License-Identifier: GPL-2.0-or-later
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "change_log.h"
#include "fax.h"

bool cx_fax_number_is_valid(const char *number)
{
    size_t len = strlen(number);

    return len > 0 && len <= 32 && number[strspn(number, "+*#0123456789")] == '\0' &&
           strrchr(number, '+') <= number && strcmp(number, "+") != 0;
}

bool cx_fax_number_read(const char *text, char *number, size_t size)
{
    size_t n = 0;

    for (; *text; text++) {
        if (strchr(" -./()", *text))
            continue;
        if (n + 1 >= size)
            return false;
        number[n++] = *text;
    }
    number[n] = '\0';
    return cx_fax_number_is_valid(number);
}

static int make_folder(const char *storage, const char *account_id, char *path, size_t size)
{
    snprintf(path, size, "%s/%s", storage, account_id);
    if (mkdir(path, 0770) < 0 && errno != EEXIST)
        return -errno;
    snprintf(path, size, "%s/%s/fax", storage, account_id);
    return mkdir(path, 0770) < 0 && errno != EEXIST ? -errno : 0;
}

static int write_all(int fd, const char *data, size_t size)
{
    while (size > 0) {
        ssize_t n = write(fd, data, size);

        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return -errno;
        data += n;
        size -= (size_t)n;
    }
    return fsync(fd) < 0 ? -errno : 0;
}

static int sync_folder(const char *path)
{
    int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC), err;

    if (fd < 0)
        return -errno;
    err = fsync(fd) < 0 ? -errno : 0;
    close(fd);
    return err;
}

int cx_fax_store(const char *storage, const char *account_id, const char *id, const void *data,
                 size_t size, char key[128])
{
    char folder[600], path[700], tmp[720];
    int fd, err = make_folder(storage, account_id, folder, sizeof(folder));

    if (err < 0)
        return err;
    snprintf(key, 128, "%s/fax/%s.document", account_id, id);
    snprintf(path, sizeof(path), "%s/%s", storage, key);
    snprintf(tmp, sizeof(tmp), "%s.%ld", path, (long)getpid());
    fd = open(tmp, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0640);
    if (fd < 0)
        return -errno;
    err = write_all(fd, data, size);
    if (close(fd) < 0 && err == 0)
        err = -errno;
    if (err == 0 && rename(tmp, path) < 0)
        err = -errno;
    if (err < 0) {
        unlink(tmp);
        return err;
    }
    return sync_folder(folder);
}

int cx_fax_insert(struct cx_db *db, const struct cx_fax_request *q)
{
    int64_t now = (int64_t)time(NULL);
    struct cx_value params[] = {cx_text(q->id),
                                cx_text(q->account_id),
                                cx_text(q->owner_id),
                                cx_text(q->faxbox_id),
                                cx_text(q->to_number),
                                cx_text(q->to_name ? q->to_name : ""),
                                cx_text(q->from_number),
                                cx_text(q->from_name ? q->from_name : ""),
                                cx_int(q->retries),
                                cx_text(q->storage_key),
                                cx_text(q->content_type),
                                cx_int(q->size),
                                cx_text(q->doc),
                                cx_int(now),
                                cx_int(now)};
    int err = cx_db_exec(
        db,
        "INSERT INTO fax (id, account_id, owner_id, faxbox_id, folder, status, to_number, to_name, "
        "from_number, from_name, retries, storage_key, content_type, size_bytes, doc, created, "
        "modified) VALUES (?, ?, ?, ?, 'outgoing', 'pending', ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        params, sizeof(params) / sizeof(*params), NULL);

    return err < 0 ? err : cx_change_append(db, q->account_id, "fax", q->id, "create", q->actor);
}
