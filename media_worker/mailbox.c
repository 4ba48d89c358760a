/*
 * mailbox.c - the way into a voicemail box, its menu and its messages. See mailbox.h.
 *
 * Keys: in the menu 1 new, 2 saved messages, 0 or 5 settings, # ends. In a message 1 or 9 saves, 2
 * or 5 repeats, 4 the one before, 6 the next, 7 deletes or takes that back, # the menu. A message
 * that was heard to its end counts as saved; one that was not stays new.
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "mailbox.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "../db/id.h"
#include "log.h"

#define TRIES      3
#define BOX_DIGITS 15
#define PIN_DIGITS 8

static const char no_access[] = "feature-not-avail-line";

void cx_mailbox_ask(struct cx_ivr *ivr, struct cx_mailbox *m, enum cx_mailbox_step step,
                    const struct cx_say *say, unsigned max)
{
    const struct cx_input_rule rule = {
        .max = max, .terminator = max > 1 ? '#' : '\0', .first_ms = max > 1 ? 8000 : 5000};

    m->step = step;
    cx_input_start(ivr, &m->input, say, &rule);
}

void cx_mailbox_tell(struct cx_ivr *ivr, struct cx_mailbox *m, const char *words,
                     void (*after)(struct cx_ivr *ivr, struct cx_mailbox *m))
{
    struct cx_say say;

    cx_say_start(&say);
    cx_say_words(&say, words);
    m->step = CX_MB_TELLING;
    m->after = after;
    cx_ivr_play(ivr, say.names, say.count);
}

static void farewell(struct cx_ivr *ivr, const char *words)
{
    struct cx_say say;

    cx_say_start(&say);
    cx_say_words(&say, words);
    cx_ivr_farewell(ivr, say.names, say.count);
}

void cx_mailbox_goodbye(struct cx_ivr *ivr)
{
    farewell(ivr, "vm-goodbye");
}

/* ---- the menu */

void cx_mailbox_menu(struct cx_ivr *ivr, struct cx_mailbox *m)
{
    m->tries = 0;
    m->hearing = false;
    m->list.saved = false;
    snprintf(m->list.account, sizeof(m->list.account), "%s", m->box.account);
    snprintf(m->list.box, sizeof(m->list.box), "%s", m->box.box);
    m->list.oldest_first = m->box.oldest_first;
    m->step = CX_MB_LISTING;
    cx_ivr_ask(ivr, &cx_mailbox_list, &m->list);
}

static void say_counts(struct cx_say *say, const struct cx_mailbox_list *list)
{
    cx_say_words(say, "vm-youhave");
    if (list->fresh)
        cx_say_number(say, list->fresh);
    else
        cx_say_words(say, "vm-no");
    cx_say_words(say, "vm-INBOX");
    if (list->old) {
        cx_say_words(say, "vm-and");
        cx_say_number(say, list->old);
        cx_say_words(say, "vm-Old");
    }
    cx_say_words(say, (list->old ? list->old : list->fresh) == 1 ? "vm-message" : "vm-messages");
}

static void ask_menu(struct cx_ivr *ivr, struct cx_mailbox *m)
{
    struct cx_say say;

    cx_say_start(&say);
    if (!m->greeted)
        say_counts(&say, &m->list);
    m->greeted = true;
    if (m->list.fresh)
        cx_say_words(&say, "vm-onefor vm-INBOX vm-messages");
    cx_say_words(&say, "vm-opts vm-helpexit");
    cx_mailbox_ask(ivr, m, CX_MB_MENU, &say, 1);
}

static void open_folder(struct cx_ivr *ivr, struct cx_mailbox *m, bool saved)
{
    m->list.saved = saved;
    m->hearing = true;
    m->at = 0;
    m->step = CX_MB_LISTING;
    m->tries = 0;
    cx_ivr_ask(ivr, &cx_mailbox_list, &m->list);
}

static void menu_key(struct cx_ivr *ivr, struct cx_mailbox *m, char key)
{
    switch (key) {
    case '1':
    case '2':
        open_folder(ivr, m, key == '2');
        break;
    case '0':
    case '5':
        if (!m->box.fixed) {
            cx_mailbox_settings(ivr, m);
            break;
        }
        /* fall through */
    default:
        if (key == '#' || ++m->tries > TRIES)
            cx_mailbox_goodbye(ivr);
        else
            ask_menu(ivr, m);
        break;
    }
}

/* ---- messages */

static void message(struct cx_ivr *ivr, struct cx_mailbox *m, bool sound)
{
    const struct cx_mailbox_message *now = &m->list.messages[m->at];
    struct cx_say say;

    cx_say_start(&say);
    if (sound && !m->box.skip_envelope) {
        cx_say_words(&say, m->at == 0                   ? "vm-first vm-message"
                           : m->at + 1 == m->list.count ? "vm-last vm-message"
                                                        : "vm-message");
        cx_say_words(&say, "vm-received");
        cx_say_when(&say, &now->when, &m->list.now);
        if (now->number[strspn(now->number, "+")] >= '0' &&
            now->number[strspn(now->number, "+")] <= '9') {
            cx_say_words(&say, "vm-from-phonenumber");
            cx_say_digits(&say, now->number);
        } else {
            cx_say_words(&say, "vm-unknown-caller");
        }
    }
    if (sound)
        cx_say_media(&say, now->key);
    cx_say_words(&say, "vm-repeat");
    if (m->at > 0)
        cx_say_words(&say, "vm-prev");
    if (m->at + 1 < m->list.count)
        cx_say_words(&say, "vm-next");
    cx_say_words(&say, m->deleted[m->at] ? "vm-undelete" : "vm-delete");
    if (!m->deleted[m->at])
        cx_say_words(&say, "vm-savemessage");
    cx_mailbox_ask(ivr, m, CX_MB_MESSAGE, &say, 1);
}

static struct cx_mailbox_move move_of(const struct cx_mailbox *m, const char *folder)
{
    struct cx_mailbox_move q = {.id = ""};

    snprintf(q.account, sizeof(q.account), "%s", m->box.account);
    snprintf(q.box, sizeof(q.box), "%s", m->box.box);
    snprintf(q.id, sizeof(q.id), "%s", m->list.messages[m->at].id);
    snprintf(q.folder, sizeof(q.folder), "%s", folder);
    return q;
}

/* A new message that was heard is a saved one; nobody waits for that. */
static void mark_heard(struct cx_ivr *ivr, struct cx_mailbox *m)
{
    struct cx_mailbox_move q;

    if (m->list.saved || m->heard[m->at] || m->deleted[m->at])
        return;
    m->heard[m->at] = true;
    q = move_of(m, "saved");
    cx_ivr_aside(ivr, &cx_mailbox_move, &q);
}

static void same_message(struct cx_ivr *ivr, struct cx_mailbox *m)
{
    message(ivr, m, false);
}

static void next_message(struct cx_ivr *ivr, struct cx_mailbox *m)
{
    if (m->at + 1 >= m->list.count) {
        cx_mailbox_tell(ivr, m, "vm-nomore", cx_mailbox_menu);
        return;
    }
    m->at++;
    message(ivr, m, true);
}

static void toggle_deleted(struct cx_ivr *ivr, struct cx_mailbox *m)
{
    struct cx_mailbox_move q;

    m->want_deleted = !m->deleted[m->at];
    q = move_of(m, m->want_deleted ? "deleted" : "saved");
    m->step = CX_MB_MOVING;
    cx_ivr_ask(ivr, &cx_mailbox_move, &q);
}

static void message_key(struct cx_ivr *ivr, struct cx_mailbox *m, char key)
{
    if (key)
        m->tries = 0;
    switch (key) {
    case '1':
    case '9':
        mark_heard(ivr, m);
        cx_mailbox_tell(ivr, m, m->deleted[m->at] ? "vm-deleted" : "vm-message vm-saved",
                        next_message);
        break;
    case '2':
    case '5':
        message(ivr, m, true);
        break;
    case '4':
        mark_heard(ivr, m);
        m->at -= m->at > 0;
        message(ivr, m, true);
        break;
    case '6':
        mark_heard(ivr, m);
        next_message(ivr, m);
        break;
    case '7':
        toggle_deleted(ivr, m);
        break;
    case '#':
    case '*':
        cx_mailbox_menu(ivr, m);
        break;
    default:
        if (++m->tries > TRIES)
            cx_mailbox_goodbye(ivr);
        else if (key)
            cx_mailbox_tell(ivr, m, "pm-invalid-option", same_message);
        else
            message(ivr, m, false);
        break;
    }
}

/* ---- getting in */

static void let_in(struct cx_ivr *ivr, struct cx_mailbox *m)
{
    cx_log(CX_LOG_INFO, cx_ivr_call(ivr)->interaction, "voicemail: box %s is opened", m->box.box);
    m->greeted = false;
    m->tries = 0;
    if (!m->box.is_setup && !m->box.fixed)
        cx_mailbox_first_time(ivr, m);
    else
        cx_mailbox_menu(ivr, m);
}

static void ask_box(struct cx_ivr *ivr, struct cx_mailbox *m, const char *words)
{
    struct cx_say say;

    cx_say_start(&say);
    cx_say_words(&say, words);
    cx_mailbox_ask(ivr, m, CX_MB_ASKING_BOX, &say, BOX_DIGITS);
}

static void ask_pin(struct cx_ivr *ivr, struct cx_mailbox *m, const char *words)
{
    struct cx_say say;

    cx_say_start(&say);
    cx_say_words(&say, words);
    cx_mailbox_ask(ivr, m, CX_MB_ASKING_PIN, &say, PIN_DIGITS);
}

static void find(struct cx_ivr *ivr, struct cx_mailbox *m)
{
    m->step = CX_MB_FINDING;
    cx_ivr_ask(ivr, &cx_mailbox_find, &m->box);
}

void cx_mailbox_start(struct cx_ivr *ivr, struct cx_mailbox *m, const char *box,
                      const char *mailbox)
{
    if (cx_ivr_param_number(ivr, "offnet", 0, 1, 0) &&
        !cx_ivr_param_number(ivr, "remote", 0, 1, 0)) {
        cx_log(CX_LOG_WARNING, cx_ivr_call(ivr)->interaction,
               "voicemail: a caller from outside may not enter a box");
        farewell(ivr, no_access);
        return;
    }
    snprintf(m->box.account, sizeof(m->box.account), "%s", cx_ivr_call(ivr)->account);
    snprintf(m->box.box, sizeof(m->box.box), "%s", box && cx_id_is_valid(box) ? box : "");
    snprintf(m->box.mailbox, sizeof(m->box.mailbox), "%s", mailbox ? mailbox : "");
    if (m->box.box[0])
        find(ivr, m);
    else
        ask_box(ivr, m, "vm-login");
}

static void found(struct cx_ivr *ivr, struct cx_mailbox *m)
{
    bool own = cx_ivr_param_number(ivr, "owner", 0, 1, 0) &&
               !cx_ivr_param_number(ivr, "single", 0, 1, 0) &&
               !cx_ivr_param_number(ivr, "ask", 0, 1, 0);

    if (!m->box.found) {
        cx_input_forget(&m->input);
        if (++m->tries >= TRIES)
            cx_mailbox_goodbye(ivr);
        else
            ask_box(ivr, m, "vm-incorrect-mailbox");
    } else if (own && !m->box.require_pin) {
        let_in(ivr, m);
    } else if (!m->box.has_pin || m->box.locked) {
        cx_log(CX_LOG_WARNING, cx_ivr_call(ivr)->interaction, "voicemail: box %s %s", m->box.box,
               m->box.locked ? "is locked after wrong PINs" : "has no PIN");
        farewell(ivr, no_access);
    } else {
        m->tries = 0;
        ask_pin(ivr, m, "vm-password");
    }
}

static void check_pin(struct cx_ivr *ivr, struct cx_mailbox *m)
{
    struct cx_mailbox_pin q = {.right = false};

    snprintf(q.account, sizeof(q.account), "%s", m->box.account);
    snprintf(q.box, sizeof(q.box), "%s", m->box.box);
    snprintf(q.pin, sizeof(q.pin), "%s", m->input.digits);
    m->step = CX_MB_CHECKING_PIN;
    cx_ivr_ask(ivr, &cx_mailbox_check_pin, &q);
}

static void checked(struct cx_ivr *ivr, struct cx_mailbox *m, const struct cx_mailbox_pin *q)
{
    if (q->right) {
        let_in(ivr, m);
        return;
    }
    cx_input_forget(&m->input);
    cx_log(CX_LOG_WARNING, cx_ivr_call(ivr)->interaction, "voicemail: wrong PIN for box %s%s",
           m->box.box, q->locked ? ", which is locked now" : "");
    if (q->locked || ++m->tries >= TRIES)
        farewell(ivr, "vm-incorrect vm-goodbye");
    else
        ask_pin(ivr, m, "vm-incorrect vm-password");
}

/* ---- events */

static void answer(struct cx_ivr *ivr, struct cx_mailbox *m, const struct cx_event *e)
{
    if (e->error < 0 || !e->answer) {
        cx_ivr_apologize(ivr);
        return;
    }
    switch (m->step) {
    case CX_MB_FINDING:
        m->box = *(const struct cx_mailbox_find *)e->answer;
        found(ivr, m);
        break;
    case CX_MB_CHECKING_PIN:
        checked(ivr, m, e->answer);
        break;
    case CX_MB_LISTING:
        m->list = *(const struct cx_mailbox_list *)e->answer;
        memset(m->deleted, 0, sizeof(m->deleted));
        memset(m->heard, 0, sizeof(m->heard));
        if (!m->hearing)
            ask_menu(ivr, m);
        else if (m->list.count == 0)
            cx_mailbox_tell(ivr, m, "vm-nomore", cx_mailbox_menu);
        else
            message(ivr, m, true);
        break;
    case CX_MB_MOVING:
        m->deleted[m->at] = m->want_deleted;
        m->heard[m->at] = true;
        cx_mailbox_tell(ivr, m, m->want_deleted ? "vm-deleted" : "vm-undeleted", same_message);
        break;
    default:
        break;
    }
}

static void input(struct cx_ivr *ivr, struct cx_mailbox *m, enum cx_input_result result)
{
    char key = result == CX_INPUT_DONE ? m->input.digits[0] : '\0';

    switch (m->step) {
    case CX_MB_ASKING_BOX:
        if (!key && ++m->tries >= TRIES) {
            cx_mailbox_goodbye(ivr);
        } else if (!key) {
            ask_box(ivr, m, "vm-login");
        } else {
            m->box.box[0] = '\0';
            snprintf(m->box.mailbox, sizeof(m->box.mailbox), "%s", m->input.digits);
            find(ivr, m);
        }
        break;
    case CX_MB_ASKING_PIN:
        if (!key && ++m->tries >= TRIES)
            cx_mailbox_goodbye(ivr);
        else if (!key)
            ask_pin(ivr, m, "vm-password");
        else
            check_pin(ivr, m);
        break;
    case CX_MB_MENU:
        menu_key(ivr, m, key);
        break;
    case CX_MB_MESSAGE:
        message_key(ivr, m, key);
        break;
    default:
        break;
    }
}

void cx_mailbox_event(struct cx_ivr *ivr, struct cx_mailbox *m, const struct cx_event *e)
{
    enum cx_input_result result = cx_input_event(ivr, &m->input, e);
    void (*after)(struct cx_ivr *, struct cx_mailbox *) = m->after;

    if (e->type == CX_EV_HANGUP) {
        cx_take_event(ivr, &m->take, e, result);
    } else if (e->type == CX_EV_MEDIA_LOST) {
        cx_take_event(ivr, &m->take, e, result);
        cx_ivr_end(ivr, 480, "Media Lost", NULL);
    } else if (m->step >= CX_MB_SETTINGS) {
        cx_mailbox_settings_event(ivr, m, e, result);
    } else if (e->type == CX_EV_ANSWER) {
        answer(ivr, m, e);
    } else if (m->step == CX_MB_TELLING && e->type == CX_EV_PLAYED) {
        after(ivr, m);
    } else if (result == CX_INPUT_DONE || result == CX_INPUT_NOTHING) {
        input(ivr, m, result);
    } else if (m->step == CX_MB_MESSAGE && e->type == CX_EV_PLAYED) {
        mark_heard(ivr, m); /* all of it */
    }
}
