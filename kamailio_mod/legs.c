/*
 * legs.c - see legs.h.
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include <stdio.h>
#include <string.h>

#include "core/dset.h"
#include "core/ip_addr.h"
#include "core/mem/shm_mem.h"

#include "branch.h"
#include "contacts.h"
#include "execute.h"
#include "inside.h"
#include "legs.h"
#include "snapshot.h"
#include "tm_api.h"

static enum cx_leg_kind kind_of(const struct cx_target *t)
{
    if (t->forward.number.len)
        return t->forward.confirm ? CX_LEG_CONFIRM : CX_LEG_FORWARD;
    return t->route_uri.len ? CX_LEG_URI : CX_LEG_PHONE;
}

static struct cx_str z(const char *text)
{
    return (struct cx_str){text, (uint32_t)strlen(text)};
}

/* The worker that asks for keys in this stage: chosen now, since late branches have no message of
 * their own that the dispatcher could mark. */
static void choose_worker(struct sip_msg *msg, struct cx_context *ctx)
{
    int ok;

    reset_dst_uri(msg);
    ok = cx_dispatcher.select(msg, cx_execute_config.worker_set, cx_execute_config.worker_algorithm,
                              0);
    ruri_mark_consumed();
    if (ok > 0 && msg->dst_uri.len > 4)
        CX_COPY(ctx->confirm_at,
                ((struct cx_str){msg->dst_uri.s + 4, (uint32_t)msg->dst_uri.len - 4}));
    reset_dst_uri(msg);
}

bool cx_legs_take(struct sip_msg *msg, struct cx_context *ctx, const struct cx_step *step)
{
    const uint16_t count = step->u.ring.count;

    if (ctx->legs)
        shm_free(ctx->legs);
    ctx->leg_count = 0;
    ctx->legs = count ? shm_malloc(count * sizeof(*ctx->legs)) : NULL;
    if (!ctx->legs)
        return false;
    memset(ctx->legs, 0, count * sizeof(*ctx->legs));
    ctx->ring_s = step->u.ring.timeout_s;
    ctx->confirm_at[0] = '\0';
    ctx->auto_answer = step->u.ring.auto_answer;
    ctx->one_refusal_ends = step->u.ring.fail_on_single_reject;
    CX_COPY(ctx->alert_info, step->alert_info);
    for (uint16_t i = 0; i < count; i++) {
        const struct cx_target *t = &step->u.ring.targets[i];
        struct cx_leg *leg = &ctx->legs[ctx->leg_count++];

        leg->kind = (uint8_t)kind_of(t);
        leg->device = t->device;
        leg->owner = t->owner;
        leg->delay_s = t->delay_s;
        leg->timeout_s = t->timeout_s;
        CX_COPY(leg->ringtone, t->ringtone);
        if (t->forward.number.len) {
            leg->device = t->forward.device;
            leg->owner = t->forward.user;
            leg->keep_caller_id = t->forward.keep_caller_id;
            leg->ignore_early_media = t->forward.ignore_early_media;
            CX_COPY(leg->text, t->forward.number);
        } else
            CX_COPY(leg->text, t->route_uri.len ? t->route_uri : t->username);
        if (leg->kind == CX_LEG_CONFIRM && ctx->confirm_at[0] == '\0')
            choose_worker(msg, ctx);
    }
    return true;
}

/* The address that the request came to is ours. */
static int own_address(const struct sip_msg *msg, const char *user, char *uri, size_t size)
{
    const struct socket_info *s = msg->rcv.bind_address;

    return snprintf(uri, size, "sip:%s@%.*s:%.*s", user, s->address_str.len, s->address_str.s,
                    s->port_no_str.len, s->port_no_str.s);
}

int cx_leg_branch(struct sip_msg *msg, struct cx_context *ctx, unsigned i)
{
    const struct cx_leg *leg = &ctx->legs[i];
    const struct cx_image *image;
    char ruid[24], uri[256];

    snprintf(ruid, sizeof(ruid), "cx%u.%u%s", ctx->stage, i,
             leg->kind == CX_LEG_FORWARD ? "f" : "");
    switch (leg->kind) {
    case CX_LEG_PHONE:
        image = cx_snapshot_by_id(ctx->in_account);
        return image ? cx_contacts_add(msg, z(leg->text), cx_image_realm(image), ruid) : 0;
    case CX_LEG_URI:
        return cx_branch_add(msg, z(leg->text), ruid);
    case CX_LEG_FORWARD:
        if (ctx->hops >= CX_HOPS_MAX || own_address(msg, leg->text, uri, sizeof(uri)) <= 0)
            return 0;
        return cx_branch_add(msg, z(uri), ruid);
    default:
        if (ctx->hops >= CX_HOPS_MAX || ctx->confirm_at[0] == '\0')
            return 0;
        snprintf(uri, sizeof(uri), "sip:confirm@%s", ctx->confirm_at);
        return cx_branch_add(msg, z(uri), ruid);
    }
}

int cx_leg_of(const struct cx_context *ctx, struct cx_str ruid)
{
    unsigned stage, leg;
    char text[24];

    CX_COPY(text, ruid);
    if (!ctx->legs || sscanf(text, "cx%u.%u", &stage, &leg) != 2 || stage != ctx->stage ||
        leg >= ctx->leg_count)
        return -1;
    return (int)leg;
}

bool cx_leg_is_loop(struct cx_str ruid)
{
    return ruid.len > 3 && memcmp(ruid.s, "cx", 2) == 0 && ruid.s[ruid.len - 1] == 'f';
}

const char *cx_leg_confirm(const struct sip_msg *msg, const struct cx_context *ctx,
                           const struct cx_leg *leg)
{
    static char params[320];
    char uri[256], *at = params;

    (void)own_address(msg, leg->text, uri, sizeof(uri));
    at += sprintf(at, "uri=");
    for (const char *c = uri; *c && at < params + sizeof(params) - 32; c++)
        at += strchr("+@:;=", *c) ? sprintf(at, "%%%02X", (unsigned char)*c)
                                  : sprintf(at, "%c", *c); /* else digits and the like */
    sprintf(at, ";timeout=%u", leg->timeout_s ? leg->timeout_s : ctx->ring_s);
    return params;
}
