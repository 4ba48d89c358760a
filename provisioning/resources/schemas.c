/*
 * schemas.c - JSON schemas of the documents, made from the descriptors that check them; about.
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include <string.h>

#include "resources.h"

static const struct cx_resource *const all[] = {&cx_accounts,
                                                &cx_users,
                                                &cx_devices,
                                                &cx_vmboxes,
                                                &cx_callflows,
                                                &cx_media,
                                                &cx_carriers,
                                                &cx_menus,
                                                &cx_conferences,
                                                &cx_directories,
                                                &cx_groups,
                                                &cx_temporal_rules,
                                                &cx_temporal_rules_sets,
                                                &cx_blacklists,
                                                &cx_match_lists,
                                                &cx_faxboxes};

static const char *const types[] = {
    [CX_STRING] = "string", [CX_INTEGER] = "integer", [CX_BOOLEAN] = "boolean",
    [CX_OBJECT] = "object", [CX_ARRAY] = "array",     [CX_ANY] = NULL};

/* The schema below parent that the path's next segment names; made when it is not there. */
static json_t *step(json_t *parent, const char *key, size_t n)
{
    bool any = n == 1 && key[0] == '*';
    bool items = any && strcmp(cx_path_text(parent, "type", ""), "array") == 0;
    json_t *properties, *schema;

    if (any) {
        const char *name = items ? "items" : "additionalProperties";
        schema = json_object_get(parent, name);
        if (!schema)
            json_object_set_new(parent, name, schema = json_object());
        return schema;
    }
    properties = json_object_get(parent, "properties");
    if (!properties)
        json_object_set_new(parent, "properties", properties = json_object());
    schema = json_object_getn(properties, key, n);
    if (!schema)
        json_object_setn_new(properties, key, n, schema = json_pack("{s:s}", "type", "object"));
    return schema;
}

static void fill(json_t *schema, const struct cx_field *f)
{
    const char *least = f->type == CX_STRING  ? "minLength"
                        : f->type == CX_ARRAY ? "minItems"
                                              : "minimum";
    const char *most = f->type == CX_STRING  ? "maxLength"
                       : f->type == CX_ARRAY ? "maxItems"
                                             : "maximum";

    json_object_del(schema, "type");
    if (types[f->type])
        json_object_set_new(schema, "type", json_string(types[f->type]));
    if (f->min || (f->max && f->type == CX_INTEGER))
        json_object_set_new(schema, least, json_integer(f->min));
    if (f->max)
        json_object_set_new(schema, most, json_integer(f->max));
    if (f->pattern)
        json_object_set_new(schema, "pattern", json_string(f->pattern));
    if (f->def)
        json_object_set_new(schema, "default", json_loads(f->def, JSON_DECODE_ANY, NULL));
    if (f->choices) {
        json_t *list = json_array();
        for (const char *p = f->choices; *p; p += *p == '|') {
            size_t n = strcspn(p, "|");
            json_array_append_new(list, json_stringn(p, n));
            p += n;
        }
        json_object_set_new(schema, "enum", list);
    }
}

static void add_field(json_t *root, const struct cx_field *f)
{
    json_t *schema = root, *parent = root, *required;
    const char *p = f->path, *last = p;

    for (;;) {
        size_t n = strcspn(p, ".");
        parent = schema;
        last = p;
        schema = step(parent, p, n);
        p += n;
        if (!*p++)
            break;
    }
    fill(schema, f);
    if (!(f->flags & CX_REQUIRED))
        return;
    required = json_object_get(parent, "required");
    if (!required)
        json_object_set_new(parent, "required", required = json_array());
    json_array_append_new(required, json_string(last));
}

static int get(struct cx_request *r)
{
    const char *name = r->segments[1];
    json_t *root;

    for (size_t i = 0; i < CX_COUNT(all); i++) {
        if (strcmp(all[i]->name, name) != 0)
            continue;
        root = json_pack("{s:s, s:s, s:s, s:b}", "id", name, "$schema",
                         "http://json-schema.org/draft-04/schema#", "type", "object",
                         "additionalProperties", 1);
        for (size_t k = 0; k < all[i]->field_count; k++)
            if (!(all[i]->fields[k].flags & (CX_HIDDEN | CX_READ_ONLY)))
                add_field(root, &all[i]->fields[k]);
        return cx_ok(r, 200, root);
    }
    return cx_not_found(r, name);
}

static int list(struct cx_request *r)
{
    json_t *names = json_array();

    for (size_t i = 0; i < CX_COUNT(all); i++)
        json_array_append_new(names, json_string(all[i]->name));
    return cx_ok(r, 200, names);
}

static int about(struct cx_request *r)
{
    return cx_ok(r, 200, json_pack("{s:s, s:s}", "product", "Centrex", "version", CX_VERSION));
}

const struct cx_route cx_routes_schemas[] = {
    {.path = "about", .handlers = {[CX_GET] = about}, .flags = CX_ROUTE_OPEN},
    {.path = "accounts/{}/about", .handlers = {[CX_GET] = about}},
    {.path = "schemas", .handlers = {[CX_GET] = list}},
    {.path = "schemas/{}", .handlers = {[CX_GET] = get}},
    {.path = NULL},
};
