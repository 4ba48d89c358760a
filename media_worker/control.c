/*
 * control.c - see control.h. SPDX-License-Identifier: GPL-2.0-or-later
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "conference/room.h"
#include "control.h"
#include "log.h"

#define AT_ONCE   16 /* requests in a row; then the calls' turn */
#define SEND_ROOM (1 << 20)

static const struct {
    const char *subject;
    cx_control_h *answer;
} subjects[] = {
    {"conference", cx_conf_control},
};

json_t *cx_control_error(const char *what)
{
    return json_pack("{s:b, s:s}", "ok", 0, "error", what);
}

json_t *cx_control_answer(const char *data, size_t len)
{
    json_t *request = json_loadb(data, len, JSON_REJECT_DUPLICATES, NULL), *reply = NULL;
    const char *subject = json_string_value(json_object_get(request, "subject"));

    if (!subject || !json_is_string(json_object_get(request, "command"))) {
        reply = cx_control_error("malformed");
    } else {
        for (size_t i = 0; i < sizeof(subjects) / sizeof(*subjects); i++)
            if (strcmp(subjects[i].subject, subject) == 0) {
                reply = subjects[i].answer(request);
                if (!reply)
                    reply = cx_control_error("not_here");
            }
        if (!reply)
            reply = cx_control_error("no_such_subject");
    }
    json_decref(request);
    return reply;
}

static void asked(struct ev_loop *loop, ev_io *watcher, int events)
{
    static char data[CX_CONTROL_REQUEST_MAX + 1];
    struct sockaddr_un from;

    (void)loop, (void)events;
    for (int i = 0; i < AT_ONCE; i++) {
        socklen_t size = sizeof(from);
        ssize_t n = recvfrom(watcher->fd, data, sizeof(data), MSG_DONTWAIT | MSG_TRUNC,
                             (struct sockaddr *)&from, &size);
        json_t *reply;
        char *text;

        if (n < 0)
            return;
        if (size <= sizeof(sa_family_t))
            continue; /* nowhere to answer to */
        reply = n > CX_CONTROL_REQUEST_MAX ? cx_control_error("too_long")
                                           : cx_control_answer(data, (size_t)n);
        text = json_dumps(reply, JSON_COMPACT);
        if (text && sendto(watcher->fd, text, strlen(text), MSG_DONTWAIT | MSG_NOSIGNAL,
                           (struct sockaddr *)&from, size) < 0)
            cx_log(CX_LOG_WARNING, NULL, "control: reply of %zu bytes: %s", strlen(text),
                   strerror(errno));
        free(text);
        json_decref(reply);
    }
}

int cx_control_open(struct cx_control *c, struct ev_loop *loop,
                    const struct cx_media_config *config)
{
    struct sockaddr_un own = {.sun_family = AF_UNIX};
    int fd, room = SEND_ROOM, err;

    *c = (struct cx_control){.loop = loop};
    if (!config->control[0])
        return 0;
    if (snprintf(own.sun_path, sizeof(own.sun_path), "%s/media%u.ctl", config->control,
                 config->index) >= (int)sizeof(own.sun_path))
        return -ENAMETOOLONG;
    fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (fd < 0)
        return -errno;
    unlink(own.sun_path); /* of the worker before us */
    if (bind(fd, (struct sockaddr *)&own, sizeof(own)) < 0 || chmod(own.sun_path, 0660) < 0) {
        err = -errno;
        close(fd);
        return err;
    }
    (void)setsockopt(fd, SOL_SOCKET, SO_SNDBUF, &room, sizeof(room));
    strcpy(c->path, own.sun_path);
    ev_io_init(&c->watcher, asked, fd, EV_READ);
    ev_io_start(loop, &c->watcher);
    return 0;
}

void cx_control_close(struct cx_control *c)
{
    if (!c->path[0])
        return;
    ev_io_stop(c->loop, &c->watcher);
    close(c->watcher.fd);
    unlink(c->path);
    c->path[0] = '\0';
}
