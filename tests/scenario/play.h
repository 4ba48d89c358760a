/*
 * play.h - a scenario while it is played: what the runner's files share.
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef CX_SCENARIO_PLAY_H
#define CX_SCENARIO_PLAY_H

#include <jansson.h>

#include "world.h"

struct play {
    struct world world;
    bool compiled;
    struct account *account; /* whose image decides now */
    struct cx_call call;
    char dialled[128], number[128], name[128];
    struct cx_step step;
    bool has_step;
    unsigned checked;    /* expectations */
    json_t *told, *path; /* what explain said of this call, and the step of it that is played now */
};

struct cx_env env_of(struct play *p);
/* Nothing of the shadow tenant, ever. */
void check_isolation(struct play *p, const struct line *at);
void want_kind(const struct play *p, const struct line *at, enum cx_step_kind kind);
void want_text(const struct line *at, const char *what, struct cx_str got, const char *wanted);

/* ringing.c: what rings, where forwards go, whose call is taken. */
void want_rings(struct play *p, const struct line *line);
void want_targets(struct play *p, const struct line *line);
void want_leg(struct play *p, const struct line *line);
void want_target(struct play *p, const struct line *line);
void want_ringing(struct play *p, const struct line *line);
void want_picks_up(struct play *p, const struct line *line);
void want_parks(struct play *p, const struct line *line);
/* follow NUMBER: plays the inner call of a forwarded leg, as the module makes it. */
void follow_line(struct play *p, const struct line *line);
/* phone NAME busy|free|registered|gone|called-by NUMBER|called NUMBER. True: it was one. */
bool phone_line(struct play *p, const struct line *line);
/* Answers of cx_env. */
bool phone_busy(void *arg, struct cx_str username, struct cx_str realm);
size_t phone_last_number(void *arg, struct cx_id device, bool dialled, char *text, size_t size);

/* told.c: explain says beforehand what the core then decides. told_begin: at the first step of a
 * call; told_next: at the step after this outcome. */
void told_begin(struct play *p, const struct line *line);
void told_next(struct play *p, const struct line *line, const char *outcome);
void told_forget(struct play *p);

#endif
