/*
 * faxmail.h - one mail for one recipient becomes faxes in the queue, or is refused with a reason.
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef CX_FAXMAIL_H
#define CX_FAXMAIL_H

#include <stddef.h>

enum { CX_FAXMAIL_MAX = 25 * 1024 * 1024 };

/* file: centrex.cfg. 0: accepted, and it stays so; else a code of sysexits.h: EX_DATAERR,
 * EX_NOUSER, EX_NOPERM (for good) or EX_TEMPFAIL, with a text for the sender in why. The same mail
 * again makes nothing new. */
int cx_faxmail_take(const char *file, const char *sender, const char *recipient, const char *data,
                    size_t size, char *why, size_t why_size);

#endif
