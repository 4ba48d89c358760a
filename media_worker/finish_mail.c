/*
 * finish_mail.c - tells people of finished work, each once; see finish.h for what "once" means.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "media_worker/finish.h"
#include "media_worker/mail.h"
#include "media_worker/log.h"
#include "media_worker/sidecar.h"

struct mailing {
    struct cx_finisher *finisher;
    const char *id;
    json_t *sidecar;
    const struct cx_finish_letter *letter;
    const char *address; /* now */
};

static int note(struct mailing *m, enum cx_mail_state state)
{
    int err = cx_sidecar_set_mail(m->sidecar, m->address, state);

    return err < 0 ? err : cx_sidecar_write(m->finisher->folder, m->id, m->sidecar);
}

static int before_end(void *arg)
{
    return note(arg, CX_MAIL_ENDING);
}

/* CX_FINISH_DONE: this address is settled. */
static enum cx_finish_result mail_one(struct mailing *m)
{
    struct cx_finisher *f = m->finisher;
    const struct cx_finish_letter *l = m->letter;
    struct cx_mail mail = {.smtp = f->config->smtp,
                           .from = f->config->mail_from,
                           .to = m->address,
                           .message_id = m->id,
                           .from_name = l->from_name,
                           .subject = l->subject,
                           .text = l->text,
                           .file = l->file,
                           .file_name = l->file_name,
                           .file_type = l->file_type,
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
        cx_log(CX_LOG_INFO, NULL, "job: %s %s: mailed to %s", f->kind->name, m->id, m->address);
        return noted < 0 ? cx_finisher_storage_failed(f, m->id, noted) : CX_FINISH_DONE;
    }
    cx_log(CX_LOG_WARNING, NULL, "job: %s %s: mail to %s: %s", f->kind->name, m->id, m->address,
           error);
    /* We live and heard no acceptance: whatever was noted, another try is due, or an end for good.
     */
    refused = err == -EBADMSG || err == -EINVAL ||
              ((err == -EAGAIN || err == -ENODATA) &&
               time(NULL) - cx_sidecar_int(m->sidecar, "started") > CX_FINISH_MAIL_GIVE_UP_S);
    noted = note(m, refused ? CX_MAIL_REFUSED : CX_MAIL_NONE);
    if (noted < 0)
        return cx_finisher_storage_failed(f, m->id, noted);
    if (refused) { /* the work itself is stored: nothing is lost but the notice */
        cx_log(CX_LOG_WARNING, NULL, "job: %s %s: no mail to %s: given up", f->kind->name, m->id,
               m->address);
        return CX_FINISH_DONE;
    }
    if (err == -EAGAIN || err == -ENODATA)
        return CX_FINISH_RETRY;
    cx_backoff_fail(smtp, cx_monotonic_ms());
    return CX_FINISH_WAIT;
}

enum cx_finish_result cx_finish_letters(struct cx_finisher *f, const char *id, json_t *sidecar,
                                        const struct cx_finish_letter *letter,
                                        char *const *addresses, size_t count)
{
    struct mailing m = {.finisher = f, .id = id, .sidecar = sidecar, .letter = letter};
    enum cx_finish_result result = CX_FINISH_DONE;
    int err = 0;

    if (count > 0 && cx_sidecar_stage(sidecar) < CX_STAGE_MAILING) {
        err = cx_sidecar_set_stage(sidecar, CX_STAGE_MAILING);
        if (err == 0)
            err = cx_sidecar_write(f->folder, id, sidecar);
        if (err < 0)
            return cx_finisher_storage_failed(f, id, err);
    }
    for (size_t i = 0; i < count; i++) {
        enum cx_finish_result one = CX_FINISH_DONE;
        enum cx_mail_state state;

        m.address = addresses[i];
        state = cx_sidecar_mail(sidecar, m.address);
        if (state == CX_MAIL_ENDING) {
            cx_log(CX_LOG_WARNING, NULL,
                   "job: %s %s: a worker died while %s got its mail: not sent again", f->kind->name,
                   id, m.address);
            if (note(&m, CX_MAIL_UNSURE) < 0)
                one = CX_FINISH_RETRY;
        } else if (state == CX_MAIL_NONE) {
            one = mail_one(&m);
        }
        if (one == CX_FINISH_WAIT) /* nobody else would fare better */
            return one;
        if (one != CX_FINISH_DONE) /* one that must wait holds up no other */
            result = one;
    }
    return result;
}
