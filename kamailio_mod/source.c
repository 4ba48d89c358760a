/*
 * source.c - see source.h.
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include <errno.h>
#include <strings.h>
#include <string.h>

#include "core/ip_addr.h"
#include "core/parser/digest/digest.h"
#include "core/parser/parse_from.h"
#include "core/parser/parse_uri.h"

#include "metrics.h"
#include "snapshot.h"
#include "source.h"

/* The last request that this process asked about: a process handles one at a time. */
static struct {
    unsigned int id;
    int pid;
    struct cx_source source;
} last;

struct cx_source *cx_source_new(const struct sip_msg *msg)
{
    last.id = msg->id;
    last.pid = msg->pid;
    memset(&last.source, 0, sizeof(last.source));
    return &last.source;
}

const struct cx_source *cx_source_get(const struct sip_msg *msg)
{
    return last.pid == msg->pid && last.id == msg->id && last.pid != 0 ? &last.source : NULL;
}

bool cx_source_trunk(struct sip_msg *msg)
{
    const char *address = ip_addr2a(&msg->rcv.src_ip);
    const struct cx_image *image;

    cx_snapshot_enter();
    image = cx_snapshot_by_trunk((struct cx_str){address, (uint32_t)strlen(address)});
    if (image) {
        struct cx_source *s = cx_source_new(msg);
        s->from = CX_FROM_CARRIER;
        s->account = cx_image_account(image);
    }
    cx_snapshot_leave();
    return image != NULL;
}

static struct cx_str from_domain(struct sip_msg *msg)
{
    struct sip_uri *uri;

    if (parse_from_header(msg) < 0 || (uri = parse_from_uri(msg)) == NULL)
        return (struct cx_str){0};
    return cx_str_of(uri->host);
}

static struct cx_str username_in(struct hdr_field *header, hdr_types_t type, struct cx_str realm)
{
    for (; header; header = next_sibling_hdr(header)) {
        dig_cred_t *digest;
        if (header->type != type || parse_credentials(header) != 0 || !header->parsed)
            continue;
        digest = &((auth_body_t *)header->parsed)->digest;
        if (digest->realm.len == (int)realm.len &&
            strncasecmp(digest->realm.s, realm.s, realm.len) == 0)
            return cx_str_of(digest->username.user);
    }
    return (struct cx_str){0};
}

struct cx_str cx_source_username(struct sip_msg *msg)
{
    struct cx_str realm = from_domain(msg), user = {0};

    if (realm.len == 0 || parse_headers(msg, HDR_EOH_F, 0) < 0)
        return user;
    user = username_in(msg->authorization, HDR_AUTHORIZATION_T, realm);
    return user.len ? user : username_in(msg->proxy_auth, HDR_PROXYAUTH_T, realm);
}

struct cx_str cx_source_ha1(struct sip_msg *msg)
{
    static char ha1[32];
    struct cx_str user = cx_source_username(msg), found = {0};
    struct cx_image_device device;
    const struct cx_image *image;

    if (user.len == 0)
        return found;
    cx_snapshot_enter();
    image = cx_snapshot_by_realm(from_domain(msg));
    if (image && cx_image_device_by_username(image, user, &device) &&
        device.ha1.len == sizeof(ha1)) {
        memcpy(ha1, device.ha1.s, sizeof(ha1));
        found = (struct cx_str){ha1, sizeof(ha1)};
    }
    cx_snapshot_leave();
    if (!found.len)
        cx_count(auth_unknown);
    return found;
}

int cx_source_device(struct sip_msg *msg)
{
    struct cx_str user = cx_source_username(msg);
    struct cx_image_device device;
    const struct cx_image *image;
    int err = -ENOENT;

    cx_snapshot_enter();
    image = cx_snapshot_by_realm(from_domain(msg));
    if (image && user.len && cx_image_device_by_username(image, user, &device)) {
        err = device.enabled ? 0 : -EACCES;
        if (err == 0) {
            struct cx_source *s = cx_source_new(msg);
            s->from = CX_FROM_DEVICE;
            s->account = cx_image_account(image);
            s->device = device.id;
            s->owner = device.owner;
        } else
            cx_count(auth_disabled);
    }
    cx_snapshot_leave();
    return err;
}
