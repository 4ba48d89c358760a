/*
 * prompt.h - sounds, encoded once per codec and kept in memory; a thread reads the files.
 *
 * Names: "sys/NAME" is NAME.wav of the system's prompts, "store/KEY" a tenant's file below the
 * storage folder, "tone/HZ/MS" a tone. Asking never waits: a file server that hangs holds up
 * only who wants a file that is not in memory yet. All functions belong to the loop's thread.
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef CX_PROMPT_H
#define CX_PROMPT_H

#include <ev.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "codec.h"

#define CX_PROMPTS_MAX 64 /* asked for at once */

struct cx_prompt {
    unsigned refs;
    unsigned frames;     /* of 20 ms, CX_FRAME bytes each; the last is filled with silence */
    const uint8_t *data; /* belongs to the prompt */
};

struct cx_prompt_request;
/* prompts[i] is NULL when names[i] could not be read; the callee owns a reference of each other. */
typedef void cx_prompt_h(void *arg, struct cx_prompt *const *prompts, size_t count);

/* Strings must live on. preload: names for all codecs, NULL at the end. 0 or -errno. */
int cx_prompt_init(struct ev_loop *loop, const char *system_folder, const char *storage,
                   const char *const *preload);
void cx_prompt_close(void);
/* Calls done once: at once when all are in memory, else later (after two seconds with what is there
 * then). *request is NULL when it was called at once. 0 or -errno (then it is never called). */
int cx_prompt_get(enum cx_codec codec, const char *const *names, size_t count, cx_prompt_h *done,
                  void *arg, struct cx_prompt_request **request);
void cx_prompt_cancel(struct cx_prompt_request *request);
void cx_prompt_unref(struct cx_prompt *prompt);

/* A wav file's samples (any rate and layout libsndfile reads, brought to 8 kHz mono), at most
 * ten minutes. 0 or -errno; free(*samples). */
int cx_prompt_read_wav(const char *path, int16_t **samples, size_t *count);
/* Is this a key that stays below its folder? */
bool cx_prompt_key_is_safe(const char *key);

#endif
