/*
 * variables.c - see variables.h.
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include <string.h>

#include "variables.h"

struct pair {
    struct cx_str name, value, whole;
};

/* The next "name=value" of the text; false: no more. */
static bool next(struct cx_str *rest, struct pair *pair)
{
    const char *end, *equals;

    if (rest->len == 0)
        return false;
    end = memchr(rest->s, ';', rest->len);
    pair->whole = (struct cx_str){rest->s, end ? (uint32_t)(end - rest->s) : rest->len};
    equals = memchr(pair->whole.s, '=', pair->whole.len);
    if (!equals)
        equals = pair->whole.s + pair->whole.len;
    pair->name = (struct cx_str){rest->s, (uint32_t)(equals - rest->s)};
    pair->value = (struct cx_str){
        equals + 1, pair->name.len < pair->whole.len ? pair->whole.len - pair->name.len - 1 : 0};
    rest->s += pair->whole.len + (end ? 1 : 0);
    rest->len -= pair->whole.len + (end ? 1 : 0);
    return true;
}

static bool same(struct cx_str a, struct cx_str b)
{
    return a.len == b.len && (a.len == 0 || memcmp(a.s, b.s, a.len) == 0);
}

static bool has(struct cx_str all, struct cx_str name)
{
    struct pair pair;

    while (next(&all, &pair))
        if (same(pair.name, name))
            return true;
    return false;
}

static bool append(char *to, size_t size, size_t *n, struct cx_str text)
{
    if (*n + text.len + 2 > size)
        return false;
    if (*n)
        to[(*n)++] = ';';
    memcpy(to + *n, text.s, text.len);
    *n += text.len;
    to[*n] = '\0';
    return true;
}

bool cx_variables_put(char *variables, size_t size, struct cx_str more)
{
    char made[256];
    size_t n = 0;
    struct cx_str old = {variables, (uint32_t)strlen(variables)}, rest = old;
    struct pair pair;

    made[0] = '\0';
    if (size > sizeof(made))
        size = sizeof(made);
    while (next(&rest, &pair))
        if (!has(more, pair.name) && !append(made, size, &n, pair.whole))
            return false;
    rest = more;
    while (next(&rest, &pair))
        if (!append(made, size, &n, pair.whole))
            return false;
    memcpy(variables, made, n + 1);
    return true;
}

struct cx_str cx_variables_get(const char *variables, struct cx_str name)
{
    struct cx_str rest = {variables, (uint32_t)strlen(variables)};
    struct pair pair;

    while (next(&rest, &pair))
        if (same(pair.name, name))
            return pair.value;
    return (struct cx_str){0};
}
