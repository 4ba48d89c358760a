/*
 * resources.h - what each resource's file gives to the router: its routes, and where others need
 * it, its descriptor. SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef CX_RESOURCES_H
#define CX_RESOURCES_H

#include "provisioning/engine.h"

#define CX_COUNT(A) (sizeof(A) / sizeof(*(A)))

/* Each ends with a row whose path is NULL. One a line, so that those who add one do not meet. */
/* clang-format off */
extern const struct cx_route cx_routes_access[];
extern const struct cx_route cx_routes_accounts[];
extern const struct cx_route cx_routes_apps[];
extern const struct cx_route cx_routes_auth[];
extern const struct cx_route cx_routes_callflows[];
extern const struct cx_route cx_routes_carriers[];
extern const struct cx_route cx_routes_cdrs[];
extern const struct cx_route cx_routes_conference_control[];
extern const struct cx_route cx_routes_conferences[];
extern const struct cx_route cx_routes_devices[];
extern const struct cx_route cx_routes_directories[];
extern const struct cx_route cx_routes_explain[];
extern const struct cx_route cx_routes_faxboxes[];
extern const struct cx_route cx_routes_faxes[];
extern const struct cx_route cx_routes_fixed[];
extern const struct cx_route cx_routes_groups[];
extern const struct cx_route cx_routes_limits[];
extern const struct cx_route cx_routes_live[];
extern const struct cx_route cx_routes_media[];
extern const struct cx_route cx_routes_menus[];
extern const struct cx_route cx_routes_messages[];
extern const struct cx_route cx_routes_number_lists[];
extern const struct cx_route cx_routes_number_search[];
extern const struct cx_route cx_routes_numbers[];
extern const struct cx_route cx_routes_ports[];
extern const struct cx_route cx_routes_recordings[];
extern const struct cx_route cx_routes_schemas[];
extern const struct cx_route cx_routes_search[];
extern const struct cx_route cx_routes_temporal[];
extern const struct cx_route cx_routes_users[];
extern const struct cx_route cx_routes_vmboxes[];
extern const struct cx_route cx_routes_webhooks[];
/* clang-format on */

extern const struct cx_resource cx_accounts, cx_users, cx_devices, cx_vmboxes, cx_callflows,
    cx_media, cx_carriers, cx_own_carriers, cx_menus, cx_conferences, cx_directories, cx_groups,
    cx_temporal_rules, cx_temporal_rules_sets, cx_blacklists, cx_match_lists, cx_faxboxes;

/* fixed.c: 501, for what would buy or change something that is not part of this system. */
cx_handler cx_not_available;

/* live.c: NOTIFY check-sync to where a phone is registered; to how many contacts. */
int cx_phone_check_sync(struct cx_request *r, const char *username, bool reboot);

/* number_search.c: free numbers by prefix, city, toll-free, in blocks. */
cx_handler cx_numbers_search;

/* groups.c: takes an id out of the endpoints of the account's groups, in a transaction. */
int cx_groups_forget(struct cx_request *r, const char *id);

/* conference_control.c: the document with what goes on in it; a command to the room. */
cx_handler cx_conference_get, cx_conference_action;

#endif
