/*
 * message.c - see message.h. SPDX-License-Identifier: GPL-2.0-or-later
 */
#include <errno.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "message.h"

void cx_sip_parser_init(void)
{
    parser_init();
}

void cx_text_add(struct cx_text *t, const char *format, ...)
{
    va_list args;
    int more;

    if (t->len >= t->size)
        return;
    va_start(args, format);
    more = vsnprintf(t->s + t->len, t->size - t->len, format, args);
    va_end(args);
    t->len = more < 0 || (size_t)more >= t->size - t->len ? t->size : t->len + (size_t)more;
}

const char *cx_sip_header(const osip_message_t *m, const char *name)
{
    osip_header_t *h = NULL;

    osip_message_header_get_byname(m, name, 0, &h);
    return h && h->hvalue ? h->hvalue : "";
}

const char *cx_sip_tag(const osip_from_t *from)
{
    osip_generic_param_t *tag = NULL;

    if (from)
        osip_generic_param_get_byname((osip_list_t *)(uintptr_t)&from->gen_params, "tag", &tag);
    return tag && tag->gvalue ? tag->gvalue : "";
}

bool cx_sip_has_token(const osip_message_t *m, const char *header, const char *token)
{
    osip_header_t *h = NULL;
    size_t len = strlen(token);

    for (int pos = 0; (pos = osip_message_header_get_byname(m, header, pos, &h)) >= 0; pos++) {
        const char *at = h->hvalue ? h->hvalue : "";
        while (*at) {
            at += strspn(at, " \t,");
            if (strncasecmp(at, token, len) == 0 && (at[len] == '\0' || strchr(" \t,;", at[len])))
                return true;
            at += strcspn(at, ",");
        }
    }
    return false;
}

static bool is_complete(const osip_message_t *m)
{
    osip_via_t *via = osip_list_get(&m->vias, 0);
    osip_generic_param_t *branch = NULL;

    if (!via || !via->host || !via->protocol || !m->from || !m->from->url || !m->to ||
        !m->to->url || !m->call_id || !m->call_id->number || !m->cseq || !m->cseq->method ||
        !m->cseq->number)
        return false;
    osip_via_param_get_byname(via, "branch", &branch);
    if (!branch || !branch->gvalue || !*branch->gvalue)
        return false;
    if (strlen(m->call_id->number) > 200 || strlen(cx_sip_tag(m->from)) > 120 ||
        strlen(cx_sip_tag(m->to)) > 120 || strlen(m->cseq->number) > 10)
        return false;
    if (!MSG_IS_REQUEST(m))
        return m->status_code >= 100 && m->status_code <= 699;
    return m->sip_method && m->req_uri && m->req_uri->host &&
           strcmp(m->cseq->method, m->sip_method) == 0 && *cx_sip_tag(m->from);
}

int cx_sip_parse(const char *data, size_t len, osip_event_t **event)
{
    *event = NULL;
    /* text without NULs that looks like SIP: what the parser was made for */
    if (len < 16 || len > CX_SIP_MAX || memchr(data, '\0', len) ||
        !memmem(data, len, "SIP/2.0", 7) || data[0] <= ' ')
        return -EINVAL;
    *event = osip_parse(data, len);
    if (!*event)
        return -EINVAL;
    if ((*event)->sip && is_complete((*event)->sip))
        return 0;
    osip_event_free(*event);
    *event = NULL;
    return -EINVAL;
}

/* ---- answering what could not be parsed */

static const struct {
    const char *name, *compact;
} needed[] = {{"Via", "v"}, {"From", "f"}, {"To", "t"}, {"Call-ID", "i"}, {"CSeq", NULL}};
enum { NEEDED = sizeof(needed) / sizeof(*needed) };

static int header_kind(const char *line, size_t len)
{
    const char *colon = memchr(line, ':', len);
    size_t n = colon ? (size_t)(colon - line) : 0;

    while (n && (line[n - 1] == ' ' || line[n - 1] == '\t'))
        n--;
    for (int i = 0; n && i < NEEDED; i++)
        if ((strlen(needed[i].name) == n && strncasecmp(line, needed[i].name, n) == 0) ||
            (needed[i].compact && n == 1 && strncasecmp(line, needed[i].compact, 1) == 0))
            return i;
    return -1;
}

int cx_sip_bad_request(const char *data, size_t len, int code, const char *reason, char *out,
                       size_t size)
{
    struct cx_text text = {out, size, 0};
    const char *end = data + len, *stop = memchr(data, '\n', len);
    unsigned seen = 0;

    if (!stop || memchr(data, '\0', len) || stop - data < 12 || strncmp(data, "SIP/", 4) == 0 ||
        strncmp(data, "ACK ", 4) == 0 || !memmem(data, (size_t)(stop - data), " SIP/2.0", 8))
        return -EINVAL;
    cx_text_add(&text, "SIP/2.0 %d %s\r\n", code, reason);
    for (const char *at = stop + 1; at < end; at = stop + 1) {
        int kind;
        size_t n;

        stop = memchr(at, '\n', (size_t)(end - at));
        if (!stop)
            stop = end;
        n = (size_t)(stop - at);
        while (n && (at[n - 1] == '\r' || at[n - 1] == '\n'))
            n--;
        if (n == 0)
            break; /* the body begins */
        kind = header_kind(at, n);
        /* all Via lines, the first of the others */
        if (kind < 0 || n > 1000 || memchr(at, '\r', n) || (kind > 0 && seen & 1u << kind))
            continue;
        seen |= 1u << kind;
        cx_text_add(&text, "%.*s\r\n", (int)n, at);
    }
    cx_text_add(&text, "Content-Length: 0\r\n\r\n");
    return seen == (1u << NEEDED) - 1 && text.len < text.size ? (int)text.len : -EINVAL;
}

/* ---- responses */

static void add_allocated(struct cx_text *out, const char *name, char *value, const char *more)
{
    if (value)
        cx_text_add(out, "%s: %s%s\r\n", name, value, more);
    osip_free(value);
}

int cx_sip_response(const osip_message_t *request, int code, const char *reason, const char *to_tag,
                    const char *headers, const char *body, struct cx_text *out)
{
    char *value = NULL, tag[160] = "";
    osip_via_t *via;
    osip_record_route_t *rr;

    cx_text_add(out, "SIP/2.0 %d %s\r\n", code, reason);
    for (int i = 0; (via = osip_list_get(&request->vias, i)) != NULL; i++) {
        value = NULL;
        osip_via_to_str(via, &value);
        add_allocated(out, "Via", value, "");
    }
    for (int i = 0; code < 300 && (rr = osip_list_get(&request->record_routes, i)) != NULL; i++) {
        value = NULL;
        osip_record_route_to_str(rr, &value);
        add_allocated(out, "Record-Route", value, "");
    }
    value = NULL;
    osip_from_to_str(request->from, &value);
    add_allocated(out, "From", value, "");
    if (code > 100 && to_tag && !*cx_sip_tag(request->to))
        snprintf(tag, sizeof(tag), ";tag=%s", to_tag);
    value = NULL;
    osip_to_to_str(request->to, &value);
    add_allocated(out, "To", value, tag);
    value = NULL;
    osip_call_id_to_str(request->call_id, &value);
    add_allocated(out, "Call-ID", value, "");
    cx_text_add(out, "CSeq: %s %s\r\nServer: Centrex\r\n%s", request->cseq->number,
                request->cseq->method, headers ? headers : "");
    if (body)
        cx_text_add(out, "Content-Type: application/sdp\r\n");
    cx_text_add(out, "Content-Length: %zu\r\n\r\n%s", body ? strlen(body) : 0, body ? body : "");
    return out->len < out->size ? 0 : -ENOBUFS;
}
