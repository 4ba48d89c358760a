/*
 * build.c - see build.h.
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "build.h"
#include "pattern.h"

int cx_compile_fail(struct cx_compile_error *error, const char *document, const char *path,
                    const char *format, ...)
{
    va_list ap;

    snprintf(error->document, sizeof(error->document), "%s", document);
    snprintf(error->path, sizeof(error->path), "%s", path);
    va_start(ap, format);
    vsnprintf(error->message, sizeof(error->message), format, ap);
    va_end(ap);
    return -EINVAL;
}

static void *grow(struct cx_build *b, char **data, size_t *room, size_t bytes)
{
    if (bytes > *room) {
        size_t wanted = bytes * 2 + 256;
        char *grown = realloc(*data, wanted);
        if (!grown) {
            b->no_memory = true;
            return NULL;
        }
        *data = grown;
        *room = wanted;
    }
    return *data;
}

int cx_build_init(struct cx_build *b, const struct cx_account_rows *rows,
                  struct cx_compile_error *error)
{
    memset(b, 0, sizeof(*b));
    b->rows = rows;
    b->error = error;
    b->bucket_count = 1024;
    b->buckets = malloc(b->bucket_count * sizeof(*b->buckets));
    if (!b->buckets)
        return -ENOMEM;
    memset(b->buckets, 0xff, b->bucket_count * sizeof(*b->buckets));
    cx_build_text(b, ""); /* the empty string is at 0 */
    return b->no_memory ? -ENOMEM : 0;
}

void cx_build_free(struct cx_build *b)
{
    for (int t = 0; t < CX_TABLES; t++)
        free(b->tables[t].data);
    free(b->pool.data);
    free(b->buckets);
}

void *cx_build_add(struct cx_build *b, enum cx_table table)
{
    size_t size = cx_table_row_bytes[table], at = b->tables[table].bytes;

    if (!grow(b, &b->tables[table].data, &b->tables[table].room, at + size))
        return NULL;
    b->tables[table].bytes = at + size;
    return memset(b->tables[table].data + at, 0, size);
}

uint32_t cx_build_count(const struct cx_build *b, enum cx_table table)
{
    return (uint32_t)(b->tables[table].bytes / cx_table_row_bytes[table]);
}

void *cx_build_row(const struct cx_build *b, enum cx_table table, uint32_t index)
{
    return b->tables[table].data + (size_t)index * cx_table_row_bytes[table];
}

static size_t hash_of(const char *text, size_t len)
{
    uint64_t h = 14695981039346656037u;

    for (size_t i = 0; i < len; i++)
        h = (h ^ (unsigned char)text[i]) * 1099511628211u;
    return (size_t)(h ^ h >> 29);
}

static bool is_at(const struct cx_build *b, uint32_t at, const char *text, size_t len)
{
    uint16_t have;

    memcpy(&have, b->pool.data + at, sizeof(have));
    return have == len && memcmp(b->pool.data + at + sizeof(have), text, len) == 0;
}

static void put_bucket(uint32_t *buckets, size_t count, size_t hash, uint32_t at)
{
    size_t i = hash & (count - 1);

    while (buckets[i] != CX_NONE)
        i = (i + 1) & (count - 1);
    buckets[i] = at;
}

static void widen(struct cx_build *b)
{
    size_t count = b->bucket_count * 2;
    uint32_t *buckets = malloc(count * sizeof(*buckets));

    if (!buckets) {
        b->no_memory = true;
        return;
    }
    memset(buckets, 0xff, count * sizeof(*buckets));
    for (size_t i = 0; i < b->bucket_count; i++) {
        uint32_t at = b->buckets[i];
        uint16_t len;
        if (at == CX_NONE)
            continue;
        memcpy(&len, b->pool.data + at, sizeof(len));
        put_bucket(buckets, count, hash_of(b->pool.data + at + sizeof(len), len), at);
    }
    free(b->buckets);
    b->buckets = buckets;
    b->bucket_count = count;
}

cx_ref cx_build_text(struct cx_build *b, const char *text)
{
    size_t len = text ? strlen(text) : 0, hash, i;
    uint16_t short_len;
    size_t at = b->pool.bytes;

    if (len > UINT16_MAX)
        len = UINT16_MAX;
    if (!text)
        text = "";
    hash = hash_of(text, len);
    for (i = hash & (b->bucket_count - 1); b->buckets[i] != CX_NONE;
         i = (i + 1) & (b->bucket_count - 1))
        if (is_at(b, b->buckets[i], text, len))
            return b->buckets[i];
    short_len = (uint16_t)len;
    if (!grow(b, &b->pool.data, &b->pool.room, at + sizeof(short_len) + len))
        return 0;
    memcpy(b->pool.data + at, &short_len, sizeof(short_len));
    memcpy(b->pool.data + at + sizeof(short_len), text, len);
    b->pool.bytes = at + sizeof(short_len) + len;
    b->buckets[i] = (uint32_t)at;
    if (++b->string_count * 2 > b->bucket_count)
        widen(b);
    return (cx_ref)at;
}

int cx_build_pattern(struct cx_build *b, const char *pattern, const char *document,
                     const char *path, uint32_t *first, uint32_t *count)
{
    uint32_t code[CX_PATTERN_CODE_MAX];
    const char *why;
    int n = cx_pattern_compile(pattern, code, CX_PATTERN_CODE_MAX, &why);

    if (n < 0)
        return cx_compile_fail(b->error, document, path, "pattern '%.80s': %s", pattern, why);
    *first = cx_build_count(b, CX_T_CODE);
    *count = (uint32_t)n;
    for (int i = 0; i < n; i++) {
        uint32_t *word = cx_build_add(b, CX_T_CODE);
        if (word)
            *word = code[i];
    }
    return 0;
}

static size_t aligned(size_t n)
{
    return (n + 7) & ~(size_t)7;
}

struct cx_image *cx_build_image(struct cx_build *b, const struct cx_image *header)
{
    size_t size = aligned(sizeof(*header)), at;
    struct cx_image *image;

    for (int t = 0; t < CX_TABLES; t++)
        size += aligned(b->tables[t].bytes);
    size = aligned(size + b->pool.bytes);
    if (b->no_memory || size > UINT32_MAX || !(image = calloc(1, size)))
        return NULL;
    *image = *header;
    image->magic = CX_IMAGE_MAGIC;
    image->version = CX_IMAGE_VERSION;
    image->size = (uint32_t)size;
    at = aligned(sizeof(*header));
    for (int t = 0; t < CX_TABLES; t++) {
        image->tables[t].offset = (uint32_t)at;
        image->tables[t].count = cx_build_count(b, (enum cx_table)t);
        if (b->tables[t].bytes)
            memcpy((char *)image + at, b->tables[t].data, b->tables[t].bytes);
        at += aligned(b->tables[t].bytes);
    }
    image->pool = (uint32_t)at;
    image->pool_bytes = (uint32_t)b->pool.bytes;
    memcpy((char *)image + at, b->pool.data, b->pool.bytes);
    image->checksum = cx_checksum(&image->account, size - offsetof(struct cx_image, account));
    return image;
}

/* Rows come sorted by id, and their first member is the id's text. */
static uint32_t find(const void *rows, size_t count, size_t size, const char *id)
{
    size_t lo = 0, hi = count;

    while (id && lo < hi) {
        size_t mid = lo + (hi - lo) / 2;
        const char *const *have = (const void *)((const char *)rows + mid * size);
        int c = strcmp(*have, id);
        if (c == 0)
            return (uint32_t)mid;
        if (c < 0)
            lo = mid + 1;
        else
            hi = mid;
    }
    return CX_NONE;
}

uint32_t cx_build_user(const struct cx_build *b, const char *id)
{
    return find(b->rows->users, b->rows->user_count, sizeof(*b->rows->users), id);
}

uint32_t cx_build_device(const struct cx_build *b, const char *id)
{
    return find(b->rows->devices, b->rows->device_count, sizeof(*b->rows->devices), id);
}

uint32_t cx_build_box(const struct cx_build *b, const char *id)
{
    return find(b->rows->vmboxes, b->rows->vmbox_count, sizeof(*b->rows->vmboxes), id);
}

uint32_t cx_build_callflow(const struct cx_build *b, const char *id)
{
    return find(b->rows->callflows, b->rows->callflow_count, sizeof(*b->rows->callflows), id);
}

uint32_t cx_build_document(const struct cx_build *b, enum cx_document_kind kind, const char *id)
{
    const struct cx_row_documents *d = &b->rows->documents[kind];
    size_t lo = 0, hi = d->count;

    while (id && lo < hi) {
        size_t mid = lo + (hi - lo) / 2;
        int c = strcmp(d->items[mid].id, id);
        if (c == 0)
            return (uint32_t)mid;
        if (c < 0)
            lo = mid + 1;
        else
            hi = mid;
    }
    return CX_NONE;
}

const struct cx_row_media *cx_build_media(const struct cx_build *b, const char *id)
{
    uint32_t i = find(b->rows->media, b->rows->media_count, sizeof(*b->rows->media), id);

    return i == CX_NONE ? NULL : &b->rows->media[i];
}
