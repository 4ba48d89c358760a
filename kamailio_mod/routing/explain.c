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

static void text_step(struct explain *e, const struct cx_step *step, unsigned depth)
{
    indent(e, depth);
    switch (step->kind) {
    case CX_STEP_RING:
        put(e, "rings for %u s as \"%.*s\" %.*s:", step->u.ring.timeout_s,
            (int)step->caller_name.len, step->caller_name.s ? step->caller_name.s : "",
            (int)step->caller_number.len, step->caller_number.s ? step->caller_number.s : "");
        for (uint16_t i = 0; i < step->u.ring.count; i++) {
            const struct cx_target *t = &step->u.ring.targets[i];
            struct cx_str name = t->route_uri.len ? t->route_uri : t->username;
            put(e, " %.*s", (int)name.len, name.s);
        }
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

static void json_step(struct explain *e, const struct cx_step *step)
{
    char hex[33];

    put(e, "{\"step\":\"%s\"", kind_name(step));
    switch (step->kind) {
    case CX_STEP_RING:
        put(e, ",\"timeout\":%u,\"devices\":[", step->u.ring.timeout_s);
        for (uint16_t i = 0; i < step->u.ring.count; i++) {
            const struct cx_target *t = &step->u.ring.targets[i];
            cx_id_format(t->device, hex);
            put(e, "%s{\"id\":\"%s\",\"username\":", i ? "," : "", hex);
            put_json(e, t->route_uri.len ? t->route_uri : t->username);
            put(e, ",\"delay\":%u}", t->delay_s);
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

/* The ways in which a step can end, and its name for each. */
static unsigned outcomes_of(const struct cx_step *step, enum cx_outcome outcomes[4],
                            const char *names[4])
{
    unsigned n = 0;

    if (step->kind == CX_STEP_RING) {
        outcomes[n] = CX_OUT_NO_ANSWER;
        names[n++] = "no answer";
        outcomes[n] = CX_OUT_BUSY;
        names[n++] = "busy";
        outcomes[n] = CX_OUT_REJECTED;
        names[n++] = "declined";
    } else if (step->kind == CX_STEP_OUTBOUND) {
        outcomes[n] = CX_OUT_NO_ANSWER;
        names[n++] = "no answer";
        outcomes[n] = CX_OUT_BUSY;
        names[n++] = "busy";
        outcomes[n] = CX_OUT_FAILED;
        names[n++] = "no gateway works";
    } else if (step->kind == CX_STEP_SERVICE && step->u.service.name.len == 4 &&
               memcmp(step->u.service.name.s, "play", 4) == 0 &&
               !memmem(step->u.service.params.s, step->u.service.params.len, "answer=1", 8)) {
        outcomes[n] = CX_OUT_CONTINUE;
        names[n++] = "afterwards";
    }
    return n;
}

static const uint16_t codes[] = {[CX_OUT_BUSY] = 486,
                                 [CX_OUT_NO_ANSWER] = 480,
                                 [CX_OUT_REJECTED] = 603,
                                 [CX_OUT_FAILED] = 503,
                                 [CX_OUT_CONTINUE] = 0};

static int show(struct explain *e, const struct cx_step *step, unsigned depth)
{
    enum cx_outcome outcomes[4];
    const char *names[4];
    unsigned n = outcomes_of(step, outcomes, names);
    struct cx_step *next;
    int err = 0;

    if (e->form == CX_EXPLAIN_TEXT)
        text_step(e, step, depth);
    else
        json_step(e, step);
    if (n > 0 && (depth / 2 >= DEPTH_MAX || e->steps > STEPS_MAX)) {
        put(e, e->form == CX_EXPLAIN_TEXT ? "    (and so on)\n" : ",\"more\":true");
        n = 0;
    }
    next = n > 0 ? malloc(sizeof(*next)) : NULL;
    if (n > 0 && !next)
        return -ENOMEM;
    if (n > 0 && e->form == CX_EXPLAIN_JSON)
        put(e, ",\"then\":{");
    for (unsigned i = 0; i < n && err == 0; i++) {
        e->steps++;
        cx_route_next(e->image, e->cluster, e->env, e->call, &step->cursor, outcomes[i],
                      codes[outcomes[i]], (struct cx_str){0}, next);
        if (e->form == CX_EXPLAIN_TEXT) {
            indent(e, depth);
            put(e, "  %s:\n", names[i]);
            err = show(e, next, depth + 2);
        } else {
            put(e, "%s\"%s\":", i ? "," : "", names[i]);
            err = show(e, next, depth + 2);
        }
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
