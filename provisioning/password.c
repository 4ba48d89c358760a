/*
 * password.c - see password.h.
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include <argon2.h>
#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#include <openssl/evp.h>

#include "password.h"

#define PASSES     2
#define MEMORY_KIB (19 * 1024)
#define LANES      1
#define SALT_BYTES 16
#define HASH_BYTES 32

static int digest(const EVP_MD *kind, const char *text, size_t len, char *hex)
{
    unsigned char out[EVP_MAX_MD_SIZE];
    unsigned n = 0;

    if (EVP_Digest(text, len, out, &n, kind, NULL) != 1)
        return -EINVAL;
    for (unsigned i = 0; i < n; i++)
        snprintf(hex + 2 * i, 3, "%02x", out[i]);
    return 0;
}

int cx_credentials_digest(enum cx_digest kind, const char *username, const char *password,
                          char hex[41])
{
    size_t size = strlen(username) + strlen(password) + 2;
    char *text = malloc(size);
    int err;

    if (!text)
        return -ENOMEM;
    snprintf(text, size, "%s:%s", username, password);
    for (char *p = text; *p != ':'; p++)
        *p = (char)tolower((unsigned char)*p);
    err = digest(kind == CX_MD5 ? EVP_md5() : EVP_sha1(), text, size - 1, hex);
    OPENSSL_cleanse(text, size);
    free(text);
    return err;
}

int cx_password_hash(const char *digest_hex, char hash[CX_PASSWORD_HASH_MAX])
{
    unsigned char salt[SALT_BYTES];

    if (getrandom(salt, sizeof(salt), 0) != (ssize_t)sizeof(salt))
        return -EIO;
    return argon2id_hash_encoded(PASSES, MEMORY_KIB, LANES, digest_hex, strlen(digest_hex), salt,
                                 sizeof(salt), HASH_BYTES, hash, CX_PASSWORD_HASH_MAX) == ARGON2_OK
               ? 0
               : -ENOMEM;
}

bool cx_password_verify(const char *digest_hex, const char *hash)
{
    char wasted[CX_PASSWORD_HASH_MAX];

    if (!hash || !hash[0]) {
        cx_password_hash(digest_hex, wasted);
        return false;
    }
    return argon2id_verify(hash, digest_hex, strlen(digest_hex)) == ARGON2_OK;
}

int cx_sip_ha1(const char *username, const char *realm, const char *password, char hex[33])
{
    size_t size = strlen(username) + strlen(realm) + strlen(password) + 3;
    char *text = malloc(size);
    int err;

    if (!text)
        return -ENOMEM;
    snprintf(text, size, "%s:%s:%s", username, realm, password);
    err = digest(EVP_md5(), text, size - 1, hex);
    OPENSSL_cleanse(text, size);
    free(text);
    return err;
}
