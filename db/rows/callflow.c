/*
 * callflow.c - callflow rows with their numbers and patterns. See select.h.
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "select.h"

static void fill(struct cx_account_rows *rows, void *element, const struct cx_value *c)
{
    struct cx_row_callflow *f = element;

    f->id = cx_col_text(rows, &c[0]);
    f->owner_id = cx_col_maybe(rows, &c[1]);
    f->name = cx_col_maybe(rows, &c[2]);
    f->flow = cx_col_text(rows, &c[3]);
}

/* A number or pattern and the callflow that has it. */
struct entry {
    const char *text;
    const char *callflow_id;
};

static void fill_entry(struct cx_account_rows *rows, void *element, const struct cx_value *c)
{
    struct entry *e = element;

    e->text = cx_col_text(rows, &c[0]);
    e->callflow_id = cx_col_text(rows, &c[1]);
}

static int by_id(const void *key, const void *element)
{
    return strcmp(key, ((const struct cx_row_callflow *)element)->id);
}

/* Entries come ordered by callflow: each run of them becomes that callflow's list. */
static int share_out(struct cx_account_rows *rows, const struct entry *entries, size_t count,
                     bool patterns)
{
    for (size_t i = 0, end; i < count; i = end) {
        struct cx_row_callflow *f = bsearch(entries[i].callflow_id, rows->callflows,
                                            rows->callflow_count, sizeof(*f), by_id);
        const char **list;

        for (end = i + 1;
             end < count && strcmp(entries[end].callflow_id, entries[i].callflow_id) == 0;)
            end++;
        if (!f) /* foreign keys forbid it; a hand-edited table may have it */
            continue;
        list = cx_rows_alloc(rows, (end - i) * sizeof(*list));
        if (!list)
            return -ENOMEM;
        for (size_t k = i; k < end; k++)
            list[k - i] = entries[k].text;
        if (patterns) {
            f->patterns = list;
            f->pattern_count = end - i;
        } else {
            f->numbers = list;
            f->number_count = end - i;
        }
    }
    return 0;
}

static int select_entries(struct cx_db *db, struct cx_account_rows *rows, const char *sql,
                          const char *account_id, bool patterns)
{
    void *entries;
    size_t count;
    int err =
        cx_select(db, rows, sql, account_id, sizeof(struct entry), fill_entry, &entries, &count);

    return err < 0 ? err : share_out(rows, entries, count, patterns);
}

int cx_select_callflows(struct cx_db *db, struct cx_account_rows *rows, const char *account_id)
{
    int err = cx_select(
        db, rows, "SELECT id, owner_id, name, flow FROM callflow WHERE account_id = ? ORDER BY id",
        account_id, sizeof(struct cx_row_callflow), fill, (void **)&rows->callflows,
        &rows->callflow_count);

    if (err == 0)
        err = select_entries(db, rows,
                             "SELECT number, callflow_id FROM callflow_number WHERE account_id = ? "
                             "ORDER BY callflow_id, position, number",
                             account_id, false);
    if (err == 0)
        err =
            select_entries(db, rows,
                           "SELECT pattern, callflow_id FROM callflow_pattern WHERE account_id = ? "
                           "ORDER BY callflow_id, position, pattern",
                           account_id, true);
    return err;
}
