/*
 * faxmail.c - centrex-faxmail: takes mails that are to become faxes from Postfix, by LMTP (RFC
 * 2033), one process a connection. What it answers 250 to is in the queue.
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include <arpa/inet.h>
#include <errno.h>
#include <getopt.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sysexits.h>
#include <unistd.h>

#include "faxmail.h"

enum { RECIPIENTS_MAX = 50, LINE_MAX_BYTES = 4096, IDLE_S = 300, CPU_S = 60 };

struct session {
    const char *file;
    FILE *in, *out;
    char sender[256], recipients[RECIPIENTS_MAX][256];
    unsigned count;
    bool has_sender;
    char *data;
    size_t size, room;
    bool too_large;
};

static void say(struct session *s, const char *line)
{
    fprintf(s->out, "%s\r\n", line);
    fflush(s->out);
}

/* The address in "<...>" behind a keyword. False: there is none, or it is too long. */
static bool address(const char *line, const char *keyword, char *to, size_t size)
{
    size_t len = strlen(keyword);
    const char *start, *end;

    if (strncasecmp(line, keyword, len) != 0)
        return false;
    start = strchr(line + len, '<');
    end = start ? strrchr(start, '>') : NULL;
    if (!end || (size_t)(end - start) > size)
        return false;
    snprintf(to, size, "%.*s", (int)(end - start - 1), start + 1);
    return true;
}

static void keep(struct session *s, const char *line, size_t len)
{
    if (s->size + len > CX_FAXMAIL_MAX) {
        s->too_large = true;
        return;
    }
    if (s->size + len > s->room) {
        size_t room = s->room ? s->room * 2 : 65536;
        char *more;

        while (room < s->size + len)
            room *= 2;
        more = realloc(s->data, room);
        if (!more) {
            s->too_large = true;
            return;
        }
        s->data = more;
        s->room = room;
    }
    memcpy(s->data + s->size, line, len);
    s->size += len;
}

/* Up to the line with a dot; dots at the start of lines are doubled (RFC 5321 4.5.2). */
static bool read_data(struct session *s)
{
    char line[LINE_MAX_BYTES];
    bool start = true;

    s->size = 0;
    s->too_large = false;
    while (fgets(line, sizeof(line), s->in)) {
        size_t len = strlen(line);

        if (start && (strcmp(line, ".\r\n") == 0 || strcmp(line, ".\n") == 0))
            return true;
        keep(s, line + (start && line[0] == '.'), len - (start && line[0] == '.'));
        start = len > 0 && line[len - 1] == '\n';
    }
    return false;
}

static void answer(struct session *s, const char *recipient)
{
    char why[300] = "The mail is too large", line[400];
    int code = EX_DATAERR;

    if (!s->too_large)
        code = cx_faxmail_take(s->file, s->sender, recipient, s->data ? s->data : "", s->size, why,
                               sizeof(why));
    for (char *p = why; *p; p++)
        if ((unsigned char)*p < ' ' || (unsigned char)*p >= 0x7f)
            *p = '?';
    snprintf(line, sizeof(line), "%s %s",
             code == 0             ? "250 2.0.0"
             : code == EX_TEMPFAIL ? "451 4.3.0"
             : code == EX_NOUSER   ? "550 5.1.1"
             : code == EX_NOPERM   ? "550 5.7.1"
                                   : "554 5.6.0",
             code == 0 ? "It is in the queue of faxes" : why);
    fprintf(stderr, "centrex-faxmail: <%s> to <%s>: %s\n", s->sender, recipient, line);
    say(s, line);
}

static void forget(struct session *s)
{
    s->has_sender = false;
    s->count = 0;
}

static bool command(struct session *s, const char *line)
{
    if (strncasecmp(line, "LHLO", 4) == 0) {
        forget(s);
        say(s, "250-centrex\r\n250-8BITMIME\r\n250-PIPELINING\r\n250 ENHANCEDSTATUSCODES");
    } else if (strncasecmp(line, "MAIL", 4) == 0) {
        forget(s);
        s->has_sender = address(line, "MAIL FROM:", s->sender, sizeof(s->sender));
        say(s, s->has_sender ? "250 2.1.0 Ok" : "501 5.5.4 Bad sender");
    } else if (strncasecmp(line, "RCPT", 4) == 0) {
        if (!s->has_sender)
            say(s, "503 5.5.1 Sender first");
        else if (s->count == RECIPIENTS_MAX)
            say(s, "452 4.5.3 Too many recipients");
        else if (!address(line, "RCPT TO:", s->recipients[s->count], 256))
            say(s, "501 5.5.4 Bad recipient");
        else {
            s->count++;
            say(s, "250 2.1.5 Ok");
        }
    } else if (strncasecmp(line, "DATA", 4) == 0) {
        if (s->count == 0) {
            say(s, "503 5.5.1 No recipients");
            return true;
        }
        say(s, "354 End with a dot");
        if (!read_data(s))
            return false;
        for (unsigned i = 0; i < s->count; i++)
            answer(s, s->recipients[i]);
        forget(s);
    } else if (strncasecmp(line, "RSET", 4) == 0) {
        forget(s);
        say(s, "250 2.0.0 Ok");
    } else if (strncasecmp(line, "NOOP", 4) == 0) {
        say(s, "250 2.0.0 Ok");
    } else if (strncasecmp(line, "QUIT", 4) == 0) {
        say(s, "221 2.0.0 Bye");
        return false;
    } else {
        say(s, "500 5.5.2 What?");
    }
    return true;
}

static void serve(const char *file, int fd)
{
    const struct rlimit cpu = {CPU_S, CPU_S};
    struct timeval idle = {IDLE_S, 0};
    static struct session s;
    char line[LINE_MAX_BYTES];

    setrlimit(RLIMIT_CPU, &cpu);
    setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &idle, sizeof(idle));
    s.file = file;
    s.in = fdopen(fd, "r");
    s.out = fdopen(dup(fd), "w");
    if (!s.in || !s.out)
        return;
    say(&s, "220 centrex LMTP");
    while (fgets(line, sizeof(line), s.in) && command(&s, line))
        ;
}

static int listen_on(const char *text)
{
    struct sockaddr_in at = {.sin_family = AF_INET};
    const char *colon = strrchr(text, ':');
    char ip[64];
    int fd, on = 1;

    snprintf(ip, sizeof(ip), "%.*s", colon ? (int)(colon - text) : 0, text);
    if (!colon || inet_pton(AF_INET, ip, &at.sin_addr) != 1)
        return -EINVAL;
    at.sin_port = htons((uint16_t)atoi(colon + 1));
    fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
    return bind(fd, (struct sockaddr *)&at, sizeof(at)) < 0 || listen(fd, 50) < 0 ? -errno : fd;
}

int main(int argc, char **argv)
{
    const char *file = NULL, *at = NULL;
    int option, listener;

    while ((option = getopt(argc, argv, "f:l:")) != -1) {
        if (option == 'f')
            file = optarg;
        else if (option == 'l')
            at = optarg;
    }
    if (!file || !at || optind != argc) {
        fputs("usage: centrex-faxmail -f FILE -l IP:PORT\n", stderr);
        return EX_USAGE;
    }
    listener = listen_on(at);
    if (listener < 0) {
        fprintf(stderr, "centrex-faxmail: %s: %s\n", at, strerror(-listener));
        return 1;
    }
    signal(SIGCHLD, SIG_IGN); /* nobody waits for them */
    signal(SIGPIPE, SIG_IGN);
    for (;;) {
        int fd = accept(listener, NULL, NULL);
        pid_t child = fd < 0 ? -1 : fork();

        if (child == 0) {
            prctl(PR_SET_PDEATHSIG, SIGTERM);
            close(listener);
            serve(file, fd);
            _exit(0);
        }
        if (fd >= 0)
            close(fd);
        else if (errno != EINTR)
            usleep(100000); /* too many files: others end */
    }
}
