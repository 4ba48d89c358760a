/*
 * feature_row.h - settings that are changed by phone, in the database: question (ask.h) of service
 * "feature". SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef CX_FEATURE_ROW_H
#define CX_FEATURE_ROW_H

#include "ask.h"

enum cx_feature_kind {
    CX_FEATURE_DND,
    CX_FEATURE_FORWARD,
    CX_FEATURE_FORWARD_BUSY,
    CX_FEATURE_FORWARD_NO_ANSWER,
    CX_FEATURE_CALL_WAITING,
    CX_FEATURE_HOURS,
};

enum cx_feature_change {
    CX_FEATURE_ON,
    CX_FEATURE_OFF,
    CX_FEATURE_TOGGLE,
    CX_FEATURE_UPDATE, /* the number only */
    CX_FEATURE_RESET,  /* hours: by the clock again */
};

enum cx_feature_result { CX_FEATURE_DONE, CX_FEATURE_NO_NUMBER, CX_FEATURE_NOTHING };

struct cx_feature {
    enum cx_feature_kind kind;
    enum cx_feature_change change;
    bool of_device;
    char account[33], id[33]; /* of the user or device */
    char rules[700];          /* hours: ids of temporal rules, separated by commas */
    char number[40];          /* of a forward; "": what stands there */
    /* answers */
    enum cx_feature_result
        result; /* NO_NUMBER: one is needed; NOTHING: there is no such document */
    bool on;    /* now; number is the one in force */
};

int cx_feature_change(const struct cx_ask_env *env, void *data);

#endif
