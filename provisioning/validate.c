/*
 * validate.c - a document against its descriptors: casting, defaults, rules. See engine.h.
 *
 * Form values often come as strings; they are converted when the field wants something else and the
 * text says it, as clients of this API expect. SPDX-License-Identifier: GPL-2.0-or-later
 */
#include <ctype.h>
#include <errno.h>
#include <limits.h>
#include <regex.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "db/id.h"
#include "engine.h"

static const char *const type_names[] = {
    [CX_STRING] = "string", [CX_INTEGER] = "integer", [CX_BOOLEAN] = "boolean",
    [CX_OBJECT] = "object", [CX_ARRAY] = "array",     [CX_ANY] = "any",
};

struct validation {
    struct cx_request *r;
    const struct cx_field *field;
    int err;
};

static size_t characters(const char *s)
{
    size_t n = 0;

    for (; *s; s++)
        n += ((unsigned char)*s & 0xc0) != 0x80;
    return n;
}

static bool has_type(const json_t *value, enum cx_type type)
{
    switch (type) {
    case CX_STRING:
        return json_is_string(value);
    case CX_INTEGER:
        return json_is_integer(value);
    case CX_BOOLEAN:
        return json_is_boolean(value);
    case CX_OBJECT:
        return json_is_object(value);
    case CX_ARRAY:
        return json_is_array(value);
    default:
        return true;
    }
}

/* The value as the field wants it (new), or NULL when it does not say so. */
static json_t *cast(const json_t *value, enum cx_type type)
{
    char text[64], *end;
    const char *s = json_string_value(value);
    long long number;

    switch (type) {
    case CX_STRING:
        if (!json_is_integer(value))
            return NULL;
        return json_string(cx_text_form(value, text));
    case CX_INTEGER:
        if (json_is_real(value) && json_real_value(value) >= -9e15 &&
            json_real_value(value) <= 9e15 &&
            json_real_value(value) == (double)(long long)json_real_value(value))
            return json_integer((long long)json_real_value(value));
        if (!s || !*s || isspace((unsigned char)*s))
            return NULL;
        errno = 0;
        number = strtoll(s, &end, 10);
        return *end || errno ? NULL : json_integer(number);
    case CX_BOOLEAN:
        if (s && (strcmp(s, "true") == 0 || strcmp(s, "false") == 0))
            return json_boolean(s[0] == 't');
        return NULL;
    default:
        return NULL;
    }
}

static bool is_choice(const char *choices, const char *text)
{
    size_t n = strlen(text);

    for (const char *p = choices; *p; p += *p == '|') {
        size_t len = strcspn(p, "|");
        if (len == n && memcmp(p, text, n) == 0)
            return true;
        p += len;
    }
    return false;
}

static json_t *choice_list(const char *choices)
{
    json_t *list = json_array();

    for (const char *p = choices; *p; p += *p == '|') {
        size_t len = strcspn(p, "|");
        json_array_append_new(list, json_stringn(p, len));
        p += len;
    }
    return list;
}

static bool matches(const char *pattern, const char *text)
{
    regex_t regex;
    bool ok;

    if (regcomp(&regex, pattern, REG_EXTENDED | REG_NOSUB))
        return false;
    ok = regexec(&regex, text, 0, NULL, 0) == 0;
    regfree(&regex);
    return ok;
}

static void check_string(struct validation *v, const char *path, const json_t *value)
{
    const struct cx_field *f = v->field;
    const char *text = json_string_value(value);
    size_t n = characters(text);

    if (f->min > 0 && n < (size_t)f->min) {
        cx_invalid(v->r, path, "minLength", value, "String must be at least %lld characters",
                   (long long)f->min);
        cx_invalid_detail(v->r, path, "minLength", "target", json_integer(f->min));
    }
    if (f->max > 0 && n > (size_t)f->max) {
        cx_invalid(v->r, path, "maxLength", value, "String must not be more than %lld characters",
                   (long long)f->max);
        cx_invalid_detail(v->r, path, "maxLength", "target", json_integer(f->max));
    }
    if (f->choices && !is_choice(f->choices, text)) {
        cx_invalid(v->r, path, "enum", value, "Value not found in enumerated list of values");
        cx_invalid_detail(v->r, path, "enum", "target", choice_list(f->choices));
    }
    if (f->pattern && !matches(f->pattern, text)) {
        cx_invalid(v->r, path, "pattern", value, "Failed to match pattern '%s'", f->pattern);
        cx_invalid_detail(v->r, path, "pattern", "target", json_string(f->pattern));
    }
    for (const char *p = text; *p && f->flags & (CX_ASCII | CX_LINE); p++) {
        unsigned char c = (unsigned char)*p;
        if (c < 0x20 || c == 0x7f || (f->flags & CX_ASCII && (c == ' ' || c > 0x7e))) {
            cx_invalid(v->r, path, "pattern", value, "%s",
                       f->flags & CX_ASCII ? "Only printable ASCII characters without spaces"
                                           : "Control characters are not allowed");
            break;
        }
    }
}

int cx_reference_find(struct cx_request *r, const char *table, const char *id)
{
    struct cx_value params[] = {cx_text(id), cx_text(r->account.id)};
    char sql[128];

    snprintf(sql, sizeof(sql), "SELECT 1 FROM %s WHERE id = ? AND account_id = ?", table);
    return cx_id_is_valid(id) ? cx_db_exists(r->db, sql, params, 2) : -ENOENT;
}

static void check_reference(struct validation *v, const char *path, const json_t *value)
{
    int err = cx_reference_find(v->r, v->field->reference, json_string_value(value));

    if (err == -ENOENT) {
        cx_invalid(v->r, path, "not_found", value, "There is no such %s in this account",
                   v->field->reference);
        cx_invalid_detail(v->r, path, "not_found", "cause", json_incref((json_t *)value));
    } else if (err < 0) {
        v->err = err;
    }
}

static void lower(json_t *value)
{
    char *text = strdup(json_string_value(value));

    for (char *p = text; p && *p; p++)
        *p = (char)tolower((unsigned char)*p);
    if (text)
        json_string_set(value, text);
    free(text);
}

static void check_repetitions(struct validation *v, const char *path, const json_t *list)
{
    json_t *item;
    size_t i;

    json_array_foreach(list, i, item)
    {
        for (size_t k = 0; k < i; k++)
            if (json_equal(json_array_get(list, k), item)) {
                cx_invalid(v->r, path, "uniqueItems", item, "The same item is there twice");
                return;
            }
    }
}

static void check_value(struct validation *v, const char *path, json_t *value)
{
    const struct cx_field *f = v->field;
    int64_t number = json_integer_value(value);
    size_t size = json_is_array(value) ? json_array_size(value) : 0;

    switch (f->type) {
    case CX_STRING:
        if (f->flags & CX_LOWER)
            lower(value);
        check_string(v, path, value);
        if (f->reference)
            check_reference(v, path, value);
        break;
    case CX_INTEGER:
        if (number < f->min && (f->min || f->max)) {
            cx_invalid(v->r, path, "minimum", value, "Value must be at least %lld",
                       (long long)f->min);
            cx_invalid_detail(v->r, path, "minimum", "target", json_integer(f->min));
        }
        if (f->max && number > f->max) {
            cx_invalid(v->r, path, "maximum", value, "Value must be at most %lld",
                       (long long)f->max);
            cx_invalid_detail(v->r, path, "maximum", "target", json_integer(f->max));
        }
        break;
    case CX_ARRAY:
        if (f->max && size > (size_t)f->max) {
            cx_invalid(v->r, path, "maxItems", NULL, "The list has more than %lld items",
                       (long long)f->max);
            cx_invalid_detail(v->r, path, "maxItems", "target", json_integer(f->max));
        }
        if (size < (size_t)f->min) {
            cx_invalid(v->r, path, "minItems", NULL, "The list has less than %lld items",
                       (long long)f->min);
            cx_invalid_detail(v->r, path, "minItems", "target", json_integer(f->min));
        }
        if (f->flags & CX_SET)
            check_repetitions(v, path, value);
        break;
    default:
        break;
    }
}

/* One value of a field, in its parent under key (object) or index (array). */
static void check_member(struct validation *v, json_t *parent, const char *key, size_t index,
                         const char *path)
{
    const struct cx_field *f = v->field;
    json_t *value = key ? json_object_get(parent, key) : json_array_get(parent, index), *made;

    if (!value)
        return;
    /* null, or an id that a form left empty: not there */
    if (key && (json_is_null(value) ||
                (f->reference && json_string_length(value) == 0 && json_is_string(value)))) {
        json_object_del(parent, key);
        return;
    }
    if (!has_type(value, f->type)) {
        made = cast(value, f->type);
        if (!made) {
            cx_invalid(v->r, path, "type", value, "Value did not match type(s): %s",
                       type_names[f->type]);
            cx_invalid_detail(v->r, path, "type", "target", json_string(type_names[f->type]));
            return;
        }
        if (key)
            json_object_set_new(parent, key, made);
        else
            json_array_set_new(parent, index, made);
        value = made;
    }
    check_value(v, path, value);
}

/* Follows the field's path from `value` on; rest is what is left of the path, so_far what is
 * behind.
 */
static void walk(struct validation *v, json_t *value, const char *rest, const char *so_far)
{
    size_t n = strcspn(rest, "."), index;
    bool last = !rest[n];
    char key[128], path[512];
    const char *name;
    void *next;
    json_t *item;

    snprintf(key, sizeof(key), "%.*s", (int)n, rest);
    if (strcmp(key, "*") == 0 && json_is_object(value)) {
        json_object_foreach_safe(value, next, name, item)
        {
            snprintf(path, sizeof(path), "%s.%s", so_far, name);
            if (last)
                check_member(v, value, name, 0, path);
            else
                walk(v, item, rest + n + 1, path);
        }
        return;
    }
    if (strcmp(key, "*") == 0 && json_is_array(value)) {
        json_array_foreach(value, index, item)
        {
            snprintf(path, sizeof(path), "%s.%zu", so_far, index);
            if (last)
                check_member(v, value, NULL, index, path);
            else
                walk(v, item, rest + n + 1, path);
        }
        return;
    }
    if (!json_is_object(value)) {
        if (so_far[0]) {
            cx_invalid(v->r, so_far, "type", value, "Value did not match type(s): object");
            cx_invalid_detail(v->r, so_far, "type", "target", json_string("object"));
        }
        return;
    }
    snprintf(path, sizeof(path), "%s%s%s", so_far, so_far[0] ? "." : "", key);
    item = json_object_get(value, key);
    if (last && !item && v->field->flags & CX_REQUIRED && strchr(v->field->path, '*')) {
        cx_invalid(v->r, path, "required", NULL, "Field is required but missing");
        return;
    }
    if (!last && json_is_null(item))
        json_object_del(value, key);
    else if (last)
        check_member(v, value, key, 0, path);
    else if (item)
        walk(v, item, rest + n + 1, path);
}

static bool is_below(const json_t *doc, const char *path)
{
    const char *dot = strrchr(path, '.');
    char parent[128];

    if (!dot)
        return true;
    snprintf(parent, sizeof(parent), "%.*s", (int)(dot - path), path);
    return json_is_object(cx_path_get(doc, parent));
}

/* No parent of the path is something else than an object. */
static bool can_be_set(const json_t *doc, const char *path)
{
    char parent[128];

    for (const char *dot = strchr(path, '.'); dot; dot = strchr(dot + 1, '.')) {
        snprintf(parent, sizeof(parent), "%.*s", (int)(dot - path), path);
        json_t *value = cx_path_get(doc, parent);
        if (value && !json_is_object(value))
            return false;
    }
    return true;
}

int cx_validate(struct cx_request *r, const struct cx_resource *res, json_t *doc)
{
    struct validation v = {.r = r};

    for (size_t i = 0; i < res->field_count; i++) {
        const struct cx_field *f = &res->fields[i];
        if (f->flags & (CX_HIDDEN | CX_READ_ONLY) || (f->select && !(f->flags & CX_TABLE)))
            continue;
        v.field = f;
        walk(&v, doc, f->path, "");
        if (strchr(f->path, '*') || cx_path_get(doc, f->path))
            continue;
        if (f->def && (f->column || f->flags & CX_TABLE || is_below(doc, f->path)) &&
            can_be_set(doc, f->path))
            cx_path_set(doc, f->path, json_loads(f->def, JSON_DECODE_ANY, NULL));
        else if (f->flags & CX_REQUIRED)
            cx_invalid(r, f->path, "required", NULL, "Field is required but missing");
    }
    return v.err;
}

void cx_strip(const struct cx_resource *res, json_t *doc)
{
    const char *key;
    void *next;
    json_t *value;

    json_object_del(doc, "id");
    json_object_foreach_safe(doc, next, key, value)
    {
        if (cx_is_private(key))
            json_object_del(doc, key);
    }
    for (size_t i = 0; i < res->field_count; i++)
        if (res->fields[i].flags & CX_READ_ONLY ||
            (res->fields[i].select && !(res->fields[i].flags & CX_TABLE)))
            cx_path_delete(doc, res->fields[i].path);
}
