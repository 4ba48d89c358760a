/*
 * lists.c - the caller's number, and lists that may know it.
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "decide.h"
#include "number.h"
#include "pattern.h"

struct cx_str cx_caller_number(struct cx_decide *d)
{
    char text[CX_NUMBER_MAX];
    struct cx_str number = d->call->caller_number;

    if (d->device && !d->call->forwarded) { /* a phone: the extension that it shows */
        number = cx_pool(d->image, d->user ? d->user->caller_id.internal_number
                                           : d->device->caller_id.internal_number);
        if (number.len == 0 && d->user)
            number = cx_pool(d->image, d->user->presence);
        if (number.len)
            return number;
        return d->call->caller_number;
    }
    number = cx_number_normalise(d->image->country, number, text);
    return cx_text_make(d->step, "%.*s", (int)number.len, number.s);
}

const struct cx_match *cx_list_find(struct cx_decide *d, uint32_t list, struct cx_str number)
{
    const struct cx_match_list *l = &CX_ROWS(d->image, CX_T_MATCH_LIST, struct cx_match_list)[list];
    const struct cx_match *m = CX_ROWS(d->image, CX_T_MATCH, struct cx_match) + l->first;
    const uint32_t *code = cx_table(d->image, CX_T_CODE);
    struct cx_str capture;

    for (uint32_t i = 0; i < l->count; i++, m++) {
        struct cx_str own = cx_pool(d->image, m->number);
        if (own.len ? cx_str_compare(own, number) == 0
                    : m->pattern.count && cx_pattern_run(code + m->pattern.first, m->pattern.count,
                                                         number, &capture))
            return m;
    }
    return NULL;
}
