/*
 * account_load.c - see account_load.h.
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include <errno.h>
#include <string.h>

#include "account_load.h"
#include "rows/select.h"

typedef int select_fn(struct cx_db *db, struct cx_account_rows *rows, const char *account_id);

static select_fn *const tables[] = {
    cx_select_account, cx_select_users,     cx_select_devices,
    cx_select_vmboxes, cx_select_media,     cx_select_callflows,
    cx_select_numbers, cx_select_resources, cx_select_documents,
};

int cx_account_load(struct cx_db *db, const char *account_id, struct cx_account_rows *rows)
{
    int err;

    memset(rows, 0, sizeof(*rows));
    err = cx_db_begin_snapshot(db);
    if (err < 0)
        return err;
    for (size_t i = 0; err == 0 && i < sizeof(tables) / sizeof(*tables); i++)
        err = tables[i](db, rows, account_id);
    cx_db_rollback(db); /* nothing was written */
    return err;
}

int cx_cluster_load(struct cx_db *db, struct cx_account_rows *rows)
{
    int err;

    memset(rows, 0, sizeof(*rows));
    rows->account = (struct cx_row_account){.id = "",
                                            .name = "",
                                            .realm = "",
                                            .enabled = true,
                                            .timezone = "UTC",
                                            .language = "en-us",
                                            .country = "IE",
                                            .max_calls = -1,
                                            .doc = "{}"};
    err = cx_db_begin_snapshot(db);
    if (err < 0)
        return err;
    err = cx_select_resources(db, rows, NULL);
    cx_db_rollback(db);
    return err;
}

struct walk {
    int (*each)(void *arg, const char *account_id);
    void *arg;
};

static int tell(void *arg, const struct cx_value *columns, size_t n)
{
    const struct walk *w = arg;

    (void)n;
    return w->each(w->arg, columns[0].s);
}

int cx_account_ids(struct cx_db *db, int (*each)(void *arg, const char *account_id), void *arg)
{
    struct walk w = {each, arg};

    return cx_db_query(db, "SELECT id FROM account ORDER BY id", NULL, 0, tell, &w);
}
