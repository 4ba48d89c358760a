/*
 * request.c - what came in: path, query, JSON. See api.h.
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "api.h"

static int hex(char c)
{
    return c >= '0' && c <= '9' ? c - '0' : isxdigit((unsigned char)c) ? (c | 32) - 'a' + 10 : -1;
}

/* Valid UTF-8 without NUL and control characters? jansson's own check does it. */
static bool is_text(const char *s)
{
    json_t *value = json_string(s);
    bool ok = value != NULL;

    json_decref(value);
    for (; ok && *s; s++)
        if ((unsigned char)*s < 0x20 || *s == 0x7f)
            ok = false;
    return ok;
}

/* A decoded copy, or NULL. */
static char *decode(const char *s, size_t len, bool plus_is_space)
{
    char *to = malloc(len + 1), *p = to;

    if (!to)
        return NULL;
    for (size_t i = 0; i < len; i++) {
        if (s[i] == '%') {
            int high = i + 2 < len ? hex(s[i + 1]) : -1, low = i + 2 < len ? hex(s[i + 2]) : -1;
            if (high < 0 || low < 0) {
                free(to);
                return NULL;
            }
            *p = (char)(high * 16 + low);
            if (!*p++) {
                free(to);
                return NULL;
            }
            i += 2;
        } else {
            *p++ = plus_is_space && s[i] == '+' ? ' ' : s[i];
        }
    }
    *p = '\0';
    if (!is_text(to)) {
        free(to);
        return NULL;
    }
    return to;
}

static int bad(struct cx_request *r, const char *what)
{
    return cx_fail(r, 400, "bad request", json_pack("{s:{s:s}}", "400", "message", what));
}

static int parse_query(struct cx_request *r, const char *s)
{
    while (*s) {
        size_t n = strcspn(s, "&"), k = strcspn(s, "=");
        if (n > 0) {
            struct cx_pair *q = &r->query[r->query_count];
            if (r->query_count >= CX_QUERY_MAX)
                return bad(r, "too many query keys");
            k = k < n ? k : n;
            q->key = decode(s, k, true);
            q->value = k < n ? decode(s + k + 1, n - k - 1, true) : strdup("");
            r->query_count++;
            if (!q->key || !q->value)
                return bad(r, "the query is not percent-encoded UTF-8");
        }
        s += n + (s[n] == '&');
    }
    return 0;
}

int cx_request_parse_uri(struct cx_request *r, const char *uri)
{
    size_t len = strcspn(uri, "?");
    const char *p = uri, *end = uri + len;

    if (uri[len] == '?' && parse_query(r, uri + len + 1) < 0)
        return -ECANCELED;
    if (len >= 3 && strncmp(p, "/v2", 3) == 0 && (len == 3 || p[3] == '/'))
        p += 3;
    else
        return cx_not_found(r, NULL);
    while (p < end) {
        size_t n = 0;
        while (p < end && *p == '/')
            p++;
        while (p + n < end && p[n] != '/')
            n++;
        if (n == 0)
            break;
        if (r->segment_count >= CX_SEGMENTS_MAX)
            return cx_not_found(r, NULL);
        r->segments[r->segment_count] = decode(p, n, false);
        if (!r->segments[r->segment_count++])
            return bad(r, "the path is not percent-encoded UTF-8");
        p += n;
    }
    return 0;
}

bool cx_json_too_deep(const json_t *value, int depth_left)
{
    const char *key;
    json_t *item;
    size_t i;

    if (!json_is_object(value) && !json_is_array(value))
        return false;
    if (depth_left <= 0)
        return true;
    if (json_is_array(value)) {
        json_array_foreach(value, i, item)
        {
            if (cx_json_too_deep(item, depth_left - 1))
                return true;
        }
        return false;
    }
    json_object_foreach((json_t *)value, key, item)
    {
        if (cx_json_too_deep(item, depth_left - 1))
            return true;
    }
    return false;
}

static bool is_json_type(const char *type)
{
    size_t n = strcspn(type, "; \t");

    return n == 0 || (n == 16 && strncasecmp(type, "application/json", n) == 0);
}

int cx_request_parse_body(struct cx_request *r)
{
    json_error_t error;

    if (r->body_len == 0)
        return 0;
    if (!is_json_type(r->content_type))
        return cx_fail(r, 415, "unsupported media type",
                       json_pack("{s:{s:s}}", "415", "message", "application/json is wanted"));
    r->envelope = json_loadb(r->body, r->body_len, JSON_REJECT_DUPLICATES, &error);
    if (!r->envelope) {
        char text[JSON_ERROR_TEXT_LENGTH + 64];
        snprintf(text, sizeof(text), "line %d, column %d: %s", error.line, error.column,
                 error.text);
        return cx_fail(r, 400, "invalid request body",
                       json_pack("{s:{s:{s:s, s:i, s:i, s:i}}}", "json", "invalid", "message", text,
                                 "line", error.line, "column", error.column, "position",
                                 error.position));
    }
    if (!json_is_object(r->envelope)) {
        cx_invalid(r, "data", "type", NULL, "the body must be an object with data");
        return cx_check(r);
    }
    if (cx_json_too_deep(r->envelope, CX_DEPTH_MAX)) {
        cx_invalid(r, "data", "maxDepth", NULL, "nested deeper than %d levels", CX_DEPTH_MAX);
        return cx_check(r);
    }
    r->data = json_object_get(r->envelope, "data");
    if (r->data && !json_is_object(r->data)) {
        cx_invalid(r, "data", "type", NULL, "data must be an object");
        return cx_check(r);
    }
    return 0;
}

const char *cx_query(const struct cx_request *r, const char *key)
{
    for (size_t i = 0; i < r->query_count; i++)
        if (strcmp(r->query[i].key, key) == 0)
            return r->query[i].value;
    return NULL;
}

const char *cx_ascii(const char *text)
{
    for (const char *p = text; p && *p; p++)
        if ((unsigned char)*p > 0x7e)
            return "";
    return text;
}

bool cx_query_is_true(const struct cx_request *r, const char *key)
{
    const char *value = cx_query(r, key);

    return value && (strcmp(value, "true") == 0 || strcmp(value, "1") == 0);
}

void cx_request_end(struct cx_request *r)
{
    for (size_t i = 0; i < r->segment_count; i++)
        free(r->segments[i]);
    for (size_t i = 0; i < r->query_count; i++) {
        free(r->query[i].key);
        free(r->query[i].value);
    }
    free(r->body);
    free(r->token);
    free(r->raw);
    json_decref(r->envelope);
    json_decref(r->errors);
    json_decref(r->reply_data);
    json_decref(r->metadata);
    json_decref(r->extra);
}
