/*
 * resources.h - what each resource's file gives to the router: its routes, and where others need
 * it, its descriptor. SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef CX_RESOURCES_H
#define CX_RESOURCES_H

#include "provisioning/engine.h"

#define CX_COUNT(A) (sizeof(A) / sizeof(*(A)))

/* Each ends with a row whose path is NULL. */
extern const struct cx_route cx_routes_auth[], cx_routes_accounts[], cx_routes_users[],
    cx_routes_devices[], cx_routes_vmboxes[], cx_routes_messages[], cx_routes_callflows[],
    cx_routes_media[], cx_routes_numbers[], cx_routes_carriers[], cx_routes_cdrs[],
    cx_routes_limits[], cx_routes_schemas[], cx_routes_explain[], cx_routes_fixed[],
    cx_routes_menus[], cx_routes_conferences[], cx_routes_directories[], cx_routes_groups[],
    cx_routes_temporal[], cx_routes_number_lists[], cx_routes_faxboxes[],
    cx_routes_conference_control[];

extern const struct cx_resource cx_accounts, cx_users, cx_devices, cx_vmboxes, cx_callflows,
    cx_media, cx_carriers, cx_own_carriers, cx_menus, cx_conferences, cx_directories, cx_groups,
    cx_temporal_rules, cx_temporal_rules_sets, cx_blacklists, cx_match_lists, cx_faxboxes;

/* groups.c: takes an id out of the endpoints of the account's groups, in a transaction. */
int cx_groups_forget(struct cx_request *r, const char *id);

/* conference_control.c: the document with what goes on in it; a command to the room. */
cx_handler cx_conference_get, cx_conference_action;

#endif
