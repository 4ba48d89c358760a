/*
 * dialog.c - see dialog.h. SPDX-License-Identifier: GPL-2.0-or-later
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#include "dialog.h"

void cx_sip_random(char *text, size_t count)
{
    static unsigned long fallback;
    unsigned char bytes[32];

    if (getrandom(bytes, sizeof(bytes), 0) != sizeof(bytes)) {
        memset(bytes, 0, sizeof(bytes));
        fallback++;
        memcpy(bytes, &fallback, sizeof(fallback));
    }
    for (size_t i = 0; i < count; i++)
        text[i] = "0123456789abcdef"[(bytes[i / 2 % sizeof(bytes)] >> (i % 2 * 4)) & 15];
    text[count] = '\0';
}

/* What libosip2 allocated, as memory of malloc. */
static char *own(char *text)
{
    char *copy = text ? strdup(text) : NULL;

    osip_free(text);
    return copy;
}

static char *contact_uri(const osip_message_t *m)
{
    osip_contact_t *contact = osip_list_get(&m->contacts, 0);
    char *text = NULL;

    if (contact && contact->url && contact->url->host)
        osip_uri_to_str(contact->url, &text);
    return own(text);
}

/* reversed: of the calling side. */
static char *routes_of(const osip_message_t *m, bool reversed)
{
    char buffer[4096] = "";
    struct cx_text out = {buffer, sizeof(buffer), 0};
    int count = osip_list_size(&m->record_routes);

    for (int i = 0; i < count; i++) {
        osip_record_route_t *rr = osip_list_get(&m->record_routes, reversed ? count - 1 - i : i);
        char *text = NULL;
        osip_record_route_to_str(rr, &text);
        if (text)
            cx_text_add(&out, "Route: %s\r\n", text);
        osip_free(text);
    }
    return out.len < out.size ? strdup(buffer) : NULL;
}

int cx_dialog_init(struct cx_dialog *d, const osip_message_t *invite)
{
    char *text = NULL, *to = NULL, local[2048];

    memset(d, 0, sizeof(*d));
    d->target = contact_uri(invite);
    if (!d->target)
        return -EINVAL;
    osip_call_id_to_str(invite->call_id, &text);
    snprintf(d->call_id, sizeof(d->call_id), "%s", text ? text : "");
    osip_free(text);
    cx_sip_random(d->local_tag, 16);
    snprintf(d->remote_tag, sizeof(d->remote_tag), "%s", cx_sip_tag(invite->from));
    text = NULL;
    osip_from_to_str(invite->from, &text);
    d->remote = own(text);
    osip_to_to_str(invite->to, &to);
    if (to && snprintf(local, sizeof(local), "%s;tag=%s", to, d->local_tag) < (int)sizeof(local))
        d->local = strdup(local);
    osip_free(to);
    d->routes = routes_of(invite, false);
    d->remote_cseq = (unsigned)strtoul(invite->cseq->number, NULL, 10);
    d->local_cseq = 1;
    if (d->local && d->remote && d->routes)
        return 0;
    cx_dialog_close(d);
    return -ENOMEM;
}

int cx_dialog_call(struct cx_dialog *d, const char *uri, const char *from)
{
    char text[1024];

    memset(d, 0, sizeof(*d));
    cx_sip_random(d->call_id, 32);
    cx_sip_random(d->local_tag, 16);
    if (snprintf(text, sizeof(text), "%s;tag=%s", from, d->local_tag) < (int)sizeof(text))
        d->local = strdup(text);
    if (snprintf(text, sizeof(text), "<%s>", uri) < (int)sizeof(text))
        d->remote = strdup(text);
    d->target = strdup(uri);
    d->routes = strdup("");
    d->local_cseq = 1;
    if (d->local && d->remote && d->target && d->routes)
        return 0;
    cx_dialog_close(d);
    return -ENOMEM;
}

void cx_dialog_answered(struct cx_dialog *d, const osip_message_t *m)
{
    char *text = NULL, *remote, *routes;

    if (!*cx_sip_tag(m->to))
        return;
    osip_to_to_str(m->to, &text);
    remote = own(text);
    routes = routes_of(m, true);
    if (!remote || !routes) {
        free(remote);
        free(routes);
        return;
    }
    snprintf(d->remote_tag, sizeof(d->remote_tag), "%s", cx_sip_tag(m->to));
    free(d->remote);
    d->remote = remote;
    free(d->routes);
    d->routes = routes;
    cx_dialog_refresh(d, m);
}

void cx_dialog_close(struct cx_dialog *d)
{
    free(d->local);
    free(d->remote);
    free(d->target);
    free(d->routes);
    d->local = d->remote = d->target = d->routes = NULL;
}

bool cx_dialog_owns(const struct cx_dialog *d, const osip_message_t *m)
{
    bool request = MSG_IS_REQUEST(m);
    const char *ours = cx_sip_tag(request ? m->to : m->from);
    const char *theirs = cx_sip_tag(request ? m->from : m->to);
    char *text = NULL;
    bool same;

    if (strcmp(ours, d->local_tag) != 0 || (*theirs && strcmp(theirs, d->remote_tag) != 0))
        return false;
    osip_call_id_to_str(m->call_id, &text);
    same = text && strcmp(text, d->call_id) == 0;
    osip_free(text);
    return same;
}

void cx_dialog_refresh(struct cx_dialog *d, const osip_message_t *m)
{
    char *target = contact_uri(m);

    if (!target)
        return;
    free(d->target);
    d->target = target;
}

int cx_dialog_request(struct cx_dialog *d, const char *method, unsigned cseq, const char *sent_by,
                      const char *headers, const char *body, struct cx_text *out)
{
    char branch[24];

    cx_sip_random(branch, 20);
    cx_text_add(out,
                "%s %s SIP/2.0\r\nVia: SIP/2.0/UDP %s;rport;branch=z9hG4bK%s\r\n"
                "Max-Forwards: 70\r\n%sFrom: %s\r\nTo: %s\r\nCall-ID: %s\r\nCSeq: %u %s\r\n"
                "Contact: <sip:%s>\r\nUser-Agent: Centrex\r\n%s",
                method, d->target, sent_by, branch, d->routes, d->local, d->remote, d->call_id,
                cseq ? cseq : ++d->local_cseq, method, sent_by, headers ? headers : "");
    if (body)
        cx_text_add(out, "Content-Type: application/sdp\r\n");
    cx_text_add(out, "Content-Length: %zu\r\n\r\n%s", body ? strlen(body) : 0, body ? body : "");
    return out->len < out->size ? 0 : -ENOBUFS;
}
