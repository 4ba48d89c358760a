/*
 * record.c - see record.h.
 *
 * The order is a MESSAGE of our own to one worker, in a transaction of its own; one that does not
 * take it is followed by the next. The recording's id is made of the Call-ID, so that an order that
 * comes twice (or for two legs of one call) makes one recording.
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/fmsg.h"
#include "core/mem/shm_mem.h"
#include "core/usr_avp.h"
#include "modules/tm/h_table.h"
#include "routing/image.h"

#include "cdr.h"
#include "execute.h"
#include "metrics.h"
#include "record.h"
#include "source.h"
#include "tm_api.h"

enum { WORKERS_MAX = 4 };

/* In shared memory while a step waits for its answer. */
struct cx_record {
    struct cx_record_rule rule; /* the step's own */
    uint16_t stage, count;
    struct {
        struct cx_record_rule rule;
        struct cx_id owner;
    } targets[];
};

/* In shared memory while workers are asked. */
struct order {
    unsigned tries;
    int len;
    char body[];
};

void cx_record_release(struct cx_context *ctx)
{
    if (ctx->record)
        shm_free(ctx->record);
    ctx->record = NULL;
}

void cx_record_note(struct cx_context *ctx, const struct cx_step *step)
{
    uint16_t count = step->kind == CX_STEP_RING ? step->u.ring.count : 0;
    bool wanted = step->record.on;
    struct cx_record *r;

    cx_record_release(ctx);
    for (uint16_t i = 0; i < count; i++)
        wanted |= step->u.ring.targets[i].record.on;
    if (!wanted || (step->kind != CX_STEP_RING && step->kind != CX_STEP_OUTBOUND))
        return;
    r = shm_malloc(sizeof(*r) + count * sizeof(r->targets[0]));
    if (!r) {
        cx_count(records_lost);
        LM_ERR("call %s: no memory to remember that it is to be recorded\n", ctx->call_id);
        return;
    }
    r->rule = step->record;
    r->count = count;
    for (uint16_t i = 0; i < count; i++) {
        r->targets[i].rule = step->u.ring.targets[i].record;
        r->targets[i].owner = step->u.ring.targets[i].owner;
    }
    ctx->record = r;
}

/* Which target answered? A branch's ruid says "cx<stage>.<target>". -1: no target of a RING. */
static int target_of(const struct cx_context *ctx, const struct cell *t)
{
    unsigned stage, target;
    int b = t->relayed_reply_branch;
    char ruid[24];

    if (ctx->kind != CX_STEP_RING || b < 0 || b >= t->nr_of_outgoings)
        return -1;
    cx_copy(ruid, sizeof(ruid), cx_str_of(t->uac[b].ruid));
    if (sscanf(ruid, "cx%u.%u", &stage, &target) != 2 || stage != ctx->stage ||
        target >= ctx->record->count)
        return -1;
    return (int)target;
}

static json_t *hex(struct cx_id id)
{
    char text[33] = "";

    if (!cx_id_is_zero(id))
        cx_id_format(id, text);
    return json_string(text);
}

/* Texts of the call are whatever the phones sent: what is no UTF-8 is left out. */
static json_t *text(const char *s)
{
    json_t *value = json_string(s);

    return value ? value : json_string("");
}

static json_t *rtpengine_of(void)
{
    avp_name_t name = {.s = str_init("rtpengine")};
    avp_value_t value;

    if (!search_first_avp(AVP_NAME_STR | AVP_VAL_STR, name, &value, NULL))
        return json_string("");
    return json_stringn(value.s.s, (size_t)value.s.len);
}

static char *order_text(const struct cx_context *ctx, const struct cx_record_rule *rule,
                        struct cx_id owner)
{
    static const char *const scopes[] = {"callflow", "account", "endpoint"};
    bool shown = ctx->from == CX_FROM_DEVICE && ctx->show_number[0];
    char origin[80], *body;
    json_t *o;

    if (rule->scope == CX_RECORD_BY_CALLFLOW)
        snprintf(origin, sizeof(origin), "callflow");
    else
        snprintf(origin, sizeof(origin), "%s %s %s to %s", rule->outbound ? "outbound" : "inbound",
                 rule->outbound ? "to" : "from", rule->offnet ? "offnet" : "onnet",
                 scopes[rule->scope]);
    o = json_pack(
        "{s:o, s:o, s:o, s:o, s:o, s:s, s:s, s:o, s:o, s:o, s:s, s:i, s:i, s:o, s:o, s:o, s:o, "
        "s:o, s:o, s:o}",
        "id",
        hex(cx_cdr_id((struct cx_str){ctx->call_id, (uint32_t)strlen(ctx->call_id)},
                      (struct cx_str){"recording", 9})),
        "account_id", hex(ctx->in_account), "owner_id", hex(owner), "interaction_id",
        hex(ctx->interaction), "cdr_id",
        hex(cx_cdr_id((struct cx_str){ctx->call_id, (uint32_t)strlen(ctx->call_id)},
                      (struct cx_str){ctx->from_tag, (uint32_t)strlen(ctx->from_tag)})),
        "origin", origin, "direction", rule->outbound ? "outbound" : "inbound", "call_id",
        text(ctx->call_id), "from_tag", text(ctx->from_tag), "ng", rtpengine_of(), "format",
        rule->wav ? "wav" : "mp3", "limit_s", (int)rule->limit_s, "least_s", (int)rule->least_s,
        "from_uri", text(ctx->from_uri), "to_uri", text(ctx->to_uri), "request",
        text(ctx->request_uri), "caller_id_name", text(shown ? ctx->show_name : ctx->caller_name),
        "caller_id_number", text(shown ? ctx->show_number : ctx->caller_number), "callee_id_name",
        text(ctx->callee_name), "callee_id_number",
        text(ctx->callee_number[0] ? ctx->callee_number : ctx->dialled));
    body = o ? json_dumps(o, JSON_COMPACT) : NULL;
    json_decref(o);
    return body;
}

static void send_order(struct order *order);

static void order_done(struct cell *t, int type, struct tmcb_params *ps)
{
    struct order *order = *ps->param;

    (void)t;
    (void)type;
    if (ps->code >= 200 && ps->code < 300) {
        shm_free(order);
        return;
    }
    LM_WARN("a worker did not take a recording: %d\n", ps->code);
    send_order(order);
}

/* Takes the order over: it is freed when a worker has it, or none will. */
static void send_order(struct order *order)
{
    static str method = str_init("MESSAGE"),
               headers = str_init("Content-Type: application/json\r\n"),
               from = str_init("sip:record@centrex.invalid");
    struct sip_msg *fake = faked_msg_get_next();
    str uri, hop = {0}, body = {order->body, order->len};
    char u[160], h[128];
    uac_req_t request;

    if (order->tries++ < WORKERS_MAX && fake &&
        cx_dispatcher.select(fake, cx_execute_config.worker_set, cx_execute_config.worker_algorithm,
                             0) >= 0 &&
        fake->dst_uri.len > 4 && fake->dst_uri.len < (int)sizeof(h)) {
        memcpy(h, fake->dst_uri.s, (size_t)fake->dst_uri.len);
        hop = (str){h, fake->dst_uri.len};
    }
    if (fake)
        reset_dst_uri(fake);
    if (hop.len) {
        uri.s = u;
        uri.len = snprintf(u, sizeof(u), "sip:record@%.*s", hop.len - 4, h + 4);
        set_uac_req(&request, &method, &headers, &body, NULL, TMCB_LOCAL_COMPLETED, order_done,
                    order);
        if (cx_tm.t_request(&request, &uri, &uri, &from, &hop) >= 0)
            return;
    }
    cx_count(records_lost);
    LM_ERR("no worker takes a recording: %.*s\n", order->len, order->body);
    shm_free(order);
}

void cx_record_answered(const struct cx_context *ctx, const struct cell *t)
{
    const struct cx_record_rule *rule;
    struct cx_id owner = {{0}};
    struct order *order;
    char *body;
    int target;

    if (!ctx->record)
        return;
    target = target_of(ctx, t);
    rule = &ctx->record->rule;
    if (!rule->on && target >= 0)
        rule = &ctx->record->targets[target].rule;
    if (!rule->on)
        return;
    if (rule->outbound)
        owner = ctx->caller_owner;
    else if (target >= 0)
        owner = ctx->record->targets[target].owner;
    cx_count(records_asked);
    body = order_text(ctx, rule, owner);
    order = body ? shm_malloc(sizeof(*order) + strlen(body)) : NULL;
    if (order) {
        order->tries = 0;
        order->len = (int)strlen(body);
        memcpy(order->body, body, strlen(body));
        send_order(order);
    } else {
        cx_count(records_lost);
        LM_ERR("call %s: no memory to have it recorded\n", ctx->call_id);
    }
    free(body);
}
