/*
 * music.h - whose hold music is which file: the phone's, else its user's, else the account's, else
 * the cluster's.
 *
 * Written by the loader whenever it loads an account; before that (a start without the database)
 * there is the cluster's music for all. Files are those that the API has made: 8 kHz wav, all that
 * rtpengine may be handed. SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef CX_MUSIC_H
#define CX_MUSIC_H

#include "db/rows/rows.h"
#include "routing/call.h"

extern char *cx_music_default; /* modparam: a file, or empty: silence */

int cx_music_init(void); /* mod_init: 0 or -1 */
/* Loader. */
void cx_music_account(const struct cx_account_rows *rows, const char *storage);

/* The file that the holder's music is in, in a buffer of this process; empty: none. */
struct cx_str cx_music_file(struct cx_id device, struct cx_id owner, struct cx_id account);

#endif
