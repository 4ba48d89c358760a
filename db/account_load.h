/*
 * account_load.h - all rows of one account in one consistent read.
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef CX_ACCOUNT_LOAD_H
#define CX_ACCOUNT_LOAD_H

#include "db.h"
#include "rows/rows.h"

/* *rows is filled; cx_rows_free() it, also after an error. 0; -ENOENT: there is no such account;
 * else a db error. */
int cx_account_load(struct cx_db *db, const char *account_id, struct cx_account_rows *rows);
/* The cluster's own carriers: rows with account.id "". */
int cx_cluster_load(struct cx_db *db, struct cx_account_rows *rows);
/* Every account id, in order. each() may use the connection. */
int cx_account_ids(struct cx_db *db, int (*each)(void *arg, const char *account_id), void *arg);

#endif
