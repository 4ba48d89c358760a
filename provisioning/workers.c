/*
 * workers.c - see workers.h. SPDX-License-Identifier: GPL-2.0-or-later
 */
#include <errno.h>
#include <glob.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#include "workers.h"

#define WAIT_MS   500
#define REPLY_MAX (1 << 20)

static long now_ms(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

/* A socket of our own, to which they answer. -1: none. */
static int open_own(const struct cx_api *api, struct sockaddr_un *own)
{
    int s, room = REPLY_MAX;

    own->sun_family = AF_UNIX;
    if (snprintf(own->sun_path, sizeof(own->sun_path), "%s/api-%d.ask", api->control,
                 (int)getpid()) >= (int)sizeof(own->sun_path))
        return -1;
    s = socket(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (s < 0)
        return -1;
    unlink(own->sun_path);
    (void)setsockopt(s, SOL_SOCKET, SO_RCVBUF, &room, sizeof(room));
    if (bind(s, (struct sockaddr *)own, sizeof(*own)) == 0 && chmod(own->sun_path, 0660) == 0)
        return s;
    close(s);
    return -1;
}

/* To how many it went: a worker that is gone costs nothing. */
static unsigned send_to_all(int s, const char *folder, const char *text)
{
    char pattern[150];
    unsigned sent = 0;
    glob_t found;

    snprintf(pattern, sizeof(pattern), "%s/media*.ctl", folder);
    if (glob(pattern, 0, NULL, &found) != 0)
        return 0;
    for (size_t i = 0; i < found.gl_pathc; i++) {
        struct sockaddr_un to = {.sun_family = AF_UNIX};

        if (snprintf(to.sun_path, sizeof(to.sun_path), "%s", found.gl_pathv[i]) <
                (int)sizeof(to.sun_path) &&
            sendto(s, text, strlen(text), MSG_NOSIGNAL, (struct sockaddr *)&to, sizeof(to)) > 0)
            sent++;
    }
    globfree(&found);
    return sent;
}

static json_t *wait_for_answer(int s, unsigned wanted)
{
    static char data[REPLY_MAX];
    long end = now_ms() + WAIT_MS, left;

    while (wanted > 0 && (left = end - now_ms()) > 0) {
        struct pollfd ready = {.fd = s, .events = POLLIN};
        json_t *reply;
        const char *error;
        ssize_t n;

        if (poll(&ready, 1, (int)left) < 0 && errno != EINTR)
            break;
        n = recv(s, data, sizeof(data), MSG_DONTWAIT);
        if (n < 0)
            continue;
        wanted--;
        reply = json_loadb(data, (size_t)n, 0, NULL);
        error = json_string_value(json_object_get(reply, "error"));
        if (reply && !(error && strcmp(error, "not_here") == 0))
            return reply;
        json_decref(reply);
    }
    return NULL;
}

json_t *cx_workers_ask(const struct cx_api *api, const json_t *request)
{
    char *text = api->control[0] ? json_dumps(request, JSON_COMPACT) : NULL;
    struct sockaddr_un own = {0};
    json_t *reply = NULL;
    int s = text ? open_own(api, &own) : -1;

    if (s >= 0) {
        reply = wait_for_answer(s, send_to_all(s, api->control, text));
        close(s);
        unlink(own.sun_path);
    }
    free(text);
    return reply;
}
