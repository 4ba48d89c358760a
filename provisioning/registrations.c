/*
 * registrations.c - see registrations.h. JSON-RPC over the datagram socket beside the control
 * socket. SPDX-License-Identifier: GPL-2.0-or-later
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

#include "registrations.h"

#define WAIT_MS 300

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

static json_t *ask(const struct cx_api *api, const char *text)
{
    struct timeval wait = {0, WAIT_MS * 1000};
    struct sockaddr_un to = {0}, own = {.sun_family = AF_UNIX};
    static char reply[65536];
    json_t *result = NULL;
    ssize_t got = -1;
    int s;

    if (!find_socket(api, &to))
        return NULL;
    snprintf(own.sun_path, sizeof(own.sun_path), "%.90s.%d", api->rpc, (int)getpid());
    s = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    if (s < 0)
        return NULL;
    unlink(own.sun_path);
    setsockopt(s, SOL_SOCKET, SO_RCVTIMEO, &wait, sizeof(wait));
    setsockopt(s, SOL_SOCKET, SO_SNDTIMEO, &wait, sizeof(wait));
    if (bind(s, (struct sockaddr *)&own, sizeof(own)) == 0 && chmod(own.sun_path, 0770) == 0 &&
        sendto(s, text, strlen(text), 0, (struct sockaddr *)&to, sizeof(to)) > 0)
        got = recv(s, reply, sizeof(reply), 0);
    close(s);
    unlink(own.sun_path);
    if (got > 0)
        result = json_loadb(reply, (size_t)got, 0, NULL);
    return result;
}

bool cx_is_registered(const struct cx_api *api, const char *username, const char *realm)
{
    static time_t silent_at;
    char address[400];
    json_t *question, *reply = NULL;
    char *text;
    bool found = false;

    if (silent_at == time(NULL))
        return false;
    snprintf(address, sizeof(address), "%s@%s", username, realm);
    question = json_pack("{s:s, s:s, s:[s, s], s:i}", "jsonrpc", "2.0", "method", "ul.lookup",
                         "params", "location", address, "id", 1);
    text = question ? json_dumps(question, JSON_COMPACT) : NULL;
    if (text)
        reply = ask(api, text);
    if (!reply)
        silent_at = time(NULL);
    found = json_is_object(json_object_get(reply, "result"));
    json_decref(question);
    json_decref(reply);
    free(text);
    return found;
}
