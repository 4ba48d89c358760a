/*
 * page_group.c - callflow module "page_group": the caller speaks to all these phones at once, which
 * answer by themselves. data: endpoints as of ring_group, audio (one-way, two-way), timeout (s),
 * barge_calls, name.
 *
 * A worker calls the phones and mixes: service "page" with phones=<SIP user names, comma>;
 * audio=one-way|two-way; timeout=<s that a phone has to answer>; barge=1: also phones in a call.
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include <stdio.h>

#include "nodes.h"

#define DEFAULT_TIMEOUT_S 5

int cx_fill_page_group(struct cx_flow *f, const json_t *data, struct cx_node *n)
{
    static const char *const audio[] = {"one-way", "two-way", NULL};
    struct cx_ring ring = {0};
    unsigned two_way = 0;
    long timeout_s = DEFAULT_TIMEOUT_S;
    int err = cx_flow_choice(f, data, "audio", audio, &two_way);

    if (err == 0)
        err = cx_flow_number(f, data, "timeout", 0, 3600, &timeout_s);
    if (err < 0)
        return err;
    ring.timeout_s = (uint16_t)(timeout_s ? timeout_s : DEFAULT_TIMEOUT_S);
    ring.flags = (uint8_t)((two_way ? CX_RING_TWO_WAY : 0) |
                           (cx_flow_true(data, "barge_calls") ? CX_RING_BARGE : 0));
    return cx_flow_ring(f, data, n, &ring);
}

enum cx_done cx_node_page_group(struct cx_decide *d, const struct cx_node *node)
{
    struct cx_ringing how = {.can_call_self = true, .group = true, .phones_only = true};
    const struct cx_ring *ring;
    char phones[900] = "";
    size_t used = 0;

    if (node->ref == CX_NONE)
        return CX_DONE_NEXT;
    ring = &CX_ROWS(d->image, CX_T_RING, struct cx_ring)[node->ref];
    cx_trace_add(d, CX_TRACE_NODE, (struct cx_id){{0}}, "page group",
                 cx_pool(d->image, ring->name));
    cx_ring_begin(d, ring->timeout_s);
    cx_ring_members(d, CX_ROWS(d->image, CX_T_MEMBER, struct cx_member) + ring->member_first,
                    ring->member_count, &how);
    for (uint16_t i = 0; i < d->step->u.ring.count; i++) {
        struct cx_str name = d->step->u.ring.targets[i].username;
        if (name.len == 0 || used + name.len + 2 > sizeof(phones))
            continue;
        used += (size_t)snprintf(phones + used, sizeof(phones) - used, "%s%.*s", used ? "," : "",
                                 (int)name.len, name.s);
    }
    if (used == 0) {
        cx_trace_add(d, CX_TRACE_NODE, (struct cx_id){{0}}, "nobody of the group can be paged",
                     (struct cx_str){0});
        cx_ring_missed(d, node);
        return CX_DONE_NEXT;
    }
    cx_step_service(d, "page", "phones=%s;audio=%s;timeout=%u%s",
                    cx_escape(d, (struct cx_str){phones, (uint32_t)used}),
                    ring->flags & CX_RING_TWO_WAY ? "two-way" : "one-way", ring->timeout_s,
                    ring->flags & CX_RING_BARGE ? ";barge=1" : "");
    return CX_DONE_STEP;
}
