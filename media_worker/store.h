/*
 * store.h - where finished work ends up: a file in the storage; and the row of a voicemail message.
 *
 * Everything here can be done twice with the same id and has the effect of once.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef CX_STORE_H
#define CX_STORE_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "db/db.h"

/* Puts a file below the storage folder at key ("<account>/vm/<id>.mp3"): fill writes it to a file
 * of another name; fsync, rename, folder synced; missing folders are made. 0, fill's error, or
 * -errno. */
int cx_store_put(const char *storage, const char *key, int (*fill)(FILE *out, void *arg),
                 void *arg);
void cx_store_remove(const char *storage, const char *key);

/* "<account>/vm/<message>.mp3", below the storage folder. */
void cx_store_key(char key[128], const char *account_id, const char *message_id);
/* The row and its change_log line, in one transaction; sidecar as in sidecar.h with length_ms and
 * size_bytes. 1: new; 0: it was there already; -ECHILD: the account has no such box; or an error of
 * db.h. */
int cx_store_insert(struct cx_db *db, const json_t *sidecar);

/* Who is to be told of a message, and how. Owned by the caller. */
struct cx_store_notify {
    char box_name[513];
    char mailbox[31];
    char **addresses; /* each once */
    size_t count;
    bool include_message, delete_after, save_after;
};
/* 0, -ECHILD: the box is gone, -ENOMEM, or an error of db.h. */
int cx_store_notify(struct cx_db *db, const char *vmbox_id, struct cx_store_notify *notify);
void cx_store_notify_clear(struct cx_store_notify *notify);

/* After a successful notification: a message that is still new goes to folder ("saved" or
 * "deleted"), with a change_log line. 0 (also when it is not new any more) or an error of db.h. */
int cx_store_move(struct cx_db *db, const json_t *sidecar, const char *folder);

#endif
