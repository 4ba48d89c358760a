/*
 * cursor_key.h - the cluster's secret, as the key that signs cursors.
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef CX_CURSOR_KEY_H
#define CX_CURSOR_KEY_H

#include <stdint.h>

extern uint8_t cx_cursor_key[32]; /* set in mod_init, before the fork */

#endif
