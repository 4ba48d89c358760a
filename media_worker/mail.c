/*
 * mail.c - see mail.h.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include <curl/curl.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "media_worker/mail.h"
#include "media_worker/sidecar.h"

enum { CONNECT_S = 5, DIALOGUE_S = 60, WORD_BYTES = 42, PLAIN_MAX = 900 };

bool cx_mail_address_is_valid(const char *address)
{
    const char *at = strchr(address, '@');

    /* 254: RFC 5321's longest path without its brackets */
    if (!at || at == address || !at[1] || strchr(at + 1, '@') || strlen(address) > 254 ||
        *address == '-')
        return false;
    for (const unsigned char *p = (const unsigned char *)address; *p; p++)
        if (*p <= ' ' || *p >= 0x7f || strchr("<>()[]\\,;:\"", *p))
            return false;
    return true;
}

static void base64(char *out, const unsigned char *in, size_t n)
{
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

    for (size_t i = 0; i < n; i += 3) {
        uint32_t v = (uint32_t)in[i] << 16 | (i + 1 < n ? (uint32_t)in[i + 1] << 8 : 0) |
                     (i + 2 < n ? in[i + 2] : 0);

        *out++ = digits[v >> 18];
        *out++ = digits[v >> 12 & 63];
        *out++ = i + 1 < n ? digits[v >> 6 & 63] : '=';
        *out++ = i + 2 < n ? digits[v & 63] : '=';
    }
    *out = '\0';
}

char *cx_mail_header(const char *name, const char *value)
{
    char *clean = cx_clean_text(value, 500), *header = NULL, word[WORD_BYTES / 3 * 4 + 5];
    bool plain = true;
    size_t size = 0;
    FILE *f;

    if (!clean)
        return NULL;
    for (const char *p = clean; *p; p++)
        if ((unsigned char)*p >= 0x7f)
            plain = false;
    /* What looks like an encoded word must not be decoded by the reader; a long line must be
     * folded. */
    if (strstr(clean, "=?") || strlen(clean) > 200)
        plain = false;
    f = open_memstream(&header, &size);
    if (!f)
        goto out;
    fprintf(f, "%s: ", name);
    if (plain)
        fputs(clean, f);
    for (const char *p = clean; !plain && *p;) {
        size_t n = strlen(p) < WORD_BYTES ? strlen(p) : WORD_BYTES;

        while (((unsigned char)p[n] & 0xc0) == 0x80) /* no character is cut in two */
            n--;
        base64(word, (const unsigned char *)p, n);
        fprintf(f, "%s=?UTF-8?B?%s?=", p == clean ? "" : "\r\n ", word);
        p += n;
    }
    if (fclose(f) != 0) {
        free(header);
        header = NULL;
    }
out:
    free(clean);
    return header;
}

static int add_header(struct curl_slist **list, const char *name, const char *value)
{
    char *header = cx_mail_header(name, value);
    struct curl_slist *more = header ? curl_slist_append(*list, header) : NULL;

    free(header);
    if (!more)
        return -ENOMEM;
    *list = more;
    return 0;
}

static int add_headers(struct curl_slist **list, const struct cx_mail *mail)
{
    static const char days[][4] = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
    static const char months[][4] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                     "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
    char date[64], from[320], to[320], id[320];
    time_t t = (time_t)mail->date;
    struct tm tm;

    if (!gmtime_r(&t, &tm))
        return -EINVAL;
    /* by hand: strftime's names follow the locale, RFC 5322's do not */
    snprintf(date, sizeof(date), "%s, %02d %s %d %02d:%02d:%02d +0000", days[tm.tm_wday],
             tm.tm_mday, months[tm.tm_mon], tm.tm_year + 1900, tm.tm_hour, tm.tm_min, tm.tm_sec);
    snprintf(from, sizeof(from), "%s <%s>", mail->from_name ? mail->from_name : "Centrex",
             mail->from);
    snprintf(to, sizeof(to), "<%s>", mail->to);
    snprintf(id, sizeof(id), "<%s%s>", mail->message_id, strchr(mail->from, '@'));
    if (add_header(list, "Date", date) < 0 || add_header(list, "From", from) < 0 ||
        add_header(list, "To", to) < 0 || add_header(list, "Subject", mail->subject) < 0 ||
        add_header(list, "Message-ID", id) < 0 ||
        /* no out-of-office answers to a machine: RFC 3834 */
        add_header(list, "Auto-Submitted", "auto-generated") < 0)
        return -ENOMEM;
    return 0;
}

/* The part that is sent last comes through here, so that its end is seen. */
struct last_part {
    FILE *f;
    const struct cx_mail *mail;
    bool ended;
    int err;
};

static size_t read_last(char *buffer, size_t size, size_t count, void *arg)
{
    struct last_part *last = arg;
    size_t n = fread(buffer, 1, size * count, last->f);

    if (ferror(last->f)) {
        last->err = -EIO;
        return CURL_READFUNC_ABORT;
    }
    /* Told as soon as the end is known, not when an empty read says so: libcurl knows the size and
     * need not ask. */
    if (!last->ended) {
        int c = getc(last->f);

        if (c != EOF) {
            ungetc(c, last->f);
            return n;
        }
        if (last->mail->before_end) {
            last->err = last->mail->before_end(last->mail->arg);
            if (last->err < 0)
                return CURL_READFUNC_ABORT;
        }
        last->ended = true;
    }
    return n;
}

static int rewind_last(void *arg, curl_off_t offset, int origin)
{
    struct last_part *last = arg;

    return fseeko(last->f, (off_t)offset, origin) == 0 ? CURL_SEEKFUNC_OK : CURL_SEEKFUNC_FAIL;
}

static int add_parts(curl_mime *mime, const struct cx_mail *mail, struct last_part *last)
{
    curl_mimepart *part = curl_mime_addpart(mime);
    off_t size;

    if (!part || curl_mime_type(part, "text/plain; charset=utf-8") ||
        curl_mime_encoder(part, "quoted-printable"))
        return -ENOMEM;
    if (mail->file) {
        if (curl_mime_data(part, mail->text, CURL_ZERO_TERMINATED))
            return -ENOMEM;
        part = curl_mime_addpart(mime);
        if (!part || curl_mime_type(part, mail->file_type) || curl_mime_encoder(part, "base64") ||
            curl_mime_filename(part, mail->file_name))
            return -ENOMEM;
        last->f = fopen(mail->file, "rbe");
    } else {
        last->f = fmemopen((void *)mail->text, strlen(mail->text), "rb");
    }
    if (!last->f)
        return mail->file ? -ENODATA : -ENOMEM;
    if (fseeko(last->f, 0, SEEK_END) < 0 || (size = ftello(last->f)) <= 0 ||
        fseeko(last->f, 0, SEEK_SET) < 0)
        return -ENODATA;
    if (curl_mime_data_cb(part, (curl_off_t)size, read_last, rewind_last, NULL, last))
        return -ENOMEM;
    return 0;
}

/* What a failed dialogue means for this message and for others. */
static int meaning(CURLcode rc, long code, const struct last_part *last)
{
    if (last->err < 0)
        return last->err;
    if (rc == CURLE_OUT_OF_MEMORY)
        return -ENOMEM;
    /* refused before MAIL: the server's trouble or our configuration's, and not the message's */
    if (rc == CURLE_LOGIN_DENIED || code == 421 || (rc == CURLE_WEIRD_SERVER_REPLY && !last->ended))
        return -EHOSTUNREACH;
    if (rc == CURLE_SEND_ERROR || rc == CURLE_WEIRD_SERVER_REPLY || rc == CURLE_RECV_ERROR ||
        rc == CURLE_UPLOAD_FAILED) {
        if (code >= 500 && code <= 599)
            return -EBADMSG;
        if (code >= 400 && code <= 499)
            return -EAGAIN;
    }
    return -EHOSTUNREACH;
}

int cx_mail_send(const struct cx_mail *mail, char *error, size_t error_size)
{
    char why[CURL_ERROR_SIZE] = "";
    struct curl_slist *headers = NULL, *to = NULL;
    struct last_part last = {.mail = mail};
    curl_mime *mime = NULL;
    CURL *curl = NULL;
    CURLcode rc;
    long code = 0;
    int err = -EINVAL;

    snprintf(error, error_size, "the sender's address (mail_from) cannot be used");
    if (!cx_mail_address_is_valid(mail->from))
        return -EHOSTUNREACH;
    snprintf(error, error_size, "the address cannot be used");
    if (!cx_mail_address_is_valid(mail->to))
        return -EINVAL;
    snprintf(error, error_size, "the mail cannot be made");
    curl = curl_easy_init();
    mime = curl ? curl_mime_init(curl) : NULL;
    to = curl_slist_append(NULL, mail->to);
    err = mime && to ? add_headers(&headers, mail) : -ENOMEM;
    if (err == 0)
        err = add_parts(mime, mail, &last);
    if (err < 0)
        goto out;
    curl_easy_setopt(curl, CURLOPT_URL, mail->smtp);
    curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, "smtp,smtps");
    curl_easy_setopt(curl, CURLOPT_PROXY, ""); /* not what the environment says */
    curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(curl, CURLOPT_CONNECTTIMEOUT, (long)CONNECT_S);
    curl_easy_setopt(curl, CURLOPT_TIMEOUT, (long)DIALOGUE_S);
    curl_easy_setopt(curl, CURLOPT_ERRORBUFFER, why);
    curl_easy_setopt(curl, CURLOPT_MAIL_FROM, mail->from);
    curl_easy_setopt(curl, CURLOPT_MAIL_RCPT, to);
    curl_easy_setopt(curl, CURLOPT_HTTPHEADER, headers);
    curl_easy_setopt(curl, CURLOPT_MIMEPOST, mime);
    rc = curl_easy_perform(curl);
    curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &code);
    err = rc == CURLE_OK ? 0 : meaning(rc, code, &last);
    snprintf(error, error_size, "%s (%ld)", why[0] ? why : curl_easy_strerror(rc), code);
out:
    curl_mime_free(mime);
    curl_easy_cleanup(curl);
    curl_slist_free_all(headers);
    curl_slist_free_all(to);
    if (last.f)
        fclose(last.f);
    return err;
}
