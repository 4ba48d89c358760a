/*
 * recording.c - a recorded call: mp3 or wav of both sides, a row in `recording`. See kind.h.
 *
 * The data file holds stereo samples (left: who called), and whoever writes it notes "ended" in the
 * sidecar when the call is over. A file without a writer and without that note was left by a dead
 * worker while the call perhaps goes on: it is offered to this process's recorder, which goes on
 * with it, so that both parts are one recording. Nobody does: after a minute it is finished as it
 * is. SPDX-License-Identifier: GPL-2.0-or-later
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

#include "media_worker/encode.h"
#include "media_worker/finish.h"
#include "media_worker/kind.h"
#include "media_worker/sidecar.h"
#include "media_worker/store.h"

enum { FRAME_BYTES = 4, LEFT_S = 60 };

static bool is_wav(const json_t *s)
{
    return strcmp(cx_sidecar_text(s, "format"), "wav") == 0;
}

static void key_of(char key[128], const json_t *s)
{
    snprintf(key, 128, "%s/recording/%s.%s", cx_sidecar_text(s, "account_id"),
             cx_sidecar_text(s, "id"), is_wav(s) ? "wav" : "mp3");
}

static int measure(struct cx_finisher *f, const char *path, int64_t bytes, json_t *s)
{
    int64_t ms = bytes / FRAME_BYTES * 1000 / CX_ENCODE_RATE;
    int64_t least = cx_sidecar_int(s, "least_s") * 1000;
    struct stat st;

    if (!json_is_true(json_object_get(s, "ended"))) {
        if (stat(path, &st) < 0)
            return -errno;
        if (time(NULL) - st.st_mtime < LEFT_S) {
            if (f->config->left)
                f->config->left(f->config->left_arg, cx_sidecar_text(s, "id"));
            return -EAGAIN;
        }
    }
    if (ms < (least > CX_FINISH_MIN_MS ? least : CX_FINISH_MIN_MS))
        return 0;
    return json_object_set_new(s, "duration_ms", json_integer(ms)) ? -ENOMEM : 1;
}

struct filling {
    FILE *in;
    bool wav;
    uint32_t bytes;
};

static int fill(FILE *out, void *arg)
{
    struct filling *filling = arg;

    rewind(filling->in);
    return filling->wav ? cx_encode_wav(filling->in, out, 2, &filling->bytes)
                        : cx_encode_mp3(filling->in, out, 2, &filling->bytes);
}

static int store(struct cx_finisher *f, const char *path, json_t *s)
{
    struct filling filling = {.in = fopen(path, "rbe"), .wav = is_wav(s)};
    char key[128];
    int err;

    if (!filling.in)
        return errno == ENOENT ? -ENODATA : -errno;
    key_of(key, s);
    err = cx_store_put(f->config->storage, key, fill, &filling);
    fclose(filling.in);
    if (err < 0)
        return err;
    return json_object_set_new(s, "size_bytes", json_integer(filling.bytes)) ? -ENOMEM : 0;
}

static struct cx_value text_or_null(const char *text)
{
    return *text ? cx_text(text) : cx_null();
}

static int exists(void *arg, const struct cx_value *columns, size_t n)
{
    (void)columns, (void)n;
    *(bool *)arg = true;
    return 0;
}

static int insert(struct cx_db *db, void *arg)
{
    const json_t *s = arg;
    const char *account = cx_sidecar_text(s, "account_id"), *id = cx_sidecar_text(s, "id");
    struct cx_value which = cx_text(account);
    bool there = false;
    char key[128], doc[512];
    int64_t now = (int64_t)time(NULL);
    int err = cx_db_query(db, "SELECT 1 FROM account WHERE id = ? LOCK IN SHARE MODE", &which, 1,
                          exists, &there);

    if (err < 0)
        return err;
    if (!there)
        return -ECHILD;
    key_of(key, s);
    snprintf(doc, sizeof(doc),
             "{\"cdr_id\":\"%s\",\"media_source\":\"recorded\",\"source_type\":\"call\"}",
             cx_sidecar_text(s, "cdr_id"));
    struct cx_value params[] = {cx_text(id),
                                cx_text(account),
                                text_or_null(cx_sidecar_text(s, "owner_id")),
                                cx_text(strrchr(key, '/') + 1),
                                cx_text(cx_sidecar_text(s, "origin")),
                                cx_text(cx_sidecar_text(s, "call_id")),
                                text_or_null(cx_sidecar_text(s, "interaction_id")),
                                cx_text(cx_sidecar_text(s, "direction")),
                                cx_text(cx_sidecar_text(s, "from_uri")),
                                cx_text(cx_sidecar_text(s, "to_uri")),
                                cx_text(cx_sidecar_text(s, "request")),
                                cx_text(cx_sidecar_text(s, "caller_id_name")),
                                cx_text(cx_sidecar_text(s, "caller_id_number")),
                                cx_text(cx_sidecar_text(s, "callee_id_name")),
                                cx_text(cx_sidecar_text(s, "callee_id_number")),
                                cx_int(cx_sidecar_int(s, "start_ms") / 1000),
                                cx_int(cx_sidecar_int(s, "duration_ms")),
                                cx_text(is_wav(s) ? "wav" : "mp3"),
                                cx_text(is_wav(s) ? "audio/x-wav" : "audio/mpeg"),
                                cx_int(cx_sidecar_int(s, "size_bytes")),
                                cx_text(key),
                                cx_text(doc),
                                cx_int(now),
                                cx_int(now)};
    /* no line in change_log: it is no configuration */
    return cx_db_exec(
        db,
        "INSERT INTO recording (id, account_id, owner_id, name, origin, call_id, "
        "interaction_id, direction, from_uri, to_uri, request, caller_id_name, "
        "caller_id_number, callee_id_name, callee_id_number, start, duration_ms, "
        "media_type, content_type, size_bytes, storage_key, doc, created, modified) "
        "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, "
        "?)",
        params, sizeof(params) / sizeof(*params), NULL);
}

static int row(struct cx_db *db, const json_t *s)
{
    int err = cx_db_transaction(db, insert, (void *)s);

    return err == -EEXIST ? 0 : err == 0 ? 1 : err;
}

static void homeless(struct cx_finisher *f, const json_t *s, char *reason, size_t size)
{
    char key[128];

    key_of(key, s);
    cx_store_remove(f->config->storage, key);
    snprintf(reason, size, "there is no account %s", cx_sidecar_text(s, "account_id"));
}

/* lengths: the columns of recording */
static const struct cx_kind_text texts[] = {{"call_id", 255, false},
                                            {"from_tag", 255, false},
                                            {"ng", 64, false},
                                            {"format", 3, false},
                                            {"owner_id", 32, false},
                                            {"origin", 64, false},
                                            {"direction", 8, false},
                                            {"from_uri", 255, false},
                                            {"to_uri", 255, false},
                                            {"request", 255, false},
                                            {"caller_id_name", 128, false},
                                            {"caller_id_number", 64, false},
                                            {"callee_id_name", 128, false},
                                            {"callee_id_number", 64, false},
                                            {"interaction_id", 32, false},
                                            {"cdr_id", 32, false},
                                            {NULL, 0, false}};

const struct cx_kind cx_kind_recording = {.name = "recording",
                                          .folder = "recording",
                                          .data = ".raw",
                                          .scan_ms = 500,
                                          .texts = texts,
                                          .measure = measure,
                                          .store = store,
                                          .row = row,
                                          .homeless = homeless};
