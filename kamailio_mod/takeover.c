/*
 * takeover.c - see takeover.h.
 *
 * A phone that knows Replaces is sent an INVITE of who takes over, and drops its old dialog itself.
 * A caller that does not know it (a carrier) and still rings gets one branch more, to the phone
 * that picks up, which is asked to answer by itself. SPDX-License-Identifier: GPL-2.0-or-later
 */
#include <stdio.h>
#include <string.h>

#include "core/dset.h"
#include "core/locking.h"
#include "core/mem/shm_mem.h"
#include "core/parser/contact/parse_contact.h"
#include "core/parser/parse_from.h"
#include "core/parser/parse_to.h"
#include "modules/tm/h_table.h"

#include "branch.h"
#include "cdr.h"
#include "inside.h"
#include "legs.h"
#include "metrics.h"
#include "source.h"
#include "takeover.h"
#include "timeline.h"
#include "tm_api.h"

#define REFER_MS 30000 /* a phone follows a REFER at once */

static struct cx_str z(const char *text)
{
    return (struct cx_str){text, (uint32_t)strlen(text)};
}

static bool to_party(struct sip_msg *msg, struct cx_context *ctx, const struct cx_party *party)
{
    str uri = {(char *)party->contact, (int)strlen(party->contact)};
    str hop = {(char *)party->hop, (int)strlen(party->hop)};
    char ruid[24];
    str r = {ruid, snprintf(ruid, sizeof(ruid), "cx%u.0", ctx->stage)};

    if (uri.len == 0)
        return false;
    ruri_mark_consumed();
    clear_branches();
    return ksr_push_branch(msg, &uri, &hop, NULL, Q_UNSPECIFIED, 0, NULL, NULL, 0, &r, NULL) !=
           NULL;
}

/* ---- pickup */

struct search {
    const struct cx_step *step;
    const struct cx_context *ctx;
    struct cx_live found;
    bool caller_goes_on; /* else the callee does */
};

static bool is_target(const struct cx_step *step, struct cx_id device)
{
    for (uint16_t i = 0; i < step->u.pickup.count; i++)
        if (cx_id_equal(step->u.pickup.targets[i].device, device))
            return !cx_id_is_zero(device);
    return false;
}

static bool can_be_taken(void *arg, struct cx_live *call)
{
    struct search *s = arg;
    bool hit = false;

    if (strcmp(call->call_id, s->ctx->call_id) == 0 || call->slot[0])
        return false;
    if (call->state == CX_CALL_RINGS) {
        for (unsigned i = 0; i < call->ring_count && !hit; i++)
            hit = is_target(s->step, call->rings[i]);
        s->caller_goes_on = true;
    } else if (s->step->u.pickup.answered) {
        hit = is_target(s->step, call->callee.device) || is_target(s->step, call->caller.device);
        s->caller_goes_on = is_target(s->step, call->callee.device);
    }
    if (hit && (s->found.start_ms == 0 || call->start_ms < s->found.start_ms))
        s->found = *call; /* the one that waits longest */
    return false;
}

static void replace(struct cx_context *ctx, const struct cx_live *call, bool caller_goes_on)
{
    const struct cx_party *stays = caller_goes_on ? &call->caller : &call->callee;
    const struct cx_party *goes = caller_goes_on ? &call->callee : &call->caller;

    snprintf(ctx->replaces, sizeof(ctx->replaces), "%s;to-tag=%s;from-tag=%s%s", call->call_id,
             stays->tag, goes->tag, call->state == CX_CALL_RINGS ? ";early-only" : "");
}

/* One branch more in the ringing call: the phone of this INVITE. */
static bool ring_here(struct sip_msg *msg, const struct cx_live *call)
{
    struct cell *mine = cx_tm.t_gett(), *t = NULL;
    const int branch = cx_tm.t_gett_branch();
    struct cx_party self = {0};
    struct cx_context *theirs;
    str any = {NULL, 0}, uri, hop, r;
    bool ok = false;
    char ruid[24];

    cx_calls_party(msg, &self);
    if (self.contact[0] == '\0')
        return false;
    if (cx_tm.t_lookup_ident(&t, call->hash_index, call->label) < 0 || !t)
        goto out;
    cx_timeline_lock(t);
    theirs = cx_context_of(t);
    if (theirs && t->uas.status < 200) {
        uri = (str){self.contact, (int)strlen(self.contact)};
        hop = (str){self.hop, (int)strlen(self.hop)};
        r = (str){ruid, snprintf(ruid, sizeof(ruid), "cx%u.%u", theirs->stage, CX_LEG_PICKUP)};
        clear_branches();
        ok = ksr_push_branch(t->uas.request, &uri, &hop, NULL, Q_UNSPECIFIED, 0, NULL, NULL, 0, &r,
                             NULL) != NULL &&
             cx_tm.t_append_branches(&any) > 0;
        clear_branches();
    }
    cx_timeline_unlock(t);
    cx_tm.unref_cell(t);
out:
    cx_tm.t_sett(mine, branch);
    return ok;
}

int cx_takeover_pickup(struct sip_msg *msg, struct cx_context *ctx, const struct cx_step *step)
{
    static struct search s; /* too large for the stack; a process makes one step at a time */
    const struct cx_party *stays;

    memset(&s, 0, sizeof(s));
    s.step = step;
    s.ctx = ctx;
    (void)cx_calls_each(ctx->in_account, can_be_taken, &s);
    if (s.found.start_ms == 0)
        return 0;
    s.caller_goes_on = s.found.state == CX_CALL_RINGS || is_target(step, s.found.callee.device);
    stays = s.caller_goes_on ? &s.found.caller : &s.found.callee;
    cx_count(pickups);
    if (stays->replaces && s.found.callee.tag[0]) {
        replace(ctx, &s.found, s.caller_goes_on);
        return to_party(msg, ctx, stays) ? 1 : 0;
    }
    if (s.found.state != CX_CALL_RINGS || !ring_here(msg, &s.found))
        return 0;
    cx_tm.t_reply(msg, 480, "Picked up: the call comes to this phone");
    return -1;
}

/* ---- Replaces of a phone */

/* A parameter of "call-id;to-tag=x;from-tag=y". */
static struct cx_str tag_in(struct cx_str text, const char *name)
{
    const char *at = memmem(text.s, text.len, name, strlen(name));
    struct cx_str tag = {0};

    if (at) {
        tag.s = at + strlen(name);
        while (tag.s + tag.len < text.s + text.len && tag.s[tag.len] != ';' &&
               tag.s[tag.len] != ' ')
            tag.len++;
    }
    return tag;
}

static bool same(struct cx_str a, const char *b)
{
    return a.len == strlen(b) && memcmp(a.s, b, a.len) == 0;
}

int cx_takeover_replaces(struct sip_msg *msg, struct cx_context *ctx)
{
    static struct cx_live call;
    struct cx_str text = cx_header(msg, "Replaces"), id = text, to, from;
    const char *semicolon = text.len ? memchr(text.s, ';', text.len) : NULL;
    const struct cx_party *party;

    if (!semicolon)
        return 0;
    id.len = (uint32_t)(semicolon - text.s);
    to = tag_in(text, ";to-tag=");
    from = tag_in(text, ";from-tag=");
    if (!cx_calls_find(id, &call) || !cx_id_equal(call.account, ctx->account))
        return -1; /* of another account is of nobody */
    if (same(to, call.caller.tag) && same(from, call.callee.tag))
        party = &call.caller;
    else if (same(to, call.callee.tag) && same(from, call.caller.tag))
        party = &call.callee;
    else
        return -1;
    if (cx_id_is_zero(party->device)) /* a carrier would not understand */
        return -1;
    cx_count(replaced);
    return to_party(msg, ctx, party) ? 1 : -1;
}

/* ---- REFER */

/* Who asked whom to call where, a moment ago: the call itself may have ended before it is done. */
struct cx_refer {
    struct cx_id referee;
    struct cx_id device, owner; /* of who asked */
    char target[64];
    int64_t until_ms;
};

#define REFERS 1024u /* within half a minute; the oldest goes when there are more */

static struct {
    gen_lock_t lock;
    struct cx_refer list[REFERS];
} * refers;

int cx_takeover_init(void)
{
    refers = shm_malloc(sizeof(*refers));
    if (!refers)
        return -1;
    memset(refers, 0, sizeof(*refers));
    return lock_init(&refers->lock) ? 0 : -1;
}

static void note(const struct cx_refer *refer)
{
    unsigned oldest = 0;

    lock_get(&refers->lock);
    for (unsigned i = 1; i < REFERS; i++)
        if (refers->list[i].until_ms < refers->list[oldest].until_ms)
            oldest = i;
    refers->list[oldest] = *refer;
    lock_release(&refers->lock);
}

/* User part of the Refer-To URI. */
static bool refer_target(const struct sip_msg *msg, char *user, size_t size)
{
    struct cx_str to = cx_header(msg, "Refer-To");
    const char *at, *start;

    if (to.len == 0)
        to = cx_header(msg, "r");
    start = to.len ? memmem(to.s, to.len, "sip:", 4) : NULL;
    if (!start)
        return false;
    start += 4;
    at = memchr(start, '@', (size_t)(to.s + to.len - start));
    if (!at)
        return false;
    cx_copy(user, size, (struct cx_str){start, (uint32_t)(at - start)});
    return true;
}

int cx_takeover_refer(struct sip_msg *msg)
{
    static struct cx_live call;
    const struct cx_party *referrer, *referee;
    struct cx_refer refer;

    if (parse_headers(msg, HDR_EOH_F, 0) < 0 || !msg->callid || parse_from_header(msg) < 0)
        return 400;
    if (!cx_calls_find(cx_str_of(msg->callid->body), &call))
        return 481;
    referrer =
        same(cx_str_of(get_from(msg)->tag_value), call.caller.tag) ? &call.caller : &call.callee;
    referee = referrer == &call.caller ? &call.callee : &call.caller;
    if (cx_id_is_zero(referrer->device))
        return 403;
    if (cx_id_is_zero(referee->device))
        return 501; /* who is not a phone of ours does not follow a REFER */
    refer = (struct cx_refer){.referee = referee->device,
                              .device = referrer->device,
                              .owner = referrer->owner,
                              .until_ms = cx_now_ms() + REFER_MS};
    if (!refer_target(msg, refer.target, sizeof(refer.target)))
        return 400;
    note(&refer);
    cx_count(transfers);
    return 0;
}

bool cx_takeover_referred(const struct cx_context *ctx, struct cx_id *device, struct cx_id *owner)
{
    const int64_t now = cx_now_ms();
    bool found = false;

    lock_get(&refers->lock);
    for (unsigned i = 0; i < REFERS && !found; i++) {
        struct cx_refer *r = &refers->list[i];
        if (r->until_ms < now || !cx_id_equal(r->referee, ctx->caller_device) ||
            !same(z(r->target), ctx->dialled))
            continue;
        *device = r->device;
        *owner = r->owner;
        r->until_ms = 0;
        found = true;
    }
    lock_release(&refers->lock);
    return found;
}
