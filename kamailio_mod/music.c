/*
 * music.c - see music.h.
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include <stdio.h>
#include <string.h>

#include "core/locking.h"
#include "core/mem/shm_mem.h"
#include "routing/image.h"

#include "music.h"

#define BUCKETS 4096u

struct tune {
    struct tune *next;
    struct cx_id whose;
    char file[256]; /* empty: none any more */
};

static struct {
    gen_lock_t lock;
    struct tune *tunes[BUCKETS];
} * table;

char *cx_music_default = "";

int cx_music_init(void)
{
    table = shm_malloc(sizeof(*table));
    if (!table)
        return -1;
    memset(table, 0, sizeof(*table));
    return lock_init(&table->lock) ? 0 : -1;
}

static struct tune *find(struct cx_id whose, struct tune ***at)
{
    struct tune *t;

    *at = &table->tunes[(unsigned)(whose.b[0] << 8 | whose.b[1]) % BUCKETS];
    for (t = **at; t && !cx_id_equal(t->whose, whose);)
        t = t->next;
    return t;
}

static void set(const char *id, const char *file)
{
    struct cx_id whose;
    struct tune **at, *t;

    if (!cx_id_parse(id, strlen(id), &whose))
        return;
    lock_get(&table->lock);
    t = find(whose, &at);
    if (!t && file[0] && (t = shm_malloc(sizeof(*t))) != NULL) {
        *t = (struct tune){.next = *at, .whose = whose};
        *at = t;
    }
    if (t)
        snprintf(t->file, sizeof(t->file), "%s", file);
    lock_release(&table->lock);
}

/* Only what the API converted; nothing that could lead out of the storage. */
static void set_media(const struct cx_account_rows *rows, const char *storage, const char *id,
                      const char *media)
{
    char file[256] = "";

    for (size_t i = 0; media && i < rows->media_count; i++) {
        const char *key = rows->media[i].storage_key;
        const size_t len = key ? strlen(key) : 0;
        if (strcmp(rows->media[i].id, media) == 0 && len > 4 &&
            strcmp(key + len - 4, ".wav") == 0 && !strstr(key, "..") && !strpbrk(key, " \t\r\n="))
            snprintf(file, sizeof(file), "%s/%s", storage, key);
    }
    set(id, file);
}

void cx_music_account(const struct cx_account_rows *rows, const char *storage)
{
    set_media(rows, storage, rows->account.id, rows->account.music_on_hold);
    for (size_t i = 0; i < rows->user_count; i++)
        set_media(rows, storage, rows->users[i].id, rows->users[i].music_on_hold);
    for (size_t i = 0; i < rows->device_count; i++)
        set_media(rows, storage, rows->devices[i].id, rows->devices[i].music_on_hold);
}

struct cx_str cx_music_file(struct cx_id device, struct cx_id owner, struct cx_id account)
{
    const struct cx_id order[] = {device, owner, account};
    static char file[256];
    struct tune **at, *t;

    snprintf(file, sizeof(file), "%s", cx_music_default);
    lock_get(&table->lock);
    for (size_t i = 0; i < sizeof(order) / sizeof(*order); i++)
        if (!cx_id_is_zero(order[i]) && (t = find(order[i], &at)) != NULL && t->file[0]) {
            memcpy(file, t->file, sizeof(file));
            break;
        }
    lock_release(&table->lock);
    return (struct cx_str){file, (uint32_t)strlen(file)};
}
