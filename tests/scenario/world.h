/*
 * world.h - the accounts of a scenario: from its lines to rows, and from rows to images.
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef CX_SCENARIO_WORLD_H
#define CX_SCENARIO_WORLD_H

#include "kamailio_mod/routing/compile.h"
#include "kamailio_mod/routing/route.h"
#include "kamailio_mod/routing/zone.h"

#define WORDS_MAX    64
#define ACCOUNTS_MAX 8
#define DEVICES_MAX  64

struct line {
    const char *file;
    int number;
    char text[2048];
    char *words[WORDS_MAX];
    int count;
};

struct named_device {
    char user[32]; /* whose; empty: nobody's */
    char name[32];
    char username[80];
    struct cx_id id;
    bool registered, busy;
    char called_by[32], called[32]; /* last */
};

struct account {
    char name[32];
    char id[33];
    struct cx_account_rows rows;
    struct cx_image *image;
    struct named_device devices[DEVICES_MAX];
    int device_count;
};

struct world {
    struct account
        accounts[ACCOUNTS_MAX]; /* the last one is the shadow: same names, must never be seen */
    int account_count;
    struct account cluster;
};

/* Stops the scenario with "file:line: what". */
void fail(const struct line *at, const char *format, ...)
    __attribute__((format(printf, 2, 3), noreturn));

/* "account", "user", "flow", "carrier", ... True: it was one of those. */
bool world_line(struct world *w, const struct line *line);
/* documents.c: "menu", "rule", "conference", ...; "media". */
bool document_line(struct world *w, const struct line *line);
bool media_line(struct world *w, const struct line *line);
void documents_sort(struct account *a);
/* Words like @user:bob in JSON become ids. */
const char *with_ids(struct account *a, const char *json);
/* The account as it stands must not compile, because of what is at path. */
void world_refused(struct world *w, const struct line *at, const char *path, const char *message);

/* Adds the shadow tenant, compiles everything. */
void world_compile(struct world *w, const struct line *at);
void world_free(struct world *w);

struct account *world_account(struct world *w, const char *name);
struct account *world_by_id(struct world *w, struct cx_id id);
const struct named_device *find_device(const struct account *a,
                                       const char *text); /* "alice-desk", "desk" */
const struct named_device *device_by_id(const struct account *a, struct cx_id id);

/* A stable id for a thing with this name in this account. */
void make_id(const char *account, const char *kind, const char *name, char id[33]);

#endif
