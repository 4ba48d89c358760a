/*
 * number.c - see number.h.
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include <string.h>

#include "number.h"
#include "restrict.h"

struct habit {
    char country[3];
    const char *international; /* dialled before a country code, beside 00 */
    const char *trunk;         /* dialled before a national number, replaced by the country code */
    const char *code;          /* digits of the country code */
    unsigned least, most;      /* digits of a national number after the trunk prefix */
    bool bare;                 /* national numbers may come without a trunk prefix */
};

static const struct habit habits[] = {
    {"IE", "00", "0", "353", 7, 9, false},
    {"GB", "00", "0", "44", 9, 10, false},
    {"US", "011", "1", "1", 10, 10, true},
    {"CA", "011", "1", "1", 10, 10, true},
};

/* Ireland's freephone and shared numbers are dialled without a 0: 1800, 1850, 1890, 15xx. */
static bool is_irish_special(struct cx_str d)
{
    return d.len == 10 && (memcmp(d.s, "1800", 4) == 0 || memcmp(d.s, "1850", 4) == 0 ||
                           memcmp(d.s, "1890", 4) == 0 || memcmp(d.s, "15", 2) == 0);
}

static bool strip(struct cx_str dialled, char *to, struct cx_str *digits)
{
    uint32_t n = 0;

    for (uint32_t i = 0; i < dialled.len; i++) {
        char c = dialled.s[i];
        if (c == '+' && i == 0)
            to[n++] = c;
        else if (c >= '0' && c <= '9')
            to[n++] = c;
        else if (n == 0 || !strchr(" -.()/", c))
            return false;
        if (n + 1 >= CX_NUMBER_MAX)
            return false;
    }
    *digits = (struct cx_str){to, n};
    return n > 0;
}

static struct cx_str put(char text[CX_NUMBER_MAX], const char *code, const char *digits, uint32_t n,
                         struct cx_str otherwise)
{
    size_t c = strlen(code);

    if (1 + c + n >= CX_NUMBER_MAX)
        return otherwise;
    text[0] = '+';
    memcpy(text + 1, code, c);
    memcpy(text + 1 + c, digits, n);
    return (struct cx_str){text, (uint32_t)(1 + c + n)};
}

static bool begins(struct cx_str d, const char *prefix)
{
    size_t n = strlen(prefix);

    return d.len > n && memcmp(d.s, prefix, n) == 0;
}

struct cx_str cx_number_normalise(const char *country, struct cx_str dialled,
                                  char text[CX_NUMBER_MAX])
{
    const struct habit *h = NULL;
    char plain[CX_NUMBER_MAX];
    struct cx_str d;

    if (cx_is_emergency(dialled) || !strip(dialled, plain, &d))
        return dialled;
    if (d.s[0] == '+')
        return d.len > 1 ? put(text, "", d.s + 1, d.len - 1, dialled) : dialled;
    for (size_t i = 0; i < sizeof(habits) / sizeof(*habits); i++)
        if (strncmp(habits[i].country, country, 2) == 0)
            h = &habits[i];
    if (h && begins(d, h->international) && d.len >= strlen(h->international) + 5)
        return put(text, "", d.s + strlen(h->international),
                   d.len - (uint32_t)strlen(h->international), dialled);
    if (begins(d, "00") && d.len >= 7)
        return put(text, "", d.s + 2, d.len - 2, dialled);
    if (!h)
        return dialled;
    if (h->country[0] == 'I' && is_irish_special(d))
        return put(text, h->code, d.s, d.len, dialled);
    if (begins(d, h->trunk)) {
        uint32_t n = d.len - (uint32_t)strlen(h->trunk);
        if (n >= h->least && n <= h->most)
            return put(text, h->code, d.s + strlen(h->trunk), n, dialled);
    }
    if (h->bare && d.len >= h->least && d.len <= h->most)
        return put(text, h->code, d.s, d.len, dialled);
    return dialled;
}
