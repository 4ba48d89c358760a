/*
 * report.h - what came of a fax as the API and the mails tell it. SPDX-License-Identifier:
 * GPL-2.0-or-later
 */
#ifndef CX_FAX_REPORT_H
#define CX_FAX_REPORT_H

#include <jansson.h>

#include "fax.h"

/* Kazoo's rx_result or tx_result. The caller's; NULL: no memory. */
json_t *cx_fax_report(const struct cx_fax_result *result, bool sent);
/* The same for a fax whose worker died: pages is what it left. */
json_t *cx_fax_report_cut_off(unsigned pages);

#endif
