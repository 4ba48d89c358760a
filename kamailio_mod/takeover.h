/*
 * takeover.h - calls that change hands: pickup, Replaces (RFC 3891), REFER.
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef CX_TAKEOVER_H
#define CX_TAKEOVER_H

#include "calls.h"

int cx_takeover_init(void); /* mod_init: 0 or -1 */

/* Step PICKUP: 1: a branch to the other party was made; 0: no such call; -1: the caller was
 * answered, its phone rings with the call. */
int cx_takeover_pickup(struct sip_msg *msg, struct cx_context *ctx, const struct cx_step *step);

/* An INVITE of a phone with Replaces: 1: a branch to who has that dialog; 0: it has none; -1: no
 * such call of this account. */
int cx_takeover_replaces(struct sip_msg *msg, struct cx_context *ctx);

/* REFER in a dialog: may this phone transfer, can the other side follow? 0, or the SIP code to
 * refuse with. */
int cx_takeover_refer(struct sip_msg *msg);

/* Was this INVITE asked for by a REFER just now? Then who asked is *device, *owner. */
bool cx_takeover_referred(const struct cx_context *ctx, struct cx_id *device, struct cx_id *owner);

#endif
