/*
 * mailbox_row.c - see mailbox_row.h. SPDX-License-Identifier: GPL-2.0-or-later
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../db/change_log.h"
#include "../kamailio_mod/routing/tzfile.h"
#include "localtime.h"
#include "mailbox_row.h"

#define ACTOR "worker"

static void copy(char *to, size_t size, const struct cx_value *v)
{
    snprintf(to, size, "%s", v->type == CX_TEXT ? v->s : "");
}

/* ---- finding */

static int find_row(void *arg, const struct cx_value *c, size_t n)
{
    struct cx_mailbox_find *q = arg;

    (void)n;
    q->found = true;
    copy(q->box, sizeof(q->box), &c[0]);
    copy(q->mailbox, sizeof(q->mailbox), &c[1]);
    q->has_pin = c[2].type == CX_TEXT && c[2].len > 0;
    q->require_pin = c[3].i != 0;
    q->is_setup = c[4].i != 0;
    q->locked = c[5].i != 0;
    q->skip_envelope = c[6].i != 0;
    q->oldest_first = c[7].i != 0;
    q->fixed = c[8].i != 0;
    return 0;
}

static int find(const struct cx_ask_env *env, void *data)
{
    struct cx_mailbox_find *q = data;
    struct cx_value which[] = {cx_text(q->account), cx_text(q->box[0] ? q->box : q->mailbox)};
    char sql[700];

    q->found = false;
    snprintf(sql, sizeof(sql),
             "SELECT b.id, b.mailbox, b.pin, b.require_pin, b.is_setup, "
             "COALESCE(l.locked_until > UNIX_TIMESTAMP(), 0), "
             "COALESCE(JSON_VALUE(b.doc, '$.skip_envelope') = 1, 0), "
             "COALESCE(JSON_VALUE(b.doc, '$.oldest_message_first') = 1, 0), "
             "COALESCE(JSON_VALUE(b.doc, '$.not_configurable') = 1, 0) "
             "FROM vmbox b LEFT JOIN vmbox_lock l ON l.vmbox_id = b.id "
             "WHERE b.account_id = ? AND b.%s = ?",
             q->box[0] ? "id" : "mailbox");
    return cx_db_query(env->db, sql, which, 2, find_row, q);
}

const struct cx_question cx_mailbox_find = {
    .run = find, .size = sizeof(struct cx_mailbox_find), .deadline_ms = 4000, .database = true};

/* ---- PINs */

static int pin_row(void *arg, const struct cx_value *c, size_t n)
{
    struct cx_mailbox_pin *q = arg;

    (void)n;
    q->right = c[0].type == CX_TEXT && c[0].len > 0 && strcmp(c[0].s, q->pin) == 0;
    q->locked = c[1].i != 0;
    return 0;
}

static int check_pin(struct cx_db *db, void *data)
{
    struct cx_mailbox_pin *q = data;
    struct cx_value which[] = {cx_text(q->account), cx_text(q->box)}, box[1];
    int err;

    box[0] = which[1];
    q->right = q->locked = false;
    err = cx_db_query(db,
                      "SELECT b.pin, COALESCE(l.locked_until > UNIX_TIMESTAMP(), 0) FROM vmbox b "
                      "LEFT JOIN vmbox_lock l ON l.vmbox_id = b.id WHERE b.account_id = ? AND "
                      "b.id = ? FOR UPDATE",
                      which, 2, pin_row, q);
    if (err < 0 || q->locked) {
        q->right = false;
        return err;
    }
    if (q->right)
        return cx_db_exec(db, "DELETE FROM vmbox_lock WHERE vmbox_id = ?", box, 1, NULL);
    err = cx_db_exec(db,
                     "INSERT INTO vmbox_lock (vmbox_id, failures) SELECT id, 1 FROM vmbox WHERE "
                     "account_id = ? AND id = ? ON DUPLICATE KEY UPDATE failures = failures + 1",
                     which, 2, NULL);
    if (err == 0) {
        struct cx_value params[] = {cx_int(CX_PIN_LOCK_S), which[1], cx_int(CX_PIN_TRIES)};
        uint64_t rows = 0;
        err = cx_db_exec(db,
                         "UPDATE vmbox_lock SET failures = 0, locked_until = UNIX_TIMESTAMP() + ? "
                         "WHERE vmbox_id = ? AND failures >= ?",
                         params, 3, &rows);
        q->locked = rows > 0;
    }
    return err;
}

static int run_check_pin(const struct cx_ask_env *env, void *data)
{
    return cx_db_transaction(env->db, check_pin, data);
}

const struct cx_question cx_mailbox_check_pin = {.run = run_check_pin,
                                                 .size = sizeof(struct cx_mailbox_pin),
                                                 .deadline_ms = 4000,
                                                 .database = true};

/* One column of the box, with its change_log line. */
static int change_box(struct cx_db *db, const char *account, const char *box, const char *set,
                      const char *value)
{
    struct cx_value params[] = {cx_text(value), cx_text(account), cx_text(box)};
    char sql[300];
    uint64_t rows = 0;
    int err;

    snprintf(sql, sizeof(sql),
             "UPDATE vmbox SET %s, revision = revision + 1, modified = UNIX_TIMESTAMP() WHERE "
             "account_id = ? AND id = ?",
             set);
    err = cx_db_exec(db, sql, params, 3, &rows);
    if (err == 0 && rows == 0)
        err = -ENOENT;
    return err < 0 ? err : cx_row_changed(db, account, "vmbox", box);
}

static int set_pin(struct cx_db *db, void *data)
{
    const struct cx_mailbox_pin *q = data;

    return change_box(db, q->account, q->box, "pin = ?", q->pin);
}

static int run_set_pin(const struct cx_ask_env *env, void *data)
{
    return cx_db_transaction(env->db, set_pin, data);
}

const struct cx_question cx_mailbox_set_pin = {.run = run_set_pin,
                                               .size = sizeof(struct cx_mailbox_pin),
                                               .deadline_ms = 5000,
                                               .database = true};

static int done(struct cx_db *db, void *data)
{
    const struct cx_mailbox_done *q = data;

    return change_box(db, q->account, q->box, "is_setup = ?", "1");
}

static int run_done(const struct cx_ask_env *env, void *data)
{
    return cx_db_transaction(env->db, done, data);
}

const struct cx_question cx_mailbox_done = {
    .run = run_done, .size = sizeof(struct cx_mailbox_done), .deadline_ms = 5000, .database = true};

/* ---- prompts */

static int keep(struct cx_db *db, void *data)
{
    const struct cx_mailbox_keep *q = data;
    char patch[80];
    int err = cx_media_insert(db, &q->media);

    if (err < 0)
        return err;
    snprintf(patch, sizeof(patch), "{\"media\":{\"name\":\"%s\"}}", q->media.id);
    return q->prompt == CX_MAILBOX_GREETING
               ? change_box(db, q->media.account, q->box, "greeting_id = ?", q->media.id)
               : change_box(db, q->media.account, q->box, "doc = JSON_MERGE_PATCH(doc, ?)", patch);
}

static int run_keep(const struct cx_ask_env *env, void *data)
{
    return cx_db_transaction(env->db, keep, data);
}

const struct cx_question cx_mailbox_keep = {
    .run = run_keep, .size = sizeof(struct cx_mailbox_keep), .deadline_ms = 5000, .database = true};

/* ---- messages */

static int move(struct cx_db *db, void *data)
{
    const struct cx_mailbox_move *q = data;
    struct cx_value params[] = {cx_text(q->folder), cx_text(q->id), cx_text(q->box),
                                cx_text(q->account)};
    uint64_t rows = 0;
    int err = cx_db_exec(db,
                         "UPDATE vm_message SET folder = ? WHERE id = ? AND vmbox_id = ? AND "
                         "account_id = ?",
                         params, 4, &rows);

    if (err < 0 || rows == 0)
        return err;
    return cx_change_append(db, q->account, "vm_message", q->box, "update", ACTOR);
}

static int run_move(const struct cx_ask_env *env, void *data)
{
    return cx_db_transaction(env->db, move, data);
}

const struct cx_question cx_mailbox_move = {
    .run = run_move, .size = sizeof(struct cx_mailbox_move), .deadline_ms = 5000, .database = true};

struct reading {
    struct cx_mailbox_list *q;
    struct cx_tz tz;
};

static int zone_row(void *arg, const struct cx_value *c, size_t n)
{
    struct reading *r = arg;

    (void)n;
    if (c[0].type != CX_TEXT || cx_tz_load(c[0].s, &r->tz) < 0)
        (void)cx_tz_load("UTC", &r->tz);
    return 0;
}

static int count_row(void *arg, const struct cx_value *c, size_t n)
{
    struct cx_mailbox_list *q = arg;

    (void)n;
    if (c[0].type == CX_TEXT && strcmp(c[0].s, "new") == 0)
        q->fresh = (unsigned)c[1].i;
    else if (c[0].type == CX_TEXT && strcmp(c[0].s, "saved") == 0)
        q->old = (unsigned)c[1].i;
    return 0;
}

static int message_row(void *arg, const struct cx_value *c, size_t n)
{
    struct reading *r = arg;
    struct cx_mailbox_message *m = &r->q->messages[r->q->count];

    (void)n;
    if (r->q->count == CX_MAILBOX_MESSAGES)
        return 0;
    copy(m->id, sizeof(m->id), &c[0]);
    copy(m->number, sizeof(m->number), &c[1]);
    copy(m->key, sizeof(m->key), &c[2]);
    cx_local_time(&r->tz, c[3].i, &m->when);
    r->q->count++;
    return 0;
}

static int list(const struct cx_ask_env *env, void *data)
{
    struct cx_mailbox_list *q = data;
    struct cx_value which[] = {cx_text(q->account), cx_text(q->box),
                               cx_text(q->saved ? "saved" : "new")};
    struct reading *r = calloc(1, sizeof(*r));
    char sql[300];
    int err;

    if (!r)
        return -ENOMEM;
    r->q = q;
    q->fresh = q->old = q->count = 0;
    (void)cx_tz_load("UTC", &r->tz);
    err = cx_db_query(env->db,
                      "SELECT COALESCE(b.timezone, a.timezone) FROM vmbox b JOIN account a ON a.id "
                      "= b.account_id WHERE a.id = ? AND b.id = ?",
                      which, 2, zone_row, r);
    cx_local_time(&r->tz, (int64_t)time(NULL), &q->now);
    if (err == 0)
        err = cx_db_query(env->db,
                          "SELECT folder, COUNT(*) FROM vm_message WHERE account_id = ? AND "
                          "vmbox_id = ? GROUP BY folder",
                          which, 2, count_row, q);
    snprintf(sql, sizeof(sql),
             "SELECT id, caller_id_number, storage_key, timestamp FROM vm_message WHERE "
             "account_id = ? AND vmbox_id = ? AND folder = ? ORDER BY timestamp %s, id LIMIT %d",
             q->oldest_first ? "" : "DESC", CX_MAILBOX_MESSAGES);
    if (err == 0)
        err = cx_db_query(env->db, sql, which, 3, message_row, r);
    free(r);
    return err;
}

const struct cx_question cx_mailbox_list = {
    .run = list, .size = sizeof(struct cx_mailbox_list), .deadline_ms = 4000, .database = true};
