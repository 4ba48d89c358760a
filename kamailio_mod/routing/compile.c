/*
 * compile.c - see compile.h: account rows -> tables of the image.
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "build.h"
#include "number.h"
#include "pattern.h"
#include "restrict.h"

static int load_object(struct cx_build *b, const char *document, const char *path, const char *text,
                       json_t **out)
{
    json_error_t where;

    *out = NULL;
    if (!text || !text[0])
        return 0;
    *out = json_loads(text, 0, &where);
    if (!*out)
        return cx_compile_fail(b->error, document, path, "is not JSON: %.150s", where.text);
    if (json_is_null(*out)) {
        json_decref(*out);
        *out = NULL;
        return 0;
    }
    if (json_is_object(*out))
        return 0;
    json_decref(*out);
    *out = NULL;
    return cx_compile_fail(b->error, document, path, "must be an object");
}

static cx_ref text_in(struct cx_build *b, const json_t *object, const char *kind, const char *key)
{
    const json_t *v = json_object_get(json_object_get(object, kind), key);
    char number[32];

    if (json_is_integer(v)) { /* old clients send extensions as numbers */
        snprintf(number, sizeof(number), "%lld", (long long)json_integer_value(v));
        return cx_build_text(b, number);
    }
    return cx_build_text(b, json_string_value(v));
}

static int caller_id(struct cx_build *b, const char *document, const char *text,
                     struct cx_caller_id *id)
{
    json_t *object;
    int err = load_object(b, document, "caller_id", text, &object);

    if (err < 0)
        return err;
    id->internal_name = text_in(b, object, "internal", "name");
    id->internal_number = text_in(b, object, "internal", "number");
    id->external_name = text_in(b, object, "external", "name");
    id->external_number = text_in(b, object, "external", "number");
    id->emergency_name = text_in(b, object, "emergency", "name");
    id->emergency_number = text_in(b, object, "emergency", "number");
    json_decref(object);
    return 0;
}

static int deny_mask(struct cx_build *b, const char *document, const char *text, uint32_t *mask)
{
    const char *key, *action;
    json_t *object, *value;
    enum cx_class class;
    int err = load_object(b, document, "call_restriction", text, &object);

    *mask = 0;
    if (err < 0)
        return err;
    json_object_foreach(object, key, value)
    {
        action = json_string_value(json_object_get(value, "action"));
        if (action && strcmp(action, "deny") == 0 && strcmp(key, "closed_groups") == 0)
            *mask |= CX_DENY_OTHER_GROUPS;
        if (action && strcmp(action, "deny") == 0 &&
            cx_class_by_name(b->rows->account.country, key, &class))
            *mask |= 1u << class;
    }
    json_decref(object);
    return 0;
}

static int id_of(struct cx_build *b, const char *text, const char *what, struct cx_id *id)
{
    if (cx_id_parse(text, strlen(text), id))
        return 0;
    return cx_compile_fail(b->error, text, "id", "the id of a %s is not 32 hex digits", what);
}

static int add_user(struct cx_build *b, const struct cx_row_user *r)
{
    struct cx_user u = {0}, *row;
    struct cx_options options;
    json_t *hotdesk;
    char name[260];
    int err = id_of(b, r->id, "user", &u.id);

    snprintf(name, sizeof(name), "%s%s%s", r->first_name,
             r->first_name[0] && r->last_name[0] ? " " : "", r->last_name);
    u.name = cx_build_text(b, name);
    u.presence = cx_build_text(b, r->presence_id);
    u.timeout_s = r->timeout_s > 0 ? (uint16_t)(r->timeout_s < 3600 ? r->timeout_s : 3600) : 0;
    cx_build_options(r->doc, &options);
    hotdesk = strstr(r->hotdesk ? r->hotdesk : "", "enabled") ? cx_doc_load(r->hotdesk) : NULL;
    u.flags = (uint8_t)((r->enabled ? CX_USER_ENABLED : 0) |
                        (r->do_not_disturb || b->account.dnd ? CX_USER_DND : 0) |
                        (cx_doc_true(hotdesk, "enabled", false) ? CX_USER_HOTDESK : 0) |
                        (options.waiting > 0   ? CX_USER_CALL_WAITING
                         : options.waiting < 0 ? CX_USER_NO_CALL_WAITING
                                               : 0));
    u.privacy = options.privacy;
    u.max_calls = r->max_calls;
    json_decref(options.doc);
    json_decref(hotdesk);
    cx_build_user_forwards(b, r, &u.forwards);
    if (err == 0)
        err = caller_id(b, r->id, r->caller_id, &u.caller_id);
    if (err == 0)
        err = deny_mask(b, r->id, r->call_restriction, &u.deny);
    if (err == 0)
        err = cx_build_recording_row(b, r->id, r->doc, &u.recording);
    if (err == 0 && (row = cx_build_add(b, CX_T_USER)) != NULL)
        *row = u;
    return err;
}

/* A second call finds the phone busy: the phone says so, else whose it is now, else the account. */
static bool no_call_waiting(const struct cx_build *b, const struct cx_device *d, int said)
{
    const struct cx_user *owner = d->owner == CX_NONE ? NULL : cx_build_row(b, CX_T_USER, d->owner);

    if (said == 0 && owner)
        said = owner->flags & CX_USER_CALL_WAITING      ? 1
               : owner->flags & CX_USER_NO_CALL_WAITING ? -1
                                                        : 0;
    return said ? said < 0 : b->account.waiting < 0;
}

static int add_device(struct cx_build *b, const struct cx_row_device *r)
{
    struct cx_device d = {.owner = cx_build_user(b, r->owner_id)}, *row;
    struct cx_options options;
    const json_t *tones;
    int err = id_of(b, r->id, "device", &d.id);

    d.name = cx_build_text(b, r->name);
    d.username = cx_build_text(b, r->sip_username);
    d.ha1 = cx_build_text(b, r->sip_ha1);
    d.ip = cx_build_text(b, strcmp(r->sip_method, "ip") == 0 ? r->sip_ip : NULL);
    d.route = cx_build_text(b, strcmp(r->sip_invite_format, "route") == 0 ? r->sip_route : NULL);
    d.flags = (uint16_t)((r->enabled ? CX_DEVICE_ENABLED : 0) |
                         (r->do_not_disturb || b->account.dnd ? CX_DEVICE_DND : 0));
    if (err == 0)
        err = caller_id(b, r->id, r->caller_id, &d.caller_id);
    if (err == 0)
        err = deny_mask(b, r->id, r->call_restriction, &d.deny);
    if (err == 0)
        err = cx_build_recording_row(b, r->id, r->doc, &d.recording);
    cx_build_hotdesk(b, r, &d);
    cx_build_device_forwards(b, r, &d.forwards);
    cx_build_options(r->doc, &options);
    tones = json_object_get(options.doc, "ringtones");
    d.tone_internal = cx_build_text(b, json_string_value(json_object_get(tones, "internal")));
    d.tone_external = cx_build_text(b, json_string_value(json_object_get(tones, "external")));
    d.privacy = options.privacy;
    if (no_call_waiting(b, &d, options.waiting))
        d.flags |= CX_DEVICE_NO_CALL_WAITING;
    json_decref(options.doc);
    if (err == 0 && (row = cx_build_add(b, CX_T_DEVICE)) != NULL)
        *row = d;
    return err;
}

struct by_name {
    const char *name;
    uint32_t index;
};

static int compare_names(const void *a, const void *b)
{
    return strcasecmp(((const struct by_name *)a)->name, ((const struct by_name *)b)->name);
}

static int add_usernames(struct cx_build *b)
{
    struct by_name *list = calloc(b->rows->device_count + 1, sizeof(*list));
    size_t n = 0;
    int err = 0;

    if (!list)
        return -ENOMEM;
    for (uint32_t i = 0; i < b->rows->device_count; i++)
        if (b->rows->devices[i].sip_username && b->rows->devices[i].sip_username[0])
            list[n++] = (struct by_name){b->rows->devices[i].sip_username, i};
    qsort(list, n, sizeof(*list), compare_names);
    for (size_t i = 0; i < n && err == 0; i++) {
        uint32_t *row = cx_build_add(b, CX_T_BY_USERNAME);
        if (row)
            *row = list[i].index;
        if (i > 0 && compare_names(&list[i - 1], &list[i]) == 0)
            err = cx_compile_fail(b->error, b->rows->devices[list[i].index].id, "sip.username",
                                  "another device has '%.64s' too", list[i].name);
    }
    free(list);
    return err;
}

static int add_box(struct cx_build *b, const struct cx_row_vmbox *r)
{
    const struct cx_row_media *greeting = cx_build_media(b, r->greeting_id);
    struct cx_box *row, box = {.owner = cx_build_user(b, r->owner_id)};
    int err = id_of(b, r->id, "vmbox", &box.id);

    box.mailbox = cx_build_text(b, r->mailbox);
    box.greeting = cx_build_text(b, greeting ? greeting->storage_key : NULL);
    box.max_s = r->max_message_length_s > 0 ? (uint16_t)r->max_message_length_s : 0;
    box.flags = (uint16_t)((r->check_if_owner ? CX_BOX_CHECK_IF_OWNER : 0) |
                           (r->skip_greeting ? CX_BOX_SKIP_GREETING : 0) |
                           (r->skip_instructions ? CX_BOX_SKIP_INSTRUCTIONS : 0));
    if (err == 0 && (row = cx_build_add(b, CX_T_BOX)) != NULL)
        *row = box;
    return err;
}

struct entry {
    const char *text;
    uint32_t callflow;
};

static int compare_entries(const void *a, const void *b)
{
    return strcmp(((const struct entry *)a)->text, ((const struct entry *)b)->text);
}

/* Extensions, DDIs and service names of all callflows, sorted. "no_match" is the account's last
 * resort. */
static int add_entries(struct cx_build *b, struct cx_image *header)
{
    struct entry *list;
    size_t count = 0, n = 0;
    int err = 0;

    for (size_t i = 0; i < b->rows->callflow_count; i++)
        count += b->rows->callflows[i].number_count;
    list = calloc(count + 1, sizeof(*list));
    if (!list)
        return -ENOMEM;
    for (uint32_t i = 0; i < b->rows->callflow_count; i++) {
        const struct cx_row_callflow *f = &b->rows->callflows[i];
        for (size_t k = 0; k < f->number_count; k++) {
            if (strcmp(f->numbers[k], "no_match") == 0)
                header->no_match = i;
            else
                list[n++] = (struct entry){f->numbers[k], i};
        }
    }
    qsort(list, n, sizeof(*list), compare_entries);
    for (size_t i = 0; i < n && err == 0; i++) {
        struct cx_entry *row = cx_build_add(b, CX_T_ENTRY);
        if (row)
            *row = (struct cx_entry){cx_build_text(b, list[i].text), list[i].callflow};
        if (i > 0 && strcmp(list[i - 1].text, list[i].text) == 0)
            err = cx_compile_fail(b->error, b->rows->callflows[list[i].callflow].id, "numbers",
                                  "'%.60s' belongs to another callflow already", list[i].text);
    }
    free(list);
    return err;
}

static int add_callflow(struct cx_build *b, const struct cx_row_callflow *r)
{
    struct cx_callflow *row, flow = {.owner = cx_build_user(b, r->owner_id)};
    uint32_t index = cx_build_count(b, CX_T_CALLFLOW);
    int err = id_of(b, r->id, "callflow", &flow.id);

    if (err == 0)
        err = cx_build_flow(b, r, &flow);
    if (err == 0 && (row = cx_build_add(b, CX_T_CALLFLOW)) != NULL)
        *row = flow;
    for (size_t i = 0; err == 0 && i < r->pattern_count; i++) {
        struct cx_pattern_row *p, pattern = {.callflow = index};
        err = cx_build_pattern(b, r->patterns[i], r->id, "patterns", &pattern.code_first,
                               &pattern.code_count);
        pattern.text = cx_build_text(b, r->patterns[i]);
        if (err == 0 && (p = cx_build_add(b, CX_T_PATTERN)) != NULL)
            *p = pattern;
    }
    return err;
}

static void add_number(struct cx_build *b, const struct cx_row_number *r)
{
    struct cx_number_row *row = cx_build_add(b, CX_T_NUMBER);

    if (row)
        *row = (struct cx_number_row){cx_build_text(b, r->number),
                                      r->force_outbound ? CX_NUMBER_FORCE_OUTBOUND : 0};
}

static int add_rules(struct cx_build *b, const struct cx_row_resource *r,
                     struct cx_resource_row *resource)
{
    json_t *rules = r->rules && r->rules[0] ? json_loads(r->rules, 0, NULL) : json_array(), *rule;
    size_t i;
    int err = 0;

    resource->rule_first = cx_build_count(b, CX_T_RULE);
    if (!json_is_array(rules))
        err = cx_compile_fail(b->error, r->id, "rules", "must be a list of patterns");
    json_array_foreach(rules, i, rule)
    {
        struct cx_rule_row *row, code;
        const char *text = json_string_value(rule);
        if (err < 0)
            break;
        if (!text)
            err = cx_compile_fail(b->error, r->id, "rules", "must be a list of patterns");
        else
            err = cx_build_pattern(b, text, r->id, "rules", &code.code_first, &code.code_count);
        if (err == 0 && (row = cx_build_add(b, CX_T_RULE)) != NULL)
            *row = code;
    }
    resource->rule_count = cx_build_count(b, CX_T_RULE) - resource->rule_first;
    json_decref(rules);
    return err;
}

static int add_resource(struct cx_build *b, const struct cx_row_resource *r)
{
    struct cx_resource_row *row, resource = {.weight = r->weight_cost};
    uint32_t index = cx_build_count(b, CX_T_RESOURCE);
    int err = id_of(b, r->id, "resource", &resource.id);

    resource.name = cx_build_text(b, r->name);
    resource.flags =
        (r->enabled ? CX_RESOURCE_ENABLED : 0) | (r->emergency ? CX_RESOURCE_EMERGENCY : 0);
    if (err == 0)
        err = add_rules(b, r, &resource);
    resource.gateway_first = cx_build_count(b, CX_T_GATEWAY);
    resource.gateway_count = (uint32_t)r->gateway_count;
    for (size_t i = 0; i < r->gateway_count && err == 0; i++) {
        const struct cx_row_gateway *g = &r->gateways[i];
        struct cx_gateway_row *to = cx_build_add(b, CX_T_GATEWAY);
        if (to)
            *to = (struct cx_gateway_row){
                .server = cx_build_text(b, g->server),
                .transport = cx_build_text(b, g->transport),
                .prefix = cx_build_text(b, g->prefix),
                .suffix = cx_build_text(b, g->suffix),
                .resource = index,
                .port = g->port,
                .flags = (uint16_t)((g->enabled ? CX_GATEWAY_ENABLED : 0) |
                                    (g->inbound ? CX_GATEWAY_INBOUND : 0)),
            };
    }
    if (err == 0 && (row = cx_build_add(b, CX_T_RESOURCE)) != NULL)
        *row = resource;
    return err;
}

static int by_weight(const void *a, const void *b)
{
    const struct cx_row_resource *x = *(const struct cx_row_resource *const *)a,
                                 *y = *(const struct cx_row_resource *const *)b;

    return x->weight_cost != y->weight_cost ? x->weight_cost - y->weight_cost
                                            : strcmp(x->id, y->id);
}

static int add_resources(struct cx_build *b)
{
    size_t n = b->rows->resource_count;
    const struct cx_row_resource **list = calloc(n + 1, sizeof(*list));
    int err = 0;

    if (!list)
        return -ENOMEM;
    for (size_t i = 0; i < n; i++)
        list[i] = &b->rows->resources[i];
    qsort(list, n, sizeof(*list), by_weight);
    for (size_t i = 0; i < n && err == 0; i++)
        err = add_resource(b, list[i]);
    free(list);
    return err;
}

static int add_account(struct cx_build *b, struct cx_image *header)
{
    const struct cx_row_account *a = &b->rows->account;
    struct cx_caller_id id = {0};
    int err = a->id[0] ? id_of(b, a->id, "account", &header->account) : 0;

    header->name = cx_build_text(b, a->name);
    header->realm = cx_build_text(b, a->realm);
    header->timezone = cx_build_text(b, a->timezone);
    header->language = cx_build_text(b, a->language);
    for (int i = 0; i < 2 && a->country[i]; i++)
        header->country[i] = (char)toupper((unsigned char)a->country[i]);
    header->enabled = a->enabled;
    cx_build_options(a->doc, &b->account);
    header->privacy = b->account.privacy;
    json_decref(b->account.doc);
    b->account.doc = NULL;
    cx_build_limits(b, &header->limits);
    header->no_match = header->preflow = header->zone = CX_NONE;
    if (err == 0)
        err = caller_id(b, a->id, a->caller_id, &id);
    if (err == 0)
        err = deny_mask(b, a->id, a->call_restriction, &header->deny);
    if (err == 0)
        err = cx_build_recording(b, a->id, a->doc, "account", &header->recording_account);
    if (err == 0)
        err = cx_build_recording(b, a->id, a->doc, "endpoint", &header->recording_endpoint);
    header->external_name = id.external_name;
    header->external_number = id.external_number;
    header->emergency_name = id.emergency_name;
    header->emergency_number = id.emergency_number;
    return err;
}

/* What callflows name, and what of it stands in the account's own document. */
static int add_documents(struct cx_build *b, struct cx_image *header)
{
    const struct cx_row_account *a = &b->rows->account;
    json_t *doc = cx_doc_load(a->doc);
    int err = 0;

    header->preflow = cx_build_callflow(
        b, json_string_value(json_object_get(json_object_get(doc, "preflow"), "always")));
    header->flags =
        cx_doc_true(doc, "block_anonymous_caller_id", false) ? CX_ACCOUNT_BLOCK_ANONYMOUS : 0;
    json_decref(doc);
    b->zone = CX_NONE;
    if (b->rows->documents[CX_DOCUMENT_RULE].count)
        cx_build_zone(b, a->timezone, &b->zone); /* an unknown zone is UTC */
    header->zone = b->zone;
    cx_build_groups(b);
    err = cx_build_hours(b);
    if (err == 0)
        err = cx_build_documents(b);
    return err ? err : cx_build_lists(b);
}

int cx_compile(const struct cx_account_rows *rows, struct cx_image **image,
               struct cx_compile_error *error)
{
    struct cx_build b;
    struct cx_image header = {0};
    const char *why;
    int err;

    *image = NULL;
    memset(error, 0, sizeof(*error));
    err = cx_build_init(&b, rows, error);
    if (err == 0)
        err = add_account(&b, &header);
    for (size_t i = 0; i < rows->user_count && err == 0; i++)
        err = add_user(&b, &rows->users[i]);
    for (size_t i = 0; i < rows->device_count && err == 0; i++)
        err = add_device(&b, &rows->devices[i]);
    if (err == 0)
        err = cx_build_owned(&b);
    if (err == 0)
        err = add_usernames(&b);
    for (size_t i = 0; i < rows->vmbox_count && err == 0; i++)
        err = add_box(&b, &rows->vmboxes[i]);
    if (err == 0)
        err = add_documents(&b, &header);
    for (size_t i = 0; i < rows->callflow_count && err == 0; i++)
        err = add_callflow(&b, &rows->callflows[i]);
    if (err == 0)
        err = cx_build_listed(&b);
    if (err == 0)
        err = add_entries(&b, &header);
    for (size_t i = 0; i < rows->number_count && err == 0; i++)
        add_number(&b, &rows->numbers[i]);
    if (err == 0)
        err = add_resources(&b);
    if (err == 0) {
        *image = cx_build_image(&b, &header);
        /* What this function makes must be readable; anything else is our bug, and must not reach a
         * call. */
        if (!*image)
            err = -ENOMEM;
        else if (cx_image_check(*image, (*image)->size, &why) < 0) {
            err = cx_compile_fail(error, rows->account.id, "image", "%s", why);
            free(*image);
            *image = NULL;
        }
    }
    if (err == -ENOMEM)
        cx_compile_fail(error, rows->account.id, "", "out of memory");
    cx_build_free(&b);
    return err;
}

int cx_compile_check_pattern(const char *pattern, struct cx_compile_error *error)
{
    uint32_t code[CX_PATTERN_CODE_MAX];
    const char *why;

    memset(error, 0, sizeof(*error));
    if (cx_pattern_compile(pattern, code, CX_PATTERN_CODE_MAX, &why) < 0)
        return cx_compile_fail(error, "", "patterns", "'%.80s': %s", pattern, why);
    return 0;
}
