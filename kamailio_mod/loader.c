/*
 * loader.c - see loader.h.
 *
 * A loop in a process of its own: the database may be slow or gone, and no call waits for it.
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <libconfig.h>

#include "core/dprint.h"
#include "core/mem/shm_mem.h"
#include "core/pt.h"
#include "db/account_load.h"
#include "db/change_log.h"
#include "db/db.h"
#include "db/vm_counts.h"
#include "routing/compile.h"

#include "cdr.h"
#include "cdr_ship.h"
#include "cursor_key.h"
#include "disk.h"
#include "gateways.h"
#include "lamp.h"
#include "loader.h"
#include "metrics.h"
#include "music.h"
#include "registrations.h"
#include "snapshot.h"
#include "spool_watch.h"

#define RETRY_MS 1000 /* between attempts to reach the database */
#define CHANGED_MAX                                                                                \
    256 /* accounts in one reading of change_log, before it turns into a full load */
#define RECONCILE_MS (10 * 60 * 1000)

struct cx_loader_config cx_loader_config = {.poll_ms = 50};

/* What other processes ask for; whole messages fit into PIPE_BUF, so writers never mix. */
struct request {
    enum { RELOAD, REGISTERED } kind;
    struct cx_id account;
    struct cx_id device;
};

struct loader {
    struct cx_db *db;
    struct cx_change_follower *follower;
    struct cx_cdr_ship *ship;
    struct cx_lamp *lamp;
    int64_t retry_at_ms;
    int64_t reconcile_at_ms;
    struct cx_id changed[CHANGED_MAX];
    unsigned changed_count;
    bool load_all;
    bool gateways_stale; /* the dispatcher must hear of the cluster's gateways */
};

static struct cx_db_config db_config;
static char storage[200];
static int pipe_fds[2] = {-1, -1};
static struct cx_loader_state *state; /* in shared memory; written by the loader, read for RPC */

static bool ask(const struct request *request)
{
    return write(pipe_fds[1], request, sizeof(*request)) == (ssize_t)sizeof(*request);
}

bool cx_loader_reload(struct cx_id account)
{
    return ask(&(struct request){.kind = RELOAD, .account = account});
}

bool cx_loader_registered(struct cx_id account, struct cx_id device)
{
    return ask(&(struct request){.kind = REGISTERED, .account = account, .device = device});
}

void cx_loader_state(struct cx_loader_state *out)
{
    *out = *state;
}

static int hex_value(char c)
{
    return c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

static int read_config(void)
{
    const char *file = cx_loader_config.config_file, *secret = NULL, *folder;
    config_t config;
    int err = -1;

    config_init(&config);
    if (!config_read_file(&config, file)) {
        LM_ERR("%s:%d: %s\n", file, config_error_line(&config), config_error_text(&config));
        goto out;
    }
    if (config_lookup_string(&config, "storage", &folder))
        snprintf(storage, sizeof(storage), "%s", folder);
    if (!config_lookup_string(&config, "cluster_secret", &secret) || strlen(secret) != 64) {
        LM_ERR("%s: cluster_secret must be 64 hex digits\n", file);
        goto out;
    }
    for (int i = 0; i < 32; i++) {
        int hi = hex_value(secret[2 * i]), lo = hex_value(secret[2 * i + 1]);
        if (hi < 0 || lo < 0) {
            LM_ERR("%s: cluster_secret must be 64 lower-case hex digits\n", file);
            goto out;
        }
        cx_cursor_key[i] = (uint8_t)(hi << 4 | lo);
    }
    err = 0;
out:
    config_destroy(&config);
    return err;
}

static void count_accounts(void)
{
    uint64_t accounts = 0, refused = 0;
    const struct cx_account *a = NULL;

    while ((a = cx_snapshot_next(a)) != NULL) {
        if (!cx_id_is_zero(cx_account_id(a)) && cx_account_image(a))
            accounts++;
        if (cx_account_error(a))
            refused++;
    }
    state->accounts = accounts;
    state->refused = refused;
}

int cx_loader_init(void)
{
    char error[256] = "";
    int err;

    if (read_config() < 0)
        return -1;
    err = cx_db_config_read(cx_loader_config.config_file, &db_config, error, sizeof(error));
    if (err < 0) {
        LM_ERR("%s\n", error);
        return -1;
    }
    state = shm_malloc(sizeof(*state));
    if (!state || pipe2(pipe_fds, O_NONBLOCK | O_CLOEXEC) < 0)
        return -1;
    memset(state, 0, sizeof(*state));
    state->full_load_ms = -1;
    err = cx_disk_init(cx_loader_config.images);
    if (err == 0)
        err = cx_disk_load_all(cx_loader_config.images, cx_snapshot_publish);
    if (err < 0) {
        LM_ERR("images in %s: %s\n", cx_loader_config.images, strerror(-err));
        return -1;
    }
    if (err > 0)
        LM_NOTICE("%d account images from disk are in force\n", err);
    count_accounts();
    return 0;
}

/* Not a fault of the rows: the account keeps what it has, and is tried again with the connection.
 */
static bool is_connection_error(int err)
{
    return err == -ENOTCONN || err == -EAGAIN || err == -ETIMEDOUT;
}

static void refuse(struct cx_id id, const struct cx_compile_error *error)
{
    char text[640], account[33];

    snprintf(text, sizeof(text), "%s %s: %s", error->document, error->path, error->message);
    cx_id_format(id, account);
    LM_ERR("account %s keeps its last good image; refused: %s\n", account, text);
    cx_snapshot_refuse(id, text);
    cx_count(refused);
}

/* Is what was compiled the same, byte for byte, as what is in force? Then nothing is swapped or
 * written. */
static bool in_force(const struct cx_image *image)
{
    const struct cx_image *now;
    bool same;

    cx_snapshot_enter();
    now = cx_snapshot_by_id(cx_image_account(image));
    same = now && cx_image_size(now) == cx_image_size(image) &&
           memcmp(now, image, cx_image_size(image)) == 0;
    cx_snapshot_leave();
    return same;
}

static void put_into_force(struct loader *l, struct cx_id id, const struct cx_account_rows *rows)
{
    struct cx_compile_error error = {0};
    struct cx_image *image = NULL;
    int err = cx_compile(rows, &image, &error);

    if (err < 0) {
        refuse(id, &error);
        return;
    }
    cx_snapshot_refuse(id, NULL);
    if (!in_force(image)) {
        err = cx_snapshot_publish(image);
        if (err < 0) {
            LM_CRIT("no shared memory for an account image of %zu bytes: give Kamailio more (-m)\n",
                    cx_image_size(image));
            cx_snapshot_refuse(id, "no shared memory");
        } else {
            cx_count(reloads);
            err = cx_disk_save(cx_loader_config.images, image);
            if (err < 0)
                LM_ERR("image not saved to %s: %s\n", cx_loader_config.images, strerror(-err));
        }
    }
    if (cx_id_is_zero(id))
        l->gateways_stale = true;
    else {
        cx_lamp_account(l->lamp, rows);
        cx_music_account(rows, storage);
    }
    free(image);
}

/* 0, or a connection error. */
static int load_account(struct loader *l, struct cx_id id)
{
    struct cx_account_rows rows = {0};
    char hex[33];
    int err;

    cx_id_format(id, hex);
    err = cx_id_is_zero(id) ? cx_cluster_load(l->db, &rows) : cx_account_load(l->db, hex, &rows);
    if (err == 0) {
        put_into_force(l, id, &rows);
    } else if (err == -ENOENT) {
        cx_snapshot_remove(id);
        cx_snapshot_refuse(id, NULL);
        cx_disk_remove(cx_loader_config.images, id);
        err = 0;
    } else if (!is_connection_error(err)) {
        struct cx_compile_error error = {.path = "rows"};
        snprintf(error.document, sizeof(error.document), "%s", hex);
        snprintf(error.message, sizeof(error.message), "%s", cx_db_error(l->db));
        refuse(id, &error);
        err = 0;
    }
    cx_rows_free(&rows);
    return err;
}

struct id_list {
    struct cx_id *ids;
    size_t count, room;
};

static int add_id(void *arg, const char *hex)
{
    struct id_list *list = arg;

    if (list->count == list->room) {
        size_t room = list->room ? list->room * 2 : 1024;
        struct cx_id *ids = realloc(list->ids, room * sizeof(*ids));
        if (!ids)
            return -ENOMEM;
        list->ids = ids;
        list->room = room;
    }
    if (cx_id_parse(hex, strlen(hex), &list->ids[list->count]))
        list->count++;
    return 0;
}

static int compare_ids(const void *a, const void *b)
{
    return memcmp(a, b, sizeof(struct cx_id));
}

/* Accounts that are in force but no longer in the database. */
static void remove_others(const struct id_list *list)
{
    const struct cx_account *a = NULL;

    while ((a = cx_snapshot_next(a)) != NULL) {
        struct cx_id id = cx_account_id(a);
        if (cx_id_is_zero(id) || !cx_account_image(a) ||
            bsearch(&id, list->ids, list->count, sizeof(id), compare_ids))
            continue;
        cx_snapshot_remove(id);
        cx_snapshot_refuse(id, NULL);
        cx_disk_remove(cx_loader_config.images, id);
    }
}

static int load_all(struct loader *l)
{
    struct id_list list = {0};
    int64_t begin = cx_now_ms();
    int err = cx_account_ids(l->db, add_id, &list);

    if (err == 0)
        err = load_account(l, (struct cx_id){{0}});
    for (size_t i = 0; err == 0 && i < list.count; i++) {
        err = load_account(l, list.ids[i]);
        cx_snapshot_reclaim();
    }
    if (err == 0) {
        qsort(list.ids, list.count, sizeof(*list.ids), compare_ids);
        remove_others(&list);
        state->full_load_ms = cx_now_ms() - begin;
        LM_NOTICE("%zu accounts loaded in %lld ms\n", list.count, (long long)state->full_load_ms);
    }
    free(list.ids);
    return err;
}

static void mark_changed(struct loader *l, struct cx_id id)
{
    for (unsigned i = 0; i < l->changed_count; i++)
        if (cx_id_equal(l->changed[i], id))
            return;
    if (l->changed_count < CHANGED_MAX)
        l->changed[l->changed_count++] = id;
    else
        l->load_all = true;
}

static int on_change(void *arg, const struct cx_change *change)
{
    struct loader *l = arg;
    struct cx_id id = {{0}};

    if (change->account_id && !cx_id_parse(change->account_id, strlen(change->account_id), &id))
        return 0;
    if (strcmp(change->kind, "vm_message") == 0) {
        uint32_t messages_new = 0, messages_saved = 0;
        struct cx_id box;
        int err = cx_vmbox_counts(l->db, change->object_id, &messages_new, &messages_saved);

        if (err == 0 && cx_id_parse(change->object_id, strlen(change->object_id), &box))
            cx_lamp_box(l->lamp, id, box, messages_new, messages_saved);
        return is_connection_error(err) ? err : 0;
    }
    mark_changed(l, id);
    return 0;
}

static void lost(struct loader *l, const char *why)
{
    snprintf(state->error, sizeof(state->error), "%s", why);
    if (state->database_up || l->retry_at_ms == 0)
        LM_ERR("database: %s; calls go on with the images in force\n", why);
    if (state->database_up)
        cx_count(database_errors);
    state->database_up = false;
    if (l->db)
        cx_db_close(l->db);
    l->db = NULL;
    l->load_all = true; /* what changed meanwhile may have left the log's window */
    l->retry_at_ms = cx_now_ms() + RETRY_MS;
}

static void connect_database(struct loader *l)
{
    char error[256] = "";
    int err;

    if (cx_now_ms() < l->retry_at_ms)
        return;
    err = cx_db_open(&db_config, &l->db, error, sizeof(error));
    if (err < 0) {
        lost(l, error);
        return;
    }
    LM_NOTICE("database: connected\n");
    state->database_up = true;
    state->error[0] = '\0';
    l->load_all = true;
}

static void follow(struct loader *l)
{
    int err = 0;

    /* The log's end is read before the full load: what is committed during the load is seen again.
     */
    if (!l->follower)
        err = cx_change_follower_new(l->db, &l->follower);
    if (err == 0)
        err = cx_change_follow(l->db, l->follower, on_change, l);
    if (err == 0 && (l->load_all || cx_now_ms() >= l->reconcile_at_ms)) {
        err = load_all(l);
        if (err == 0) {
            l->load_all = false;
            l->changed_count = 0;
            l->reconcile_at_ms = cx_now_ms() + RECONCILE_MS;
        }
    }
    while (err == 0 && l->changed_count > 0) {
        err = load_account(l, l->changed[l->changed_count - 1]);
        if (err == 0)
            l->changed_count--;
    }
    if (err == 0) /* all that was seen is in force, or refused */
        state->last_change = cx_change_newest(l->follower);
    if (err == 0)
        err = cx_cdr_ship_store(l->ship, l->db);
    if (is_connection_error(err))
        lost(l, cx_db_error(l->db));
    else if (err < 0)
        LM_ERR("database: %s\n", cx_db_error(l->db));
}

/* The dispatcher refuses to read its list twice in a moment: then it is told in the next round. */
static void publish_gateways(struct loader *l)
{
    const struct cx_image *cluster;

    cx_snapshot_enter();
    cluster = cx_snapshot_cluster();
    if (!cluster || cx_gateways_publish(cluster) != -EAGAIN)
        l->gateways_stale = false;
    cx_snapshot_leave();
}

static void serve_requests(struct loader *l)
{
    struct request r;

    while (read(pipe_fds[0], &r, sizeof(r)) == (ssize_t)sizeof(r)) {
        if (r.kind == REGISTERED)
            cx_lamp_registered(l->lamp, r.account, r.device);
        else if (cx_id_is_zero(r.account))
            l->load_all = true;
        else
            mark_changed(l, r.account);
    }
}

static void count_state(const struct loader *l)
{
    count_accounts();
    state->cdr_backlog = cx_cdr_ship_backlog(l->ship);
    cx_spool_watch(cx_loader_config.config_file);
}

void cx_loader_run(void)
{
    struct loader l = {.load_all = true};
    int64_t count_at_ms = 0;

    l.lamp = cx_lamp_new();
    if (!l.lamp || cx_cdr_ship_open(cx_loader_config.journal, &l.ship) < 0) {
        LM_CRIT("loader cannot start: journal in %s\n", cx_loader_config.journal);
        return;
    }
    for (;;) {
        struct pollfd p = {.fd = pipe_fds[0], .events = POLLIN};

        poll(&p, 1, (int)cx_loader_config.poll_ms);
        cx_registrations_collect();
        serve_requests(&l);
        cx_cdr_ship_collect(l.ship);
        if (!l.db)
            connect_database(&l);
        if (l.db)
            follow(&l);
        cx_snapshot_reclaim();
        if (cx_now_ms() >= count_at_ms) {
            if (l.gateways_stale)
                publish_gateways(&l);
            count_state(&l);
            count_at_ms = cx_now_ms() + 500;
        }
    }
}
