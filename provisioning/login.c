/*
 * login.c - see login.h.
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <openssl/evp.h>
#include <openssl/hmac.h>

#include "login.h"

#define CANDIDATES_MAX 32

static bool keyed(const struct cx_api *api, const char *text, unsigned char out[EVP_MAX_MD_SIZE])
{
    unsigned n = 0;

    return HMAC(EVP_sha256(), api->secret, (int)strlen(api->secret), (const unsigned char *)text,
                strlen(text), out, &n) != NULL;
}

int cx_login_index(const struct cx_api *api, const char *digest_hex)
{
    unsigned char out[EVP_MAX_MD_SIZE];
    char text[64];

    snprintf(text, sizeof(text), "login:%s", digest_hex);
    return keyed(api, text, out) ? (out[0] << 8 | out[1]) & 0xfff : -EINVAL;
}

uint64_t cx_login_tag(const struct cx_api *api, const char *account_id, const char *digest_hex)
{
    unsigned char out[EVP_MAX_MD_SIZE];
    char text[128];
    uint64_t tag;

    snprintf(text, sizeof(text), "good:%s:%s", account_id, digest_hex);
    if (!keyed(api, text, out))
        return 0;
    memcpy(&tag, out, sizeof(tag));
    return tag;
}

struct candidate {
    char id[33], hash[CX_PASSWORD_HASH_MAX];
    bool enabled, indexed;
};

struct candidates {
    struct candidate list[CANDIDATES_MAX];
    size_t n;
};

static int keep(void *arg, const struct cx_value *c, size_t n)
{
    struct candidates *candidates = arg;
    struct candidate *one = &candidates->list[candidates->n];

    (void)n;
    if (candidates->n >= CANDIDATES_MAX)
        return 0;
    snprintf(one->id, sizeof(one->id), "%s", c[0].s);
    snprintf(one->hash, sizeof(one->hash), "%s", c[1].s);
    one->enabled = c[2].i == 1;
    one->indexed = c[3].type != CX_NULL;
    candidates->n++;
    return 0;
}

int cx_login_find(struct cx_request *r, const char *account_id, enum cx_digest kind,
                  const char *digest_hex, char user_id[33], bool *enabled)
{
    static const char *const sql[] = {
        [CX_MD5] = "SELECT id, password_md5, enabled, password_md5_index FROM user WHERE "
                   "account_id = ? AND (password_md5_index = ? OR password_md5_index IS NULL) AND "
                   "password_md5 IS NOT NULL ORDER BY password_md5_index IS NULL LIMIT 32",
        [CX_SHA1] = "SELECT id, password_sha1, enabled, password_sha1_index FROM user WHERE "
                    "account_id = ? AND (password_sha1_index = ? OR password_sha1_index IS NULL) "
                    "AND password_sha1 IS NOT NULL ORDER BY password_sha1_index IS NULL LIMIT 32"};
    static const char *const remember[] = {
        [CX_MD5] = "UPDATE user SET password_md5_index = ? WHERE id = ?",
        [CX_SHA1] = "UPDATE user SET password_sha1_index = ? WHERE id = ?"};
    struct candidates candidates = {.n = 0};
    int index = cx_login_index(r->api, digest_hex), err;

    if (index < 0)
        return index;
    err = cx_db_query(r->db, sql[kind], (struct cx_value[]){cx_text(account_id), cx_int(index)}, 2,
                      keep, &candidates);
    if (err < 0)
        return err;
    for (size_t i = 0; i < candidates.n; i++) {
        const struct candidate *one = &candidates.list[i];
        if (!cx_password_verify(digest_hex, one->hash))
            continue;
        memcpy(user_id, one->id, 33);
        *enabled = one->enabled;
        return one->indexed
                   ? 0
                   : cx_db_exec(r->db, remember[kind],
                                (struct cx_value[]){cx_int(index), cx_text(one->id)}, 2, NULL);
    }
    if (candidates.n == 0)
        cx_password_verify(digest_hex, NULL);
    return -EACCES;
}
