/*
 * variables.h - the variables of a call: "name=value;name=value" in the cursor. Pure text.
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef CX_ROUTING_VARIABLES_H
#define CX_ROUTING_VARIABLES_H

#include <stddef.h>
#include "call.h"

/* Takes over all of `more`, over older values of the same names. False: no room, nothing changes.
 */
bool cx_variables_put(char *variables, size_t size, struct cx_str more);
/* Empty when there is none. Points into variables. */
struct cx_str cx_variables_get(const char *variables, struct cx_str name);

#endif
