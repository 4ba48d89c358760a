/*
 * ringing.c - expectations of what rings, where forwards go, and whose call is taken. See play.h.
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "play.h"

static bool is(struct cx_str a, const char *z)
{
    return a.len == strlen(z) && (a.len == 0 || memcmp(a.s, z, a.len) == 0);
}

static const struct named_device *phone(const struct play *p, const struct line *at,
                                        const char *name)
{
    const struct named_device *d = find_device(p->account, name);

    if (!d)
        fail(at, "there is no phone %s", name);
    return d;
}

static const struct cx_target *leg_to(const struct play *p, const char *number)
{
    for (int k = 0; k < p->step.u.ring.count; k++)
        if (is(p->step.u.ring.targets[k].forward.number, number))
            return &p->step.u.ring.targets[k];
    return NULL;
}

static const struct cx_target *target_of(const struct play *p, const struct named_device *d)
{
    for (int k = 0; k < p->step.u.ring.count; k++)
        if (p->step.u.ring.targets[k].forward.number.len == 0 &&
            cx_id_equal(p->step.u.ring.targets[k].device, d->id))
            return &p->step.u.ring.targets[k];
    return NULL;
}

/* rings (DEVICE | forward NUMBER)... [for S] [as "NAME" NUMBER] */
void want_rings(struct play *p, const struct line *line)
{
    unsigned wanted = 0;
    int i = 1;

    want_kind(p, line, CX_STEP_RING);
    for (; i < line->count && strcmp(line->words[i], "for") && strcmp(line->words[i], "as"); i++) {
        if (strcmp(line->words[i], "forward") == 0 && i + 1 < line->count) {
            if (!leg_to(p, line->words[++i]))
                fail(line, "nothing is forwarded to %s", line->words[i]);
        } else if (!target_of(p, phone(p, line, line->words[i])))
            fail(line, "%s does not ring", line->words[i]);
        wanted++;
    }
    if (wanted != p->step.u.ring.count)
        fail(line, "%u targets ring, not %u", p->step.u.ring.count, wanted);
    for (; i + 1 < line->count; i++) {
        if (strcmp(line->words[i], "for") == 0) {
            if (p->step.u.ring.timeout_s != atoi(line->words[++i]))
                fail(line, "rings for %u s", p->step.u.ring.timeout_s);
        } else if (strcmp(line->words[i], "as") == 0 && i + 2 < line->count) {
            want_text(line, "caller name", p->step.caller_name, line->words[++i]);
            want_text(line, "caller number", p->step.caller_number, line->words[++i]);
        }
    }
}

/* targets N [for S]: so many, whoever they are */
void want_targets(struct play *p, const struct line *line)
{
    want_kind(p, line, CX_STEP_RING);
    if (line->count < 2 || p->step.u.ring.count != atoi(line->words[1]))
        fail(line, "%u targets ring", p->step.u.ring.count);
    if (line->count > 3 && p->step.u.ring.timeout_s != atoi(line->words[3]))
        fail(line, "rings for %u s", p->step.u.ring.timeout_s);
}

static void want_times(const struct line *line, const struct cx_target *t, unsigned after,
                       unsigned length)
{
    if (t->delay_s != after)
        fail(line, "starts after %u s, not %u", t->delay_s, after);
    if (t->timeout_s != length)
        fail(line, "rings for %u s, not %u", t->timeout_s, length);
}

/* leg NUMBER [of USER|DEVICE] [rule RULE] [keep] [confirm] [early-media] [after S] [for S]: and
 * nothing else of it */
void want_leg(struct play *p, const struct line *line)
{
    const struct cx_target *t;
    bool keep = false, confirm = false, early = false;
    unsigned after = 0, length = 0;
    char hex[33], id[33];

    want_kind(p, line, CX_STEP_RING);
    t = line->count > 1 ? leg_to(p, line->words[1]) : NULL;
    if (!t)
        fail(line, "nothing is forwarded there");
    for (int i = 2; i < line->count; i++) {
        const char *word = line->words[i], *next = i + 1 < line->count ? line->words[i + 1] : "";
        if (strcmp(word, "keep") == 0)
            keep = true;
        else if (strcmp(word, "confirm") == 0)
            confirm = true;
        else if (strcmp(word, "early-media") == 0)
            early = true;
        else if (strcmp(word, "after") == 0)
            after = (unsigned)atoi(next), i++;
        else if (strcmp(word, "for") == 0)
            length = (unsigned)atoi(next), i++;
        else if (strcmp(word, "rule") == 0) {
            if (strcmp(t->forward.rule, next) != 0)
                fail(line, "it is forwarded by the rule '%s'", t->forward.rule);
            i++;
        } else if (strcmp(word, "of") == 0) {
            make_id(p->account->name, "user", next, id);
            cx_id_format(t->forward.user, hex);
            if (strcmp(id, hex) != 0 && !cx_id_equal(phone(p, line, next)->id, t->forward.device))
                fail(line, "it is not %s who forwards", next);
            i++;
        } else
            fail(line, "leg: what is '%s'?", word);
    }
    if (keep != t->forward.keep_caller_id || confirm != t->forward.confirm ||
        early == t->forward.ignore_early_media)
        fail(line, "the leg has:%s%s%s", t->forward.keep_caller_id ? " keep" : "",
             t->forward.confirm ? " confirm" : "",
             t->forward.ignore_early_media ? "" : " early-media");
    want_times(line, t, after, length);
}

/* target DEVICE [after S] [for S] [tone TONE] */
void want_target(struct play *p, const struct line *line)
{
    const struct cx_target *t;
    unsigned after = 0, length = 0;
    const char *tone = "";

    want_kind(p, line, CX_STEP_RING);
    t = line->count > 1 ? target_of(p, phone(p, line, line->words[1])) : NULL;
    if (!t)
        fail(line, "it does not ring");
    for (int i = 2; i + 1 < line->count; i++) {
        if (strcmp(line->words[i], "after") == 0)
            after = (unsigned)atoi(line->words[++i]);
        else if (strcmp(line->words[i], "for") == 0)
            length = (unsigned)atoi(line->words[++i]);
        else if (strcmp(line->words[i], "tone") == 0)
            tone = line->words[++i];
        else
            fail(line, "target: what is '%s'?", line->words[i]);
    }
    want_times(line, t, after, length);
    want_text(line, "ringing tone", t->ringtone, tone);
}

/* ringing [ringback MEDIA] [single-reject] [auto-answer] [ignores-redirect] [private]: and no other
 */
void want_ringing(struct play *p, const struct line *line)
{
    bool reject = false, answer = false, redirect = false, private = false;
    const char *ringback = "";

    want_kind(p, line, CX_STEP_RING);
    for (int i = 1; i < line->count; i++) {
        const char *word = line->words[i];
        if (strcmp(word, "single-reject") == 0)
            reject = true;
        else if (strcmp(word, "auto-answer") == 0)
            answer = true;
        else if (strcmp(word, "ignores-redirect") == 0)
            redirect = true;
        else if (strcmp(word, "private") == 0)
        private = true;
        else if (strcmp(word, "ringback") == 0 && i + 1 < line->count) ringback = line->words[++i];
        else fail(line, "ringing: what is '%s'?", word);
    }
    if (reject != p->step.u.ring.fail_on_single_reject || answer != p->step.u.ring.auto_answer ||
        redirect != p->step.u.ring.ignore_redirect || private != p->step.privacy)
        fail(line, "it is:%s%s%s%s", p->step.u.ring.fail_on_single_reject ? " single-reject" : "",
             p->step.u.ring.auto_answer ? " auto-answer" : "",
             p->step.u.ring.ignore_redirect ? " ignores-redirect" : "",
             p->step.privacy ? " private" : "");
    want_text(line, "ringback", p->step.u.ring.ringback, ringback);
}

/* picks-up DEVICE... [answered] */
void want_picks_up(struct play *p, const struct line *line)
{
    unsigned wanted = 0;
    bool answered = false;

    want_kind(p, line, CX_STEP_PICKUP);
    for (int i = 1; i < line->count; i++) {
        bool found = false;
        if (strcmp(line->words[i], "answered") == 0) {
            answered = true;
            continue;
        }
        for (int k = 0; k < p->step.u.pickup.count; k++)
            found |=
                cx_id_equal(p->step.u.pickup.targets[k].device, phone(p, line, line->words[i])->id);
        if (!found)
            fail(line, "no call of %s is taken", line->words[i]);
        wanted++;
    }
    if (wanted != p->step.u.pickup.count || answered != p->step.u.pickup.answered)
        fail(line, "calls of %u phones are taken%s", p->step.u.pickup.count,
             p->step.u.pickup.answered ? ", answered ones too" : "");
}

/* parks auto|in|out [slot N] [ringback S] [callback S] */
void want_parks(struct play *p, const struct line *line)
{
    static const char *const actions[] = {"auto", "in", "out"};
    unsigned ringback = 120, callback = 30;
    const char *slot = "";

    want_kind(p, line, CX_STEP_PARK);
    for (int i = 2; i + 1 < line->count; i += 2) {
        if (strcmp(line->words[i], "slot") == 0)
            slot = line->words[i + 1];
        else if (strcmp(line->words[i], "ringback") == 0)
            ringback = (unsigned)atoi(line->words[i + 1]);
        else if (strcmp(line->words[i], "callback") == 0)
            callback = (unsigned)atoi(line->words[i + 1]);
    }
    if (line->count < 2 || strcmp(line->words[1], actions[p->step.u.park.action]) != 0)
        fail(line, "parks %s", actions[p->step.u.park.action]);
    want_text(line, "slot", p->step.u.park.slot, slot);
    if (ringback != p->step.u.park.ringback_s || callback != p->step.u.park.callback_s)
        fail(line, "rings back after %u s, for %u s", p->step.u.park.ringback_s,
             p->step.u.park.callback_s);
}

void follow_line(struct play *p, const struct line *line)
{
    struct cx_env env = env_of(p);
    const struct cx_target *t;
    int64_t now_ms = p->call.now_ms;
    uint8_t hops = p->call.forward_hops;
    char number[sizeof(p->number)], name[sizeof(p->name)];

    want_kind(p, line, CX_STEP_RING);
    t = line->count > 1 ? leg_to(p, line->words[1]) : NULL;
    if (!t)
        fail(line, "nothing is forwarded there");
    /* the step's texts may be those of the call: first away, then back */
    snprintf(number, sizeof(number), "%.*s", (int)p->step.caller_number.len,
             p->step.caller_number.len ? p->step.caller_number.s : "");
    snprintf(name, sizeof(name), "%.*s", (int)p->step.caller_name.len,
             p->step.caller_name.len ? p->step.caller_name.s : "");
    snprintf(p->dialled, sizeof(p->dialled), "%s", line->words[1]);
    memcpy(p->number, number, sizeof(number));
    memcpy(p->name, name, sizeof(name));
    p->call = (struct cx_call){.from = CX_FROM_DEVICE,
                               .device = t->forward.device,
                               .anonymous = p->step.privacy,
                               .forward_hops = (uint8_t)(hops + 1),
                               .forwarded = true,
                               .keep_caller_id = t->forward.keep_caller_id,
                               .forward_user = t->forward.user,
                               .now_ms = now_ms};
    p->call.dialled = (struct cx_str){p->dialled, (uint32_t)strlen(p->dialled)};
    p->call.caller_number = (struct cx_str){p->number, (uint32_t)strlen(p->number)};
    p->call.caller_name = (struct cx_str){p->name, (uint32_t)strlen(p->name)};
    cx_route(p->account->image, p->world.cluster.image, &env, &p->call, &p->step);
    check_isolation(p, line);
    told_begin(p, line);
}

/* ---- the state of phones */

static struct named_device *named(struct play *p, struct cx_str username, struct cx_str realm)
{
    for (int i = 0; i < p->world.account_count; i++) {
        struct account *a = &p->world.accounts[i];
        for (int k = 0; is(realm, a->rows.account.realm) && k < a->device_count; k++)
            if (is(username, a->devices[k].username))
                return &a->devices[k];
    }
    return NULL;
}

bool phone_busy(void *arg, struct cx_str username, struct cx_str realm)
{
    const struct named_device *d = named(arg, username, realm);

    return d && d->busy;
}

size_t phone_last_number(void *arg, struct cx_id device, bool dialled, char *text, size_t size)
{
    struct play *p = arg;
    const struct named_device *d = device_by_id(p->account, device);

    return d ? (size_t)snprintf(text, size, "%s", dialled ? d->called : d->called_by) : 0;
}

bool phone_line(struct play *p, const struct line *line)
{
    struct named_device *d;
    const char *state;

    if (strcmp(line->words[0], "phone") != 0)
        return false;
    if (line->count < 3 || p->world.account_count == 0)
        fail(line, "phone NAME STATE");
    d = (struct named_device *)find_device(p->account ? p->account : &p->world.accounts[0],
                                           line->words[1]);
    if (!d)
        fail(line, "there is no phone %s", line->words[1]);
    state = line->words[2];
    if (strcmp(state, "busy") == 0 || strcmp(state, "free") == 0)
        d->busy = state[0] == 'b';
    else if (strcmp(state, "registered") == 0 || strcmp(state, "gone") == 0)
        d->registered = state[0] == 'r';
    else if (strcmp(state, "called-by") == 0 && line->count > 3)
        snprintf(d->called_by, sizeof(d->called_by), "%s", line->words[3]);
    else if (strcmp(state, "called") == 0 && line->count > 3)
        snprintf(d->called, sizeof(d->called), "%s", line->words[3]);
    else
        fail(line, "phone: what is '%s'?", state);
    told_forget(p); /* explain knew another state */
    return true;
}
