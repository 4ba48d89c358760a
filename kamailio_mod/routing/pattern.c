/*
 * pattern.c - see pattern.h.
 *
 * An instruction is one word: operation in the low 8 bits, operand above. SET is followed by eight
 * words, the bits of a set of 256 bytes. JUMP and SPLIT name absolute words; a SPLIT prefers the
 * word after it, or its operand if LAZY. SPDX-License-Identifier: GPL-2.0-or-later
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "pattern.h"

enum { OP_CHAR, OP_SET, OP_JUMP, OP_SPLIT, OP_SPLIT_LAZY, OP_SAVE, OP_BEGIN, OP_END, OP_MATCH };

#define WORD(op, operand) ((uint32_t)(op) | (uint32_t)(operand) << 8)
#define OP(word)          ((word)&0xff)
#define OPERAND(word)     ((word) >> 8)
#define SET_WORDS         8
#define GROUPS_MAX        8
#define SAVES             (2 * (GROUPS_MAX + 1))
#define REPEAT_MAX        64
#define DEPTH_MAX         32

/* ---- compiling */

struct compiler {
    const char *at;
    uint32_t *code;
    size_t count, max;
    unsigned groups, depth;
    const char *why;
};

static void alternatives(struct compiler *c);

static bool stop(struct compiler *c, const char *why)
{
    if (!c->why)
        c->why = why;
    return false;
}

static bool emit(struct compiler *c, uint32_t word)
{
    if (c->count >= c->max)
        return stop(c, "the pattern is too long");
    c->code[c->count++] = word;
    return true;
}

/* Makes room for one word at `place`: jumps into what moved move with it. */
static bool insert(struct compiler *c, size_t place, uint32_t word)
{
    if (!emit(c, 0))
        return false;
    memmove(c->code + place + 1, c->code + place, (c->count - 1 - place) * sizeof(*c->code));
    c->code[place] = word;
    for (size_t i = place + 1; i < c->count; i++) {
        uint32_t op = OP(c->code[i]);
        if (op == OP_SET) {
            i += SET_WORDS;
            continue;
        }
        if ((op == OP_JUMP || op == OP_SPLIT || op == OP_SPLIT_LAZY) &&
            OPERAND(c->code[i]) >= place)
            c->code[i] = WORD(op, OPERAND(c->code[i]) + 1);
    }
    return true;
}

static void set_add(uint32_t set[SET_WORDS], unsigned from, unsigned to)
{
    for (unsigned b = from; b <= to; b++)
        set[b >> 5] |= 1u << (b & 31);
}

/* \d and its like; false: not a class. */
static bool set_class(char letter, uint32_t set[SET_WORDS])
{
    switch (letter) {
    case 'd':
        set_add(set, '0', '9');
        return true;
    case 'w':
        set_add(set, '0', '9');
        set_add(set, 'a', 'z');
        set_add(set, 'A', 'Z');
        set_add(set, '_', '_');
        return true;
    case 's':
        set_add(set, ' ', ' ');
        set_add(set, '\t', '\r');
        return true;
    default:
        return false;
    }
}

static bool emit_set(struct compiler *c, const uint32_t set[SET_WORDS], bool negated)
{
    bool ok = emit(c, WORD(OP_SET, 0));

    for (int i = 0; ok && i < SET_WORDS; i++)
        ok = emit(c, negated ? ~set[i] : set[i]);
    return ok;
}

static void bracket(struct compiler *c)
{
    uint32_t set[SET_WORDS] = {0};
    bool negated = *c->at == '^', first = true;

    if (negated)
        c->at++;
    for (; *c->at && (*c->at != ']' || first); first = false) {
        unsigned from = (unsigned char)*c->at++, to;
        if (from == '[' && *c->at == ':') {
            stop(c, "[:class:] is not supported: write the range");
            return;
        }
        if (from == '\\' && *c->at) {
            char letter = *c->at++;
            if (set_class(letter, set))
                continue;
            from = (unsigned char)letter;
        }
        to = from;
        if (c->at[0] == '-' && c->at[1] && c->at[1] != ']') {
            to = (unsigned char)c->at[1];
            c->at += 2;
        }
        if (to < from) {
            stop(c, "a range in [ ] runs backwards");
            return;
        }
        set_add(set, from, to);
    }
    if (*c->at != ']')
        stop(c, "a [ is never closed");
    else {
        c->at++;
        emit_set(c, set, negated);
    }
}

static void group(struct compiler *c)
{
    unsigned number = 0;
    bool captures = true;

    if (++c->depth > DEPTH_MAX) {
        stop(c, "groups are nested too deep");
        return;
    }
    if (c->at[0] == '?') {
        if (c->at[1] == ':') {
            captures = false;
            c->at += 2;
        } else if (c->at[1] == 'P' && c->at[2] == '<' && strchr(c->at, '>')) {
            c->at = strchr(c->at, '>') + 1; /* named: captured like any other */
        } else {
            stop(c, "look-around and other (?...) groups are not supported");
            return;
        }
    }
    if (captures) {
        number = ++c->groups;
        if (number > GROUPS_MAX) {
            stop(c, "more than 8 groups");
            return;
        }
        emit(c, WORD(OP_SAVE, 2 * number));
    }
    alternatives(c);
    if (*c->at != ')') {
        stop(c, "a ( is never closed");
        return;
    }
    c->at++;
    c->depth--;
    if (captures)
        emit(c, WORD(OP_SAVE, 2 * number + 1));
}

static void escape(struct compiler *c)
{
    uint32_t set[SET_WORDS] = {0};
    char letter = *c->at;

    if (letter == '\0') {
        stop(c, "the pattern ends in a backslash");
        return;
    }
    c->at++;
    if (letter >= '1' && letter <= '9')
        stop(c, "back-references are not supported");
    else if (set_class(letter, set))
        emit_set(c, set, false);
    else if (letter == 'D' || letter == 'W' || letter == 'S') {
        set_class((char)(letter + 32), set);
        emit_set(c, set, true);
    } else if ((letter >= 'a' && letter <= 'z') || (letter >= 'A' && letter <= 'Z'))
        stop(c, "this escape is not supported");
    else
        emit(c, WORD(OP_CHAR, (unsigned char)letter));
}

/* One thing that a quantifier may follow. False: there is none. */
static bool atom(struct compiler *c)
{
    uint32_t any[SET_WORDS];
    char letter = *c->at;

    if (letter == '\0' || letter == '|' || letter == ')')
        return false;
    c->at++;
    switch (letter) {
    case '(':
        group(c);
        break;
    case '[':
        bracket(c);
        break;
    case '.':
        memset(any, 0xff, sizeof(any));
        emit_set(c, any, false);
        break;
    case '\\':
        escape(c);
        break;
    case '^':
        emit(c, WORD(OP_BEGIN, 0));
        break;
    case '$':
        emit(c, WORD(OP_END, 0));
        break;
    case '*':
    case '+':
    case '?':
        stop(c, "* + or ? follows nothing");
        break;
    default:
        emit(c, WORD(OP_CHAR, (unsigned char)letter));
    }
    return c->why == NULL;
}

static bool is_counted(const char *p, int *least, int *most)
{
    char *end;

    if (*p != '{' || p[1] < '0' || p[1] > '9')
        return false;
    *least = (int)strtol(p + 1, &end, 10);
    *most = *least;
    if (*end == ',') {
        end++;
        *most = -1;
        if (*end >= '0' && *end <= '9')
            *most = (int)strtol(end, &end, 10);
    }
    return *end == '}';
}

/* A copy of the atom's words at the end; its jumps keep their distance. */
static bool copy_atom(struct compiler *c, const uint32_t *words, size_t n, size_t from)
{
    size_t shift = c->count - from;

    for (size_t i = 0; i < n; i++) {
        uint32_t w = words[i], op = OP(w);
        if (op == OP_JUMP || op == OP_SPLIT || op == OP_SPLIT_LAZY)
            w = WORD(op, OPERAND(w) + shift);
        if (!emit(c, w))
            return false;
        for (int k = 0; op == OP_SET && k < SET_WORDS; k++)
            if (!emit(c, words[++i]))
                return false;
    }
    return true;
}

static void star(struct compiler *c, size_t start, uint32_t split)
{
    if (insert(c, start, 0) && emit(c, WORD(OP_JUMP, start)))
        c->code[start] = WORD(split, c->count);
}

static void question(struct compiler *c, size_t start, uint32_t split)
{
    if (insert(c, start, 0))
        c->code[start] = WORD(split, c->count);
}

static void repeat(struct compiler *c, size_t start, int least, int most, uint32_t split)
{
    uint32_t words[CX_PATTERN_CODE_MAX];
    size_t n = c->count - start;

    if (least > REPEAT_MAX || most > REPEAT_MAX || (most >= 0 && most < least)) {
        stop(c, "a {m,n} is out of range (64 at most)");
        return;
    }
    memcpy(words, c->code + start, n * sizeof(*words));
    c->count = start;
    for (int i = 0; i < least && !c->why; i++)
        copy_atom(c, words, n, start);
    if (most < 0) {
        size_t begin = c->count;
        if (copy_atom(c, words, n, start))
            star(c, begin, split);
    }
    for (int i = least; i < most && !c->why; i++) {
        size_t begin = c->count;
        if (copy_atom(c, words, n, start))
            question(c, begin, split);
    }
}

static void piece(struct compiler *c, size_t start)
{
    int least = 1, most = 1;
    char letter = *c->at;
    uint32_t split = OP_SPLIT;

    if (letter == '*' || letter == '+' || letter == '?')
        c->at++;
    else if (is_counted(c->at, &least, &most)) {
        letter = '{';
        c->at = strchr(c->at, '}') + 1;
    } else
        return;
    if (*c->at == '?') {
        split = OP_SPLIT_LAZY;
        c->at++;
    } else if (*c->at == '+') {
        stop(c, "possessive quantifiers are not supported");
        return;
    }
    switch (letter) {
    case '*':
        star(c, start, split);
        break;
    case '?':
        question(c, start, split);
        break;
    case '+': /* back to the atom, or on; preferred the other way round than a SPLIT's own */
        emit(c, WORD(split == OP_SPLIT ? OP_SPLIT_LAZY : OP_SPLIT, start));
        break;
    default:
        repeat(c, start, least, most, split);
    }
    if (*c->at == '*' || *c->at == '+' || *c->at == '?')
        stop(c, "one quantifier follows another");
}

static void sequence(struct compiler *c)
{
    for (;;) {
        size_t start = c->count;
        if (c->why || !atom(c))
            return;
        piece(c, start);
    }
}

static void alternatives(struct compiler *c)
{
    size_t start = c->count;

    sequence(c);
    while (!c->why && *c->at == '|') {
        size_t jump;
        c->at++;
        if (!insert(c, start, 0) || !emit(c, 0))
            return;
        jump = c->count - 1;
        c->code[start] = WORD(OP_SPLIT, c->count);
        start = c->count;
        alternatives(c);
        c->code[jump] = WORD(OP_JUMP, c->count);
        return;
    }
}

int cx_pattern_compile(const char *pattern, uint32_t code[], size_t code_max, const char **why)
{
    struct compiler c = {.at = pattern, .code = code};

    c.max = code_max < CX_PATTERN_CODE_MAX ? code_max : CX_PATTERN_CODE_MAX;
    emit(&c, WORD(OP_SAVE, 0));
    alternatives(&c);
    if (!c.why && *c.at == ')')
        stop(&c, "a ) was never opened");
    emit(&c, WORD(OP_SAVE, 1));
    emit(&c, WORD(OP_MATCH, 0));
    *why = c.why;
    return c.why ? -EINVAL : (int)c.count;
}

/* ---- checking and running */

bool cx_pattern_check(const uint32_t *code, size_t count)
{
    bool begins[CX_PATTERN_CODE_MAX] = {
        false}; /* where an instruction is, and not the bits of a set */

    if (count == 0 || count > CX_PATTERN_CODE_MAX)
        return false;
    for (size_t i = 0; i < count; i++) {
        begins[i] = true;
        if (OP(code[i]) == OP_SET)
            i += SET_WORDS;
        if (i + 1 >= count && !(begins[i] && OP(code[i]) == OP_MATCH))
            return false; /* the last one is the MATCH */
    }
    for (size_t i = 0; i < count; i++) {
        uint32_t op = OP(code[i]), operand = OPERAND(code[i]);
        if (!begins[i])
            continue;
        if (op > OP_MATCH || (op == OP_SAVE && operand >= SAVES))
            return false;
        if ((op == OP_JUMP || op == OP_SPLIT || op == OP_SPLIT_LAZY) &&
            (operand >= count || !begins[operand]))
            return false;
    }
    return true;
}

struct thread {
    uint16_t at;
    uint8_t saves[SAVES]; /* positions + 1; 0: not set */
};

struct threads {
    uint16_t count;
    struct thread list[CX_PATTERN_CODE_MAX];
};

struct run {
    const uint32_t *code;
    size_t count;
    uint32_t length;
    uint32_t mark;
    uint32_t marked[CX_PATTERN_CODE_MAX]; /* words that have been added at this position */
};

/* Follows everything that consumes nothing. Depth is bounded by the marks: a word is added once a
 * position. */
static void add(struct run *r, struct threads *to, uint32_t at, uint32_t position,
                const uint8_t saves[SAVES])
{
    struct {
        uint16_t at;
        uint8_t saves[SAVES];
    } stack[CX_PATTERN_CODE_MAX / 4];
    size_t depth = 0;
    uint8_t mine[SAVES];

    memcpy(mine, saves, SAVES);
    for (;;) {
        bool dead = at >= r->count || r->marked[at] == r->mark;
        if (!dead) {
            uint32_t word = r->code[at];
            r->marked[at] = r->mark;
            switch (OP(word)) {
            case OP_JUMP:
                at = OPERAND(word);
                continue;
            case OP_SPLIT:
            case OP_SPLIT_LAZY: {
                uint32_t other = OPERAND(word), next = at + 1;
                bool lazy = OP(word) == OP_SPLIT_LAZY;
                if (depth < sizeof(stack) / sizeof(*stack)) {
                    stack[depth].at = (uint16_t)(lazy ? next : other);
                    memcpy(stack[depth++].saves, mine, SAVES);
                }
                at = lazy ? other : next;
                continue;
            }
            case OP_SAVE:
                mine[OPERAND(word)] = (uint8_t)(position + 1);
                at++;
                continue;
            case OP_BEGIN:
                if (position == 0) {
                    at++;
                    continue;
                }
                break;
            case OP_END:
                if (position == r->length) {
                    at++;
                    continue;
                }
                break;
            default:
                if (to->count < CX_PATTERN_CODE_MAX) {
                    to->list[to->count].at = (uint16_t)at;
                    memcpy(to->list[to->count++].saves, mine, SAVES);
                }
            }
        }
        if (depth == 0)
            return;
        depth--;
        at = stack[depth].at;
        memcpy(mine, stack[depth].saves, SAVES);
    }
}

static bool takes(const uint32_t *code, uint32_t at, unsigned char c)
{
    if (OP(code[at]) == OP_CHAR)
        return OPERAND(code[at]) == c;
    return OP(code[at]) == OP_SET && (code[at + 1 + (c >> 5)] >> (c & 31) & 1);
}

/* What a group has taken. A program that was damaged with care passes cx_pattern_check() and may
 * still save in the wrong order: what it says is not believed. */
static bool saved(struct cx_str text, const uint8_t saves[SAVES], int group, struct cx_str *s)
{
    uint8_t from = saves[2 * group], to = saves[2 * group + 1];

    if (!from || to < from || to > text.len + 1)
        return false;
    *s = (struct cx_str){text.s + from - 1, (uint32_t)(to - from)};
    return true;
}

bool cx_pattern_run(const uint32_t *code, size_t count, struct cx_str text, struct cx_str *capture)
{
    static const uint8_t none[SAVES];
    struct threads a, b, *now = &a, *next = &b;
    struct run r = {.code = code, .count = count, .length = text.len};
    uint8_t best[SAVES];
    bool matched = false, any = false;

    if (text.len > CX_PATTERN_INPUT_MAX || count > CX_PATTERN_CODE_MAX)
        return false;
    now->count = 0;
    for (uint32_t i = 0; i <= text.len; i++) {
        next->count = 0;
        if (!matched) { /* a match may begin here too; earlier beginnings are preferred */
            r.mark = 2 * i + 1;
            for (uint16_t k = 0; k < now->count; k++)
                r.marked[now->list[k].at] = r.mark;
            add(&r, now, 0, i, none);
        }
        r.mark = 2 * i + 2;
        for (uint16_t k = 0; k < now->count; k++) {
            const struct thread *t = &now->list[k];
            if (OP(code[t->at]) == OP_MATCH) {
                memcpy(best, t->saves, SAVES);
                matched = true;
                break; /* what comes after is less preferred */
            }
            if (i < text.len && takes(code, t->at, (unsigned char)text.s[i]))
                add(&r, next, t->at + (OP(code[t->at]) == OP_SET ? 1 + SET_WORDS : 1), i + 1,
                    t->saves);
        }
        struct threads *swap = now;
        now = next;
        next = swap;
        if (matched && now->count == 0)
            break;
    }
    if (!matched)
        return false;
    if (!saved(text, best, 0, capture))
        *capture = text;
    for (int g = 1; g <= GROUPS_MAX; g++) {
        struct cx_str s;
        if (!saved(text, best, g, &s))
            continue;
        if (!any || s.len > capture->len)
            *capture = s;
        any = true;
    }
    return true;
}
