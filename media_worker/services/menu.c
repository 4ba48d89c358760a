/*
 * menu.c - service "menu": a virtual receptionist.
 *
 * Parameters: id, greeting (media; absent: "please enter the number"), keys (names of the
 * callflow's children, separated by commas), hunt=1 (extensions may be dialled), max (digits),
 * timeout (first key) and interdigit [ms], retries, invalid, exit and transfer (media; 0: silent;
 * absent: the system's), pin (records the greeting; given only to callers who may).
 *
 * A key goes to the callflow's child of that name at once, unless a longer key or an extension
 * could begin with it; then after a pause, or #. No key: child "timeout", else another try. No more
 * tries: child "max_retries", else "_", else good-bye. SPDX-License-Identifier: GPL-2.0-or-later
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../../db/id.h"
#include "../log.h"
#include "../media_row.h"
#include "../take.h"

#define FIRST_MS   10000
#define BETWEEN_MS 2000
#define DIGITS     4
#define RETRIES    3
#define FIND_MS    2500
#define SAVE_MS    5000

enum step { ASKING, FINDING, TELLING, TAKING, SAVING };
enum after { AFTER_NOTHING, AFTER_ASK, AFTER_DIAL, AFTER_CHILD, AFTER_EXIT };

struct state {
    enum step step;
    enum after after; /* of TELLING */
    unsigned tries;
    char number[CX_INPUT_DIGITS + 1], child[CX_INPUT_DIGITS + 1];
    char greeting[128]; /* media that was recorded in this call, or "" */
    struct cx_input input;
    struct cx_take take;
};

/* ---- the database's part */

struct find {
    char account[33], number[CX_INPUT_DIGITS + 1];
    bool found;
};

static int found(void *arg, const struct cx_value *columns, size_t n)
{
    (void)columns, (void)n;
    ((struct find *)arg)->found = true;
    return 0;
}

/* Is this an extension of the account? Feature codes are none: only digits come here. */
static int find(const struct cx_ask_env *env, void *data)
{
    struct find *q = data;
    struct cx_value which[] = {cx_text(q->account), cx_text(q->number)};

    return cx_db_query(env->db, "SELECT 1 FROM callflow_number WHERE account_id = ? AND number = ?",
                       which, 2, found, q);
}

static const struct cx_question find_question = {
    .run = find, .size = sizeof(struct find), .deadline_ms = FIND_MS, .database = true};

struct save {
    struct cx_media_row media;
    char menu[33];
};

static int save_greeting(struct cx_db *db, void *data)
{
    const struct save *q = data;
    char patch[80] = "";
    struct cx_value params[] = {cx_text(patch), cx_text(q->menu), cx_text(q->media.account)};
    uint64_t rows = 0;
    int err = cx_media_insert(db, &q->media);

    snprintf(patch, sizeof(patch), "{\"media\":{\"greeting\":\"%s\"}}", q->media.id);
    params[0] = cx_text(patch);
    if (err == 0)
        err = cx_db_exec(db,
                         "UPDATE menu SET doc = JSON_MERGE_PATCH(doc, ?), revision = revision + 1, "
                         "modified = UNIX_TIMESTAMP() WHERE id = ? AND account_id = ?",
                         params, 3, &rows);
    if (err == 0 && rows == 0)
        err = -ENOENT; /* the menu was deleted meanwhile */
    return err < 0 ? err : cx_row_changed(db, q->media.account, "menu", q->menu);
}

static int save(const struct cx_ask_env *env, void *data)
{
    return cx_db_transaction(env->db, save_greeting, data);
}

static const struct cx_question save_question = {
    .run = save, .size = sizeof(struct save), .deadline_ms = SAVE_MS, .database = true};

/* ---- keys */

/* Is text among the children? prefix: does a longer one begin with it? */
static bool has_key(struct cx_ivr *ivr, const char *text, bool prefix)
{
    const char *at = cx_ivr_param(ivr, "keys");
    size_t len = strlen(text), n;

    for (; at && *at; at += n + (at[n] == ',')) {
        n = strcspn(at, ",");
        if (prefix ? n > len && strncmp(at, text, len) == 0
                   : n == len && strncmp(at, text, len) == 0)
            return true;
    }
    return false;
}

static bool may_hunt(struct cx_ivr *ivr, const char *digits)
{
    return cx_ivr_param_number(ivr, "hunt", 0, 1, 0) && *digits &&
           digits[strspn(digits, "0123456789")] == '\0';
}

/* Could more digits make sense? */
static bool wants_more(struct cx_ivr *ivr, const char *digits)
{
    const char *pin = cx_ivr_param(ivr, "pin");

    return may_hunt(ivr, digits) || has_key(ivr, digits, true) ||
           (pin && strlen(pin) > strlen(digits) && strncmp(pin, digits, strlen(digits)) == 0);
}

/* ---- the dialogue */

static void ask(struct cx_ivr *ivr, struct state *s)
{
    const char *greeting = *s->greeting ? s->greeting : cx_ivr_param(ivr, "greeting");
    const struct cx_input_rule rule = {
        .max = cx_ivr_param_number(ivr, "max", 1, 20, DIGITS),
        .first_ms = cx_ivr_param_number(ivr, "timeout", 1, 60000, FIRST_MS),
        .between_ms = cx_ivr_param_number(ivr, "interdigit", 1, 10000, BETWEEN_MS),
    };
    struct cx_say say;

    cx_say_start(&say);
    cx_say_media(&say, greeting);
    if (say.count == 0)
        cx_say_words(&say, "vm-enter-num-to-call");
    s->step = ASKING;
    cx_input_start(ivr, &s->input, &say, &rule);
}

/* A prompt of the menu's, then something else: media, 0 for silence, else the system's words. */
static void tell(struct cx_ivr *ivr, struct state *s, const char *param, const char *words,
                 enum after after);

static void then(struct cx_ivr *ivr, struct state *s)
{
    enum after after = s->after;

    s->after = AFTER_NOTHING;
    switch (after) {
    case AFTER_ASK:
        ask(ivr, s);
        break;
    case AFTER_DIAL:
        cx_ivr_continue(ivr, "_", s->number);
        break;
    case AFTER_CHILD:
        cx_ivr_continue(ivr, s->child, NULL);
        break;
    case AFTER_EXIT:
        cx_ivr_end(ivr, 480, "Temporarily Unavailable", NULL);
        break;
    case AFTER_NOTHING:
        break;
    }
}

static void tell(struct cx_ivr *ivr, struct state *s, const char *param, const char *words,
                 enum after after)
{
    const char *media = cx_ivr_param(ivr, param);
    struct cx_say say;

    cx_say_start(&say);
    if (media && strcmp(media, "0") != 0)
        cx_say_media(&say, media);
    else if (!media)
        cx_say_words(&say, words);
    s->step = TELLING;
    s->after = after;
    if (say.count)
        cx_ivr_play(ivr, say.names, say.count);
    else
        then(ivr, s);
}

static void go_to(struct cx_ivr *ivr, struct state *s, const char *child)
{
    snprintf(s->child, sizeof(s->child), "%s", child);
    s->after = AFTER_CHILD;
    then(ivr, s);
}

/* Another try, or none any more. */
static void once_more(struct cx_ivr *ivr, struct state *s, bool invalid)
{
    cx_input_forget(&s->input);
    if (++s->tries < cx_ivr_param_number(ivr, "retries", 1, 10, RETRIES)) {
        if (invalid)
            tell(ivr, s, "invalid", "pbx-invalid", AFTER_ASK);
        else
            ask(ivr, s);
    } else if (has_key(ivr, "max_retries", false)) {
        go_to(ivr, s, "max_retries");
    } else if (has_key(ivr, "_", false)) {
        snprintf(s->child, sizeof(s->child), "_");
        tell(ivr, s, "transfer", "pls-hold-while-try", AFTER_CHILD);
    } else {
        tell(ivr, s, "exit", "vm-goodbye", AFTER_EXIT);
    }
}

static void chosen(struct cx_ivr *ivr, struct state *s)
{
    const char *digits = s->input.digits, *pin = cx_ivr_param(ivr, "pin");
    struct find q = {.found = false};
    size_t len = strlen(digits);

    if (len > 1 && digits[len - 1] == '#' && !has_key(ivr, digits, false))
        s->input.digits[len - 1] = '\0'; /* it only ended the number */
    if (has_key(ivr, digits, false)) {
        go_to(ivr, s, digits);
    } else if (pin && *pin && strcmp(pin, digits) == 0) {
        s->step = TAKING;
        cx_take_start(ivr, &s->take, &s->input, "vm-rec-unv");
    } else if (may_hunt(ivr, digits)) {
        s->step = FINDING;
        snprintf(q.account, sizeof(q.account), "%s", cx_ivr_call(ivr)->account);
        snprintf(q.number, sizeof(q.number), "%s", digits);
        snprintf(s->number, sizeof(s->number), "%s", digits);
        cx_ivr_ask(ivr, &find_question, &q);
    } else {
        once_more(ivr, s, true);
    }
}

static void input(struct cx_ivr *ivr, struct state *s, enum cx_input_result result,
                  const struct cx_event *e)
{
    const char *digits = s->input.digits;
    bool hash = e->type == CX_EV_DIGIT && e->digit == '#' && s->input.count > 1;

    if (result == CX_INPUT_DONE) {
        chosen(ivr, s);
    } else if (result == CX_INPUT_NOTHING) {
        if (has_key(ivr, "timeout", false))
            go_to(ivr, s, "timeout");
        else
            once_more(ivr, s, false);
    } else if (result == CX_INPUT_MORE && s->input.count && (hash || !wants_more(ivr, digits))) {
        cx_input_stop(ivr, &s->input);
        chosen(ivr, s);
    }
}

static void take(struct cx_ivr *ivr, struct state *s, enum cx_take_result result)
{
    const char *menu = cx_ivr_param(ivr, "id");
    struct save q = {.menu = ""};

    if (result == CX_TAKE_BROKEN) {
        cx_ivr_apologize(ivr);
    } else if (result == CX_TAKE_FAILED || (result == CX_TAKE_KEPT && !menu)) {
        ask(ivr, s);
    } else if (result == CX_TAKE_KEPT) {
        snprintf(q.media.account, sizeof(q.media.account), "%s", cx_ivr_call(ivr)->account);
        snprintf(q.media.id, sizeof(q.media.id), "%s", s->take.id);
        snprintf(q.media.key, sizeof(q.media.key), "%s", s->take.key);
        snprintf(q.media.name, sizeof(q.media.name), "Menu greeting recorded by phone");
        q.media.bytes = s->take.bytes;
        snprintf(q.menu, sizeof(q.menu), "%s", menu);
        s->step = SAVING;
        cx_ivr_ask(ivr, &save_question, &q);
    }
}

static void answer(struct cx_ivr *ivr, struct state *s, const struct cx_event *e)
{
    const struct find *q = e->answer;

    if (s->step == SAVING) {
        if (e->error < 0) {
            cx_ivr_apologize(ivr);
            return;
        }
        snprintf(s->greeting, sizeof(s->greeting), "%s", s->take.key);
        tell(ivr, s, "", "vm-msgsaved", AFTER_ASK);
    } else if (s->step == FINDING) {
        /* without an answer the callflow decides */
        if (e->error == 0 && !q->found)
            once_more(ivr, s, true);
        else
            tell(ivr, s, "transfer", "pbx-transfer", AFTER_DIAL);
    }
}

static void event(struct cx_ivr *ivr, void *state, const struct cx_event *e)
{
    struct state *s = state;
    enum cx_input_result result = cx_input_event(ivr, &s->input, e);

    if (s->step == TAKING) {
        take(ivr, s, cx_take_event(ivr, &s->take, e, result));
    } else if (e->type == CX_EV_STARTED) {
        if (cx_ivr_answer(ivr) < 0)
            cx_ivr_end(ivr, 500, "Server Internal Error", NULL);
        else
            ask(ivr, s);
    } else if (e->type == CX_EV_MEDIA_LOST) {
        cx_ivr_end(ivr, 480, "Media Lost", NULL);
    } else if (e->type == CX_EV_ANSWER) {
        answer(ivr, s, e);
    } else if (s->step == ASKING && result != CX_INPUT_OTHER) {
        input(ivr, s, result, e);
    } else if (s->step == TELLING && e->type == CX_EV_PLAYED) {
        then(ivr, s);
    }
}

const struct cx_service cx_service_menu = {"menu", sizeof(struct state), event};
