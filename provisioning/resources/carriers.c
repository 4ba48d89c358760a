/*
 * carriers.c - carriers with their gateways: the cluster's own (/resources, the master account's
 * admins only) and an account's (accounts/{id}/resources).
 *
 * A gateway's address also says whose incoming calls are (inbound), so only the cluster's operator
 * may believe an address that others could have: accounts' carriers are written by those above.
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common.h"
#include "kamailio_mod/routing/compile.h"
#include "resources.h"

#define GATEWAYS_SQL                                                                               \
    "(SELECT JSON_ARRAYAGG(JSON_OBJECT('name', g.name, 'enabled', g.enabled, 'server', g.server, " \
    "'port', g.port, 'transport', g.transport, 'prefix', g.prefix, 'suffix', g.suffix, "           \
    "'inbound', "                                                                                  \
    "g.inbound, 'doc', g.doc) ORDER BY g.position) FROM gateway g WHERE g.resource_id = t.id)"

static const struct cx_field fields[] = {
    {.path = "name",
     .column = "name",
     .type = CX_STRING,
     .min = 1,
     .max = 128,
     .flags = CX_REQUIRED | CX_LIST},
    {.path = "enabled", .column = "enabled", .type = CX_BOOLEAN, .def = "true", .flags = CX_LIST},
    {.path = "emergency", .column = "emergency", .type = CX_BOOLEAN, .def = "false"},
    {.path = "weight_cost",
     .column = "weight_cost",
     .type = CX_INTEGER,
     .min = 0,
     .max = 100,
     .def = "50",
     .flags = CX_LIST},
    {.path = "rules", .column = "rules", .type = CX_ARRAY, .max = 200, .def = "[]"},
    {.path = "rules.*", .type = CX_STRING, .min = 1, .max = 256, .flags = CX_LINE},
    {.path = "gateways",
     .type = CX_ARRAY,
     .max = 32,
     .select = GATEWAYS_SQL,
     .def = NULL,
     .flags = CX_TABLE | CX_REQUIRED},
    {.path = "gateways.*", .type = CX_OBJECT},
    {.path = "gateways.*.server",
     .type = CX_STRING,
     .min = 1,
     .max = 128,
     .pattern = "^([A-Za-z0-9._-]+|\\[?[0-9A-Fa-f:.]+\\]?)$",
     .flags = CX_REQUIRED | CX_ASCII},
    {.path = "gateways.*.port", .type = CX_INTEGER, .min = 1, .max = 65535},
    {.path = "gateways.*.transport", .type = CX_STRING, .choices = "udp|tcp|tls"},
    {.path = "gateways.*.enabled", .type = CX_BOOLEAN},
    {.path = "gateways.*.inbound", .type = CX_BOOLEAN},
    {.path = "gateways.*.name", .type = CX_STRING, .max = 128, .flags = CX_LINE},
    {.path = "gateways.*.prefix",
     .type = CX_STRING,
     .max = 32,
     .pattern = "^[+*#0-9]*$",
     .flags = CX_ASCII},
    {.path = "gateways.*.suffix",
     .type = CX_STRING,
     .max = 32,
     .pattern = "^[+*#0-9]*$",
     .flags = CX_ASCII},
    {.path = "gateways.*.bypass_media", .type = CX_BOOLEAN},
    {.path = "gateways.*.caller_id_type",
     .type = CX_STRING,
     .choices = "internal|external|emergency"},
    {.path = "gateways.*.channel_selection", .type = CX_STRING, .choices = "ascending|descending"},
    {.path = "gateways.*.codecs", .type = CX_ARRAY, .max = 32},
    {.path = "gateways.*.codecs.*", .type = CX_STRING, .max = 32},
    {.path = "gateways.*.custom_sip_headers", .type = CX_OBJECT},
    {.path = "gateways.*.endpoint_type", .type = CX_STRING, .choices = "sip"},
    {.path = "gateways.*.force_port", .type = CX_BOOLEAN},
    {.path = "gateways.*.invite_format",
     .type = CX_STRING,
     .choices = "route|username|e164|npan|1npan|strip_plus"},
    {.path = "gateways.*.username", .type = CX_STRING, .max = 32, .flags = CX_LINE},
    {.path = "gateways.*.password", .type = CX_STRING},
    {.path = "gateways.*.realm", .type = CX_STRING, .max = 64, .flags = CX_LINE},
    {.path = "gateways.*.route", .type = CX_STRING, .max = 255, .flags = CX_LINE},
    {.path = "caller_id_options", .type = CX_OBJECT},
    {.path = "caller_id_options.type", .type = CX_STRING, .choices = "internal|external|emergency"},
    {.path = "cid_rules", .type = CX_ARRAY, .max = 200},
    {.path = "cid_rules.*", .type = CX_STRING, .min = 1, .max = 256, .flags = CX_LINE},
    {.path = "classifiers", .type = CX_OBJECT, .flags = CX_LIST},
    {.path = "classifiers.*", .type = CX_OBJECT},
    {.path = "classifiers.*.enabled", .type = CX_BOOLEAN},
    {.path = "classifiers.*.emergency", .type = CX_BOOLEAN},
    {.path = "classifiers.*.prefix", .type = CX_STRING, .max = 64},
    {.path = "classifiers.*.suffix", .type = CX_STRING, .max = 64},
    {.path = "classifiers.*.regex", .type = CX_STRING, .max = 256},
    {.path = "classifiers.*.weight_cost", .type = CX_INTEGER, .min = 0, .max = 100},
    {.path = "format_from_uri", .type = CX_BOOLEAN},
    {.path = "from_account_realm", .type = CX_BOOLEAN, .def = "false"},
    {.path = "from_uri_realm", .type = CX_STRING, .max = 253, .flags = CX_LINE},
    {.path = "ignore_flags", .type = CX_BOOLEAN},
    {.path = "require_flags", .type = CX_BOOLEAN},
    {.path = "rules_test", .type = CX_ARRAY, .max = 200, .def = "[]"},
    {.path = "rules_test.*", .type = CX_STRING, .max = 64},
    {.path = "template_name", .type = CX_STRING, .max = 128, .flags = CX_LIST},
    {.path = "grace_period", .type = CX_INTEGER, .min = 1, .max = 20, .def = "5"},
    {.path = "gateway_strategy", .type = CX_STRING, .choices = "sequential|random"},
    CX_FLAGS_ROWS,
};

/* Keys of a gateway that have their own column; the rest is its `doc`. */
static const struct {
    const char *key;
    const char *def;
} columns[] = {{"name", "\"\""},   {"enabled", "true"},      {"server", "\"\""},
               {"port", "5060"},   {"transport", "\"udp\""}, {"prefix", "\"\""},
               {"suffix", "\"\""}, {"inbound", "true"}};

/* As the database tells a gateway -> as clients see it. */
static void open_gateways(json_t *gateways)
{
    json_t *gateway;
    size_t i;

    json_array_foreach(gateways, i, gateway)
    {
        json_t *kept = json_object_get(gateway, "doc"), *doc;
        doc =
            json_is_string(kept) ? json_loads(json_string_value(kept), 0, NULL) : json_incref(kept);
        json_object_del(gateway, "doc");
        if (json_is_object(doc))
            json_object_update_missing(gateway, doc);
        json_decref(doc);
        json_object_set_new(gateway, "enabled",
                            json_boolean(json_integer_value(json_object_get(gateway, "enabled"))));
        json_object_set_new(gateway, "inbound",
                            json_boolean(json_integer_value(json_object_get(gateway, "inbound"))));
    }
}

static void opened(struct cx_record *record)
{
    open_gateways(cx_path_get(record->doc, "gateways"));
}

static void check_rules(struct cx_request *r, const json_t *rules)
{
    struct cx_compile_error error;
    json_t *rule;
    size_t i;

    json_array_foreach(rules, i, rule)
    {
        char path[32];
        snprintf(path, sizeof(path), "rules.%zu", i);
        if (json_is_string(rule) && cx_compile_check_pattern(json_string_value(rule), &error) < 0)
            cx_invalid(r, path, "invalid", rule, "%s", error.message);
    }
}

/* A password would be kept in clear and used by nothing. Forms send it empty. */
static void check_password(struct cx_request *r, json_t *gateway, size_t i)
{
    const char *password = cx_path_text(gateway, "password", "");
    char path[64];

    snprintf(path, sizeof(path), "gateways.%zu.password", i);
    if (password[0])
        cx_invalid(r, path, "forbidden", NULL,
                   "Carriers know this system by its address: leave the password out");
    json_object_del(gateway, "password");
}

static int before(struct cx_request *r, struct cx_write *w)
{
    json_t *gateways = cx_path_get(w->record->doc, "gateways"), *gateway;
    size_t i;

    if (w->resource->scope == CX_SCOPE_ACCOUNT && !r->master &&
        strcmp(r->account.id, r->token_account) == 0)
        return cx_forbidden(r);
    check_rules(r, cx_path_get(w->record->doc, "rules"));
    json_array_foreach(gateways, i, gateway)
    {
        if (json_is_object(gateway))
            check_password(r, gateway, i);
        for (size_t k = 0; json_is_object(gateway) && k < CX_COUNT(columns); k++)
            if (!json_object_get(gateway, columns[k].key))
                json_object_set_new(gateway, columns[k].key,
                                    json_loads(columns[k].def, JSON_DECODE_ANY, NULL));
    }
    json_object_set(w->record->priv, "gateways", gateways);
    return 0;
}

static int insert_gateway(struct cx_request *r, const char *id, size_t position, json_t *gateway)
{
    json_t *rest = json_deep_copy(gateway);
    struct cx_value params[11] = {cx_text(id), cx_int((int64_t)position)};
    char *text;
    int err;

    for (size_t k = 0; k < CX_COUNT(columns); k++) {
        const json_t *value = json_object_get(gateway, columns[k].key);
        params[2 + k] = json_is_string(value)    ? cx_text(json_string_value(value))
                        : json_is_boolean(value) ? cx_int(json_is_true(value))
                                                 : cx_int(json_integer_value(value));
        json_object_del(rest, columns[k].key);
    }
    text = json_dumps(rest, JSON_COMPACT);
    json_decref(rest);
    if (!text)
        return -ENOMEM;
    params[10] = cx_text(text);
    err = cx_db_exec(r->db,
                     "INSERT INTO gateway (resource_id, position, name, enabled, server, port, "
                     "transport, prefix, suffix, inbound, doc) VALUES (?,?,?,?,?,?,?,?,?,?,?)",
                     params, 11, NULL);
    free(text);
    return err;
}

static int after(struct cx_request *r, struct cx_write *w)
{
    json_t *gateway;
    size_t i;
    int err = cx_db_exec(r->db, "DELETE FROM gateway WHERE resource_id = ?",
                         (struct cx_value[]){cx_text(w->record->id)}, 1, NULL);

    json_array_foreach(json_object_get(w->record->priv, "gateways"), i, gateway)
    {
        if (err == 0)
            err = insert_gateway(r, w->record->id, i, gateway);
    }
    return err;
}

static int removing(struct cx_request *r, const struct cx_record *record)
{
    (void)record;
    if (r->account.id[0] && !r->master && strcmp(r->account.id, r->token_account) == 0)
        return cx_forbidden(r);
    return 0;
}

const struct cx_resource cx_carriers = {
    .name = "resources",
    .table = "resource",
    .scope = CX_SCOPE_CLUSTER,
    .fields = fields,
    .field_count = CX_COUNT(fields),
    .opened = opened,
    .before = before,
    .after = after,
    .removing = removing,
};

const struct cx_resource cx_own_carriers = {
    .name = "resources",
    .table = "resource",
    .fields = fields,
    .field_count = CX_COUNT(fields),
    .opened = opened,
    .before = before,
    .after = after,
    .removing = removing,
};

/* The cluster's carriers belong to its operator; an account's are not its plain users' business. */
#define ONLY(WHO, NAME, HANDLER)                                                                   \
    static int NAME(struct cx_request *r)                                                          \
    {                                                                                              \
        return r->WHO ? HANDLER(r) : cx_forbidden(r);                                              \
    }
ONLY(master, list, cx_engine_list)
ONLY(master, get, cx_engine_get)
ONLY(master, create, cx_engine_create)
ONLY(master, replace, cx_engine_replace)
ONLY(master, merge, cx_engine_merge)
ONLY(master, delete, cx_engine_delete)
ONLY(admin, list_own, cx_engine_list)
ONLY(admin, get_own, cx_engine_get)

const struct cx_route cx_routes_carriers[] = {
    {.path = "resources",
     .handlers = {[CX_GET] = list, [CX_PUT] = create},
     .resource = &cx_carriers},
    {.path = "resources/{}",
     .handlers = {[CX_GET] = get, [CX_POST] = replace, [CX_PATCH] = merge, [CX_DELETE] = delete},
     .resource = &cx_carriers},
    {.path = "accounts/{}/resources",
     .handlers = {[CX_GET] = list_own, [CX_PUT] = cx_engine_create},
     .resource = &cx_own_carriers},
    {.path = "accounts/{}/resources/{}",
     .handlers = {[CX_GET] = get_own,
                  [CX_POST] = cx_engine_replace,
                  [CX_PATCH] = cx_engine_merge,
                  [CX_DELETE] = cx_engine_delete},
     .resource = &cx_own_carriers},
    {.path = NULL},
};
