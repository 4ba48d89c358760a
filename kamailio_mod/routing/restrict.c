/*
 * restrict.c - see restrict.h.
 *
 * National plans as prefixes of the number after the country code, longest first. Sources: ComReg's
 * National Numbering Plan (IE), Ofcom's (GB), NANPA (US). SPDX-License-Identifier: GPL-2.0-or-later
 */
#include <string.h>

#include "layout.h"
#include "restrict.h"

struct prefix {
    const char *digits; /* after the country code */
    enum cx_class class;
    unsigned len; /* of the whole number after the country code; 0: any */
};

struct plan {
    char country[3];
    const char *code; /* with + */
    const char *suffix;
    const struct prefix *prefixes; /* longer ones first; the rest are ordinary numbers */
    unsigned least, most;          /* digits after the country code */
};

/* 1550 123456 is a premium number, 1 550 1234 one in Dublin: the length decides. */
static const struct prefix irish[] = {
    {"1800", CX_CLASS_TOLLFREE, 10}, {"800", CX_CLASS_TOLLFREE, 0}, {"15", CX_CLASS_PREMIUM, 10},
    {"1850", CX_CLASS_SHARED, 10},   {"1890", CX_CLASS_SHARED, 10}, {"0818", CX_CLASS_SHARED, 0},
    {"818", CX_CLASS_SHARED, 9},     {"76", CX_CLASS_SHARED, 9},    {"83", CX_CLASS_MOBILE, 0},
    {"85", CX_CLASS_MOBILE, 0},      {"86", CX_CLASS_MOBILE, 0},    {"87", CX_CLASS_MOBILE, 0},
    {"88", CX_CLASS_MOBILE, 0},      {"89", CX_CLASS_MOBILE, 0},    {NULL, CX_CLASS_DID, 0},
};

static const struct prefix british[] = {
    {"800", CX_CLASS_TOLLFREE, 0}, {"808", CX_CLASS_TOLLFREE, 0}, {"9", CX_CLASS_PREMIUM, 0},
    {"87", CX_CLASS_SHARED, 0},    {"84", CX_CLASS_SHARED, 0},    {"70", CX_CLASS_PREMIUM, 0},
    {"76", CX_CLASS_SHARED, 0},    {"7", CX_CLASS_MOBILE, 0},     {NULL, CX_CLASS_DID, 0},
};

static const struct prefix american[] = {
    {"800", CX_CLASS_TOLLFREE, 0},  {"888", CX_CLASS_TOLLFREE, 0},  {"877", CX_CLASS_TOLLFREE, 0},
    {"866", CX_CLASS_TOLLFREE, 0},  {"855", CX_CLASS_TOLLFREE, 0},  {"844", CX_CLASS_TOLLFREE, 0},
    {"833", CX_CLASS_TOLLFREE, 0},  {"822", CX_CLASS_TOLLFREE, 0},  {"880", CX_CLASS_TOLLFREE, 0},
    {"881", CX_CLASS_TOLLFREE, 0},  {"882", CX_CLASS_TOLLFREE, 0},  {"883", CX_CLASS_TOLLFREE, 0},
    {"884", CX_CLASS_TOLLFREE, 0},  {"885", CX_CLASS_TOLLFREE, 0},  {"886", CX_CLASS_TOLLFREE, 0},
    {"887", CX_CLASS_TOLLFREE, 0},  {"889", CX_CLASS_TOLLFREE, 0},  {"900", CX_CLASS_PREMIUM, 0},
    {"684", CX_CLASS_CARIBBEAN, 0}, {"264", CX_CLASS_CARIBBEAN, 0}, {"268", CX_CLASS_CARIBBEAN, 0},
    {"242", CX_CLASS_CARIBBEAN, 0}, {"246", CX_CLASS_CARIBBEAN, 0}, {"441", CX_CLASS_CARIBBEAN, 0},
    {"284", CX_CLASS_CARIBBEAN, 0}, {"345", CX_CLASS_CARIBBEAN, 0}, {"767", CX_CLASS_CARIBBEAN, 0},
    {"809", CX_CLASS_CARIBBEAN, 0}, {"829", CX_CLASS_CARIBBEAN, 0}, {"849", CX_CLASS_CARIBBEAN, 0},
    {"473", CX_CLASS_CARIBBEAN, 0}, {"671", CX_CLASS_CARIBBEAN, 0}, {"876", CX_CLASS_CARIBBEAN, 0},
    {"664", CX_CLASS_CARIBBEAN, 0}, {"670", CX_CLASS_CARIBBEAN, 0}, {"787", CX_CLASS_CARIBBEAN, 0},
    {"939", CX_CLASS_CARIBBEAN, 0}, {"869", CX_CLASS_CARIBBEAN, 0}, {"758", CX_CLASS_CARIBBEAN, 0},
    {"784", CX_CLASS_CARIBBEAN, 0}, {"721", CX_CLASS_CARIBBEAN, 0}, {"868", CX_CLASS_CARIBBEAN, 0},
    {"649", CX_CLASS_CARIBBEAN, 0}, {"340", CX_CLASS_CARIBBEAN, 0}, {NULL, CX_CLASS_DID, 0},
};

static const struct plan plans[] = {
    {"IE", "+353", "ie", irish, 7, 10},
    {"GB", "+44", "uk", british, 9, 10},
    {"US", "+1", "us", american, 10, 10},
    {"CA", "+1", "us", american, 10, 10},
};

static const struct plan *plan_of(const char *country)
{
    for (size_t i = 0; i < sizeof(plans) / sizeof(*plans); i++)
        if (strncmp(plans[i].country, country, 2) == 0)
            return &plans[i];
    return NULL;
}

bool cx_is_emergency(struct cx_str dialled)
{
    static const char *const numbers[] = {"112", "999", "911", "000", "933"};

    for (size_t i = 0; i < sizeof(numbers) / sizeof(*numbers); i++)
        if (cx_str_equal_z(dialled, numbers[i]))
            return true;
    return false;
}

static bool begins_with(struct cx_str s, const char *prefix)
{
    size_t n = strlen(prefix);

    return s.len >= n && memcmp(s.s, prefix, n) == 0;
}

static bool is_e164(struct cx_str s)
{
    if (s.len < 8 || s.len > 16 || s.s[0] != '+')
        return false;
    for (uint32_t i = 1; i < s.len; i++)
        if (s.s[i] < '0' || s.s[i] > '9')
            return false;
    return true;
}

enum cx_class cx_classify(const char *country, struct cx_str number)
{
    const struct plan *plan = plan_of(country);
    struct cx_str national;

    if (cx_is_emergency(number))
        return CX_CLASS_EMERGENCY;
    if (!is_e164(number))
        return CX_CLASS_UNKNOWN;
    if (!plan || !begins_with(number, plan->code))
        return CX_CLASS_INTERNATIONAL;
    national =
        (struct cx_str){number.s + strlen(plan->code), number.len - (uint32_t)strlen(plan->code)};
    for (const struct prefix *p = plan->prefixes; p->digits; p++)
        if (begins_with(national, p->digits) && (p->len == 0 || p->len == national.len))
            return p->class;
    return national.len >= plan->least && national.len <= plan->most ? CX_CLASS_DID
                                                                     : CX_CLASS_UNKNOWN;
}

/* Kazoo's names for the US; the same stems elsewhere. */
static const struct {
    const char *stem;
    const char *friendly;
    bool national; /* the name carries the country */
} classes[CX_CLASSES] = {
    [CX_CLASS_TOLLFREE] = {"tollfree", "Toll free", true},
    [CX_CLASS_PREMIUM] = {"toll", "Premium rate", true},
    [CX_CLASS_SHARED] = {"shared", "Shared cost", true},
    [CX_CLASS_MOBILE] = {"mobile", "Mobile", true},
    [CX_CLASS_DID] = {"did", "National", true},
    [CX_CLASS_CARIBBEAN] = {"caribbean", "Caribbean", false},
    [CX_CLASS_EMERGENCY] = {"emergency", "Emergency", false},
    [CX_CLASS_INTERNATIONAL] = {"international", "International", false},
    [CX_CLASS_UNKNOWN] = {"unknown", "Unknown", false},
};

const char *cx_class_name(const char *country, enum cx_class class)
{
    static const char *const names[][3] = {
        [CX_CLASS_TOLLFREE] = {"tollfree_ie", "tollfree_uk", "tollfree_us"},
        [CX_CLASS_PREMIUM] = {"toll_ie", "toll_uk", "toll_us"},
        [CX_CLASS_SHARED] = {"shared_ie", "shared_uk", "shared_us"},
        [CX_CLASS_MOBILE] = {"mobile_ie", "mobile_uk", "mobile_us"},
        [CX_CLASS_DID] = {"did_ie", "did_uk", "did_us"},
    };
    const struct plan *plan = plan_of(country);

    if (!classes[class].national || !plan)
        return classes[class].stem;
    return names[class][plan->suffix[0] == 'i' ? 0 : plan->suffix[1] == 'k' ? 1 : 2];
}

bool cx_class_by_name(const char *country, const char *name, enum cx_class *class)
{
    for (int i = 0; i < CX_CLASSES; i++)
        if (strcmp(name, cx_class_name(country, (enum cx_class)i)) == 0 ||
            strcmp(name, classes[i].stem) == 0) {
            *class = (enum cx_class)i;
            return true;
        }
    return false;
}

const char *cx_class_friendly(enum cx_class class)
{
    return classes[class].friendly;
}

const char *cx_class_regex(const char *country, enum cx_class class)
{
    static const char *const regexes[CX_CLASSES][3] = {
        [CX_CLASS_TOLLFREE] = {"^\\+353(1?800\\d+)$", "^\\+44(80[08]\\d+)$",
                               "^\\+1((?:800|88\\d|877|866|855|844|833|822)\\d{7})$"},
        [CX_CLASS_PREMIUM] = {"^\\+353(15\\d+)$", "^\\+44((?:9|70)\\d+)$", "^\\+1(900\\d{7})$"},
        [CX_CLASS_SHARED] = {"^\\+353((?:18[59]0|0?818|76)\\d+)$", "^\\+44((?:8[47]|76)\\d+)$", ""},
        [CX_CLASS_MOBILE] = {"^\\+353(8[356789]\\d{7})$", "^\\+44(7\\d{9})$", ""},
        [CX_CLASS_DID] = {"^\\+353([1-9]\\d{6,9})$", "^\\+44([1-9]\\d{8,9})$",
                          "^\\+?1?([2-9]\\d{2}[2-9]\\d{6})$"},
        [CX_CLASS_CARIBBEAN] =
            {"", "",
             "^\\+1((?:684|264|268|242|246|441|284|345|767|809|829|849|473|671|876|664|670|"
             "787|939|869|758|784|721|868|649|340)\\d{7})$"},
        [CX_CLASS_EMERGENCY] = {"^(112|999|911)$", "^(112|999|911)$", "^(112|999|911|933)$"},
        [CX_CLASS_INTERNATIONAL] = {"^\\+([1-9]\\d{6,14})$", "^\\+([1-9]\\d{6,14})$",
                                    "^(?:011|\\+)([2-9]\\d{7,})$"},
        [CX_CLASS_UNKNOWN] = {"^(.*)$", "^(.*)$", "^(.*)$"},
    };
    const struct plan *plan = plan_of(country);
    int column = plan && plan->suffix[0] == 'u' ? (plan->suffix[1] == 'k' ? 1 : 2) : 0;

    if (!plan && class != CX_CLASS_EMERGENCY && class != CX_CLASS_INTERNATIONAL &&
        class != CX_CLASS_UNKNOWN)
        return "";
    return regexes[class][column];
}
