/*
 * workers.h - asks the media workers of this node (media_worker/control.h).
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef CX_WORKERS_H
#define CX_WORKERS_H

#include "api.h"

/* Asks all at once; request is borrowed. The answer of the one that has it (a new object with
 * "ok"), or NULL: none of them has it, or none answers within half a second. */
json_t *cx_workers_ask(const struct cx_api *api, const json_t *request);

#endif
