/*
 * process.c - see process.h.
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <time.h>

#include <fcgiapp.h>

#include "db/id.h"
#include "process.h"

static int64_t now_us(void)
{
    struct timespec t;

    clock_gettime(CLOCK_MONOTONIC, &t);
    return (int64_t)t.tv_sec * 1000000 + t.tv_nsec / 1000;
}

static const char *param(FCGX_Request *fcgi, const char *name)
{
    const char *value = FCGX_GetParam(name, fcgi->envp);

    return value ? value : "";
}

static const char *optional(FCGX_Request *fcgi, const char *name)
{
    const char *value = FCGX_GetParam(name, fcgi->envp);

    return value && *value ? value : NULL;
}

/* 0, or an error reply. */
static int read_body(FCGX_Request *fcgi, struct cx_request *r)
{
    char *end;
    unsigned long long length = strtoull(param(fcgi, "CONTENT_LENGTH"), &end, 10);

    if (length > CX_BODY_MAX)
        return cx_fail(r, 413, "request entity too large",
                       json_pack("{s:{s:s}}", "413", "message", "more than 6 MB"));
    r->body = malloc((size_t)length + 1);
    if (!r->body)
        return -ENOMEM;
    while (r->body_len < length) {
        int got = FCGX_GetStr(r->body + r->body_len, (int)(length - r->body_len), fcgi->in);
        if (got <= 0)
            return cx_fail(r, 400, "bad request",
                           json_pack("{s:{s:s}}", "400", "message", "the body ended early"));
        r->body_len += (size_t)got;
    }
    r->body[length] = '\0';
    return 0;
}

static void find_token(FCGX_Request *fcgi, struct cx_request *r)
{
    const char *token = optional(fcgi, "HTTP_X_AUTH_TOKEN"), *bearer;

    bearer = optional(fcgi, "HTTP_AUTHORIZATION");
    if (!token && bearer && strncasecmp(bearer, "Bearer ", 7) == 0)
        token = bearer + 7;
    if (!token)
        token = cx_query(r, "auth_token");
    if (token && strlen(token) < sizeof(r->reply_token))
        r->token = strdup(token);
}

static bool is_preflight(struct cx_request *r)
{
    if (strcmp(r->method, "OPTIONS") != 0)
        return false;
    cx_ok(r, 200, NULL);
    return true;
}

static void answer(struct cx_api *api, FCGX_Request *fcgi)
{
    struct cx_request r = {.api = api, .now = (int64_t)time(NULL)};
    int64_t began = now_us();
    size_t len = 0;
    char *text;
    int err;

    cx_id_new(r.id);
    r.method = param(fcgi, "REQUEST_METHOD");
    r.remote = param(fcgi, "REMOTE_ADDR");
    r.content_type = param(fcgi, "CONTENT_TYPE");
    r.if_match = optional(fcgi, "HTTP_IF_MATCH");
    r.if_none_match = optional(fcgi, "HTTP_IF_NONE_MATCH");
    r.idempotency_key = optional(fcgi, "HTTP_IDEMPOTENCY_KEY");
    r.accept = optional(fcgi, "HTTP_ACCEPT");
    err = cx_request_parse_uri(&r, param(fcgi, "REQUEST_URI"));
    if (err == 0)
        err = read_body(fcgi, &r);
    if (err == 0) {
        find_token(fcgi, &r);
        if (!is_preflight(&r))
            cx_dispatch(&r);
    } else {
        cx_reply_error(&r, err);
    }
    if (strcmp(r.method, "OPTIONS") == 0)
        FCGX_PutS("Access-Control-Allow-Methods: GET, PUT, POST, PATCH, DELETE\r\n"
                  "Access-Control-Allow-Headers: X-Auth-Token, Content-Type, If-Match, "
                  "Idempotency-Key\r\nAccess-Control-Max-Age: 86400\r\n",
                  fcgi->out);
    text = cx_reply_text(&r, &len);
    if (text)
        FCGX_PutStr(text, (int)len, fcgi->out);
    else
        FCGX_PutS(
            "Status: 500 Internal Server Error\r\nContent-Type: application/json\r\n\r\n"
            "{\"status\":\"error\",\"error\":\"500\",\"message\":\"out of memory\",\"data\":{}}",
            fcgi->out);
    free(text);
    /* the path without its query: that may carry a token */
    fprintf(stderr, "%s %s %.10s %.*s %d %.1f ms account %s user %s\n", r.id, r.remote, r.method,
            (int)strcspn(param(fcgi, "REQUEST_URI"), "?\r\n"), param(fcgi, "REQUEST_URI"), r.status,
            (double)(now_us() - began) / 1000, r.account.id[0] ? r.account.id : "-",
            r.user_id[0] ? r.user_id : "-");
    cx_request_end(&r);
}

int cx_process_run(struct cx_api *api, int socket, volatile sig_atomic_t *stopping)
{
    FCGX_Request fcgi;
    char error[256];

    if (FCGX_InitRequest(&fcgi, socket, FCGI_FAIL_ACCEPT_ON_INTR) != 0)
        return -EIO;
    if (cx_db_open(&api->db_config, &api->db, error, sizeof(error)) < 0)
        fprintf(stderr, "centrex-api: database: %s\n", error);
    while (!*stopping) {
        int err = FCGX_Accept_r(&fcgi);
        if (err == -EINTR || err == -ECONNABORTED)
            continue;
        if (err < 0)
            break;
        answer(api, &fcgi);
        FCGX_Finish_r(&fcgi);
    }
    cx_db_close(api->db);
    return *stopping ? 0 : -EIO;
}
