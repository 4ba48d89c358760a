/*
 * main.c - centrex-api: reads the configuration, keeps N processes that answer FastCGI requests.
 *
 * SIGTERM: every process finishes the request that it has. A process that dies is replaced.
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <fcgiapp.h>
#include <libconfig.h>

#include "api.h"
#include "herald.h"
#include "process.h"
#include "throttle.h"

#define PROCESSES_MAX 64

static volatile sig_atomic_t stopping;

static void on_stop(int signal)
{
    (void)signal;
    stopping = 1;
}

static bool text(const config_t *config, const char *path, char *to, size_t size)
{
    const char *value;

    if (!config_lookup_string(config, path, &value) || strlen(value) >= size)
        return false;
    snprintf(to, size, "%s", value);
    return true;
}

static int read_config(const char *file, struct cx_api *api)
{
    config_t config;
    char error[512];
    const char *missing = NULL;

    if (cx_db_config_read(file, &api->db_config, error, sizeof(error)) < 0) {
        fprintf(stderr, "centrex-api: %s\n", error);
        return -EINVAL;
    }
    api->processes = 2;
    api->token_seconds = 3600;
    api->retry_seconds = 10;
    api->failures_of_address = 60;
    api->failures_of_account = 10;
    config_init(&config);
    if (!config_read_file(&config, file))
        missing = "everything: it cannot be read";
    else if (!text(&config, "cluster_secret", api->secret, sizeof(api->secret)) ||
             strlen(api->secret) < 32)
        missing = "cluster_secret (32 to 128 characters)";
    else if (!text(&config, "storage", api->storage, sizeof(api->storage)))
        missing = "storage";
    else if (!text(&config, "api.socket", api->socket, sizeof(api->socket)))
        missing = "api.socket";
    text(&config, "api.rpc", api->rpc, sizeof(api->rpc));
    text(&config, "media.control", api->control, sizeof(api->control));
    text(&config, "media.smtp", api->smtp, sizeof(api->smtp));
    text(&config, "media.mail_from", api->mail_from, sizeof(api->mail_from));
    config_lookup_int(&config, "api.webhook_retry_seconds", &api->retry_seconds);
    config_lookup_int(&config, "api.processes", &api->processes);
    config_lookup_int(&config, "api.token_seconds", &api->token_seconds);
    config_lookup_int(&config, "api.failed_logins.address", &api->failures_of_address);
    config_lookup_int(&config, "api.failed_logins.account", &api->failures_of_account);
    config_destroy(&config);
    if (!missing && (api->processes < 1 || api->processes > PROCESSES_MAX))
        missing = "a usable api.processes (1 to 64)";
    if (!missing && (api->token_seconds < 60 || api->token_seconds > 30 * 86400))
        missing = "a usable api.token_seconds (60 to 2592000)";
    if (!missing && (api->failures_of_address < 1 || api->failures_of_account < 1))
        missing = "usable api.failed_logins (at least 1)";
    if (missing)
        fprintf(stderr, "centrex-api: %s lacks %s\n", file, missing);
    gethostname(api->node, sizeof(api->node) - 1);
    return missing ? -EINVAL : 0;
}

static void handle(int signal, void (*handler)(int))
{
    struct sigaction action = {.sa_handler = handler};

    sigaction(signal, &action, NULL); /* without SA_RESTART: accept() must return */
}

/* A process that answers; without a socket the herald. */
static pid_t start(struct cx_api *api, int socket)
{
    pid_t parent = getpid(), pid = fork();

    if (pid != 0)
        return pid;
    prctl(PR_SET_PDEATHSIG, SIGTERM);
    if (getppid() != parent)
        _exit(0);
    _exit((socket < 0 ? cx_herald_run(api, &stopping) : cx_process_run(api, socket, &stopping)) < 0
              ? 1
              : 0);
}

static void pause_ms(long ms)
{
    nanosleep(&(struct timespec){ms / 1000, ms % 1000 * 1000000}, NULL);
}

static void supervise(struct cx_api *api, int socket)
{
    pid_t pids[PROCESSES_MAX + 1] = {0};
    time_t started[PROCESSES_MAX + 1] = {0};
    int alive = 0, n = api->processes + 1; /* the last one is the herald */

    while (!stopping || alive > 0) {
        for (int i = 0; i < n && !stopping; i++)
            if (pids[i] <= 0 && time(NULL) > started[i]) {
                started[i] = time(NULL);
                pids[i] = start(api, i < api->processes ? socket : -1);
            }
        alive = 0;
        for (int i = 0; i < n; i++) {
            int status;
            if (pids[i] <= 0)
                continue;
            /* again and again: one may come between a process's look and its accept() */
            if (stopping)
                kill(pids[i], SIGTERM);
            if (waitpid(pids[i], &status, WNOHANG) == pids[i]) {
                if (!stopping)
                    fprintf(stderr, "centrex-api: process %d ended (status %d), a new one starts\n",
                            (int)pids[i], status);
                pids[i] = 0;
            } else {
                alive++;
            }
        }
        pause_ms(stopping ? 20 : 200);
    }
}

int main(int argc, char **argv)
{
    const char *file = "/etc/centrex/centrex.cfg";
    static struct cx_api api;
    int socket;

    if (argc == 3 && strcmp(argv[1], "-f") == 0)
        file = argv[2];
    else if (argc != 1) {
        fprintf(stderr, "usage: centrex-api [-f centrex.cfg]\n");
        return 2;
    }
    setvbuf(stderr, NULL, _IOLBF, 0);
    if (read_config(file, &api) < 0)
        return 2;
    handle(SIGTERM, on_stop);
    handle(SIGINT, on_stop);
    handle(SIGPIPE, SIG_IGN);
    api.throttle = cx_throttle_new();
    if (!api.throttle || FCGX_Init() != 0)
        return 1;
    umask(0007);
    unlink(api.socket);
    socket = FCGX_OpenSocket(api.socket, 512);
    if (socket < 0) {
        fprintf(stderr, "centrex-api: %s: %s\n", api.socket, strerror(errno));
        return 1;
    }
    supervise(&api, socket);
    unlink(api.socket);
    return 0;
}
