/*
 * dialplan.c - what a phone dials, as its rules, its user's and the account's rewrite it.
 *
 * Asked before the country's habits (number.c). The first pattern that matches, the phone's rules
 * first; prefix + last capture + suffix is what counts.
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "decide.h"
#include "pattern.h"

static bool is_whose(const struct cx_decide *d, const struct cx_dial_rule *rule)
{
    switch (rule->kind) {
    case CX_VALUE_DEVICE:
        return d->device && cx_index(d->image, CX_T_DEVICE, d->device) == rule->row;
    case CX_VALUE_USER:
        return d->user && cx_index(d->image, CX_T_USER, d->user) == rule->row;
    default:
        return true;
    }
}

struct cx_str cx_dial_plan(struct cx_decide *d, struct cx_str dialled)
{
    static const uint32_t order[] = {CX_VALUE_DEVICE, CX_VALUE_USER, CX_VALUE_ACCOUNT};
    const struct cx_dial_rule *rules = cx_table(d->image, CX_T_DIAL_RULE);
    const uint32_t *code = cx_table(d->image, CX_T_CODE);
    uint32_t count = cx_count(d->image, CX_T_DIAL_RULE);
    struct cx_str capture, prefix, suffix, made;

    if (cx_is_emergency(dialled))
        return dialled;
    for (unsigned k = 0; k < sizeof(order) / sizeof(*order); k++)
        for (uint32_t i = 0; i < count; i++) {
            if (rules[i].kind != order[k] || !is_whose(d, &rules[i]) ||
                !cx_pattern_run(code + rules[i].pattern.first, rules[i].pattern.count, dialled,
                                &capture))
                continue;
            prefix = cx_pool(d->image, rules[i].prefix);
            suffix = cx_pool(d->image, rules[i].suffix);
            made = cx_text_make(d->step, "%.*s%.*s%.*s", (int)prefix.len, prefix.s,
                                (int)capture.len, capture.s, (int)suffix.len, suffix.s);
            cx_trace_add(d, CX_TRACE_NUMBER, d->image->account, "dial plan", made);
            return made;
        }
    return dialled;
}
