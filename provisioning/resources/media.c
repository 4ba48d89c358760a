/*
 * media.c - sounds: greetings, music, announcements; uploaded as wav or mp3, kept as the workers
 * play them. SPDX-License-Identifier: GPL-2.0-or-later
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>
#include <unistd.h>

#include <openssl/evp.h>

#include "common.h"
#include "db/change_log.h"
#include "db/id.h"
#include "provisioning/sound.h"
#include "resources.h"

static const struct cx_field fields[] = {
    {.path = "name",
     .column = "name",
     .type = CX_STRING,
     .min = 1,
     .max = 128,
     .flags = CX_REQUIRED | CX_LIST},
    {.path = "media_source",
     .column = "media_source",
     .type = CX_STRING,
     .choices = "recording|upload|tts",
     .def = "\"upload\"",
     .flags = CX_LIST},
    {.path = "language",
     .column = "language",
     .type = CX_STRING,
     .max = 16,
     .def = "\"en-us\"",
     .flags = CX_LIST | CX_LINE},
    {.path = "content_type", .select = "t.content_type", .type = CX_STRING},
    {.path = "content_length", .select = "t.content_length", .type = CX_INTEGER},
    {.path = "storage_key", .column = "storage_key", .type = CX_STRING, .flags = CX_HIDDEN},
    {.path = "description", .type = CX_STRING, .min = 1, .max = 128},
    {.path = "streamable", .type = CX_BOOLEAN, .def = "true"},
    {.path = "media_type", .type = CX_STRING, .max = 64, .flags = CX_LIST},
    {.path = "is_prompt", .type = CX_BOOLEAN, .flags = CX_LIST},
    {.path = "prompt_id", .type = CX_STRING, .max = 128, .flags = CX_LINE},
    {.path = "source_id", .type = CX_STRING, .min = 32, .max = 32, .flags = CX_ASCII},
    {.path = "source_type", .type = CX_STRING, .max = 64, .flags = CX_LINE},
    {.path = "tts", .type = CX_OBJECT, .def = "{}"},
    {.path = "tts.text", .type = CX_STRING, .min = 1, .max = 4000},
    {.path = "tts.voice", .type = CX_STRING, .max = 64, .flags = CX_LINE},
    CX_FLAGS_ROWS,
};

static void removed(struct cx_request *r, const struct cx_record *record)
{
    cx_remove_file(r, json_string_value(json_object_get(record->priv, "storage_key")));
}

const struct cx_resource cx_media = {
    .name = "media",
    .table = "media",
    .fields = fields,
    .field_count = CX_COUNT(fields),
    .removed = removed,
};

static int download(struct cx_request *r)
{
    const char *id = r->segments[3], *key;
    struct cx_record record = {.id = ""};
    char name[64];
    int err = cx_id_is_valid(id) ? cx_record_load(r, &cx_media, id, false, &record) : -ENOENT;

    if (err == -ENOENT)
        return cx_not_found(r, id);
    if (err < 0)
        return err;
    key = json_string_value(json_object_get(record.priv, "storage_key"));
    snprintf(name, sizeof(name), "%s.wav", id);
    err = key ? cx_reply_file(r, key, "audio/x-wav", name) : cx_not_found(r, id);
    cx_record_free(&record);
    return err;
}

static bool is_type(const struct cx_request *r, const char *prefix)
{
    return strncasecmp(r->content_type, prefix, strlen(prefix)) == 0;
}

static int not_sound(struct cx_request *r, const char *why)
{
    cx_invalid(r, "raw", "invalid", NULL, "%s", why);
    return cx_check(r);
}

/* "data:audio/wav;base64,...." in place of the body. */
static int open_data_url(struct cx_request *r)
{
    char *comma =
        r->body_len > 0 ? memchr(r->body, ',', r->body_len < 256 ? r->body_len : 256) : NULL;
    size_t len = comma ? r->body_len - (size_t)(comma + 1 - r->body) : 0, n = 0;
    char *text = comma ? comma + 1 : r->body;
    unsigned char *out;
    int got;

    if (strncmp(r->body, "data:", 5) != 0 || !comma || !strstr(r->body, ";base64,"))
        return not_sound(r, "A data URL in base64 is wanted");
    for (size_t i = 0; i < len; i++)
        if (text[i] != '\n' && text[i] != '\r' && text[i] != ' ')
            text[n++] = text[i];
    out = malloc(n + 4);
    if (!out)
        return -ENOMEM;
    got = n % 4 == 0 ? EVP_DecodeBlock(out, (unsigned char *)text, (int)n) : -1;
    if (got < 0) {
        free(out);
        return not_sound(r, "This is not base64");
    }
    for (size_t i = n; i > 0 && text[i - 1] == '=' && n - i < 2; i--)
        got--;
    free(r->body);
    r->body = (char *)out;
    r->body_len = (size_t)got;
    return 0;
}

struct upload {
    struct cx_request *r;
    const char *id, *key;
    int64_t size;
    char old_key[256];
};

static int store(struct cx_db *db, void *arg)
{
    struct upload *upload = arg;
    struct cx_request *r = upload->r;
    struct cx_record record = {.id = ""};
    int err = cx_record_load(r, &cx_media, upload->id, true, &record);
    const char *old = json_string_value(json_object_get(record.priv, "storage_key"));

    snprintf(upload->old_key, sizeof(upload->old_key), "%s", old ? old : "");
    cx_record_free(&record);
    if (err == -ENOENT)
        return cx_not_found(r, upload->id);
    if (err == 0)
        err = cx_db_exec(
            db,
            "UPDATE media SET storage_key = ?, content_type = 'audio/x-wav', content_length = ?, "
            "revision = revision + 1, modified = ? WHERE id = ? AND account_id = ?",
            (struct cx_value[]){cx_text(upload->key), cx_int(upload->size), cx_int(r->now),
                                cx_text(upload->id), cx_text(r->account.id)},
            5, NULL);
    return err < 0 ? err
                   : cx_change_append(db, r->account.id, "media", upload->id, "update", r->user_id);
}

static int make_folder(struct cx_request *r, char path[512])
{
    snprintf(path, 512, "%s/%s", r->api->storage, r->account.id);
    if (mkdir(path, 0770) < 0 && errno != EEXIST)
        return -errno;
    snprintf(path, 512, "%s/%s/media", r->api->storage, r->account.id);
    return mkdir(path, 0770) < 0 && errno != EEXIST ? -errno : 0;
}

static int sync_file(const char *path)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC), err;

    if (fd < 0)
        return -errno;
    err = fsync(fd) < 0 ? -errno : 0;
    close(fd);
    return err;
}

/* The new file gets a new name, so that a call that plays the old one is not disturbed. */
static int convert(struct cx_request *r, struct upload *upload, char key[256], char path[640])
{
    char folder[512], name[33];
    uint32_t length_ms = 0;
    struct stat st;
    int err = make_folder(r, folder);

    cx_id_new(name);
    snprintf(key, 256, "%s/media/%s-%.8s.wav", r->account.id, upload->id, name);
    snprintf(path, 640, "%s/%s", r->api->storage, key);
    if (err == 0)
        err = cx_sound_convert(r->body, r->body_len, path, &length_ms);
    if (err == -EBADMSG)
        err = not_sound(r, "Neither a wav nor an mp3 file that can be read");
    else if (err == -EFBIG)
        err = not_sound(r, "Longer than 30 minutes");
    if (err == 0)
        err = sync_file(path);
    if (err == 0 && stat(path, &st) == 0)
        upload->size = st.st_size;
    if (err < 0)
        unlink(path);
    upload->key = key;
    return err;
}

static int receive(struct cx_request *r)
{
    struct upload upload = {.r = r, .id = r->segments[3]};
    char key[256], path[640];
    int err;

    if (!is_type(r, "audio/") && !is_type(r, "application/x-base64") &&
        !is_type(r, "application/octet-stream"))
        return cx_fail(r, 415, "unsupported media type",
                       json_pack("{s:{s:s}}", "415", "message",
                                 "audio/wav, audio/mpeg or application/x-base64 is wanted"));
    err = cx_id_is_valid(upload.id)
              ? cx_db_exists(r->db, "SELECT 1 FROM media WHERE id = ? AND account_id = ?",
                             (struct cx_value[]){cx_text(upload.id), cx_text(r->account.id)}, 2)
              : -ENOENT;
    if (err == -ENOENT)
        return cx_not_found(r, upload.id);
    if (err == 0 && r->body_len == 0)
        err = not_sound(r, "There is no sound in the body");
    if (err == 0 && (is_type(r, "application/x-base64") ||
                     (r->body_len > 5 && strncmp(r->body, "data:", 5) == 0)))
        err = open_data_url(r);
    if (err == 0)
        err = convert(r, &upload, key, path);
    if (err < 0)
        return err;
    err = cx_db_transaction(r->db, store, &upload);
    if (err < 0) {
        unlink(path);
        return err;
    }
    if (upload.old_key[0])
        cx_remove_file(r, upload.old_key);
    return cx_engine_tell(r, &cx_media, upload.id);
}

const struct cx_route cx_routes_media[] = {
    {.path = "accounts/{}/media/{}/raw",
     .handlers = {[CX_GET] = download, [CX_PUT] = receive, [CX_POST] = receive},
     .flags = CX_ROUTE_RAW_BODY},
    CX_COLLECTION("accounts/{}/media", &cx_media),
    CX_MEMBER("accounts/{}/media/{}", &cx_media),
    {.path = NULL},
};
