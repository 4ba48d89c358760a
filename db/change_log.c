/*
 * change_log.c - see change_log.h.
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "change_log.h"

/* How far behind the newest id a transaction may still be open. Statements are bounded in time
 * (query_timeout), so an id is visible, or never will be, within this. */
#define WINDOW_S 60

struct seen {
    uint64_t id;
    time_t at;
};

struct cx_change_follower {
    uint64_t floor;    /* every id up to this one is settled */
    struct seen *seen; /* ids above the floor that were told, ascending */
    size_t count, room;
    int (*each)(void *arg, const struct cx_change *change);
    void *arg;
    time_t (*now)(void);
};

static time_t clock_now(void)
{
    struct timespec t;

    clock_gettime(CLOCK_MONOTONIC, &t); /* setting the date must not empty the window */
    return t.tv_sec;
}

int cx_change_append(struct cx_db *db, const char *account_id, const char *kind,
                     const char *object_id, const char *action, const char *actor)
{
    struct cx_value params[] = {cx_text(account_id), cx_text(kind), cx_text(object_id),
                                cx_text(action), cx_text(actor)};

    return cx_db_exec(db,
                      "INSERT INTO change_log (account_id, kind, object_id, action, actor) "
                      "VALUES (?, ?, ?, ?, ?)",
                      params, 5, NULL);
}

/* Index of id, or where it belongs. */
static size_t place_of(const struct cx_change_follower *f, uint64_t id)
{
    size_t lo = 0, hi = f->count;

    while (lo < hi) {
        size_t mid = lo + (hi - lo) / 2;
        if (f->seen[mid].id < id)
            lo = mid + 1;
        else
            hi = mid;
    }
    return lo;
}

static bool was_seen(const struct cx_change_follower *f, uint64_t id)
{
    size_t i = place_of(f, id);

    return i < f->count && f->seen[i].id == id;
}

static int mark_seen(struct cx_change_follower *f, uint64_t id)
{
    size_t i = place_of(f, id);

    if (f->count == f->room) {
        size_t room = f->room ? f->room * 2 : 256;
        struct seen *grown = realloc(f->seen, room * sizeof(*grown));
        if (!grown)
            return -ENOMEM;
        f->seen = grown;
        f->room = room;
    }
    memmove(f->seen + i + 1, f->seen + i, (f->count - i) * sizeof(*f->seen));
    f->seen[i] = (struct seen){id, f->now()};
    f->count++;
    return 0;
}

/* Ids leave the window when nothing can appear below them any more: they are old, or follow the
 * floor without a gap (so a burst of changes is not read again and again for a minute). */
static void settle(struct cx_change_follower *f)
{
    time_t old = f->now() - WINDOW_S;
    size_t n = 0;

    while (n < f->count && (f->seen[n].at < old || f->seen[n].id == f->floor + 1))
        f->floor = f->seen[n++].id;
    if (n == 0)
        return;
    memmove(f->seen, f->seen + n, (f->count - n) * sizeof(*f->seen));
    f->count -= n;
}

static int on_row(void *arg, const struct cx_value *c, size_t n)
{
    struct cx_change_follower *f = arg;
    struct cx_change change = {
        .id = (uint64_t)c[0].i,
        .account_id = c[1].type == CX_TEXT ? c[1].s : NULL,
        .kind = c[2].s,
        .object_id = c[3].s,
        .action = c[4].s,
    };
    int err;

    (void)n;
    if (was_seen(f, change.id))
        return 0;
    err = f->each ? f->each(f->arg, &change) : 0;
    return err < 0 ? err : mark_seen(f, change.id);
}

static int read_log(struct cx_db *db, struct cx_change_follower *f)
{
    struct cx_value floor;

    settle(f);
    floor = cx_int((int64_t)f->floor);
    return cx_db_query(db,
                       "SELECT id, account_id, kind, object_id, action FROM change_log "
                       "WHERE id > ? ORDER BY id",
                       &floor, 1, on_row, f);
}

static int on_floor(void *arg, const struct cx_value *c, size_t n)
{
    struct cx_change_follower *f = arg;

    (void)n;
    f->floor = c[0].type == CX_INT ? (uint64_t)c[0].i : 0;
    return 0;
}

int cx_change_follower_new(struct cx_db *db, struct cx_change_follower **out)
{
    struct cx_change_follower *f = calloc(1, sizeof(*f));
    struct cx_value window = cx_int(WINDOW_S);
    int err;

    *out = NULL;
    if (!f)
        return -ENOMEM;
    f->now = clock_now;
    err = cx_db_query(db,
                      "SELECT id FROM change_log WHERE created_at < NOW(6) - INTERVAL ? SECOND "
                      "ORDER BY id DESC LIMIT 1", /* reads from the end, not the whole log */
                      &window, 1, on_floor, f);
    if (err == 0)
        err = read_log(db, f); /* without telling: what stands already is seen */
    if (err < 0) {
        cx_change_follower_free(f);
        return err;
    }
    *out = f;
    return 0;
}

uint64_t cx_change_newest(const struct cx_change_follower *f)
{
    return f->count ? f->seen[f->count - 1].id : f->floor;
}

void cx_change_follower_clock(struct cx_change_follower *f, time_t (*now)(void))
{
    f->now = now;
}

void cx_change_follower_free(struct cx_change_follower *f)
{
    if (!f)
        return;
    free(f->seen);
    free(f);
}

int cx_change_follow(struct cx_db *db, struct cx_change_follower *f,
                     int (*each)(void *arg, const struct cx_change *change), void *arg)
{
    f->each = each;
    f->arg = arg;
    return read_log(db, f);
}
