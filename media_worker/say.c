/*
 * say.c - see say.h. The words are those of Debian's asterisk-core-sounds-en.
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include <stdio.h>
#include <string.h>

#include "ivr.h"
#include "say.h"

void cx_say_start(struct cx_say *say)
{
    say->count = say->used = 0;
}

static void add(struct cx_say *say, const char *folder, const char *name, size_t len)
{
    size_t room = sizeof(say->text) - say->used;
    int n;

    if (len == 0 || say->count == CX_SAY_MAX)
        return;
    n = snprintf(say->text + say->used, room, "%s%.*s", folder, (int)len, name);
    if (n < 0 || (size_t)n >= room)
        return;
    say->names[say->count++] = say->text + say->used;
    say->used += (size_t)n + 1;
}

void cx_say_sound(struct cx_say *say, const char *name)
{
    add(say, "", name, strlen(name));
}

void cx_say_words(struct cx_say *say, const char *words)
{
    while (*words) {
        size_t len = strcspn(words, " ");
        add(say, "sys/", words, len);
        words += len;
        words += strspn(words, " ");
    }
}

void cx_say_digits(struct cx_say *say, const char *digits)
{
    for (; *digits; digits++) {
        if (*digits >= '0' && *digits <= '9')
            add(say, "sys/digits/", digits, 1);
        else if (*digits == '*' || *digits == '#')
            cx_say_words(say, *digits == '*' ? "digits/star" : "digits/pound");
    }
}

static void small_number(struct cx_say *say, unsigned n)
{
    char word[24];

    snprintf(word, sizeof(word), "digits/%u", n);
    cx_say_words(say, word);
}

void cx_say_number(struct cx_say *say, unsigned n)
{
    static const struct {
        unsigned value;
        const char *word;
    } scales[] = {{1000000000, "digits/billion"},
                  {1000000, "digits/million"},
                  {1000, "digits/thousand"},
                  {100, "digits/hundred"}};

    for (size_t i = 0; i < sizeof(scales) / sizeof(*scales); i++)
        if (n >= scales[i].value) {
            cx_say_number(say, n / scales[i].value);
            cx_say_words(say, scales[i].word);
            n %= scales[i].value;
            if (n == 0)
                return;
        }
    if (n > 20) {
        small_number(say, n / 10 * 10);
        n %= 10;
        if (n == 0)
            return;
    }
    small_number(say, n);
}

/* The 1st to the 31st. */
static void ordinal(struct cx_say *say, unsigned n)
{
    char word[24];

    if (n > 20 && n % 10) {
        small_number(say, n / 10 * 10);
        n %= 10;
    }
    snprintf(word, sizeof(word), "digits/h-%u", n);
    cx_say_words(say, word);
}

void cx_say_time(struct cx_say *say, const struct tm *when)
{
    unsigned hour = (unsigned)when->tm_hour % 12, minute = (unsigned)when->tm_min;

    cx_say_number(say, hour ? hour : 12);
    if (minute == 0) {
        cx_say_words(say, "digits/oclock");
    } else {
        if (minute < 10)
            cx_say_words(say, "digits/oh");
        cx_say_number(say, minute);
    }
    cx_say_words(say, when->tm_hour < 12 ? "digits/a-m" : "digits/p-m");
}

/* Days since an epoch of its own. */
static long day_number(const struct tm *t)
{
    long y = t->tm_year + 1900, m = t->tm_mon + 1;

    if (m < 3) {
        y--;
        m += 12;
    }
    return 365 * y + y / 4 - y / 100 + y / 400 + (153 * (m - 3) + 2) / 5 + t->tm_mday;
}

void cx_say_when(struct cx_say *say, const struct tm *when, const struct tm *now)
{
    long ago = day_number(now) - day_number(when);
    char word[24];

    if (ago == 0 || ago == 1) {
        cx_say_words(say, ago ? "digits/yesterday" : "digits/today");
    } else {
        snprintf(word, sizeof(word), "digits/day-%d", when->tm_wday);
        cx_say_words(say, word);
        if (ago < 0 || ago > 6) {
            snprintf(word, sizeof(word), "digits/mon-%d", when->tm_mon);
            cx_say_words(say, word);
            ordinal(say, (unsigned)when->tm_mday);
        }
    }
    cx_say_words(say, "digits/at");
    cx_say_time(say, when);
}

void cx_say_media(struct cx_say *say, const char *media)
{
    char name[300];

    if (cx_ivr_media_name(media, name, sizeof(name)))
        cx_say_sound(say, name);
}
