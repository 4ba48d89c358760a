/*
 * sidecar.c - see sidecar.h.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "db/id.h"
#include "media_worker/sidecar.h"

static const char *const stage_names[] = {"recording", "recorded", "stored",
                                          "inserted",  "mailing",  "done"};
static const char *const mail_names[] = {"", "ending", "sent", "unsure", "refused"};

const char *cx_stage_name(enum cx_stage stage)
{
    return stage_names[stage];
}

static int name_index(const char *const *names, int n, const char *name)
{
    for (int i = 0; name && i < n; i++)
        if (strcmp(names[i], name) == 0)
            return i;
    return -1;
}

int cx_spool_folder(char *path, size_t size, const char *spool, const struct cx_kind *kind)
{
    int n = snprintf(path, size, "%s%s%s", spool, *kind->folder ? "/" : "", kind->folder);

    return n < 0 || (size_t)n >= size ? -ENAMETOOLONG : 0;
}

int cx_spool_path(char *path, size_t size, const char *folder, const char *id, const char *suffix)
{
    int n = snprintf(path, size, "%s/%s%s", folder, id, suffix);

    return n < 0 || (size_t)n >= size ? -ENAMETOOLONG : 0;
}

int cx_sync_folder(const char *folder)
{
    int fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    int err = 0;

    if (fd < 0)
        return -errno;
    if (fsync(fd) < 0)
        err = -errno;
    close(fd);
    return err;
}

/* Length of the valid UTF-8 sequence at s (RFC 3629: no overlong forms, no surrogates), or 0. */
static size_t utf8_length(const unsigned char *s)
{
    size_t n;
    uint32_t c;

    if (s[0] < 0x80)
        return 1;
    if (s[0] >= 0xc2 && s[0] <= 0xdf)
        n = 2;
    else if ((s[0] & 0xf0) == 0xe0)
        n = 3;
    else if (s[0] >= 0xf0 && s[0] <= 0xf4)
        n = 4;
    else
        return 0;
    c = s[0] & (0xffu >> (n + 1));
    for (size_t i = 1; i < n; i++) { /* stops at the terminator: it is no continuation */
        if ((s[i] & 0xc0) != 0x80)
            return 0;
        c = c << 6 | (s[i] & 0x3f);
    }
    if ((n == 3 && (c < 0x800 || (c >= 0xd800 && c <= 0xdfff))) ||
        (n == 4 && (c < 0x10000 || c > 0x10ffff)))
        return 0;
    return n;
}

char *cx_clean_text(const char *text, size_t max_chars)
{
    const unsigned char *s = (const unsigned char *)(text ? text : "");
    char *clean = malloc(strlen((const char *)s) + 1), *out = clean;

    if (!clean)
        return NULL;
    for (size_t chars = 0; *s && chars < max_chars; chars++) {
        size_t n = utf8_length(s);

        if (n == 0 || (n == 1 && (*s < 0x20 || *s == 0x7f))) {
            *out++ = n ? ' ' : '?';
            s++;
        } else {
            memcpy(out, s, n);
            out += n;
            s += n;
        }
    }
    *out = '\0';
    return clean;
}

static int set_text(json_t *o, const char *key, const char *text, size_t max_chars)
{
    char *clean = cx_clean_text(text, max_chars);
    int err = clean ? json_object_set_new(o, key, json_string(clean)) : -1;

    free(clean);
    return err;
}

json_t *cx_spool_facts(const struct cx_spool_meta *m)
{
    const struct {
        const char *key, *text;
    } facts[] = {{"account_id", m->account_id},
                 {"vmbox_id", m->vmbox_id},
                 {"mailbox", m->mailbox},
                 {"caller_id_name", m->caller_id_name},
                 {"caller_id_number", m->caller_id_number},
                 {"from_uri", m->from_uri},
                 {"to_uri", m->to_uri},
                 {"call_id", m->call_id},
                 {"interaction_id", m->interaction_id}};
    json_t *o = json_object();

    /* cx_sidecar_new() cuts each to its column's length */
    for (size_t i = 0; o && i < sizeof(facts) / sizeof(*facts); i++)
        if (set_text(o, facts[i].key, facts[i].text, SIZE_MAX)) {
            json_decref(o);
            o = NULL;
        }
    return o;
}

int cx_sidecar_new(const char *id, const struct cx_kind *kind, const json_t *facts, int64_t started,
                   json_t **sidecar)
{
    json_t *o = json_object();
    int err = -ENOMEM;

    *sidecar = NULL;
    if (!o || (facts && json_object_update(o, (json_t *)facts)) || set_text(o, "id", id, 32) ||
        set_text(o, "account_id", cx_sidecar_text(o, "account_id"), 32) ||
        json_object_set_new(o, "started", json_integer(started)) ||
        cx_sidecar_set_stage(o, CX_STAGE_RECORDING))
        goto out;
    for (const struct cx_kind_text *t = kind->texts; t->key; t++)
        if (set_text(o, t->key, cx_sidecar_text(o, t->key), t->max))
            goto out;
    err = cx_id_is_valid(id) && cx_sidecar_suits(o, kind) ? 0 : -EINVAL;
out:
    if (err < 0)
        json_decref(o);
    else
        *sidecar = o;
    return err;
}

bool cx_sidecar_suits(const json_t *o, const struct cx_kind *kind)
{
    for (const struct cx_kind_text *t = kind->texts; t->key; t++) {
        const char *text = json_string_value(json_object_get(o, t->key));

        if (!text || (t->id && !cx_id_is_valid(text)))
            return false;
    }
    return cx_id_is_valid(cx_sidecar_text(o, "account_id"));
}

static bool is_valid(const json_t *o, const char *id)
{
    const json_t *mail = json_object_get(o, "mail");

    return strcmp(cx_sidecar_text(o, "id"), id) == 0 &&
           cx_id_is_valid(cx_sidecar_text(o, "account_id")) &&
           json_is_integer(json_object_get(o, "started")) &&
           name_index(stage_names, CX_STAGE_DONE + 1, cx_sidecar_text(o, "state")) >= 0 &&
           (!mail || json_is_object(mail));
}

int cx_sidecar_read(const char *folder, const char *id, json_t **sidecar)
{
    char path[CX_SPOOL_PATH];
    json_error_t error;
    int err = cx_spool_path(path, sizeof(path), folder, id, ".json");
    int fd;
    json_t *o;

    *sidecar = NULL;
    if (err < 0)
        return err;
    fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return -errno;
    o = json_loadfd(fd, JSON_REJECT_DUPLICATES, &error);
    close(fd);
    if (!o || !is_valid(o, id)) {
        json_decref(o);
        return -EBADMSG;
    }
    *sidecar = o;
    return 0;
}

int cx_sidecar_write(const char *folder, const char *id, const json_t *sidecar)
{
    char path[CX_SPOOL_PATH], tmp[CX_SPOOL_PATH];
    int err = cx_spool_path(path, sizeof(path), folder, id, ".json");
    int fd;

    if (err == 0)
        err = cx_spool_path(tmp, sizeof(tmp), folder, id, ".tmp");
    if (err < 0)
        return err;
    fd = open(tmp, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0640);
    if (fd < 0)
        return -errno;
    errno = 0;
    if (json_dumpfd(sidecar, fd, JSON_INDENT(1)) < 0)
        err = errno ? -errno : -EIO;
    else if (fsync(fd) < 0)
        err = -errno;
    if (close(fd) < 0 && err == 0)
        err = -errno;
    if (err == 0 && rename(tmp, path) < 0)
        err = -errno;
    if (err < 0)
        unlink(tmp);
    return err;
}

enum cx_stage cx_sidecar_stage(const json_t *sidecar)
{
    int i = name_index(stage_names, CX_STAGE_DONE + 1, cx_sidecar_text(sidecar, "state"));

    return i < 0 ? CX_STAGE_RECORDING : (enum cx_stage)i;
}

int cx_sidecar_set_stage(json_t *sidecar, enum cx_stage stage)
{
    return json_object_set_new(sidecar, "state", json_string(stage_names[stage])) ? -ENOMEM : 0;
}

const char *cx_sidecar_text(const json_t *sidecar, const char *key)
{
    const char *s = json_string_value(json_object_get(sidecar, key));

    return s ? s : "";
}

int64_t cx_sidecar_int(const json_t *sidecar, const char *key)
{
    return json_integer_value(json_object_get(sidecar, key));
}

enum cx_mail_state cx_sidecar_mail(const json_t *sidecar, const char *address)
{
    const json_t *value = json_object_get(json_object_get(sidecar, "mail"), address);
    int i = name_index(mail_names, CX_MAIL_REFUSED + 1, json_string_value(value));

    if (!value)
        return CX_MAIL_NONE;
    return i < 0 ? CX_MAIL_UNSURE : (enum cx_mail_state)i;
}

int cx_sidecar_set_mail(json_t *sidecar, const char *address, enum cx_mail_state state)
{
    json_t *mail = json_object_get(sidecar, "mail");

    if (!mail) {
        mail = json_object();
        if (json_object_set_new(sidecar, "mail", mail))
            return -ENOMEM;
    }
    return json_object_set_new(mail, address, json_string(mail_names[state])) ? -ENOMEM : 0;
}
