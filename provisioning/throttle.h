/*
 * throttle.h - failed logins counted in memory that all processes share.
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef CX_THROTTLE_H
#define CX_THROTTLE_H

#include <stdbool.h>
#include <stdint.h>

struct cx_throttle;

/* Before the processes are forked; NULL when there is no memory. Lives as long as the program. */
struct cx_throttle *cx_throttle_new(void);
/* May this key try again? At most `limit` failures in a minute. */
bool cx_throttle_allows(struct cx_throttle *throttle, const char *key, int64_t now, unsigned limit);
void cx_throttle_failed(struct cx_throttle *throttle, const char *key, int64_t now);

/* Credentials that were good a while ago, by a keyed tag: they may always try, so that who guesses
 * cannot lock out who knows. */
void cx_throttle_good(struct cx_throttle *throttle, uint64_t tag);
void cx_throttle_forget(struct cx_throttle *throttle, uint64_t tag);
bool cx_throttle_knows(struct cx_throttle *throttle, uint64_t tag);

#endif
