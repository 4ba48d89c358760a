/*
 * rpc.h - questions to Kamailio: JSON-RPC over the datagram socket beside its control socket.
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef CX_RPC_H
#define CX_RPC_H

#include "api.h"

/* Waits at most 300 ms; a Kamailio that is silent is not asked again within the same second. params
 * is stolen. The reply's "result" (new), or NULL: silent, or an error. */
json_t *cx_rpc(const struct cx_api *api, const char *method, json_t *params);

#endif
