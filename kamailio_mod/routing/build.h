/*
 * build.h - an image while it grows: tables in malloc memory, a pool that keeps each string once.
 * Private to this folder; used when compiling, never on the call path. SPDX-License-Identifier:
 * GPL-2.0-or-later
 */
#ifndef CX_ROUTING_BUILD_H
#define CX_ROUTING_BUILD_H

#include <jansson.h>

#include "compile.h"
#include "layout.h"

/* Keys of an account's, user's or device's document. doc: to be given back. */
struct cx_options {
    json_t *doc;     /* or NULL: it says none of these */
    int waiting;     /* call waiting: 1 on, -1 off, 0 not said */
    bool dnd;        /* accounts only; users and devices have a column */
    uint8_t privacy; /* CX_HIDE_... */
};

struct cx_build {
    const struct cx_account_rows *rows;
    struct cx_compile_error *error;
    uint32_t zone;             /* the account's, in CX_T_ZONE */
    struct cx_options account; /* without its doc */
    bool no_memory; /* once true, everything goes on to nothing; looked at once, at the end */
    struct {
        char *data;
        size_t bytes, room;
    } tables[CX_TABLES], pool;
    uint32_t *buckets; /* of the pool: offsets by hash; CX_NONE is free */
    size_t bucket_count, string_count;
};

int cx_build_init(struct cx_build *b, const struct cx_account_rows *rows,
                  struct cx_compile_error *error);
void cx_build_free(struct cx_build *b);

/* Adds a zeroed row. The pointer is good until the next one is added to this table; NULL: no
 * memory. */
void *cx_build_add(struct cx_build *b, enum cx_table table);
uint32_t cx_build_count(const struct cx_build *b, enum cx_table table);
void *cx_build_row(const struct cx_build *b, enum cx_table table, uint32_t index);

/* NULL is the empty string; longer than 65,535 bytes is cut. */
cx_ref cx_build_text(struct cx_build *b, const char *text);

/* Compiles a pattern into CX_T_CODE. 0, or -EINVAL with b->error set. */
int cx_build_pattern(struct cx_build *b, const char *pattern, const char *document,
                     const char *path, uint32_t *first, uint32_t *count);

/* Tables and pool put together after the header. NULL: no memory. */
struct cx_image *cx_build_image(struct cx_build *b, const struct cx_image *header);

/* Says what is wrong and where; returns -EINVAL. */
int cx_compile_fail(struct cx_compile_error *error, const char *document, const char *path,
                    const char *format, ...) __attribute__((format(printf, 4, 5)));

/* compile_people.c */
void cx_build_user_forwards(struct cx_build *b, const struct cx_row_user *r,
                            struct cx_forwards *forwards);
void cx_build_device_forwards(struct cx_build *b, const struct cx_row_device *r,
                              struct cx_forwards *forwards);
void cx_build_options(const char *text, struct cx_options *options);
void cx_build_limits(struct cx_build *b, struct cx_limits *limits);
/* Who is logged in on the phone stands in for its owner and for its own restrictions. Their number.
 * Users come before. */
uint32_t cx_build_hotdesk(struct cx_build *b, const struct cx_row_device *r, struct cx_device *d);
/* Devices grouped by the users whose calls they get; a phone with several hot-desk users rings for
 * each. After users and devices. 0 or -ENOMEM. */
int cx_build_owned(struct cx_build *b);

/* compile_group.c: all groups of the account, before the callflows. */
void cx_build_groups(struct cx_build *b);
uint32_t cx_build_group(const struct cx_build *b, const char *id);

/* compile_flow.c: the tree of one callflow row into nodes. */
int cx_build_flow(struct cx_build *b, const struct cx_row_callflow *row, struct cx_callflow *flow);

/* compile_hours.c: the zone's row (made when it is new), CX_NONE for UTC. 0, or -ENOENT for a name
 * that the system does not know. */
int cx_build_zone(struct cx_build *b, const char *name, uint32_t *row);
int cx_build_hours(struct cx_build *b);

/* compile_documents.c, compile_lists.c: before the callflows, which name their rows. A document
 * that says something unusable compiles all the same, to something harmless: it must not keep the
 * rest of its account from being changed. */
int cx_build_documents(struct cx_build *b);
int cx_build_lists(struct cx_build *b);
/* After the callflows. */
int cx_build_listed(struct cx_build *b);

/* ---- documents read leniently */

/* The document's JSON object, or an empty one. The caller gives it back. */
json_t *cx_doc_load(const char *text);
/* A whole number at key, also as text; fallback when it is absent or out of bounds. */
long cx_doc_number(const json_t *doc, const char *key, long least, long most, long fallback);
bool cx_doc_true(const json_t *doc, const char *key, bool fallback);
/* The strings (or numbers) of an array with `by` between them, as pool text. */
cx_ref cx_doc_joined(struct cx_build *b, const json_t *array, const char *by);
/* A pattern's program; {0} for NULL, "" and what cannot be compiled (*ok false then). */
struct cx_code cx_doc_pattern(struct cx_build *b, const char *pattern, bool *ok);

/* Rows by the text of their id: index or CX_NONE. */
uint32_t cx_build_user(const struct cx_build *b, const char *id);
uint32_t cx_build_device(const struct cx_build *b, const char *id);
uint32_t cx_build_box(const struct cx_build *b, const char *id);
uint32_t cx_build_callflow(const struct cx_build *b, const char *id);
uint32_t cx_build_document(const struct cx_build *b, enum cx_document_kind kind, const char *id);
const struct cx_row_media *cx_build_media(const struct cx_build *b, const char *id);

#endif
