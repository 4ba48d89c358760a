/*
 * outbox.c - see outbox.h. SPDX-License-Identifier: GPL-2.0-or-later
 */
#include <errno.h>
#include <stdlib.h>

#include "db/id.h"
#include "outbox.h"

static int put(struct cx_db *db, const char *id, const char *account_id, const char *webhook_id,
               const json_t *payload, int64_t now)
{
    char *text = payload ? json_dumps(payload, JSON_COMPACT) : NULL;
    int err;

    if (!text)
        return -ENOMEM;
    err = cx_db_exec(
        db,
        "INSERT IGNORE INTO delivery (id, account_id, webhook_id, payload, due, created) "
        "VALUES (?,?,?,?,?,?)",
        (struct cx_value[]){cx_text(id), cx_text(account_id), cx_text(webhook_id), cx_text(text),
                            cx_int(now), cx_int(now)},
        6, NULL);
    free(text);
    return err;
}

int cx_outbox_mail(struct cx_request *r, const char *account_id, const char *to,
                   const char *subject, const char *text)
{
    json_t *payload = json_pack("{s:s, s:s, s:s}", "to", to, "subject", subject, "text", text);
    char id[33];
    int err;

    cx_id_new(id);
    err = put(r->db, id, account_id, NULL, payload, r->now);
    json_decref(payload);
    return err;
}

int cx_outbox_webhook(struct cx_db *db, const char *delivery_id, const char *account_id,
                      const char *webhook_id, const json_t *payload, int64_t now)
{
    return put(db, delivery_id, account_id, webhook_id, payload, now);
}
