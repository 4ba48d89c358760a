/*
 * ask.c - see ask.h: two small pools of threads, one with database connections and one without.
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "ask.h"
#include "log.h"

#define THREADS    2 /* of each pool: one that hangs does not stop the other */
#define CONNECT_S  2 /* a caller waits for the answer */
#define QUERY_S    3
#define BACK_OFF_S 1.0  /* after a failed connection: fail at once for so long */
#define WAITING    1000 /* questions that may wait in a pool */

struct cx_ask {
    struct cx_ask *next; /* of a pool's queue, or of what is done */
    const struct cx_question *question;
    cx_ask_done_h *done; /* the loop's; NULL: was answered or cancelled */
    void *arg;
    ev_timer deadline;
    double until; /* CLOCK_MONOTONIC; the thread looks at it before it begins */
    int err;
    _Alignas(max_align_t) char data[];
};

struct pool {
    pthread_t threads[THREADS];
    unsigned running, waiting;
    struct cx_ask *first, **last; /* under mutex */
    bool database;
};

static struct {
    struct ev_loop *loop;
    struct cx_db_config db;
    const char *storage;
    ev_async wake;
    pthread_mutex_t mutex;
    pthread_cond_t more;
    struct pool pools[2]; /* without and with database */
    struct cx_ask *ready; /* under mutex */
    bool open, stop;
} asks;

struct cx_ask_stats cx_ask_stats;

static double now(void)
{
    struct timespec t;

    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static void destroy(struct cx_ask *ask)
{
    if (ask->question->release)
        ask->question->release(ask->data);
    free(ask);
}

/* ---- threads */

struct connection {
    struct cx_db *db;
    double not_before;
};

static int connect_db(struct connection *c)
{
    char error[256];
    int err;

    if (c->db)
        return 0; /* db.h finds out by itself that it was lost */
    if (now() < c->not_before)
        return -ENOTCONN;
    err = cx_db_open(&asks.db, &c->db, error, sizeof(error));
    if (err < 0) {
        cx_log(CX_LOG_WARNING, NULL, "ask: database: %s", error);
        c->not_before = now() + BACK_OFF_S;
    }
    return err;
}

static int answer(struct pool *pool, struct connection *c, struct cx_ask *ask)
{
    struct cx_ask_env env = {.storage = asks.storage};
    int err;

    if (now() >= ask->until)
        return -ETIMEDOUT;
    if (pool->database) {
        err = connect_db(c);
        if (err < 0)
            return err;
        env.db = c->db;
    }
    err = ask->question->run(&env, ask->data);
    if (err == -ENOTCONN && c->db) { /* all statements of this connection are gone with it */
        cx_log(CX_LOG_WARNING, NULL, "ask: database: %s", cx_db_error(c->db));
        cx_db_close(c->db);
        c->db = NULL;
        if (connect_db(c) == 0 && now() < ask->until) { /* it was only the old connection */
            env.db = c->db;
            err = ask->question->run(&env, ask->data);
        }
    }
    return err;
}

static void *work(void *arg)
{
    struct pool *pool = arg;
    struct connection connection = {0};
    struct cx_ask *ask;

    pthread_mutex_lock(&asks.mutex);
    while (!asks.stop) {
        ask = pool->first;
        if (!ask) {
            pthread_cond_wait(&asks.more, &asks.mutex);
            continue;
        }
        pool->first = ask->next;
        if (!pool->first)
            pool->last = &pool->first;
        pool->waiting--;
        pthread_mutex_unlock(&asks.mutex);
        ask->err = answer(pool, &connection, ask);
        pthread_mutex_lock(&asks.mutex);
        ask->next = asks.ready;
        asks.ready = ask;
        ev_async_send(asks.loop, &asks.wake);
    }
    pthread_mutex_unlock(&asks.mutex);
    cx_db_close(connection.db);
    return NULL;
}

/* ---- the loop */

static void tell(struct cx_ask *ask, int err)
{
    cx_ask_done_h *done = ask->done;

    ask->done = NULL;
    ev_timer_stop(asks.loop, &ask->deadline);
    if (err < 0)
        cx_ask_stats.failed++;
    if (done)
        done(ask->arg, err, ask->data);
}

static void too_late(struct ev_loop *loop, ev_timer *timer, int events)
{
    struct cx_ask *ask = timer->data;
    cx_ask_done_h *done = ask->done;

    (void)loop, (void)events;
    cx_ask_stats.late++;
    ask->done = NULL; /* a thread may be writing into data: the asker gets none */
    if (done)
        done(ask->arg, -ETIMEDOUT, NULL);
}

static void ready(struct ev_loop *loop, ev_async *watcher, int events)
{
    struct cx_ask *ask, *next, *in_order = NULL;

    (void)loop, (void)watcher, (void)events;
    pthread_mutex_lock(&asks.mutex);
    ask = asks.ready;
    asks.ready = NULL;
    pthread_mutex_unlock(&asks.mutex);
    for (; ask; ask = next) {
        next = ask->next;
        ask->next = in_order;
        in_order = ask;
    }
    for (ask = in_order; ask; ask = next) {
        next = ask->next;
        tell(ask, ask->err);
        destroy(ask);
    }
}

int cx_ask(const struct cx_question *question, const void *data, cx_ask_done_h *done, void *arg,
           struct cx_ask **out)
{
    struct pool *pool = &asks.pools[question->database];
    struct cx_ask *ask = calloc(1, sizeof(*ask) + question->size);
    bool full;

    *out = NULL;
    if (!ask) {
        if (question->release) {
            void *copy = (void *)(uintptr_t)data; /* the asker's own block is given up */
            question->release(copy);
        }
        return -ENOMEM;
    }
    ask->question = question;
    ask->done = done;
    ask->arg = arg;
    ask->until = now() + question->deadline_ms / 1000.0;
    memcpy(ask->data, data, question->size);
    pthread_mutex_lock(&asks.mutex);
    full = !asks.open || pool->waiting >= WAITING;
    if (!full) {
        *pool->last = ask;
        pool->last = &ask->next;
        pool->waiting++;
        pthread_cond_broadcast(&asks.more);
    }
    pthread_mutex_unlock(&asks.mutex);
    if (full) {
        destroy(ask);
        return -EAGAIN;
    }
    cx_ask_stats.asked++;
    ev_timer_init(&ask->deadline, too_late, question->deadline_ms / 1000.0, 0);
    ask->deadline.data = ask;
    ev_timer_start(asks.loop, &ask->deadline);
    *out = ask;
    return 0;
}

void cx_ask_cancel(struct cx_ask *ask)
{
    if (ask)
        ask->done = NULL;
}

/* ---- life */

static int start(struct pool *pool)
{
    sigset_t all, before;
    int err = 0;

    /* signals are the loop's */
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    for (; err == 0 && pool->running < THREADS; pool->running += err == 0)
        err = pthread_create(&pool->threads[pool->running], NULL, work, pool);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    return -err;
}

int cx_ask_init(struct ev_loop *loop, const char *file, const char *storage)
{
    char error[512];
    int err;

    memset(&asks, 0, sizeof(asks));
    asks.loop = loop;
    asks.storage = storage;
    err = cx_db_config_read(file, &asks.db, error, sizeof(error));
    if (err < 0) {
        cx_log(CX_LOG_ERROR, NULL, "%s", error);
        return err;
    }
    if (asks.db.connect_timeout_s > CONNECT_S)
        asks.db.connect_timeout_s = CONNECT_S;
    if (asks.db.query_timeout_s > QUERY_S)
        asks.db.query_timeout_s = QUERY_S;
    pthread_mutex_init(&asks.mutex, NULL);
    pthread_cond_init(&asks.more, NULL);
    ev_async_init(&asks.wake, ready);
    ev_async_start(loop, &asks.wake);
    for (int i = 0; i < 2; i++) {
        asks.pools[i].last = &asks.pools[i].first;
        asks.pools[i].database = i == 1;
    }
    asks.open = true;
    for (int i = 0; err == 0 && i < 2; i++)
        err = start(&asks.pools[i]);
    if (err < 0)
        cx_ask_close();
    return err;
}

void cx_ask_close(void)
{
    struct cx_ask *ask;

    if (!asks.open)
        return;
    pthread_mutex_lock(&asks.mutex);
    asks.open = false;
    asks.stop = true;
    pthread_cond_broadcast(&asks.more);
    pthread_mutex_unlock(&asks.mutex);
    for (int i = 0; i < 2; i++)
        while (asks.pools[i].running)
            pthread_join(asks.pools[i].threads[--asks.pools[i].running], NULL);
    ev_async_stop(asks.loop, &asks.wake);
    for (int i = 0; i < 2; i++)
        while ((ask = asks.pools[i].first) != NULL) {
            asks.pools[i].first = ask->next;
            ev_timer_stop(asks.loop, &ask->deadline);
            destroy(ask);
        }
    while ((ask = asks.ready) != NULL) {
        asks.ready = ask->next;
        ev_timer_stop(asks.loop, &ask->deadline);
        destroy(ask);
    }
    pthread_mutex_destroy(&asks.mutex);
    pthread_cond_destroy(&asks.more);
}
