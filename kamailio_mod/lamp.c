/*
 * lamp.c - see lamp.h.
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/dprint.h"
#include "modules/presence/bind_presence.h"
#include "modules/tm/tm_load.h"

#include "contacts.h"
#include "lamp.h"
#include "metrics.h"
#include "snapshot.h"
#include "source.h"
#include "tm_api.h"

#define BUCKETS  65536
#define CONTACTS 8 /* phones behind one device name that are told */

struct box {
    struct box *next;
    struct cx_id id;
    uint32_t messages_new, messages_saved;
};

struct cx_lamp {
    struct box *buckets[BUCKETS];
    presence_api_t presence;
    bool has_presence;
};

struct cx_lamp *cx_lamp_new(void)
{
    struct cx_lamp *lamp = calloc(1, sizeof(*lamp));

    if (!lamp)
        return NULL;
    lamp->has_presence =
        find_export("bind_presence", 1, 0) && presence_load_api(&lamp->presence) == 0;
    return lamp;
}

static struct box *box_of(struct cx_lamp *lamp, struct cx_id id, bool add)
{
    struct box **head = &lamp->buckets[(id.b[0] << 8 | id.b[1]) % BUCKETS], *b;

    for (b = *head; b; b = b->next)
        if (cx_id_equal(b->id, id))
            return b;
    if (!add || !(b = calloc(1, sizeof(*b))))
        return NULL;
    b->id = id;
    b->next = *head;
    *head = b;
    return b;
}

/* What a user has over all boxes. False: no box at all, so nothing is to be said. */
static bool count_for(struct cx_lamp *lamp, const struct cx_image *image, struct cx_id owner,
                      uint32_t *messages_new, uint32_t *messages_saved)
{
    bool any = false;

    *messages_new = *messages_saved = 0;
    for (uint32_t i = 0; i < cx_image_box_count(image); i++) {
        struct cx_image_box box;
        struct box *counts;

        cx_image_box_at(image, i, &box);
        if (!cx_id_equal(box.owner, owner) || !(counts = box_of(lamp, box.id, false)))
            continue;
        any = true;
        *messages_new += counts->messages_new;
        *messages_saved += counts->messages_saved;
    }
    return any;
}

struct contacts {
    int count;
    struct {
        char uri[256], hop[256];
        struct socket_info *socket;
    } list[CONTACTS];
};

static void collect(void *arg, str *uri, str *next_hop, struct socket_info *socket)
{
    struct contacts *c = arg;

    if (c->count >= CONTACTS || uri->len >= 256 || (next_hop && next_hop->len >= 256))
        return;
    snprintf(c->list[c->count].uri, 256, "%.*s", uri->len, uri->s);
    snprintf(c->list[c->count].hop, 256, "%.*s", next_hop ? next_hop->len : 0,
             next_hop ? next_hop->s : "");
    c->list[c->count++].socket = socket;
}

static str as_str(char *text)
{
    return (str){text, (int)strlen(text)};
}

static void notify(const char *aor, char *uri, char *hop, struct socket_info *socket, char *body)
{
    static str method = str_init("NOTIFY");
    static str headers = str_init("Event: message-summary\r\nSubscription-State: active\r\n"
                                  "Content-Type: application/simple-message-summary\r\n");
    str u = as_str(uri), h = as_str(hop), b = as_str(body), a = as_str((char *)aor);
    uac_req_t request;

    set_uac_req(&request, &method, &headers, &b, NULL, 0, NULL, NULL);
    if (socket)
        request.ssock = &socket->sock_str;
    if (cx_tm.t_request(&request, &u, &a, &a, h.len ? &h : NULL) < 0)
        LM_WARN("no message lamp for %s: the NOTIFY could not be sent\n", aor);
    else
        cx_count(lamp_notifies);
}

static void tell_device(struct cx_lamp *lamp, struct cx_str realm,
                        const struct cx_image_device *device, uint32_t messages_new,
                        uint32_t messages_saved)
{
    static str event = str_init("message-summary");
    char aor[400], body[640], user[128], domain[256];
    struct contacts *contacts;
    str r, u, b;

    if (device->username.len == 0 || device->username.len >= sizeof(user) ||
        realm.len >= sizeof(domain) || !(contacts = calloc(1, sizeof(*contacts))))
        return;
    snprintf(user, sizeof(user), "%.*s", (int)device->username.len, device->username.s);
    snprintf(domain, sizeof(domain), "%.*s", (int)realm.len, realm.s);
    snprintf(aor, sizeof(aor), "sip:%s@%s", user, domain);
    snprintf(body, sizeof(body),
             "Messages-Waiting: %s\r\nMessage-Account: %s\r\nVoice-Message: %u/%u (0/0)\r\n",
             messages_new ? "yes" : "no", aor, messages_new, messages_saved);
    if (lamp->has_presence) {
        str none = {0};
        r = as_str(domain);
        u = as_str(user);
        b = as_str(body);
        lamp->presence.update_presentity(&event, &r, &u, &none, &none, &b, 86400, 1, 1);
    }
    cx_contacts_each(device->username, realm, collect, contacts);
    for (int i = 0; i < contacts->count; i++)
        notify(aor, contacts->list[i].uri, contacts->list[i].hop, contacts->list[i].socket, body);
    free(contacts);
}

static void tell_owner(struct cx_lamp *lamp, struct cx_id account, struct cx_id owner)
{
    const struct cx_image *image;
    uint32_t messages_new, messages_saved;
    struct cx_image_device device;

    cx_snapshot_enter();
    image = cx_snapshot_by_id(account);
    if (image && !cx_id_is_zero(owner) &&
        count_for(lamp, image, owner, &messages_new, &messages_saved))
        for (uint32_t i = 0; i < cx_image_device_count(image); i++) {
            cx_image_device_at(image, i, &device);
            if (cx_id_equal(device.owner, owner))
                tell_device(lamp, cx_image_realm(image), &device, messages_new, messages_saved);
        }
    cx_snapshot_leave();
}

static bool set_counts(struct cx_lamp *lamp, struct cx_id id, uint32_t messages_new,
                       uint32_t messages_saved, bool *is_new)
{
    struct box *b = box_of(lamp, id, false);
    bool changed;

    *is_new = b == NULL;
    if (!b && !(b = box_of(lamp, id, true)))
        return false;
    changed = b->messages_new != messages_new || b->messages_saved != messages_saved;
    b->messages_new = messages_new;
    b->messages_saved = messages_saved;
    return changed;
}

void cx_lamp_account(struct cx_lamp *lamp, const struct cx_account_rows *rows)
{
    struct cx_id account, box, owner;

    if (!cx_id_parse(rows->account.id, 32, &account))
        return;
    for (size_t i = 0; i < rows->vmbox_count; i++) {
        const struct cx_row_vmbox *v = &rows->vmboxes[i];
        bool is_new;

        if (!cx_id_parse(v->id, 32, &box))
            continue;
        if (set_counts(lamp, box, v->messages_new, v->messages_saved, &is_new) && v->owner_id &&
            cx_id_parse(v->owner_id, 32, &owner))
            tell_owner(lamp, account, owner);
    }
}

void cx_lamp_box(struct cx_lamp *lamp, struct cx_id account, struct cx_id id, uint32_t messages_new,
                 uint32_t messages_saved)
{
    const struct cx_image *image;
    struct cx_id owner = {{0}};
    bool is_new;

    if (!set_counts(lamp, id, messages_new, messages_saved, &is_new))
        return;
    cx_snapshot_enter();
    image = cx_snapshot_by_id(account);
    for (uint32_t i = 0; image && i < cx_image_box_count(image); i++) {
        struct cx_image_box box;
        cx_image_box_at(image, i, &box);
        if (cx_id_equal(box.id, id))
            owner = box.owner;
    }
    cx_snapshot_leave();
    tell_owner(lamp, account, owner);
}

void cx_lamp_registered(struct cx_lamp *lamp, struct cx_id account, struct cx_id id)
{
    const struct cx_image *image;
    uint32_t messages_new, messages_saved;
    struct cx_image_device device;

    cx_snapshot_enter();
    image = cx_snapshot_by_id(account);
    if (image && cx_image_device_by_id(image, id, &device) && !cx_id_is_zero(device.owner) &&
        count_for(lamp, image, device.owner, &messages_new, &messages_saved))
        tell_device(lamp, cx_image_realm(image), &device, messages_new, messages_saved);
    cx_snapshot_leave();
}
