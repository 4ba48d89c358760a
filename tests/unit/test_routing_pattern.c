/*
 * test_routing_pattern.c - patterns: what matches, what is captured, what is refused, and that none
 * can stall. SPDX-License-Identifier: GPL-2.0-or-later
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "kamailio_mod/routing/pattern.h"

static const struct {
    const char *pattern, *text, *capture; /* capture NULL: no match */
} table[] = {
    {"^\\*97([0-9]*)$", "*97", ""},
    {"^\\*97([0-9]*)$", "*97201", "201"},
    {"^\\*97([0-9]*)$", "*98", NULL},
    {"\\*72([0-9]*)$", "x*72123", "123"}, /* not anchored, as the portal saves it */
    {"^\\**([0-9]*)$", "**202", "202"},
    {"^\\+?1?([2-9]\\d{2}[2-9]\\d{6})$", "+12025550123", "2025550123"},
    {"^\\+?1?([2-9]\\d{2}[2-9]\\d{6})$", "2025550123", "2025550123"},
    {"^\\+?1?([2-9]\\d{2}[2-9]\\d{6})$", "1025550123", NULL},
    {"^(a|ab)(c|bcd)$", "abcd", "bcd"}, /* the longest group */
    {"^(?:00|\\+)(\\d{5,})$", "00442071234567", "442071234567"},
    {"^(?:00|\\+)(\\d{5,})$", "001234", NULL},
    {"abc", "xxabcxx", "abc"},
    {"^[^0-9]+$", "abc", "abc"},
    {"^[^0-9]+$", "ab1", NULL},
    {"^[]a]+$", "]a", "]a"},
    {"^a{2,3}$", "aa", "aa"},
    {"^a{2,3}$", "aaaa", NULL},
    {"^(?:ab){2}$", "abab", "abab"},
    {"^(x*)*y$", "xxy", "xx"},
    {"^.*$", "", ""},
    {"a|b|c", "c", "c"},
    {"^(?:a|b|cd)+$", "abcdb", "abcdb"},
    {"^(\\d+?)(\\d*)$", "12345", "2345"},
    {"^(?P<number>\\d+)#$", "12#", "12"},
    {"", "anything", ""},
};

static int compile(const char *pattern, uint32_t *code, const char **why)
{
    return cx_pattern_compile(pattern, code, CX_PATTERN_CODE_MAX, why);
}

static void matches_and_captures(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(table) / sizeof(*table); i++) {
        struct cx_str text = {table[i].text, (uint32_t)strlen(table[i].text)}, capture;
        uint32_t code[CX_PATTERN_CODE_MAX];
        const char *why = NULL;
        int n = compile(table[i].pattern, code, &why);
        bool matched;

        if (n < 0)
            fail_msg("%s: %s", table[i].pattern, why);
        assert_true(cx_pattern_check(code, (size_t)n));
        matched = cx_pattern_run(code, (size_t)n, text, &capture);
        if (matched != (table[i].capture != NULL))
            fail_msg("%s on '%s': %s", table[i].pattern, table[i].text,
                     matched ? "matched" : "did not match");
        if (matched && (capture.len != strlen(table[i].capture) ||
                        memcmp(capture.s, table[i].capture, capture.len)))
            fail_msg("%s on '%s' captured '%.*s'", table[i].pattern, table[i].text,
                     (int)capture.len, capture.s);
    }
}

static void refuses_what_cannot_be_linear(void **state)
{
    static const char *const bad[] = {
        "(a)\\1", "(?=a)", "(?!a)", "(?<=a)b",
        "(a",     "a)",    "[a",    "*a",
        "a**",    "a\\",   "a{70}", "[[:digit:]]",
        "a++",    "[z-a]", "\\bx",  "((((((((((((((((((((((((((((((((((a"};
    uint32_t code[CX_PATTERN_CODE_MAX];
    const char *why;

    (void)state;
    for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
        why = NULL;
        if (compile(bad[i], code, &why) >= 0 || !why)
            fail_msg("%s was taken", bad[i]);
    }
}

/* With backtracking each of these would take longer than the universe has. */
static void cannot_be_stalled(void **state)
{
    static const char *const evil[] = {"^(a+)+$",   "^(a|a)*$",    "^(a*)*$",
                                       "^(a|aa)+$", "^(.*a){12}$", "(x+x+)+y"};
    char text[CX_PATTERN_INPUT_MAX];
    uint32_t code[CX_PATTERN_CODE_MAX];
    struct cx_str capture;
    const char *why;

    (void)state;
    memset(text, 'a', sizeof(text));
    text[sizeof(text) - 1] = '!';
    for (size_t i = 0; i < sizeof(evil) / sizeof(*evil); i++) {
        int n = compile(evil[i], code, &why);
        assert_true(n > 0);
        assert_false(
            cx_pattern_run(code, (size_t)n, (struct cx_str){text, sizeof(text)}, &capture));
    }
}

static void damaged_programs_are_refused(void **state)
{
    uint32_t code[CX_PATTERN_CODE_MAX];
    const char *why;
    int n = compile("^(a|[bc])+$", code, &why);

    (void)state;
    assert_false(cx_pattern_check(code, (size_t)n - 1));
    assert_false(cx_pattern_check(code, 0));
    for (int i = 0; i < n; i++) {
        uint32_t keep = code[i];
        code[i] = 0xffffff03; /* a SPLIT to nowhere; inside a set it is only bits */
        struct cx_str capture;
        if (cx_pattern_check(code, (size_t)n))
            cx_pattern_run(code, (size_t)n, (struct cx_str){"abcab", 5}, &capture);
        code[i] = keep;
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(matches_and_captures),
        cmocka_unit_test(refuses_what_cannot_be_linear),
        cmocka_unit_test(cannot_be_stalled),
        cmocka_unit_test(damaged_programs_are_refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
