/*
 * registrations.c - see registrations.h.
 *
 * A line is a change: '+' or '-', the ruid, and for '+' the fields below, separated by tabs. The
 * last line of a ruid counts. The file is written anew when most of it is old.
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include <errno.h>
#include <fcntl.h>

#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <jansson.h>

#include "core/socket_info.h"

#include "registrations.h"

#define LINE_MAX_BYTES 2048 /* below PIPE_BUF: lines of several processes never mix */
#define PIPE_BYTES     (1 << 20)
#define SLACK_BYTES    (1 << 20)

enum {
    F_AOR,
    F_CONTACT,
    F_RECEIVED,
    F_HOP,
    F_CALL_ID,
    F_USER_AGENT,
    F_INSTANCE_ID,
    F_SOCKET,
    F_EXPIRES,
    F_CSEQ,
    F_Q,
    F_CFLAGS,
    F_METHOD_BITS,
    F_REG_ID,
    FIELDS
};

static struct {
    char path[PATH_MAX];
    int fds[2];
    FILE *file;
    long size, live_size;
    json_t *live; /* ruid -> line; the loader's */
    char pending[LINE_MAX_BYTES];
    size_t pending_len;
} r = {.fds = {-1, -1}};

static str field(str s)
{
    return s.s && s.len > 0 ? s : (str){"", 0};
}

static bool is_plain(const char *line, int len, int tabs)
{
    for (int i = 0; i < len; i++) {
        if (line[i] == '\t')
            tabs--;
        else if ((unsigned char)line[i] < 0x20)
            return false;
    }
    return tabs == 0;
}

/* In a SIP or timer process, under usrloc's lock: no waiting. */
static void on_change(ucontact_t *c, int type, void *param)
{
    char line[LINE_MAX_BYTES];
    bool gone = type == UL_CONTACT_DELETE || type == UL_CONTACT_EXPIRE;
    str socket = c->sock ? c->sock->sock_str : (str){0};
    int n, tabs = gone ? 1 : FIELDS + 1;

    (void)param;
    if (gone)
        n = snprintf(line, sizeof(line) - 1, "-\t%.*s", c->ruid.len, c->ruid.s);
    else if (c->sock && c->sock->proto != PROTO_UDP)
        return;
    else {
        str aor = field(*c->aor), received = field(c->received), path = field(c->path),
            ua = field(c->user_agent), instance = field(c->instance), call_id = field(c->callid);
        socket = field(socket);
        n = snprintf(
            line, sizeof(line) - 1,
            "+\t%.*s\t%.*s\t%.*s\t%.*s\t%.*s\t%.*s\t%.*s\t%.*s\t%.*s\t%lld\t%d\t%d\t%u\t%u\t%u",
            c->ruid.len, c->ruid.s, aor.len, aor.s, c->c.len, c->c.s, received.len, received.s,
            path.len, path.s, call_id.len, call_id.s, ua.len, ua.s, instance.len, instance.s,
            socket.len, socket.s, (long long)c->expires, c->cseq, (int)c->q, c->cflags, c->methods,
            c->reg_id);
    }
    if (n <= 0 || n >= (int)sizeof(line) - 1 || !is_plain(line, n, tabs))
        return; /* it will register again */
    line[n++] = '\n';
    if (write(r.fds[1], line, (size_t)n) < 0 && errno != EAGAIN)
        LM_WARN("registration not kept: %s\n", strerror(errno));
}

static void remember(const char *line, size_t len)
{
    const char *ruid = line + 2, *end = memchr(ruid, '\t', len - 2);
    char key[128];
    json_t *old;

    if (len < 3 || (line[0] != '+' && line[0] != '-'))
        return;
    snprintf(key, sizeof(key), "%.*s", (int)(end ? end - ruid : (long)(len - 2)), ruid);
    old = json_object_get(r.live, key);
    if (old)
        r.live_size -= (long)json_string_length(old) + 1;
    if (line[0] == '-') {
        json_object_del(r.live, key);
    } else {
        json_object_set_new(r.live, key, json_stringn(line, len));
        r.live_size += (long)len + 1;
    }
}

static bool split(char *line, char *fields[FIELDS])
{
    char *at = strchr(line + 2, '\t');

    for (int i = 0; i < FIELDS; i++) {
        if (!at)
            return false;
        *at++ = '\0';
        fields[i] = at;
        at = strchr(at, '\t');
    }
    return at == NULL;
}

static str as_str(char *text)
{
    return (str){text, (int)strlen(text)};
}

static struct socket_info *socket_of(char *text)
{
    str s = as_str(text), host;
    int port, proto;

    if (s.len == 0 || parse_phostport(s.s, &host.s, &host.len, &port, &proto) < 0)
        return NULL;
    return grep_sock_info(&host, (unsigned short)port, (unsigned short)proto);
}

static bool put_back(char *line, usrloc_api_t *ul, udomain_t *location)
{
    char *f[FIELDS], *ruid = line + 2;
    ucontact_info_t info = {0};
    urecord_t *record = NULL;
    ucontact_t *contact;
    str aor, uri, path, call_id, ua;
    bool done = false;

    if (line[0] != '+' || !split(line, f) ||
        strtoll(f[F_EXPIRES], NULL, 10) <= (long long)time(NULL))
        return false;
    aor = as_str(f[F_AOR]);
    uri = as_str(f[F_CONTACT]);
    path = as_str(f[F_HOP]);
    call_id = as_str(f[F_CALL_ID]);
    ua = as_str(f[F_USER_AGENT]);
    info.ruid = as_str(ruid);
    info.received = as_str(f[F_RECEIVED]);
    info.path = &path;
    info.callid = &call_id;
    info.user_agent = &ua;
    info.instance = as_str(f[F_INSTANCE_ID]);
    info.sock = socket_of(f[F_SOCKET]);
    info.expires = (time_t)strtoll(f[F_EXPIRES], NULL, 10);
    info.cseq = atoi(f[F_CSEQ]);
    info.q = atoi(f[F_Q]);
    info.cflags = (unsigned)strtoul(f[F_CFLAGS], NULL, 10);
    info.methods = (unsigned)strtoul(f[F_METHOD_BITS], NULL, 10);
    info.reg_id = (unsigned)strtoul(f[F_REG_ID], NULL, 10);
    info.last_modified = time(NULL);
    ul->lock_udomain(location, &aor);
    if (ul->get_urecord(location, &aor, &record) == 0 ||
        ul->insert_urecord(location, &aor, &record) == 0)
        done = ul->insert_ucontact(record, &uri, &info, &contact) == 0;
    ul->unlock_udomain(location, &aor);
    return done;
}

static int restore(usrloc_api_t *ul, udomain_t *location)
{
    FILE *f = fopen(r.path, "re");
    char *line = NULL;
    size_t room = 0;
    ssize_t n;
    int count = 0;
    const char *ruid;
    json_t *value;

    if (!f)
        return errno == ENOENT ? 0 : -errno;
    while ((n = getline(&line, &room, f)) > 0)
        if (line[n - 1] == '\n') /* a last line that was cut is left out */
            remember(line, (size_t)n - 1);
    free(line);
    fclose(f);
    json_object_foreach(r.live, ruid, value)
    {
        char *copy = strdup(json_string_value(value));
        if (copy && put_back(copy, ul, location))
            count++;
        free(copy);
    }
    return count;
}

/* Only what is live, in one step. */
static int write_anew(void)
{
    char part[PATH_MAX + 8];
    const char *ruid;
    json_t *value;
    FILE *f;

    snprintf(part, sizeof(part), "%s.part", r.path);
    f = fopen(part, "we");
    if (!f)
        return -errno;
    json_object_foreach(r.live, ruid, value) fprintf(f, "%s\n", json_string_value(value));
    if (fclose(f) != 0 || rename(part, r.path) < 0)
        return -EIO;
    if (r.file)
        fclose(r.file);
    r.file = fopen(r.path, "ae");
    r.size = r.live_size;
    return r.file ? 0 : -errno;
}

int cx_registrations_init(const char *folder, usrloc_api_t *ul, udomain_t *location)
{
    int count;

    snprintf(r.path, sizeof(r.path), "%s/registrations", folder);
    r.live = json_object();
    if (!r.live || pipe2(r.fds, O_NONBLOCK | O_CLOEXEC) < 0)
        return -ENOMEM;
    fcntl(r.fds[1], F_SETPIPE_SZ, PIPE_BYTES);
    count = restore(ul, location);
    if (count < 0)
        return count;
    if (ul->register_ulcb(UL_CONTACT_INSERT | UL_CONTACT_UPDATE | UL_CONTACT_DELETE |
                              UL_CONTACT_EXPIRE,
                          on_change, NULL) < 0)
        return -EINVAL;
    return count;
}

static void take(const char *line, size_t len)
{
    remember(line, len);
    r.size += fprintf(r.file, "%.*s\n", (int)len, line);
}

int cx_registrations_collect(void)
{
    char buffer[65536];
    ssize_t n;

    if (!r.file) {
        int err = write_anew();
        if (err < 0)
            return err;
    }
    while ((n = read(r.fds[0], buffer, sizeof(buffer))) > 0) {
        const char *at = buffer, *end = buffer + n, *eol;
        while ((eol = memchr(at, '\n', (size_t)(end - at))) != NULL) {
            size_t len = (size_t)(eol - at);
            if (r.pending_len) { /* the first part of this line came with the last read */
                if (r.pending_len + len < sizeof(r.pending)) {
                    memcpy(r.pending + r.pending_len, at, len);
                    take(r.pending, r.pending_len + len);
                }
                r.pending_len = 0;
            } else
                take(at, len);
            at = eol + 1;
        }
        if (at < end && (size_t)(end - at) < sizeof(r.pending)) {
            memcpy(r.pending, at, (size_t)(end - at));
            r.pending_len = (size_t)(end - at);
        }
    }
    if (fflush(r.file) != 0)
        return -errno;
    return r.size > 2 * r.live_size + SLACK_BYTES ? write_anew() : 0;
}
