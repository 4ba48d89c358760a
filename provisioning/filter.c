/*
 * filter.c - filters of lists, over the whole document. See engine.h.
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include <stdlib.h>
#include <string.h>

#include "engine.h"

static bool begins(const char *key, const char *prefix, const char **rest)
{
    size_t n = strlen(prefix);

    *rest = key + n;
    return strncmp(key, prefix, n) == 0 && key[n];
}

static bool equals(const json_t *value, const char *wanted)
{
    char text[64], other[64];
    json_t *list = wanted[0] == '[' ? json_loads(wanted, 0, NULL) : NULL, *item;
    bool found = false;
    size_t i;

    if (!json_is_array(list)) {
        json_decref(list);
        return strcmp(cx_text_form(value, text), wanted) == 0;
    }
    json_array_foreach(list, i, item)
    {
        if (strcmp(cx_text_form(value, text), cx_text_form(item, other)) == 0)
            found = true;
    }
    json_decref(list);
    return found;
}

static bool is_empty(const json_t *value)
{
    return !value || json_is_null(value) ||
           (json_is_string(value) && json_string_length(value) == 0) ||
           (json_is_array(value) && json_array_size(value) == 0) ||
           (json_is_object(value) && json_object_size(value) == 0);
}

/* A key that asks for nothing that is known here passes everything. */
static bool passes(const struct cx_record *record, const char *key, const char *value)
{
    const json_t *doc = record->doc;
    const char *path;

    if (begins(key, "filter_not_", &path))
        return !equals(cx_path_get(doc, path), value);
    if (begins(key, "filter_", &path))
        return equals(cx_path_get(doc, path), value);
    if (strcmp(key, "has_key") == 0)
        return cx_path_get(doc, value) != NULL;
    if (strcmp(key, "key_missing") == 0)
        return cx_path_get(doc, value) == NULL;
    if (strcmp(key, "has_value") == 0)
        return !is_empty(cx_path_get(doc, value));
    if (strcmp(key, "value_missing") == 0)
        return is_empty(cx_path_get(doc, value));
    if (strcmp(key, "created_from") == 0)
        return record->created + CX_GREGORIAN >= strtoll(value, NULL, 10);
    if (strcmp(key, "created_to") == 0)
        return record->created + CX_GREGORIAN <= strtoll(value, NULL, 10);
    if (strcmp(key, "modified_from") == 0)
        return record->modified + CX_GREGORIAN >= strtoll(value, NULL, 10);
    if (strcmp(key, "modified_to") == 0)
        return record->modified + CX_GREGORIAN <= strtoll(value, NULL, 10);
    return true;
}

bool cx_filter(const struct cx_request *r, const struct cx_record *record)
{
    for (size_t i = 0; i < r->query_count; i++)
        if (!passes(record, r->query[i].key, r->query[i].value))
            return false;
    return true;
}

bool cx_filter_any(const struct cx_request *r)
{
    static const char *const prefixes[] = {"filter_",       "has_key",  "key_missing", "has_value",
                                           "value_missing", "created_", "modified_"};

    for (size_t i = 0; i < r->query_count; i++)
        for (size_t k = 0; k < sizeof(prefixes) / sizeof(*prefixes); k++)
            if (strncmp(r->query[i].key, prefixes[k], strlen(prefixes[k])) == 0)
                return true;
    return false;
}
