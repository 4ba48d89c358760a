/*
 * voicemail.c - a message left in a voicemail box: an mp3, a row in vm_message, a mail to the box's
 * people; and what the box wants done with it then. See kind.h.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "media_worker/encode.h"
#include "media_worker/finish.h"
#include "media_worker/kind.h"
#include "media_worker/sidecar.h"
#include "media_worker/store.h"

static int measure(struct cx_finisher *f, const char *path, int64_t bytes, json_t *s)
{
    int64_t ms = bytes / (int64_t)sizeof(int16_t) * 1000 / CX_ENCODE_RATE;

    (void)f, (void)path;
    if (ms < CX_FINISH_MIN_MS)
        return 0;
    return json_object_set_new(s, "length_ms", json_integer(ms)) ? -ENOMEM : 1;
}

struct filling {
    FILE *in;
    uint32_t bytes;
};

static int fill(FILE *out, void *arg)
{
    struct filling *filling = arg;

    return cx_encode_mp3(filling->in, out, 1, &filling->bytes);
}

static int store(struct cx_finisher *f, const char *path, json_t *s)
{
    struct filling filling = {.in = fopen(path, "rbe")};
    char key[128];
    int err;

    if (!filling.in)
        return errno == ENOENT ? -ENODATA : -errno;
    cx_store_key(key, cx_sidecar_text(s, "account_id"), cx_sidecar_text(s, "id"));
    err = cx_store_put(f->config->storage, key, fill, &filling);
    fclose(filling.in);
    if (err < 0)
        return err;
    return json_object_set_new(s, "size_bytes", json_integer(filling.bytes)) ? -ENOMEM : 0;
}

static void homeless(struct cx_finisher *f, const json_t *s, char *reason, size_t size)
{
    const char *account = cx_sidecar_text(s, "account_id");
    char key[128];

    cx_store_key(key, account, cx_sidecar_text(s, "id"));
    cx_store_remove(f->config->storage, key);
    snprintf(reason, size, "account %s has no voicemail box %s", account,
             cx_sidecar_text(s, "vmbox_id"));
}

/* "Jane Doe (201)", "201", "unknown" */
static void caller_text(char *out, size_t size, const json_t *s)
{
    const char *name = cx_sidecar_text(s, "caller_id_name");
    const char *number = cx_sidecar_text(s, "caller_id_number");

    if (*name && *number && strcmp(name, number) != 0)
        snprintf(out, size, "%s (%s)", name, number);
    else
        snprintf(out, size, "%s", *number ? number : *name ? name : "unknown");
}

/* What is the same in the mail to each address. */
struct texts {
    char subject[1024], text[4096], audio[CX_SPOOL_PATH], audio_name[96];
};

static void write_texts(struct texts *t, const struct cx_finisher *f, const json_t *s,
                        const struct cx_store_notify *notify)
{
    char caller[800], when[64], compact[32], box[31], key[128];
    time_t started = (time_t)cx_sidecar_int(s, "started");
    int seconds = (int)((cx_sidecar_int(s, "length_ms") + 500) / 1000);
    struct tm tm = {0};
    size_t n = 0;

    caller_text(caller, sizeof(caller), s);
    gmtime_r(&started, &tm);
    strftime(when, sizeof(when), "%Y-%m-%d %H:%M:%S UTC", &tm);
    strftime(compact, sizeof(compact), "%Y%m%d-%H%M%S", &tm);
    for (const char *p = notify->mailbox; *p; p++)
        if (isascii(*p) && isalnum(*p))
            box[n++] = *p;
    box[n] = '\0';
    snprintf(t->subject, sizeof(t->subject), "New voicemail message from %s", caller);
    snprintf(t->text, sizeof(t->text),
             "There is a new message in voicemail box %s (%s).\r\n\r\n"
             "From:     %s\r\n"
             "Received: %s\r\n"
             "Length:   %d:%02d\r\n%s",
             notify->mailbox, notify->box_name, caller, when, seconds / 60, seconds % 60,
             notify->include_message ? "\r\nThe message is attached.\r\n" : "");
    snprintf(t->audio_name, sizeof(t->audio_name), "voicemail-%s-%s.mp3", box, compact);
    cx_store_key(key, cx_sidecar_text(s, "account_id"), cx_sidecar_text(s, "id"));
    cx_spool_path(t->audio, sizeof(t->audio), f->config->storage, key, "");
}

/* All have it: what the box wants done then. "save" wins if both are set. */
static enum cx_finish_result after_mail(struct cx_finisher *f, const char *id, const json_t *s,
                                        const struct cx_store_notify *notify)
{
    const char *folder = notify->save_after ? "saved" : notify->delete_after ? "deleted" : NULL;
    int err;

    if (!folder || notify->count == 0)
        return CX_FINISH_DONE;
    for (size_t i = 0; i < notify->count; i++)
        if (cx_sidecar_mail(s, notify->addresses[i]) != CX_MAIL_SENT)
            return CX_FINISH_DONE;
    err = cx_store_move(f->db, s, folder);
    return err < 0 ? cx_finisher_db_failed(f, id, err) : CX_FINISH_DONE;
}

static enum cx_finish_result letters(struct cx_finisher *f, const char *id, json_t *s,
                                     const struct cx_store_notify *notify)
{
    struct texts *t = calloc(1, sizeof(*t));
    enum cx_finish_result result;

    if (!t)
        return CX_FINISH_RETRY;
    write_texts(t, f, s, notify);
    struct cx_finish_letter letter = {.from_name = "Voicemail",
                                      .subject = t->subject,
                                      .text = t->text,
                                      .file = notify->include_message ? t->audio : NULL,
                                      .file_name = t->audio_name,
                                      .file_type = "audio/mpeg"};
    result = cx_finish_letters(f, id, s, &letter, notify->addresses, notify->count);
    free(t);
    return result;
}

static int mail(struct cx_finisher *f, const char *id, json_t *sidecar)
{
    enum cx_finish_result result;
    struct cx_store_notify notify;
    int err;

    if (cx_monotonic_ms() < f->needs[CX_NEED_DATABASE].next_ms || cx_finisher_database(f) < 0)
        return CX_FINISH_WAIT;
    err = cx_store_notify(f->db, cx_sidecar_text(sidecar, "vmbox_id"), &notify);
    if (err == -ECHILD) /* deleted since, and its messages with it: nobody to tell */
        return CX_FINISH_DONE;
    if (err < 0)
        return cx_finisher_db_failed(f, id, err);
    f->needs[CX_NEED_DATABASE] = (struct cx_backoff){0};
    result = letters(f, id, sidecar, &notify);
    if (result == CX_FINISH_DONE)
        result = after_mail(f, id, sidecar, &notify);
    cx_store_notify_clear(&notify);
    return result;
}

/* lengths: the columns of vm_message */
static const struct cx_kind_text texts[] = {
    {"vmbox_id", 32, true},          {"mailbox", 30, false},        {"caller_id_name", 128, false},
    {"caller_id_number", 64, false}, {"from_uri", 255, false},      {"to_uri", 255, false},
    {"call_id", 255, false},         {"interaction_id", 64, false}, {NULL, 0, false}};

const struct cx_kind cx_kind_voicemail = {.name = "voicemail",
                                          .folder = "",
                                          .data = ".raw",
                                          .texts = texts,
                                          .measure = measure,
                                          .store = store,
                                          .row = cx_store_insert,
                                          .homeless = homeless,
                                          .mail = mail};
