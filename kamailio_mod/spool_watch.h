/*
 * spool_watch.h - what waits in the media workers' spool of this node, as metrics; for the loader.
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef CX_SPOOL_WATCH_H
#define CX_SPOOL_WATCH_H

/* Counts every few seconds, into the metrics spool_backlog and spool_failed; something that was
 * given up is an error in the log. config_file: centrex.cfg, for media.spool. */
void cx_spool_watch(const char *config_file);

#endif
