/*
 * compile.h - account rows -> account image. Used by the loader, the API (explain, validation) and
 * tests.
 *
 * Deterministic: the same rows give the same bytes. May allocate (it is not on the call path).
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef CX_ROUTING_COMPILE_H
#define CX_ROUTING_COMPILE_H

#include "../../db/rows/rows.h"
#include "image.h"

struct cx_compile_error {
    char document[33]; /* id of the row that is wrong */
    char path[256];    /* "flow.children._.module"; dotted */
    char message[256]; /* "module 'pivot' is not supported" */
};

/* On 0, *image is a block of malloc: the caller frees it. On a negative errno, *error says which
 * row, where, why. */
int cx_compile(const struct cx_account_rows *rows, struct cx_image **image,
               struct cx_compile_error *error);

/* Only a callflow's tree, before it is saved: can it be run? References to other documents are not
 * looked up. flow_json: the text of `flow`. 0 or a negative errno with *error. */
int cx_compile_check_flow(const char *flow_json, struct cx_compile_error *error);

/* A feature-code pattern: can it be compiled (no back-references or look-around)? */
int cx_compile_check_pattern(const char *pattern, struct cx_compile_error *error);

#endif
