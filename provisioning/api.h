/*
 * api.h - one request to the API and its reply: what every part of provisioning/ works on.
 *
 * A request lives from accept to finish in one process; everything that hangs on it is freed by
 * cx_request_end(). Handlers return 0 (the reply is set), -ECANCELED (cx_fail() has set an error
 * reply) or another negative errno, which becomes 503 (no database) or 500.
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef CX_API_H
#define CX_API_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <jansson.h>

#include "db/db.h"

#define CX_BODY_MAX     (6u * 1024 * 1024)
#define CX_SEGMENTS_MAX 12
#define CX_QUERY_MAX    64
#define CX_DEPTH_MAX    128           /* of a whole body; of a document's keys: see engine.c */
#define CX_GREGORIAN    62167219200LL /* seconds from year 0 to 1970 */
#define CX_VERSION      "5.4.0-centrex"

enum cx_verb { CX_GET, CX_PUT, CX_POST, CX_PATCH, CX_DELETE, CX_VERBS };

/* One process's own: made once, used for all its requests. */
struct cx_api {
    struct cx_db_config db_config;
    char socket[108];
    char storage[256];
    char rpc[108];
    char control[100]; /* folder of the workers' control sockets, or "" */
    char secret[129];
    char node[65];
    int processes;
    int token_seconds;
    char smtp[256], mail_from[256]; /* of e-mails; smtp "": none are sent */
    int retry_seconds;              /* before a webhook's second try; then 4 times as long */
    int failures_of_address, failures_of_account; /* failed logins a minute: see auth.c */
    struct cx_db *db;                             /* NULL until the database could be reached */
    struct cx_throttle *throttle;
};

struct cx_pair {
    char *key, *value;
};

/* The account that the path names, or the token's own. */
struct cx_request_account {
    char id[33];
    char parent_id[33]; /* "": the master account */
    char name[513];
    char realm[254];
    char country[3];
    char timezone[65];
    char reseller_id[33]; /* nearest reseller above, or the master account */
    bool enabled, is_reseller;
};

struct cx_request {
    struct cx_api *api;
    struct cx_db *db;
    char id[33];
    int64_t now; /* unix seconds */

    const struct cx_route *route;
    enum cx_verb verb;
    const char *method;
    const char *remote; /* address of the client */
    char *segments[CX_SEGMENTS_MAX];
    size_t segment_count;
    struct cx_pair query[CX_QUERY_MAX];
    size_t query_count;
    const char *content_type; /* never NULL */
    const char *if_match;     /* or NULL, and so the next three */
    const char *if_none_match;
    const char *idempotency_key;
    const char *accept;
    char *body; /* raw */
    size_t body_len;
    json_t *envelope; /* parsed body, or NULL */
    json_t *data;     /* borrowed: envelope.data, or NULL */

    char *token; /* as sent */
    char token_id[33];
    char token_account[33];
    char user_id[33];
    bool admin;  /* of the token's account */
    bool master; /* the token's account has no parent */
    struct cx_request_account account;

    json_t *errors; /* validation, by dotted path */

    int status; /* reply */
    char message[128];
    json_t *reply_data;
    json_t *metadata;
    json_t *extra; /* further keys of the envelope */
    char reply_token[2048];
    int64_t revision;
    char allow[64];
    char *raw; /* not JSON: this is sent as it is (malloc) */
    size_t raw_len;
    char raw_type[96], raw_name[128];
};

typedef int cx_handler(struct cx_request *r);

/* A path of the API: segments separated by '/', "{}" stands for any one. Accounts are looked up and
 * checked before the handler runs when the path begins with "accounts/{}". */
struct cx_route {
    const char *path;
    cx_handler *handlers[CX_VERBS];
    unsigned flags;
    const struct cx_resource *resource;
};
#define CX_ROUTE_OPEN     1u /* without a token */
#define CX_ROUTE_RAW_BODY 2u /* POST and PUT carry something else than JSON */
#define CX_ROUTE_USER     4u /* plain users may write: the handler checks */
#define CX_ROUTE_PARENT   8u /* the path's account need not be checked (handler does) */

/* Runs the route of a request; always leaves a reply. */
void cx_dispatch(struct cx_request *r);
void cx_request_end(struct cx_request *r);

/* ---- reply.c */
/* Sets an error reply. data is stolen, may be NULL. Returns -ECANCELED. */
int cx_fail(struct cx_request *r, int status, const char *message, json_t *data);
int cx_not_found(struct cx_request *r, const char *cause);
int cx_forbidden(struct cx_request *r);
/* Sets a good reply; data is stolen. Returns 0. */
int cx_ok(struct cx_request *r, int status, json_t *data);
void cx_reply_extra(struct cx_request *r, const char *key, json_t *value); /* value is stolen */
/* A file as the reply. 0, or a 404 reply when it cannot be read. */
int cx_reply_file(struct cx_request *r, const char *storage_key, const char *content_type,
                  const char *file_name);
/* Removes a stored file; complains in the log only. */
void cx_remove_file(struct cx_request *r, const char *storage_key);
/* All stored files of an account that is gone. */
void cx_remove_account_files(struct cx_request *r, const char *account_id);
/* The whole reply as text (malloc), with *len. */
char *cx_reply_text(struct cx_request *r, size_t *len);
/* A handler's return value as a reply. */
void cx_reply_error(struct cx_request *r, int err);

/* ---- etag.c */
#define CX_ETAG_MAX 48
/* "7-0123456789abcdef", without the quotes. */
void cx_etag(int64_t revision, const json_t *data, char tag[CX_ETAG_MAX]);
/* Does an If-Match (revision_only) or If-None-Match header name this tag? */
bool cx_etag_matches(const char *header, const char *tag, bool revision_only);

/* ---- request.c */
/* Splits REQUEST_URI into segments and query. 0 or a 400 reply. */
int cx_request_parse_uri(struct cx_request *r, const char *uri);
/* The body as JSON. 0 or a 400/415 reply. */
int cx_request_parse_body(struct cx_request *r);
/* First value of a query key, or NULL. */
const char *cx_query(const struct cx_request *r, const char *key);
/* For comparing with a column of ASCII text, which the database refuses with any other: the text,
 * or "" when it has something else and so cannot be equal. NULL stays NULL. */
const char *cx_ascii(const char *text);
bool cx_query_is_true(const struct cx_request *r, const char *key);
/* Nested deeper than allowed? */
bool cx_json_too_deep(const json_t *value, int depth_left);

/* ---- errors of validation: collected, then told together */
/* value is borrowed, may be NULL. */
void cx_invalid(struct cx_request *r, const char *path, const char *rule, const json_t *value,
                const char *format, ...) __attribute__((format(printf, 5, 6)));
/* Adds "target" or "cause" to the error that was added last for path and rule; value is stolen. */
void cx_invalid_detail(struct cx_request *r, const char *path, const char *rule, const char *key,
                       json_t *value);
/* 0, or a 400 reply when there were errors. */
int cx_check(struct cx_request *r);

/* ---- access.c */
/* Who calls? Fills the token's fields. 0 or a 401 reply. */
int cx_access_token(struct cx_request *r);
/* Loads the account of the path into r->account. 0 or a 403/404 reply. */
int cx_access_account(struct cx_request *r, const char *account_id);
/* Reads an account by id without any check. 0, -ENOENT or a db error. */
int cx_account_read(struct cx_db *db, const char *id, struct cx_request_account *account);

/* Reads one row's columns into fixed buffers; -ENOENT when there is none. */
int cx_db_one(struct cx_db *db, const char *sql, const struct cx_value *params, size_t n,
              cx_db_row_h *each, void *arg);
int cx_db_exists(struct cx_db *db, const char *sql, const struct cx_value *params, size_t n);

#endif
