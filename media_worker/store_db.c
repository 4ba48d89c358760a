/*
 * store_db.c - a message's row, who is to be told, and what happens to it then; see store.h.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "db/change_log.h"
#include "media_worker/sidecar.h"
#include "media_worker/store.h"

#define ACTOR "worker"

static int found(void *arg, const struct cx_value *columns, size_t n)
{
    (void)columns;
    (void)n;
    *(bool *)arg = true;
    return 0;
}

/* vm_message has no foreign key for the account: the box must be that account's, and stay until we
 * commit. */
static int insert(struct cx_db *db, void *arg)
{
    const json_t *s = arg;
    const char *account = cx_sidecar_text(s, "account_id"), *box = cx_sidecar_text(s, "vmbox_id");
    struct cx_value which[] = {cx_text(box), cx_text(account)};
    char key[128];
    bool is_there = false;
    int err =
        cx_db_query(db, "SELECT 1 FROM vmbox WHERE id = ? AND account_id = ? LOCK IN SHARE MODE",
                    which, 2, found, &is_there);

    if (err < 0)
        return err;
    if (!is_there)
        return -ECHILD;
    cx_store_key(key, account, cx_sidecar_text(s, "id"));
    struct cx_value params[] = {cx_text(cx_sidecar_text(s, "id")),
                                cx_text(account),
                                cx_text(box),
                                cx_int(cx_sidecar_int(s, "started")),
                                cx_text(cx_sidecar_text(s, "from_uri")),
                                cx_text(cx_sidecar_text(s, "to_uri")),
                                cx_text(cx_sidecar_text(s, "caller_id_name")),
                                cx_text(cx_sidecar_text(s, "caller_id_number")),
                                cx_text(cx_sidecar_text(s, "call_id")),
                                cx_int(cx_sidecar_int(s, "length_ms")),
                                cx_int(cx_sidecar_int(s, "size_bytes")),
                                cx_text(key)};
    err =
        cx_db_exec(db,
                   "INSERT INTO vm_message (id, account_id, vmbox_id, timestamp, from_uri, to_uri, "
                   "caller_id_name, caller_id_number, call_id, length_ms, size_bytes, storage_key) "
                   "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                   params, sizeof(params) / sizeof(*params), NULL);
    if (err < 0)
        return err;
    return cx_change_append(db, account, "vm_message", box, "create", ACTOR);
}

int cx_store_insert(struct cx_db *db, const json_t *sidecar)
{
    int err = cx_db_transaction(db, insert, (void *)sidecar);

    if (err == -EEXIST) /* an earlier try committed, and its worker did not live to note it */
        return 0;
    return err == 0 ? 1 : err;
}

static int add_address(struct cx_store_notify *notify, const char *address)
{
    char **more;

    if (!address || !*address)
        return 0;
    for (size_t i = 0; i < notify->count; i++)
        if (strcasecmp(notify->addresses[i], address) == 0)
            return 0;
    more = realloc(notify->addresses, (notify->count + 1) * sizeof(*more));
    if (!more)
        return -ENOMEM;
    notify->addresses = more;
    more[notify->count] = strdup(address);
    if (!more[notify->count])
        return -ENOMEM;
    notify->count++;
    return 0;
}

struct notify_read {
    struct cx_store_notify *notify;
    bool found;
};

static int notify_row(void *arg, const struct cx_value *c, size_t n)
{
    struct notify_read *read = arg;
    struct cx_store_notify *notify = read->notify;
    json_t *list = NULL;
    int err = 0;

    (void)n;
    read->found = true;
    snprintf(notify->box_name, sizeof(notify->box_name), "%s", c[0].s);
    snprintf(notify->mailbox, sizeof(notify->mailbox), "%s", c[1].s);
    notify->include_message = c[2].i != 0;
    notify->delete_after = c[3].i != 0;
    notify->save_after = c[4].i != 0;
    if (c[6].type == CX_TEXT)
        err = add_address(notify, c[6].s);
    if (c[5].type == CX_TEXT)
        list = json_loadb(c[5].s, c[5].len, 0, NULL);
    for (size_t i = 0; err == 0 && i < json_array_size(list); i++)
        err = add_address(notify, json_string_value(json_array_get(list, i)));
    json_decref(list);
    return err;
}

int cx_store_notify(struct cx_db *db, const char *vmbox_id, struct cx_store_notify *notify)
{
    struct cx_value which = cx_text(vmbox_id);
    struct notify_read read = {.notify = notify};
    int err;

    memset(notify, 0, sizeof(*notify));
    err =
        cx_db_query(db,
                    "SELECT b.name, b.mailbox, b.include_message_on_notify, b.delete_after_notify, "
                    "b.save_after_notify, b.notify_email_addresses, u.email FROM vmbox b LEFT JOIN "
                    "user u ON u.id = b.owner_id AND u.vm_to_email_enabled WHERE b.id = ?",
                    &which, 1, notify_row, &read);
    if (err == 0 && !read.found)
        err = -ECHILD;
    if (err < 0)
        cx_store_notify_clear(notify);
    return err;
}

void cx_store_notify_clear(struct cx_store_notify *notify)
{
    for (size_t i = 0; i < notify->count; i++)
        free(notify->addresses[i]);
    free(notify->addresses);
    memset(notify, 0, sizeof(*notify));
}

struct move {
    const json_t *sidecar;
    const char *folder;
};

static int move(struct cx_db *db, void *arg)
{
    const struct move *m = arg;
    struct cx_value params[] = {cx_text(m->folder), cx_text(cx_sidecar_text(m->sidecar, "id"))};
    uint64_t affected = 0;
    /* only a new one: who has listened meanwhile has decided */
    int err = cx_db_exec(db, "UPDATE vm_message SET folder = ? WHERE id = ? AND folder = 'new'",
                         params, 2, &affected);

    if (err < 0 || affected == 0)
        return err;
    return cx_change_append(db, cx_sidecar_text(m->sidecar, "account_id"), "vm_message",
                            cx_sidecar_text(m->sidecar, "vmbox_id"), "update", ACTOR);
}

int cx_store_move(struct cx_db *db, const json_t *sidecar, const char *folder)
{
    struct move m = {.sidecar = sidecar, .folder = folder};

    return cx_db_transaction(db, move, &m);
}
