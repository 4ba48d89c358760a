/*
 * tm_api.h - the functions of other modules that ours calls, bound once at start.
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef CX_TM_API_H
#define CX_TM_API_H

#include "modules/dispatcher/api.h"
#include "modules/tm/tm_load.h"
#include "modules/uac/api.h"

extern struct tm_binds cx_tm;
extern uac_api_t cx_uac;
extern dispatcher_api_t cx_dispatcher;

#endif
