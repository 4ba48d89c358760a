/*
 * disk.h - account images as files, so that a node can start while the database is down.
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef CX_DISK_H
#define CX_DISK_H

#include "routing/image.h"

/* Makes the folder if it is missing. 0 or -errno. */
int cx_disk_init(const char *folder);
/* Written beside, synced, renamed: a reader sees the old file or the new one. 0 or -errno. */
int cx_disk_save(const char *folder, const struct cx_image *image);
void cx_disk_remove(const char *folder, struct cx_id account);
/* Calls use() with every good image; a bad file is named in the log and left alone. Number of
 * images, or -errno. */
int cx_disk_load_all(const char *folder, int (*use)(const struct cx_image *image));

#endif
