/*
 * reply.c - what goes out: envelope, errors, files. See api.h.
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "api.h"

int cx_fail(struct cx_request *r, int status, const char *message, json_t *data)
{
    r->status = status;
    snprintf(r->message, sizeof(r->message), "%s", message);
    json_decref(r->reply_data);
    r->reply_data = data ? data : json_object();
    json_decref(r->metadata);
    r->metadata = NULL;
    json_decref(r->extra);
    r->extra = NULL;
    r->revision = 0;
    return -ECANCELED;
}

int cx_not_found(struct cx_request *r, const char *cause)
{
    if (!cause)
        return cx_fail(r, 404, "not_found", json_pack("{s:s}", "message", "not found"));
    return cx_fail(r, 404, "bad_identifier",
                   json_pack("{s:s, s:s}", "message", "bad identifier", "cause", cause));
}

int cx_forbidden(struct cx_request *r)
{
    return cx_fail(r, 403, "forbidden", json_pack("{s:s}", "message", "forbidden"));
}

int cx_ok(struct cx_request *r, int status, json_t *data)
{
    r->status = status;
    json_decref(r->reply_data);
    r->reply_data = data ? data : json_object();
    return 0;
}

void cx_reply_extra(struct cx_request *r, const char *key, json_t *value)
{
    if (!r->extra)
        r->extra = json_object();
    json_object_set_new(r->extra, key, value);
}

int cx_reply_file(struct cx_request *r, const char *storage_key, const char *content_type,
                  const char *file_name)
{
    char path[640];
    struct stat st;
    int fd;

    if (strstr(storage_key, "..") || storage_key[0] == '/')
        return cx_not_found(r, NULL);
    snprintf(path, sizeof(path), "%s/%s", r->api->storage, storage_key);
    fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return cx_not_found(r, NULL);
    if (fstat(fd, &st) == 0 && st.st_size < 256 * 1024 * 1024 &&
        (r->raw = malloc((size_t)st.st_size + 1))) {
        while (r->raw_len < (size_t)st.st_size) {
            ssize_t got = read(fd, r->raw + r->raw_len, (size_t)st.st_size - r->raw_len);
            if (got <= 0)
                break;
            r->raw_len += (size_t)got;
        }
    }
    close(fd);
    if (!r->raw)
        return -EIO;
    r->status = 200;
    snprintf(r->raw_type, sizeof(r->raw_type), "%s", content_type);
    snprintf(r->raw_name, sizeof(r->raw_name), "%s", file_name);
    return 0;
}

void cx_reply_error(struct cx_request *r, int err)
{
    if (err >= 0 || err == -ECANCELED)
        return;
    if (err == -ENOTCONN || err == -EAGAIN) {
        cx_fail(r, 503, "datastore_unreachable",
                json_pack("{s:{s:s}}", "503", "message", "the database cannot be reached"));
        return;
    }
    fprintf(stderr, "%s error %d (%s) %s\n", r->id, err, strerror(-err),
            r->db ? cx_db_error(r->db) : "");
    cx_fail(r, 500, "internal error",
            json_pack("{s:{s:s}}", "500", "message", "the server made a mistake; the log has it"));
}

static const char *reason_of(int status)
{
    static const struct {
        int status;
        const char *reason;
    } reasons[] = {{200, "OK"},
                   {201, "Created"},
                   {202, "Accepted"},
                   {204, "No Content"},
                   {304, "Not Modified"},
                   {400, "Bad Request"},
                   {401, "Unauthorized"},
                   {403, "Forbidden"},
                   {404, "Not Found"},
                   {405, "Method Not Allowed"},
                   {409, "Conflict"},
                   {412, "Precondition Failed"},
                   {413, "Payload Too Large"},
                   {415, "Unsupported Media Type"},
                   {416, "Range Not Satisfiable"},
                   {423, "Locked"},
                   {429, "Too Many Requests"},
                   {402, "Payment Required"},
                   {501, "Not Implemented"},
                   {502, "Bad Gateway"},
                   {503, "Service Unavailable"}};

    for (size_t i = 0; i < sizeof(reasons) / sizeof(*reasons); i++)
        if (reasons[i].status == status)
            return reasons[i].reason;
    return status < 500 ? "Error" : "Internal Server Error";
}

static char *envelope_text(struct cx_request *r)
{
    json_t *envelope = json_object();
    char text[32];
    time_t now = time(NULL);
    struct tm tm;
    char *out;

    json_object_set(envelope, "data", r->reply_data);
    if (r->metadata)
        json_object_set(envelope, "metadata", r->metadata);
    if (r->extra)
        json_object_update(envelope, r->extra);
    if (r->status >= 400) {
        snprintf(text, sizeof(text), "%d", r->status);
        json_object_set_new(envelope, "error", json_string(text));
        json_object_set_new(envelope, "message", json_string(r->message));
        json_object_set_new(envelope, "status", json_string("error"));
    } else {
        json_object_set_new(envelope, "status", json_string("success"));
    }
    if (r->reply_token[0] || (r->token && r->token_account[0]))
        json_object_set_new(envelope, "auth_token",
                            json_string(r->reply_token[0] ? r->reply_token : r->token));
    if (r->revision > 0) {
        snprintf(text, sizeof(text), "%lld", (long long)r->revision);
        json_object_set_new(envelope, "revision", json_string(text));
    } else if (r->status < 400) {
        json_object_set_new(envelope, "revision", json_string("automatic"));
    }
    gmtime_r(&now, &tm);
    strftime(text, sizeof(text), "%Y-%m-%dT%H:%M:%SZ", &tm);
    json_object_set_new(envelope, "request_id", json_string(r->id));
    json_object_set_new(envelope, "node", json_string(r->api->node));
    json_object_set_new(envelope, "version", json_string(CX_VERSION));
    json_object_set_new(envelope, "timestamp", json_string(text));
    json_object_set_new(envelope, "tokens",
                        json_pack("{s:i, s:i}", "consumed", 1, "remaining", 100));
    out = json_dumps(envelope, JSON_COMPACT);
    json_decref(envelope);
    return out;
}

char *cx_reply_text(struct cx_request *r, size_t *len)
{
    char *body = NULL, *text = NULL, tag[CX_ETAG_MAX] = "";
    size_t body_len;
    FILE *f;

    if (!r->reply_data)
        r->reply_data = json_object();
    if (r->revision > 0 && r->status < 300) {
        cx_etag(r->revision, r->reply_data, tag);
        if (r->status == 200 && r->verb == CX_GET && r->if_none_match &&
            cx_etag_matches(r->if_none_match, tag, false))
            r->status = 304;
    }
    if (!r->raw && r->status != 304)
        body = envelope_text(r);
    body_len = r->raw ? r->raw_len : body ? strlen(body) : 0;
    f = open_memstream(&text, len);
    if (!f) {
        free(body);
        return NULL;
    }
    fprintf(f, "Status: %d %s\r\n", r->status, reason_of(r->status));
    if (r->status != 304)
        fprintf(f, "Content-Type: %s\r\nContent-Length: %zu\r\n",
                r->raw ? r->raw_type : "application/json", body_len);
    fprintf(f,
            "X-Request-ID: %s\r\nCache-Control: no-store\r\nX-Content-Type-Options: nosniff\r\n"
            "Access-Control-Allow-Origin: *\r\n"
            "Access-Control-Expose-Headers: X-Request-ID, ETag\r\n",
            r->id);
    if (r->raw && r->raw_name[0])
        fprintf(f, "Content-Disposition: attachment; filename=\"%s\"\r\n", r->raw_name);
    if (r->allow[0])
        fprintf(f, "Allow: %s\r\n", r->allow);
    if (tag[0])
        fprintf(f, "ETag: \"%s\"\r\n", tag);
    if (r->status == 429 || r->status == 503)
        fputs("Retry-After: 10\r\n", f);
    fputs("\r\n", f);
    if (body_len > 0)
        fwrite(r->raw ? r->raw : body, 1, body_len, f);
    fclose(f);
    free(body);
    return text;
}

/* Texts are cut at a size; json_object_set() and json_string() refuse a character that was cut in
 * half. text may be to. */
static void whole_text(const char *text, char *to, size_t size)
{
    size_t n = strlen(text);

    if (n >= size)
        n = size - 1;
    memmove(to, text, n);
    for (int i = 0; i < 4 && n > 0; i++) {
        json_t *value = json_stringn(to, n);
        bool good = value != NULL;
        json_decref(value);
        if (good)
            break;
        n--;
    }
    to[n] = '\0';
}

void cx_invalid(struct cx_request *r, const char *path, const char *rule, const json_t *value,
                const char *format, ...)
{
    char message[512], key[512];
    va_list args;
    json_t *field, *text, *error = json_object();

    va_start(args, format);
    vsnprintf(message, sizeof(message), format, args);
    va_end(args);
    if (!r->errors)
        r->errors = json_object();
    whole_text(path, key, sizeof(key));
    whole_text(message, message, sizeof(message));
    field = json_object_get(r->errors, key);
    if (!field && json_object_set_new(r->errors, key, field = json_object()) < 0) {
        json_decref(error);
        return;
    }
    text = json_string(message);
    json_object_set_new(error, "message", text ? text : json_string("is not valid"));
    if (value)
        json_object_set(error, "value", (json_t *)value);
    json_object_set_new(field, rule, error);
}

void cx_invalid_detail(struct cx_request *r, const char *path, const char *rule, const char *key,
                       json_t *value)
{
    char key_of_field[512];
    json_t *error;

    whole_text(path, key_of_field, sizeof(key_of_field));
    error = json_object_get(json_object_get(r->errors, key_of_field), rule);
    if (error)
        json_object_set_new(error, key, value);
    else
        json_decref(value);
}

int cx_check(struct cx_request *r)
{
    json_t *errors = r->errors;

    if (!errors || json_object_size(errors) == 0)
        return 0;
    r->errors = NULL;
    return cx_fail(r, 400, "validation error", errors);
}
