/*
 * rpc.c - see rpc.h. One socket a process; an answer that comes too late is thrown away by its id.
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#include "rpc.h"

#define WAIT_MS   300
#define REPLY_MAX 262144

/* DIR/kamailio.rpc -> DIR/kamailio.jsonrpc */
static bool find_socket(const struct cx_api *api, struct sockaddr_un *to)
{
    size_t n = strlen(api->rpc);

    to->sun_family = AF_UNIX;
    if (n < 4 || n + 4 >= sizeof(to->sun_path) || strcmp(api->rpc + n - 4, ".rpc") != 0)
        return false;
    snprintf(to->sun_path, sizeof(to->sun_path), "%.*s.jsonrpc", (int)n - 4, api->rpc);
    return true;
}

/* This process's own socket, with a name to answer to; -1 when there is none. */
static int own_socket(const struct cx_api *api)
{
    static int s = -1;
    static pid_t owner;
    struct timeval wait = {0, WAIT_MS * 1000};
    struct sockaddr_un own = {.sun_family = AF_UNIX};
    int room = REPLY_MAX;

    if (s >= 0 && owner == getpid())
        return s;
    snprintf(own.sun_path, sizeof(own.sun_path), "%.90s.%d", api->rpc, (int)getpid());
    s = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    if (s < 0)
        return -1;
    unlink(own.sun_path);
    setsockopt(s, SOL_SOCKET, SO_RCVTIMEO, &wait, sizeof(wait));
    setsockopt(s, SOL_SOCKET, SO_SNDTIMEO, &wait, sizeof(wait));
    setsockopt(s, SOL_SOCKET, SO_RCVBUF, &room, sizeof(room));
    if (bind(s, (struct sockaddr *)&own, sizeof(own)) < 0 || chmod(own.sun_path, 0770) < 0) {
        close(s);
        s = -1;
    }
    owner = getpid();
    return s;
}

static json_t *exchange(const struct cx_api *api, const char *text, json_int_t id)
{
    static char reply[REPLY_MAX];
    struct sockaddr_un to = {0};
    int s = find_socket(api, &to) ? own_socket(api) : -1;
    ssize_t got;

    if (s < 0 || sendto(s, text, strlen(text), 0, (struct sockaddr *)&to, sizeof(to)) < 0)
        return NULL;
    while ((got = recv(s, reply, sizeof(reply), 0)) > 0) {
        json_t *json = json_loadb(reply, (size_t)got, 0, NULL);
        if (json_integer_value(json_object_get(json, "id")) == id)
            return json;
        json_decref(json);
    }
    return NULL;
}

json_t *cx_rpc(const struct cx_api *api, const char *method, json_t *params)
{
    static time_t silent_at;
    static json_int_t id;
    json_t *question, *reply = NULL, *result;
    char *text = NULL;

    question = json_pack("{s:s, s:s, s:o, s:I}", "jsonrpc", "2.0", "method", method, "params",
                         params ? params : json_array(), "id", ++id);
    if (question && silent_at != time(NULL))
        text = json_dumps(question, JSON_COMPACT);
    if (text) {
        reply = exchange(api, text, id);
        if (!reply)
            silent_at = time(NULL);
    }
    result = json_incref(json_object_get(reply, "result"));
    json_decref(question);
    json_decref(reply);
    free(text);
    return result;
}
