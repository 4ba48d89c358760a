/*
 * announce.c - service "announce": says why a call cannot be put through (early media), then gives
 * that final reply. Parameters: prompt, code, reason. SPDX-License-Identifier: GPL-2.0-or-later
 */
#include <stdio.h>
#include <string.h>

#include "../ivr.h"
#include "../log.h"

/* What routing and Kazoo's callflows call an announcement, and the files that say it. */
static const struct {
    const char *name, *files[3];
} prompts[] = {
    {"not_found", {"sys/cannot-complete-as-dialed", "sys/check-number-dial-again"}},
    {"unauthorized", {"sys/im-sorry", "sys/feature-not-avail-line"}},
    {"unavailable", {"sys/number-not-answering"}},
    {"busy", {"sys/all-circuits-busy-now", "sys/please-try-call-later"}},
    {"cf-unauthorized_call", {"sys/im-sorry", "sys/feature-not-avail-line"}},
    {"fault-can_not_be_completed_as_dialed", {"sys/cannot-complete-as-dialed"}},
    {"fault-can_not_be_completed_at_this_time", {"sys/please-try-call-later"}},
};

static void finish(struct cx_ivr *ivr)
{
    const char *reason = cx_ivr_param(ivr, "reason");
    char text[100];

    snprintf(text, sizeof(text), "%s", reason && *reason ? reason : "Temporarily Unavailable");
    cx_ivr_end(ivr, (int)cx_ivr_param_number(ivr, "code", 400, 699, 480), text, NULL);
}

static size_t files_of(const char *prompt, const char **names, char *name, size_t size)
{
    size_t n = 0;

    for (size_t i = 0; i < sizeof(prompts) / sizeof(*prompts); i++)
        if (strcmp(prompts[i].name, prompt) == 0) {
            for (; n < 3 && prompts[i].files[n]; n++)
                names[n] = prompts[i].files[n];
            return n;
        }
    names[0] = name;
    if (!strchr(prompt, '/')) /* a file of the system's */
        return snprintf(name, size, "sys/%s", prompt) < (int)size ? 1 : 0;
    return cx_ivr_media_name(prompt, name, size) ? 1 : 0;
}

static void start(struct cx_ivr *ivr)
{
    const char *prompt = cx_ivr_param(ivr, "prompt"), *names[3];
    char name[300];
    size_t count = prompt ? files_of(prompt, names, name, sizeof(name)) : 0;

    if (count == 0 || !cx_ivr_has_offer(ivr) || cx_ivr_early(ivr) < 0)
        finish(ivr);
    else
        cx_ivr_play(ivr, names, count);
}

static void event(struct cx_ivr *ivr, void *state, const struct cx_event *e)
{
    (void)state;
    if (e->type == CX_EV_STARTED) {
        start(ivr);
    } else if (e->type == CX_EV_PLAYED || e->type == CX_EV_MEDIA_LOST) {
        if (e->missing)
            cx_log(CX_LOG_WARNING, cx_ivr_call(ivr)->interaction, "announce: prompt %s is missing",
                   cx_ivr_param(ivr, "prompt"));
        finish(ivr);
    }
}

const struct cx_service cx_service_announce = {"announce", 0, event};
