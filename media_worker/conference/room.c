/*
 * room.c - see room.h. SPDX-License-Identifier: GPL-2.0-or-later
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../log.h"
#include "../say.h"
#include "private.h"

static struct cx_conf_room *rooms;

struct cx_conf_room *cx_conf_room_find(const char *account, const char *id)
{
    for (struct cx_conf_room *r = rooms; r; r = r->next)
        if (strcmp(r->account, account) == 0 && strcmp(r->settings.id, id) == 0)
            return r;
    return NULL;
}

unsigned cx_conf_rooms(void)
{
    unsigned n = 0;

    for (struct cx_conf_room *r = rooms; r; r = r->next)
        n++;
    return n;
}

static struct cx_conf_room *room_new(const char *account)
{
    struct cx_conf_room *r = calloc(1, sizeof(*r));

    if (!r || cx_mix_new(&r->mix) < 0) {
        free(r);
        return NULL;
    }
    snprintf(r->account, sizeof(r->account), "%s", account);
    r->began = time(NULL);
    r->next = rooms;
    rooms = r;
    return r;
}

static void room_free(struct cx_conf_room *r)
{
    struct cx_conf_room **at = &rooms;

    while (*at != r)
        at = &(*at)->next;
    *at = r->next;
    cx_mix_free(r->mix);
    free(r);
}

/* ---- what one participant hears */

static void play(struct cx_conf_participant *p, const char *words)
{
    struct cx_say say;

    cx_say_start(&say);
    cx_say_words(&say, words);
    cx_ivr_play(p->ivr, say.names, say.count);
}

static void music(struct cx_conf_participant *p)
{
    const char *names[] = {p->music};

    if (p->music[0] && !p->music_failed)
        cx_ivr_play(p->ivr, names, 1);
}

/* Nobody else is heard: says why, once, and then there is music. */
static void lonely(struct cx_conf_participant *p)
{
    bool told = p->told || p->room->settings.pair;

    if (p->alone)
        return;
    p->alone = p->told = true;
    if (told)
        music(p);
    else
        play(p, p->member ? "conf-onlyperson" : "conf-waitforleader");
}

void cx_conf_played(struct cx_conf_participant *p, unsigned missing)
{
    if (missing)
        p->music_failed = true; /* or it would be asked for again and again */
    if (p->alone)
        music(p);
}

static void not_lonely(struct cx_conf_participant *p)
{
    if (p->alone)
        cx_ivr_stop(p->ivr);
    p->alone = false;
}

/* ---- who hears whom */

static bool has_moderator(const struct cx_conf_room *r)
{
    for (const struct cx_conf_participant *p = r->participants; p; p = p->next)
        if (p->moderator)
            return true;
    return false;
}

static void announce(struct cx_conf_room *r, struct cx_conf_participant *p, bool comes)
{
    if (comes ? r->settings.entry_tone : r->settings.exit_tone) {
        cx_mix_tone(r->mix, comes ? 480 : 620, 120);
        cx_mix_tone(r->mix, comes ? 620 : 480, 160);
    }
    if (r->settings.names && p->name.count) {
        cx_mix_tone(r->mix, 0, 150);
        cx_mix_sound(r->mix, p->name.samples, p->name.count);
    }
}

/* Lets in who may hear the others by now. */
static void let_in(struct cx_conf_room *r)
{
    bool open = !r->settings.wait || has_moderator(r);

    for (struct cx_conf_participant *p = r->participants; p; p = p->next) {
        if (p->member || !open)
            continue;
        if (cx_ivr_mix(p->ivr, r->mix, &p->member) < 0)
            continue;
        cx_mix_mute(p->member, p->muted);
        cx_mix_deafen(p->member, p->deaf);
        not_lonely(p);
        if (cx_mix_count(r->mix) > 1)
            announce(r, p, true);
    }
    for (struct cx_conf_participant *p = r->participants; p; p = p->next)
        if (p->member && cx_mix_count(r->mix) > 1)
            not_lonely(p);
        else
            lonely(p);
}

enum cx_conf_refusal cx_conf_enter(struct cx_conf_participant *p,
                                   const struct cx_conf_settings *settings)
{
    const char *account = cx_ivr_call(p->ivr)->account;
    struct cx_conf_room *r = cx_conf_room_find(account, settings->id);
    struct cx_conf_participant **last;

    if (!r)
        r = room_new(account);
    if (!r)
        return CX_CONF_NO_MEMORY;
    r->settings = *settings; /* the newest is what the document says now */
    if (r->locked && !p->moderator)
        return CX_CONF_LOCKED;
    if (settings->max && r->count >= settings->max)
        return CX_CONF_FULL;
    p->room = r;
    p->number = ++r->last_number;
    p->joined = time(NULL);
    p->muted = p->moderator ? settings->moderator_muted : settings->member_muted;
    p->deaf = p->moderator ? settings->moderator_deaf : settings->member_deaf;
    for (last = &r->participants; *last; last = &(*last)->next)
        ;
    *last = p;
    r->count++;
    cx_log(CX_LOG_INFO, cx_ivr_call(p->ivr)->interaction,
           "conference %s: participant %u%s enters, %u are there", r->settings.id, p->number,
           p->moderator ? ", a moderator," : "", r->count);
    let_in(r);
    if (p->muted && p->member && !p->alone)
        play(p, "conf-now-muted"); /* or they would wonder that nobody answers */
    return CX_CONF_ENTERED;
}

void cx_conf_leave(struct cx_conf_participant *p)
{
    struct cx_conf_room *r = p->room;
    struct cx_conf_participant **at;

    if (r) {
        for (at = &r->participants; *at != p; at = &(*at)->next)
            ;
        *at = p->next;
        r->count--;
        p->room = NULL;
        cx_ivr_mix(p->ivr, NULL, NULL);
        if (p->member && cx_mix_count(r->mix) > 0)
            announce(r, p, false);
        p->member = NULL;
        cx_log(CX_LOG_INFO, cx_ivr_call(p->ivr)->interaction,
               "conference %s: participant %u leaves, %u are there", r->settings.id, p->number,
               r->count);
        if (r->count == 0)
            room_free(r);
        else if (r->settings.pair && r->participants) {
            struct cx_ivr *other = r->participants->ivr;
            cx_conf_leave(r->participants); /* and with it goes the room */
            cx_ivr_end(other, 0, NULL, NULL);
        } else
            let_in(r);
    }
    cx_draft_clear(&p->name);
}

/* ---- commands, by key or from elsewhere */

void cx_conf_mute(struct cx_conf_participant *p, bool on)
{
    p->muted = on;
    if (p->member)
        cx_mix_mute(p->member, on);
}

void cx_conf_deafen(struct cx_conf_participant *p, bool on)
{
    p->deaf = on;
    if (p->member)
        cx_mix_deafen(p->member, on);
}

void cx_conf_kick(struct cx_conf_participant *p)
{
    static const char *const names[] = {"sys/conf-kicked"};
    struct cx_ivr *ivr = p->ivr;

    cx_log(CX_LOG_INFO, cx_ivr_call(ivr)->interaction, "conference: put out");
    cx_conf_leave(p);
    cx_ivr_farewell(ivr, names, 1);
}

static struct cx_conf_participant *newest(struct cx_conf_room *r,
                                          const struct cx_conf_participant *but)
{
    struct cx_conf_participant *found = NULL;

    for (struct cx_conf_participant *p = r->participants; p; p = p->next)
        if (p != but && !p->moderator)
            found = p;
    return found;
}

static void mute_all(struct cx_conf_room *r)
{
    bool all = true;

    for (struct cx_conf_participant *p = r->participants; p; p = p->next)
        if (!p->moderator && !p->muted)
            all = false;
    for (struct cx_conf_participant *p = r->participants; p; p = p->next)
        if (!p->moderator) {
            cx_conf_mute(p, !all);
            play(p, all ? "conf-now-unmuted" : "conf-now-muted");
        }
}

/* "There are 2 other participants in the conference." */
static void count(struct cx_conf_participant *p)
{
    struct cx_say say;

    cx_say_start(&say);
    if (p->room->count == 1) {
        cx_say_words(&say, "conf-onlyperson");
    } else {
        cx_say_words(&say, "conf-thereare");
        cx_say_number(&say, p->room->count - 1);
        cx_say_words(&say, "conf-otherinparty");
    }
    cx_ivr_play(p->ivr, say.names, say.count);
}

void cx_conf_key(struct cx_conf_participant *p, char key)
{
    struct cx_conf_room *r = p->room;
    struct cx_conf_participant *other;

    if (key == '0') {
        cx_conf_mute(p, !p->muted);
        play(p, p->muted ? "conf-muted" : "conf-unmuted");
    } else if (key == '1') {
        count(p);
    } else if (key == '5' && p->moderator) {
        r->locked = !r->locked;
        play(p, r->locked ? "conf-lockednow" : "conf-unlockednow");
    } else if (key == '7' && p->moderator) {
        mute_all(r);
    } else if (key == '9' && p->moderator) {
        other = newest(r, p);
        if (other)
            cx_conf_kick(other);
        else
            play(p, "conf-errormenu");
    }
}
