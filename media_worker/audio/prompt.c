/*
 * prompt.c - the cache of prompts and its loader thread. See prompt.h; wav.c reads the files.
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "prompt.h"
#include "tone.h"

#define NAME_MAX_BYTES 300
#define BUCKETS        256
#define WAIT_S         2.0
#define TENANTS_BYTES  (128u << 20) /* tenants' sounds that are kept */

struct entry {
    struct entry *next; /* of the bucket */
    char name[NAME_MAX_BYTES];
    enum cx_codec codec;
    struct cx_prompt *prompt; /* the cache's own reference, or NULL */
    int64_t stamp, size;      /* of the file when it was read */
    double used;
    bool loading;
};

/* What the thread is asked, and its answer. */
struct load {
    struct load *next;
    struct entry *entry;
    char name[NAME_MAX_BYTES];
    enum cx_codec codec;
    int64_t stamp, size;
    bool unchanged;
    uint8_t *data;
    size_t bytes;
};

struct slot {
    struct entry *waits; /* NULL: prompt says what there is */
    struct cx_prompt *prompt;
};

struct cx_prompt_request {
    struct cx_prompt_request *next;
    ev_timer timer;
    cx_prompt_h *done;
    void *arg;
    size_t count, pending;
    struct slot slots[];
};

static struct {
    struct ev_loop *loop;
    const char *system_folder, *storage;
    struct entry *buckets[BUCKETS];
    struct cx_prompt_request *requests;
    size_t tenants_bytes;
    ev_async wake;
    pthread_t thread;
    pthread_mutex_t mutex;
    pthread_cond_t more;
    struct load *todo, **todo_tail, *ready; /* under mutex */
    bool stop, running;
} cache;

bool cx_prompt_key_is_safe(const char *key)
{
    if (!*key || *key == '/' || strlen(key) > 255)
        return false;
    for (const char *c = key; *c; c++) {
        if ((unsigned char)*c < ' ' || *c == 0x7f || *c == '\\')
            return false;
        if (c[0] == '.' && c[1] == '.')
            return false;
    }
    return true;
}

/* ---- the thread */

static void encode(struct load *load, const int16_t *samples, size_t count)
{
    struct cx_codec_state codec;
    size_t bytes = (count + CX_FRAME - 1) / CX_FRAME * CX_FRAME;

    if (bytes == 0 || cx_codec_open(&codec, load->codec) < 0)
        return;
    load->data = malloc(bytes);
    if (load->data) {
        memcpy(load->data + bytes - CX_FRAME, cx_codec_silence(load->codec), CX_FRAME);
        cx_codec_encode(&codec, load->data, samples, count);
        load->bytes = bytes;
    }
    cx_codec_close(&codec);
}

static void load_file(struct load *load, const char *path)
{
    struct stat st;
    int16_t *samples;
    size_t count;
    int64_t stamp;

    if (stat(path, &st) < 0)
        return;
    stamp = (int64_t)st.st_mtim.tv_sec * 1000000000 + st.st_mtim.tv_nsec;
    if (stamp == load->stamp && st.st_size == load->size) {
        load->unchanged = true;
        return;
    }
    if (cx_prompt_read_wav(path, &samples, &count) < 0)
        return;
    load->stamp = stamp;
    load->size = st.st_size;
    encode(load, samples, count);
    free(samples);
}

/* For those who wait: a package of its own, beside the spoken prompts. */
#define HOLD_MUSIC "/usr/share/asterisk/moh/manolo_camp-morning_coffee.wav"

static void load_one(struct load *load)
{
    char path[4096 + NAME_MAX_BYTES + 8];
    unsigned hz, ms;

    if (sscanf(load->name, "tone/%u/%u", &hz, &ms) == 2 && hz < 4000 && ms <= 60000) {
        size_t count = (size_t)ms * CX_RATE / 1000;
        int16_t *samples = malloc((count + 1) * sizeof(*samples));
        if (samples) {
            cx_tone(samples, count, hz);
            encode(load, samples, count);
        }
        free(samples);
    } else if (strcmp(load->name, "sys/hold") == 0) {
        load_file(load, HOLD_MUSIC);
    } else if (strncmp(load->name, "sys/", 4) == 0) {
        snprintf(path, sizeof(path), "%s/%s.wav", cache.system_folder, load->name + 4);
        load_file(load, path);
    } else if (strncmp(load->name, "store/", 6) == 0) {
        snprintf(path, sizeof(path), "%s/%s", cache.storage, load->name + 6);
        load_file(load, path);
    }
}

static void *loader(void *arg)
{
    struct load *load;

    (void)arg;
    pthread_mutex_lock(&cache.mutex);
    while (!cache.stop) {
        load = cache.todo;
        if (!load) {
            pthread_cond_wait(&cache.more, &cache.mutex);
            continue;
        }
        cache.todo = load->next;
        if (!cache.todo)
            cache.todo_tail = &cache.todo;
        pthread_mutex_unlock(&cache.mutex);
        load_one(load);
        pthread_mutex_lock(&cache.mutex);
        load->next = cache.ready;
        cache.ready = load;
        ev_async_send(cache.loop, &cache.wake);
    }
    pthread_mutex_unlock(&cache.mutex);
    return NULL;
}

/* ---- the loop's side */

static struct cx_prompt *take(struct cx_prompt *prompt)
{
    if (prompt)
        prompt->refs++;
    return prompt;
}

void cx_prompt_unref(struct cx_prompt *prompt)
{
    if (!prompt || --prompt->refs > 0)
        return;
    free((void *)(uintptr_t)prompt->data);
    free(prompt);
}

static unsigned bucket_of(const char *name)
{
    uint32_t hash = 2166136261u;

    for (; *name; name++)
        hash = (hash ^ (unsigned char)*name) * 16777619u;
    return hash % BUCKETS;
}

static struct entry *entry_for(const char *name, enum cx_codec codec)
{
    struct entry **bucket = &cache.buckets[bucket_of(name)], *e;

    for (e = *bucket; e; e = e->next)
        if (e->codec == codec && strcmp(e->name, name) == 0)
            return e;
    e = calloc(1, sizeof(*e));
    if (!e)
        return NULL;
    snprintf(e->name, sizeof(e->name), "%s", name);
    e->codec = codec;
    e->next = *bucket;
    *bucket = e;
    return e;
}

static bool is_tenants(const struct entry *e)
{
    return strncmp(e->name, "store/", 6) == 0;
}

static int start_load(struct entry *e)
{
    struct load *load = calloc(1, sizeof(*load));

    if (!load)
        return -ENOMEM;
    load->entry = e;
    memcpy(load->name, e->name, sizeof(load->name));
    load->codec = e->codec;
    load->stamp = e->prompt ? e->stamp : -1;
    load->size = e->size;
    e->loading = true;
    pthread_mutex_lock(&cache.mutex);
    *cache.todo_tail = load;
    cache.todo_tail = &load->next;
    pthread_cond_signal(&cache.more);
    pthread_mutex_unlock(&cache.mutex);
    return 0;
}

/* Forgets the tenants' sounds that nobody plays and that were not asked for the longest. */
static void make_room(void)
{
    while (cache.tenants_bytes > TENANTS_BYTES) {
        struct entry **oldest = NULL, *e;

        for (unsigned b = 0; b < BUCKETS; b++)
            for (struct entry **at = &cache.buckets[b]; *at; at = &(*at)->next)
                if (is_tenants(*at) && !(*at)->loading && (*at)->prompt &&
                    (*at)->prompt->refs == 1 && (!oldest || (*at)->used < (*oldest)->used))
                    oldest = at;
        if (!oldest)
            return;
        e = *oldest;
        *oldest = e->next;
        cache.tenants_bytes -= (size_t)e->prompt->frames * CX_FRAME;
        cx_prompt_unref(e->prompt);
        free(e);
    }
}

static void keep(struct entry *e, struct load *load)
{
    struct cx_prompt *prompt = NULL;

    e->loading = false;
    if (load->unchanged)
        return;
    if (load->data && (prompt = calloc(1, sizeof(*prompt))) != NULL) {
        prompt->refs = 1;
        prompt->frames = (unsigned)(load->bytes / CX_FRAME);
        prompt->data = load->data;
        load->data = NULL;
        e->stamp = load->stamp;
        e->size = load->size;
    }
    if (is_tenants(e)) {
        cache.tenants_bytes += prompt ? load->bytes : 0;
        cache.tenants_bytes -= e->prompt ? (size_t)e->prompt->frames * CX_FRAME : 0;
    }
    cx_prompt_unref(e->prompt);
    e->prompt = prompt;
    free(load->data);
}

static void unlink_request(struct cx_prompt_request *request)
{
    struct cx_prompt_request **at = &cache.requests;

    while (*at != request)
        at = &(*at)->next;
    *at = request->next;
    ev_timer_stop(cache.loop, &request->timer);
}

static void finish(struct cx_prompt_request *request)
{
    struct cx_prompt *prompts[CX_PROMPTS_MAX];

    unlink_request(request);
    for (size_t i = 0; i < request->count; i++) {
        struct slot *slot = &request->slots[i];
        prompts[i] = slot->waits ? take(slot->waits->prompt) : slot->prompt;
    }
    request->done(request->arg, prompts, request->count);
    free(request);
}

static void too_late(struct ev_loop *loop, ev_timer *timer, int events)
{
    (void)loop, (void)events;
    finish(timer->data);
}

static void loaded(struct ev_loop *loop, ev_async *watcher, int events)
{
    struct load *load, *next;
    struct cx_prompt_request *r;

    (void)loop, (void)watcher, (void)events;
    pthread_mutex_lock(&cache.mutex);
    load = cache.ready;
    cache.ready = NULL;
    pthread_mutex_unlock(&cache.mutex);
    for (; load; load = next) {
        next = load->next;
        keep(load->entry, load);
        for (r = cache.requests; r; r = r->next)
            for (size_t i = 0; i < r->count; i++)
                if (r->slots[i].waits == load->entry) {
                    r->slots[i].waits = NULL;
                    r->slots[i].prompt = take(load->entry->prompt);
                    r->pending--;
                }
        free(load);
    }
    /* a callee may ask for more: start anew after each */
    do {
        for (r = cache.requests; r && r->pending; r = r->next)
            ;
        if (r)
            finish(r);
    } while (r);
    make_room();
}

int cx_prompt_get(enum cx_codec codec, const char *const *names, size_t count, cx_prompt_h *done,
                  void *arg, struct cx_prompt_request **out)
{
    struct cx_prompt_request *r;

    *out = NULL;
    if (count > CX_PROMPTS_MAX)
        return -EINVAL;
    r = calloc(1, sizeof(*r) + count * sizeof(r->slots[0]));
    if (!r)
        return -ENOMEM;
    r->done = done;
    r->arg = arg;
    r->count = count;
    for (size_t i = 0; i < count; i++) {
        bool safe = strlen(names[i]) < NAME_MAX_BYTES && cx_prompt_key_is_safe(names[i]);
        struct entry *e = safe ? entry_for(names[i], codec) : NULL;

        if (!e)
            continue;
        e->used = ev_now(cache.loop);
        if (e->loading || !e->prompt || is_tenants(e)) {
            if (e->loading || start_load(e) == 0) {
                r->slots[i].waits = e;
                r->pending++;
                continue;
            }
        }
        r->slots[i].prompt = take(e->prompt);
    }
    r->next = cache.requests;
    cache.requests = r;
    ev_timer_init(&r->timer, too_late, WAIT_S, 0);
    r->timer.data = r;
    if (r->pending == 0) {
        finish(r);
        return 0;
    }
    ev_timer_start(cache.loop, &r->timer);
    *out = r;
    return 0;
}

void cx_prompt_cancel(struct cx_prompt_request *request)
{
    if (!request)
        return;
    unlink_request(request);
    for (size_t i = 0; i < request->count; i++)
        cx_prompt_unref(request->slots[i].prompt);
    free(request);
}

int cx_prompt_init(struct ev_loop *loop, const char *system_folder, const char *storage,
                   const char *const *preload)
{
    int err;

    memset(&cache, 0, sizeof(cache));
    cache.loop = loop;
    cache.system_folder = system_folder;
    cache.storage = storage;
    cache.todo_tail = &cache.todo;
    pthread_mutex_init(&cache.mutex, NULL);
    pthread_cond_init(&cache.more, NULL);
    ev_async_init(&cache.wake, loaded);
    ev_async_start(loop, &cache.wake);
    for (; preload && *preload; preload++)
        for (int codec = 0; codec < CX_CODECS; codec++) {
            struct entry *e = entry_for(*preload, (enum cx_codec)codec);
            if (!e || start_load(e) < 0)
                return -ENOMEM;
        }
    err = pthread_create(&cache.thread, NULL, loader, NULL);
    cache.running = err == 0;
    return -err;
}

void cx_prompt_close(void)
{
    struct load *load;
    struct entry *e;

    pthread_mutex_lock(&cache.mutex);
    cache.stop = true;
    pthread_cond_signal(&cache.more);
    pthread_mutex_unlock(&cache.mutex);
    if (cache.running)
        pthread_join(cache.thread, NULL);
    ev_async_stop(cache.loop, &cache.wake);
    while ((load = cache.todo ? cache.todo : cache.ready) != NULL) {
        *(cache.todo ? &cache.todo : &cache.ready) = load->next;
        free(load->data);
        free(load);
    }
    while (cache.requests)
        cx_prompt_cancel(cache.requests);
    for (unsigned b = 0; b < BUCKETS; b++)
        while ((e = cache.buckets[b]) != NULL) {
            cache.buckets[b] = e->next;
            cx_prompt_unref(e->prompt);
            free(e);
        }
    pthread_mutex_destroy(&cache.mutex);
    pthread_cond_destroy(&cache.more);
}
