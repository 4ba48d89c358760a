/*
 * config.c - the `database` group of a centrex.cfg. See db.h.
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include <libconfig.h>

#include "db.h"

#define CONNECT_TIMEOUT_S 3
#define QUERY_TIMEOUT_S   10
#define TIMEOUT_MAX_S     3600

/* Where a bad value is reported. */
struct complaint {
    const char *file;
    char *text;
    size_t size;
};

static int complain(const struct complaint *to, const config_setting_t *at, const char *what)
{
    snprintf(to->text, to->size, "%s:%d: database.%s: %s", to->file, config_setting_source_line(at),
             config_setting_name(at), what);
    return -EINVAL;
}

static int read_text(const config_setting_t *s, const struct complaint *to, char *text, size_t size)
{
    if (config_setting_type(s) != CONFIG_TYPE_STRING)
        return complain(to, s, "a text in quotes is wanted");
    if ((size_t)snprintf(text, size, "%s", config_setting_get_string(s)) >= size)
        return complain(to, s, "too long");
    return 0;
}

static int read_number(const config_setting_t *s, const struct complaint *to, int max,
                       unsigned *number)
{
    char range[48];
    int value = config_setting_get_int(s);

    if (config_setting_type(s) == CONFIG_TYPE_INT && value >= 1 && value <= max) {
        *number = (unsigned)value;
        return 0;
    }
    snprintf(range, sizeof(range), "a number from 1 to %d is wanted", max);
    return complain(to, s, range);
}

static int read_setting(const config_setting_t *s, const struct complaint *to,
                        struct cx_db_config *c)
{
    const char *name = config_setting_name(s);

    if (strcmp(name, "socket") == 0)
        return read_text(s, to, c->socket, sizeof(c->socket));
    if (strcmp(name, "host") == 0)
        return read_text(s, to, c->host, sizeof(c->host));
    if (strcmp(name, "name") == 0)
        return read_text(s, to, c->name, sizeof(c->name));
    if (strcmp(name, "user") == 0)
        return read_text(s, to, c->user, sizeof(c->user));
    if (strcmp(name, "password") == 0)
        return read_text(s, to, c->password, sizeof(c->password));
    if (strcmp(name, "port") == 0)
        return read_number(s, to, 65535, &c->port);
    if (strcmp(name, "connect_timeout") == 0)
        return read_number(s, to, TIMEOUT_MAX_S, &c->connect_timeout_s);
    if (strcmp(name, "query_timeout") == 0)
        return read_number(s, to, TIMEOUT_MAX_S, &c->query_timeout_s);
    return complain(to, s, "there is no such setting");
}

int cx_db_config_read(const char *file, struct cx_db_config *c, char *error, size_t error_size)
{
    const struct complaint to = {file, error, error_size};
    const config_setting_t *group;
    config_t config;
    int err = 0;

    memset(c, 0, sizeof(*c));
    c->port = 3306;
    c->connect_timeout_s = CONNECT_TIMEOUT_S;
    c->query_timeout_s = QUERY_TIMEOUT_S;
    config_init(&config);
    if (!config_read_file(&config, file)) {
        /* without a line: the file itself cannot be read */
        snprintf(error, error_size, "%s:%d: %s", file, config_error_line(&config),
                 config_error_text(&config));
        err = -EINVAL;
        goto out;
    }
    group = config_lookup(&config, "database");
    if (!group || !config_setting_is_group(group)) {
        snprintf(error, error_size, "%s: the group `database` is missing", file);
        err = -EINVAL;
        goto out;
    }
    for (int i = 0; err == 0 && i < config_setting_length(group); i++)
        err = read_setting(config_setting_get_elem(group, (unsigned)i), &to, c);
    if (err == 0 && (!c->name[0] || !c->user[0] || (!c->socket[0] && !c->host[0]))) {
        snprintf(error, error_size, "%s:%d: database wants a name, a user, and a socket or host",
                 file, config_setting_source_line(group));
        err = -EINVAL;
    }
out:
    config_destroy(&config);
    return err;
}
