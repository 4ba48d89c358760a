/*
 * ctl.h - the commands of centrexctl. Each gets its own words (argv[0] is its name) and returns the
 * exit code. SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef CX_CTL_H
#define CX_CTL_H

#include "db/db.h"

struct cx_ctl {
    const char *config_file;
    struct cx_db_config db;
};

/* Opens the database; on failure says so and returns NULL. wait_s: keep trying that long. */
struct cx_db *cx_ctl_open(const struct cx_ctl *ctl, int wait_s);
/* A string of the configuration file, or fallback. Copied into text. */
const char *cx_ctl_setting(const struct cx_ctl *ctl, const char *path, const char *fallback,
                           char *text, size_t size);
int cx_ctl_setting_int(const struct cx_ctl *ctl, const char *path, int fallback);

int cx_ctl_migrate(const struct cx_ctl *ctl, int argc, char **argv);
int cx_ctl_account(const struct cx_ctl *ctl, int argc, char **argv);
int cx_ctl_explain(const struct cx_ctl *ctl, int argc, char **argv);
int cx_ctl_status(const struct cx_ctl *ctl, int argc, char **argv);

#endif
