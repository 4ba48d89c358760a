/*
 * json.c - dotted paths in documents, merging, the text form that filters compare. See engine.h.
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "engine.h"

/* The child that the first len bytes of key name: of an object by key, of an array by index. */
static json_t *child(const json_t *value, const char *key, size_t len)
{
    char name[256];
    char *end;
    unsigned long index;

    if (len >= sizeof(name))
        return NULL;
    memcpy(name, key, len);
    name[len] = '\0';
    if (json_is_object(value))
        return json_object_get(value, name);
    if (!json_is_array(value) || len == 0)
        return NULL;
    index = strtoul(name, &end, 10);
    return *end ? NULL : json_array_get(value, index);
}

json_t *cx_path_get(const json_t *doc, const char *path)
{
    const json_t *value = doc;

    for (;;) {
        size_t n = strcspn(path, ".");
        value = child(value, path, n);
        if (!value || !path[n])
            return (json_t *)value;
        path += n + 1;
    }
}

const char *cx_path_text(const json_t *doc, const char *path, const char *fallback)
{
    const json_t *value = cx_path_get(doc, path);

    return json_is_string(value) ? json_string_value(value) : fallback;
}

bool cx_path_true(const json_t *doc, const char *path)
{
    return json_is_true(cx_path_get(doc, path));
}

int cx_path_set(json_t *doc, const char *path, json_t *value)
{
    char name[256];

    for (;;) {
        size_t n = strcspn(path, ".");
        json_t *next;
        if (n >= sizeof(name)) {
            json_decref(value);
            return -EINVAL;
        }
        memcpy(name, path, n);
        name[n] = '\0';
        if (!path[n])
            return json_object_set_new(doc, name, value) < 0 ? -ENOMEM : 0;
        next = json_object_get(doc, name);
        if (!json_is_object(next)) {
            next = json_object();
            if (json_object_set_new(doc, name, next) < 0) {
                json_decref(value);
                return -ENOMEM;
            }
        }
        doc = next;
        path += n + 1;
    }
}

void cx_path_delete(json_t *doc, const char *path)
{
    const char *last = strrchr(path, '.');
    char parent[256];

    if (last) {
        snprintf(parent, sizeof(parent), "%.*s", (int)(last - path), path);
        doc = cx_path_get(doc, parent);
    }
    if (json_is_object(doc))
        json_object_del(doc, last ? last + 1 : path);
}

bool cx_is_private(const char *key)
{
    return key[0] == '_' || strncmp(key, "pvt_", 4) == 0;
}

/* A null in what is added stands for "not there", however deep. */
static json_t *without_nulls(const json_t *value)
{
    const char *key;
    json_t *item, *copy;

    if (!json_is_object(value))
        return json_deep_copy(value);
    copy = json_object();
    json_object_foreach((json_t *)value, key, item)
    {
        if (!json_is_null(item))
            json_object_set_new(copy, key, without_nulls(item));
    }
    return copy;
}

int cx_merge(json_t *doc, const json_t *patch)
{
    const char *key;
    json_t *value, *old;
    int err = 0;

    json_object_foreach((json_t *)patch, key, value)
    {
        old = json_object_get(doc, key);
        if (json_is_null(value))
            json_object_del(doc, key);
        else if (json_is_object(value) && json_is_object(old))
            err = cx_merge(old, value);
        else if (json_object_set_new(doc, key, without_nulls(value)) < 0)
            err = -ENOMEM;
        if (err < 0)
            return err;
    }
    return 0;
}

const char *cx_text_form(const json_t *value, char text[64])
{
    if (json_is_array(value) && json_array_size(value) == 1)
        value = json_array_get(value, 0);
    if (json_is_string(value))
        return json_string_value(value);
    if (json_is_boolean(value))
        return json_is_true(value) ? "true" : "false";
    if (json_is_integer(value))
        snprintf(text, 64, "%lld", (long long)json_integer_value(value));
    else if (json_is_real(value))
        snprintf(text, 64, "%g", json_real_value(value));
    else
        return "";
    return text;
}
