/*
 * log.c - see log.h. SPDX-License-Identifier: GPL-2.0-or-later
 */
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "log.h"

static const char *part_name = "media";
static atomic_int threshold = CX_LOG_INFO;

void cx_log_open(const char *part)
{
    part_name = part;
}

void cx_log_set(enum cx_log_level level)
{
    atomic_store(&threshold, (int)level);
}

void cx_log(enum cx_log_level level, const char *id, const char *format, ...)
{
    static const char *const names[] = {"error", "warning", "info", "debug"};
    char line[1024];
    struct timespec now;
    struct tm tm;
    va_list args;
    size_t n, text;
    int more;

    if ((int)level > atomic_load(&threshold))
        return;
    clock_gettime(CLOCK_REALTIME, &now);
    gmtime_r(&now.tv_sec, &tm);
    n = strftime(line, sizeof(line), "%Y-%m-%dT%H:%M:%S", &tm);
    more = snprintf(line + n, sizeof(line) - n, ".%03ldZ %s %s %s ", now.tv_nsec / 1000000,
                    part_name, names[level], id && id[0] ? id : "-");
    n += (size_t)more;
    text = n;
    va_start(args, format);
    more = vsnprintf(line + n, sizeof(line) - n, format, args);
    va_end(args);
    n += more < 0 ? 0 : (size_t)more;
    if (n > sizeof(line) - 2)
        n = sizeof(line) - 2;
    for (size_t i = text; i < n; i++)
        if ((unsigned char)line[i] < ' ' || line[i] == 0x7f)
            line[i] = '?';
    line[n++] = '\n';
    /* one write: lines of several threads do not mix */
    if (write(STDERR_FILENO, line, n) < 0)
        return; /* nobody to tell */
}
