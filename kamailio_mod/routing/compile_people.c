/*
 * compile_people.c - what users, phones and the account itself say of forwards, call waiting,
 * hiding and limits -> their rows of the image. Reads leniently: what says nothing usable is off.
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "build.h"

/* ---- forwards */

static bool is_on(const json_t *object)
{
    return cx_doc_true(object, "enabled", false);
}

static void number_of(const json_t *object, char *to, size_t size)
{
    const json_t *v = json_object_get(object, "number");

    to[0] = '\0';
    if (json_is_integer(v))
        snprintf(to, size, "%lld", (long long)json_integer_value(v));
    else if (json_is_string(v))
        snprintf(to, size, "%s", json_string_value(v));
}

static void add_rule(struct cx_build *b, const json_t *object, enum cx_forward_rule rule,
                     struct cx_forwards *forwards)
{
    struct cx_forward_row *row, forward = {.rule = (uint8_t)rule};
    char number[64];

    number_of(object, number, sizeof(number));
    if (!number[0])
        return;
    forward.number = cx_build_text(b, number);
    /* defaults are Kazoo's */
    forward.flags =
        (uint8_t)((cx_doc_true(object, "direct_calls_only", false) ? CX_FORWARD_DIRECT_ONLY : 0) |
                  (cx_doc_true(object, "keep_caller_id", true) ? CX_FORWARD_KEEP_CALLER : 0) |
                  (cx_doc_true(object, "require_keypress", true) ? CX_FORWARD_CONFIRM : 0) |
                  (cx_doc_true(object, "ignore_early_media", true) ? CX_FORWARD_IGNORE_EARLY : 0) |
                  (cx_doc_true(object, "substitute", true) ? CX_FORWARD_SUBSTITUTE : 0));
    if ((row = cx_build_add(b, CX_T_FORWARD)) != NULL)
        *row = forward;
    forwards->count++;
}

static void add_rules(struct cx_build *b, const json_t *always, const json_t *busy,
                      const json_t *no_answer, const json_t *failover, struct cx_forwards *forwards)
{
    forwards->first = cx_build_count(b, CX_T_FORWARD);
    forwards->count = 0;
    if (is_on(always))
        add_rule(b, always, CX_FORWARD_ALWAYS, forwards);
    if (is_on(busy))
        add_rule(b, busy, CX_FORWARD_BUSY, forwards);
    if (is_on(no_answer))
        add_rule(b, no_answer, CX_FORWARD_NO_ANSWER, forwards);
    /* Failover once stood inside call_forward, and meant nothing while that was on. */
    if (is_on(failover))
        add_rule(b, failover, CX_FORWARD_FAILOVER, forwards);
    else if (!is_on(always) && cx_doc_true(always, "failover", false))
        add_rule(b, always, CX_FORWARD_FAILOVER, forwards);
}

void cx_build_user_forwards(struct cx_build *b, const struct cx_row_user *r,
                            struct cx_forwards *forwards)
{
    json_t *always = cx_doc_load(r->call_forward), *busy = cx_doc_load(r->call_forward_busy),
           *no_answer = cx_doc_load(r->call_forward_no_answer),
           *failover = cx_doc_load(r->call_failover);

    add_rules(b, always, busy, no_answer, failover, forwards);
    json_decref(always);
    json_decref(busy);
    json_decref(no_answer);
    json_decref(failover);
}

void cx_build_device_forwards(struct cx_build *b, const struct cx_row_device *r,
                              struct cx_forwards *forwards)
{
    json_t *always = cx_doc_load(r->call_forward),
           *doc = strstr(r->doc, "\"call_f") ? cx_doc_load(r->doc) : NULL;

    add_rules(b, always, json_object_get(doc, "call_forward_busy"),
              json_object_get(doc, "call_forward_no_answer"), json_object_get(doc, "call_failover"),
              forwards);
    json_decref(always);
    json_decref(doc);
}

/* ---- other keys of the documents */

void cx_build_options(const char *text, struct cx_options *options)
{
    static const char *const keys[] = {"\"call_waiting\"", "\"outbound_privacy\"", "\"ringtones\"",
                                       "\"do_not_disturb\""};
    const json_t *waiting;
    const char *privacy;
    bool any = false;

    memset(options, 0, sizeof(*options));
    for (size_t i = 0; i < sizeof(keys) / sizeof(*keys); i++)
        any |= text && strstr(text, keys[i]);
    if (!any) /* most documents say nothing of these: not worth a parser */
        return;
    options->doc = cx_doc_load(text);
    waiting = json_object_get(json_object_get(options->doc, "call_waiting"), "enabled");
    options->waiting = json_is_false(waiting) ? -1 : json_is_true(waiting) ? 1 : 0;
    options->dnd = is_on(json_object_get(options->doc, "do_not_disturb"));
    privacy = json_string_value(
        json_object_get(json_object_get(options->doc, "caller_id_options"), "outbound_privacy"));
    if (privacy)
        options->privacy =
            (uint8_t)(CX_HIDE_SAID | (strcmp(privacy, "full") == 0 ? CX_HIDE_NUMBER | CX_HIDE_NAME
                                      : strcmp(privacy, "number") == 0 ? CX_HIDE_NUMBER
                                      : strcmp(privacy, "name") == 0   ? CX_HIDE_NAME
                                                                       : 0));
}

/* ---- hot desk */

uint32_t cx_build_hotdesk(struct cx_build *b, const struct cx_row_device *r, struct cx_device *d)
{
    json_t *hotdesk, *value;
    const char *user;
    uint32_t count = 0, deny = UINT32_MAX;

    if (!r->hotdesk || (!strstr(r->hotdesk, "users") && !strstr(r->hotdesk, "unassigned")))
        return 0;
    hotdesk = cx_doc_load(r->hotdesk);
    /* its owner has logged out of it: it can dial, and rings for nobody */
    if (cx_doc_true(hotdesk, "unassigned", false))
        d->owner = CX_NONE;
    json_object_foreach(json_object_get(hotdesk, "users"), user, value)
    {
        uint32_t u = cx_build_user(b, user);
        if (u == CX_NONE) /* deleted meanwhile */
            continue;
        d->owner = count++ ? CX_NONE : u;
        deny &= ((const struct cx_user *)cx_build_row(b, CX_T_USER, u))->deny;
    }
    json_decref(hotdesk);
    if (count) {
        d->flags |= CX_DEVICE_HOTDESKED;
        d->deny = deny; /* what all of them are denied (Kazoo's rule) */
    }
    return count;
}

struct pair {
    uint32_t user, device;
};

struct pairs {
    struct pair *list;
    size_t count, room;
    bool no_memory;
};

static void add_pair(struct pairs *p, uint32_t user, uint32_t device)
{
    if (user == CX_NONE)
        return;
    if (p->count == p->room) {
        size_t room = p->room * 2 + 64;
        struct pair *list = realloc(p->list, room * sizeof(*list));
        if (!list) {
            p->no_memory = true;
            return;
        }
        p->list = list;
        p->room = room;
    }
    p->list[p->count++] = (struct pair){user, device};
}

static int by_user(const void *a, const void *b)
{
    const struct pair *x = a, *y = b;

    return x->user != y->user ? (x->user > y->user) - (x->user < y->user)
                              : (x->device > y->device) - (x->device < y->device);
}

static void add_pairs(struct cx_build *b, struct pairs *p, uint32_t device)
{
    const struct cx_row_device *r = &b->rows->devices[device];
    const struct cx_device *d = cx_build_row(b, CX_T_DEVICE, device);
    json_t *hotdesk, *value;
    const char *user;

    if (!(d->flags & CX_DEVICE_HOTDESKED)) {
        add_pair(p, d->owner, device);
        return;
    }
    hotdesk = cx_doc_load(r->hotdesk);
    json_object_foreach(json_object_get(hotdesk, "users"), user, value)
    {
        add_pair(p, cx_build_user(b, user), device);
    }
    json_decref(hotdesk);
}

int cx_build_owned(struct cx_build *b)
{
    struct pairs p = {0};

    for (uint32_t i = 0; !b->no_memory && i < b->rows->device_count; i++)
        add_pairs(b, &p, i);
    if (p.count)
        qsort(p.list, p.count, sizeof(*p.list), by_user);
    for (size_t i = 0; i < p.count && !p.no_memory && !b->no_memory; i++) {
        uint32_t *row = cx_build_add(b, CX_T_OWNED);
        struct cx_user *user = cx_build_row(b, CX_T_USER, p.list[i].user);
        if (!row)
            break;
        *row = p.list[i].device;
        if (user->owned_count == 0)
            user->owned_first = (uint32_t)i;
        if (user->owned_count < UINT16_MAX)
            user->owned_count++;
    }
    free(p.list);
    return p.no_memory || b->no_memory ? -ENOMEM : 0;
}

/* ---- limits */

/* inbound_trunks and outbound_trunks are for one direction, twoway_trunks for either. */
static int32_t trunks(const json_t *limits, const char *key)
{
    long own = cx_doc_number(limits, key, 0, 1000000, -1),
         both = cx_doc_number(limits, "twoway_trunks", 0, 1000000, -1);

    if (own < 0)
        return (int32_t)both;
    return (int32_t)(both < 0 ? own : own + both);
}

void cx_build_limits(struct cx_build *b, struct cx_limits *limits)
{
    const struct cx_row_account *a = &b->rows->account;
    json_t *doc = strstr(a->doc, "\"pvt_limits\"") ? cx_doc_load(a->doc) : NULL;
    const json_t *kept = json_object_get(doc, "pvt_limits");

    limits->calls = a->max_calls;
    limits->inbound = trunks(kept, "inbound_trunks");
    limits->outbound = trunks(kept, "outbound_trunks");
    limits->outbound_per_minute =
        (int32_t)cx_doc_number(kept, "outbound_calls_per_minute", 0, 1000000, -1);
    json_decref(doc);
}
