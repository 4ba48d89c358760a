/*
 * gateways.h - which carrier gateways answer: kept by the dispatcher module, which pings them.
 *
 * The loader writes them into the dispatcher's list file (beside the workers that are in it
 * already) and has it read again; the call path asks for one. SPDX-License-Identifier:
 * GPL-2.0-or-later
 */
#ifndef CX_GATEWAYS_H
#define CX_GATEWAYS_H

#include "core/parser/msg_parser.h"
#include "routing/image.h"

struct cx_gateways_config {
    const char *list_file; /* the dispatcher's; NULL: gateways are not pinged and count as up */
    int set;
};
extern struct cx_gateways_config cx_gateways_config;

int cx_gateways_init(void); /* mod_init, after dispatcher */

/* Loader: these gateways are pinged from now on. 0 or -errno. */
int cx_gateways_publish(const struct cx_image *cluster);

/* sip:SERVER:PORT as cx_gateway_uri() makes it. Unknown ones are up. */
bool cx_gateway_up(struct sip_msg *msg, struct cx_str server, uint16_t port,
                   struct cx_str transport);

#endif
