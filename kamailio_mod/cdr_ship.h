/*
 * cdr_ship.h - call records from the ring to journal/cdr.log, and from there to the database.
 *
 * The log is the truth: what is in it is neither lost nor stored twice, whatever is killed when.
 * Its lines are the ring's events, and "shipped" lines of ours that name what the database has.
 * Used by the loader process only.
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef CX_CDR_SHIP_H
#define CX_CDR_SHIP_H

#include <stddef.h>

struct cx_db;
struct cx_cdr_ship;

/* Reads the log that an earlier process left. 0 or -errno. */
int cx_cdr_ship_open(const char *folder, struct cx_cdr_ship **ship);
/* Ring -> log. 0 or -errno. */
int cx_cdr_ship_collect(struct cx_cdr_ship *ship);
/* Finished calls -> database, some at a time. 0, or -errno of the database (nothing is lost then).
 */
int cx_cdr_ship_store(struct cx_cdr_ship *ship, struct cx_db *db);
size_t cx_cdr_ship_backlog(const struct cx_cdr_ship *ship);

#endif
