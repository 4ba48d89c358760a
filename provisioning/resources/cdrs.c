/*
 * cdrs.c - call records: list, interactions, legs, CSV. Plain users see their own calls.
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "db/id.h"
#include "resources.h"

#define ROWS_MAX 50000
#define COLUMNS                                                                                    \
    "c.id, c.interaction_id, c.call_id, c.call_direction, c.network, c.device_id, c.owner_id, "    \
    "c.callee_device_id, c.callee_owner_id, c.caller_id_name, c.caller_id_number, "                \
    "c.callee_id_name, c.callee_id_number, c.from_uri, c.to_uri, c.request, c.start_ms, "          \
    "c.answer_ms, c.end_ms, c.duration_ms, c.billing_ms, c.sip_code, c.hangup_cause, "             \
    "c.hangup_by, c.mos, c.jitter_ms, c.packet_loss, c.resource_id, c.path, c.forwarded_by"
#define FROM " FROM cdr c WHERE c.account_id = ?"
/* of plain users only: their own */
#define OWN " AND (? = '' OR c.owner_id = ? OR c.callee_owner_id = ?)"

static void set_text(json_t *json, const char *key, const struct cx_value *value)
{
    if (value->type == CX_TEXT && value->len > 0)
        json_object_set_new(json, key, json_stringn(value->s, value->len));
}

static void set_number(json_t *json, const char *key, const struct cx_value *value)
{
    if (value->type == CX_TEXT)
        json_object_set_new(json, key, json_real(strtod(value->s, NULL)));
}

static json_t *row_json(const struct cx_value *c, bool whole)
{
    static const struct {
        const char *key;
        int column;
    } texts[] = {{"id", 0},
                 {"interaction_id", 1},
                 {"call_id", 2},
                 {"call_direction", 3},
                 {"network", 4},
                 {"authorizing_id", 5},
                 {"owner_id", 6},
                 {"callee_device_id", 7},
                 {"callee_owner_id", 8},
                 {"hangup_cause", 22},
                 {"hangup_by", 23},
                 {"resource_id", 27},
                 {"forwarded_by", 29}};
    static const struct {
        const char *key;
        int column;
    } always[] = {{"caller_id_name", 9},  {"caller_id_number", 10},
                  {"callee_id_name", 11}, {"callee_id_number", 12},
                  {"from", 13},           {"to", 14},
                  {"request", 15}};
    json_t *json = json_object(), *vars = json_object();

    for (size_t i = 0; i < CX_COUNT(texts); i++)
        set_text(json, texts[i].key, &c[texts[i].column]);
    for (size_t i = 0; i < CX_COUNT(always); i++)
        json_object_set_new(json, always[i].key,
                            json_stringn(c[always[i].column].s, c[always[i].column].len));
    set_text(vars, "authorizing_id", &c[5]);
    set_text(vars, "owner_id", &c[6]);
    json_object_set_new(json, "custom_channel_vars", vars);
    json_object_set_new(json, "timestamp", json_integer(c[16].i / 1000 + CX_GREGORIAN));
    json_object_set_new(json, "unix_timestamp", json_integer(c[16].i / 1000));
    json_object_set_new(json, "channel_created_time", json_integer(c[16].i * 1000));
    if (c[17].type == CX_INT)
        json_object_set_new(json, "answered_timestamp",
                            json_integer(c[17].i / 1000 + CX_GREGORIAN));
    json_object_set_new(json, "duration_seconds", json_integer((c[19].i + 500) / 1000));
    json_object_set_new(json, "billing_seconds", json_integer((c[20].i + 999) / 1000));
    json_object_set_new(json, "ringing_seconds", json_integer((c[19].i - c[20].i) / 1000));
    json_object_set_new(json, "sip_code", json_integer(c[21].i));
    set_number(json, "mos", &c[24]);
    set_number(json, "jitter_ms", &c[25]);
    set_number(json, "packet_loss", &c[26]);
    if (whole)
        set_text(json, "path", &c[28]);
    return json;
}

struct listing {
    struct cx_request *r;
    json_t *rows;
    size_t page;
    char last[80], next[80];
    bool more;
};

static int add(void *arg, const struct cx_value *c, size_t n)
{
    struct listing *l = arg;
    struct cx_record record = {.created = c[16].i / 1000, .modified = c[18].i / 1000};

    (void)n;
    record.doc = row_json(c, false);
    if (cx_filter(l->r, &record)) {
        if (l->page > 0 && json_array_size(l->rows) >= l->page) {
            json_decref(record.doc);
            l->more = true;
            return -E2BIG;
        }
        json_array_append(l->rows, record.doc);
        snprintf(l->last, sizeof(l->last), "%014lld-%s", (long long)c[16].i, c[0].s);
    }
    json_decref(record.doc);
    return 0;
}

/* Unix milliseconds of a query key in Gregorian seconds. */
static int64_t time_of(const struct cx_request *r, const char *key, int64_t otherwise)
{
    const char *text = cx_query(r, key);
    long long seconds = text ? strtoll(text, NULL, 10) : 0;

    return text && seconds > CX_GREGORIAN && seconds < CX_GREGORIAN + 100000000000LL
               ? (seconds - CX_GREGORIAN) * 1000
               : otherwise;
}

/* Newest first. only_first: one leg of each interaction, the one that began it. */
static int read_rows(struct cx_request *r, struct listing *l, bool only_first)
{
    const char *start = cx_ascii(cx_query(r, "start_key")), *own = r->admin ? "" : r->user_id;
    struct cx_value params[8] = {cx_text(r->account.id),
                                 cx_int(time_of(r, "created_from", 0)),
                                 cx_int(time_of(r, "created_to", INT64_MAX / 2) + 999),
                                 cx_text(own),
                                 cx_text(own),
                                 cx_text(own)};
    size_t n = 6;
    char sql[2048];
    int err;

    l->r = r;
    l->rows = json_array();
    cx_page_wanted(r, &l->page);
    snprintf(sql, sizeof(sql),
             "SELECT " COLUMNS FROM " AND c.start_ms BETWEEN ? AND ?" OWN "%s%s"
             " ORDER BY c.start_ms DESC, c.id DESC LIMIT %d",
             only_first ? " AND NOT EXISTS (SELECT 1 FROM cdr o WHERE o.interaction_id = "
                          "c.interaction_id AND o.account_id = c.account_id AND (o.start_ms < "
                          "c.start_ms OR (o.start_ms = c.start_ms AND o.id < c.id)))"
                        : "",
             l->page > 0 && start && start[0]
                 ? " AND CONCAT(LPAD(c.start_ms, 14, '0'), '-', c.id) < ?"
                 : "",
             l->page > 0 && !cx_filter_any(r) ? (int)l->page + 1 : ROWS_MAX);
    if (l->page > 0 && start && start[0])
        params[n++] = cx_text(start);
    err = cx_db_query(r->db, sql, params, n, add, l);
    return err == -E2BIG && l->more ? 0 : err;
}

static void csv_field(FILE *f, const json_t *value)
{
    char text[64];
    const char *s = cx_text_form(value, text);

    fputc('"', f);
    /* a spreadsheet would run what begins so */
    if (json_is_string(value) && s[0] && strchr("=+-@\t\r", s[0]) && !isdigit((unsigned char)s[1]))
        fputc('\'', f);
    for (; *s; s++) {
        if (*s == '"')
            fputc('"', f);
        fputc(*s, f);
    }
    fputc('"', f);
}

static int tell_csv(struct cx_request *r, const json_t *rows)
{
    static const char *const keys[] = {"id",
                                       "call_id",
                                       "unix_timestamp",
                                       "caller_id_name",
                                       "caller_id_number",
                                       "callee_id_name",
                                       "callee_id_number",
                                       "from",
                                       "to",
                                       "request",
                                       "call_direction",
                                       "duration_seconds",
                                       "billing_seconds",
                                       "hangup_cause",
                                       "sip_code",
                                       "interaction_id"};
    FILE *f = open_memstream(&r->raw, &r->raw_len);
    json_t *row;
    size_t i;

    if (!f)
        return -ENOMEM;
    for (size_t k = 0; k < CX_COUNT(keys); k++)
        fprintf(f, "%s%s", k ? "," : "", keys[k]);
    fputs("\r\n", f);
    json_array_foreach(rows, i, row)
    {
        for (size_t k = 0; k < CX_COUNT(keys); k++) {
            if (k)
                fputc(',', f);
            csv_field(f, json_object_get(row, keys[k]));
        }
        fputs("\r\n", f);
    }
    fclose(f);
    r->status = 200;
    strcpy(r->raw_type, "text/csv; charset=utf-8");
    strcpy(r->raw_name, "cdrs.csv");
    return 0;
}

static bool wants_csv(const struct cx_request *r)
{
    const char *accept = cx_query(r, "accept");

    return (accept && strstr(accept, "csv")) || (r->accept && strstr(r->accept, "text/csv"));
}

static int tell(struct cx_request *r, bool only_first)
{
    struct listing l = {.page = 0};
    int err = read_rows(r, &l, only_first);

    if (err == 0 && wants_csv(r)) {
        err = tell_csv(r, l.rows);
        json_decref(l.rows);
        return err;
    }
    if (err < 0) {
        json_decref(l.rows);
        return err;
    }
    cx_reply_extra(r, "page_size", json_integer((json_int_t)json_array_size(l.rows)));
    if (l.more)
        cx_reply_extra(r, "next_start_key", json_string(l.last));
    return cx_ok(r, 200, l.rows);
}

static int list(struct cx_request *r)
{
    return tell(r, false);
}

static int interactions(struct cx_request *r)
{
    return tell(r, true);
}

static int add_whole(void *arg, const struct cx_value *c, size_t n)
{
    (void)n;
    return json_array_append_new(arg, row_json(c, true));
}

static int find(struct cx_request *r, const char *sql, json_t **rows)
{
    const char *id = r->segments[r->segment_count - 1], *own = r->admin ? "" : r->user_id;
    struct cx_value params[] = {cx_text(r->account.id), cx_text(cx_ascii(id)), cx_text(id),
                                cx_text(own),           cx_text(own),          cx_text(own)};
    int err;

    *rows = json_array();
    err = cx_db_query(r->db, sql, params, 6, add_whole, *rows);
    if (err == 0 && json_array_size(*rows) == 0)
        err = cx_not_found(r, id);
    if (err < 0)
        json_decref(*rows);
    return err;
}

static int get(struct cx_request *r)
{
    json_t *rows, *one;
    int err = find(r, "SELECT " COLUMNS FROM " AND c.id = ? AND ? <> ''" OWN, &rows);

    if (err < 0)
        return err;
    one = json_incref(json_array_get(rows, 0));
    json_decref(rows);
    return cx_ok(r, 200, one);
}

static int legs(struct cx_request *r)
{
    json_t *rows;
    int err = find(r,
                   "SELECT " COLUMNS FROM " AND (c.interaction_id = ? OR c.call_id = ?)" OWN
                   " ORDER BY c.start_ms, c.id LIMIT 1000",
                   &rows);

    return err < 0 ? err : cx_ok(r, 200, rows);
}

const struct cx_route cx_routes_cdrs[] = {
    {.path = "accounts/{}/cdrs", .handlers = {[CX_GET] = list}},
    {.path = "accounts/{}/cdrs/interaction", .handlers = {[CX_GET] = interactions}},
    {.path = "accounts/{}/cdrs/interaction/{}", .handlers = {[CX_GET] = legs}},
    {.path = "accounts/{}/cdrs/legs/{}", .handlers = {[CX_GET] = legs}},
    {.path = "accounts/{}/cdrs/{}", .handlers = {[CX_GET] = get}},
    {.path = NULL},
};
