/*
 * token.h - login tokens: a JWT signed with the cluster's secret, and a row that can end it early.
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef CX_TOKEN_H
#define CX_TOKEN_H

#include "api.h"

struct cx_claims {
    char id[33], account_id[33], owner_id[33];
    int64_t expires;
};

/* Writes a new token into text and its row into the database. owner_id is the user's;
 * NULL: the account itself (its API key). 0 or -errno.
 */
int cx_token_new(struct cx_request *r, const char *account_id, const char *owner_id, char *text,
                 size_t size);
/* Signature, algorithm, time: 0 with *claims, or -EACCES. The row is not looked at. */
int cx_token_read(const struct cx_api *api, const char *text, int64_t now,
                  struct cx_claims *claims);
/* Ends all tokens of a user but one (may be NULL). */
int cx_token_revoke(struct cx_request *r, const char *account_id, const char *owner_id,
                    const char *but);

#endif
