/*
 * password.h - what is stored of a user's password: argon2id of the digests that clients send.
 *
 * A Crossbar client sends md5 or sha1 of "username:password" (user name in lower case), never the
 * password; so both digests are hashed and kept. SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef CX_PASSWORD_H
#define CX_PASSWORD_H

#include <stdbool.h>

#define CX_PASSWORD_HASH_MAX 160

enum cx_digest { CX_MD5, CX_SHA1 };

/* Lower-case hex digest of "lower(username):password": 32 or 40 digits and a NUL. 0 or -errno. */
int cx_credentials_digest(enum cx_digest kind, const char *username, const char *password,
                          char hex[41]);

/* argon2id, 19 MiB, 2 passes, 1 lane (OWASP's least); about 30 ms here. 0 or -errno. */
int cx_password_hash(const char *digest_hex, char hash[CX_PASSWORD_HASH_MAX]);
/* hash NULL or empty: false, after the same work, so that nobody learns which names exist. */
bool cx_password_verify(const char *digest_hex, const char *hash);

/* HA1 of RFC 2617: md5(username:realm:password), 32 hex digits and a NUL. */
int cx_sip_ha1(const char *username, const char *realm, const char *password, char hex[33]);

#endif
