/*
 * finish_mail.c - tells the box's people of a message, each once; see finish.h for what "once"
 * means.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "media_worker/finish.h"
#include "media_worker/mail.h"
#include "media_worker/log.h"
#include "media_worker/sidecar.h"
#include "media_worker/store.h"

struct mailing {
    struct cx_finisher *finisher;
    const char *id;
    json_t *sidecar;
    const char *address; /* now */
};

static int note(struct mailing *m, enum cx_mail_state state)
{
    int err = cx_sidecar_set_mail(m->sidecar, m->address, state);

    return err < 0 ? err : cx_sidecar_write(m->finisher->config->spool, m->id, m->sidecar);
}

static int before_end(void *arg)
{
    return note(arg, CX_MAIL_ENDING);
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

/* CX_FINISH_DONE: this address is settled. */
static enum cx_finish_result mail_one(struct mailing *m, const struct texts *t, bool with_audio)
{
    struct cx_finisher *f = m->finisher;
    struct cx_mail mail = {.smtp = f->config->smtp,
                           .from = f->config->mail_from,
                           .to = m->address,
                           .message_id = m->id,
                           .subject = t->subject,
                           .text = t->text,
                           .audio = with_audio ? t->audio : NULL,
                           .audio_name = t->audio_name,
                           .date = time(NULL),
                           .before_end = before_end,
                           .arg = m};
    struct cx_backoff *smtp = &f->needs[CX_NEED_SMTP];
    char error[320];
    int err, noted;
    bool refused;

    if (cx_monotonic_ms() < smtp->next_ms)
        return CX_FINISH_WAIT;
    err = cx_mail_send(&mail, error, sizeof(error));
    if (err == 0) {
        *smtp = (struct cx_backoff){0};
        /* if this cannot be written, "ending" stands, and nobody sends again */
        noted = note(m, CX_MAIL_SENT);
        cx_log(CX_LOG_INFO, NULL, "job: message %s: mailed to %s", m->id, m->address);
        return noted < 0 ? cx_finisher_storage_failed(f, m->id, noted) : CX_FINISH_DONE;
    }
    cx_log(CX_LOG_WARNING, NULL, "job: message %s: mail to %s: %s", m->id, m->address, error);
    /* We live and heard no acceptance: whatever was noted, another try is due, or an end for good.
     */
    refused = err == -EBADMSG || err == -EINVAL ||
              ((err == -EAGAIN || err == -ENODATA) &&
               time(NULL) - cx_sidecar_int(m->sidecar, "started") > CX_FINISH_MAIL_GIVE_UP_S);
    noted = note(m, refused ? CX_MAIL_REFUSED : CX_MAIL_NONE);
    if (noted < 0)
        return cx_finisher_storage_failed(f, m->id, noted);
    if (refused) { /* the message itself is in its box: nothing is lost but the notice */
        cx_log(CX_LOG_WARNING, NULL, "job: message %s: no mail to %s: given up", m->id, m->address);
        return CX_FINISH_DONE;
    }
    if (err == -EAGAIN || err == -ENODATA)
        return CX_FINISH_RETRY;
    cx_backoff_fail(smtp, cx_monotonic_ms());
    return CX_FINISH_WAIT;
}

static enum cx_finish_result mail_all(struct mailing *m, const struct cx_store_notify *notify)
{
    enum cx_finish_result result = CX_FINISH_DONE;
    struct texts *t = calloc(1, sizeof(*t));

    if (!t)
        return CX_FINISH_RETRY;
    write_texts(t, m->finisher, m->sidecar, notify);
    for (size_t i = 0; i < notify->count; i++) {
        enum cx_finish_result one = CX_FINISH_DONE;
        enum cx_mail_state state;

        m->address = notify->addresses[i];
        state = cx_sidecar_mail(m->sidecar, m->address);
        if (state == CX_MAIL_ENDING) {
            cx_log(CX_LOG_WARNING, NULL,
                   "job: message %s: a worker died while %s got its mail: not sent again", m->id,
                   m->address);
            if (note(m, CX_MAIL_UNSURE) < 0)
                one = CX_FINISH_RETRY;
        } else if (state == CX_MAIL_NONE) {
            one = mail_one(m, t, notify->include_message);
        }
        if (one == CX_FINISH_WAIT) { /* nobody else would fare better */
            result = one;
            break;
        }
        if (one != CX_FINISH_DONE) /* one that must wait holds up no other */
            result = one;
    }
    free(t);
    return result;
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

enum cx_finish_result cx_finish_mail(struct cx_finisher *f, const char *id, json_t *sidecar)
{
    struct mailing m = {.finisher = f, .id = id, .sidecar = sidecar};
    enum cx_finish_result result = CX_FINISH_DONE;
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
    if (notify.count > 0 && cx_sidecar_stage(sidecar) < CX_STAGE_MAILING) {
        err = cx_sidecar_set_stage(sidecar, CX_STAGE_MAILING);
        if (err == 0)
            err = cx_sidecar_write(f->config->spool, id, sidecar);
        if (err < 0)
            result = cx_finisher_storage_failed(f, id, err);
    }
    if (result == CX_FINISH_DONE)
        result = mail_all(&m, &notify);
    if (result == CX_FINISH_DONE)
        result = after_mail(f, id, sidecar, &notify);
    cx_store_notify_clear(&notify);
    return result;
}
