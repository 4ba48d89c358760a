/*
 * verify_groups.c - forwards, groups and ring groups: part of cx_image_check().
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "verify.h"

static bool forwards(struct cx_check *c)
{
    const struct cx_forward_row *f = cx_table(c->image, CX_T_FORWARD);
    const struct cx_user *u = cx_table(c->image, CX_T_USER);
    const struct cx_device *d = cx_table(c->image, CX_T_DEVICE);

    for (uint32_t i = 0; i < cx_count(c->image, CX_T_FORWARD); i++, f++)
        if (!cx_check_text(c, f->number) ||
            (f->rule >= CX_FORWARD_RULES && !cx_check_bad(c, "a forward of no rule")))
            return false;
    for (uint32_t i = 0; i < cx_count(c->image, CX_T_USER); i++, u++)
        if (!cx_check_range(c, u->forwards.first, u->forwards.count, CX_T_FORWARD))
            return false;
    for (uint32_t i = 0; i < cx_count(c->image, CX_T_DEVICE); i++, d++)
        if (!cx_check_range(c, d->forwards.first, d->forwards.count, CX_T_FORWARD) ||
            !cx_check_text(c, d->tone_internal) || !cx_check_text(c, d->tone_external))
            return false;
    return true;
}

static bool members(struct cx_check *c)
{
    static const enum cx_table tables[CX_MEMBER_KINDS] = {[CX_MEMBER_USER] = CX_T_USER,
                                                          [CX_MEMBER_DEVICE] = CX_T_DEVICE,
                                                          [CX_MEMBER_GROUP] = CX_T_GROUP};
    const struct cx_member *m = cx_table(c->image, CX_T_MEMBER);

    for (uint32_t i = 0; i < cx_count(c->image, CX_T_MEMBER); i++, m++) {
        if (m->kind >= CX_MEMBER_KINDS)
            return cx_check_bad(c, "a member of no kind");
        if (!cx_check_row_or_none(c, m->ref, tables[m->kind]))
            return false;
    }
    return true;
}

bool cx_check_groups(struct cx_check *c)
{
    const struct cx_group *g = cx_table(c->image, CX_T_GROUP);
    const struct cx_ring *r = cx_table(c->image, CX_T_RING);

    if (!forwards(c) || !members(c))
        return false;
    for (uint32_t i = 0; i < cx_count(c->image, CX_T_GROUP); i++, g++)
        if (!cx_check_text(c, g->name) ||
            !cx_check_range(c, g->member_first, g->member_count, CX_T_MEMBER))
            return false;
    for (uint32_t i = 0; i < cx_count(c->image, CX_T_RING); i++, r++)
        if (!cx_check_text(c, r->name) || !cx_check_text(c, r->ringback) ||
            !cx_check_text(c, r->tone_internal) || !cx_check_text(c, r->tone_external) ||
            !cx_check_range(c, r->member_first, r->member_count, CX_T_MEMBER) ||
            !cx_check_range(c, r->approved_first, r->approved_count, CX_T_MEMBER))
            return false;
    return true;
}
