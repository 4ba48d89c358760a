/*
 * herald.c - see herald.h.
 *
 * What happened is read from change_log and cdr, a window behind the newest again and again, since
 * transactions become visible in any order; a delivery's id is made of the hook and the event, so
 * that nothing is sent twice and nothing is lost when a herald dies. Deliveries wait in the
 * database, are tried, tried again with growing pauses, and given up; a hook that is given up ten
 * times in a row is disabled, with the reason. SPDX-License-Identifier: GPL-2.0-or-later
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <curl/curl.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>

#include "db/id.h"
#include "engine.h"
#include "herald.h"
#include "media_worker/mail.h"
#include "outbox.h"

#define PAUSE_MS     500
#define LOG_WINDOW   2000 /* rows of change_log that are looked at again */
#define CDR_WINDOW_S 120  /* call records come late after an outage of the database */
#define BATCH        50
#define TIMEOUT_S    5L
#define GIVEN_UP_MAX 10
#define MAIL_TRIES   8
#define KEEP_S       (7 * 86400)
#define RESPONSE_MAX 512
#define SEEN_MAX     16384

struct herald {
    struct cx_api *api;
    struct cx_db *db;
    int64_t now;
    volatile sig_atomic_t *stopping;
    int handled;
};

/* ---- from events to deliveries */

static void delivery_id(const char *webhook, const char *event, char id[33])
{
    unsigned char out[EVP_MAX_MD_SIZE];
    char text[256];
    unsigned n = 0;

    snprintf(text, sizeof(text), "%s:%s", webhook, event);
    EVP_Digest(text, strlen(text), out, &n, EVP_sha256(), NULL);
    for (int i = 0; i < 16; i++)
        snprintf(id + 2 * i, 3, "%02x", out[i]);
}

struct events {
    struct herald *h;
    json_t *list; /* {account, hook, key, body} */
    int64_t newest;
};

static int keep_change(void *arg, const struct cx_value *c, size_t n)
{
    struct events *e = arg;
    const char *action = c[4].s, *kind = c[2].s;
    const char *hook = strcmp(kind, "vm_message") == 0 ? "voicemail"
                       : strcmp(action, "create") == 0 ? "doc_created"
                       : strcmp(action, "delete") == 0 ? "doc_deleted"
                                                       : "doc_edited";
    char key[48];

    (void)n;
    if (c[0].i > e->newest)
        e->newest = c[0].i;
    snprintf(key, sizeof(key), "change:%lld", (long long)c[0].i);
    return json_array_append_new(e->list,
                                 json_pack("{s:s, s:s, s:s, s:I, s:{s:s, s:s, s:s, s:s, s:s}}",
                                           "account", c[1].s, "hook", hook, "key", key, "at",
                                           (json_int_t)c[5].i, "body", "action", hook, "type", kind,
                                           "id", c[3].s, "account_id", c[1].s, "hook_event", hook));
}

static int keep_call(void *arg, const struct cx_value *c, size_t n)
{
    struct events *e = arg;
    char key[48];

    (void)n;
    snprintf(key, sizeof(key), "cdr:%s", c[0].s);
    if (c[8].i > e->newest)
        e->newest = c[8].i;
    return json_array_append_new(
        e->list,
        json_pack("{s:s, s:s, s:s, s:I, s:{s:s, s:s, s:s, s:s, s:s, s:s, s:s, s:s, s:I, s:I}}",
                  "account", c[1].s, "hook", "channel_destroy", "key", key, "at",
                  (json_int_t)(c[8].i / 1000), "body", "id", c[0].s, "account_id", c[1].s,
                  "hook_event", "channel_destroy", "call_id", c[2].s, "call_direction", c[3].s,
                  "caller_id_number", c[4].s, "callee_id_number", c[5].s, "hangup_cause", c[6].s,
                  "duration_seconds", (json_int_t)(c[7].i / 1000), "timestamp",
                  (json_int_t)(c[8].i / 1000 + CX_GREGORIAN)));
}

struct hooks {
    struct herald *h;
    const json_t *event;
};

static int keep_hook(void *arg, const struct cx_value *c, size_t n)
{
    const struct hooks *hooks = arg;
    json_t *body = json_deep_copy(json_object_get(hooks->event, "body"));
    char id[33];
    int err;

    (void)n;
    delivery_id(c[0].s, cx_path_text(hooks->event, "key", ""), id);
    json_object_set_new(body, "event_id", json_string(id));
    err = cx_outbox_webhook(hooks->h->api->db, id, c[1].s, c[0].s, body, hooks->h->now);
    json_decref(body);
    return err;
}

/* The hooks that want an event: the account's own, and those above that include what is below. */
static const char hooks_sql[] =
    "WITH RECURSIVE up AS (SELECT id, parent_id, 0 AS n FROM account WHERE id = ? UNION ALL SELECT "
    "p.id, p.parent_id, up.n + 1 FROM account p JOIN up ON p.id = up.parent_id WHERE up.n < 64) "
    "SELECT w.id, w.account_id FROM webhook w JOIN up ON up.id = w.account_id WHERE w.enabled AND "
    "w.created <= ? AND "
    "(w.hook = ? OR w.hook = 'all' OR (w.hook = 'object' AND ? LIKE 'doc%')) AND (up.n = 0 OR "
    "JSON_VALUE(w.doc, '$.include_subaccounts') = 'true')";

static int keep_position(void *arg, const struct cx_value *c, size_t n)
{
    (void)n;
    *(int64_t *)arg = c[0].i;
    return 0;
}

static int keep_row(void *arg, const struct cx_value *c, size_t n)
{
    json_t *row = json_array();

    for (size_t i = 0; i < n; i++)
        json_array_append_new(row, c[i].type == CX_INT    ? json_integer(c[i].i)
                                   : c[i].type == CX_TEXT ? json_stringn(c[i].s, c[i].len)
                                                          : json_null());
    return json_array_append_new(arg, row);
}

static const struct source {
    const char *name, *newest_sql, *sql;
    int64_t window;
    cx_db_row_h *keep;
} sources[] = {
    {"change_log", "SELECT COALESCE(MAX(id), 0) FROM change_log",
     "SELECT id, account_id, kind, object_id, action, UNIX_TIMESTAMP(created_at) DIV 1 FROM "
     "change_log WHERE id > ? AND account_id IS "
     "NOT NULL AND kind NOT IN ('webhook') ORDER BY id LIMIT 5000",
     LOG_WINDOW, keep_change},
    {"cdr", "SELECT COALESCE(MAX(end_ms), 0) FROM cdr",
     "SELECT id, account_id, call_id, call_direction, caller_id_number, callee_id_number, "
     "hangup_cause, duration_ms, end_ms FROM cdr WHERE end_ms > ? ORDER BY end_ms LIMIT 5000",
     CDR_WINDOW_S * 1000, keep_call},
};

/* Was it looked at before? Then its deliveries are there already; to forget is harmless. */
static bool is_seen(const char *key)
{
    static uint64_t seen[SEEN_MAX];
    uint64_t h = 14695981039346656037u, *slot;

    for (; *key; key++)
        h = (h ^ (unsigned char)*key) * 1099511628211u;
    slot = &seen[h % SEEN_MAX];
    if (*slot == h)
        return true;
    *slot = h;
    return false;
}

static int read_source(struct herald *h, const struct source *s)
{
    struct events events = {.h = h, .list = json_array()};
    int64_t position = -1;
    struct cx_db *db = h->api->db;
    json_t *event;
    size_t i;
    int err = cx_db_query(db, "SELECT position FROM herald WHERE source = ?",
                          (struct cx_value[]){cx_text(s->name)}, 1, keep_position, &position);

    if (err == 0 && position < 0)
        err = cx_db_query(db, s->newest_sql, NULL, 0, keep_position, &position);
    events.newest = position;
    if (err == 0)
        err = cx_db_query(db, s->sql, (struct cx_value[]){cx_int(position - s->window)}, 1, s->keep,
                          &events);
    json_array_foreach(events.list, i, event)
    {
        struct hooks hooks = {h, event};
        json_t *rows = json_array(), *row;
        const char *hook = cx_path_text(event, "hook", "");
        size_t k;
        if (err == 0 && !is_seen(cx_path_text(event, "key", "")))
            err = cx_db_query(
                db, hooks_sql,
                (struct cx_value[]){cx_text(cx_path_text(event, "account", "")),
                                    cx_int(json_integer_value(json_object_get(event, "at"))),
                                    cx_text(hook), cx_text(hook)},
                4, keep_row, rows);
        json_array_foreach(rows, k, row)
        {
            struct cx_value c[2] = {cx_text(json_string_value(json_array_get(row, 0))),
                                    cx_text(json_string_value(json_array_get(row, 1)))};
            if (err == 0)
                err = keep_hook(&hooks, c, 2);
        }
        json_decref(rows);
    }
    json_decref(events.list);
    if (err == 0 && events.newest != position)
        err = cx_db_exec(db, "REPLACE INTO herald (source, position) VALUES (?, ?)",
                         (struct cx_value[]){cx_text(s->name), cx_int(events.newest)}, 2, NULL);
    return err;
}

/* ---- sending */

struct answer {
    char text[RESPONSE_MAX + 1];
    size_t n;
};

static size_t keep_answer(char *bytes, size_t size, size_t n, void *arg)
{
    struct answer *answer = arg;

    for (size_t i = 0; i < size * n && answer->n < RESPONSE_MAX; i++)
        answer->text[answer->n++] = bytes[i] >= 0x20 && bytes[i] < 0x7f ? bytes[i] : ' ';
    answer->text[answer->n] = '\0';
    return size * n;
}

static char *form_of(CURL *curl, const json_t *body)
{
    char *text = NULL, value[64];
    const char *key;
    json_t *item;
    size_t len;
    FILE *f = open_memstream(&text, &len);

    json_object_foreach((json_t *)body, key, item)
    {
        char *k = curl_easy_escape(curl, key, 0);
        char *v = curl_easy_escape(curl, cx_text_form(item, value), 0);
        if (f && k && v)
            fprintf(f, "%s%s=%s", ftell(f) > 0 ? "&" : "", k, v);
        curl_free(k);
        curl_free(v);
    }
    if (f)
        fclose(f);
    return text;
}

/* Over "<time>.<body>", so that an old delivery cannot be sent again by somebody else. */
static void sign(const char *secret, int64_t now, const char *body, char header[160])
{
    unsigned char out[EVP_MAX_MD_SIZE];
    unsigned n = 0;
    char *text = NULL;
    int at, len = asprintf(&text, "%lld.%s", (long long)now, body);

    at = snprintf(header, 160, "X-Centrex-Signature: t=%lld,v1=", (long long)now);
    if (len > 0 && HMAC(EVP_sha256(), secret, (int)strlen(secret), (unsigned char *)text,
                        (size_t)len, out, &n))
        for (unsigned i = 0; i < n; i++)
            at += snprintf(header + at, 160 - (size_t)at, "%02x", out[i]);
    free(text);
}

/* Response code, 0 when there was none (then error says why). */
static long post(struct herald *h, const char *uri, const char *secret, const json_t *doc,
                 const char *id, const json_t *body, struct answer *answer, char *error)
{
    const char *verb = cx_path_text(doc, "http_verb", "post");
    bool json = strcmp(cx_path_text(doc, "format", "form-data"), "json") == 0;
    CURL *curl = curl_easy_init();
    struct curl_slist *headers = NULL;
    char *text = NULL, *url = NULL, signature[160], name[64];
    long code = 0;
    CURLcode result;

    if (!curl)
        return 0;
    text = json ? json_dumps(body, JSON_COMPACT) : form_of(curl, body);
    sign(secret, h->now, text ? text : "", signature);
    snprintf(name, sizeof(name), "X-Centrex-Delivery: %s", id);
    headers = curl_slist_append(headers, json ? "Content-Type: application/json"
                                              : "Content-Type: application/x-www-form-urlencoded");
    headers = curl_slist_append(headers, signature);
    headers = curl_slist_append(headers, name);
    if (strcmp(verb, "get") == 0) {
        char *query = form_of(curl, body);
        if (asprintf(&url, "%s%c%s", uri, strchr(uri, '?') ? '&' : '?', query ? query : "") < 0)
            url = NULL;
        free(query);
    } else {
        curl_easy_setopt(curl, CURLOPT_POSTFIELDS, text ? text : "");
        if (strcmp(verb, "put") == 0)
            curl_easy_setopt(curl, CURLOPT_CUSTOMREQUEST, "PUT");
    }
    curl_easy_setopt(curl, CURLOPT_URL, url ? url : uri);
    curl_easy_setopt(curl, CURLOPT_HTTPHEADER, headers);
    curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, "http,https");
    curl_easy_setopt(curl, CURLOPT_TIMEOUT, TIMEOUT_S);
    curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, keep_answer);
    curl_easy_setopt(curl, CURLOPT_WRITEDATA, answer);
    curl_easy_setopt(curl, CURLOPT_USERAGENT, "centrex");
    result = curl_easy_perform(curl);
    if (result == CURLE_OK)
        curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &code);
    else
        snprintf(error, 255, "%s", curl_easy_strerror(result));
    curl_slist_free_all(headers);
    curl_easy_cleanup(curl);
    free(text);
    free(url);
    return code;
}

static int finish(struct herald *h, const char *id, const char *state, int64_t tries, int64_t due)
{
    return cx_db_exec(h->api->db, "UPDATE delivery SET state = ?, tries = ?, due = ? WHERE id = ?",
                      (struct cx_value[]){cx_text(state), cx_int(tries), cx_int(due), cx_text(id)},
                      4, NULL);
}

/* One failed delivery more; the tenth in a row is the hook's last. */
static int give_up(struct herald *h, const char *webhook, const char *why)
{
    char reason[255];

    snprintf(reason, sizeof(reason),
             "disabled after %d failed deliveries in a row; the last: %.150s", GIVEN_UP_MAX, why);
    return cx_db_exec(
        h->api->db,
        "UPDATE webhook SET failures = failures + 1, disable_reason = IF(failures >= ? "
        "AND enabled, ?, disable_reason), enabled = IF(failures >= ?, FALSE, enabled) "
        "WHERE id = ?",
        (struct cx_value[]){cx_int(GIVEN_UP_MAX), cx_text(reason), cx_int(GIVEN_UP_MAX),
                            cx_text(webhook)},
        4, NULL);
}

static const char *text_at(const json_t *row, size_t i)
{
    const char *text = json_string_value(json_array_get(row, i));

    return text ? text : "";
}

/* row: id, account, webhook, payload, tries, uri, secret, doc. */
static int send_hook(struct herald *h, const json_t *row)
{
    json_t *body = json_loads(text_at(row, 3), 0, NULL),
           *doc = json_loads(text_at(row, 7), 0, NULL);
    json_t *custom = json_object_get(doc, "custom_data");
    json_int_t tries = json_integer_value(json_array_get(row, 4)) + 1;
    json_int_t left = json_integer_value(json_object_get(doc, "retries")) + 1 - tries;
    struct answer answer = {.n = 0};
    char error[256] = "", why[320], id[33];
    bool good;
    long code;
    int err;

    if (json_is_object(custom))
        json_object_update_missing(body, custom);
    code = post(h, text_at(row, 5), text_at(row, 6), doc, text_at(row, 0), body, &answer, error);
    good = code >= 200 && code < 300;
    left = left < 0 ? 0 : left;
    cx_id_new(id);
    struct cx_value params[] = {cx_text(id),
                                cx_text(text_at(row, 1)),
                                cx_text(text_at(row, 2)),
                                cx_text(text_at(row, 0)),
                                cx_int(h->now),
                                cx_text(good ? "success" : "failure"),
                                code > 0 ? cx_int(code) : cx_null(),
                                code > 0 ? cx_text(answer.text) : cx_null(),
                                error[0] ? cx_text(error) : cx_null(),
                                cx_int(good ? 0 : left)};
    err = cx_db_exec(
        h->api->db,
        "INSERT INTO webhook_attempt (id, account_id, webhook_id, delivery_id, timestamp, "
        "result, response_code, response_body, client_error, retries_left) VALUES "
        "(?,?,?,?,?,?,?,?,?,?)",
        params, 10, NULL);
    if (error[0])
        snprintf(why, sizeof(why), "%s", error);
    else
        snprintf(why, sizeof(why), "answered %ld", code);
    if (err == 0 && good)
        err =
            cx_db_exec(h->api->db, "UPDATE webhook SET failures = 0 WHERE id = ? AND failures > 0",
                       (struct cx_value[]){cx_text(text_at(row, 2))}, 1, NULL);
    if (err == 0 && !good && left == 0)
        err = give_up(h, text_at(row, 2), why);
    if (err == 0)
        err = finish(h, text_at(row, 0),
                     good       ? "done"
                     : left > 0 ? "waiting"
                                : "failed",
                     tries,
                     h->now + (good ? 0 : (int64_t)h->api->retry_seconds << (2 * (tries - 1))));
    json_decref(body);
    json_decref(doc);
    return err;
}

static int send_mail(struct herald *h, const json_t *row)
{
    json_t *payload = json_loads(text_at(row, 3), 0, NULL);
    json_int_t tries = json_integer_value(json_array_get(row, 4)) + 1;
    char error[256] = "";
    struct cx_mail mail = {.smtp = h->api->smtp,
                           .from = h->api->mail_from,
                           .to = cx_path_text(payload, "to", ""),
                           .message_id = text_at(row, 0),
                           .subject = cx_path_text(payload, "subject", ""),
                           .text = cx_path_text(payload, "text", ""),
                           .date = h->now};
    int sent = cx_mail_send(&mail, error, sizeof(error));
    bool never = sent == -EBADMSG || sent == -EINVAL || tries >= MAIL_TRIES;

    if (sent < 0)
        fprintf(stderr, "herald: mail %s: %s\n", text_at(row, 0), error);
    json_decref(payload);
    /* what was sent is not kept: it may hold a password or a link */
    if (sent == 0 || never)
        return cx_db_exec(h->api->db, "DELETE FROM delivery WHERE id = ?",
                          (struct cx_value[]){cx_text(text_at(row, 0))}, 1, NULL);
    return finish(h, text_at(row, 0), "waiting", tries, h->now + (30LL << tries));
}

static int send_due(struct herald *h)
{
    json_t *rows = json_array(), *row;
    size_t i;
    int err = cx_db_query(
        h->api->db,
        "SELECT d.id, d.account_id, d.webhook_id, d.payload, d.tries, w.uri, w.secret, w.doc FROM "
        "delivery d LEFT JOIN webhook w ON w.id = d.webhook_id WHERE d.state = 'waiting' AND d.due "
        "<= "
        "? AND (w.id IS NULL OR w.enabled) ORDER BY d.due LIMIT 50",
        (struct cx_value[]){cx_int(h->now)}, 1, keep_row, rows);

    json_array_foreach(rows, i, row)
    {
        if (err < 0 || *h->stopping)
            break;
        h->now = (int64_t)time(NULL);
        err = json_is_null(json_array_get(row, 2)) ? send_mail(h, row) : send_hook(h, row);
    }
    h->handled = (int)json_array_size(rows);
    json_decref(rows);
    return err;
}

static int clean(struct herald *h)
{
    struct cx_value old = cx_int(h->now - KEEP_S);
    int err = cx_db_exec(h->api->db,
                         "DELETE FROM delivery WHERE created < ? AND state <> 'waiting' LIMIT 1000",
                         &old, 1, NULL);

    if (err == 0)
        err = cx_db_exec(h->api->db, "DELETE FROM webhook_attempt WHERE timestamp < ? LIMIT 1000",
                         &old, 1, NULL);
    return err;
}

static int keep_lock(void *arg, const struct cx_value *c, size_t n)
{
    (void)n;
    *(bool *)arg = c[0].type == CX_INT && c[0].i == 1;
    return 0;
}

static int work(struct herald *h)
{
    static const char lock_sql[] = "SELECT GET_LOCK('centrex-herald', 0)";
    static int64_t cleaned;
    bool mine = false;
    int err = cx_db_query(h->api->db, lock_sql, NULL, 0, keep_lock, &mine);

    h->handled = 0;
    if (err < 0 || !mine)
        return err;
    for (size_t i = 0; err == 0 && i < sizeof(sources) / sizeof(*sources); i++)
        err = read_source(h, &sources[i]);
    if (err == 0)
        err = send_due(h);
    if (err == 0 && h->now > cleaned + 60) {
        cleaned = h->now;
        err = clean(h);
    }
    return err;
}

int cx_herald_run(struct cx_api *api, volatile sig_atomic_t *stopping)
{
    struct herald h = {.api = api, .stopping = stopping};
    char error[256];

    curl_global_init(CURL_GLOBAL_DEFAULT);
    while (!*stopping) {
        int err = 0;
        h.now = (int64_t)time(NULL);
        h.handled = 0;
        if (!api->db)
            err = cx_db_open(&api->db_config, &api->db, error, sizeof(error));
        else
            err = cx_db_ping(api->db);
        if (err == 0)
            err = work(&h);
        if (err < 0 && api->db)
            fprintf(stderr, "herald: %s\n", cx_db_error(api->db));
        if (h.handled < BATCH)
            usleep(err < 0 ? 1000000 : PAUSE_MS * 1000);
    }
    cx_db_close(api->db);
    return 0;
}
