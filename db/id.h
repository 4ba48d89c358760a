/*
 * id.h - new ids: 32 lower-case hex digits from the kernel's random source.
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef CX_DB_ID_H
#define CX_DB_ID_H

#include <stdbool.h>

void cx_id_new(char id[33]);
bool cx_id_is_valid(const char *text); /* exactly such a text */

#endif
