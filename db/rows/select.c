/*
 * select.c - see select.h.
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "select.h"

struct collect {
    struct cx_account_rows *rows;
    cx_fill_h *fill;
    size_t element_size;
    char *elements; /* malloc, while it grows */
    size_t count, room;
};

static int add_row(void *arg, const struct cx_value *columns, size_t n)
{
    struct collect *c = arg;

    (void)n;
    if (c->count == c->room) {
        size_t room = c->room ? c->room * 2 : 32;
        char *grown = realloc(c->elements, room * c->element_size);
        if (!grown)
            return -ENOMEM;
        c->elements = grown;
        c->room = room;
    }
    memset(c->elements + c->count * c->element_size, 0, c->element_size);
    c->fill(c->rows, c->elements + c->count++ * c->element_size, columns);
    return c->rows->out_of_memory ? -ENOMEM : 0;
}

int cx_select(struct cx_db *db, struct cx_account_rows *rows, const char *sql,
              const char *account_id, size_t element_size, cx_fill_h *fill, void **array,
              size_t *count)
{
    struct collect c = {.rows = rows, .fill = fill, .element_size = element_size};
    struct cx_value id = cx_text(account_id);
    int err = cx_db_query(db, sql, &id, account_id ? 1 : 0, add_row, &c);

    *array = NULL;
    *count = 0;
    if (err == 0 && c.count > 0) {
        *array = cx_rows_alloc(rows, c.count * element_size);
        if (*array) {
            memcpy(*array, c.elements, c.count * element_size);
            *count = c.count;
        } else
            err = -ENOMEM;
    }
    free(c.elements);
    return err;
}

const char *cx_col_maybe(struct cx_account_rows *rows, const struct cx_value *v)
{
    return v->type == CX_TEXT ? cx_rows_strdup(rows, v->s) : NULL;
}

const char *cx_col_text(struct cx_account_rows *rows, const struct cx_value *v)
{
    return v->type == CX_TEXT && v->len > 0 ? cx_rows_strdup(rows, v->s) : "";
}

bool cx_col_bool(const struct cx_value *v)
{
    return v->type == CX_INT && v->i != 0;
}

int64_t cx_col_int(const struct cx_value *v, int64_t when_null)
{
    return v->type == CX_INT ? v->i : v->type == CX_TEXT ? strtoll(v->s, NULL, 10) : when_null;
}
