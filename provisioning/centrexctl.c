/*
 * centrexctl.c - the operator's command: finds the configuration, hands over to a command of ctl/.
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <libconfig.h>

#include "ctl/ctl.h"

static const struct {
    const char *name;
    int (*run)(const struct cx_ctl *ctl, int argc, char **argv);
    const char *help;
} commands[] = {
    {"migrate", cx_ctl_migrate, "bring the database's schema up to date"},
    {"account", cx_ctl_account, "create an account with its admin, or list accounts"},
    {"explain", cx_ctl_explain, "every path that a call could take, and why"},
    {"status", cx_ctl_status, "all parts: up or down, and what waits"},
};

static void usage(FILE *to)
{
    fprintf(to, "usage: centrexctl [-f centrex.cfg] COMMAND [options]\n\n");
    for (size_t i = 0; i < sizeof(commands) / sizeof(*commands); i++)
        fprintf(to, "  %-10s %s\n", commands[i].name, commands[i].help);
    fprintf(to, "\ncentrexctl COMMAND --help tells more. The configuration is "
                "/etc/centrex/centrex.cfg, unless -f "
                "says otherwise.\n");
}

const char *cx_ctl_setting(const struct cx_ctl *ctl, const char *path, const char *fallback,
                           char *text, size_t size)
{
    const char *found = fallback;
    config_t config;

    config_init(&config);
    if (config_read_file(&config, ctl->config_file))
        config_lookup_string(&config, path, &found);
    snprintf(text, size, "%s", found);
    config_destroy(&config);
    return text;
}

int cx_ctl_setting_int(const struct cx_ctl *ctl, const char *path, int fallback)
{
    config_t config;

    config_init(&config);
    if (config_read_file(&config, ctl->config_file))
        config_lookup_int(&config, path, &fallback);
    config_destroy(&config);
    return fallback;
}

struct cx_db *cx_ctl_open(const struct cx_ctl *ctl, int wait_s)
{
    char error[256] = "";
    struct cx_db *db = NULL;

    while (cx_db_open(&ctl->db, &db, error, sizeof(error)) < 0 && wait_s-- > 0)
        sleep(1);
    if (!db)
        fprintf(stderr, "centrexctl: database: %s\n", error);
    return db;
}

int main(int argc, char **argv)
{
    struct cx_ctl ctl = {.config_file = "/etc/centrex/centrex.cfg"};
    char error[512];
    int at = 1;

    if (argc > 2 && strcmp(argv[1], "-f") == 0) {
        ctl.config_file = argv[2];
        at = 3;
    }
    if (at < argc && (strcmp(argv[at], "--help") == 0 || strcmp(argv[at], "-h") == 0)) {
        usage(stdout);
        return 0;
    }
    for (size_t i = 0; at < argc && i < sizeof(commands) / sizeof(*commands); i++) {
        if (strcmp(argv[at], commands[i].name) != 0)
            continue;
        if (cx_db_config_read(ctl.config_file, &ctl.db, error, sizeof(error)) < 0) {
            fprintf(stderr, "centrexctl: %s\n", error);
            return 2;
        }
        return commands[i].run(&ctl, argc - at, argv + at);
    }
    usage(stderr);
    return 2;
}
