/*
 * fax_receive.c - service "fax_receive": answers as a fax machine; pages go into the spool as they
 * come, and kinds/fax.c makes of them a PDF, a row and a mail.
 *
 * Parameters: box (faxbox), owner (user), t38=0|1. One of box and owner is enough.
 * All that is needed comes from these; the database is not asked.
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include <errno.h>
#include <string.h>

#include "../../db/id.h"
#include "../fax/report.h"
#include "../ivr.h"
#include "../job.h"
#include "../log.h"

#define LONGEST_MS (60 * 60 * 1000) /* whatever happens: a line is not held for ever */

struct state {
    struct cx_spool_entry *entry;
};

static json_t *facts(struct cx_ivr *ivr)
{
    const struct cx_ivr_call *c = cx_ivr_call(ivr);
    const char *box = cx_ivr_param(ivr, "box"), *owner = cx_ivr_param(ivr, "owner");

    return json_pack("{s:s, s:s, s:s, s:s, s:s, s:s, s:s, s:s, s:s}", "account_id", c->account,
                     "faxbox_id", box ? box : "", "owner_id", owner ? owner : "", "caller_id_name",
                     c->caller_name, "caller_id_number", c->caller_number, "from_uri", c->from_uri,
                     "to_uri", c->to_uri, "call_id", c->call_id, "interaction_id", c->interaction);
}

static int begin(struct cx_ivr *ivr, struct state *s)
{
    const char *spool = cx_ivr_spool(ivr);
    json_t *f = facts(ivr);
    struct cx_fax_order order = {.t38 = cx_ivr_param_number(ivr, "t38", 0, 1, 1) == 1};
    int err = f ? cx_spool_open(spool, cx_kinds[CX_KIND_fax], f, NULL, &s->entry) : -ENOMEM;

    json_decref(f);
    if (err < 0)
        return err;
    order.file = cx_spool_data_path(s->entry);
    err = cx_ivr_fax(ivr, &order);
    if (err == 0)
        err = cx_ivr_answer(ivr);
    if (err < 0) {
        cx_spool_drop(s->entry);
        s->entry = NULL;
    }
    return err;
}

static void start(struct cx_ivr *ivr, struct state *s)
{
    const char *box = cx_ivr_param(ivr, "box"), *owner = cx_ivr_param(ivr, "owner");
    int err;

    if ((box && !cx_id_is_valid(box)) || (owner && !cx_id_is_valid(owner)) || (!box && !owner)) {
        cx_log(CX_LOG_WARNING, cx_ivr_call(ivr)->interaction, "fax_receive: for whom?");
        cx_ivr_end(ivr, 400, "No Faxbox", NULL);
        return;
    }
    err = begin(ivr, s);
    if (err < 0) {
        cx_log(CX_LOG_ERROR, cx_ivr_call(ivr)->interaction, "fax_receive: %s", strerror(-err));
        cx_ivr_end(ivr, 500, "Server Internal Error", NULL);
        return;
    }
    cx_log(CX_LOG_INFO, cx_ivr_call(ivr)->interaction, "fax %s for %s %s", cx_spool_id(s->entry),
           box ? "faxbox" : "user", box ? box : owner);
    cx_ivr_timer(ivr, LONGEST_MS);
}

/* What came of it goes into the sidecar; then the file is closed and the job thread's. */
static void finish(struct state *s, const struct cx_fax_result *result)
{
    json_t *note;

    if (!s->entry)
        return;
    note = json_pack("{s:o?}", "rx_result", cx_fax_report(result, false));
    if (note)
        cx_spool_note(s->entry, note); /* if it cannot be written, the pages still can be read */
    json_decref(note);
    cx_spool_close(s->entry);
    s->entry = NULL;
    cx_job_wake();
}

static void event(struct cx_ivr *ivr, void *state, const struct cx_event *e)
{
    struct state *s = state;
    struct cx_fax_result result;

    switch (e->type) {
    case CX_EV_STARTED:
        start(ivr, s);
        break;
    case CX_EV_FAX_PAGE:
        cx_job_wake(); /* it syncs what has come */
        break;
    case CX_EV_FAX:
        finish(s, e->fax);
        cx_ivr_end(ivr, 480, "Fax Over", NULL);
        break;
    case CX_EV_HANGUP:
    case CX_EV_TIMER:
    case CX_EV_MEDIA_LOST:
        cx_ivr_fax_result(ivr, &result);
        if (e->type == CX_EV_TIMER && !result.success)
            result.text = "It took too long";
        finish(s, &result);
        if (e->type != CX_EV_HANGUP)
            cx_ivr_end(ivr, 480, "Fax Over", NULL);
        break;
    default:
        break;
    }
}

const struct cx_service cx_service_fax_receive = {"fax_receive", sizeof(struct state), event};
