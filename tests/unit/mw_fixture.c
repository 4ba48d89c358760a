/*
 * mw_fixture.c - see mw_fixture.h.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include <arpa/inet.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <mpg123.h>
#include <pthread.h>
#include <signal.h>
#include <spawn.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "mw_fixture.h"

extern char **environ;

static char folder[64];
static pid_t maker;

static int spawn_wait(char *const argv[])
{
    int status;
    pid_t pid;

    if (posix_spawnp(&pid, argv[0], NULL, NULL, argv, environ) != 0)
        return -1;
    return waitpid(pid, &status, 0) == pid && WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

static void remove_folder(void)
{
    char *argv[] = {"rm", "-rf", folder, NULL};

    if (getpid() == maker)
        spawn_wait(argv);
}

const char *mw_folder(void)
{
    if (!folder[0]) {
        strcpy(folder, "/tmp/mwtest.XXXXXX");
        assert_non_null(mkdtemp(folder));
        maker = getpid();
        atexit(remove_folder);
    }
    return folder;
}

const char *mw_path(const char *below)
{
    static char paths[4][256];
    static unsigned next;
    char *path = paths[next++ % 4];

    snprintf(path, sizeof(paths[0]), "%s/%s", mw_folder(), below);
    return path;
}

void mw_empty(const char *below)
{
    char *argv[] = {"rm", "-rf", (char *)mw_path(below), NULL};

    assert_int_equal(spawn_wait(argv), 0);
    assert_int_equal(mkdir(argv[2], 0700), 0);
}

unsigned mw_count(const char *below, const char *suffix)
{
    DIR *d = opendir(mw_path(below));
    struct dirent *e;
    unsigned n = 0;

    while (d && (e = readdir(d))) {
        size_t len = strlen(e->d_name), end = strlen(suffix);
        n += e->d_name[0] != '.' && len >= end && strcmp(e->d_name + len - end, suffix) == 0;
    }
    if (d)
        closedir(d);
    return n;
}

bool mw_within(double seconds, bool (*condition)(void *arg), void *arg)
{
    for (int i = 0; i < (int)(seconds * 50); i++) {
        if (condition(arg))
            return true;
        usleep(20000);
    }
    return condition(arg);
}

void mw_tone(int16_t *samples, size_t count, double hz)
{
    for (size_t i = 0; i < count; i++)
        samples[i] = (int16_t)(12000 * sin(2 * M_PI * hz * (double)i / 8000));
}

void mw_mp3_measure(const void *mp3, size_t bytes, double hz, double *seconds, double *share)
{
    double re = 0, im = 0, energy = 0;
    size_t total = 0, done;
    int16_t pcm[4096];
    mpg123_handle *h;
    int rc;

    mpg123_init();
    h = mpg123_new(NULL, NULL);
    assert_non_null(h);
    mpg123_param(h, MPG123_ADD_FLAGS, MPG123_QUIET, 0);
    mpg123_format_none(h);
    mpg123_format(h, 8000, MPG123_MONO, MPG123_ENC_SIGNED_16);
    assert_int_equal(mpg123_open_feed(h), MPG123_OK);
    assert_int_equal(mpg123_feed(h, mp3, bytes), MPG123_OK);
    do {
        rc = mpg123_read(h, pcm, sizeof(pcm), &done);
        for (size_t i = 0; i < done / 2; i++, total++) {
            re += pcm[i] * cos(2 * M_PI * hz * (double)total / 8000);
            im += pcm[i] * sin(2 * M_PI * hz * (double)total / 8000);
            energy += (double)pcm[i] * pcm[i];
        }
    } while (rc == MPG123_OK || rc == MPG123_NEW_FORMAT);
    mpg123_delete(h);
    *seconds = (double)total / 8000;
    *share = energy > 0 ? 2 * (re * re + im * im) / (energy * (double)total) : 0;
}

static char own_ip[16];

/* Before main(), so that the children of a test have it too. */
__attribute__((constructor)) static void choose_ip(void)
{
    unsigned pid = (unsigned)getpid();

    snprintf(own_ip, sizeof(own_ip), "127.46.%u.%u", pid / 250 % 250 + 1, pid % 250 + 1);
}

const char *mw_ip(void)
{
    return own_ip;
}

static struct sockaddr_in address_of(unsigned port)
{
    struct sockaddr_in a = {.sin_family = AF_INET, .sin_port = htons((uint16_t)port)};

    a.sin_addr.s_addr = inet_addr(mw_ip());
    return a;
}

static bool answers(void *arg)
{
    struct sockaddr_in a = address_of(*(unsigned *)arg);
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    bool ok = connect(fd, (struct sockaddr *)&a, sizeof(a)) == 0;

    close(fd);
    return ok;
}

pid_t mw_sink_start(unsigned port, const char *maildir)
{
    char listen_on[32];
    char *argv[] = {"/usr/bin/python3",
                    "-m",
                    "aiosmtpd",
                    "-n",
                    "-l",
                    listen_on,
                    "-c",
                    "aiosmtpd.handlers.Mailbox",
                    (char *)mw_path(maildir),
                    NULL};
    pid_t pid;

    snprintf(listen_on, sizeof(listen_on), "%s:%u", mw_ip(), port);
    assert_int_equal(posix_spawn(&pid, argv[0], NULL, NULL, argv, environ), 0);
    assert_true(mw_within(15, answers, &port));
    return pid;
}

void mw_sink_stop(pid_t pid)
{
    kill(pid, SIGTERM);
    waitpid(pid, NULL, 0);
}

unsigned mw_sink_mails(const char *maildir)
{
    char below[200];

    snprintf(below, sizeof(below), "%s/new", maildir);
    return mw_count(below, "");
}

json_t *mw_sink_read(const char *maildir)
{
    static const char script[] =
        "import sys, json, base64, mailbox, email, email.policy\n"
        "out = []\n"
        "for m in mailbox.Maildir(sys.argv[1], lambda f: email.message_from_binary_file(f, "
        "policy=email.policy.default)):\n"
        "    parts = [{'type': p.get_content_type(), 'name': p.get_filename(), 'disposition': "
        "p.get_content_disposition(), 'base64': "
        "base64.b64encode(p.get_payload(decode=True)).decode()}"
        " for p in m.walk() if not p.is_multipart()]\n"
        "    out.append({'headers': {k: str(v) for k, v in m.items()}, 'names': list(m.keys()), "
        "'defects': [str(d) for d in m.defects], 'text': m.get_body(('plain',)).get_content(), "
        "'parts': parts})\n"
        "out.sort(key=lambda m: m['headers']['To'])\n"
        "json.dump(out, open(sys.argv[2], 'w'))\n";
    char *argv[] = {"/usr/bin/python3",
                    "-c",
                    (char *)script,
                    (char *)mw_path(maildir),
                    (char *)mw_path("parsed.json"),
                    NULL};
    json_t *mails;

    assert_int_equal(spawn_wait(argv), 0);
    mails = json_load_file(argv[4], 0, NULL);
    assert_non_null(mails);
    return mails;
}

static _Atomic(enum mw_smtp_mode) mode;
static atomic_uint messages, hanging, repeated;
static char ids[1024][33]; /* the server's thread's own */
static char last[65536];

static void say(int fd, const char *line)
{
    if (send(fd, line, strlen(line), MSG_NOSIGNAL) < 0)
        return;
}

static void hang(FILE *in)
{
    atomic_fetch_add(&hanging, 1);
    while (getc(in) != EOF)
        ;
}

static void count_message(void)
{
    const char *id = strstr(last, "Message-ID: <");
    unsigned n = atomic_load(&messages);

    if (!id || n >= 1024)
        abort();
    snprintf(ids[n], sizeof(ids[n]), "%.32s", id + strlen("Message-ID: <"));
    for (unsigned i = 0; i < n; i++)
        if (strcmp(ids[i], ids[n]) == 0) {
            atomic_fetch_add(&repeated, 1);
            break;
        }
    atomic_fetch_add(&messages, 1);
}

static void dialogue(FILE *in, int fd)
{
    char line[2048];
    bool data = false;
    size_t n = 0;

    say(fd, mode == MW_SMTP_NO_SERVICE ? "554 go away\r\n" : "220 test\r\n");
    while (fgets(line, sizeof(line), in)) {
        if (data && strcmp(line, ".\r\n") != 0) {
            n += (size_t)snprintf(last + n, sizeof(last) - n, "%s", line);
            if (n >= sizeof(last))
                n = sizeof(last) - 1;
        } else if (data) {
            data = false;
            count_message();
            if (mode == MW_SMTP_CLOSE_AT_END)
                return;
            if (mode == MW_SMTP_HANG_AT_END) {
                hang(in);
                return;
            }
            say(fd, mode == MW_SMTP_REFUSE_MESSAGE ? "554 not this\r\n" : "250 taken\r\n");
        } else if (strncmp(line, "RCPT", 4) == 0) {
            if (mode == MW_SMTP_HANG_AT_RCPT) {
                hang(in);
                return;
            }
            if (mode == MW_SMTP_SLOW)
                usleep(10000);
            say(fd, mode == MW_SMTP_REFUSE_RCPT  ? "550 nobody\r\n"
                    : mode == MW_SMTP_LATER_RCPT ? "451 later\r\n"
                                                 : "250 ok\r\n");
        } else if (strncmp(line, "DATA", 4) == 0) {
            data = true;
            n = 0;
            last[0] = '\0';
            say(fd, "354 go on\r\n");
        } else if (strncmp(line, "QUIT", 4) == 0) {
            say(fd, "221 bye\r\n");
            return;
        } else {
            say(fd, "250 ok\r\n");
        }
    }
}

static void *serve(void *arg)
{
    int listener = (int)(intptr_t)arg, fd;

    while ((fd = accept4(listener, NULL, NULL, SOCK_CLOEXEC)) >= 0) {
        FILE *in = fdopen(fd, "r");

        if (!in)
            abort();
        dialogue(in, fd);
        fclose(in);
    }
    return NULL;
}

void mw_smtp_start(unsigned port)
{
    struct sockaddr_in a = address_of(port);
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), on = 1;
    pthread_t thread;

    setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
    assert_int_equal(bind(fd, (struct sockaddr *)&a, sizeof(a)), 0);
    assert_int_equal(listen(fd, 16), 0);
    assert_int_equal(pthread_create(&thread, NULL, serve, (void *)(intptr_t)fd), 0);
    pthread_detach(thread);
}

void mw_smtp_mode(enum mw_smtp_mode new_mode)
{
    atomic_store(&mode, new_mode);
    atomic_store(&messages, 0);
    atomic_store(&hanging, 0);
    atomic_store(&repeated, 0);
}

unsigned mw_smtp_messages(void)
{
    return atomic_load(&messages);
}

unsigned mw_smtp_hanging(void)
{
    return atomic_load(&hanging);
}

unsigned mw_smtp_repeated(void)
{
    return atomic_load(&repeated);
}

const char *mw_smtp_last(void)
{
    return last;
}
