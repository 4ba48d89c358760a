/*
 * route.c - see route.h: finds the callflow, walks its tree.
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "nodes/nodes.h"
#include "number.h"
#include "pattern.h"

void cx_trace_add(struct cx_decide *d, enum cx_trace_kind kind, struct cx_id document,
                  const char *reason, struct cx_str detail)
{
    struct cx_step *step = d->step;

    if (step->trace_count < CX_TRACE_MAX)
        step->trace[step->trace_count++] =
            (struct cx_trace){(uint8_t)kind, document, reason, detail};
}

struct cx_str cx_text_make(struct cx_step *step, const char *format, ...)
{
    size_t room = sizeof(step->text) - step->text_len;
    char *at = step->text + step->text_len;
    va_list ap;
    int n;

    va_start(ap, format);
    n = vsnprintf(at, room, format, ap);
    va_end(ap);
    if (n < 0)
        n = 0;
    if ((size_t)n >= room)
        n = (int)room - 1;
    /* the NUL stays, so that a text can also be used as a C string */
    step->text_len = (uint16_t)(step->text_len + (size_t)n + ((size_t)n + 1 < room ? 1 : 0));
    return (struct cx_str){at, (uint32_t)n};
}

void cx_step_reply(struct cx_decide *d, uint16_t code, const char *reason)
{
    d->step->kind = CX_STEP_REPLY;
    d->step->u.reply.code = code;
    d->step->u.reply.reason = cx_z(reason);
    cx_trace_add(d, CX_TRACE_REPLY, (struct cx_id){{0}}, reason, (struct cx_str){0});
}

/* RFC 3261 token characters stay, the rest is percent-encoded. */
static void escape(char *to, size_t size, const char *text)
{
    size_t n = 0;

    for (; *text && n + 4 < size; text++) {
        unsigned char c = (unsigned char)*text;
        if ((c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
            strchr("-.!*_+`'~/", c))
            to[n++] = (char)c;
        else
            n += (size_t)snprintf(to + n, 4, "%%%02X", c);
    }
    to[n] = '\0';
}

void cx_step_announce(struct cx_decide *d, const char *prompt, uint16_t code, const char *reason)
{
    char p[200], r[200];

    escape(p, sizeof(p), prompt);
    escape(r, sizeof(r), reason);
    d->step->kind = CX_STEP_SERVICE;
    d->step->u.service.name = cx_z("announce");
    d->step->u.service.params = cx_text_make(d->step, "prompt=%s;code=%u;reason=%s", p, code, r);
    cx_trace_add(d, CX_TRACE_REPLY, (struct cx_id){{0}}, reason, (struct cx_str){0});
    cx_show_caller_inside(d);
}

const char *cx_escape(struct cx_decide *d, struct cx_str text)
{
    static const char hex[] = "0123456789ABCDEF";
    struct cx_step *step = d->step;
    char *to = step->text + step->text_len;
    size_t room = sizeof(step->text) - step->text_len, n = 0;

    for (uint32_t i = 0; i < text.len && n + 4 < room; i++) {
        unsigned char c = (unsigned char)text.s[i];
        if ((c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
            (c && strchr("-.!*_+`'~/", c)))
            to[n++] = (char)c;
        else {
            to[n++] = '%';
            to[n++] = hex[c >> 4];
            to[n++] = hex[c & 15];
        }
    }
    if (room == 0)
        return "";
    to[n] = '\0';
    step->text_len = (uint16_t)(step->text_len + n + 1);
    return to;
}

void cx_step_service(struct cx_decide *d, const char *name, const char *format, ...)
{
    char params[CX_STEP_PARAMS_MAX];
    va_list ap;

    va_start(ap, format);
    vsnprintf(params, sizeof(params), format, ap);
    va_end(ap);
    d->step->kind = CX_STEP_SERVICE;
    d->step->u.service.name = cx_z(name);
    d->step->u.service.params = cx_text_make(d->step, "%s", params);
    d->step->u.service.affinity = (struct cx_str){0};
    cx_show_caller_inside(d);
}

void cx_service_add(struct cx_decide *d, const char *format, ...)
{
    char params[CX_STEP_PARAMS_MAX];
    struct cx_str had = d->step->u.service.params;
    va_list ap;

    va_start(ap, format);
    vsnprintf(params, sizeof(params), format, ap);
    va_end(ap);
    d->step->u.service.params =
        cx_text_make(d->step, "%.*s%s%s", (int)had.len, had.s, had.len ? ";" : "", params);
}

static void reset(struct cx_step *step)
{
    /* not all of it: the tables are large, and their counts say what of them is valid */
    memset(step, 0, offsetof(struct cx_step, u));
    memset(&step->cursor, 0, sizeof(step->cursor));
    step->u.ring.count = 0;
    step->u.service.affinity = (struct cx_str){0};
    step->trace_count = 0;
    step->text_len = 0;
    step->text[0] = '\0';
}

/* ---- finding the callflow */

static bool is_digits(struct cx_str s)
{
    uint32_t i = s.len && s.s[0] == '+' ? 1 : 0;

    if (i >= s.len)
        return false;
    for (; i < s.len; i++)
        if (s.s[i] < '0' || s.s[i] > '9')
            return false;
    return true;
}

/* The pattern whose longest captured group is longest; the first of equals. */
static uint32_t by_pattern(struct cx_decide *d)
{
    const struct cx_pattern_row *rows = cx_table(d->image, CX_T_PATTERN);
    const uint32_t *code = cx_table(d->image, CX_T_CODE);
    uint32_t best = CX_NONE;
    struct cx_str capture;

    for (uint32_t i = 0; i < cx_count(d->image, CX_T_PATTERN); i++) {
        if (!cx_pattern_run(code + rows[i].code_first, rows[i].code_count, d->call->dialled,
                            &capture))
            continue;
        if (best != CX_NONE && capture.len <= d->capture.len)
            continue;
        best = rows[i].callflow;
        d->capture = capture;
        cx_trace_add(d, CX_TRACE_NUMBER,
                     CX_ROWS(d->image, CX_T_CALLFLOW, struct cx_callflow)[best].id,
                     "pattern matches", cx_pool(d->image, rows[i].text));
    }
    return best;
}

uint32_t cx_find_number_flow(struct cx_decide *d, struct cx_str number, const char *reason)
{
    uint32_t callflow;

    if (!cx_find_entry(d->image, number, &callflow))
        return CX_NONE;
    cx_trace_add(d, CX_TRACE_NUMBER,
                 CX_ROWS(d->image, CX_T_CALLFLOW, struct cx_callflow)[callflow].id, reason, number);
    return callflow;
}

/* The callflow that the digits name: as they are, or as an E.164 number with or without its plus.
 */
static uint32_t by_digits(struct cx_decide *d, struct cx_str dialled, struct cx_str e164)
{
    uint32_t callflow = cx_find_number_flow(d, dialled, "callflow with this number");

    if (callflow == CX_NONE && cx_str_compare(e164, dialled) != 0)
        callflow = cx_find_number_flow(d, e164, "callflow with this number");
    if (callflow == CX_NONE && e164.len > 1 && e164.s[0] == '+')
        callflow = cx_find_number_flow(d, (struct cx_str){e164.s + 1, e164.len - 1},
                                       "callflow with this number");
    return callflow;
}

/* A phone dialled what nobody inside has: no_match decides, or it goes out. CX_NONE: the step is
 * made. */
static uint32_t by_default(struct cx_decide *d, struct cx_str dialled, struct cx_str e164,
                           bool emergency)
{
    uint32_t no_match = d->image->no_match;

    if (emergency || (no_match == CX_NONE && is_digits(e164) && e164.s[0] == '+')) {
        cx_step_outbound(d, dialled, CX_CARRIERS_ANY);
        return CX_NONE;
    }
    if (no_match == CX_NONE || !is_digits(e164)) {
        cx_trace_add(d, CX_TRACE_NUMBER, d->image->account, "nobody has this number", dialled);
        cx_step_announce(d, "not_found", 404, "Not Found");
        return CX_NONE;
    }
    cx_trace_add(d, CX_TRACE_NUMBER,
                 CX_ROWS(d->image, CX_T_CALLFLOW, struct cx_callflow)[no_match].id,
                 "no_match callflow", e164);
    return no_match;
}

/* From the callflow's root; the account's preflow goes before it. */
static void enter_flow(struct cx_decide *d, uint32_t callflow)
{
    const struct cx_callflow *flows = cx_table(d->image, CX_T_CALLFLOW);
    struct cx_cursor *c = cx_state(d);
    uint32_t first = d->image->preflow;

    CX_STATE_PUT(c->capture, d->capture);
    if (first == CX_NONE || first == callflow)
        first = callflow;
    else {
        cx_trace_add(d, CX_TRACE_NODE, flows[first].id, "the account's preflow",
                     (struct cx_str){0});
        c->frames[c->frame_count++] = (struct cx_frame){flows[callflow].id, CX_FRAME_ROOT};
    }
    cx_walk(d, &flows[first], flows[first].first_node);
}

/* "**" and a box's number: a forward may go to a voicemail box, whether the account has a feature
 * code for that or not. */
static bool to_box(struct cx_decide *d)
{
    struct cx_str dialled = d->call->dialled;
    struct cx_node n = {.module = CX_MODULE_voicemail, .ref = CX_NONE};

    if (!d->call->forwarded || dialled.len < 3 || memcmp(dialled.s, "**", 2) != 0)
        return false;
    d->capture = (struct cx_str){dialled.s + 2, dialled.len - 2};
    CX_STATE_PUT(cx_state(d)->capture, d->capture);
    return cx_modules[n.module].run(d, &n) == CX_DONE_STEP;
}

/* Calls are denied to extensions that share no group with the caller, and this is one. */
static bool is_other_group(struct cx_decide *d, uint32_t callflow)
{
    const struct cx_member *members;
    struct cx_member one = {0};
    struct cx_id who;
    uint32_t count;
    const char *why = cx_denied_by(d, CX_DENY_OTHER_GROUPS, &who);

    if (!why || !cx_flow_rings(d, callflow, &one, &members, &count) || members != &one)
        return false;
    if (cx_share_group(d,
                       one.kind == CX_MEMBER_USER
                           ? &CX_ROWS(d->image, CX_T_USER, struct cx_user)[one.ref]
                           : NULL,
                       one.kind == CX_MEMBER_DEVICE
                           ? &CX_ROWS(d->image, CX_T_DEVICE, struct cx_device)[one.ref]
                           : NULL))
        return false;
    cx_trace_add(d, CX_TRACE_RESTRICTION, who, why, cx_z("closed_groups"));
    cx_step_announce(d, "unauthorized", 403, "Forbidden: not in the caller's groups");
    return true;
}

/* What the phone dialled, as E.164 where it can be. */
static struct cx_str to_e164(struct cx_decide *d, struct cx_str dialled)
{
    char text[CX_NUMBER_MAX];
    struct cx_str e164 = d->call->from == CX_FROM_DEVICE ? cx_dial_plan(d, dialled) : dialled;

    e164 = cx_number_normalise(d->image->country, e164, text);
    return cx_text_make(d->step, "%.*s", (int)e164.len, e164.s);
}

static void start(struct cx_decide *d)
{
    struct cx_str dialled = d->call->dialled, e164;
    bool emergency = cx_is_emergency(dialled);
    uint32_t callflow = CX_NONE;

    d->dialled = dialled;
    if (cx_block_caller(d, CX_NONE))
        return;
    e164 = to_e164(d, dialled);
    /* An emergency number can be no extension; a row edited by hand must not make it one. */
    if (!emergency)
        callflow = by_digits(d, dialled, e164);
    if (callflow != CX_NONE && d->call->from == CX_FROM_DEVICE && is_other_group(d, callflow))
        return;
    if (callflow == CX_NONE && !emergency && d->call->from == CX_FROM_DEVICE)
        callflow = by_pattern(d);
    if (callflow == CX_NONE && d->call->from != CX_FROM_DEVICE) {
        /* Nobody of outside may use this account to call on. */
        cx_trace_add(d, CX_TRACE_NUMBER, d->image->account, "no callflow has this number", e164);
        cx_step_reply(d, 404, "Not Found");
        return;
    }
    if (callflow == CX_NONE && to_box(d))
        return;
    if (callflow == CX_NONE)
        callflow = by_default(d, dialled, e164, emergency);
    if (callflow != CX_NONE)
        enter_flow(d, callflow);
}

enum cx_done cx_dial(struct cx_decide *d, struct cx_str number)
{
    struct cx_str e164 = to_e164(d, number);
    bool emergency = cx_is_emergency(number);
    uint32_t callflow = emergency ? CX_NONE : by_digits(d, number, e164);

    d->capture = number;
    CX_STATE_PUT(cx_state(d)->capture, number);
    if (callflow != CX_NONE && d->call->from == CX_FROM_DEVICE && is_other_group(d, callflow))
        return CX_DONE_STEP;
    if (callflow == CX_NONE && d->call->from != CX_FROM_DEVICE) {
        cx_trace_add(d, CX_TRACE_NUMBER, d->image->account, "no callflow has this number", e164);
        cx_step_reply(d, 404, "Not Found");
        return CX_DONE_STEP;
    }
    if (callflow == CX_NONE)
        callflow = by_default(d, number, e164, emergency);
    if (callflow == CX_NONE)
        return CX_DONE_STEP;
    d->jump = callflow;
    return CX_DONE_JUMP;
}

enum cx_done cx_dial_last(struct cx_decide *d, bool dialled)
{
    char number[CX_NUMBER_MAX];
    size_t len;

    if (!cx_is_phone(d))
        return CX_DONE_STEP;
    len = d->env->last_number
              ? d->env->last_number(d->env->arg, d->device->id, dialled, number, sizeof(number))
              : 0;
    if (len == 0 || len >= sizeof(number)) {
        cx_trace_add(d, CX_TRACE_NUMBER, d->device->id,
                     dialled ? "this phone has called nobody yet" : "nobody has called this phone",
                     (struct cx_str){0});
        cx_step_announce(d, "not_found", 404, "No number to call");
        return CX_DONE_STEP;
    }
    cx_trace_add(d, CX_TRACE_NUMBER, d->device->id, dialled ? "calls again" : "calls back",
                 cx_text_make(d->step, "%.*s", (int)len, number));
    return cx_dial(d, cx_text_make(d->step, "%.*s", (int)len, number));
}

bool cx_is_phone(struct cx_decide *d)
{
    if (d->device && d->call->from == CX_FROM_DEVICE && !d->call->forwarded)
        return true;
    cx_trace_add(d, CX_TRACE_RESTRICTION, d->image->account,
                 "only phones of the account may do this", (struct cx_str){0});
    cx_step_announce(d, "unauthorized", 403, "Only for phones of the account");
    return false;
}

/* The facts that a worker gives back when it continues the tree. */
static void remember_call(struct cx_decide *d)
{
    struct cx_cursor *c = cx_state(d);

    CX_STATE_PUT(c->dialled, d->call->dialled);
    CX_STATE_PUT(c->caller_name, d->call->caller_name);
    CX_STATE_PUT(c->caller_number, d->call->caller_number);
    c->forward_user = d->call->forward_user;
    c->flags = (uint8_t)((d->call->anonymous ? CX_CURSOR_ANONYMOUS : 0) |
                         (d->call->keep_caller_id ? CX_CURSOR_KEEP_CALLER : 0) |
                         (d->call->forwarded ? CX_CURSOR_FORWARDED : 0));
}

/* Who calls. False: the call was answered with a refusal. */
static bool find_caller(struct cx_decide *d)
{
    const struct cx_user *users = cx_table(d->image, CX_T_USER);
    bool account;

    if (!d->image->enabled) {
        cx_trace_add(d, CX_TRACE_SOURCE, d->image->account, "account is disabled",
                     (struct cx_str){0});
        cx_step_reply(d, d->call->from == CX_FROM_DEVICE ? 403 : 404, "Account is disabled");
        return false;
    }
    if (d->call->from != CX_FROM_DEVICE) {
        cx_trace_add(d, CX_TRACE_SOURCE, d->image->account,
                     d->call->from == CX_FROM_CARRIER ? "call of a carrier"
                                                      : "call of another account",
                     d->call->caller_number);
        return true;
    }
    d->device = cx_find_device(d->image, d->call->device);
    if (d->call->forwarded)
        d->user = cx_find_user(d->image, d->call->forward_user);
    /* a fax of a box without an owner: the account itself calls, under the account's restrictions
     */
    account = d->call->forwarded && cx_id_is_zero(d->call->device) &&
              cx_id_is_zero(d->call->forward_user);
    if (!d->device && !d->user && !account) {
        cx_step_reply(d, 403, "Device does not exist");
        return false;
    }
    if (d->call->forwarded) {
        cx_trace_add(d, CX_TRACE_SOURCE,
                     d->user     ? d->user->id
                     : d->device ? d->device->id
                                 : d->image->account,
                     account ? "the account calls" : "forwards the call", d->call->dialled);
        return true;
    }
    if (d->device->owner != CX_NONE)
        d->user = &users[d->device->owner];
    cx_trace_add(d, CX_TRACE_SOURCE, d->device->id, "device calls",
                 cx_pool(d->image, d->device->name));
    if (!(d->device->flags & CX_DEVICE_ENABLED) ||
        (d->user && !(d->user->flags & CX_USER_ENABLED))) {
        cx_step_reply(d, 403,
                      d->user && (d->device->flags & CX_DEVICE_ENABLED) ? "User is disabled"
                                                                        : "Device is disabled");
        return false;
    }
    return true;
}

void cx_route(const struct cx_image *image, const struct cx_image *cluster,
              const struct cx_env *env, const struct cx_call *call, struct cx_step *step)
{
    struct cx_decide d = {
        .image = image, .cluster = cluster, .env = env, .call = call, .step = step, .previous = -1};

    reset(step);
    remember_call(&d);
    if (find_caller(&d))
        start(&d);
    cx_dress(&d);
}

static const char *cause_of(enum cx_outcome outcome)
{
    switch (outcome) {
    case CX_OUT_BUSY:
        return "USER_BUSY";
    case CX_OUT_NO_ANSWER:
        return "NO_ANSWER";
    case CX_OUT_UNREACHABLE:
        return "USER_NOT_REGISTERED";
    case CX_OUT_REJECTED:
        return "CALL_REJECTED";
    case CX_OUT_FAILED:
        return "NORMAL_TEMPORARY_FAILURE";
    default:
        return "";
    }
}

/* The key of the child to go to: the cause, the SIP code, or what a service said. */
static struct cx_str key_for(struct cx_decide *d, const struct cx_node *node,
                             enum cx_outcome outcome, uint16_t sip_code, struct cx_str key)
{
    const char *cause = cause_of(outcome);

    if (outcome == CX_OUT_CONTINUE)
        return key;
    if (cause[0] && cx_has_child(d->image, node, cx_z(cause)))
        return cx_z(cause);
    return cx_text_make(d->step, "sip:%u", sip_code);
}

/* The node that the cursor stands on. CX_NONE: the callflow has lost it, or there is none. */
static uint32_t cursor_node(struct cx_decide *d, const struct cx_callflow **flow)
{
    const struct cx_cursor *at = cx_state(d);
    uint32_t node;

    *flow = cx_id_is_zero(at->callflow) ? NULL : cx_find_callflow(d->image, at->callflow);
    node = *flow ? cx_find_node(d->image, *flow, at->node, at->path_hash) : CX_NONE;
    if (*flow && node == CX_NONE)
        cx_trace_add(d, CX_TRACE_NODE, (*flow)->id, "the callflow changed during the call",
                     (struct cx_str){0});
    return node;
}

/* Continues below the node that the cursor stands on. */
static void next(struct cx_decide *d, enum cx_outcome outcome, uint16_t sip_code, struct cx_str key)
{
    const struct cx_callflow *flow;
    uint32_t node = cursor_node(d, &flow);

    if (node != CX_NONE) {
        const struct cx_node *n = &CX_ROWS(d->image, CX_T_NODE, struct cx_node)[node];
        if (cx_walk_again(d, flow, node, outcome, sip_code))
            return;
        d->previous = n->module;
        node = cx_child(d->image, n, key_for(d, n, outcome, sip_code, key));
    }
    if (node != CX_NONE)
        cx_walk(d, flow, node);
    else {
        cx_walk_up(d, outcome, sip_code);
        if (flow && cx_id_is_zero(d->step->callflow))
            d->step->callflow = flow->id;
    }
}

/* Takes over what the cursor remembers. False: the caller is refused, the step is made. */
static bool resume(struct cx_decide *d, const struct cx_cursor *at)
{
    d->step->cursor = *at;
    if (d->call->answered)
        d->step->cursor.flags |= CX_CURSOR_ANSWERED;
    d->dialled = d->call->dialled;
    /* a text of its own: the cursor of the step that is made here may be written over */
    d->capture = cx_text_make(d->step, "%s", at->capture);
    return find_caller(d);
}

void cx_route_next(const struct cx_image *image, const struct cx_image *cluster,
                   const struct cx_env *env, const struct cx_call *call,
                   const struct cx_cursor *cursor, enum cx_outcome outcome, uint16_t sip_code,
                   struct cx_str key, struct cx_step *step)
{
    struct cx_decide d = {
        .image = image, .cluster = cluster, .env = env, .call = call, .step = step, .previous = -1};
    struct cx_cursor at = *cursor; /* it may lie in *step */

    reset(step);
    cx_trace_add(&d, CX_TRACE_OUTCOME, at.callflow,
                 outcome == CX_OUT_CONTINUE ? "service is done" : cause_of(outcome),
                 (struct cx_str){0});
    if (resume(&d, &at))
        next(&d, outcome, sip_code, key);
    cx_dress(&d);
}

/* Only services that ask for a number: anything else is no way into the account. */
static void dial(struct cx_decide *d, struct cx_str number)
{
    static const struct {
        enum cx_module module;
        cx_dial_h *dial;
    } table[] = {{CX_MODULE_menu, cx_dial_menu},
                 {CX_MODULE_disa, cx_dial_disa},
                 {CX_MODULE_directory, cx_dial_directory}};
    const struct cx_callflow *flow;
    uint32_t node = cursor_node(d, &flow);
    enum cx_done done = CX_DONE_NEXT;

    for (size_t i = 0; node != CX_NONE && i < sizeof(table) / sizeof(*table); i++) {
        const struct cx_node *n = &CX_ROWS(d->image, CX_T_NODE, struct cx_node)[node];
        if (n->module == table[i].module)
            done = table[i].dial(d, n, number);
    }
    if (done == CX_DONE_NEXT) {
        cx_trace_add(d, CX_TRACE_NUMBER, d->image->account, "nobody has the number typed", number);
        cx_step_reply(d, 404, "Not Found");
    } else
        cx_walk_done(d, flow, node, done);
}

void cx_route_dial(const struct cx_image *image, const struct cx_image *cluster,
                   const struct cx_env *env, const struct cx_call *call,
                   const struct cx_cursor *cursor, struct cx_str number, struct cx_step *step)
{
    struct cx_decide d = {
        .image = image, .cluster = cluster, .env = env, .call = call, .step = step, .previous = -1};
    struct cx_cursor at = *cursor;

    reset(step);
    cx_trace_add(&d, CX_TRACE_OUTCOME, at.callflow, "the caller typed", number);
    if (resume(&d, &at))
        dial(&d, number);
    cx_dress(&d);
}
