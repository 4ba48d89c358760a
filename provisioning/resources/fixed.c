/*
 * fixed.c - endpoints whose whole truth is that there is nothing: features that belong to billing,
 * to other products or to third parties, asked for by clients that would hang on a 404. The
 * documentation page lists them from this table. What would buy or change something answers 501.
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include <string.h>

#include "resources.h"

#define A "accounts/{}/"

/* Read: the answer. */
#define ANSWERS(X)                                                                                 \
    X(A "alerts", "[]")                                                                            \
    X(A "security/attempts", "[]")                                                                 \
    X(A "multi_factor", "{\"configured\":[],\"multi_factor_providers\":[]}")                       \
    X(A "security", "{\"account\":{\"auth_modules\":{}}}")                                         \
    X(A "services", "[]")                                                                          \
    X(A "services/available", "[]")                                                                \
    X(A "services/editable", "{}")                                                                 \
    X(A "services/overrides", "{}")                                                                \
    X(A "services/summary", "{\"invoices\":[]}")                                                   \
    X(A "services/audit_summary", "{}")                                                            \
    X(A "services/quote", "{\"invoices\":[]}")                                                     \
    X(A "service_plans", "[]")                                                                     \
    X(A "service_plans/available", "[]")                                                           \
    X(A "service_plans/current", "{\"invoices\":[],\"plans\":{}}")                                 \
    X(A "ledgers", "{}")                                                                           \
    X(A "ledgers/total", "{\"amount\":0}")                                                         \
    X(A "ledgers/available", "[]")                                                                 \
    X(A "ledgers/{}", "[]")                                                                        \
    X(A "transactions", "[]")                                                                      \
    X(A "transactions/current_balance", "{\"balance\":0}")                                         \
    X(A "external_numbers", NULL)                                                                  \
    X(A "storage", NULL)                                                                           \
    X(A "braintree/customer", NULL)                                                                \
    X(A "braintree/client_token", NULL)                                                            \
    X(A "braintree/cards", NULL)                                                                   \
    X(A "qubicle_queues", NULL)                                                                    \
    X(A "telexsmsboxes", NULL)                                                                     \
    X(A "trunkingio_settings", NULL)                                                               \
    X(A "trunkingio_settings/check", NULL)

/* Write: not available. */
#define REFUSALS(X)                                                                                \
    X(A "services")                                                                                \
    X(A "services/topup")                                                                          \
    X(A "service_plans")                                                                           \
    X(A "service_plans/override")                                                                  \
    X(A "service_plans/synchronization")                                                           \
    X(A "service_plans/reconciliation")                                                            \
    X(A "service_plans/{}")                                                                        \
    X(A "ledgers/credit")                                                                          \
    X(A "ledgers/debit")                                                                           \
    X(A "external_numbers")                                                                        \
    X(A "external_numbers/{}")                                                                     \
    X(A "external_numbers/{}/verify")                                                              \
    X(A "storage")                                                                                 \
    X(A "braintree/customer")                                                                      \
    X(A "braintree/cards/{}")                                                                      \
    X(A "telexsmsboxes")                                                                           \
    X(A "telexsmsboxes/{}")                                                                        \
    X("auth/links/{}")                                                                             \
    X("auth/callback")

static const struct {
    const char *path, *json; /* NULL: 404, which clients take for "not here" */
} answers[] = {
#define ROW(PATH, JSON) {PATH, JSON},
    ANSWERS(ROW)
#undef ROW
};

static int told(struct cx_request *r)
{
    for (size_t i = 0; i < CX_COUNT(answers); i++) {
        if (strcmp(answers[i].path, r->route->path) != 0)
            continue;
        if (!answers[i].json)
            return cx_not_found(r, NULL);
        if (answers[i].json[0] == '[')
            cx_reply_extra(r, "page_size", json_integer(0));
        return cx_ok(r, 200, json_loads(answers[i].json, JSON_DECODE_ANY, NULL));
    }
    return cx_not_found(r, NULL);
}

int cx_not_available(struct cx_request *r)
{
    return cx_fail(r, 501, "not_available",
                   json_pack("{s:{s:s}}", "501", "message", "this system does not offer that"));
}

/* A price of what is to be changed: nothing costs anything. */
static int quote(struct cx_request *r)
{
    return cx_ok(r, 200, json_pack("{s:[]}", "invoices"));
}

/* An endpoint's defaults: none are changed. */
static int endpoint_config(struct cx_request *r)
{
    return cx_ok(r, 200, json_pack("{s:s}", "id", r->segments[3]));
}

static int not_here(struct cx_request *r)
{
    return cx_not_found(r, NULL);
}

const struct cx_route cx_routes_fixed[] = {
    {.path = "whitelabel/{}", .handlers = {[CX_GET] = not_here}, .flags = CX_ROUTE_OPEN},
    {.path = "whitelabel/{}/{}", .handlers = {[CX_GET] = not_here}, .flags = CX_ROUTE_OPEN},
    {.path = A "configs/{}", .handlers = {[CX_GET] = endpoint_config}},
    {.path = A "services/quote", .handlers = {[CX_GET] = told, [CX_POST] = quote}},
#define ROW(PATH, JSON) {.path = PATH, .handlers = {[CX_GET] = told}},
    ANSWERS(ROW)
#undef ROW
#define ROW(PATH)                                                                                  \
    {.path = PATH,                                                                                 \
     .handlers = {[CX_PUT] = cx_not_available,                                                     \
                  [CX_POST] = cx_not_available,                                                    \
                  [CX_PATCH] = cx_not_available,                                                   \
                  [CX_DELETE] = cx_not_available}},
        REFUSALS(ROW)
#undef ROW
            {.path = NULL},
};
