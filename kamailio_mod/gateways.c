/*
 * gateways.c - see gateways.h.
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include <errno.h>
#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/mod_fix.h"
#include "core/rpc_lookup.h"
#include "core/sr_module.h"

#include "gateways.h"

struct cx_gateways_config cx_gateways_config = {.set = 2};

static cmd_function is_active; /* ds_is_active(set, uri) */

int cx_gateways_init(void)
{
    is_active = find_export("ds_is_active", 2, 0);
    return is_active ? 0 : -1;
}

static int uri_of(char *text, size_t size, struct cx_str server, uint16_t port,
                  struct cx_str transport)
{
    bool v6 = server.len && memchr(server.s, ':', server.len);

    return snprintf(text, size, "sip:%s%.*s%s:%u%s%.*s", v6 ? "[" : "", (int)server.len, server.s,
                    v6 ? "]" : "", port, transport.len ? ";transport=" : "", (int)transport.len,
                    transport.len ? transport.s : "");
}

bool cx_gateway_up(struct sip_msg *msg, struct cx_str server, uint16_t port,
                   struct cx_str transport)
{
    gparam_t set = {.type = GPARAM_TYPE_INT}, uri = {.type = GPARAM_TYPE_STR};
    char text[320];

    if (!cx_gateways_config.list_file)
        return true;
    set.v.i = cx_gateways_config.set;
    uri.v.str.len = uri_of(text, sizeof(text), server, port, transport);
    uri.v.str.s = text;
    return is_active(msg, (char *)&set, (char *)&uri) > 0;
}

/* The dispatcher's reload is an RPC; this is the least of an RPC caller. */
static bool faulted;

static void on_fault(void *ctx, int code, char *format, ...)
{
    char text[200];
    va_list ap;

    (void)ctx;
    va_start(ap, format);
    vsnprintf(text, sizeof(text), format, ap);
    va_end(ap);
    LM_DBG("dispatcher: %d %s\n", code, text);
    faulted = true;
}

static int on_text(void *ctx, char *format, ...)
{
    (void)ctx;
    (void)format;
    return 0;
}

static int reload(void)
{
    rpc_export_t *rpc = rpc_lookup("dispatcher.reload", sizeof("dispatcher.reload") - 1);
    rpc_t caller = {.fault = on_fault, .rpl_printf = on_text};

    if (!rpc)
        return -ENOENT;
    faulted = false;
    rpc->function(&caller, NULL);
    return faulted ? -EAGAIN : 0;
}

/* Lines of other sets (the workers) are kept as they are. */
static void copy_others(FILE *from, FILE *to)
{
    char *line = NULL;
    size_t room = 0;

    while (getline(&line, &room, from) > 0)
        if (atoi(line) != cx_gateways_config.set)
            fputs(line, to);
    free(line);
}

int cx_gateways_publish(const struct cx_image *cluster)
{
    const char *path = cx_gateways_config.list_file;
    char part[PATH_MAX], uri[320];
    struct cx_image_gateway g;
    FILE *from, *to;

    if (!path)
        return 0;
    from = fopen(path, "re");
    if (!from)
        return -errno;
    snprintf(part, sizeof(part), "%s.part", path);
    to = fopen(part, "we");
    if (!to) {
        fclose(from);
        return -errno;
    }
    copy_others(from, to);
    fclose(from);
    for (uint32_t i = 0; i < cx_image_gateway_count(cluster); i++) {
        cx_image_gateway_at(cluster, i, &g);
        if (!g.enabled)
            continue;
        uri_of(uri, sizeof(uri), g.server, g.port, g.transport);
        fprintf(to, "%d %s\n", cx_gateways_config.set, uri);
    }
    if (fclose(to) != 0 || rename(part, path) < 0) {
        unlink(part);
        return -EIO;
    }
    return reload();
}
