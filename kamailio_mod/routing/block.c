/*
 * block.c - callers who may not call: anonymous ones, and numbers in blacklists.
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include <string.h>
#include <strings.h>

#include "decide.h"
#include "number.h"

static bool is_word(struct cx_str s, const char *word)
{
    return s.len == strlen(word) && strncasecmp(s.s, word, s.len) == 0;
}

/* No number, noughts only, or a name that says so. */
static bool is_anonymous(const struct cx_call *call)
{
    struct cx_str n = call->caller_number;
    uint32_t i = n.len && n.s[0] == '+' ? 1 : 0;

    if (call->anonymous || n.len == 0 || is_word(n, "anonymous") || is_word(n, "restricted") ||
        is_word(call->caller_name, "anonymous") || is_word(call->caller_name, "restricted"))
        return true;
    while (i < n.len && n.s[i] == '0')
        i++;
    return i == n.len;
}

static bool is_listed(const struct cx_image *image, const struct cx_blacklist *list,
                      struct cx_str number)
{
    const cx_ref *numbers = CX_ROWS(image, CX_T_BLOCKED, cx_ref) + list->number_first;
    uint32_t lo = 0, hi = list->number_count;

    while (lo < hi) {
        uint32_t mid = lo + (hi - lo) / 2;
        int c = cx_str_compare(cx_pool(image, numbers[mid]), number);
        if (c == 0)
            return true;
        if (c < 0)
            lo = mid + 1;
        else
            hi = mid;
    }
    return false;
}

static bool refuse_anonymous(struct cx_decide *d, struct cx_id who)
{
    cx_trace_add(d, CX_TRACE_SOURCE, who, "anonymous callers are blocked", (struct cx_str){0});
    cx_step_reply(d, 433, "Anonymity Disallowed");
    return true;
}

bool cx_block_caller(struct cx_decide *d, uint32_t user)
{
    const struct cx_image *image = d->image;
    const struct cx_applies *a = cx_table(image, CX_T_APPLIES);
    const struct cx_blacklist *lists = cx_table(image, CX_T_BLACKLIST);
    bool anonymous;
    struct cx_str number;
    char text[CX_NUMBER_MAX];

    if (d->call->from == CX_FROM_DEVICE)
        return false;
    anonymous = is_anonymous(d->call);
    if (user == CX_NONE && anonymous && (image->flags & CX_ACCOUNT_BLOCK_ANONYMOUS))
        return refuse_anonymous(d, image->account);
    if (cx_count(image, CX_T_APPLIES) == 0)
        return false;
    number = cx_number_normalise(image->country, d->call->caller_number, text);
    for (uint32_t i = 0; i < cx_count(image, CX_T_APPLIES); i++) {
        const struct cx_blacklist *list = &lists[a[i].blacklist];
        if (a[i].user != user)
            continue;
        if (anonymous && (list->flags & CX_BLACKLIST_ANONYMOUS))
            return refuse_anonymous(d, list->id);
        if (!is_listed(image, list, number))
            continue;
        cx_trace_add(d, CX_TRACE_SOURCE, list->id, "the caller is in a blacklist",
                     d->call->caller_number);
        cx_step_reply(d, 603, "Decline");
        return true;
    }
    return false;
}
