/*
 * recording.c - see recording.h.
 *
 * Asked in this order, the first that says yes is it: the account's own rule for calls that come
 * in, its rule for calls that go out, the caller's phone, the called phone. A phone's own word
 * beats its user's, and that the account's default for endpoints (Kazoo's order).
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include <jansson.h>
#include <string.h>

#include "build.h"
#include "decide.h"
#include "recording.h"

/* ---- compiling */

static int number(struct cx_build *b, const char *document, const json_t *o, const char *key,
                  json_int_t most, uint32_t *value)
{
    const json_t *v = json_object_get(o, key);

    if (!v || json_is_null(v))
        return 0;
    if (!json_is_integer(v) || json_integer_value(v) < 0)
        return cx_compile_fail(b->error, document, "call_recording", "%s must be a number", key);
    *value = (uint32_t)(json_integer_value(v) < most ? json_integer_value(v) : most);
    return 0;
}

static int one(struct cx_build *b, const char *document, const json_t *o, uint32_t *word)
{
    const json_t *enabled = json_object_get(o, "enabled");
    const char *format = json_string_value(json_object_get(o, "format"));
    uint32_t limit = 0, least = 0;
    int err;

    if (!json_is_boolean(enabled)) /* parameters without a word are nobody's wish */
        return 0;
    err = number(b, document, o, "time_limit", 10800, &limit);
    if (err == 0)
        err = number(b, document, o, "record_min_sec", 10800, &least);
    *word = CX_RECORD_SAID | (json_is_true(enabled) ? CX_RECORD_YES : 0) |
            (format && strcmp(format, "wav") == 0 ? CX_RECORD_WAV : 0) |
            limit << CX_RECORD_LIMIT_SHIFT | least << CX_RECORD_LEAST_SHIFT;
    return err;
}

int cx_build_recording(struct cx_build *b, const char *document, const char *doc,
                       const char *object, struct cx_recording *out)
{
    static const char *const directions[] = {"inbound", "outbound"}, *const networks[] = {"onnet",
                                                                                          "offnet"};
    json_t *all = doc && strstr(doc, "\"call_recording\"") ? json_loads(doc, 0, NULL) : NULL;
    const json_t *o = json_object_get(all, "call_recording");
    int err = 0;

    memset(out, 0, sizeof(*out));
    if (object)
        o = json_object_get(o, object);
    for (unsigned i = 0; i < 4 && err == 0; i++) {
        const char *direction = directions[i / 2], *network = networks[i % 2];
        /* from what is said most exactly to what is said least */
        const json_t *said[] = {json_object_get(json_object_get(o, direction), network),
                                json_object_get(json_object_get(o, direction), "any"),
                                json_object_get(json_object_get(o, "any"), network),
                                json_object_get(json_object_get(o, "any"), "any")};

        for (unsigned k = 0; k < 4 && err == 0 && !out->words[i]; k++)
            err = one(b, document, said[k], &out->words[i]);
    }
    json_decref(all);
    return err;
}

int cx_build_recording_row(struct cx_build *b, const char *document, const char *doc, uint32_t *row)
{
    struct cx_recording wishes, *to;
    uint32_t count = cx_build_count(b, CX_T_RECORDING);
    int err = cx_build_recording(b, document, doc, NULL, &wishes);

    if (count == 0 && cx_build_add(b, CX_T_RECORDING)) /* nobody's wish */
        count++;
    for (*row = 0; err == 0 && *row < count; (*row)++)
        if (memcmp(cx_build_row(b, CX_T_RECORDING, *row), &wishes, sizeof(wishes)) == 0)
            return 0;
    if (err == 0 && (to = cx_build_add(b, CX_T_RECORDING)) != NULL)
        *to = wishes;
    return err;
}

/* ---- deciding */

static const struct cx_user *owner_of(const struct cx_decide *d, const struct cx_device *device)
{
    return device && device->owner != CX_NONE
               ? &CX_ROWS(d->image, CX_T_USER, struct cx_user)[device->owner]
               : NULL;
}

static uint32_t word_of(const struct cx_decide *d, uint32_t row, unsigned kind)
{
    return CX_ROWS(d->image, CX_T_RECORDING, struct cx_recording)[row].words[kind];
}

/* The word for a phone, and whose it is. */
static uint32_t of_endpoint(const struct cx_decide *d, const struct cx_device *device,
                            const struct cx_user *user, unsigned kind, struct cx_id *who)
{
    if (device && word_of(d, device->recording, kind)) {
        *who = user ? user->id : device->id;
        return word_of(d, device->recording, kind);
    }
    if (user && word_of(d, user->recording, kind)) {
        *who = user->id;
        return word_of(d, user->recording, kind);
    }
    *who = user ? user->id : device ? device->id : (struct cx_id){{0}};
    return device || user ? d->image->recording_endpoint.words[kind] : 0;
}

static struct cx_record_rule rule_of(uint32_t word, unsigned kind, enum cx_record_scope scope,
                                     struct cx_id who)
{
    return (struct cx_record_rule){.on = word & CX_RECORD_YES,
                                   .wav = word & CX_RECORD_WAV,
                                   .outbound = kind & CX_RECORD_OUTBOUND,
                                   .offnet = kind & CX_RECORD_OFFNET,
                                   .scope = scope,
                                   .limit_s = word >> CX_RECORD_LIMIT_SHIFT & 0x3fff,
                                   .least_s = word >> CX_RECORD_LEAST_SHIFT & 0x7fff,
                                   .who = who};
}

void cx_decide_recording(struct cx_decide *d)
{
    struct cx_step *step = d->step;
    unsigned in =
        CX_RECORD_INBOUND + (d->call->from == CX_FROM_CARRIER ? CX_RECORD_OFFNET : CX_RECORD_ONNET);
    unsigned out =
        CX_RECORD_OUTBOUND + (step->kind == CX_STEP_OUTBOUND ? CX_RECORD_OFFNET : CX_RECORD_ONNET);
    bool ours = d->call->from == CX_FROM_DEVICE;
    struct cx_id who = d->image->account;
    uint32_t word = 0;

    /* a call that leaves is no inbound one, whoever made it */
    if (step->kind == CX_STEP_RING || !ours)
        word = d->image->recording_account.words[in];
    if (word & CX_RECORD_YES) {
        step->record = rule_of(word, in, CX_RECORD_BY_ACCOUNT, who);
    } else if (ours && (word = d->image->recording_account.words[out]) & CX_RECORD_YES) {
        step->record = rule_of(word, out, CX_RECORD_BY_ACCOUNT, who);
    } else if (ours && (word = of_endpoint(d, d->device, d->user, out, &who)) & CX_RECORD_YES) {
        step->record = rule_of(word, out, CX_RECORD_BY_ENDPOINT, who);
    }
    if (step->record.on)
        cx_trace_add(d, CX_TRACE_OUTCOME, step->record.who, "the call is recorded",
                     (struct cx_str){0});
    if (step->kind != CX_STEP_RING)
        return;
    for (uint16_t i = 0; i < step->u.ring.count; i++) {
        struct cx_target *t = &step->u.ring.targets[i];
        const struct cx_device *device = cx_find_device(d->image, t->device);

        word = of_endpoint(d, device, owner_of(d, device), in, &who);
        t->record = rule_of(word, in, CX_RECORD_BY_ENDPOINT, who);
        if (t->record.on && !step->record.on)
            cx_trace_add(d, CX_TRACE_OUTCOME, who, "recorded if this phone answers",
                         (struct cx_str){0});
    }
}
