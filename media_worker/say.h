/*
 * say.h - a sentence of sounds: words, numbers, digits, dates, tenants' media. Pure.
 *
 * What does not fit any more is left out. SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef CX_SAY_H
#define CX_SAY_H

#include <stddef.h>
#include <time.h>

#define CX_SAY_MAX 48 /* sounds in a sentence */

struct cx_say {
    const char *names[CX_SAY_MAX]; /* for cx_ivr_play(); they point into text */
    size_t count, used;
    char text[2048];
};

/* Must be called first; then the sentence is empty. */
void cx_say_start(struct cx_say *say);
/* A sound's name (audio/prompt.h). */
void cx_say_sound(struct cx_say *say, const char *name);
/* Words of the system's prompts, separated by spaces: "vm-youhave digits/2". */
void cx_say_words(struct cx_say *say, const char *words);
/* "201": two oh one; also * and #; other characters are not spoken. */
void cx_say_digits(struct cx_say *say, const char *digits);
/* 1234: one thousand two hundred thirty four. */
void cx_say_number(struct cx_say *say, unsigned number);
/* "today at 3 45 pm", "yesterday at ...", "Monday, November 23 at ...": both are local times. */
void cx_say_when(struct cx_say *say, const struct tm *when, const struct tm *now);
/* "9 oclock a m", "3 oh 5 p m" */
void cx_say_time(struct cx_say *say, const struct tm *when);
/* A callflow's media (storage key or system_media/NAME); nothing when it is not usable. */
void cx_say_media(struct cx_say *say, const char *media);

#endif
