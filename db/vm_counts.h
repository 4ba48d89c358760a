/*
 * vm_counts.h - how many messages a voicemail box has.
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef CX_VM_COUNTS_H
#define CX_VM_COUNTS_H

#include "db.h"

/* A box that does not exist has none. 0 or a db error. */
int cx_vmbox_counts(struct cx_db *db, const char *vmbox_id, uint32_t *messages_new,
                    uint32_t *messages_saved);

#endif
