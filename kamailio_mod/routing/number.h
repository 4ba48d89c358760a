/*
 * number.h - what was dialled as E.164, by the habits of a country.
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef CX_ROUTING_NUMBER_H
#define CX_ROUTING_NUMBER_H

#include "call.h"

#define CX_NUMBER_MAX 64

/* Writes the E.164 form (with +) into text and returns it; what is no dialable number (extensions,
 * feature codes, names) comes back as it is. Spaces, dashes, dots and brackets between digits are
 * dropped. */
struct cx_str cx_number_normalise(const char *country, struct cx_str dialled,
                                  char text[CX_NUMBER_MAX]);

#endif
