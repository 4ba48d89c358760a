/*
 * execute.c - see execute.h.
 *
 * A loop over steps: each either makes branches and returns to the script, answers the request, or
 * comes to an outcome at once (nobody registered, no worker up) and goes on with the next step.
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "core/data_lump.h"
#include "core/dset.h"
#include "core/mem/shm_mem.h"
#include "core/parser/parse_from.h"
#include "core/parser/parse_to.h"
#include "core/parser/parse_uri.h"

#include "branch.h"
#include "calls.h"
#include "cdr.h"
#include "contacts.h"
#include "context.h"
#include "decision.h"
#include "execute.h"
#include "gateways.h"
#include "inside.h"
#include "legs.h"
#include "limits.h"
#include "metrics.h"
#include "outcome.h"
#include "record.h"
#include "routing/route.h"
#include "snapshot.h"
#include "source.h"
#include "takeover.h"
#include "timeline.h"
#include "tm_api.h"

#define STEPS_MAX 64 /* in one go: a plan that neither rings nor replies is a loop */
#define RELAY     1
#define ANSWERED  (-1)

#define CX_DISPATCH_BY_PVAR 7 /* dispatcher's algorithm: hash over its modparam hash_pvar */

struct cx_execute_config cx_execute_config = {
    .device_silence_ms = 5000,
    .gateway_silence_ms = 3000,
    .worker_silence_ms = 2000,
    .service_ms = 180000,
    .outbound_ms = 120000,
    .worker_set = 1,
    .worker_algorithm = 4,
};

static struct cx_str z(const char *text)
{
    return (struct cx_str){text, (uint32_t)strlen(text)};
}

static bool number_owner(void *arg, struct cx_str number, struct cx_id *account)
{
    const struct cx_image *image = cx_snapshot_by_number(number);

    (void)arg;
    if (!image)
        return false;
    *account = cx_image_account(image);
    return true;
}

static const struct cx_env env = {
    .registered = cx_contacts_registered,
    .number_owner = number_owner,
    .busy = cx_calls_busy,
    .last_number = cx_calls_last_number,
};

const struct cx_env *cx_live_env(void)
{
    return &env;
}

/* One step of one process at a time: too large for the stack of a SIP worker. */
static struct cx_step step;

static int reply(struct sip_msg *msg, unsigned code, struct cx_str reason)
{
    char text[128];

    CX_COPY(text, reason);
    if (text[0] == '\0')
        strcpy(text, "Declined");
    cx_count(steps_reply);
    cx_tm.t_reply(msg, code, text);
    return ANSWERED;
}

static void call_of(const struct cx_context *ctx, struct cx_call *call)
{
    memset(call, 0, sizeof(*call));
    call->from = ctx->in_from;
    call->device = ctx->in_from == CX_FROM_DEVICE ? ctx->caller_device : (struct cx_id){{0}};
    call->caller_name = z(ctx->in_name);
    call->caller_number = z(ctx->in_number);
    call->dialled = z(ctx->in_dialled);
    call->anonymous = ctx->anonymous;
    call->answered = ctx->inside == CX_INSIDE_CONTINUE;
    call->forward_hops = ctx->hops;
    if (call->from == CX_FROM_DEVICE &&
        (ctx->inside == CX_INSIDE_FORWARD || ctx->inside == CX_INSIDE_LOOP || ctx->referred)) {
        call->forwarded = true;
        call->forward_user = ctx->forwarder;
        call->keep_caller_id = ctx->keep_caller_id;
        if (ctx->referred)
            call->device = ctx->transferrer;
    }
    call->now_ms = cx_now_ms();
}

/* What every kind of step says: shown caller, callflow, and the decisions for the record. */
static void note(struct cx_context *ctx)
{
    ctx->kind = step.kind;
    ctx->cursor = step.cursor;
    ctx->privacy = step.privacy;
    CX_COPY(ctx->show_name, step.caller_name);
    CX_COPY(ctx->show_number, step.caller_number);
    if (step.callee_name.len)
        CX_COPY(ctx->callee_name, step.callee_name);
    if (!cx_id_is_zero(step.callflow))
        ctx->callflow = step.callflow;
    if (cx_id_is_zero(ctx->caller_owner))
        ctx->caller_owner = step.owner;
    ctx->resource = (struct cx_id){{0}};
    cx_decision_add(ctx, &step);
    cx_record_note(ctx, &step);
}

static bool ring(struct sip_msg *msg, struct cx_context *ctx)
{
    int branches = 0;

    if (!cx_legs_take(msg, ctx, &step))
        return false;
    cx_count(steps_ring);
    ctx->timed = cx_timeline_needed(ctx);
    if (ctx->timed && !cx_timeline_open(msg, ctx))
        return false;
    for (unsigned i = 0; i < ctx->leg_count; i++) {
        if (ctx->timed && ctx->legs[i].delay_s > 0)
            continue;
        const int n = cx_leg_branch(msg, ctx, i);
        ctx->legs[i].state = n ? CX_LEG_RINGS : CX_LEG_OVER;
        branches += n;
    }
    ctx->waiting = branches == 0;
    cx_calls_ring(ctx);
    if (ctx->timed) /* also with nobody there at all: the blind branch ends the stage */
        return cx_timeline_start(ctx);
    if (branches == 0)
        return false;
    cx_tm.set_fr(msg, step.u.ring.timeout_s * 1000u, cx_execute_config.device_silence_ms);
    return true;
}

/* Asks the dispatcher for the next worker that answers its pings, and makes it the only branch. */
static bool to_worker(struct sip_msg *msg, struct cx_context *ctx, bool first)
{
    char uri[128], ruid[24];
    str u, r, dst;
    int ok;

    reset_dst_uri(msg);
    ok = first ? cx_dispatcher.select(
                     msg, cx_execute_config.worker_set,
                     ctx->affinity[0] ? CX_DISPATCH_BY_PVAR : cx_execute_config.worker_algorithm, 0)
               : cx_dispatcher.next(msg, 0);
    ruri_mark_consumed(); /* the dispatcher means its address for the request URI; we make a branch
                             of it */
    if (ok < 0 || msg->dst_uri.len <= 4) {
        cx_count(no_worker);
        return false;
    }
    /* sip:SERVICE@ADDRESS: the address is that of the worker itself */
    u.len = snprintf(uri, sizeof(uri), "sip:%s@%.*s", ctx->service, msg->dst_uri.len - 4,
                     msg->dst_uri.s + 4);
    u.s = uri;
    r.len = snprintf(ruid, sizeof(ruid), "cx%u.0", ctx->stage);
    r.s = ruid;
    dst = msg->dst_uri;
    if (!ksr_push_branch(msg, &u, &dst, NULL, Q_UNSPECIFIED, 0, NULL, NULL, 0, &r, NULL))
        return false;
    reset_dst_uri(msg);
    ctx->workers_tried++;
    cx_tm.set_fr(msg, cx_execute_config.service_ms, cx_execute_config.worker_silence_ms);
    return true;
}

static bool service(struct sip_msg *msg, struct cx_context *ctx)
{
    CX_COPY(ctx->service, step.u.service.name);
    CX_COPY(ctx->params, step.u.service.params);
    CX_COPY(ctx->affinity, step.u.service.affinity);
    ctx->workers_tried = 0;
    cx_count(steps_service);
    return to_worker(msg, ctx, true);
}

/* No worker is up. An announcement still has its final reply; anything else has to wait for better
 * times. */
static int without_worker(struct sip_msg *msg, const struct cx_context *ctx)
{
    const char *code = strstr(ctx->params, "code=");

    if (strcmp(ctx->service, "announce") == 0 && code && atoi(code + 5) >= 400)
        return reply(msg, (unsigned)atoi(code + 5),
                     z(atoi(code + 5) == 404 ? "Not Found" : "Forbidden"));
    return reply(msg, 480, z("Temporarily Unavailable"));
}

static bool next_gateway(struct sip_msg *msg, struct cx_context *ctx)
{
    const char *uri = ctx->gateways;
    char ruid[24];

    if (!uri)
        return false;
    for (unsigned i = 0; i < ctx->gateway_next && *uri; i++)
        uri += strlen(uri) + 1;
    if (!*uri)
        return false;
    snprintf(ruid, sizeof(ruid), "cx%u.%u", ctx->stage, ctx->gateway_next++);
    if (!cx_branch_add(msg, z(uri), ruid))
        return false;
    cx_tm.set_fr(msg, cx_execute_config.outbound_ms, cx_execute_config.gateway_silence_ms);
    return true;
}

static bool outbound(struct sip_msg *msg, struct cx_context *ctx)
{
    size_t size = 1;
    char *at;

    for (uint16_t i = 0; i < step.u.outbound.count; i++)
        size +=
            step.u.outbound.gateways[i].server.len + step.u.outbound.gateways[i].number.len + 40;
    if (ctx->gateways)
        shm_free(ctx->gateways);
    ctx->gateways = at = shm_malloc(size);
    if (!at)
        return false;
    /* Those that answer their pings first; the silent ones are a last resort. */
    for (unsigned n = 0; n < 2u * step.u.outbound.count; n++) {
        const struct cx_gateway *g = &step.u.outbound.gateways[n % step.u.outbound.count];
        bool wants_up = n < step.u.outbound.count;
        if (cx_gateway_up(msg, g->server, g->port, g->transport) != wants_up)
            continue;
        const bool v6 = g->server.len && memchr(g->server.s, ':', g->server.len);
        at += 1 + sprintf(at, "sip:%.*s@%s%.*s%s:%u%s%.*s", (int)g->number.len, g->number.s,
                          v6 ? "[" : "", (int)g->server.len, g->server.s, v6 ? "]" : "", g->port,
                          g->transport.len ? ";transport=" : "", (int)g->transport.len,
                          g->transport.len ? g->transport.s : "");
    }
    *at = '\0';
    ctx->gateway_next = 0;
    ctx->resource =
        step.u.outbound.count ? step.u.outbound.gateways[0].resource : (struct cx_id){{0}};
    ctx->network_offnet = true;
    ctx->emergency = step.u.outbound.emergency;
    CX_COPY(ctx->diversion, step.u.outbound.diversion);
    CX_COPY(ctx->callee_number, step.u.outbound.number);
    cx_calls_outbound(ctx);
    cx_count(steps_outbound);
    return next_gateway(msg, ctx);
}

static void enter(struct cx_context *ctx)
{
    ctx->in_account = step.u.enter.account;
    ctx->in_from = CX_FROM_ONNET;
    CX_COPY(ctx->in_dialled, step.u.enter.number);
    CX_COPY(ctx->in_number, step.caller_number);
    CX_COPY(ctx->in_name, step.caller_name);
    ctx->anonymous = step.privacy;
    cx_count(steps_enter);
}

/* Emergency calls ask no limit; a call asks once, and again for each leg to a carrier. */
static const char *limited(struct cx_context *ctx, const struct cx_image *image)
{
    const bool out = step.kind == CX_STEP_OUTBOUND;
    const char *why = NULL;

    if (step.kind == CX_STEP_REPLY || step.kind == CX_STEP_ENTER)
        return NULL;
    if ((!ctx->admitted || out) && !(out && step.u.outbound.emergency))
        why = cx_limits_check(ctx, image, out);
    ctx->admitted = true;
    return why;
}

/* 1: to the other party's phone; -1: this phone has been answered, and rings. */
static int pick_up(struct sip_msg *msg, const struct cx_context *ctx, int taken)
{
    if (taken < 0)
        return ANSWERED;
    (void)ctx;
    cx_tm.set_fr(msg, cx_execute_config.device_silence_ms, cx_execute_config.device_silence_ms);
    return RELAY;
}

struct slot {
    const char *name;
    struct cx_id room; /* of who waits there */
};

static bool is_slot(void *arg, struct cx_live *call)
{
    struct slot *s = arg;

    if (strcmp(call->slot, s->name) != 0)
        return false;
    s->room = call->interaction;
    return true;
}

/* Who is parked is alone in a room of two on a worker, with music; who fetches, joins. ANSWERED:
 * the context has the service; else what came of it. */
static enum cx_outcome park(struct cx_context *ctx)
{
    enum cx_park_action action = step.u.park.action;
    char name[sizeof(((struct cx_live *)0)->slot)], hex[33];
    struct slot slot = {.name = name};
    bool taken;

    CX_COPY(name, step.u.park.slot);
    for (unsigned free_slot = 101; step.u.park.slot.len == 0; free_slot++) {
        snprintf(name, sizeof(name), "%u", free_slot);
        if (!cx_calls_each(ctx->in_account, is_slot, &slot))
            break;
    }
    taken = cx_calls_each(ctx->in_account, is_slot, &slot);
    if (action == CX_PARK_AUTO)
        action = taken ? CX_PARK_OUT : CX_PARK_IN;
    if (action == CX_PARK_IN) {
        if (taken)
            return CX_OUT_BUSY;
        slot.room = ctx->interaction;
        cx_calls_slot(ctx, name);
        cx_count(parked);
    } else {
        if (!cx_calls_unslot(ctx->in_account, name, &slot.room))
            return CX_OUT_UNREACHABLE;
        cx_count(retrieved);
    }
    cx_id_format(slot.room, hex);
    ctx->kind = CX_STEP_SERVICE;
    snprintf(ctx->service, sizeof(ctx->service), "conference");
    snprintf(ctx->params, sizeof(ctx->params),
             "id=%s;role=moderator;entry=0;exit=0;pair=1;music=system_media/hold", hex);
    snprintf(ctx->affinity, sizeof(ctx->affinity), "%s", hex);
    ctx->workers_tried = 0;
    return CX_OUT_ANSWERED;
}

/* Carries out steps, `step` being the first, until one made branches or replied. Between enter and
 * leave. */
static int perform(struct sip_msg *msg, struct cx_context *ctx, const struct cx_image *image)
{
    for (int n = 0; n < STEPS_MAX; n++) {
        enum cx_outcome outcome = CX_OUT_UNREACHABLE;
        struct cx_call call;
        const char *limit;
        int taken;

        note(ctx);
        limit = limited(ctx, image);
        if (limit)
            return reply(msg, 486, z(limit));
        ctx->stage++;
        ctx->waiting = false;
        ruri_mark_consumed();
        clear_branches();
        switch (step.kind) {
        case CX_STEP_RING:
            if (ring(msg, ctx))
                return RELAY;
            break;
        case CX_STEP_SERVICE:
            return service(msg, ctx) ? RELAY : without_worker(msg, ctx);
        case CX_STEP_OUTBOUND:
            if (outbound(msg, ctx))
                return RELAY;
            outcome = CX_OUT_FAILED;
            break;
        case CX_STEP_PICKUP:
            taken = cx_takeover_pickup(msg, ctx, &step);
            if (taken)
                return pick_up(msg, ctx, taken);
            break;
        case CX_STEP_PARK:
            outcome = park(ctx);
            if (outcome == CX_OUT_ANSWERED)
                return to_worker(msg, ctx, true) ? RELAY : without_worker(msg, ctx);
            break;
        case CX_STEP_REPLY:
            return reply(msg, step.u.reply.code, step.u.reply.reason);
        case CX_STEP_ENTER:
            enter(ctx);
            image = cx_snapshot_by_id(ctx->in_account);
            if (!image)
                return reply(msg, 404, z("Not Found"));
            call_of(ctx, &call);
            cx_route(image, cx_snapshot_cluster(), &env, &call, &step);
            continue;
        }
        call_of(ctx, &call);
        cx_route_next(image, cx_snapshot_cluster(), &env, &call, &ctx->cursor, outcome, 0,
                      (struct cx_str){0}, &step);
    }
    LM_ERR("call %s: no end after %d steps\n", ctx->call_id, STEPS_MAX);
    return reply(msg, 482, z("Loop Detected"));
}

static void copy_request(struct sip_msg *msg, struct cx_context *ctx)
{
    struct to_body *from = get_from(msg), *to = get_to(msg);
    struct sip_uri *from_uri = parse_from_uri(msg);
    struct cx_str name = cx_str_of(from->display);

    if (name.len >= 2 && name.s[0] == '"') { /* the display name keeps its quotes */
        name.s++;
        name.len -= 2;
    }
    CX_COPY(ctx->caller_name, name);
    CX_COPY(ctx->caller_number, cx_str_of(from_uri->user));
    ctx->anonymous = strcasecmp(ctx->caller_number, "anonymous") == 0; /* RFC 3323 4.1.1.3 */
    CX_COPY(ctx->from_uri, cx_str_of(from->uri));
    CX_COPY(ctx->to_uri, cx_str_of(to->uri));
    CX_COPY(ctx->call_id, cx_str_of(msg->callid->body));
    CX_COPY(ctx->from_tag, cx_str_of(from->tag_value));
    CX_COPY(ctx->dialled, cx_str_of(msg->parsed_uri.user));
    CX_COPY(ctx->request_uri, cx_str_of(*GET_RURI(msg)));
    ctx->interaction = cx_cdr_id(z(ctx->call_id), z("interaction"));
    ctx->start_ms = cx_now_ms();
}

/* Whose call is it? A device's account; for a carrier the owner of the number, if this carrier may
 * reach it. */
static const struct cx_image *image_for(const struct cx_source *source, struct cx_context *ctx)
{
    const struct cx_image *image;

    if (source->from == CX_FROM_DEVICE || source->inside != CX_INSIDE_NOT)
        return cx_snapshot_by_id(source->account);
    image = cx_snapshot_by_number(z(ctx->dialled));
    if (!image && ctx->dialled[0] != '+' && strlen(ctx->dialled) + 1 < sizeof(ctx->in_dialled)) {
        /* Carriers send E.164 with or without its plus. */
        char plus[sizeof(ctx->dialled) + 1];
        snprintf(plus, sizeof(plus), "+%s", ctx->dialled);
        image = cx_snapshot_by_number(z(plus));
        if (image)
            CX_COPY(ctx->dialled, z(plus));
    }
    if (image && !cx_id_is_zero(source->account) &&
        !cx_id_equal(source->account, cx_image_account(image)))
        return NULL; /* a tenant's own carrier reaches that tenant only */
    return image;
}

/* The first step: of a call, or of what a worker goes on with. */
static void decide(const struct sip_msg *msg, struct cx_context *ctx, const struct cx_image *image)
{
    struct cx_wish wish;
    struct cx_id device, owner;
    struct cx_call call;

    call_of(ctx, &call);
    if (ctx->inside == CX_INSIDE_NOT && ctx->from == CX_FROM_DEVICE &&
        cx_takeover_referred(ctx, &device, &owner)) {
        /* routed as a call of who transferred, and shown as one of who was transferred */
        cx_route(image, cx_snapshot_cluster(), &env, &call, &step);
        CX_COPY(ctx->in_name, step.caller_name);
        CX_COPY(ctx->in_number, step.caller_number);
        ctx->referred = ctx->keep_caller_id = true;
        ctx->forwarder = owner;
        ctx->transferrer = device;
        call_of(ctx, &call);
    }
    if (ctx->inside != CX_INSIDE_CONTINUE || !cx_inside_wish(msg, &wish))
        cx_route(image, cx_snapshot_cluster(), &env, &call, &step);
    else if (wish.dial[0])
        cx_route_dial(image, cx_snapshot_cluster(), &env, &call, &ctx->cursor, z(wish.dial), &step);
    else
        cx_route_next(image, cx_snapshot_cluster(), &env, &call, &ctx->cursor, CX_OUT_CONTINUE, 0,
                      z(wish.key), &step);
}

int cx_execute_first(struct sip_msg *msg)
{
    const struct cx_source *source = cx_source_get(msg);
    struct cx_context *ctx;
    const struct cx_image *image;
    int result, taken;

    if (!source || parse_headers(msg, HDR_EOH_F, 0) < 0 || parse_sip_msg_uri(msg) < 0 ||
        parse_from_header(msg) < 0 || !parse_from_uri(msg) || parse_to_header(msg) < 0 ||
        !msg->callid)
        return reply(msg, 400, z("Bad Request"));
    ctx = cx_context_new(msg);
    if (!ctx)
        return reply(msg, 500, z("Server Internal Error"));
    copy_request(msg, ctx);
    ctx->from = ctx->in_from = source->from;
    ctx->inside = (uint8_t)source->inside;
    ctx->caller_device = source->device;
    ctx->caller_owner = source->owner;
    cx_count(calls_routed);

    cx_snapshot_enter();
    if (source->inside != CX_INSIDE_NOT && !cx_inside_take(msg, ctx)) {
        ctx->account = source->account;
        result = reply(msg, 483, z("Too Many Hops"));
        goto out;
    }
    image = image_for(source, ctx);
    if (!image) {
        ctx->account = source->account;
        result = reply(msg, 404, z("Not Found"));
        goto out;
    }
    ctx->account = ctx->in_account = cx_image_account(image);
    CX_COPY(ctx->in_dialled, z(ctx->dialled));
    CX_COPY(ctx->in_number, z(ctx->caller_number));
    CX_COPY(ctx->in_name, z(ctx->caller_name));
    cx_calls_begin(msg, ctx);
    taken = source->from == CX_FROM_DEVICE && source->inside == CX_INSIDE_NOT
                ? cx_takeover_replaces(msg, ctx)
                : 0;
    if (taken) {
        ctx->kind = CX_STEP_PICKUP;
        result =
            taken > 0 ? pick_up(msg, ctx, taken) : reply(msg, 481, z("No such call to replace"));
        goto out;
    }
    decide(msg, ctx, image);
    result = perform(msg, ctx, image);
out:
    cx_snapshot_leave();
    return result;
}

/* Did this gateway or worker fail, so that the next of its kind should be asked, rather than the
 * call? */
static bool is_failure(int code, bool silent)
{
    return (code == 408 && silent) || code == 0 || (code >= 500 && code < 600);
}

int cx_execute_next(struct sip_msg *msg)
{
    struct cell *t = cx_tm.t_gett();
    struct cx_context *ctx = cx_context_get();
    const struct cx_image *image;
    enum cx_outcome outcome = CX_OUT_FAILED;
    struct cx_wish wish = {0};
    const struct sip_msg *answer = NULL;
    uint16_t code = 0;
    bool silent = false;
    struct cx_call call;
    int result;

    if (!ctx || t == T_UNDEFINED)
        return ANSWERED;
    if (ctx->kind == CX_STEP_RING) {
        outcome = cx_outcome_of(t, ctx->stage, &code);
    } else {
        code = (uint16_t)cx_outcome_single(t, &silent, &answer);
        ruri_mark_consumed();
        clear_branches();
        if (ctx->kind == CX_STEP_PICKUP) {
            if (ctx->replaces[0] == '\0')
                return ANSWERED; /* a phone's own Replaces: its answer stands */
            outcome = CX_OUT_UNREACHABLE;
        } else if (ctx->kind == CX_STEP_OUTBOUND) {
            if (is_failure(code, silent) && next_gateway(msg, ctx)) {
                cx_count(gateway_failovers);
                return RELAY;
            }
            outcome = code == 486 || code == 600                ? CX_OUT_BUSY
                      : (code == 408 && !silent) || code == 480 ? CX_OUT_NO_ANSWER
                      : is_failure(code, silent)                ? CX_OUT_FAILED
                                                                : CX_OUT_REJECTED;
        } else if (cx_inside_wish(answer, &wish)) {
            outcome = CX_OUT_CONTINUE;
        } else if (is_failure(code, silent)) {
            ctx->stage++; /* its own name, so that tm takes the same worker's address again */
            if (to_worker(msg, ctx, false)) {
                cx_count(worker_failovers);
                return RELAY;
            }
            return without_worker(msg, ctx);
        } else {
            return ANSWERED; /* the service's own final reply stands */
        }
    }
    cx_snapshot_enter();
    image = cx_snapshot_by_id(ctx->in_account);
    if (!image) {
        result = reply(msg, 480, z("Temporarily Unavailable"));
    } else {
        call_of(ctx, &call);
        cx_route_next(image, cx_snapshot_cluster(), &env, &call, &ctx->cursor, outcome, code,
                      z(wish.key), &step);
        result = perform(msg, ctx, image);
    }
    cx_snapshot_leave();
    return result;
}
