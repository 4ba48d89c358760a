/*
 * explain.c - see explain.h.
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "explain.h"
#include "layout.h"

#define DEPTH_MAX 12  /* turns after turns; deeper ones are named, not walked */
#define STEPS_MAX 400 /* in all: a tree that branches at every turn would never end */

struct explain {
    const struct cx_image *image, *cluster;
    const struct cx_env *env;
    const struct cx_call *call;
    enum cx_explain_form form;
    cx_write_h *write;
    void *arg;
    unsigned steps;
};

static void put(struct explain *e, const char *format, ...) __attribute__((format(printf, 2, 3)));

static void put(struct explain *e, const char *format, ...)
{
    char text[1024];
    va_list ap;
    int n;

    va_start(ap, format);
    n = vsnprintf(text, sizeof(text), format, ap);
    va_end(ap);
    if (n > 0)
        e->write(e->arg, text, (size_t)n < sizeof(text) ? (size_t)n : sizeof(text) - 1);
}

static void put_json(struct explain *e, struct cx_str s)
{
    e->write(e->arg, "\"", 1);
    for (uint32_t i = 0; i < s.len; i++) {
        unsigned char c = (unsigned char)s.s[i];
        if (c == '"' || c == '\\')
            put(e, "\\%c", c);
        else if (c < 0x20)
            put(e, "\\u%04x", c);
        else
            e->write(e->arg, s.s + i, 1);
    }
    e->write(e->arg, "\"", 1);
}

static struct cx_str z(const char *s)
{
    return (struct cx_str){s, (uint32_t)strlen(s)};
}

static const char *kind_name(const struct cx_step *step)
{
    static const char *const names[] = {
        [CX_STEP_RING] = "ring",   [CX_STEP_SERVICE] = "service", [CX_STEP_OUTBOUND] = "outbound",
        [CX_STEP_ENTER] = "enter", [CX_STEP_REPLY] = "reply",     [CX_STEP_PICKUP] = "pickup",
        [CX_STEP_PARK] = "park"};

    return names[step->kind];
}

static void indent(struct explain *e, unsigned depth)
{
    for (unsigned i = 0; i < depth; i++)
        put(e, "  ");
}

static void text_trace(struct explain *e, const struct cx_step *step, unsigned depth)
{
    for (uint16_t i = 0; i < step->trace_count; i++) {
        const struct cx_trace *t = &step->trace[i];
        char hex[33] = "";
        indent(e, depth);
        put(e, "  . %s%s%.*s", t->reason ? t->reason : "", t->detail.len ? ": " : "",
            (int)t->detail.len, t->detail.len ? t->detail.s : "");
        if (!cx_id_is_zero(t->document)) {
            cx_id_format(t->document, hex);
            put(e, "  [%s]", hex);
        }
        put(e, "\n");
    }
}

static const char *const park_names[] = {
    [CX_PARK_AUTO] = "auto", [CX_PARK_IN] = "in", [CX_PARK_OUT] = "out"};

static void text_target(struct explain *e, const struct cx_target *t, bool comma)
{
    const struct cx_forward *f = &t->forward;
    struct cx_str name = f->number.len ? f->number : t->route_uri.len ? t->route_uri : t->username;

    put(e, "%s %s%.*s", comma ? "," : "", f->number.len ? "forward to " : "", (int)name.len,
        name.s);
    if (f->number.len)
        put(e, " (%s%s%s)", f->rule, f->keep_caller_id ? ", keeps the caller ID" : "",
            f->confirm ? ", with key press" : "");
    if (t->delay_s)
        put(e, " after %u s", t->delay_s);
    if (t->timeout_s)
        put(e, " for %u s", t->timeout_s);
}

static void text_step(struct explain *e, const struct cx_step *step, unsigned depth)
{
    indent(e, depth);
    switch (step->kind) {
    case CX_STEP_RING:
        put(e, "rings for %u s as \"%.*s\" %.*s:", step->u.ring.timeout_s,
            (int)step->caller_name.len, step->caller_name.s ? step->caller_name.s : "",
            (int)step->caller_number.len, step->caller_number.s ? step->caller_number.s : "");
        for (uint16_t i = 0; i < step->u.ring.count; i++)
            text_target(e, &step->u.ring.targets[i], i > 0);
        put(e, "\n");
        break;
    case CX_STEP_SERVICE:
        put(e, "service %.*s %.*s\n", (int)step->u.service.name.len, step->u.service.name.s,
            (int)step->u.service.params.len, step->u.service.params.s);
        break;
    case CX_STEP_OUTBOUND:
        put(e, "calls %.*s outside%s as %.*s by:", (int)step->u.outbound.number.len,
            step->u.outbound.number.s, step->u.outbound.emergency ? " (emergency)" : "",
            (int)step->caller_number.len, step->caller_number.s ? step->caller_number.s : "");
        for (uint16_t i = 0; i < step->u.outbound.count; i++) {
            const struct cx_gateway *g = &step->u.outbound.gateways[i];
            put(e, " %.*s:%u", (int)g->server.len, g->server.s, g->port);
        }
        put(e, "\n");
        break;
    case CX_STEP_ENTER:
        put(e, "goes on to another account as %.*s\n", (int)step->u.enter.number.len,
            step->u.enter.number.s);
        break;
    case CX_STEP_REPLY:
        put(e, "ends with %u %.*s\n", step->u.reply.code, (int)step->u.reply.reason.len,
            step->u.reply.reason.s);
        break;
    case CX_STEP_PICKUP:
        put(e, "takes over a call of:");
        for (uint16_t i = 0; i < step->u.pickup.count; i++)
            put(e, " %.*s", (int)step->u.pickup.targets[i].username.len,
                step->u.pickup.targets[i].username.s);
        put(e, "\n");
        break;
    case CX_STEP_PARK:
        put(e, "parks (%s) in slot %.*s\n", park_names[step->u.park.action],
            (int)step->u.park.slot.len, step->u.park.slot.len ? step->u.park.slot.s : "");
        break;
    }
    text_trace(e, step, depth);
}

static void json_member(struct explain *e, const char *key, struct cx_str value)
{
    put(e, ",\"%s\":", key);
    put_json(e, value);
}

static void json_trace(struct explain *e, const struct cx_step *step)
{
    put(e, ",\"decisions\":[");
    for (uint16_t i = 0; i < step->trace_count; i++) {
        const struct cx_trace *t = &step->trace[i];
        char hex[33];
        put(e, "%s{\"reason\":", i ? "," : "");
        put_json(e, z(t->reason ? t->reason : ""));
        if (t->detail.len)
            json_member(e, "detail", t->detail);
        if (!cx_id_is_zero(t->document)) {
            cx_id_format(t->document, hex);
            json_member(e, "document", z(hex));
        }
        put(e, "}");
    }
    put(e, "]");
}

static void json_id(struct explain *e, const char *key, struct cx_id id)
{
    char hex[33];

    if (cx_id_is_zero(id))
        return;
    cx_id_format(id, hex);
    json_member(e, key, z(hex));
}

static void json_target(struct explain *e, const struct cx_target *t)
{
    const struct cx_forward *f = &t->forward;

    put(e, "{\"delay\":%u,\"timeout\":%u", t->delay_s, t->timeout_s);
    if (f->number.len) {
        json_member(e, "forward", f->number);
        json_member(e, "rule", z(f->rule));
        put(e, ",\"keep_caller_id\":%s,\"require_keypress\":%s",
            f->keep_caller_id ? "true" : "false", f->confirm ? "true" : "false");
        json_id(e, "user", f->user);
        json_id(e, "device", f->device);
    } else {
        json_id(e, "id", t->device);
        json_member(e, "username", t->route_uri.len ? t->route_uri : t->username);
    }
    put(e, "}");
}

static void json_step(struct explain *e, const struct cx_step *step)
{
    put(e, "{\"step\":\"%s\"", kind_name(step));
    switch (step->kind) {
    case CX_STEP_RING:
        put(e, ",\"timeout\":%u,\"targets\":[", step->u.ring.timeout_s);
        for (uint16_t i = 0; i < step->u.ring.count; i++) {
            put(e, "%s", i ? "," : "");
            json_target(e, &step->u.ring.targets[i]);
        }
        put(e, "]");
        break;
    case CX_STEP_SERVICE:
        json_member(e, "service", step->u.service.name);
        json_member(e, "parameters", step->u.service.params);
        break;
    case CX_STEP_OUTBOUND:
        json_member(e, "number", step->u.outbound.number);
        put(e, ",\"emergency\":%s,\"gateways\":[", step->u.outbound.emergency ? "true" : "false");
        for (uint16_t i = 0; i < step->u.outbound.count; i++) {
            put(e, "%s", i ? "," : "");
            put_json(e, step->u.outbound.gateways[i].server);
        }
        put(e, "]");
        break;
    case CX_STEP_ENTER:
        json_member(e, "number", step->u.enter.number);
        break;
    case CX_STEP_REPLY:
        put(e, ",\"code\":%u", step->u.reply.code);
        json_member(e, "reason", step->u.reply.reason);
        break;
    case CX_STEP_PICKUP:
        put(e, ",\"answered\":%s,\"devices\":[", step->u.pickup.answered ? "true" : "false");
        for (uint16_t i = 0; i < step->u.pickup.count; i++) {
            put(e, "%s", i ? "," : "");
            put_json(e, step->u.pickup.targets[i].username);
        }
        put(e, "]");
        break;
    case CX_STEP_PARK:
        json_member(e, "action", z(park_names[step->u.park.action]));
        json_member(e, "slot", step->u.park.slot);
        break;
    }
    if (step->kind != CX_STEP_REPLY) {
        json_member(e, "caller_id_name", step->caller_name);
        json_member(e, "caller_id_number", step->caller_number);
    }
    json_trace(e, step);
}

/* A way in which a step can end. */
struct turn {
    enum cx_outcome outcome;
    uint16_t code;
    struct cx_str key; /* of the child, with CONTINUE */
    const char *name;
};

#define TURNS_MAX 24

static const struct turn ring_turns[] = {
    {CX_OUT_NO_ANSWER, 480, {0}, "no answer"},
    {CX_OUT_BUSY, 486, {0}, "busy"},
    {CX_OUT_REJECTED, 603, {0}, "declined"},
    {CX_OUT_UNREACHABLE, 480, {0}, "unreachable"},
};
static const struct turn outbound_turns[] = {
    {CX_OUT_NO_ANSWER, 480, {0}, "no answer"},
    {CX_OUT_BUSY, 486, {0}, "busy"},
    {CX_OUT_FAILED, 503, {0}, "no gateway works"},
};
static const struct turn place_turns[] = {
    {CX_OUT_UNREACHABLE, 480, {0}, "no such call"},
    {CX_OUT_BUSY, 486, {0}, "taken"},
};

static unsigned some(struct turn *turns, const struct turn *from, unsigned n)
{
    memcpy(turns, from, n * sizeof(*from));
    return n;
}

/* A service goes on with one of the children of its node. */
static unsigned children(const struct explain *e, const struct cx_step *step, struct turn *turns)
{
    const struct cx_callflow *flow = cx_find_callflow(e->image, step->cursor.callflow);
    const struct cx_node *nodes = cx_table(e->image, CX_T_NODE), *node;
    const struct cx_child *child = cx_table(e->image, CX_T_CHILD);
    unsigned n = 0;

    if (!flow || step->cursor.node >= flow->node_count ||
        cx_str_equal_z(step->u.service.name, "announce"))
        return 0;
    node = &nodes[flow->first_node + step->cursor.node];
    for (uint32_t i = 0; i < node->child_count && n < TURNS_MAX; i++) {
        struct cx_str key = cx_pool(e->image, child[node->child_first + i].key);
        turns[n++] = (struct turn){CX_OUT_CONTINUE, 0, key, NULL};
    }
    return n;
}

static unsigned turns_of(const struct explain *e, const struct cx_step *step,
                         struct turn turns[TURNS_MAX])
{
    switch (step->kind) {
    case CX_STEP_RING:
        return some(turns, ring_turns, 4);
    case CX_STEP_OUTBOUND:
        return some(turns, outbound_turns, 3);
    case CX_STEP_PICKUP:
        return some(turns, place_turns, 1);
    case CX_STEP_PARK:
        return some(turns, place_turns, 2);
    case CX_STEP_SERVICE:
        return children(e, step, turns);
    default:
        return 0;
    }
}

static void turn_name(const struct turn *t, char *name, size_t size)
{
    if (t->name || (t->key.len == 1 && t->key.s[0] == '_'))
        snprintf(name, size, "%s", t->name ? t->name : "afterwards");
    else
        snprintf(name, size, "key %.*s", (int)(t->key.len < 40 ? t->key.len : 40), t->key.s);
}

static bool is_deep(struct explain *e, unsigned depth)
{
    if (depth / 2 < DEPTH_MAX && e->steps <= STEPS_MAX)
        return false;
    put(e, e->form == CX_EXPLAIN_TEXT ? "    (and so on)\n" : ",\"more\":true");
    return true;
}

static int show(struct explain *e, const struct cx_step *step, unsigned depth);

/* Where a forwarded leg leads: the call that the module makes of it (step.h, cx_forward). */
static int leg(struct explain *e, const struct cx_step *step, const struct cx_target *t,
               struct cx_step *inner, unsigned depth)
{
    const struct cx_call *outer = e->call;
    struct cx_call call = {
        .from = CX_FROM_DEVICE,
        .device = t->forward.device,
        .caller_name = step->caller_name,
        .caller_number = step->caller_number,
        .dialled = t->forward.number,
        .anonymous = step->privacy,
        .forward_hops = (uint8_t)(outer->forward_hops + 1),
        .forwarded = true,
        .keep_caller_id = t->forward.keep_caller_id,
        .forward_user = t->forward.user,
        .now_ms = outer->now_ms,
    };
    int err;

    e->steps++;
    e->call = &call;
    cx_route(e->image, e->cluster, e->env, &call, inner);
    err = show(e, inner, depth);
    e->call = outer;
    return err;
}

static int legs(struct explain *e, const struct cx_step *step, unsigned depth)
{
    struct cx_step *inner = NULL;
    unsigned n = 0;
    int err = 0;

    for (uint16_t i = 0; step->kind == CX_STEP_RING && i < step->u.ring.count && err == 0; i++) {
        const struct cx_target *t = &step->u.ring.targets[i];
        if (t->forward.number.len == 0)
            continue;
        if (n == 0 && (depth / 2 >= DEPTH_MAX || e->steps > STEPS_MAX))
            return 0; /* the turns say so */
        if (!inner && !(inner = malloc(sizeof(*inner))))
            return -ENOMEM;
        if (e->form == CX_EXPLAIN_TEXT) {
            indent(e, depth);
            put(e, "  the leg to %.*s:\n", (int)t->forward.number.len, t->forward.number.s);
        } else
            put(e, "%s", n ? "," : ",\"legs\":[");
        n++;
        err = leg(e, step, t, inner, depth + 2);
    }
    if (n > 0 && e->form == CX_EXPLAIN_JSON)
        put(e, "]");
    free(inner);
    return err;
}

static int show(struct explain *e, const struct cx_step *step, unsigned depth)
{
    struct turn turns[TURNS_MAX];
    unsigned n = turns_of(e, step, turns);
    struct cx_step *next = NULL;
    char name[64];
    int err;

    if (e->form == CX_EXPLAIN_TEXT)
        text_step(e, step, depth);
    else
        json_step(e, step);
    err = legs(e, step, depth);
    if (n > 0 && is_deep(e, depth))
        n = 0;
    if (n > 0 && !(next = malloc(sizeof(*next))))
        return -ENOMEM;
    for (unsigned i = 0; i < n && err == 0; i++) {
        e->steps++;
        cx_route_next(e->image, e->cluster, e->env, e->call, &step->cursor, turns[i].outcome,
                      turns[i].code, turns[i].key, next);
        turn_name(&turns[i], name, sizeof(name));
        if (e->form == CX_EXPLAIN_TEXT) {
            indent(e, depth);
            put(e, "  %s:\n", name);
        } else {
            put(e, "%s", i ? "," : ",\"then\":{");
            put_json(e, z(name));
            put(e, ":");
        }
        err = show(e, next, depth + 2);
    }
    free(next);
    if (e->form == CX_EXPLAIN_JSON)
        put(e, n > 0 ? "}}" : "}");
    return err;
}

int cx_explain(const struct cx_image *image, const struct cx_image *cluster,
               const struct cx_env *env, const struct cx_call *call, enum cx_explain_form form,
               cx_write_h *write, void *arg)
{
    struct explain e = {image, cluster, env, call, form, write, arg, 0};
    struct cx_step *step = malloc(sizeof(*step));
    int err;

    if (!step)
        return -ENOMEM;
    cx_route(image, cluster, env, call, step);
    err = show(&e, step, 0);
    free(step);
    return err;
}
