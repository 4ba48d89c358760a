/*
 * ng.c - see ng.h. SPDX-License-Identifier: GPL-2.0-or-later
 */
#include <arpa/inet.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/socket.h>
#include <unistd.h>

#include "log.h"
#include "ng.h"

#define FIRST_S 0.25 /* then doubled */
#define TRIES   5

struct cx_ng_request {
    struct cx_ng *ng;
    struct cx_ng_request *next, *before;
    struct sockaddr_in to;
    char cookie[32], *text;
    size_t len;
    ev_timer timer;
    unsigned tries;
    double wait;
    cx_ng_h *h;
    void *arg;
};

struct cx_ng {
    struct ev_loop *loop;
    ev_io watcher;
    struct cx_ng_request *live;
    unsigned seed, number;
};

static void forget(struct cx_ng_request *r)
{
    ev_timer_stop(r->ng->loop, &r->timer);
    *(r->before ? &r->before->next : &r->ng->live) = r->next;
    if (r->next)
        r->next->before = r->before;
    free(r->text);
    free(r);
}

static void send_once(struct cx_ng_request *r)
{
    /* lost like any datagram when it cannot go now: it is repeated */
    (void)sendto(r->ng->watcher.fd, r->text, r->len, MSG_DONTWAIT, (struct sockaddr *)&r->to,
                 sizeof(r->to));
}

static void over(struct cx_ng_request *r, const json_t *reply)
{
    cx_ng_h *h = r->h;
    void *arg = r->arg;

    forget(r);
    if (h)
        h(arg, reply);
}

static void again(struct ev_loop *loop, ev_timer *timer, int events)
{
    struct cx_ng_request *r = timer->data;

    (void)events;
    if (++r->tries >= TRIES) {
        over(r, NULL);
        return;
    }
    r->wait *= 2;
    ev_timer_set(timer, r->wait, 0);
    ev_timer_start(loop, timer);
    send_once(r);
}

static void answer(struct cx_ng *ng, char *data, const struct sockaddr_in *from)
{
    char *space = strchr(data, ' ');
    struct cx_ng_request *r = ng->live;
    json_t *reply;

    if (!space)
        return;
    *space = '\0';
    while (r && (strcmp(r->cookie, data) != 0 || r->to.sin_addr.s_addr != from->sin_addr.s_addr ||
                 r->to.sin_port != from->sin_port))
        r = r->next;
    if (!r)
        return; /* the second answer to a repeated question, or a stranger's */
    reply = json_loads(space + 1, 0, NULL);
    if (!json_is_object(reply)) {
        cx_log(CX_LOG_WARNING, NULL, "ng: an answer that is no object");
        json_decref(reply);
        return;
    }
    over(r, reply);
    json_decref(reply);
}

static void readable(struct ev_loop *loop, ev_io *watcher, int events)
{
    static char data[65536];
    struct cx_ng *ng = watcher->data;
    struct sockaddr_in from;
    socklen_t size = sizeof(from);
    ssize_t n;

    (void)loop, (void)events;
    while ((n = recvfrom(watcher->fd, data, sizeof(data) - 1, MSG_DONTWAIT,
                         (struct sockaddr *)&from, &size)) > 0) {
        data[n] = '\0';
        answer(ng, data, &from);
        size = sizeof(from);
    }
}

int cx_ng_open(struct ev_loop *loop, const char *ip, struct cx_ng **out)
{
    struct sockaddr_in own = {.sin_family = AF_INET};
    struct cx_ng *ng = calloc(1, sizeof(*ng));
    int fd, err;

    *out = NULL;
    if (!ng || inet_pton(AF_INET, ip, &own.sin_addr) != 1) {
        free(ng);
        return ng ? -EINVAL : -ENOMEM;
    }
    fd = socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (fd < 0 || bind(fd, (struct sockaddr *)&own, sizeof(own)) < 0) {
        err = -errno;
        if (fd >= 0)
            close(fd);
        free(ng);
        return err;
    }
    ng->loop = loop;
    if (getrandom(&ng->seed, sizeof(ng->seed), 0) != sizeof(ng->seed))
        ng->seed = (unsigned)getpid();
    ev_io_init(&ng->watcher, readable, fd, EV_READ);
    ng->watcher.data = ng;
    ev_io_start(loop, &ng->watcher);
    *out = ng;
    return 0;
}

void cx_ng_close(struct cx_ng *ng)
{
    if (!ng)
        return;
    while (ng->live)
        forget(ng->live);
    ev_io_stop(ng->loop, &ng->watcher);
    close(ng->watcher.fd);
    free(ng);
}

int cx_ng_send(struct cx_ng *ng, const struct sockaddr_in *to, json_t *body, cx_ng_h *h, void *arg,
               struct cx_ng_request **request)
{
    char *json = body ? json_dumps(body, JSON_COMPACT) : NULL;
    struct cx_ng_request *r = calloc(1, sizeof(*r));
    int n = -1;

    json_decref(body);
    if (request)
        *request = NULL;
    if (r && json) {
        snprintf(r->cookie, sizeof(r->cookie), "cx%08x-%u", ng->seed, ng->number++);
        n = asprintf(&r->text, "%s %s", r->cookie, json);
    }
    free(json);
    if (n < 0) {
        free(r);
        return -ENOMEM;
    }
    r->ng = ng;
    r->to = *to;
    r->len = (size_t)n;
    r->h = h;
    r->arg = arg;
    r->wait = FIRST_S;
    ev_timer_init(&r->timer, again, FIRST_S, 0);
    r->timer.data = r;
    ev_timer_start(ng->loop, &r->timer);
    r->next = ng->live;
    if (r->next)
        r->next->before = r;
    ng->live = r;
    if (request)
        *request = r;
    send_once(r);
    return 0;
}

void cx_ng_cancel(struct cx_ng_request *r)
{
    if (r)
        forget(r);
}

int cx_ng_ok(const json_t *reply)
{
    const char *result = json_string_value(json_object_get(reply, "result"));

    return result && strcmp(result, "ok") == 0;
}
