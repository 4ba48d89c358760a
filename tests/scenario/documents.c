/*
 * documents.c - lines of a scenario that are documents of one shape: menus, rules of time, rooms
 * ... See world.h. SPDX-License-Identifier: GPL-2.0-or-later
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "world.h"

static const struct {
    const char *word; /* also the kind in @KIND:NAME */
    enum cx_document_kind kind;
} kinds[] = {
    {"menu", CX_DOCUMENT_MENU},           {"conference", CX_DOCUMENT_CONFERENCE},
    {"directory", CX_DOCUMENT_DIRECTORY}, {"group", CX_DOCUMENT_GROUP},
    {"rule", CX_DOCUMENT_RULE},           {"ruleset", CX_DOCUMENT_RULE_SET},
    {"blacklist", CX_DOCUMENT_BLACKLIST}, {"list", CX_DOCUMENT_MATCH_LIST},
    {"faxbox", CX_DOCUMENT_FAXBOX},
};

/* Dates in rules: @date:YYYY-MM-DD is that day's beginning, in seconds since year 0. */
static const char *with_dates(struct account *a, const char *json)
{
    char text[4096];
    size_t n = 0;
    int year, used;
    unsigned month, day;

    while (*json && n + 20 < sizeof(text)) {
        used = 0;
        if (*json == '@' && sscanf(json, "@date:%4d-%2u-%2u%n", &year, &month, &day, &used) == 3 &&
            used > 0) {
            n += (size_t)snprintf(text + n, sizeof(text) - n, "%lld",
                                  62167219200 + 86400LL * cx_days_from_civil(year, month, day));
            json += used;
        } else
            text[n++] = *json++;
    }
    text[n] = '\0';
    return cx_rows_strdup(&a->rows, text);
}

/* KIND NAME [owner USER] : JSON */
bool document_line(struct world *w, const struct line *line)
{
    struct account *a = w->account_count ? &w->accounts[w->account_count - 1] : NULL;
    const char *json = strstr(line->text, " : ");
    struct cx_row_documents *of;
    struct cx_row_document *items, *d;
    char id[33];

    for (size_t i = 0; i < sizeof(kinds) / sizeof(*kinds); i++) {
        if (strcmp(line->words[0], kinds[i].word) != 0)
            continue;
        if (!a || !json || line->count < 4)
            fail(line, "%s NAME : JSON, behind an account", kinds[i].word);
        of = &a->rows.documents[kinds[i].kind];
        items = cx_rows_alloc(&a->rows, (of->count + 1) * sizeof(*items));
        if (of->count)
            memcpy(items, of->items, of->count * sizeof(*items));
        make_id(a->name, kinds[i].word, line->words[1], id);
        d = &items[of->count++];
        *d = (struct cx_row_document){.kind = (int)kinds[i].kind,
                                      .id = cx_rows_strdup(&a->rows, id),
                                      .name = cx_rows_strdup(&a->rows, line->words[1]),
                                      .doc = with_ids(a, with_dates(a, json + 3))};
        if (strcmp(line->words[2], "owner") == 0) {
            make_id(a->name, "user", line->words[3], id);
            d->owner_id = cx_rows_strdup(&a->rows, id);
        }
        of->items = items;
        return true;
    }
    return false;
}

/* media NAME: a sound of the tenant's, stored as media/NAME. */
bool media_line(struct world *w, const struct line *line)
{
    struct account *a = w->account_count ? &w->accounts[w->account_count - 1] : NULL;
    struct cx_row_media *wider;
    char id[33], key[100];

    if (strcmp(line->words[0], "media") != 0)
        return false;
    if (!a || line->count < 2)
        fail(line, "media NAME, behind an account");
    wider = cx_rows_alloc(&a->rows, (a->rows.media_count + 1) * sizeof(*wider));
    if (a->rows.media_count)
        memcpy(wider, a->rows.media, a->rows.media_count * sizeof(*wider));
    make_id(a->name, "media", line->words[1], id);
    snprintf(key, sizeof(key), "media/%s", line->words[1]);
    wider[a->rows.media_count++] =
        (struct cx_row_media){.id = cx_rows_strdup(&a->rows, id),
                              .name = "",
                              .storage_key = cx_rows_strdup(&a->rows, key)};
    a->rows.media = wider;
    return true;
}

static int by_id(const void *a, const void *b)
{
    return strcmp(((const struct cx_row_document *)a)->id, ((const struct cx_row_document *)b)->id);
}

void documents_sort(struct account *a)
{
    for (int k = 0; k < CX_DOCUMENT_KINDS; k++)
        if (a->rows.documents[k].count > 1)
            qsort((void *)a->rows.documents[k].items, a->rows.documents[k].count,
                  sizeof(struct cx_row_document), by_id);
}
