/*
 * router.c - from verb and path to a handler: routes, rights, bodies, in this order for all.
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "api.h"
#include "resources/resources.h"

static const char *const verb_names[CX_VERBS] = {"GET", "PUT", "POST", "PATCH", "DELETE"};

/* clang-format off */
static const struct cx_route *const tables[] = {
    cx_routes_access,
    cx_routes_accounts,
    cx_routes_apps,
    cx_routes_auth,
    cx_routes_callflows,
    cx_routes_carriers,
    cx_routes_cdrs,
    cx_routes_conference_control,
    cx_routes_conferences,
    cx_routes_devices,
    cx_routes_directories,
    cx_routes_explain,
    cx_routes_faxboxes,
    cx_routes_faxes,
    cx_routes_fixed,
    cx_routes_groups,
    cx_routes_limits,
    cx_routes_live,
    cx_routes_media,
    cx_routes_menus,
    cx_routes_messages,
    cx_routes_number_lists,
    cx_routes_number_search,
    cx_routes_numbers,
    cx_routes_ports,
    cx_routes_recordings,
    cx_routes_schemas,
    cx_routes_search,
    cx_routes_temporal,
    cx_routes_users,
    cx_routes_vmboxes,
    cx_routes_webhooks,
};
/* clang-format on */

static bool matches(const struct cx_route *route, const struct cx_request *r)
{
    const char *p = route->path;

    for (size_t i = 0; i < r->segment_count; i++) {
        size_t n = strcspn(p, "/");
        if (n == 0)
            return false;
        if (!(n == 2 && p[0] == '{') &&
            (strlen(r->segments[i]) != n || strncmp(p, r->segments[i], n) != 0))
            return false;
        p += n + (p[n] == '/');
    }
    return !*p;
}

static int wildcards(const char *path)
{
    int n = 0;

    while ((path = strstr(path, "{}")) != NULL) {
        n++;
        path += 2;
    }
    return n;
}

/* The one that names the path most closely; of equals the first. */
static const struct cx_route *find(const struct cx_request *r)
{
    const struct cx_route *best = NULL;

    for (size_t i = 0; i < sizeof(tables) / sizeof(*tables); i++)
        for (const struct cx_route *route = tables[i]; route->path; route++)
            if (matches(route, r) && (!best || wildcards(route->path) < wildcards(best->path)))
                best = route;
    return best;
}

/* The route of this very path that takes the verb: several files may serve one path. NULL: none;
 * then r->allow says which verbs it has. */
static const struct cx_route *with_verb(struct cx_request *r, int verb)
{
    unsigned has = 0;

    for (size_t i = 0; i < sizeof(tables) / sizeof(*tables); i++)
        for (const struct cx_route *route = tables[i]; route->path; route++) {
            if (strcmp(route->path, r->route->path) != 0)
                continue;
            if (verb < CX_VERBS && route->handlers[verb])
                return route;
            for (int k = 0; k < CX_VERBS; k++)
                has |= route->handlers[k] ? 1u << k : 0;
        }
    r->allow[0] = '\0';
    for (int k = 0; k < CX_VERBS; k++)
        if (has & 1u << k)
            snprintf(r->allow + strlen(r->allow), sizeof(r->allow) - strlen(r->allow), "%s%s",
                     r->allow[0] ? ", " : "", verb_names[k]);
    return NULL;
}

static int find_verb(struct cx_request *r)
{
    const char *name = r->method;
    const char *tunnelled = json_string_value(json_object_get(r->envelope, "verb"));
    const struct cx_route *route;
    int verb = 0;

    if (strcmp(name, "HEAD") == 0)
        name = "GET";
    if (strcmp(name, "POST") == 0 && tunnelled)
        name = tunnelled;
    while (verb < CX_VERBS && strcasecmp(verb_names[verb], name) != 0)
        verb++;
    route = with_verb(r, verb);
    if (!route)
        return cx_fail(r, 405, "invalid_method",
                       json_pack("{s:{s:s}}", "405", "message", "method not allowed"));
    r->verb = (enum cx_verb)verb;
    r->route = route;
    return 0;
}

static int take_token_from_envelope(struct cx_request *r)
{
    const char *token = json_string_value(json_object_get(r->envelope, "auth_token"));

    if (!r->token && token)
        r->token = strdup(token);
    return 0;
}

static int database(struct cx_request *r)
{
    char error[256];
    int err;

    if (!r->api->db)
        err = cx_db_open(&r->api->db_config, &r->api->db, error, sizeof(error));
    else
        err = cx_db_ping(r->api->db);
    r->db = r->api->db;
    return err < 0 ? -ENOTCONN : 0;
}

static int run(struct cx_request *r)
{
    bool in_account;
    int err;

    r->route = find(r);
    if (!r->route)
        return cx_not_found(r, NULL);
    err = find_verb(r);
    if (err < 0)
        return err;
    if (r->body_len > CX_BODY_MAX)
        return cx_fail(r, 413, "request entity too large",
                       json_pack("{s:{s:s}}", "413", "message", "more than 6 MB"));
    if (!(r->route->flags & CX_ROUTE_RAW_BODY) || r->verb == CX_GET) {
        err = cx_request_parse_body(r);
        if (err == 0 && r->envelope && json_object_get(r->envelope, "verb"))
            err = find_verb(r);
        if (err < 0)
            return err;
    }
    take_token_from_envelope(r);
    err = database(r);
    if (err < 0)
        return err;
    if (!(r->route->flags & CX_ROUTE_OPEN)) {
        err = cx_access_token(r);
        if (err < 0)
            return err;
        in_account = strncmp(r->route->path, "accounts/{}", 11) == 0;
        if (in_account)
            err = cx_access_account(r, r->segments[1]);
        if (err < 0)
            return err;
        if (r->verb != CX_GET && !r->admin && !(r->route->flags & CX_ROUTE_USER))
            return cx_forbidden(r);
    }
    return r->route->handlers[r->verb](r);
}

void cx_dispatch(struct cx_request *r)
{
    cx_reply_error(r, run(r));
    if (r->status == 0)
        cx_reply_error(r, -EINVAL);
}
