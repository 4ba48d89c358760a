/*
 * compile_lists.c - lists of numbers (blacklists, match lists) and dial plans -> tables of the
 * image. SPDX-License-Identifier: GPL-2.0-or-later
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "build.h"
#include "number.h"

/* ---- blacklists */

static int compare_texts(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static void add_blocked(struct cx_build *b, const json_t *numbers, struct cx_blacklist *list)
{
    size_t count = json_object_size(numbers), n = 0;
    const char *number, **texts = calloc(count + 1, sizeof(*texts));
    char(*forms)[CX_NUMBER_MAX + 1] = calloc(count + 1, sizeof(*forms));
    json_t *value;

    list->number_first = cx_build_count(b, CX_T_BLOCKED);
    if (!texts || !forms)
        b->no_memory = true;
    else {
        json_object_foreach((json_t *)numbers, number, value)
        {
            char text[CX_NUMBER_MAX];
            struct cx_str e164 = cx_number_normalise(
                b->rows->account.country, (struct cx_str){number, (uint32_t)strlen(number)}, text);
            snprintf(forms[n], sizeof(*forms), "%.*s", (int)e164.len, e164.s);
            texts[n] = forms[n];
            n++;
        }
        qsort(texts, n, sizeof(*texts), compare_texts);
        for (size_t i = 0; i < n; i++) {
            cx_ref *row = cx_build_add(b, CX_T_BLOCKED);
            if (row)
                *row = cx_build_text(b, texts[i]);
        }
    }
    list->number_count = cx_build_count(b, CX_T_BLOCKED) - list->number_first;
    free(texts);
    free(forms);
}

static void add_blacklist(struct cx_build *b, const struct cx_row_document *row)
{
    struct cx_blacklist *to, list = {.name = cx_build_text(b, row->name)};
    json_t *doc = cx_doc_load(row->doc);

    cx_id_parse(row->id, strlen(row->id), &list.id);
    list.flags = cx_doc_true(doc, "should_block_anonymous", false) ? CX_BLACKLIST_ANONYMOUS : 0;
    add_blocked(b, json_object_get(doc, "numbers"), &list);
    if ((to = cx_build_add(b, CX_T_BLACKLIST)) != NULL)
        *to = list;
    json_decref(doc);
}

/* "blacklists": ids of the lists that hold for an account or a user. */
static void add_applies(struct cx_build *b, const char *text, uint32_t user)
{
    json_t *doc = text && strstr(text, "\"blacklists\"") ? cx_doc_load(text) : NULL;
    const json_t *v;
    size_t i;

    json_array_foreach(json_object_get(doc, "blacklists"), i, v)
    {
        uint32_t list = cx_build_document(b, CX_DOCUMENT_BLACKLIST, json_string_value(v));
        struct cx_applies *row;
        if (list != CX_NONE && (row = cx_build_add(b, CX_T_APPLIES)) != NULL)
            *row = (struct cx_applies){user, list};
    }
    json_decref(doc);
}

/* ---- match lists */

static const char *member(const json_t *entry, const char *key)
{
    const char *text = json_string_value(json_object_get(entry, key));

    return text ? text : "";
}

static void add_match(struct cx_build *b, const json_t *entry)
{
    struct cx_match *row, match = {0};
    const char *number = member(entry, "number");
    char name[200], text[CX_NUMBER_MAX];
    bool ok;

    if (number[0]) {
        struct cx_str e164 = cx_number_normalise(
            b->rows->account.country, (struct cx_str){number, (uint32_t)strlen(number)}, text);
        char copy[CX_NUMBER_MAX + 1];
        snprintf(copy, sizeof(copy), "%.*s", (int)e164.len, e164.s);
        match.number = cx_build_text(b, copy);
    } else
        match.pattern = cx_doc_pattern(b, member(entry, "pattern"), &ok);
    if (member(entry, "displayname")[0])
        snprintf(name, sizeof(name), "%s", member(entry, "displayname"));
    else
        snprintf(name, sizeof(name), "%s%s%s", member(entry, "firstname"),
                 member(entry, "firstname")[0] && member(entry, "lastname")[0] ? " " : "",
                 member(entry, "lastname"));
    match.name = cx_build_text(b, name);
    match.key = cx_build_text(b, member(entry, "capture_group_key"));
    if ((number[0] || match.pattern.count) && (row = cx_build_add(b, CX_T_MATCH)) != NULL)
        *row = match;
}

/* "entries": a list of entries, or an object of them by their ids. */
static void add_match_list(struct cx_build *b, const struct cx_row_document *row)
{
    struct cx_match_list *to, list = {.name = cx_build_text(b, row->name)};
    json_t *doc = cx_doc_load(row->doc), *entry;
    const json_t *entries = json_object_get(doc, "entries");
    const char *key;
    size_t i;

    cx_id_parse(row->id, strlen(row->id), &list.id);
    list.first = cx_build_count(b, CX_T_MATCH);
    json_array_foreach(entries, i, entry) add_match(b, entry);
    json_object_foreach((json_t *)entries, key, entry) add_match(b, entry);
    list.count = cx_build_count(b, CX_T_MATCH) - list.first;
    if ((to = cx_build_add(b, CX_T_MATCH_LIST)) != NULL)
        *to = list;
    json_decref(doc);
}

/* ---- dial plans */

/* "dial_plan": {"^([2-9]\\d{6})$": {"prefix": "+3531"}}. The order of the document is kept. */
static void add_dial_plan(struct cx_build *b, const char *text, enum cx_value_kind kind,
                          uint32_t row)
{
    json_t *doc = text && strstr(text, "\"dial_plan\"") ? cx_doc_load(text) : NULL, *value;
    const char *pattern;

    json_object_foreach(json_object_get(doc, "dial_plan"), pattern, value)
    {
        struct cx_dial_rule *to, rule = {.kind = kind, .row = row};
        bool ok;
        if (!json_is_object(value)) /* "system": names of plans that the cluster has not */
            continue;
        rule.pattern = cx_doc_pattern(b, pattern, &ok);
        rule.prefix = cx_build_text(b, member(value, "prefix"));
        rule.suffix = cx_build_text(b, member(value, "suffix"));
        if (ok && rule.pattern.count && (to = cx_build_add(b, CX_T_DIAL_RULE)) != NULL)
            *to = rule;
    }
    json_decref(doc);
}

static void each(struct cx_build *b, enum cx_document_kind kind,
                 void (*add)(struct cx_build *b, const struct cx_row_document *row))
{
    for (size_t i = 0; i < b->rows->documents[kind].count; i++)
        add(b, &b->rows->documents[kind].items[i]);
}

int cx_build_lists(struct cx_build *b)
{
    each(b, CX_DOCUMENT_BLACKLIST, add_blacklist);
    each(b, CX_DOCUMENT_MATCH_LIST, add_match_list);
    add_applies(b, b->rows->account.doc, CX_NONE);
    add_dial_plan(b, b->rows->account.doc, CX_VALUE_ACCOUNT, 0);
    for (uint32_t i = 0; i < b->rows->user_count; i++) {
        add_applies(b, b->rows->users[i].doc, i);
        add_dial_plan(b, b->rows->users[i].doc, CX_VALUE_USER, i);
    }
    for (uint32_t i = 0; i < b->rows->device_count; i++)
        add_dial_plan(b, b->rows->devices[i].doc, CX_VALUE_DEVICE, i);
    return b->no_memory ? -ENOMEM : 0;
}
