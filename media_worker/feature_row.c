/*
 * feature_row.c - see feature_row.h. A forward's other settings are left as they are (Kazoo writes
 * only `enabled` and `number` too). SPDX-License-Identifier: GPL-2.0-or-later
 */
#include <errno.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../db/change_log.h"
#include "feature_row.h"

/* Where a setting stands: a column of its own, or a key of the document. */
static const struct {
    const char *user, *device; /* columns; NULL: key of doc */
    const char *key;
} places[] = {
    [CX_FEATURE_FORWARD] = {"call_forward", "call_forward", "call_forward"},
    [CX_FEATURE_FORWARD_BUSY] = {"call_forward_busy", NULL, "call_forward_busy"},
    [CX_FEATURE_FORWARD_NO_ANSWER] = {"call_forward_no_answer", NULL, "call_forward_no_answer"},
    [CX_FEATURE_CALL_WAITING] = {NULL, NULL, "call_waiting"},
};

static const char *table_of(const struct cx_feature *q)
{
    return q->of_device ? "device" : "user";
}

/* ---- do not disturb: a column */

static int flag_row(void *arg, const struct cx_value *c, size_t n)
{
    struct cx_feature *q = arg;

    (void)n;
    q->result = CX_FEATURE_DONE;
    q->on = q->change == CX_FEATURE_TOGGLE ? c[0].i == 0 : q->change == CX_FEATURE_ON;
    return 0;
}

static int change_flag(struct cx_db *db, struct cx_feature *q)
{
    struct cx_value which[] = {cx_text(q->id), cx_text(q->account)}, params[3];
    int err = cx_db_query(
        db,
        q->of_device
            ? "SELECT do_not_disturb FROM device WHERE id = ? AND account_id = ? FOR UPDATE"
            : "SELECT do_not_disturb FROM user WHERE id = ? AND account_id = ? FOR UPDATE",
        which, 2, flag_row, q);

    if (err < 0 || q->result != CX_FEATURE_DONE)
        return err;
    params[0] = cx_int(q->on);
    params[1] = which[0];
    params[2] = which[1];
    return cx_db_exec(db,
                      q->of_device
                          ? "UPDATE device SET do_not_disturb = ?, revision = revision + 1, "
                            "modified = UNIX_TIMESTAMP() WHERE id = ? AND account_id = ?"
                          : "UPDATE user SET do_not_disturb = ?, revision = revision + 1, "
                            "modified = UNIX_TIMESTAMP() WHERE id = ? AND account_id = ?",
                      params, 3, NULL);
}

/* ---- the others: JSON */

struct json_cell {
    struct cx_feature *q;
    json_t *value;
};

static int json_row(void *arg, const struct cx_value *c, size_t n)
{
    struct json_cell *cell = arg;

    (void)n;
    cell->q->result = CX_FEATURE_DONE;
    cell->value = c[0].type == CX_TEXT ? json_loadb(c[0].s, c[0].len, 0, NULL) : NULL;
    if (!json_is_object(cell->value)) {
        json_decref(cell->value);
        cell->value = json_object();
    }
    return cell->value ? 0 : -ENOMEM;
}

/* False: a number is needed and not there. */
static bool apply(struct cx_feature *q, json_t *setting)
{
    bool forward = q->kind != CX_FEATURE_CALL_WAITING;
    bool was_on = json_is_true(json_object_get(setting, "enabled"));
    const char *number = json_string_value(json_object_get(setting, "number"));

    if (!forward && !json_object_get(setting, "enabled"))
        was_on = true; /* phones have call waiting unless it is switched off */
    q->on = q->change == CX_FEATURE_TOGGLE   ? !was_on
            : q->change == CX_FEATURE_UPDATE ? was_on
                                             : q->change == CX_FEATURE_ON;
    if (forward && !q->number[0] && number)
        snprintf(q->number, sizeof(q->number), "%s", number);
    if (forward && !q->number[0] && (q->on || q->change == CX_FEATURE_UPDATE))
        return false;
    json_object_set_new(setting, "enabled", json_boolean(q->on));
    if (forward && q->number[0])
        json_object_set_new(setting, "number", json_string(q->number));
    return true;
}

static int change_json(struct cx_db *db, struct cx_feature *q)
{
    const char *column = q->of_device ? places[q->kind].device : places[q->kind].user;
    struct cx_value which[] = {cx_text(q->id), cx_text(q->account)}, params[3];
    struct json_cell cell = {.q = q};
    json_t *setting = NULL;
    char sql[200], *text = NULL;
    int err;

    snprintf(sql, sizeof(sql), "SELECT %s FROM %s WHERE id = ? AND account_id = ? FOR UPDATE",
             column ? column : "doc", table_of(q));
    err = cx_db_query(db, sql, which, 2, json_row, &cell);
    if (err < 0 || q->result != CX_FEATURE_DONE)
        goto out;
    setting = column ? cell.value : json_object_get(cell.value, places[q->kind].key);
    if (!json_is_object(setting)) {
        setting = json_object();
        json_object_set_new(cell.value, places[q->kind].key, setting);
    }
    if (!apply(q, setting)) {
        q->result = CX_FEATURE_NO_NUMBER;
        goto out;
    }
    text = json_dumps(cell.value, JSON_COMPACT);
    err = -ENOMEM;
    if (!text)
        goto out;
    params[0] = cx_text(text);
    params[1] = which[0];
    params[2] = which[1];
    snprintf(sql, sizeof(sql),
             "UPDATE %s SET %s = ?, revision = revision + 1, modified = UNIX_TIMESTAMP() "
             "WHERE id = ? AND account_id = ?",
             table_of(q), column ? column : "doc");
    err = cx_db_exec(db, sql, params, 3, NULL);
out:
    free(text);
    json_decref(cell.value);
    return err;
}

/* ---- office hours: `enabled` of rules; absent is by the clock */

static int rule_row(void *arg, const struct cx_value *c, size_t n)
{
    (void)n;
    *(int *)arg = c[0].type == CX_INT ? (int)c[0].i : -1;
    return 0;
}

static int change_rule(struct cx_db *db, struct cx_feature *q, const char *rule, bool *found)
{
    struct cx_value which[] = {cx_text(rule), cx_text(q->account)};
    const char *sql =
        q->change == CX_FEATURE_RESET
            ? "UPDATE temporal_rule SET doc = JSON_REMOVE(doc, '$.enabled'), revision "
              "= revision + 1, modified = UNIX_TIMESTAMP() WHERE id = ? AND "
              "account_id = ?"
        : q->on ? "UPDATE temporal_rule SET doc = JSON_SET(doc, '$.enabled', true), "
                  "revision = revision + 1, modified = UNIX_TIMESTAMP() WHERE id = ? "
                  "AND account_id = ?"
                : "UPDATE temporal_rule SET doc = JSON_SET(doc, '$.enabled', false), "
                  "revision = revision + 1, modified = UNIX_TIMESTAMP() WHERE id = ? "
                  "AND account_id = ?";
    uint64_t rows = 0;
    int err = cx_db_exec(db, sql, which, 2, &rows);

    if (err < 0 || rows == 0)
        return err;
    *found = true;
    return cx_change_append(db, q->account, "temporal_rule", rule, "update", "worker");
}

static int change_hours(struct cx_db *db, struct cx_feature *q)
{
    struct cx_value first;
    char rules[sizeof(q->rules)], *rest = NULL, *rule;
    bool found = false;
    int err = 0, forced = -1;

    memcpy(rules, q->rules, sizeof(rules));
    rule = strtok_r(rules, ",", &rest);
    q->on = q->change == CX_FEATURE_ON;
    if (rule && q->change == CX_FEATURE_TOGGLE) { /* as the first one is */
        struct cx_value which[2];
        first = cx_text(rule);
        which[0] = first;
        which[1] = cx_text(q->account);
        err = cx_db_query(db,
                          "SELECT JSON_VALUE(doc, '$.enabled') = 1 FROM temporal_rule WHERE id = ? "
                          "AND account_id = ? FOR UPDATE",
                          which, 2, rule_row, &forced);
        q->on = forced != 1;
    }
    for (; err == 0 && rule; rule = strtok_r(NULL, ",", &rest))
        err = change_rule(db, q, rule, &found);
    if (found)
        q->result = CX_FEATURE_DONE;
    return err;
}

static int change(struct cx_db *db, void *data)
{
    struct cx_feature *q = data;
    int err;

    q->result = CX_FEATURE_NOTHING;
    if (q->kind == CX_FEATURE_HOURS)
        return change_hours(db, q);
    err = q->kind == CX_FEATURE_DND ? change_flag(db, q) : change_json(db, q);
    if (err < 0 || q->result != CX_FEATURE_DONE)
        return err;
    return cx_change_append(db, q->account, table_of(q), q->id, "update", "worker");
}

int cx_feature_change(const struct cx_ask_env *env, void *data)
{
    return cx_db_transaction(env->db, change, data);
}
