/*
 * directory.c - service "directory": dial by name. The caller types the first letters of a name;
 * the matches are said one after the other, and 1 puts the caller through.
 *
 * Parameters: id (of the directory), search (first_name, last_name, both), min and max digits (0:
 * no maximum), confirm=0 (a single match is called without asking). A name is said as its owner has
 * recorded it for the voicemail box, else spoken from text.
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "../../db/id.h"
#include "../input.h"
#include "../log.h"
#include "../tts.h"

#define MATCHES 8
#define TRIES   3
#define DIGITS  20
#define FIND_MS 8000

enum step { ASKING, FINDING, OFFERING };

struct match {
    char callflow[33];
    char name[130];
    char sound[128]; /* storage key, or "" */
};

struct question {
    char account[33], directory[33], digits[DIGITS + 1];
    bool first, last; /* which names are searched */
    unsigned count;
    struct match matches[MATCHES];
};

struct state {
    enum step step;
    unsigned tries, at;
    struct question q;
    struct cx_input input;
};

/* ---- the database's part */

/* The key of a letter on a phone, or 0. */
static char key_of(unsigned char c)
{
    static const char keys[] = "22233344455566677778889999"; /* a to z */

    if (isdigit(c))
        return (char)c;
    c = (unsigned char)tolower(c);
    return c >= 'a' && c <= 'z' ? keys[c - 'a'] : '\0';
}

/* Does the name begin with these keys? Spaces and marks are not typed. */
static bool begins(const char *name, const char *digits)
{
    for (; *name && *digits; name++) {
        char key = key_of((unsigned char)*name);
        if (key && key != *digits++)
            return false;
    }
    return *digits == '\0';
}

static int user_row(void *arg, const struct cx_value *c, size_t n)
{
    struct question *q = arg;
    struct match *m = &q->matches[q->count];
    const char *first = c[0].type == CX_TEXT ? c[0].s : "",
               *last = c[1].type == CX_TEXT ? c[1].s : "";
    bool both = q->first && q->last;
    char first_last[130], last_first[130];

    (void)n;
    snprintf(first_last, sizeof(first_last), "%s%s%s", first, *first && *last ? " " : "", last);
    snprintf(last_first, sizeof(last_first), "%s%s", last, first);
    if (q->count == MATCHES || c[2].type != CX_TEXT ||
        !((q->first && begins(both ? first_last : first, q->digits)) ||
          (q->last && begins(both ? last_first : last, q->digits))))
        return 0;
    memset(m, 0, sizeof(*m));
    snprintf(m->name, sizeof(m->name), "%s", first_last);
    snprintf(m->callflow, sizeof(m->callflow), "%s", c[2].s);
    snprintf(m->sound, sizeof(m->sound), "%s", c[3].type == CX_TEXT ? c[3].s : "");
    if (cx_id_is_valid(m->callflow))
        q->count++;
    return 0;
}

static int find(const struct cx_ask_env *env, void *data)
{
    struct question *q = data;
    struct cx_value which[3];
    char path[80];
    int err;

    snprintf(path, sizeof(path), "$.directories.\"%s\"", q->directory);
    which[0] = which[2] = cx_text(path);
    which[1] = cx_text(q->account);
    q->count = 0;
    err = cx_db_query(env->db,
                      "SELECT u.first_name, u.last_name, JSON_VALUE(u.doc, ?), "
                      "(SELECT m.storage_key FROM vmbox b JOIN media m ON m.id = JSON_VALUE(b.doc, "
                      "'$.media.name') AND m.account_id = b.account_id WHERE b.owner_id = u.id "
                      "LIMIT 1) FROM user u WHERE u.account_id = ? AND JSON_EXISTS(u.doc, ?) ORDER "
                      "BY u.last_name, u.first_name",
                      which, 3, user_row, q);
    for (unsigned i = 0; err == 0 && i < q->count; i++) {
        struct cx_tts tts = {.voice = "female"};
        if (q->matches[i].sound[0])
            continue;
        snprintf(tts.account, sizeof(tts.account), "%s", q->account);
        snprintf(tts.text, sizeof(tts.text), "%s", q->matches[i].name);
        if (cx_tts_make(env->storage, &tts) == 0)
            snprintf(q->matches[i].sound, sizeof(q->matches[i].sound), "%s", tts.key);
    }
    return err;
}

static const struct cx_question question = {
    .run = find, .size = sizeof(struct question), .deadline_ms = FIND_MS, .database = true};

/* ---- the dialogue */

static void farewell(struct cx_ivr *ivr)
{
    static const char *const names[] = {"sys/vm-goodbye"};

    cx_ivr_farewell(ivr, names, 1);
}

static void ask(struct cx_ivr *ivr, struct state *s, const char *words)
{
    unsigned max = cx_ivr_param_number(ivr, "max", 1, DIGITS, DIGITS);
    const struct cx_input_rule rule = {
        .max = max, .terminator = '#', .first_ms = 8000, .between_ms = 2500};
    struct cx_say say;

    cx_say_start(&say);
    if (words)
        cx_say_words(&say, words);
    cx_say_words(&say, s->q.last ? "dir-intro" : "dir-intro-fn");
    s->step = ASKING;
    cx_input_start(ivr, &s->input, &say, &rule);
}

static void again(struct cx_ivr *ivr, struct state *s, const char *words)
{
    cx_input_forget(&s->input);
    if (++s->tries >= TRIES)
        farewell(ivr);
    else
        ask(ivr, s, words);
}

static void call(struct cx_ivr *ivr, const struct match *m)
{
    cx_log(CX_LOG_INFO, cx_ivr_call(ivr)->interaction, "directory: %s", m->name);
    cx_ivr_continue(ivr, "_", m->callflow);
}

/* When nothing else works. */
static void spell(struct cx_say *say, const char *name)
{
    char word[24];

    for (; *name; name++)
        if (isalpha((unsigned char)*name)) {
            snprintf(word, sizeof(word), "letters/%c", tolower((unsigned char)*name));
            cx_say_words(say, word);
        }
}

/* "Jane Doe. If this is the person you are looking for, press 1 now, otherwise press star." */
static void offer(struct cx_ivr *ivr, struct state *s)
{
    static const struct cx_input_rule rule = {.max = 1};
    const struct match *m = &s->q.matches[s->at];
    struct cx_say say;

    cx_say_start(&say);
    if (m->sound[0])
        cx_say_media(&say, m->sound);
    else
        spell(&say, m->name);
    cx_say_words(&say, "dir-instr");
    s->step = OFFERING;
    cx_input_start(ivr, &s->input, &say, &rule);
}

static void found(struct cx_ivr *ivr, struct state *s)
{
    s->at = 0;
    if (s->q.count == 0)
        again(ivr, s, "dir-nomatch");
    else if (s->q.count == 1 && !cx_ivr_param_number(ivr, "confirm", 0, 1, 1))
        call(ivr, &s->q.matches[0]);
    else
        offer(ivr, s);
}

static void start(struct cx_ivr *ivr, struct state *s)
{
    const char *id = cx_ivr_param(ivr, "id"), *search = cx_ivr_param(ivr, "search");

    s->q.first = search && strcmp(search, "last_name") != 0;
    s->q.last = !search || strcmp(search, "first_name") != 0;
    snprintf(s->q.account, sizeof(s->q.account), "%s", cx_ivr_call(ivr)->account);
    if (id && cx_id_is_valid(id))
        snprintf(s->q.directory, sizeof(s->q.directory), "%s", id);
    if (cx_ivr_answer(ivr) < 0)
        cx_ivr_end(ivr, 500, "Server Internal Error", NULL);
    else if (!s->q.directory[0])
        farewell(ivr);
    else
        ask(ivr, s, NULL);
}

static void input(struct cx_ivr *ivr, struct state *s, enum cx_input_result result)
{
    char key = result == CX_INPUT_DONE ? s->input.digits[0] : '\0';

    if (s->step == OFFERING && key == '1') {
        call(ivr, &s->q.matches[s->at]);
    } else if (s->step == OFFERING) {
        if (++s->at < s->q.count)
            offer(ivr, s);
        else
            again(ivr, s, "dir-nomore");
    } else if (s->input.count < cx_ivr_param_number(ivr, "min", 1, DIGITS, 3)) {
        again(ivr, s, NULL);
    } else {
        snprintf(s->q.digits, sizeof(s->q.digits), "%s", s->input.digits);
        s->step = FINDING;
        cx_ivr_ask(ivr, &question, &s->q);
    }
}

static void event(struct cx_ivr *ivr, void *state, const struct cx_event *e)
{
    struct state *s = state;
    enum cx_input_result result = cx_input_event(ivr, &s->input, e);

    if (e->type == CX_EV_STARTED) {
        start(ivr, s);
    } else if (e->type == CX_EV_ANSWER && (e->error < 0 || !e->answer)) {
        cx_ivr_apologize(ivr);
    } else if (e->type == CX_EV_ANSWER) {
        s->q = *(const struct question *)e->answer;
        found(ivr, s);
    } else if (e->type == CX_EV_MEDIA_LOST) {
        cx_ivr_end(ivr, 480, "Media Lost", NULL);
    } else if (result == CX_INPUT_DONE || result == CX_INPUT_NOTHING) {
        input(ivr, s, result);
    }
}

const struct cx_service cx_service_directory = {"directory", sizeof(struct state), event};
