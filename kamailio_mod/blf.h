/*
 * blf.h - busy lamps: what each phone, user and parking slot does, as dialog-info (RFC 4235) for
 * those who SUBSCRIBE.
 *
 * A process of its own takes the changes of calls.h in order, looks at what is so now, and replaces
 * the document in the presence module: the last state wins, however changes crossed. Phones watch a
 * user's extension, a phone's user name, or a slot ("101", "*3101", "*5101") of their own account.
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef CX_BLF_H
#define CX_BLF_H

void cx_blf_run(void); /* the process */

#endif
