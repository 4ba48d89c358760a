/*
 * pattern.h - regular expressions of callflows and carriers, as small programs that run in linear
 * time.
 *
 * Compiled (compile side, no allocation) to an array of uint32_t that lives in the image; run by
 * simulating all states at once (K. Thompson, 1968; with captures, R. Pike), so no pattern and no
 * input can stall a call. Syntax: the part of PCRE that dial plans use: literals, . [..] [^..] \d
 * \w \s, groups ( ) and (?: ), alternation, * + ? {m,n}, ^ and $. Back-references and look-around
 * cannot run in linear time and are refused. SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef CX_ROUTING_PATTERN_H
#define CX_ROUTING_PATTERN_H

#include <stdbool.h>
#include <stddef.h>
#include "call.h"

#define CX_PATTERN_CODE_MAX  512 /* instructions of one program */
#define CX_PATTERN_INPUT_MAX 128 /* longer dialled strings match nothing */

/* Number of words written to code, or -EINVAL with *why a literal. */
int cx_pattern_compile(const char *pattern, uint32_t code[], size_t code_max, const char **why);

/* Is this program one that cx_pattern_run() may run? Checks untrusted code. */
bool cx_pattern_check(const uint32_t *code, size_t count);

/* Does it match somewhere in text (PCRE's rule: leftmost, then by preference)? *capture: the
 * longest captured group, or the whole match if the pattern has no group. */
bool cx_pattern_run(const uint32_t *code, size_t count, struct cx_str text, struct cx_str *capture);

#endif
