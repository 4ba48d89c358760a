/*
 * snapshot.h - the images in force, in shared memory: look up, hold, swap.
 *
 * Readers (SIP processes) announce themselves with cx_snapshot_enter() and may use what they looked
 * up until cx_snapshot_leave(): two stores, no lock, no wait. One writer at a time (main before the
 * fork, then the loader) swaps pointers; what it replaced is freed once every process has left
 * since. A call that lasts longer than one script function keeps a cursor, never a pointer.
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef CX_SNAPSHOT_H
#define CX_SNAPSHOT_H

#include "routing/image.h"

/* One account that this node knows. Lives as long as the node; its image may come and go. */
struct cx_account;

int cx_snapshot_init(void); /* before the fork: 0 or -ENOMEM */

void cx_snapshot_enter(void);
void cx_snapshot_leave(void);

/* Readers. Each is NULL when there is none. */
const struct cx_image *cx_snapshot_by_id(struct cx_id id);
const struct cx_image *cx_snapshot_by_realm(struct cx_str realm);
const struct cx_image *cx_snapshot_by_number(struct cx_str number);
const struct cx_image *cx_snapshot_cluster(void); /* the carriers of all */
/* Who may send calls from this address without a password: the image (the cluster's or an
 * account's) whose carrier has it. */
const struct cx_image *cx_snapshot_by_trunk(struct cx_str address);

/* Walks all accounts: start with NULL; ends with NULL. */
const struct cx_account *cx_snapshot_next(const struct cx_account *account);
struct cx_id cx_account_id(const struct cx_account *account);
const struct cx_image *cx_account_image(const struct cx_account *account); /* may be NULL */
const char *cx_account_error(
    const struct cx_account *account); /* why the newest rows are not in force; NULL: they are */
int64_t cx_account_since(const struct cx_account *account); /* unix seconds of the last swap */

/* Writer. Copies the image. 0 or -ENOMEM (then the old one stays). */
int cx_snapshot_publish(const struct cx_image *image);
void cx_snapshot_remove(struct cx_id id);
/* Keeps the image in force and says why its newer rows were refused; NULL clears. */
void cx_snapshot_refuse(struct cx_id id, const char *why);
/* Writer: frees what no reader can hold any more. Cheap; call it now and then. */
void cx_snapshot_reclaim(void);
size_t cx_snapshot_bytes(void); /* of all images in force */

#endif
