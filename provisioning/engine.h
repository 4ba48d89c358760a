/*
 * engine.h - the descriptor engine: a table of fields says how a document is kept, checked and
 * listed; one engine does the rest for all resources.
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef CX_ENGINE_H
#define CX_ENGINE_H

#include "api.h"

enum cx_type { CX_STRING, CX_INTEGER, CX_BOOLEAN, CX_OBJECT, CX_ARRAY, CX_ANY };

/* Flags of a field. */
#define CX_REQUIRED   0x001u
#define CX_LIST       0x002u  /* is in list rows */
#define CX_READ_ONLY  0x004u  /* from clients it is dropped */
#define CX_WRITE_ONLY 0x008u  /* taken by a hook, never kept in the document */
#define CX_SECRET     0x010u  /* only admins and the document's owner see it */
#define CX_HIDDEN     0x020u  /* column without a place in the document: record.priv */
#define CX_ASCII      0x040u  /* printable ASCII without spaces */
#define CX_LINE       0x080u  /* no control characters: goes into SIP or mail headers */
#define CX_ADMIN      0x100u  /* plain users cannot change it on their own document */
#define CX_PARENT     0x200u  /* an account cannot change it on itself */
#define CX_KEEP       0x400u  /* a POST without it keeps it */
#define CX_LOWER      0x800u  /* stored in lower case */
#define CX_TABLE      0x1000u /* read by `select`, written by the resource's after() */
#define CX_SET        0x2000u /* a list without repetitions */

struct cx_field {
    const char *path; /* dotted; '*' is any key of an object or index of an array */
    const char *column;
    enum cx_type type;
    int64_t min, max;      /* length or value; max 0: no limit */
    const char *choices;   /* "a|b|c" */
    const char *def;       /* JSON text */
    const char *pattern;   /* extended regular expression */
    const char *reference; /* table in which the id must exist, in this account */
    const char *select;    /* SQL expression instead of the column (alias t), read only */
    unsigned flags;
};

struct cx_unique {
    const char *key; /* of the database */
    const char *path;
    const char *what; /* "user name" */
};

struct cx_record {
    char id[65];
    json_t *doc;
    json_t *priv;
    int64_t revision, created, modified;
};

enum cx_scope { CX_SCOPE_ACCOUNT, CX_SCOPE_SELF, CX_SCOPE_CLUSTER };

/* What hooks of a write are told. */
struct cx_write {
    const struct cx_resource *resource;
    enum cx_verb verb;
    struct cx_record *record;       /* as it will be: hooks may change doc and priv */
    const struct cx_record *before; /* NULL when it is created */
};

struct cx_resource {
    const char *name;  /* in paths */
    const char *table; /* and kind in change_log */
    enum cx_scope scope;
    const struct cx_field *fields;
    size_t field_count;
    const struct cx_unique *uniques;
    size_t unique_count;
    const char *owner; /* path of the owner's id: a plain user may change what is his, but for
                        * fields with CX_ADMIN */
    bool self_write;   /* plain users may change documents that are they themselves (users) */
    /* A row has been read: brings what `select` gave into shape. May be NULL, as all hooks. */
    void (*opened)(struct cx_record *record);
    /* After validation, in the transaction: more checks (cx_invalid), private columns. */
    int (*before)(struct cx_request *r, struct cx_write *w);
    /* The row is written; in the transaction: other tables. */
    int (*after)(struct cx_request *r, struct cx_write *w);
    /* In the transaction, before the row goes. */
    int (*removing)(struct cx_request *r, const struct cx_record *record);
    /* After commit (files). May be NULL. */
    void (*removed)(struct cx_request *r, const struct cx_record *record);
    /* A single document is told: adds to it, sets r->metadata. */
    int (*describe)(struct cx_request *r, struct cx_record *record);
    /* A list row is told: adds computed keys. */
    void (*summary)(struct cx_request *r, const struct cx_record *record, json_t *row);
    /* Before a list is made (with_status). May be NULL. */
    int (*listing)(struct cx_request *r);
};

/* 0 when the request has no If-Match or it names this revision, else a 412 reply. */
int cx_if_match(struct cx_request *r, int64_t revision);
/* Removes what this caller may not see. */
void cx_conceal(const struct cx_request *r, const struct cx_resource *res,
                struct cx_record *record);
/* Does the query ask for pages, and how large? */
bool cx_page_wanted(const struct cx_request *r, size_t *page_size);
/* A list of what also meets where, as GET of a collection gives it. */
int cx_engine_list_where(struct cx_request *r, const struct cx_resource *res, const char *where,
                         const struct cx_value *params, size_t n);
/* GET, POST, PATCH, DELETE of one document that the path's last segment does not name. */
int cx_engine_tell(struct cx_request *r, const struct cx_resource *res, const char *id);
int cx_engine_write(struct cx_request *r, const struct cx_resource *res, const char *id);
int cx_engine_remove(struct cx_request *r, const struct cx_resource *res, const char *id);

/* Handlers for routes with .resource set. The id is the last segment. */
cx_handler cx_engine_list, cx_engine_get, cx_engine_create, cx_engine_replace, cx_engine_merge,
    cx_engine_delete;

#define CX_COLLECTION(PATH, RES)                                                                   \
    {                                                                                              \
        .path = PATH, .handlers = {[CX_GET] = cx_engine_list, [CX_PUT] = cx_engine_create},        \
        .resource = RES                                                                            \
    }
#define CX_MEMBER(PATH, RES)                                                                       \
    {                                                                                              \
        .path = PATH,                                                                              \
        .handlers = {[CX_GET] = cx_engine_get,                                                     \
                     [CX_POST] = cx_engine_replace,                                                \
                     [CX_PATCH] = cx_engine_merge,                                                 \
                     [CX_DELETE] = cx_engine_delete},                                              \
        .resource = RES, .flags = CX_ROUTE_USER                                                    \
    }

/* ---- record.c: rows <-> documents */
void cx_record_free(struct cx_record *record);
/* Bound to r->account. lock: FOR UPDATE. 0, -ENOENT or a db error. */
int cx_record_load(struct cx_request *r, const struct cx_resource *res, const char *id, bool lock,
                   struct cx_record *record);
/* Every record, oldest first. where: more conditions (" AND ..."), with up to 3 params. limit 0:
 * all. each() may take the record (leave it zeroed); a negative value stops. */
typedef int cx_record_h(void *arg, struct cx_record *record);
int cx_record_each(struct cx_request *r, const struct cx_resource *res, const char *where,
                   const struct cx_value *params, size_t n, size_t limit, cx_record_h *each,
                   void *arg);
int cx_record_insert(struct cx_request *r, const struct cx_resource *res,
                     const struct cx_record *record);
int cx_record_update(struct cx_request *r, const struct cx_resource *res,
                     const struct cx_record *record);
int cx_record_delete(struct cx_request *r, const struct cx_resource *res, const char *id);

/* ---- validate.c */
/* Is there such a row in this account? 0, -ENOENT or a db error. table comes from a descriptor. */
int cx_reference_find(struct cx_request *r, const char *table, const char *id);
/* Casts, fills in defaults, checks; errors go to r->errors. 0 or a db error (references). */
int cx_validate(struct cx_request *r, const struct cx_resource *res, json_t *doc);
/* Removes what a client may not set: read-only and private keys, id. */
void cx_strip(const struct cx_resource *res, json_t *doc);

/* ---- json.c: paths in documents */
json_t *cx_path_get(const json_t *doc, const char *path); /* borrowed or NULL */
const char *cx_path_text(const json_t *doc, const char *path, const char *fallback);
bool cx_path_true(const json_t *doc, const char *path);
int cx_path_set(json_t *doc, const char *path, json_t *value); /* steals value; makes parents */
void cx_path_delete(json_t *doc, const char *path);
/* Keys that no client sets or sees. */
bool cx_is_private(const char *key);
/* PATCH: objects merge, null removes, the rest replaces. doc is changed. */
int cx_merge(json_t *doc, const json_t *patch);
/* The string form in which filters compare; in text when it has to be made. */
const char *cx_text_form(const json_t *value, char text[64]);

/* ---- filter.c */
/* Does the record pass all filters of the query? */
bool cx_filter(const struct cx_request *r, const struct cx_record *record);
bool cx_filter_any(const struct cx_request *r);

/* ---- idempotent.c */
/* Within the transaction of a PUT. 1: answered already (the reply is set); 0: go on. */
int cx_idempotent_begin(struct cx_request *r);
int cx_idempotent_end(struct cx_request *r);

#endif
