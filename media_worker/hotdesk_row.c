/*
 * hotdesk_row.c - see hotdesk_row.h. SPDX-License-Identifier: GPL-2.0-or-later
 */
#include <errno.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../db/change_log.h"
#include "hotdesk_row.h"

#define DEVICES 64 /* phones on which one user can be logged in */
#define ACTOR   "worker"

static void copy(char *to, size_t size, const struct cx_value *v)
{
    snprintf(to, size, "%s", v->type == CX_TEXT ? v->s : "");
}

/* ---- the profile */

struct profile {
    unsigned count;
    char user[33], pin[24];
    bool enabled, keep;
};

static int profile_row(void *arg, const struct cx_value *c, size_t n)
{
    struct profile *p = arg;
    json_t *hotdesk = c[1].type == CX_TEXT ? json_loadb(c[1].s, c[1].len, 0, NULL) : NULL;
    const char *pin = json_string_value(json_object_get(hotdesk, "pin"));

    (void)n;
    p->count++;
    copy(p->user, sizeof(p->user), &c[0]);
    snprintf(p->pin, sizeof(p->pin), "%s", pin ? pin : "");
    p->enabled = c[2].i && json_is_true(json_object_get(hotdesk, "enabled"));
    p->keep = json_is_true(json_object_get(hotdesk, "keep_logged_in_elsewhere"));
    json_decref(hotdesk);
    return 0;
}

static int read_profile(struct cx_db *db, const struct cx_hotdesk *q, struct profile *p)
{
    struct cx_value which[] = {cx_text(q->account), cx_text(q->user[0] ? q->user : q->id)};

    memset(p, 0, sizeof(*p));
    if (!q->user[0] && !q->id[0])
        return 0;
    return cx_db_query(db,
                       q->user[0] ? "SELECT id, hotdesk, enabled FROM user WHERE account_id = ? "
                                    "AND id = ?"
                                  : "SELECT id, hotdesk, enabled FROM user WHERE account_id = ? "
                                    "AND JSON_VALUE(hotdesk, '$.id') = ?",
                       which, 2, profile_row, p);
}

/* ---- the phones */

struct phone {
    char id[33], owner[33];
    json_t *hotdesk; /* an object */
};

struct phones {
    struct phone list[DEVICES];
    size_t count;
};

static int phone_row(void *arg, const struct cx_value *c, size_t n)
{
    struct phones *phones = arg;
    struct phone *p = &phones->list[phones->count];

    (void)n;
    if (phones->count == DEVICES)
        return 0;
    copy(p->id, sizeof(p->id), &c[0]);
    copy(p->owner, sizeof(p->owner), &c[1]);
    p->hotdesk = c[2].type == CX_TEXT ? json_loadb(c[2].s, c[2].len, 0, NULL) : NULL;
    if (!json_is_object(p->hotdesk)) {
        json_decref(p->hotdesk);
        p->hotdesk = json_object();
    }
    phones->count++;
    return p->hotdesk ? 0 : -ENOMEM;
}

/* The calling phone, and all where the user is logged in; locked. */
static int read_phones(struct cx_db *db, const struct cx_hotdesk *q, const char *user,
                       struct phones *phones)
{
    struct cx_value which[] = {cx_text(q->account), cx_text(q->device), cx_text(user)};

    phones->count = 0;
    return cx_db_query(db,
                       "SELECT id, owner_id, hotdesk FROM device WHERE account_id = ? AND (id = ? "
                       "OR hotdesk LIKE CONCAT('%\"', ?, '\"%')) FOR UPDATE",
                       which, 3, phone_row, phones);
}

static void forget(struct phones *phones)
{
    for (size_t i = 0; i < phones->count; i++)
        json_decref(phones->list[i].hotdesk);
    phones->count = 0;
}

static bool is_in(const struct phone *p, const char *user)
{
    return json_object_get(json_object_get(p->hotdesk, "users"), user) != NULL;
}

/* user: the only one who is logged in; NULL: nobody. */
static void set_user(struct phone *p, const char *user)
{
    json_t *users = json_object();

    if (user)
        json_object_set_new(users, user, json_object());
    json_object_set_new(p->hotdesk, "users", users);
}

/* The lamps of a user's phones: whose phones these are has changed. */
struct boxes {
    char ids[8][33];
    size_t count;
};

static int box_row(void *arg, const struct cx_value *c, size_t n)
{
    struct boxes *boxes = arg;

    (void)n;
    if (boxes->count < 8)
        copy(boxes->ids[boxes->count++], 33, &c[0]);
    return 0;
}

static int tell_lamps(struct cx_db *db, const char *account, const char *user)
{
    struct cx_value which[] = {cx_text(account), cx_text(user)};
    struct boxes boxes = {.count = 0};
    int err = cx_db_query(db, "SELECT id FROM vmbox WHERE account_id = ? AND owner_id = ?", which,
                          2, box_row, &boxes);

    for (size_t i = 0; err == 0 && i < boxes.count; i++)
        err = cx_change_append(db, account, "vm_message", boxes.ids[i], "update", ACTOR);
    return err;
}

static int write_phone(struct cx_db *db, const char *account, const struct phone *p)
{
    char *text = json_dumps(p->hotdesk, JSON_COMPACT);
    struct cx_value params[] = {cx_text(text), cx_text(p->id), cx_text(account)};
    int err = text
                  ? cx_db_exec(db,
                               "UPDATE device SET hotdesk = ?, revision = revision + 1, modified = "
                               "UNIX_TIMESTAMP() WHERE id = ? AND account_id = ?",
                               params, 3, NULL)
                  : -ENOMEM;

    free(text);
    if (err == 0)
        err = cx_change_append(db, account, "device", p->id, "update", ACTOR);
    if (err == 0 && p->owner[0])
        err = tell_lamps(db, account, p->owner);
    return err;
}

/* ---- questions */

static int count_row(void *arg, const struct cx_value *c, size_t n)
{
    struct cx_hotdesk *q = arg;

    (void)n;
    if (c[0].type == CX_TEXT && strcmp(c[0].s, "new") == 0)
        q->fresh = (unsigned)c[1].i;
    else if (c[0].type == CX_TEXT && strcmp(c[0].s, "saved") == 0)
        q->saved = (unsigned)c[1].i;
    return 0;
}

static int count_messages(struct cx_db *db, struct cx_hotdesk *q)
{
    struct cx_value which[] = {cx_text(q->account), cx_text(q->user)};

    q->fresh = q->saved = 0;
    return cx_db_query(db,
                       "SELECT m.folder, COUNT(*) FROM vm_message m JOIN vmbox b ON b.id = "
                       "m.vmbox_id WHERE b.account_id = ? AND b.owner_id = ? GROUP BY m.folder",
                       which, 2, count_row, q);
}

static int here_row(void *arg, const struct cx_value *c, size_t n)
{
    struct cx_hotdesk *q = arg;
    json_t *hotdesk = c[0].type == CX_TEXT ? json_loadb(c[0].s, c[0].len, 0, NULL) : NULL;
    json_t *users = json_object_get(hotdesk, "users");
    void *first = users ? json_object_iter(users) : NULL;

    (void)n;
    q->here = first != NULL;
    if (q->here && json_object_size(users) == 1)
        snprintf(q->user, sizeof(q->user), "%s", json_object_iter_key(first));
    json_decref(hotdesk);
    return 0;
}

int cx_hotdesk_find(const struct cx_ask_env *env, void *data)
{
    struct cx_hotdesk *q = data;
    struct cx_value which[] = {cx_text(q->account), cx_text(q->device)};
    struct profile p;
    int err;

    q->here = false;
    if (!q->id[0]) { /* who is logged in on this phone? */
        char user[33];
        memcpy(user, q->user, sizeof(user));
        err = cx_db_query(env->db, "SELECT hotdesk FROM device WHERE account_id = ? AND id = ?",
                          which, 2, here_row, q);
        if (err < 0)
            return err;
        if (user[0] && q->here)
            memcpy(q->user, user, sizeof(user));
    }
    err = read_profile(env->db, q, &p);
    if (err < 0)
        return err;
    if (p.count != 1) {
        q->result = CX_HOTDESK_NOBODY;
        return 0;
    }
    memcpy(q->user, p.user, sizeof(q->user));
    q->has_pin = p.pin[0] != '\0';
    q->result = p.enabled ? CX_HOTDESK_DONE : CX_HOTDESK_OFF;
    return 0;
}

static int login(struct cx_db *db, void *data)
{
    struct cx_hotdesk *q = data;
    struct phones phones;
    struct profile p;
    bool found = false;
    int err = read_profile(db, q, &p);

    q->result = p.count != 1                             ? CX_HOTDESK_NOBODY
                : !p.enabled                             ? CX_HOTDESK_OFF
                : p.pin[0] && strcmp(p.pin, q->pin) != 0 ? CX_HOTDESK_WRONG_PIN
                                                         : CX_HOTDESK_DONE;
    if (err < 0 || q->result != CX_HOTDESK_DONE)
        return err;
    err = read_phones(db, q, p.user, &phones);
    for (size_t i = 0; err == 0 && i < phones.count; i++) {
        struct phone *phone = &phones.list[i];
        if (strcmp(phone->id, q->device) == 0) {
            found = true;
            set_user(phone, p.user);
            if (strcmp(phone->owner, p.user) == 0)
                json_object_del(phone->hotdesk, "unassigned");
        } else if (!p.keep && is_in(phone, p.user)) {
            json_object_del(json_object_get(phone->hotdesk, "users"), p.user);
        } else {
            continue;
        }
        err = write_phone(db, q->account, phone);
    }
    forget(&phones);
    if (!found)
        q->result = CX_HOTDESK_NOBODY; /* the phone was deleted meanwhile */
    if (err == 0 && found)
        err = tell_lamps(db, q->account, p.user);
    return err < 0 ? err : count_messages(db, q);
}

static int logout(struct cx_db *db, void *data)
{
    struct cx_hotdesk *q = data;
    struct phones phones;
    struct profile p;
    bool was_in = false;
    int err = read_profile(db, q, &p);

    if (err == 0)
        err = read_phones(db, q, p.user, &phones);
    if (err < 0)
        return err;
    for (size_t i = 0; i < phones.count; i++)
        was_in |= is_in(&phones.list[i], p.user);
    q->result = was_in || p.enabled || p.count == 0 ? CX_HOTDESK_DONE : CX_HOTDESK_OFF;
    for (size_t i = 0; err == 0 && q->result == CX_HOTDESK_DONE && i < phones.count; i++) {
        struct phone *phone = &phones.list[i];
        bool here = strcmp(phone->id, q->device) == 0, own = strcmp(phone->owner, p.user) == 0;

        if (is_in(phone, p.user) && (here || !p.keep))
            json_object_del(json_object_get(phone->hotdesk, "users"), p.user);
        else if (!(here && own && p.enabled))
            continue;
        if (here && own)
            json_object_set_new(phone->hotdesk, "unassigned", json_true());
        err = write_phone(db, q->account, phone);
    }
    forget(&phones);
    return err;
}

int cx_hotdesk_login(const struct cx_ask_env *env, void *data)
{
    return cx_db_transaction(env->db, login, data);
}

int cx_hotdesk_logout(const struct cx_ask_env *env, void *data)
{
    return cx_db_transaction(env->db, logout, data);
}
