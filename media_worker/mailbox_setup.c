/*
 * mailbox_setup.c - settings of a voicemail box by phone: greeting, name, PIN; the first-time
 * set-up goes through all of them. See mailbox.h.
 *
 * Keys are those that the prompt names: 1 greeting, 3 name, 5 PIN, * back.
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "log.h"
#include "mailbox.h"

#define TRIES     3
#define PIN_LEAST 4
#define PIN_MOST  6

static void ask_pin(struct cx_ivr *ivr, struct cx_mailbox *m)
{
    struct cx_say say;

    cx_say_start(&say);
    cx_say_words(&say, "vm-newpassword");
    cx_mailbox_ask(ivr, m, CX_MB_NEW_PIN, &say, PIN_MOST);
}

static void record(struct cx_ivr *ivr, struct cx_mailbox *m, enum cx_mailbox_prompt prompt)
{
    m->prompt = prompt;
    m->step = CX_MB_TAKING;
    cx_take_start(ivr, &m->take, &m->input,
                  prompt == CX_MAILBOX_GREETING ? "vm-rec-unv" : "vm-rec-name");
}

static void record_name(struct cx_ivr *ivr, struct cx_mailbox *m)
{
    record(ivr, m, CX_MAILBOX_NAME);
}

static void first_pin(struct cx_ivr *ivr, struct cx_mailbox *m)
{
    ask_pin(ivr, m);
}

void cx_mailbox_first_time(struct cx_ivr *ivr, struct cx_mailbox *m)
{
    m->setup = true;
    m->tries = 0;
    cx_mailbox_tell(ivr, m, "vm-newuser", first_pin);
}

void cx_mailbox_settings(struct cx_ivr *ivr, struct cx_mailbox *m)
{
    struct cx_say say;

    m->tries = 0;
    cx_say_start(&say);
    cx_say_words(&say, "vm-options");
    cx_mailbox_ask(ivr, m, CX_MB_SETTINGS, &say, 1);
}

/* The set-up's next stop, or back to the menu. */
static void next(struct cx_ivr *ivr, struct cx_mailbox *m)
{
    struct cx_mailbox_done q = {.account = ""};

    m->tries = 0;
    if (!m->setup) {
        cx_mailbox_settings(ivr, m);
    } else if (m->step == CX_MB_SETTING_PIN || m->step == CX_MB_NEW_PIN ||
               m->step == CX_MB_NEW_PIN_AGAIN) {
        record_name(ivr, m);
    } else if (m->prompt == CX_MAILBOX_NAME) {
        record(ivr, m, CX_MAILBOX_GREETING);
    } else {
        snprintf(q.account, sizeof(q.account), "%s", m->box.account);
        snprintf(q.box, sizeof(q.box), "%s", m->box.box);
        m->step = CX_MB_FINISHING;
        cx_ivr_ask(ivr, &cx_mailbox_done, &q);
    }
}

/* Not all the same digit, no run, not the box's number: what a thief tries first. */
static bool is_weak(const char *pin, const char *mailbox)
{
    bool same = true, up = true, down = true;

    for (const char *p = pin; p[1]; p++) {
        same &= p[1] == p[0];
        up &= p[1] == p[0] + 1;
        down &= p[1] == p[0] - 1;
    }
    return same || up || down || strcmp(pin, mailbox) == 0;
}

static void wrong(struct cx_ivr *ivr, struct cx_mailbox *m, const char *words)
{
    cx_input_forget(&m->input);
    if (++m->tries < TRIES)
        cx_mailbox_tell(ivr, m, words, ask_pin);
    else
        next(ivr, m); /* as it was */
}

static void new_pin(struct cx_ivr *ivr, struct cx_mailbox *m)
{
    const char *pin = m->input.digits;
    struct cx_say say;

    if (strlen(pin) < PIN_LEAST || pin[strspn(pin, "0123456789")] || is_weak(pin, m->box.mailbox)) {
        wrong(ivr, m, "vm-invalid-password");
        return;
    }
    snprintf(m->pin, sizeof(m->pin), "%s", pin);
    cx_say_start(&say);
    cx_say_words(&say, "vm-reenterpassword");
    cx_mailbox_ask(ivr, m, CX_MB_NEW_PIN_AGAIN, &say, PIN_MOST);
}

static void repeated_pin(struct cx_ivr *ivr, struct cx_mailbox *m)
{
    struct cx_mailbox_pin q = {.right = false};

    if (strcmp(m->input.digits, m->pin) != 0) {
        wrong(ivr, m, "vm-mismatch");
        return;
    }
    snprintf(q.account, sizeof(q.account), "%s", m->box.account);
    snprintf(q.box, sizeof(q.box), "%s", m->box.box);
    snprintf(q.pin, sizeof(q.pin), "%s", m->pin);
    m->step = CX_MB_SETTING_PIN;
    cx_ivr_ask(ivr, &cx_mailbox_set_pin, &q);
}

static void kept_pin(struct cx_ivr *ivr, struct cx_mailbox *m)
{
    m->step = CX_MB_SETTING_PIN; /* where next() goes on from */
    next(ivr, m);
}

static void keep(struct cx_ivr *ivr, struct cx_mailbox *m)
{
    struct cx_mailbox_keep q = {.prompt = m->prompt};

    snprintf(q.media.account, sizeof(q.media.account), "%s", m->box.account);
    snprintf(q.media.id, sizeof(q.media.id), "%s", m->take.id);
    snprintf(q.media.key, sizeof(q.media.key), "%s", m->take.key);
    snprintf(q.media.name, sizeof(q.media.name), "Voicemail %s of %s, recorded by phone",
             m->prompt == CX_MAILBOX_GREETING ? "greeting" : "name", m->box.mailbox);
    q.media.bytes = m->take.bytes;
    snprintf(q.box, sizeof(q.box), "%s", m->box.box);
    m->step = CX_MB_KEEPING;
    cx_ivr_ask(ivr, &cx_mailbox_keep, &q);
}

static void choose(struct cx_ivr *ivr, struct cx_mailbox *m, char key)
{
    unsigned tries = m->tries;
    struct cx_say say;

    if (key == '1') {
        record(ivr, m, CX_MAILBOX_GREETING);
    } else if (key == '3') {
        record(ivr, m, CX_MAILBOX_NAME);
    } else if (key == '5') {
        ask_pin(ivr, m);
    } else if (key == '*' || key == '#') {
        cx_mailbox_menu(ivr, m);
    } else if (++tries > TRIES) {
        cx_mailbox_goodbye(ivr);
    } else {
        cx_say_start(&say);
        cx_say_words(&say, key ? "pm-invalid-option vm-options" : "vm-options");
        cx_mailbox_ask(ivr, m, CX_MB_SETTINGS, &say, 1);
        m->tries = tries;
    }
}

static void answer(struct cx_ivr *ivr, struct cx_mailbox *m, const struct cx_event *e)
{
    if (e->error < 0) {
        cx_ivr_apologize(ivr);
        return;
    }
    cx_log(CX_LOG_INFO, cx_ivr_call(ivr)->interaction, "voicemail: settings of box %s changed",
           m->box.box);
    if (m->step == CX_MB_SETTING_PIN) {
        m->box.has_pin = true;
        cx_mailbox_tell(ivr, m, "vm-passchanged", kept_pin);
    } else if (m->step == CX_MB_FINISHING) {
        m->setup = false;
        m->box.is_setup = true;
        cx_mailbox_menu(ivr, m);
    } else {
        next(ivr, m);
    }
}

void cx_mailbox_settings_event(struct cx_ivr *ivr, struct cx_mailbox *m, const struct cx_event *e,
                               enum cx_input_result result)
{
    enum cx_take_result taken;

    if (m->step == CX_MB_TAKING) {
        taken = cx_take_event(ivr, &m->take, e, result);
        if (taken == CX_TAKE_KEPT)
            keep(ivr, m);
        else if (taken == CX_TAKE_BROKEN)
            cx_ivr_apologize(ivr);
        else if (taken == CX_TAKE_FAILED)
            next(ivr, m);
    } else if (e->type == CX_EV_ANSWER) {
        answer(ivr, m, e);
    } else if (result != CX_INPUT_DONE && result != CX_INPUT_NOTHING) {
        return;
    } else if (m->step == CX_MB_SETTINGS) {
        choose(ivr, m, result == CX_INPUT_DONE ? m->input.digits[0] : '\0');
    } else if (result == CX_INPUT_NOTHING || m->input.count == 0) {
        wrong(ivr, m, "vm-pls-try-again");
    } else if (m->step == CX_MB_NEW_PIN) {
        new_pin(ivr, m);
    } else if (m->step == CX_MB_NEW_PIN_AGAIN) {
        repeated_pin(ivr, m);
    }
}
