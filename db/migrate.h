/*
 * migrate.h - brings the database's schema up to what this program needs; never down.
 *
 * Files are NNNN_name.sql in one folder, applied in order, each once; table schema_migration
 * remembers which, and the checksum of the text that was applied. SPDX-License-Identifier:
 * GPL-2.0-or-later
 */
#ifndef CX_MIGRATE_H
#define CX_MIGRATE_H

#include "db.h"

/* Applies what is missing, under a lock that all nodes share. say: one line of progress, may be
 * NULL. Number of files applied, or -errno with error set: a file that was applied has changed
 * since, or the database is newer than this folder. */
int cx_migrate(struct cx_db *db, const char *folder, void (*say)(const char *line), char *error,
               size_t error_size);

/* Kamailio's own tables, by Kamailio's own scripts (folder: /usr/share/kamailio/mysql); once.
 * Number of scripts applied, or -errno with error set. */
int cx_migrate_kamailio(struct cx_db *db, const char *folder, char *error, size_t error_size);

/* Start-up check: is the newest file of the folder the newest applied one? 0, or -EINVAL with error
 * set. */
int cx_schema_check(struct cx_db *db, const char *folder, char *error, size_t error_size);

#endif
