/*
 * child.c - see child.h. SPDX-License-Identifier: GPL-2.0-or-later
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "child.h"

enum { CPU_S = 60, WALL_S = 180, SIZE_MAX_MB = 200, MEMORY_MB = 2048, LOOK_MS = 20 };

static void limit(int what, rlim_t value)
{
    struct rlimit l = {value, value};

    setrlimit(what, &l);
}

/* Only what is safe between fork and exec in a process with threads. */
static void become(char *const *argv, const char *output)
{
    static char *const environment[] = {"PATH=/usr/bin:/bin", "HOME=/nonexistent", "LC_ALL=C.UTF-8",
                                        NULL};
    sigset_t none;
    int in = open("/dev/null", O_RDWR), out = in;

    if (output)
        out = open(output, O_WRONLY | O_CREAT | O_TRUNC, 0640);
    if (in < 0 || out < 0 || dup2(in, 0) < 0 || dup2(out, 1) < 0 || dup2(in, 2) < 0)
        _exit(126);
    close_range(3, ~0u, 0);
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, NULL);
    signal(SIGPIPE, SIG_DFL);
    limit(RLIMIT_CPU, CPU_S);
    limit(RLIMIT_FSIZE, (rlim_t)SIZE_MAX_MB << 20);
    limit(RLIMIT_AS, (rlim_t)MEMORY_MB << 20);
    limit(RLIMIT_CORE, 0);
    execvpe(argv[0], argv, environment);
    _exit(127);
}

int cx_child_run(const char *const *argv, const char *output)
{
    const struct timespec nap = {.tv_nsec = LOOK_MS * 1000000L};
    pid_t child = fork();
    int status;

    if (child < 0)
        return -errno;
    if (child == 0)
        become((char *const *)argv, output);
    for (int waited = 0;; waited += LOOK_MS) {
        pid_t got = waitpid(child, &status, waited < WALL_S * 1000 ? WNOHANG : 0);
        if (got < 0 && errno != EINTR)
            return -errno;
        if (got == child)
            break;
        if (waited + LOOK_MS >= WALL_S * 1000)
            kill(child, SIGKILL);
        nanosleep(&nap, NULL);
    }
    if (WIFEXITED(status) && WEXITSTATUS(status) == 127)
        return -ENOEXEC;
    return WIFEXITED(status) && WEXITSTATUS(status) == 0 ? 0 : -EBADMSG;
}
