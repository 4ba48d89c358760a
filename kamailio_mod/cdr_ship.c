/*
 * cdr_ship.c - see cdr_ship.h.
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <jansson.h>

#include "core/dprint.h"
#include "db/cdr.h"
#include "db/db.h"

#include "cdr.h"
#include "cdr_ship.h"
#include "metrics.h"

#define BATCH           200
#define ROTATE_BYTES    (4 << 20)
#define ORPHANS_MAX     1024 /* ends whose beginning has not come yet */
#define LONGEST_CALL_MS (24 * 3600 * 1000LL)

struct cx_cdr_ship {
    char path[PATH_MAX];
    FILE *log;
    long size;
    json_t *open;    /* id -> "answer" event of a call that goes on */
    json_t *legs;    /* id -> array of ids of its forwarded legs, those that are open */
    json_t *ready;   /* id -> record to be stored */
    json_t *shipped; /* id -> true, of this log file */
    json_t *orphans; /* array of "end" events */
};

static const char *text_of(const json_t *event, const char *key)
{
    return json_string_value(json_object_get(event, key));
}

static void finish(struct cx_cdr_ship *ship, const char *id, json_t *record)
{
    if (!json_object_get(ship->shipped, id))
        json_object_set(ship->ready, id, record);
}

static void finish_ended(struct cx_cdr_ship *ship, const char *id, const json_t *end,
                         const char *side)
{
    static const char *const keys[] = {"end_ms", "mos", "jitter_ms", "packet_loss"};
    json_t *call = json_object_get(ship->open, id);

    if (!call)
        return;
    for (size_t k = 0; k < sizeof(keys) / sizeof(*keys); k++)
        if (json_object_get(end, keys[k]))
            json_object_set(call, keys[k], json_object_get(end, keys[k]));
    json_object_set(call, "hangup_cause", json_object_get(end, "hangup_cause"));
    json_object_set_new(call, "hangup_by", json_string(side));
    finish(ship, id, call);
    json_object_del(ship->open, id);
}

/* Joins an end with its beginning, and that of its forwarded legs. False: the beginning is not here
 * (yet). */
static bool join_end(struct cx_cdr_ship *ship, const json_t *end)
{
    static const char *const sides[] = {"by_caller", "by_callee"};
    json_t *leg;
    size_t n;

    for (int i = 0; i < 2; i++) {
        const char *id = text_of(end, sides[i]);

        if (!id || !json_object_get(ship->open, id))
            continue;
        json_array_foreach(json_object_get(ship->legs, id), n, leg)
            finish_ended(ship, json_string_value(leg), end, sides[i] + 3);
        json_object_del(ship->legs, id);
        finish_ended(ship, id, end, sides[i] + 3);
        return true;
    }
    return false;
}

static void add_leg(struct cx_cdr_ship *ship, const char *of, const char *id)
{
    json_t *legs = json_object_get(ship->legs, of);

    if (!legs) {
        legs = json_array();
        json_object_set_new(ship->legs, of, legs);
    }
    json_array_append_new(legs, json_string(id));
}

static bool is_done(const struct cx_cdr_ship *ship, const json_t *end)
{
    const char *a = text_of(end, "by_caller"), *b = text_of(end, "by_callee");

    return (a && (json_object_get(ship->shipped, a) || json_object_get(ship->ready, a))) ||
           (b && (json_object_get(ship->shipped, b) || json_object_get(ship->ready, b)));
}

static void take_event(struct cx_cdr_ship *ship, const char *line)
{
    json_t *event = json_loads(line, JSON_DECODE_ANY, NULL), *item;
    const char *kind = event ? text_of(event, "event") : NULL;
    const char *id = event ? text_of(event, "id") : NULL;
    size_t i;

    if (!kind) { /* the last line of a log may be cut by a full disk or a lost machine */
        LM_WARN("journal: a line that is not a record is passed over\n");
    } else if (strcmp(kind, "answer") == 0 && id) {
        if (!json_object_get(ship->shipped, id) && !json_object_get(ship->ready, id)) {
            json_object_set(ship->open, id, event);
            if (text_of(event, "leg_of"))
                add_leg(ship, text_of(event, "leg_of"), id);
        }
        json_array_foreach(ship->orphans, i, item) if (join_end(ship, item))
        {
            json_array_remove(ship->orphans, i);
            break;
        }
    } else if (strcmp(kind, "failed") == 0 && id) {
        finish(ship, id, event);
    } else if (strcmp(kind, "end") == 0) {
        /* a BYE may come twice, and for calls that never were ours */
        if (!join_end(ship, event) && !is_done(ship, event)) {
            if (json_array_size(ship->orphans) >= ORPHANS_MAX)
                json_array_remove(ship->orphans, 0);
            json_array_append(ship->orphans, event);
        }
    } else if (strcmp(kind, "shipped") == 0) {
        json_array_foreach(json_object_get(event, "ids"), i, item)
        {
            const char *done = json_string_value(item);
            json_object_set_new(ship->shipped, done, json_true());
            json_object_del(ship->ready, done);
            json_object_del(ship->open, done);
        }
    }
    json_decref(event);
}

static int read_log(struct cx_cdr_ship *ship)
{
    char *line = NULL;
    size_t room = 0;
    ssize_t n;
    FILE *f = fopen(ship->path, "re");

    if (!f)
        return errno == ENOENT ? 0 : -errno;
    while ((n = getline(&line, &room, f)) > 0) {
        if (line[n - 1] == '\n')
            line[n - 1] = '\0';
        take_event(ship, line);
    }
    free(line);
    fclose(f);
    return 0;
}

static int append_open(struct cx_cdr_ship *ship)
{
    ship->log = fopen(ship->path, "ae");
    if (!ship->log)
        return -errno;
    fseek(ship->log, 0, SEEK_END);
    ship->size = ftell(ship->log);
    return 0;
}

int cx_cdr_ship_open(const char *folder, struct cx_cdr_ship **out)
{
    struct cx_cdr_ship *ship = calloc(1, sizeof(*ship));
    int err;

    if (!ship)
        return -ENOMEM;
    snprintf(ship->path, sizeof(ship->path), "%s/cdr.log", folder);
    ship->open = json_object();
    ship->legs = json_object();
    ship->ready = json_object();
    ship->shipped = json_object();
    ship->orphans = json_array();
    err = read_log(ship);
    if (err == 0)
        err = append_open(ship);
    *out = ship;
    return err;
}

static int take_line(void *arg, const char *line)
{
    struct cx_cdr_ship *ship = arg;
    int n = fprintf(ship->log, "%s\n", line);

    if (n < 0)
        return -EIO;
    ship->size += n;
    take_event(ship, line);
    return 0;
}

static int sync_log(void *arg)
{
    struct cx_cdr_ship *ship = arg;

    if (fflush(ship->log) != 0 || fdatasync(fileno(ship->log)) < 0) {
        LM_ERR("journal %s: %s\n", ship->path, strerror(errno));
        clearerr(ship->log);
        return -EIO;
    }
    return 0;
}

/* Calls whose end was missed (both ends lost power, say) must not stay open for ever. */
static void end_old_calls(struct cx_cdr_ship *ship)
{
    int64_t now = cx_now_ms();
    const char *id;
    json_t *call;
    void *next;

    json_object_foreach_safe(ship->open, next, id, call)
    {
        int64_t answered = json_integer_value(json_object_get(call, "answer_ms"));
        if (now - answered < LONGEST_CALL_MS)
            continue;
        json_object_set_new(call, "end_ms", json_integer(now));
        json_object_set_new(call, "hangup_cause", json_string("MEDIA_TIMEOUT"));
        json_object_set_new(call, "hangup_by", json_string("system"));
        finish(ship, id, call);
        json_object_del(ship->legs, id);
        json_object_del(ship->open, id);
    }
}

int cx_cdr_ship_collect(struct cx_cdr_ship *ship)
{
    while (cx_cdr_drain(take_line, sync_log, ship) > 0)
        ;
    if (json_object_size(ship->open) > 0)
        end_old_calls(ship);
    return 0;
}

static const char *or_empty(const char *text)
{
    return text ? text : "";
}

static void row_of(const char *id, const json_t *r, struct cx_row_cdr *row)
{
    memset(row, 0, sizeof(*row));
    row->id = id;
    row->account_id = or_empty(text_of(r, "account_id"));
    row->interaction_id = or_empty(text_of(r, "interaction_id"));
    row->call_id = or_empty(text_of(r, "call_id"));
    row->call_direction = or_empty(text_of(r, "call_direction"));
    row->network = or_empty(text_of(r, "network"));
    row->device_id = text_of(r, "device_id");
    row->owner_id = text_of(r, "owner_id");
    row->callee_device_id = text_of(r, "callee_device_id");
    row->callee_owner_id = text_of(r, "callee_owner_id");
    row->resource_id = text_of(r, "resource_id");
    row->callflow_id = text_of(r, "callflow_id");
    row->forwarded_by = text_of(r, "forwarded_by");
    row->caller_id_name = or_empty(text_of(r, "caller_id_name"));
    row->caller_id_number = or_empty(text_of(r, "caller_id_number"));
    row->callee_id_name = or_empty(text_of(r, "callee_id_name"));
    row->callee_id_number = or_empty(text_of(r, "callee_id_number"));
    row->from_uri = or_empty(text_of(r, "from_uri"));
    row->to_uri = or_empty(text_of(r, "to_uri"));
    row->request = or_empty(text_of(r, "request"));
    row->start_ms = json_integer_value(json_object_get(r, "start_ms"));
    row->answer_ms =
        json_object_get(r, "answer_ms") ? json_integer_value(json_object_get(r, "answer_ms")) : -1;
    row->end_ms = json_integer_value(json_object_get(r, "end_ms"));
    row->sip_code = (uint16_t)json_integer_value(json_object_get(r, "sip_code"));
    row->hangup_cause = or_empty(text_of(r, "hangup_cause"));
    row->hangup_by = or_empty(text_of(r, "hangup_by"));
    row->mos = text_of(r, "mos");
    row->jitter_ms = text_of(r, "jitter_ms");
    row->packet_loss = text_of(r, "packet_loss");
    row->path = text_of(r, "path");
}

/* A new log with only what still matters; the old one is replaced in one step. */
static int rotate(struct cx_cdr_ship *ship)
{
    char part[PATH_MAX + 8];
    const char *id;
    json_t *call;
    FILE *f;

    snprintf(part, sizeof(part), "%s.part", ship->path);
    f = fopen(part, "we");
    if (!f)
        return -errno;
    json_object_foreach(ship->open, id, call)
    {
        json_dumpf(call, f, JSON_COMPACT);
        fputc('\n', f);
    }
    if (fflush(f) != 0 || fdatasync(fileno(f)) < 0 || fclose(f) != 0 ||
        rename(part, ship->path) < 0)
        return -EIO;
    fclose(ship->log);
    json_object_clear(ship->shipped);
    return append_open(ship);
}

static int mark_shipped(struct cx_cdr_ship *ship, const struct cx_row_cdr *rows, size_t n)
{
    json_t *ids = json_array(), *event;
    char *line;

    for (size_t i = 0; i < n; i++)
        json_array_append_new(ids, json_string(rows[i].id));
    event = json_pack("{s:s, s:o}", "event", "shipped", "ids", ids);
    line = json_dumps(event, JSON_COMPACT);
    json_decref(event);
    if (!line)
        return -ENOMEM;
    take_line(ship, line); /* forgets the rows' strings: last use of them */
    free(line);
    return sync_log(ship);
}

/* For an engineer to look at. */
static int set_aside(struct cx_cdr_ship *ship, const char *id)
{
    char path[PATH_MAX + 16];
    FILE *f;
    int err = 0;

    snprintf(path, sizeof(path), "%s.refused", ship->path);
    f = fopen(path, "ae");
    if (!f)
        return -errno;
    if (json_dumpf(json_object_get(ship->ready, id), f, JSON_COMPACT) < 0 || fputc('\n', f) == EOF)
        err = -EIO;
    return fclose(f) != 0 ? -EIO : err;
}

int cx_cdr_ship_store(struct cx_cdr_ship *ship, struct cx_db *db)
{
    struct cx_row_cdr rows[BATCH];
    size_t n = 0;
    const char *id;
    json_t *record;
    int err;

    json_object_foreach(ship->ready, id, record)
    {
        if (n == BATCH)
            break;
        row_of(id, record, &rows[n++]);
    }
    if (n == 0)
        return ship->size > ROTATE_BYTES ? rotate(ship) : 0;
    err = cx_cdr_insert(db, rows, n);
    if (err == -EINVAL) /* one record that the table refuses must not hold up the others */
        n = 1, err = cx_cdr_insert(db, rows, n);
    if (err == -EINVAL) {
        LM_ERR("call record %s is refused by the database (%s); it stays in %s.refused\n",
               rows[0].id, cx_db_error(db), ship->path);
        err = set_aside(ship, rows[0].id);
    }
    if (err < 0)
        return err;
    cx_metric_add(CX_M_cdr_shipped, (int)n);
    return mark_shipped(ship, rows, n);
}

size_t cx_cdr_ship_backlog(const struct cx_cdr_ship *ship)
{
    return json_object_size(ship->ready);
}
