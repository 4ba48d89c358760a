/*
 * list.c - lists of documents: rows, filters, pages. See engine.h.
 *
 * Filters look at whole documents, so they run here and not in the database. A list is in pages
 * only when the client asks for them. SPDX-License-Identifier: GPL-2.0-or-later
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "engine.h"

#define ROWS_MAX     100000
#define PAGE_DEFAULT 50
#define PAGE_MAX     1000

struct listing {
    struct cx_request *r;
    const struct cx_resource *res;
    json_t *rows;
    size_t page_size; /* 0: everything */
    char last[80];    /* key of the newest row that was taken */
    bool more;
};

static json_t *row_of(struct listing *l, const struct cx_record *record)
{
    json_t *row = json_object();

    json_object_set_new(row, "id", json_string(record->id));
    for (size_t i = 0; i < l->res->field_count; i++) {
        const struct cx_field *f = &l->res->fields[i];
        const char *key = strrchr(f->path, '.');
        json_t *value = f->flags & CX_LIST ? cx_path_get(record->doc, f->path) : NULL;
        if (value)
            json_object_set(row, key ? key + 1 : f->path, value);
    }
    json_object_set_new(row, "flags", json_array());
    if (l->res->summary)
        l->res->summary(l->r, record, row);
    return row;
}

static int take(void *arg, struct cx_record *record)
{
    struct listing *l = arg;

    cx_conceal(l->r, l->res, record);
    if (!cx_filter(l->r, record))
        return 0;
    if (l->page_size > 0 && json_array_size(l->rows) >= l->page_size) {
        l->more = true;
        return -E2BIG;
    }
    if (json_array_size(l->rows) >= ROWS_MAX)
        return cx_fail(l->r, 416, "range not satisfiable",
                       json_pack("{s:{s:s}}", "416", "message", "too many rows: ask for pages"));
    snprintf(l->last, sizeof(l->last), "%012lld-%s", (long long)record->created, record->id);
    return json_array_append_new(l->rows, row_of(l, record)) < 0 ? -ENOMEM : 0;
}

bool cx_page_wanted(const struct cx_request *r, size_t *page_size)
{
    const char *paginate = cx_query(r, "paginate"), *size = cx_query(r, "page_size");
    long n = size ? strtol(size, NULL, 10) : 0;

    *page_size = 0;
    if (paginate && strncmp(paginate + (paginate[0] == '\''), "false", 5) == 0)
        return false;
    if (!size && !cx_query(r, "start_key"))
        return false;
    *page_size = n < 1 ? PAGE_DEFAULT : n > PAGE_MAX ? PAGE_MAX : (size_t)n;
    return true;
}

int cx_engine_list_where(struct cx_request *r, const struct cx_resource *res, const char *where,
                         const struct cx_value *params, size_t n)
{
    struct listing l = {.r = r, .res = res, .rows = json_array()};
    const char *start = cx_ascii(cx_query(r, "start_key"));
    struct cx_value all[3];
    char text[256];
    size_t limit = 0;
    int err = 0;

    cx_page_wanted(r, &l.page_size);
    if (l.page_size > 0 && !cx_filter_any(r))
        limit = l.page_size + 1;
    for (size_t i = 0; i < n && i < 2; i++)
        all[i] = params[i];
    snprintf(text, sizeof(text), "%s", where);
    if (l.page_size > 0 && start && start[0]) {
        snprintf(text, sizeof(text), "%s AND CONCAT(LPAD(t.created, 12, '0'), '-', t.id) > ?",
                 where);
        all[n++] = cx_text(start);
    }
    if (res->listing)
        err = res->listing(r);
    if (err == 0)
        err = cx_record_each(r, res, text, all, n, limit, take, &l);
    if (err == -E2BIG && l.more)
        err = 0;
    if (err < 0) {
        json_decref(l.rows);
        return err;
    }
    cx_reply_extra(r, "page_size", json_integer((json_int_t)json_array_size(l.rows)));
    if (l.page_size > 0) {
        if (start)
            cx_reply_extra(r, "start_key", json_string(start));
        if (l.more)
            cx_reply_extra(r, "next_start_key", json_string(l.last));
    }
    return cx_ok(r, 200, l.rows);
}

int cx_engine_list(struct cx_request *r)
{
    return cx_engine_list_where(r, r->route->resource, "", NULL, 0);
}
