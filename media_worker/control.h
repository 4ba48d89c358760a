/*
 * control.h - how other programs of this node speak to a running worker: one datagram of JSON each
 * way over the unix socket FOLDER/mediaN.ctl (media.control in centrex.cfg names the folder).
 *
 * A request is an object with "subject" (whose room of the worker answers) and "command"; what else
 * it has is the subject's. The asker binds a socket of its own, to which the reply goes. Replies:
 *     {"ok": true, ...}                      the subject's answer
 *     {"ok": false, "error": "not_here"}     this worker does not have it: ask the next one
 *     {"ok": false, "error": "..."}          malformed, no such subject, no such command
 * Ask all workers: a conference lives on one of them. Subjects: "conference" (conference/room.h).
 * A handler runs in the loop and must not wait. SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef CX_MEDIA_CONTROL_H
#define CX_MEDIA_CONTROL_H

#include <ev.h>
#include <jansson.h>

#include "config.h"

#define CX_CONTROL_REQUEST_MAX 8192

struct cx_control {
    struct ev_loop *loop;
    ev_io watcher;
    char path[PATH_MAX];
};

/* Answers a request (borrowed): a new object, or NULL: "not_here". */
typedef json_t *cx_control_h(const json_t *request);

/* Nothing when config->control is "". 0 or -errno. */
int cx_control_open(struct cx_control *control, struct ev_loop *loop,
                    const struct cx_media_config *config);
void cx_control_close(struct cx_control *control);
/* The reply to a datagram; a new object. */
json_t *cx_control_answer(const char *data, size_t len);
/* {"ok": false, "error": what} */
json_t *cx_control_error(const char *what);

#endif
