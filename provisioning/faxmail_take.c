/*
 * faxmail_take.c - see faxmail.h.
 *
 * The recipient is number@domain: the domain is a faxbox's custom_smtp_email_address, or "fax." and
 * an account's realm. The sender must be in the faxbox's smtp_permission_list (addresses, @domain,
 * or patterns that match the whole address), or be its owner. Attachments are sent, one fax each; a
 * mail without any is sent as text. Restrictions of the account and owner are routing's, when the
 * fax is dialled. SPDX-License-Identifier: GPL-2.0-or-later
 */
#include <errno.h>
#include <jansson.h>
#include <libconfig.h>
#include <regex.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sysexits.h>
#include <time.h>

#include <openssl/evp.h>

#include "db/change_log.h"
#include "db/doc_type.h"
#include "db/fax.h"
#include "db/id.h"
#include "provisioning/faxmail.h"
#include "provisioning/mime.h"

enum { PATTERN_MAX = 254 };

struct mail {
    const char *sender, *recipient;
    char number[40];
    const char *domain;
    const char *data;
    size_t size;
    struct cx_mime mime;
    struct cx_db *db;
    char storage[400];
    /* the box that takes it */
    char account[33], box[33], owner[33], caller_id[40];
    bool found, allowed;
    int retries;
    json_t *ids; /* of the faxes */
    char why[200];
};

/* Something for the sender to read. */
__attribute__((format(printf, 3, 4))) static int refuse(struct mail *m, int code,
                                                        const char *format, ...)
{
    va_list args;

    va_start(args, format);
    vsnprintf(m->why, sizeof(m->why), format, args);
    va_end(args);
    return code;
}

/* Nothing that a sender could do anything about: for our log. */
static int later(const char *what, const char *why)
{
    fprintf(stderr, "centrex-faxmail: %s: %s\n", what, why);
    return EX_TEMPFAIL;
}

static int read_recipient(struct mail *m)
{
    const char *at = strrchr(m->recipient, '@');
    char local[80];

    for (const char *p = m->sender; *p; p++)
        if ((unsigned char)*p >= 0x7f || (unsigned char)*p <= ' ')
            return refuse(m, EX_NOPERM, "The sender's address is not plain ASCII");
    for (const char *p = m->recipient; *p; p++)
        if ((unsigned char)*p >= 0x7f || (unsigned char)*p < ' ')
            return refuse(m, EX_NOUSER, "The address is not plain ASCII");
    if (!at || (size_t)(at - m->recipient) >= sizeof(local) || strlen(at + 1) > 253 || !at[1])
        return refuse(m, EX_NOUSER, "%.100s is no address of a fax", m->recipient);
    snprintf(local, sizeof(local), "%.*s", (int)(at - m->recipient), m->recipient);
    m->domain = at + 1;
    if (!cx_fax_number_read(local, m->number, sizeof(m->number)))
        return refuse(m, EX_NOUSER, "\"%s\" is no number that a fax can be sent to", local);
    return 0;
}

/* ---- whose it is */

static bool matches(const char *pattern, const char *address)
{
    char whole[PATTERN_MAX + 8];
    regex_t regex;
    bool yes;

    if (strcasecmp(pattern, address) == 0)
        return true;
    if (pattern[0] == '@')
        return strlen(address) > strlen(pattern) &&
               strcasecmp(address + strlen(address) - strlen(pattern), pattern) == 0;
    if (strlen(pattern) > PATTERN_MAX)
        return false;
    snprintf(whole, sizeof(whole), "^(%s)$", pattern);
    if (regcomp(&regex, whole, REG_EXTENDED | REG_ICASE | REG_NOSUB) != 0)
        return false;
    yes = regexec(&regex, address, 0, NULL, 0) == 0;
    regfree(&regex);
    return yes;
}

/* account, box, owner, doc, owner's e-mail; the first that allows the sender is taken */
static int try_box(void *arg, const struct cx_value *c, size_t n)
{
    struct mail *m = arg;
    json_t *doc = json_loadb(c[3].s, c[3].len, 0, NULL), *list, *entry;
    const char *caller_id;
    size_t i;
    bool allowed = c[4].type == CX_TEXT && *c[4].s && strcasecmp(c[4].s, m->sender) == 0;

    (void)n;
    if (!m->found)
        snprintf(m->account, sizeof(m->account), "%s", c[0].s);
    m->found = true;
    list = json_object_get(doc, "smtp_permission_list");
    json_array_foreach(list, i, entry)
    {
        if (json_is_string(entry) && *m->sender)
            allowed |= matches(json_string_value(entry), m->sender);
    }
    if (allowed && !m->allowed) {
        m->allowed = true;
        snprintf(m->account, sizeof(m->account), "%s", c[0].s);
        snprintf(m->box, sizeof(m->box), "%s", c[1].s);
        snprintf(m->owner, sizeof(m->owner), "%s", c[2].type == CX_TEXT ? c[2].s : "");
        caller_id = json_string_value(json_object_get(doc, "caller_id"));
        if (!caller_id || !cx_fax_number_read(caller_id, m->caller_id, sizeof(m->caller_id)))
            m->caller_id[0] = '\0';
        m->retries = json_is_integer(json_object_get(doc, "retries"))
                         ? (int)json_integer_value(json_object_get(doc, "retries"))
                         : 1;
    }
    json_decref(doc);
    return 0;
}

static int find_box(struct mail *m)
{
    struct cx_value params[] = {cx_text(m->domain), cx_text(m->domain)};
    int err = cx_db_query(
        m->db,
        "SELECT b.account_id, b.id, b.owner_id, b.doc, u.email FROM faxbox b JOIN account a ON "
        "a.id "
        "= b.account_id LEFT JOIN user u ON u.id = b.owner_id WHERE a.enabled AND "
        "(LOWER(JSON_VALUE(b.doc, '$.custom_smtp_email_address')) = LOWER(?) OR LOWER(CONCAT("
        "'fax.', a.realm)) = LOWER(?)) ORDER BY b.created, b.id",
        params, 2, try_box, m);

    if (err < 0)
        return later("database", cx_db_error(m->db));
    if (!m->found)
        return refuse(m, EX_NOUSER, "No fax box takes mail for %.100s", m->domain);
    if (!m->allowed)
        return refuse(m, EX_NOPERM, "%.100s may not send faxes by mail to %.60s", m->sender,
                      m->domain);
    return 0;
}

/* ---- what is sent */

/* The same for the same mail, recipient and part: a mail that comes again makes nothing new. */
static int id_of(const struct mail *m, size_t part, char id[33])
{
    unsigned char out[EVP_MAX_MD_SIZE];
    char number[24];
    unsigned n = 0;
    EVP_MD_CTX *ctx = EVP_MD_CTX_new();
    bool ok = ctx && EVP_DigestInit_ex(ctx, EVP_sha256(), NULL) == 1;
    /* headers change on the way (Received): the Message-ID names it, else the whole mail */
    const char *name = m->mime.message_id[0] ? m->mime.message_id : m->data;
    size_t len = m->mime.message_id[0] ? strlen(m->mime.message_id) : m->size;

    snprintf(number, sizeof(number), "%zu", part);
    ok = ok && EVP_DigestUpdate(ctx, name, len) == 1 &&
         EVP_DigestUpdate(ctx, m->sender, strlen(m->sender) + 1) == 1 &&
         EVP_DigestUpdate(ctx, m->recipient, strlen(m->recipient) + 1) == 1 &&
         EVP_DigestUpdate(ctx, number, strlen(number) + 1) == 1 &&
         EVP_DigestFinal_ex(ctx, out, &n) == 1;
    EVP_MD_CTX_free(ctx);
    for (unsigned i = 0; ok && i < 16; i++)
        snprintf(id + 2 * i, 3, "%02x", out[i]);
    return ok ? 0 : -EINVAL;
}

static bool is_document(const struct cx_mime_part *p)
{
    enum cx_document kind = cx_document_sniff(p->data, p->size);

    if (kind == CX_DOC_TEXT)
        return strcmp(p->type, "text/plain") == 0;
    return kind != CX_DOC_UNKNOWN;
}

/* Attachments; without any the text of the mail. */
static size_t choose(const struct mail *m, const struct cx_mime_part *chosen[CX_MIME_PARTS])
{
    size_t n = 0;

    for (size_t i = 0; i < m->mime.count; i++) {
        const struct cx_mime_part *p = &m->mime.parts[i];
        bool text = strncmp(p->type, "text/", 5) == 0;
        if ((p->attachment || !text) && is_document(p))
            chosen[n++] = p;
    }
    for (size_t i = 0; n == 0 && i < m->mime.count; i++)
        if (is_document(&m->mime.parts[i]))
            chosen[n++] = &m->mime.parts[i];
    return n;
}

struct storing {
    struct mail *m;
    const struct cx_mime_part *part;
    char id[33], key[128];
};

static int insert(struct cx_db *db, void *arg)
{
    struct storing *s = arg;
    struct mail *m = s->m;
    json_t *doc = json_pack("{s:{s:{s:s}}, s:s, s:s, s:s}", "notifications", "email", "send_to",
                            m->sender, "subject", m->mime.subject, "file_name", s->part->name,
                            "message_id", m->mime.message_id);
    char *text = doc ? json_dumps(doc, JSON_COMPACT) : NULL;
    struct cx_fax_request q = {
        .id = s->id,
        .account_id = m->account,
        .owner_id = m->owner[0] ? m->owner : NULL,
        .faxbox_id = m->box,
        .to_number = m->number,
        .from_number = m->caller_id,
        .retries = m->retries,
        .storage_key = s->key,
        .content_type = cx_document_type(cx_document_sniff(s->part->data, s->part->size)),
        .size = (int64_t)s->part->size,
        .doc = text,
        .actor = "faxmail"};
    int err = text ? cx_fax_insert(db, &q) : -ENOMEM;

    free(text);
    json_decref(doc);
    return err;
}

static int submit(struct mail *m)
{
    const struct cx_mime_part *chosen[CX_MIME_PARTS];
    size_t n;
    int err = cx_mime_parse(m->data, m->size, NULL, &m->mime);

    if (err == -ENOMEM)
        return EX_TEMPFAIL;
    if (err < 0)
        return refuse(m, EX_DATAERR, "The mail cannot be read");
    if (m->mime.automatic)
        return refuse(m, EX_DATAERR, "Automatic mails are not sent as faxes");
    n = choose(m, chosen);
    if (n == 0)
        return refuse(m, EX_DATAERR,
                      "There is nothing to send: attach a PDF, TIFF, PNG, JPEG or text");
    for (size_t i = 0; i < n; i++) {
        struct storing s = {.m = m, .part = chosen[i]};
        err = id_of(m, i, s.id);
        if (err == 0)
            err =
                cx_fax_store(m->storage, m->account, s.id, chosen[i]->data, chosen[i]->size, s.key);
        if (err < 0)
            return later("storage", strerror(-err));
        err = cx_db_transaction(m->db, insert, &s);
        if (err < 0 && err != -EEXIST)
            return later("database", cx_db_error(m->db));
        json_array_append_new(m->ids, json_string(s.id));
    }
    return 0;
}

/* ---- what became of it, for the account's administrators */

static int write_log(struct cx_db *db, void *arg)
{
    struct mail *m = arg;
    json_t *doc = json_pack("{s:s, s:O, s:s, s:s}", "error", m->why, "faxes", m->ids, "subject",
                            m->mime.subject, "message_id", m->mime.message_id);
    char *text = doc ? json_dumps(doc, JSON_COMPACT) : NULL, id[33], from[255], to[255];
    int err = -ENOMEM;

    cx_id_new(id);
    snprintf(from, sizeof(from), "%.254s", m->sender);
    snprintf(to, sizeof(to), "%.254s", m->recipient);
    if (text) {
        struct cx_value params[] = {cx_text(id),
                                    cx_text(m->account),
                                    cx_text(m->box[0] ? m->box : NULL),
                                    cx_text(from),
                                    cx_text(to),
                                    cx_text(m->why[0] ? "refused" : "accepted"),
                                    cx_text(text),
                                    cx_int((int64_t)time(NULL))};
        err = cx_db_exec(db,
                         "INSERT INTO fax_smtplog (id, account_id, faxbox_id, from_address, "
                         "to_address, status, doc, created) VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
                         params, sizeof(params) / sizeof(*params), NULL);
    }
    free(text);
    json_decref(doc);
    return err;
}

static int connect_database(struct mail *m, const char *file)
{
    struct cx_db_config config;
    const char *storage;
    char error[256] = "";
    config_t cfg;
    int err = 0;

    config_init(&cfg);
    if (!config_read_file(&cfg, file) || !config_lookup_string(&cfg, "storage", &storage))
        err = later(file, "cannot be read");
    else
        snprintf(m->storage, sizeof(m->storage), "%s", storage);
    config_destroy(&cfg);
    if (err == 0 && (cx_db_config_read(file, &config, error, sizeof(error)) < 0 ||
                     cx_db_open(&config, &m->db, error, sizeof(error)) < 0))
        err = later("database", error);
    return err;
}

int cx_faxmail_take(const char *file, const char *sender, const char *recipient, const char *data,
                    size_t size, char *why, size_t why_size)
{
    struct mail m = {
        .sender = sender, .recipient = recipient, .data = data, .size = size, .ids = json_array()};
    int code = read_recipient(&m);

    if (code == 0)
        code = connect_database(&m, file);
    if (code == 0)
        code = find_box(&m);
    if (code == 0)
        code = submit(&m);
    if (m.db && m.account[0] && code != EX_TEMPFAIL)
        (void)cx_db_transaction(m.db, write_log, &m);
    snprintf(why, why_size, "%s", code == EX_TEMPFAIL ? "Not now, it is tried again" : m.why);
    cx_mime_free(&m.mime);
    cx_db_close(m.db);
    json_decref(m.ids);
    return code;
}
