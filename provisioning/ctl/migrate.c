/*
 * migrate.c - centrexctl migrate.
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ctl.h"
#include "db/migrate.h"

static void say(const char *line)
{
    puts(line);
}

int cx_ctl_migrate(const struct cx_ctl *ctl, int argc, char **argv)
{
    char folder[PATH_MAX], error[512] = "";
    int wait_s = 0, applied, kamailio, result = 1;
    struct cx_db *db;

    cx_ctl_setting(ctl, "schema", "/usr/local/share/centrex/schema", folder, sizeof(folder));
    for (int i = 1; i < argc; i++) {
        if (strcmp(argv[i], "--wait") == 0 && i + 1 < argc)
            wait_s = atoi(argv[++i]);
        else if (strcmp(argv[i], "--schema") == 0 && i + 1 < argc)
            snprintf(folder, sizeof(folder), "%s", argv[++i]);
        else {
            puts("usage: centrexctl migrate [--wait SECONDS] [--schema FOLDER]\n"
                 "Applies the files of FOLDER (NNNN_name.sql) that the database does not have yet, "
                 "in order, and\n"
                 "Kamailio's own tables. Safe to run at every start and on several nodes at once.");
            return strcmp(argv[i], "--help") == 0 ? 0 : 2;
        }
    }
    db = cx_ctl_open(ctl, wait_s);
    if (!db)
        return 1;
    applied = cx_migrate(db, folder, say, error, sizeof(error));
    kamailio = applied < 0
                   ? -1
                   : cx_migrate_kamailio(db, "/usr/share/kamailio/mysql", error, sizeof(error));
    if (kamailio < 0)
        fprintf(stderr, "centrexctl: %s\n", error);
    else {
        printf("schema is up to date (%d applied, %d of Kamailio's)\n", applied, kamailio);
        result = 0;
    }
    cx_db_close(db);
    return result;
}
