/*
 * verify.h - the parts that check an image: verify.c the header, people, flows, carriers;
 * verify_groups.c and verify_documents.c the rest. Private to these files. SPDX-License-Identifier:
 * GPL-2.0-or-later
 */
#ifndef CX_ROUTING_VERIFY_H
#define CX_ROUTING_VERIFY_H

#include "layout.h"

struct cx_check {
    const struct cx_image *image;
    const char *why; /* the first thing that is wrong: a literal */
};

/* All return false with c->why set when it does not hold. */
bool cx_check_bad(struct cx_check *c, const char *why);
bool cx_check_text(struct cx_check *c, cx_ref ref);
bool cx_check_row(struct cx_check *c, uint32_t index, enum cx_table table);
bool cx_check_row_or_none(struct cx_check *c, uint32_t index, enum cx_table table);
bool cx_check_range(struct cx_check *c, uint32_t first, uint32_t count, enum cx_table table);
bool cx_check_program(struct cx_check *c, uint32_t first, uint32_t count);

bool cx_check_documents(struct cx_check *c);
bool cx_check_groups(struct cx_check *c); /* forwards, groups, ring groups */

#endif
