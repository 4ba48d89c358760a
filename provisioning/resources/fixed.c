/*
 * fixed.c - endpoints whose whole truth is that there is nothing: features that this system does
 * not have (yet), asked for by clients that would hang on a 404. Nothing here accepts a write.
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include <string.h>

#include "resources.h"

static int told(struct cx_request *r, const char *json)
{
    return cx_ok(r, 200, json_loads(json, JSON_DECODE_ANY, NULL));
}

static int nothing_listed(struct cx_request *r)
{
    cx_reply_extra(r, "page_size", json_integer(0));
    return told(r, "[]");
}

static int nothing(struct cx_request *r)
{
    return told(r, "{}");
}

static int no_invoices(struct cx_request *r)
{
    return told(r, "{\"invoices\":[]}");
}

static int no_plan(struct cx_request *r)
{
    return told(r, "{\"invoices\":[],\"plans\":{}}");
}

static int no_amount(struct cx_request *r)
{
    return told(r, "{\"amount\":0}");
}

static int no_blacklist(struct cx_request *r)
{
    return told(r, "{\"blacklist\":[]}");
}

static int no_multi_factor(struct cx_request *r)
{
    return told(r, "{\"configured\":[],\"multi_factor_providers\":[]}");
}

static int no_security(struct cx_request *r)
{
    return told(r, "{\"account\":{\"auth_modules\":{}}}");
}

/* An endpoint's defaults: none are changed. */
static int endpoint_config(struct cx_request *r)
{
    return cx_ok(r, 200, json_pack("{s:s}", "id", r->segments[3]));
}

/* Applications of the portal whose screens this API can serve. */
static const struct {
    const char *id, *name, *label, *users;
} apps[] = {
    {"6e4fd2f1a0c24d4f9f3f0d6c3c0a1b01", "voip", "SmartPBX", "all"},
    {"6e4fd2f1a0c24d4f9f3f0d6c3c0a1b02", "callflows", "Callflows", "admins"},
    {"6e4fd2f1a0c24d4f9f3f0d6c3c0a1b03", "accounts", "Accounts", "admins"},
    {"6e4fd2f1a0c24d4f9f3f0d6c3c0a1b04", "numbers", "Numbers", "admins"},
    {"6e4fd2f1a0c24d4f9f3f0d6c3c0a1b05", "voicemails", "Voicemails", "all"},
};

static json_t *app_json(size_t i)
{
    return json_pack("{s:s, s:s, s:{s:{s:s, s:s, s:s, s:[]}}, s:[], s:s, s:b, s:s, s:[]}", "id",
                     apps[i].id, "name", apps[i].name, "i18n", "en-US", "label", apps[i].label,
                     "description", apps[i].label, "extended_description", apps[i].label,
                     "features", "tags", "phase", "gold", "published", 1, "allowed_users",
                     apps[i].users, "users");
}

static int list_apps(struct cx_request *r)
{
    json_t *list = json_array();

    for (size_t i = 0; i < CX_COUNT(apps); i++)
        json_array_append_new(list, app_json(i));
    return cx_ok(r, 200, list);
}

static int get_app(struct cx_request *r)
{
    for (size_t i = 0; i < CX_COUNT(apps); i++)
        if (strcmp(apps[i].id, r->segments[3]) == 0)
            return cx_ok(r, 200, app_json(i));
    return cx_not_found(r, r->segments[3]);
}

static int not_here(struct cx_request *r)
{
    return cx_not_found(r, NULL);
}

#define GET(PATH, HANDLER)                                                                         \
    {                                                                                              \
        .path = PATH, .handlers = { [CX_GET] = HANDLER }                                           \
    }

const struct cx_route cx_routes_fixed[] = {
    {.path = "whitelabel/{}", .handlers = {[CX_GET] = not_here}, .flags = CX_ROUTE_OPEN},
    {.path = "whitelabel/{}/{}", .handlers = {[CX_GET] = not_here}, .flags = CX_ROUTE_OPEN},
    GET("accounts/{}/apps_store", list_apps),
    GET("accounts/{}/apps_store/blacklist", no_blacklist),
    GET("accounts/{}/apps_store/{}", get_app),
    GET("accounts/{}/alerts", nothing_listed),
    GET("accounts/{}/channels", nothing_listed),
    GET("accounts/{}/port_requests", nothing_listed),
    GET("accounts/{}/descendants/port_requests", nothing_listed),
    GET("accounts/{}/configs/{}", endpoint_config),
    GET("accounts/{}/multi_factor", no_multi_factor),
    GET("accounts/{}/security", no_security),
    GET("accounts/{}/services", nothing_listed),
    GET("accounts/{}/services/available", nothing_listed),
    GET("accounts/{}/services/summary", no_invoices),
    GET("accounts/{}/services/quote", no_invoices),
    GET("accounts/{}/service_plans", nothing_listed),
    GET("accounts/{}/service_plans/available", nothing_listed),
    GET("accounts/{}/service_plans/current", no_plan),
    GET("accounts/{}/ledgers", nothing),
    GET("accounts/{}/ledgers/total", no_amount),
    GET("accounts/{}/ledgers/available", nothing_listed),
    GET("accounts/{}/transactions", nothing_listed),
    {.path = NULL},
};
