/*
 * store.c - the mp3; see store.h. The database's part is store_db.c.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include <errno.h>
#include <fcntl.h>
#include <lame/lame.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "media_worker/sidecar.h"
#include "media_worker/store.h"

enum { BLOCK = 8000, MP3_ROOM = BLOCK * 5 / 4 + 7200 }; /* room: lame.h's worst case */

void cx_store_key(char key[128], const char *account_id, const char *message_id)
{
    snprintf(key, 128, "%s/vm/%s.mp3", account_id, message_id);
}

/* One file per message forever after: no Xing/Info frame, which would have to be written when all
 * is known. */
static lame_t encoder_new(void)
{
    lame_t lame = lame_init();

    if (!lame)
        return NULL;
    if (lame_set_in_samplerate(lame, CX_STORE_RATE) < 0 ||
        lame_set_out_samplerate(lame, CX_STORE_RATE) < 0 || lame_set_num_channels(lame, 1) < 0 ||
        lame_set_mode(lame, MONO) < 0 || lame_set_brate(lame, CX_STORE_KBPS) < 0 ||
        lame_set_quality(lame, 5) < 0 || lame_set_bWriteVbrTag(lame, 0) < 0 ||
        lame_init_params(lame) < 0) {
        lame_close(lame);
        return NULL;
    }
    return lame;
}

static int encode(FILE *in, FILE *out, uint32_t *bytes)
{
    lame_t lame = encoder_new();
    int16_t *pcm = malloc(BLOCK * sizeof(*pcm));
    unsigned char *mp3 = malloc(MP3_ROOM);
    uint64_t total = 0, samples = 0;
    int err = -ENOMEM;
    size_t n;

    if (!lame || !pcm || !mp3)
        goto out;
    do {
        int made;

        n = fread(pcm, sizeof(*pcm), BLOCK, in);
        samples += n;
        made = n ? lame_encode_buffer(lame, pcm, pcm, (int)n, mp3, MP3_ROOM)
                 : lame_encode_flush(lame, mp3, MP3_ROOM);
        err = -EIO;
        if (made < 0 || ferror(in))
            goto out;
        errno = 0;
        if (fwrite(mp3, 1, (size_t)made, out) != (size_t)made) {
            err = errno ? -errno : -EIO;
            goto out;
        }
        total += (uint64_t)made;
    } while (n > 0);
    err = samples == 0 ? -ENODATA : total > UINT32_MAX ? -EFBIG : 0;
    *bytes = (uint32_t)total;
out:
    if (lame)
        lame_close(lame);
    free(pcm);
    free(mp3);
    return err;
}

/* Each folder that is new is synced into the one above it. */
static int make_folders(const char *storage, const char *account_id)
{
    char path[CX_SPOOL_PATH], above[CX_SPOOL_PATH];
    static const char *const parts[] = {"", "/vm"};

    for (size_t i = 0; i < 2; i++) {
        int err = cx_spool_path(path, sizeof(path), storage, account_id, parts[i]);

        if (err == 0)
            err = i == 0 ? cx_spool_path(above, sizeof(above), storage, "", "")
                         : cx_spool_path(above, sizeof(above), storage, account_id, "");
        if (err == 0 && mkdir(path, 0750) < 0 && errno != EEXIST)
            err = -errno;
        else if (err == 0)
            err = cx_sync_folder(above);
        if (err < 0)
            return err;
    }
    return 0;
}

int cx_store_mp3(const char *storage, const char *account_id, const char *message_id,
                 const char *raw, uint32_t *bytes)
{
    char key[128], path[CX_SPOOL_PATH], tmp[CX_SPOOL_PATH], folder[CX_SPOOL_PATH];
    FILE *in = NULL, *out = NULL;
    int err;

    cx_store_key(key, account_id, message_id);
    err = cx_spool_path(path, sizeof(path), storage, key, "");
    if (err == 0)
        err = cx_spool_path(tmp, sizeof(tmp), storage, key, ".tmp");
    if (err == 0)
        err = cx_spool_path(folder, sizeof(folder), storage, account_id, "/vm");
    if (err < 0)
        return err;
    in = fopen(raw, "rbe");
    if (!in)
        return errno == ENOENT ? -ENODATA : -errno;
    err = make_folders(storage, account_id);
    if (err < 0)
        goto out;
    out = fopen(tmp, "wbe");
    if (!out) {
        err = -errno;
        goto out;
    }
    err = encode(in, out, bytes);
    if (err == 0 && (fflush(out) != 0 || fsync(fileno(out)) < 0))
        err = -errno;
    if (fclose(out) != 0 && err == 0)
        err = -errno;
    if (err == 0 && rename(tmp, path) < 0)
        err = -errno;
    if (err == 0)
        err = cx_sync_folder(folder);
    if (err < 0)
        unlink(tmp);
out:
    fclose(in);
    return err;
}

void cx_store_remove(const char *storage, const char *account_id, const char *message_id)
{
    char key[128], path[CX_SPOOL_PATH];

    cx_store_key(key, account_id, message_id);
    if (cx_spool_path(path, sizeof(path), storage, key, "") == 0)
        unlink(path);
}
