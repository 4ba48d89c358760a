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

void cx_show_caller_inside(struct cx_decide *d)
{
    struct cx_step *step = d->step;
    const struct cx_image *image = d->image;

    step->privacy = d->call->anonymous;
    if (!d->device || d->call->forwarded) { /* of a carrier, of another account, or forwarded: as it
                                               came */
        step->caller_name = d->call->caller_name;
        step->caller_number = d->call->caller_number;
        return;
    }
    step->caller_name = cx_pool(image, d->device->caller_id.internal_name);
    step->caller_number = cx_pool(image, d->device->caller_id.internal_number);
    if (d->user) {
        struct cx_str name = first_of(image, d->user->caller_id.internal_name, d->user->name);
        struct cx_str number =
            first_of(image, d->user->caller_id.internal_number, d->user->presence);
        if (name.len)
            step->caller_name = name;
        if (number.len)
            step->caller_number = number;
    }
    if (step->caller_name.len == 0)
        step->caller_name = cx_pool(image, d->device->name);
    if (step->caller_number.len == 0)
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

void cx_show_caller_outside(struct cx_decide *d, bool emergency)
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
    if (d->device)
        choices[n++] =
            (struct choice){d->device->caller_id.external_name,
                            d->device->caller_id.external_number, "device's external caller ID"};
    choices[n++] = (struct choice){image->external_name, image->external_number,
                                   "account's external caller ID"};

    d->step->privacy = d->call->anonymous && !emergency;
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
