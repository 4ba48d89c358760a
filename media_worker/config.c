/*
 * config.c - see config.h. SPDX-License-Identifier: GPL-2.0-or-later
 */
#include <arpa/inet.h>
#include <errno.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include <libconfig.h>

#include "config.h"

enum kind { TEXT, NUMBER };

struct key {
    const char *name;
    enum kind kind;
    bool wanted;
    size_t offset; /* in struct raw */
    int min, max;  /* NUMBER: the value; TEXT: max is the room for it */
};

/* As the file says it, before this worker's share is taken. */
struct raw {
    char ip[64], spool[PATH_MAX], prompts[PATH_MAX], stats[PATH_MAX], control[PATH_MAX], smtp[256],
        mail_from[255];
    int sip_port, workers, rtp_min, rtp_per_worker, silence_end_ms, max_calls;
};

#define T(name, wanted)                                                                            \
    {                                                                                              \
#name, TEXT, wanted, offsetof(struct raw, name), 0, sizeof(((struct raw *)0)->name)        \
    }
#define N(name, wanted, min, max)                                                                  \
    {                                                                                              \
#name, NUMBER, wanted, offsetof(struct raw, name), min, max                                \
    }
static const struct key keys[] = {
    T(ip, true),
    T(spool, true),
    T(prompts, true),
    T(stats, false),
    T(control, false),
    T(smtp, true),
    T(mail_from, true),
    N(sip_port, true, 1, 65000),
    N(workers, false, 1, 99),
    N(rtp_min, true, 1024, 65534),
    N(rtp_per_worker, true, 2, 64000),
    N(silence_end_ms, false, 1000, 60000),
    N(max_calls, false, 1, 32000),
};

struct reader {
    const char *file;
    char *error;
    size_t size;
};

static int refuse(const struct reader *r, int line, const char *name, const char *what)
{
    snprintf(r->error, r->size, "%s:%d: %s: %s", r->file, line, name, what);
    return -EINVAL;
}

static int read_key(const struct reader *r, const config_setting_t *s, const struct key *key,
                    struct raw *raw)
{
    char name[64], range[64];
    char *to = (char *)raw + key->offset;
    int line = config_setting_source_line(s), value;

    snprintf(name, sizeof(name), "media.%s", key->name);
    if (key->kind == TEXT) {
        if (config_setting_type(s) != CONFIG_TYPE_STRING || !*config_setting_get_string(s))
            return refuse(r, line, name, "a text in quotes is wanted");
        if (snprintf(to, (size_t)key->max, "%s", config_setting_get_string(s)) >= key->max)
            return refuse(r, line, name, "too long");
        return 0;
    }
    value = config_setting_get_int(s);
    if (config_setting_type(s) != CONFIG_TYPE_INT || value < key->min || value > key->max) {
        snprintf(range, sizeof(range), "a number from %d to %d is wanted", key->min, key->max);
        return refuse(r, line, name, range);
    }
    memcpy(to, &value, sizeof(value));
    return 0;
}

static int read_media(const struct reader *r, const config_setting_t *group, struct raw *raw)
{
    const size_t count = sizeof(keys) / sizeof(*keys);
    bool seen[sizeof(keys) / sizeof(*keys)] = {false};
    int err;

    for (unsigned i = 0; i < (unsigned)config_setting_length(group); i++) {
        const config_setting_t *s = config_setting_get_elem(group, i);
        size_t k = 0;

        while (k < count && strcmp(keys[k].name, config_setting_name(s)) != 0)
            k++;
        if (k == count)
            return refuse(r, config_setting_source_line(s), config_setting_name(s),
                          "there is no such setting in `media`");
        err = read_key(r, s, &keys[k], raw);
        if (err < 0)
            return err;
        seen[k] = true;
    }
    for (size_t k = 0; k < count; k++)
        if (keys[k].wanted && !seen[k])
            return refuse(r, config_setting_source_line(group), keys[k].name,
                          "is missing in `media`");
    return 0;
}

static int line_of(const config_setting_t *group, const char *name)
{
    const config_setting_t *s = config_setting_get_member(group, name);

    return config_setting_source_line(s ? s : group);
}

/* What one key alone cannot tell. */
static int check_media(const struct reader *r, const config_setting_t *group, const struct raw *raw,
                       unsigned index)
{
    struct in_addr address;

    if (inet_pton(AF_INET, raw->ip, &address) != 1)
        return refuse(r, line_of(group, "ip"), "media.ip", "an IPv4 address is wanted");
    if (strncmp(raw->smtp, "smtp://", 7) != 0 && strncmp(raw->smtp, "smtps://", 8) != 0)
        return refuse(r, line_of(group, "smtp"), "media.smtp", "smtp://host:port is wanted");
    if (!strchr(raw->mail_from, '@') || strpbrk(raw->mail_from, " \r\n<>"))
        return refuse(r, line_of(group, "mail_from"), "media.mail_from", "no e-mail address");
    if (raw->rtp_min % 2)
        return refuse(r, line_of(group, "rtp_min"), "media.rtp_min", "must be even");
    if (raw->rtp_min + (int)(index + 1) * raw->rtp_per_worker > 65536)
        return refuse(r, line_of(group, "rtp_per_worker"), "media.rtp_per_worker",
                      "this worker's ports would lie above 65535");
    if (raw->sip_port + (int)index > 65535)
        return refuse(r, line_of(group, "sip_port"), "media.sip_port",
                      "this worker's port would lie above 65535");
    if (raw->workers && index >= (unsigned)raw->workers)
        return refuse(r, line_of(group, "workers"), "media.workers",
                      "this worker's index (-n) is not below it");
    return 0;
}

static int read_proxy(const struct reader *r, config_t *cfg, struct sockaddr_in *proxy)
{
    const config_setting_t *s = config_lookup(cfg, "sip_proxy");
    const char *text =
        s && config_setting_type(s) == CONFIG_TYPE_STRING ? config_setting_get_string(s) : NULL;
    char host[64];
    const char *colon = text ? strchr(text, ':') : NULL;
    char *end;
    long port = colon ? strtol(colon + 1, &end, 10) : 0;

    memset(proxy, 0, sizeof(*proxy));
    proxy->sin_family = AF_INET;
    if (colon)
        snprintf(host, sizeof(host), "%.*s", (int)(colon - text), text);
    if (!colon || *end || port < 1 || port > 65535 ||
        inet_pton(AF_INET, host, &proxy->sin_addr) != 1)
        return refuse(r, s ? config_setting_source_line(s) : 1, "sip_proxy",
                      "\"IPv4 address:port\" is wanted");
    proxy->sin_port = htons((uint16_t)port);
    return 0;
}

static void share(const struct raw *raw, unsigned index, struct cx_media_config *c)
{
    c->index = index;
    snprintf(c->ip, sizeof(c->ip), "%s", raw->ip);
    c->sip_port = (unsigned)raw->sip_port + index;
    c->rtp_min = (unsigned)raw->rtp_min + index * (unsigned)raw->rtp_per_worker;
    c->rtp_min += c->rtp_min % 2;
    c->rtp_max = (unsigned)raw->rtp_min + (index + 1) * (unsigned)raw->rtp_per_worker - 1;
    memcpy(c->spool, raw->spool, sizeof(c->spool));
    memcpy(c->prompts, raw->prompts, sizeof(c->prompts));
    memcpy(c->stats, raw->stats, sizeof(c->stats));
    memcpy(c->control, raw->control, sizeof(c->control));
    memcpy(c->smtp, raw->smtp, sizeof(c->smtp));
    memcpy(c->mail_from, raw->mail_from, sizeof(c->mail_from));
    c->silence_end_ms = (unsigned)raw->silence_end_ms;
    c->max_calls = (unsigned)raw->max_calls;
}

int cx_media_config_read(const char *file, unsigned index, struct cx_media_config *c, char *error,
                         size_t error_size)
{
    const struct reader r = {file, error, error_size};
    static const struct raw defaults = {.silence_end_ms = 4000, .max_calls = 2000};
    struct raw *raw = malloc(sizeof(*raw));
    const config_setting_t *group, *storage;
    const char *secret;
    config_t cfg;
    int err;

    memset(c, 0, sizeof(*c));
    config_init(&cfg);
    if (!raw) {
        snprintf(error, error_size, "out of memory");
        err = -EINVAL;
        goto out;
    }
    *raw = defaults;
    if (!config_read_file(&cfg, file)) {
        err = refuse(&r, config_error_line(&cfg), "not readable", config_error_text(&cfg));
        goto out;
    }
    group = config_lookup(&cfg, "media");
    storage = config_lookup(&cfg, "storage");
    if (!group || !config_setting_is_group(group)) {
        err = refuse(&r, 1, "media", "the group is missing");
        goto out;
    }
    if (!storage || config_setting_type(storage) != CONFIG_TYPE_STRING ||
        !*config_setting_get_string(storage) ||
        snprintf(c->storage, sizeof(c->storage), "%s", config_setting_get_string(storage)) >=
            (int)sizeof(c->storage)) {
        err = refuse(&r, storage ? config_setting_source_line(storage) : 1, "storage",
                     "a folder in quotes is wanted");
        goto out;
    }
    if (config_lookup_string(&cfg, "cluster_secret", &secret))
        snprintf(c->cluster_secret, sizeof(c->cluster_secret), "%s", secret);
    err = read_proxy(&r, &cfg, &c->proxy);
    if (err == 0)
        err = read_media(&r, group, raw);
    if (err == 0)
        err = check_media(&r, group, raw, index);
    if (err == 0)
        share(raw, index, c);
out:
    free(raw);
    config_destroy(&cfg);
    return err;
}
