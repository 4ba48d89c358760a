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
#include "media_worker/tts.h"
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

/* ---- speech: a document with media_source "tts" and tts.text is spoken when it is saved */

static bool same_text(const struct cx_write *w, const char *path)
{
    return strcmp(cx_path_text(w->record->doc, path, ""), cx_path_text(w->before->doc, path, "")) ==
           0;
}

static char *read_file(const char *path, size_t *len)
{
    FILE *file = fopen(path, "r");
    char *data = NULL;
    long size;

    if (file && fseek(file, 0, SEEK_END) == 0 && (size = ftell(file)) > 0 &&
        fseek(file, 0, SEEK_SET) == 0 && (data = malloc((size_t)size)) != NULL)
        *len = fread(data, 1, (size_t)size, file);
    if (file)
        fclose(file);
    return data;
}

static int speak(struct cx_request *r, struct cx_write *w)
{
    const json_t *doc = w->record->doc;
    char path[640], key[256], name[33];
    struct cx_tts tts = {.key = ""};
    uint32_t length_ms = 0;
    size_t len = 0;
    char *spoken;
    int err;

    snprintf(tts.account, sizeof(tts.account), "%s", r->account.id);
    snprintf(tts.text, sizeof(tts.text), "%s", cx_path_text(doc, "tts.text", ""));
    snprintf(tts.voice, sizeof(tts.voice), "%s", cx_path_text(doc, "tts.voice", ""));
    snprintf(tts.language, sizeof(tts.language), "%s", cx_path_text(doc, "language", ""));
    err = cx_tts_make(r->api->storage, &tts);
    if (err == -EBADMSG) {
        cx_invalid(r, "tts.text", "invalid", NULL, "This cannot be said in that language");
        return 0;
    }
    cx_id_new(name);
    snprintf(path, sizeof(path), "%s/%s", r->api->storage, tts.key);
    spoken = err == 0 ? read_file(path, &len) : NULL;
    if (err == 0 && !spoken)
        err = -EIO;
    snprintf(path, sizeof(path), "%s/%s/media", r->api->storage, r->account.id);
    if (err == 0 && mkdir(path, 0770) < 0 && errno != EEXIST)
        err = -errno;
    snprintf(key, sizeof(key), "%s/media/%s.wav", r->account.id, name);
    snprintf(path, sizeof(path), "%s/%s", r->api->storage, key);
    if (err == 0)
        err = cx_sound_convert(spoken, len, path, &length_ms);
    free(spoken);
    if (err == 0)
        json_object_set_new(w->record->priv, "storage_key", json_string(key));
    return err;
}

static int before(struct cx_request *r, struct cx_write *w)
{
    const json_t *doc = w->record->doc;

    if (strcmp(cx_path_text(doc, "media_source", ""), "tts") != 0 ||
        !*cx_path_text(doc, "tts.text", ""))
        return 0;
    if (w->before && json_is_string(json_object_get(w->before->priv, "storage_key")) &&
        same_text(w, "tts.text") && same_text(w, "tts.voice") && same_text(w, "language") &&
        same_text(w, "media_source"))
        return 0;
    return speak(r, w);
}

static int after(struct cx_request *r, struct cx_write *w)
{
    const char *key = json_string_value(json_object_get(w->record->priv, "storage_key"));
    char path[640];
    struct stat st;

    snprintf(path, sizeof(path), "%s/%s", r->api->storage, key ? key : "");
    if (strcmp(cx_path_text(w->record->doc, "media_source", ""), "tts") != 0 || !key ||
        stat(path, &st) < 0)
        return 0;
    return cx_db_exec(
        r->db,
        "UPDATE media SET content_type = 'audio/x-wav', content_length = ? WHERE id "
        "= ? AND account_id = ?",
        (struct cx_value[]){cx_int(st.st_size), cx_text(w->record->id), cx_text(r->account.id)}, 3,
        NULL);
}

const struct cx_resource cx_media = {
    .name = "media",
    .table = "media",
    .fields = fields,
    .field_count = CX_COUNT(fields),
    .before = before,
    .after = after,
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
