/*
 * rpc.h - the operator's view: centrex.stats, .account, .reload, .explain.
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef CX_RPC_H
#define CX_RPC_H

#include "core/rpc.h"

extern rpc_export_t cx_rpc_table[];

#endif
