/*
 * tts.h - text to speech: a program of the system's makes a wav of a text, once for each text and
 * voice. English by flite, other languages by espeak-ng.
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef CX_TTS_H
#define CX_TTS_H

#include "ask.h"

#define CX_TTS_TEXT 4100 /* bytes */

struct cx_tts {
    char account[33];
    char text[CX_TTS_TEXT];
    char voice[40];    /* "male", "female", or a name of flite's; "": female */
    char language[16]; /* "en-gb", "de"; "": English */
    char key[128];     /* answer: where it is in the storage: ACCOUNT/tts/HASH.wav */
};

/* For the threads of ask.h (also as part of another question). 0; -ENOEXEC: the program is not
 * installed; -EBADMSG: it cannot say this; -errno. */
int cx_tts_make(const char *storage, struct cx_tts *tts);
/* The same as a question: data is a struct cx_tts. */
extern const struct cx_question cx_tts_question;

#endif
