/*
 * blf.c - see blf.h.
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "core/cfg/cfg_struct.h"
#include "core/sr_module.h"
#include "modules/presence/bind_presence.h"

#include "blf.h"
#include "calls.h"
#include "metrics.h"
#include "snapshot.h"

#define PAUSE_US   20000
#define LIFE_S     86400
#define NAME_BYTES 128

enum lamp { DARK, EARLY, LIT };

struct lamp_state {
    const struct cx_image *image;
    struct cx_id device; /* zero: any phone of the owner */
    struct cx_id owner;
    const char *slot; /* else this parking slot */
    enum lamp lamp;
    bool calls; /* it began the call */
    struct cx_live call;
};

static presence_api_t presence;

static struct cx_str z(const char *text)
{
    return (struct cx_str){text, (uint32_t)strlen(text)};
}

static bool is_it(const struct lamp_state *s, struct cx_id device)
{
    struct cx_image_device d;

    if (cx_id_is_zero(device))
        return false;
    if (!cx_id_is_zero(s->device))
        return cx_id_equal(s->device, device);
    return cx_image_device_by_id(s->image, device, &d) && cx_id_equal(d.owner, s->owner);
}

static bool look(void *arg, struct cx_live *call)
{
    struct lamp_state *s = arg;
    enum lamp lamp = DARK;
    bool calls = false;

    if (s->slot) {
        lamp = strcmp(call->slot, s->slot) == 0 ? LIT : DARK;
    } else if (is_it(s, call->caller.device)) {
        lamp = LIT;
        calls = true;
    } else if (is_it(s, call->callee.device)) {
        lamp = LIT;
    } else
        for (unsigned i = 0; i < call->ring_count && lamp == DARK; i++)
            if (is_it(s, call->rings[i]))
                lamp = EARLY;
    if (lamp > s->lamp) {
        s->lamp = lamp;
        s->calls = calls;
        s->call = *call;
    }
    return s->lamp == LIT;
}

/* Text for XML; what is not printable ASCII or UTF-8 of several bytes stays away. */
static void escape(char *to, size_t size, const char *from)
{
    static const struct {
        char c;
        const char *text;
    } marks[] = {{'&', "&amp;"}, {'<', "&lt;"}, {'>', "&gt;"}, {'"', "&quot;"}};
    size_t n = 0;

    for (; *from && n + 8 < size; from++) {
        const char *mark = NULL;
        for (size_t i = 0; i < sizeof(marks) / sizeof(*marks); i++)
            if (marks[i].c == *from)
                mark = marks[i].text;
        if (mark)
            n += (size_t)snprintf(to + n, size - n, "%s", mark);
        else if ((unsigned char)*from >= 0x20 && *from != 0x7f)
            to[n++] = *from;
    }
    to[n] = '\0';
}

static void publish(const struct lamp_state *s, struct cx_str name, struct cx_str realm)
{
    static const char *const states[] = {"terminated", "early", "confirmed"};
    static char body[2048];
    char user[NAME_BYTES], domain[NAME_BYTES], entity[2 * NAME_BYTES + 8], id[33] = "0";
    char remote[160], display[160], call_id[256], tags[420] = "", caller[128], callee[128];
    str event = str_init("dialog"), none = {0}, u, r, b;

    if (name.len == 0 || name.len >= sizeof(user) || realm.len >= sizeof(domain))
        return;
    CX_COPY(user, name);
    CX_COPY(domain, realm);
    escape(entity, sizeof(entity), user);
    escape(call_id, sizeof(call_id), s->call.call_id);
    escape(display, sizeof(display), s->calls ? "" : s->call.caller_name);
    escape(remote, sizeof(remote), s->calls ? s->call.dialled : s->call.caller_number);
    escape(caller, sizeof(caller), s->call.caller.tag);
    escape(callee, sizeof(callee), s->call.callee.tag);
    if (s->lamp != DARK) {
        cx_id_format(s->call.interaction, id);
        snprintf(tags, sizeof(tags), " call-id=\"%s\" local-tag=\"%s\" remote-tag=\"%s\"", call_id,
                 s->calls ? caller : callee, s->calls ? callee : caller);
    }
    b.s = body;
    b.len = snprintf(
        body, sizeof(body),
        "<?xml version=\"1.0\"?>\r\n"
        "<dialog-info xmlns=\"urn:ietf:params:xml:ns:dialog-info\" version=\"00000000000\" "
        "state=\"full\" entity=\"sip:%s@%s\">\r\n"
        "<dialog id=\"%s\"%s direction=\"%s\">\r\n<state>%s</state>\r\n"
        "<remote><identity display=\"%s\">sip:%s@%s</identity></remote>\r\n"
        "<local><identity>sip:%s@%s</identity></local>\r\n</dialog>\r\n</dialog-info>\r\n",
        entity, domain, id, tags, s->calls ? "initiator" : "recipient", states[s->lamp], display,
        remote, domain, entity, domain);
    if (b.len < 0 || b.len >= (int)sizeof(body))
        return;
    u = (str){user, (int)strlen(user)};
    r = (str){domain, (int)strlen(domain)};
    presence.update_presentity(&event, &r, &u, &none, &none, &b, LIFE_S, 1, 1);
    cx_count(blf_published);
}

static void show_slot(const struct cx_image *image, const char *slot)
{
    static const char *const prefixes[] = {"", "*3", "*5"};
    static struct lamp_state s;
    char name[32];

    s = (struct lamp_state){.image = image, .slot = slot};
    (void)cx_calls_each(cx_image_account(image), look, &s);
    for (size_t i = 0; i < sizeof(prefixes) / sizeof(*prefixes); i++) {
        snprintf(name, sizeof(name), "%s%s", prefixes[i], slot);
        publish(&s, z(name), cx_image_realm(image));
    }
}

static void show_device(const struct cx_image *image, struct cx_id id)
{
    static struct lamp_state s;
    struct cx_image_device device;

    if (!cx_image_device_by_id(image, id, &device))
        return;
    s = (struct lamp_state){.image = image, .device = id};
    (void)cx_calls_each(cx_image_account(image), look, &s);
    publish(&s, device.username, cx_image_realm(image));
    if (cx_id_is_zero(device.owner))
        return;
    s = (struct lamp_state){.image = image, .owner = device.owner};
    (void)cx_calls_each(cx_image_account(image), look, &s);
    publish(&s, cx_image_user_presence(image, device.owner), cx_image_realm(image));
}

static bool same(const struct cx_change *a, const struct cx_change *b)
{
    return cx_id_equal(a->account, b->account) && cx_id_equal(a->device, b->device) &&
           strcmp(a->slot, b->slot) == 0;
}

/* The changes of one moment, each thing once: an INVITE alone makes several. */
static unsigned collect(struct cx_change *list, unsigned room)
{
    unsigned n = 0;

    while (n < room && cx_calls_changed(&list[n])) {
        unsigned i = 0;
        while (i < n && !same(&list[i], &list[n]))
            i++;
        n += i == n;
    }
    return n;
}

void cx_blf_run(void)
{
    static struct cx_change list[64];

    if (!find_export("bind_presence", 1, 0) || presence_load_api(&presence) != 0) {
        LM_WARN("no presence module: no busy lamps\n");
        for (;;)
            pause();
    }
    for (;;) {
        const unsigned n = collect(list, sizeof(list) / sizeof(*list));

        cfg_update();
        cx_snapshot_enter();
        for (unsigned i = 0; i < n; i++) {
            const struct cx_image *image = cx_snapshot_by_id(list[i].account);
            if (image && list[i].slot[0])
                show_slot(image, list[i].slot);
            else if (image)
                show_device(image, list[i].device);
        }
        cx_snapshot_leave();
        if (n == 0)
            usleep(PAUSE_US);
    }
}
