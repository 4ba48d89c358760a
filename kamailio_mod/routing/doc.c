/*
 * doc.c - reading documents leniently while an image is compiled. See build.h.
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "build.h"
#include "pattern.h"

json_t *cx_doc_load(const char *text)
{
    json_t *doc = text ? json_loads(text, 0, NULL) : NULL;

    if (json_is_object(doc))
        return doc;
    json_decref(doc);
    return json_object();
}

long cx_doc_number(const json_t *doc, const char *key, long least, long most, long fallback)
{
    const json_t *v = json_object_get(doc, key);
    const char *text = json_string_value(v);
    char *end;
    long number;

    if (json_is_number(v)) {
        double d = json_number_value(v);
        return d >= (double)least && d <= (double)most ? (long)d : fallback;
    }
    if (!text || !text[0])
        return fallback;
    number = strtol(text, &end, 10);
    return *end == '\0' && number >= least && number <= most ? number : fallback;
}

bool cx_doc_true(const json_t *doc, const char *key, bool fallback)
{
    const json_t *v = json_object_get(doc, key);
    const char *text = json_string_value(v);

    if (json_is_boolean(v))
        return json_is_true(v);
    if (text && (strcmp(text, "true") == 0 || strcmp(text, "false") == 0))
        return text[0] == 't';
    return fallback;
}

cx_ref cx_doc_joined(struct cx_build *b, const json_t *array, const char *by)
{
    char text[512];
    size_t i, n = 0;
    const json_t *v;

    text[0] = '\0';
    json_array_foreach(array, i, v)
    {
        char number[32];
        const char *s = json_string_value(v);
        if (json_is_integer(v)) {
            snprintf(number, sizeof(number), "%lld", (long long)json_integer_value(v));
            s = number;
        }
        if (s && s[0] && !strstr(s, by) && n + strlen(s) + 2 < sizeof(text))
            n += (size_t)snprintf(text + n, sizeof(text) - n, "%s%s", n ? by : "", s);
    }
    return cx_build_text(b, text);
}

struct cx_code cx_doc_pattern(struct cx_build *b, const char *pattern, bool *ok)
{
    struct cx_compile_error error = {0}, *keep = b->error;
    struct cx_code code = {0, 0};

    *ok = true;
    if (!pattern || !pattern[0])
        return code;
    b->error = &error;
    *ok = cx_build_pattern(b, pattern, "", "", &code.first, &code.count) == 0;
    b->error = keep;
    return *ok ? code : (struct cx_code){0, 0};
}
