/*
 * group.c - who is in a group: users, phones and other groups.
 *
 * Nobody is named twice: cx_ring_add() lists everybody once, however often groups name them.
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "decide.h"

#define DEPTH_MAX 5 /* groups in groups */

static const struct cx_user *user_of(const struct cx_image *image, const struct cx_member *m)
{
    return &CX_ROWS(image, CX_T_USER, struct cx_user)[m->ref];
}

static const struct cx_device *device_of(const struct cx_image *image, const struct cx_member *m)
{
    return &CX_ROWS(image, CX_T_DEVICE, struct cx_device)[m->ref];
}

/* The members of a member that is a group. */
static const struct cx_member *inner(const struct cx_image *image, const struct cx_member *m,
                                     uint32_t *count)
{
    const struct cx_group *g = &CX_ROWS(image, CX_T_GROUP, struct cx_group)[m->ref];

    *count = g->member_count;
    return CX_ROWS(image, CX_T_MEMBER, struct cx_member) + g->member_first;
}

static unsigned ring(struct cx_decide *d, const struct cx_member *m, uint32_t count,
                     const struct cx_ringing *how, unsigned depth, unsigned *visits)
{
    unsigned rung = 0;

    for (uint32_t i = 0; i < count && (*visits)++ < 4 * CX_LISTED_MAX; i++, m++) {
        struct cx_ringing its = *how;
        const struct cx_member *members;
        uint32_t n;

        if (m->ref == CX_NONE) {
            cx_trace_add(d, CX_TRACE_NODE, (struct cx_id){{0}}, "member does not exist",
                         (struct cx_str){0});
            continue;
        }
        if (m->disabled_until > d->call->now_ms / 1000) {
            cx_trace_add(d, CX_TRACE_NODE, (struct cx_id){{0}}, "member is logged out of the group",
                         (struct cx_str){0});
            continue;
        }
        its.delay_s = (uint16_t)(how->delay_s + m->delay_s);
        if (m->timeout_s)
            its.timeout_s = m->timeout_s;
        switch (m->kind) {
        case CX_MEMBER_USER:
            rung += cx_ring_user(d, user_of(d->image, m), &its);
            break;
        case CX_MEMBER_DEVICE:
            rung += cx_ring_device(d, device_of(d->image, m), &its);
            break;
        default:
            members = inner(d->image, m, &n);
            if (depth < DEPTH_MAX)
                rung += ring(d, members, n, &its, depth + 1, visits);
        }
    }
    return rung;
}

unsigned cx_ring_members(struct cx_decide *d, const struct cx_member *members, uint32_t count,
                         const struct cx_ringing *how)
{
    unsigned visits = 0;

    return ring(d, members, count, how, 0, &visits);
}

static void each(const struct cx_image *image, const struct cx_member *m, uint32_t count,
                 void (*visit)(void *arg, const struct cx_device *device), void *arg,
                 unsigned depth, unsigned *visits)
{
    const struct cx_device *devices = cx_table(image, CX_T_DEVICE);

    for (uint32_t i = 0; i < count && (*visits)++ < 4 * CX_LISTED_MAX; i++, m++) {
        const struct cx_member *members;
        uint32_t n;

        if (m->ref == CX_NONE)
            continue;
        if (m->kind == CX_MEMBER_USER) {
            const struct cx_user *u = user_of(image, m);
            const uint32_t *owned = CX_ROWS(image, CX_T_OWNED, uint32_t) + u->owned_first;
            for (uint16_t k = 0; k < u->owned_count; k++)
                visit(arg, &devices[owned[k]]);
        } else if (m->kind == CX_MEMBER_DEVICE) {
            visit(arg, device_of(image, m));
        } else if (depth < DEPTH_MAX) {
            members = inner(image, m, &n);
            each(image, members, n, visit, arg, depth + 1, visits);
        }
    }
}

void cx_each_phone(const struct cx_image *image, const struct cx_member *members, uint32_t count,
                   void (*visit)(void *arg, const struct cx_device *device), void *arg)
{
    unsigned visits = 0;

    each(image, members, count, visit, arg, 0, &visits);
}

static bool owns(const struct cx_image *image, const struct cx_user *user,
                 const struct cx_device *device)
{
    const uint32_t *owned = CX_ROWS(image, CX_T_OWNED, uint32_t) + user->owned_first;
    const struct cx_device *devices = cx_table(image, CX_T_DEVICE);

    for (uint16_t i = 0; i < user->owned_count; i++)
        if (&devices[owned[i]] == device)
            return true;
    return false;
}

static bool is_in(const struct cx_image *image, const struct cx_member *m, uint32_t count,
                  const struct cx_user *user, const struct cx_device *device, unsigned depth,
                  unsigned *visits)
{
    for (uint32_t i = 0; i < count && (*visits)++ < 4 * CX_LISTED_MAX; i++, m++) {
        const struct cx_member *members;
        uint32_t n;

        if (m->ref == CX_NONE)
            continue;
        if (m->kind == CX_MEMBER_USER) {
            const struct cx_user *u = user_of(image, m);
            if (u == user || (device && owns(image, u, device)))
                return true;
        } else if (m->kind == CX_MEMBER_DEVICE) {
            if (device_of(image, m) == device)
                return true;
        } else if (depth < DEPTH_MAX) {
            members = inner(image, m, &n);
            if (is_in(image, members, n, user, device, depth + 1, visits))
                return true;
        }
    }
    return false;
}

bool cx_is_member(const struct cx_image *image, const struct cx_member *members, uint32_t count,
                  const struct cx_user *user, const struct cx_device *device)
{
    unsigned visits = 0;

    return (user || device) && is_in(image, members, count, user, device, 0, &visits);
}

bool cx_share_group(const struct cx_decide *d, const struct cx_user *user,
                    const struct cx_device *device)
{
    const struct cx_group *groups = cx_table(d->image, CX_T_GROUP);
    const struct cx_member *members = cx_table(d->image, CX_T_MEMBER);

    for (uint32_t i = 0; i < cx_count(d->image, CX_T_GROUP); i++) {
        const struct cx_member *m = members + groups[i].member_first;
        if (cx_is_member(d->image, m, groups[i].member_count, d->user, d->device) &&
            cx_is_member(d->image, m, groups[i].member_count, user, device))
            return true;
    }
    return false;
}
