/*
 * status.c - centrexctl status: every part, up or down, and what waits.
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include <arpa/inet.h>
#include <dirent.h>
#include <errno.h>
#include <limits.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/statvfs.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

#include "ctl.h"
#include "db/migrate.h"

#define WAIT_S 2

static bool show(const char *part, bool up, const char *detail)
{
    printf("%-12s %-5s %s\n", part, up ? "OK" : "DOWN", detail);
    return up;
}

static bool split_address(const char *text, struct sockaddr_in *to)
{
    char host[64];
    int port;

    memset(to, 0, sizeof(*to));
    if (sscanf(text, "%63[^:]:%d", host, &port) != 2)
        return false;
    to->sin_family = AF_INET;
    to->sin_port = htons((uint16_t)port);
    return inet_pton(AF_INET, host, &to->sin_addr) == 1;
}

static void limit_wait(int fd)
{
    struct timeval wait = {WAIT_S, 0};

    setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &wait, sizeof(wait));
    setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &wait, sizeof(wait));
}

/* Sends a datagram and waits for any answer. */
static bool ask(const struct sockaddr_in *from, const struct sockaddr_in *to, const char *text,
                char *answer, size_t size)
{
    int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    ssize_t n = -1;

    answer[0] = '\0';
    if (fd < 0)
        return false;
    limit_wait(fd);
    if (bind(fd, (const struct sockaddr *)from, sizeof(*from)) == 0 &&
        connect(fd, (const struct sockaddr *)to, sizeof(*to)) == 0 &&
        send(fd, text, strlen(text), 0) > 0)
        n = recv(fd, answer, size - 1, 0);
    close(fd);
    if (n <= 0)
        return false;
    answer[n] = '\0';
    return true;
}

static bool sip_answers(const char *ip, int port, char *detail, size_t size)
{
    struct sockaddr_in to, from;
    char address[80], text[800], answer[2048];

    snprintf(address, sizeof(address), "%s:%d", ip, port);
    if (!split_address(address, &to))
        return false;
    from = to;
    from.sin_port = 0;
    snprintf(
        text, sizeof(text),
        "OPTIONS sip:%s SIP/2.0\r\nVia: SIP/2.0/UDP "
        "%s:9;rport;branch=z9hG4bKctl%d%d\r\nMax-Forwards: 5\r\n"
        "From: <sip:ctl@%s>;tag=c%d\r\nTo: <sip:%s>\r\nCall-ID: ctl-%d-%d\r\nCSeq: 1 OPTIONS\r\n"
        "Content-Length: 0\r\n\r\n",
        address, ip, (int)getpid(), port, ip, (int)getpid(), address, (int)getpid(), port);
    if (!ask(&from, &to, text, answer, sizeof(answer)))
        return false;
    snprintf(detail, size, "%s  %.*s", address, (int)strcspn(answer, "\r\n"), answer);
    return true;
}

static bool tcp_answers(const char *address, const char *request, char *answer, size_t size)
{
    struct sockaddr_in to;
    int fd = split_address(address, &to) ? socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0) : -1;
    ssize_t n = -1;

    answer[0] = '\0';
    if (fd < 0)
        return false;
    limit_wait(fd);
    if (connect(fd, (const struct sockaddr *)&to, sizeof(to)) == 0 &&
        (!request || send(fd, request, strlen(request), MSG_NOSIGNAL) > 0))
        n = recv(fd, answer, size - 1, 0);
    close(fd);
    if (n <= 0)
        return false;
    answer[n] = '\0';
    answer[strcspn(answer, "\r\n")] = '\0';
    return true;
}

static unsigned files_in(const char *folder, const char *suffix)
{
    DIR *dir = opendir(folder);
    struct dirent *e;
    unsigned n = 0;

    if (!dir)
        return 0;
    while ((e = readdir(dir)) != NULL) {
        size_t len = strlen(e->d_name), s = strlen(suffix);
        n += len > s && strcmp(e->d_name + len - s, suffix) == 0;
    }
    closedir(dir);
    return n;
}

/* What waits in the spool, by kind, and what was given up. */
static bool spool(const char *folder)
{
    static const struct {
        const char *part, *below;
    } kinds[] = {{"messages", ""},
                 {"recordings", "/recording"},
                 {"faxes in", "/fax"},
                 {"faxes out", "/fax_sent"}};
    unsigned failed, all_failed = 0;
    char path[PATH_MAX], detail[128];

    for (size_t i = 0; i < sizeof(kinds) / sizeof(*kinds); i++) {
        snprintf(path, sizeof(path), "%s%s/failed", folder, kinds[i].below);
        failed = files_in(path, ".json");
        all_failed += failed;
        *strrchr(path, '/') = '\0';
        snprintf(detail, sizeof(detail), "%u in the spool, %u failed", files_in(path, ".json"),
                 failed);
        show(kinds[i].part, failed == 0, detail);
    }
    return all_failed == 0;
}

/* Is there room on the disk? */
static bool room(const char *what, const char *folder)
{
    struct statvfs fs;
    char part[32], detail[PATH_MAX + 64];
    unsigned free_percent;

    snprintf(part, sizeof(part), "%s disk", what);
    if (statvfs(folder, &fs) < 0) {
        snprintf(detail, sizeof(detail), "%s: %s", folder, strerror(errno));
        return show(part, false, detail);
    }
    free_percent = fs.f_blocks ? (unsigned)(100 * (uint64_t)fs.f_bavail / fs.f_blocks) : 100;
    snprintf(detail, sizeof(detail), "%u %% free", free_percent);
    return show(part, free_percent >= 3, detail);
}

static bool database(const struct cx_ctl *ctl)
{
    char error[512] = "", folder[PATH_MAX];
    struct cx_db *db = NULL;
    bool up = cx_db_open(&ctl->db, &db, error, sizeof(error)) == 0;

    if (up) {
        cx_ctl_setting(ctl, "schema", "/usr/local/share/centrex/schema", folder, sizeof(folder));
        up = cx_schema_check(db, folder, error, sizeof(error)) == 0;
        cx_db_close(db);
    }
    return show("database", up, up ? "schema is up to date" : error);
}

/* What centrex.stats says: through kamcmd, the tool that speaks the control socket's protocol. */
static bool module(const struct cx_ctl *ctl)
{
    static const char *const wanted[] = {"database:", "accounts:", "refused:", "cdr_backlog:"};
    char rpc[PATH_MAX], command[PATH_MAX + 64], line[512], detail[512] = "", recorder[96];
    unsigned long asked = 0, lost = 0;
    FILE *f;

    cx_ctl_setting(ctl, "api.rpc", "/run/centrex/kamailio.rpc", rpc, sizeof(rpc));
    if (access(rpc, F_OK) < 0 || strchr(rpc, '\''))
        return show("loader", false, "no control socket");
    snprintf(command, sizeof(command), "timeout 3 kamcmd -s 'unix:%s' centrex.stats 2>&1", rpc);
    f = popen(command, "re");
    while (f && fgets(line, sizeof(line), f)) {
        (void)sscanf(line, " records_asked: %lu", &asked);
        (void)sscanf(line, " records_lost: %lu", &lost);
        for (size_t i = 0; i < sizeof(wanted) / sizeof(*wanted); i++) {
            const char *at = strstr(line, wanted[i]);
            if (at && (at == line || at[-1] == ' ' || at[-1] == '\t'))
                snprintf(detail + strlen(detail), sizeof(detail) - strlen(detail), "%.*s  ",
                         (int)strcspn(at, "\r\n"), at);
        }
    }
    if (f)
        pclose(f);
    /* what was asked for and is neither lost here nor failed in the spool is stored, or will be */
    snprintf(recorder, sizeof(recorder), "%lu calls to record since the start, %lu lost", asked,
             lost);
    if (detail[0] && !show("recorder", lost == 0, recorder)) {
        show("loader", true, detail);
        return false;
    }
    return show("loader", detail[0] != '\0', detail[0] ? detail : "centrex.stats does not answer");
}

int cx_ctl_status(const struct cx_ctl *ctl, int argc, char **argv)
{
    char text[PATH_MAX], ip[64], detail[2048];
    int workers = cx_ctl_setting_int(ctl, "media.workers", 1), port;
    struct sockaddr_in ng, from;
    bool up = true, answers;

    if (argc > 1) {
        puts("usage: centrexctl status\nAsks every part of this node. Exit code 1: something is "
             "down.");
        return strcmp(argv[1], "--help") == 0 ? 0 : 2;
    }
    up &= database(ctl);
    cx_ctl_setting(ctl, "sip_proxy", "127.0.0.1:5060", text, sizeof(text));
    snprintf(ip, sizeof(ip), "%.*s", (int)strcspn(text, ":"), text);
    port = strchr(text, ':') ? atoi(strchr(text, ':') + 1) : 5060;
    answers = sip_answers(ip, port, detail, sizeof(detail));
    up &= show("kamailio", answers, answers ? detail : text);
    up &= module(ctl);
    cx_ctl_setting(ctl, "rtpengine", "127.0.0.1:2223", text, sizeof(text));
    answers = split_address(text, &ng);
    from = ng;
    from.sin_port = 0;
    answers = answers && ask(&from, &ng, "ctl d7:command4:pinge", detail, sizeof(detail)) &&
              strstr(detail, "pong");
    up &= show("rtpengine", answers, text);
    cx_ctl_setting(ctl, "media.ip", "127.0.0.1", ip, sizeof(ip));
    port = cx_ctl_setting_int(ctl, "media.sip_port", 5070);
    for (int i = 0; i < workers; i++) {
        char name[32];
        snprintf(name, sizeof(name), "media%d", i);
        answers = sip_answers(ip, port + i, detail, sizeof(detail));
        up &= show(name, answers, answers ? detail : ip);
    }
    cx_ctl_setting(ctl, "api.public_url", "http://127.0.0.1:8080/v2", text, sizeof(text));
    if (strncmp(text, "http://", 7) == 0) {
        char address[128];
        snprintf(address, sizeof(address), "%.*s", (int)strcspn(text + 7, "/"), text + 7);
        answers = tcp_answers(address, "GET /v2/about HTTP/1.0\r\n\r\n", detail, sizeof(detail));
        /* nginx answers 502 when the API behind it does not */
        up &= show("api", answers && !strstr(detail, " 50"), answers ? detail : address);
    }
    cx_ctl_setting(ctl, "media.smtp", "", text, sizeof(text));
    if (strncmp(text, "smtp://", 7) == 0) {
        answers = tcp_answers(text + 7, NULL, detail, sizeof(detail));
        up &= show("smtp", answers, answers ? detail : text);
    }
    cx_ctl_setting(ctl, "media.spool", "/var/spool/centrex", text, sizeof(text));
    up &= spool(text);
    up &= room("spool", text);
    cx_ctl_setting(ctl, "storage", "/var/lib/centrex", text, sizeof(text));
    up &= room("storage", text);
    return up ? 0 : 1;
}
