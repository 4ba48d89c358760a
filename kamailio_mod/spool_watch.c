/*
 * spool_watch.c - see spool_watch.h. SPDX-License-Identifier: GPL-2.0-or-later
 */
#include <dirent.h>
#include <libconfig.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>

#include "core/dprint.h"

#include "cdr.h"
#include "metrics.h"
#include "spool_watch.h"

enum { EVERY_MS = 5000, DEPTH_MAX = 2 };

static bool ends_in(const char *name, const char *suffix)
{
    size_t n = strlen(name), s = strlen(suffix);

    return n > s && strcmp(name + n - s, suffix) == 0;
}

/* Sidecars in a folder and those below it; what lies in a folder "failed" is counted apart. */
static void count(const char *folder, bool failed, int depth, unsigned counts[2])
{
    DIR *dir = opendir(folder);
    char below[PATH_MAX];
    struct dirent *e;

    while (dir && (e = readdir(dir)) != NULL) {
        if (ends_in(e->d_name, ".json"))
            counts[failed]++;
        else if (e->d_type == DT_DIR && e->d_name[0] != '.' && depth < DEPTH_MAX &&
                 snprintf(below, sizeof(below), "%s/%s", folder, e->d_name) < (int)sizeof(below))
            count(below, failed || strcmp(e->d_name, "failed") == 0, depth + 1, counts);
    }
    if (dir)
        closedir(dir);
}

static void set(enum cx_metric metric, unsigned value)
{
    cx_metric_add(metric, (int)((long)value - (long)cx_metric_get(metric)));
}

void cx_spool_watch(const char *config_file)
{
    static char spool[PATH_MAX];
    static int64_t next_ms;
    static bool read;
    unsigned counts[2] = {0};
    const char *text;
    config_t config;

    if (cx_now_ms() < next_ms)
        return;
    next_ms = cx_now_ms() + EVERY_MS;
    if (!read) {
        config_init(&config);
        if (config_read_file(&config, config_file) &&
            config_lookup_string(&config, "media.spool", &text))
            snprintf(spool, sizeof(spool), "%s", text);
        config_destroy(&config);
        read = true;
    }
    if (!spool[0])
        return;
    count(spool, false, 0, counts);
    if (counts[1] > cx_metric_get(CX_M_spool_failed))
        LM_ERR("%u entries of the spool were given up: see the folders failed in %s\n", counts[1],
               spool);
    set(CX_M_spool_backlog, counts[0]);
    set(CX_M_spool_failed, counts[1]);
}
