/*
 * callerid.c - what the called party is shown.
 *
 * Inside: name and extension of the user whose phone calls. Outside: a number of the account, never
 * another: the user's or device's choice if it is in service here, else the account's, else the
 * first one in service. SPDX-License-Identifier: GPL-2.0-or-later
 */
#include <string.h>

#include "decide.h"
#include "number.h"

static struct cx_str first_of(const struct cx_image *image, cx_ref a, cx_ref b)
{
    struct cx_str s = cx_pool(image, a);

    return s.len ? s : cx_pool(image, b);
}

/* The caller is shown as they came: from outside, or kept by who forwards. */
static bool as_it_came(const struct cx_decide *d)
{
    if (!d->device && !d->user) /* also a call of the account itself */
        return true;
    return d->call->forwarded && d->call->keep_caller_id;
}

void cx_show_caller_inside(struct cx_decide *d)
{
    struct cx_step *step = d->step;
    const struct cx_image *image = d->image;

    step->caller_name = step->caller_number = (struct cx_str){0};
    step->privacy = d->call->anonymous && (as_it_came(d) || !d->call->forwarded);
    if (as_it_came(d)) {
        step->caller_name = d->call->caller_name;
        step->caller_number = d->call->caller_number;
        if (d->call->forwarded)
            cx_trace_add(d, CX_TRACE_CALLER_ID, d->call->forward_user,
                         "the forward keeps the caller ID", step->caller_number);
        return;
    }
    if (d->device) {
        step->caller_name = cx_pool(image, d->device->caller_id.internal_name);
        step->caller_number = cx_pool(image, d->device->caller_id.internal_number);
    }
    if (d->user) {
        struct cx_str name = first_of(image, d->user->caller_id.internal_name, d->user->name);
        struct cx_str number =
            first_of(image, d->user->caller_id.internal_number, d->user->presence);
        if (name.len)
            step->caller_name = name;
        if (number.len)
            step->caller_number = number;
    }
    if (d->device && step->caller_name.len == 0)
        step->caller_name = cx_pool(image, d->device->name);
    if (d->device && step->caller_number.len == 0)
        step->caller_number = cx_pool(image, d->device->username);
    cx_trace_add(d, CX_TRACE_CALLER_ID, d->user ? d->user->id : d->device->id,
                 "caller ID for inside", step->caller_number);
}

/* The number as the inventory has it, or empty when it is not this account's. */
static struct cx_str own_number(struct cx_decide *d, struct cx_str wanted)
{
    char text[CX_NUMBER_MAX];
    const struct cx_number_row *row;

    if (wanted.len == 0)
        return wanted;
    row = cx_find_number(d->image, cx_number_normalise(d->image->country, wanted, text));
    if (!row) {
        cx_trace_add(d, CX_TRACE_CALLER_ID, d->image->account, "not a number of this account",
                     wanted);
        return (struct cx_str){0};
    }
    return cx_pool(d->image, row->text);
}

struct choice {
    cx_ref name, number;
    const char *reason;
};

/* A number of the account, whatever was asked for. */
static void show_own(struct cx_decide *d, bool emergency)
{
    const struct cx_image *image = d->image;
    struct choice choices[6];
    unsigned n = 0;

    /* Emergency services must find the place: the device knows it better than the user (Kazoo:
     * device first). */
    if (emergency && d->device)
        choices[n++] =
            (struct choice){d->device->caller_id.emergency_name,
                            d->device->caller_id.emergency_number, "device's emergency caller ID"};
    if (emergency && d->user)
        choices[n++] =
            (struct choice){d->user->caller_id.emergency_name, d->user->caller_id.emergency_number,
                            "user's emergency caller ID"};
    if (emergency)
        choices[n++] = (struct choice){image->emergency_name, image->emergency_number,
                                       "account's emergency caller ID"};
    if (d->user)
        choices[n++] =
            (struct choice){d->user->caller_id.external_name, d->user->caller_id.external_number,
                            "user's external caller ID"};
    if (d->device && !(d->device->flags & CX_DEVICE_HOTDESKED)) /* its owner's, not theirs */
        choices[n++] =
            (struct choice){d->device->caller_id.external_name,
                            d->device->caller_id.external_number, "device's external caller ID"};
    choices[n++] = (struct choice){image->external_name, image->external_number,
                                   "account's external caller ID"};

    for (unsigned i = 0; i < n; i++) {
        struct cx_str number = own_number(d, cx_pool(image, choices[i].number));
        if (number.len == 0)
            continue;
        d->step->caller_number = number;
        d->step->caller_name = cx_pool(image, choices[i].name);
        cx_trace_add(d, CX_TRACE_CALLER_ID, image->account, choices[i].reason, number);
        return;
    }
    d->step->caller_name = (struct cx_str){0};
    if (cx_count(image, CX_T_NUMBER) > 0) {
        d->step->caller_number = cx_image_number(image, 0);
        cx_trace_add(d, CX_TRACE_CALLER_ID, image->account, "first number of the account",
                     d->step->caller_number);
    } else {
        d->step->caller_number = (struct cx_str){0};
        cx_trace_add(d, CX_TRACE_CALLER_ID, image->account, "the account has no number: anonymous",
                     (struct cx_str){0});
    }
}

/* What the account, the phone or its user hides from the outside world; the last word is the
 * user's. */
static uint32_t hidden(const struct cx_decide *d)
{
    if (d->user && (d->user->privacy & CX_HIDE_SAID))
        return d->user->privacy;
    if (d->device && (d->device->privacy & CX_HIDE_SAID))
        return d->device->privacy;
    return d->image->privacy;
}

/* The caller of a forwarded leg, when the forwarder keeps it and it is a number that the world can
 * call. */
static struct cx_str kept_number(struct cx_decide *d)
{
    char text[CX_NUMBER_MAX];
    struct cx_str number = {0};

    if (!d->call->forwarded || !d->call->keep_caller_id || d->call->from != CX_FROM_DEVICE)
        return number;
    number = cx_number_normalise(d->image->country, d->call->caller_number, text);
    if (number.len < 8 || number.s[0] != '+')
        return (struct cx_str){0};
    return cx_text_make(d->step, "%.*s", (int)number.len, number.s);
}

void cx_show_caller_outside(struct cx_decide *d, bool emergency)
{
    struct cx_step *step = d->step;
    uint32_t hide = emergency ? 0 : hidden(d);
    struct cx_str kept = emergency ? (struct cx_str){0} : kept_number(d);

    show_own(d, emergency);
    /* a forwarder shows their own number, which nobody asked to hide */
    step->privacy = d->call->anonymous && !emergency && (!d->call->forwarded || kept.len > 0);
    if (step->kind == CX_STEP_OUTBOUND && d->call->forwarded && !emergency)
        step->u.outbound.diversion = step->caller_number;
    if (kept.len) {
        step->caller_number = kept;
        step->caller_name = d->call->caller_name;
        cx_trace_add(d, CX_TRACE_CALLER_ID, d->call->forward_user,
                     "the forward keeps the caller ID", kept);
        return;
    }
    if (hide & CX_HIDE_NUMBER)
        step->privacy = true;
    if (hide & CX_HIDE_NAME)
        step->caller_name = (struct cx_str){0};
    if (hide & (CX_HIDE_NUMBER | CX_HIDE_NAME))
        cx_trace_add(d, CX_TRACE_CALLER_ID, d->image->account, "the caller is hidden outside",
                     (struct cx_str){0});
}
