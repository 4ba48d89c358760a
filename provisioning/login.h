/*
 * login.h - finding the user whom a login's digest belongs to.
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef CX_LOGIN_H
#define CX_LOGIN_H

#include "api.h"
#include "password.h"

/* 12 bits of HMAC(cluster secret, digest): kept beside the hash, so that a login does not have to
 * try the hash of every user of the account. */
int cx_login_index(const struct cx_api *api, const char *digest_hex);
/* 64 bits of another one, for the memory of good logins. 0 when it cannot be made. */
uint64_t cx_login_tag(const struct cx_api *api, const char *account_id, const char *digest_hex);

/* 0 with the user's id, -EACCES: nobody's, or a db error. Takes as long for both answers. */
int cx_login_find(struct cx_request *r, const char *account_id, enum cx_digest kind,
                  const char *digest_hex, char user_id[33], bool *enabled);

/* What a login and a look at a token tell: a new object. user_id NULL: the account itself. */
int cx_login_describe(struct cx_request *r, const char *account_id, const char *user_id,
                      json_t **out);
/* May the account be managed from where the request comes? 0, or a 403 reply. */
int cx_login_address(struct cx_request *r, const char *account_id);

#endif
