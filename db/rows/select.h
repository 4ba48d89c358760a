/*
 * select.h - rows of one table into an array that belongs to a cx_account_rows.
 *
 * Used by the select files of db/rows only. SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef CX_DB_ROWS_SELECT_H
#define CX_DB_ROWS_SELECT_H

#include "../db.h"
#include "rows.h"

/* Fills one zeroed element from a row's columns. */
typedef void cx_fill_h(struct cx_account_rows *rows, void *element, const struct cx_value *columns);

/* Runs sql with account_id as its only parameter (none when account_id is NULL). */
int cx_select(struct cx_db *db, struct cx_account_rows *rows, const char *sql,
              const char *account_id, size_t element_size, cx_fill_h *fill, void **array,
              size_t *count);

/* Column values as rows.h wants them; strings are copied. */
const char *cx_col_text(struct cx_account_rows *rows,
                        const struct cx_value *v); /* NULL becomes "" */
const char *cx_col_maybe(struct cx_account_rows *rows, const struct cx_value *v); /* NULL stays */
bool cx_col_bool(const struct cx_value *v);
int64_t cx_col_int(const struct cx_value *v, int64_t when_null);

/* One per table. account_id NULL where it says so: the cluster's. */
int cx_select_account(struct cx_db *db, struct cx_account_rows *rows,
                      const char *account_id); /* -ENOENT */
int cx_select_users(struct cx_db *db, struct cx_account_rows *rows, const char *account_id);
int cx_select_devices(struct cx_db *db, struct cx_account_rows *rows, const char *account_id);
int cx_select_vmboxes(struct cx_db *db, struct cx_account_rows *rows, const char *account_id);
int cx_select_media(struct cx_db *db, struct cx_account_rows *rows, const char *account_id);
int cx_select_callflows(struct cx_db *db, struct cx_account_rows *rows, const char *account_id);
int cx_select_documents(struct cx_db *db, struct cx_account_rows *rows, const char *account_id);
int cx_select_numbers(struct cx_db *db, struct cx_account_rows *rows, const char *account_id);
int cx_select_resources(struct cx_db *db, struct cx_account_rows *rows,
                        const char *account_id); /* or NULL */

#endif
