/*
 * restrict.h - number classes, and who may call them.
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef CX_ROUTING_RESTRICT_H
#define CX_ROUTING_RESTRICT_H

#include "call.h"

/* Bits of a deny mask. */
enum cx_class {
    CX_CLASS_TOLLFREE,
    CX_CLASS_PREMIUM,
    CX_CLASS_SHARED,
    CX_CLASS_MOBILE,
    CX_CLASS_DID, /* ordinary national numbers */
    CX_CLASS_CARIBBEAN,
    CX_CLASS_EMERGENCY,
    CX_CLASS_INTERNATIONAL,
    CX_CLASS_UNKNOWN,
    CX_CLASSES
};

/* Emergency numbers pass whatever is denied, and cannot be extensions. */
bool cx_is_emergency(struct cx_str dialled);

/* The class of a number as cx_number_normalise() gives it. country: two letters. */
enum cx_class cx_classify(const char *country, struct cx_str number);

/* "did_us", "tollfree_ie", "international": the name that clients use. */
const char *cx_class_name(const char *country, enum cx_class class);

/* The class that a key of a call_restriction object names in this country; false: none. */
bool cx_class_by_name(const char *country, const char *name, enum cx_class *class);

/* For lists of classifiers: the expression that finds the class (JavaScript and PCRE), on E.164.
 * "": none in this country. */
const char *cx_class_regex(const char *country, enum cx_class class);
const char *cx_class_friendly(enum cx_class class);

#endif
