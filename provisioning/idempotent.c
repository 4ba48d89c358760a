/*
 * idempotent.c - Idempotency-Key: a PUT that is sent again gets the first one's reply and makes
 * nothing new. See engine.h. SPDX-License-Identifier: GPL-2.0-or-later
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <openssl/evp.h>

#include "engine.h"

#define KEEP_SECONDS (24 * 3600)

static const char *scope_of(const struct cx_request *r)
{
    return r->account.id[0] ? r->account.id : r->token_account;
}

static int hash_request(const struct cx_request *r, char hex[65])
{
    unsigned char out[EVP_MAX_MD_SIZE];
    unsigned n = 0;
    EVP_MD_CTX *ctx = EVP_MD_CTX_new();
    bool ok = ctx && EVP_DigestInit_ex(ctx, EVP_sha256(), NULL) == 1 &&
              EVP_DigestUpdate(ctx, r->method, strlen(r->method)) == 1;

    for (size_t i = 0; ok && i < r->segment_count; i++)
        ok = EVP_DigestUpdate(ctx, "/", 1) == 1 &&
             EVP_DigestUpdate(ctx, r->segments[i], strlen(r->segments[i])) == 1;
    ok = ok && EVP_DigestUpdate(ctx, "\n", 1) == 1 &&
         EVP_DigestUpdate(ctx, r->body, r->body_len) == 1 && EVP_DigestFinal_ex(ctx, out, &n) == 1;
    EVP_MD_CTX_free(ctx);
    for (unsigned i = 0; ok && i < 32; i++)
        snprintf(hex + 2 * i, 3, "%02x", out[i]);
    return ok ? 0 : -EINVAL;
}

struct kept {
    char hash[65];
    int status;
    json_t *reply;
};

static int keep(void *arg, const struct cx_value *c, size_t n)
{
    struct kept *kept = arg;

    (void)n;
    snprintf(kept->hash, sizeof(kept->hash), "%s", c[0].s);
    kept->status = (int)c[1].i;
    kept->reply = json_loadb(c[2].s, c[2].len, 0, NULL);
    return 0;
}

int cx_idempotent_begin(struct cx_request *r)
{
    const char *key = r->idempotency_key;
    struct kept kept = {.hash = ""};
    char hash[65];
    int err;

    if (!key)
        return 0;
    if (strlen(key) > 128 || strspn(key, "0123456789abcdefghijklmnopqrstuvwxyz"
                                         "ABCDEFGHIJKLMNOPQRSTUVWXYZ-_.:+/=") != strlen(key)) {
        cx_invalid(r, "Idempotency-Key", "pattern", NULL,
                   "1 to 128 letters, digits and -_.:+/= are wanted");
        return cx_check(r);
    }
    err = hash_request(r, hash);
    if (err < 0)
        return err;
    err = cx_db_exec(
        r->db,
        "DELETE FROM idempotency_key WHERE account_id = ? AND idempotency_key = ? "
        "AND created < ?",
        (struct cx_value[]){cx_text(scope_of(r)), cx_text(key), cx_int(r->now - KEEP_SECONDS)}, 3,
        NULL);
    /* A second request with this key waits here until the first has ended. */
    if (err == 0)
        err = cx_db_exec(
            r->db,
            "INSERT INTO idempotency_key (account_id, idempotency_key, request_hash, "
            "status, reply, created) VALUES (?,?,?,0,'{}',?)",
            (struct cx_value[]){cx_text(scope_of(r)), cx_text(key), cx_text(hash), cx_int(r->now)},
            4, NULL);
    if (err != -EEXIST)
        return err;
    err = cx_db_one(r->db,
                    "SELECT request_hash, status, reply FROM idempotency_key WHERE account_id = ? "
                    "AND idempotency_key = ? FOR UPDATE",
                    (struct cx_value[]){cx_text(scope_of(r)), cx_text(key)}, 2, keep, &kept);
    if (err == 0 && strcmp(kept.hash, hash) != 0)
        err = cx_fail(r, 409, "datastore_conflict",
                      json_pack("{s:{s:s}}", "409", "message",
                                "this Idempotency-Key was used for another request"));
    else if (err == 0) {
        cx_ok(r, kept.status, json_incref(json_object_get(kept.reply, "data")));
        r->revision = json_integer_value(json_object_get(kept.reply, "revision"));
        err = 1;
    }
    json_decref(kept.reply);
    return err == -ENOENT ? -EAGAIN : err;
}

int cx_idempotent_end(struct cx_request *r)
{
    json_t *kept;
    char *text;
    int err;

    if (!r->idempotency_key)
        return 0;
    kept = json_pack("{s:O, s:I}", "data", r->reply_data, "revision", (json_int_t)r->revision);
    text = kept ? json_dumps(kept, JSON_COMPACT) : NULL;
    json_decref(kept);
    if (!text)
        return -ENOMEM;
    err = cx_db_exec(r->db,
                     "UPDATE idempotency_key SET status = ?, reply = ? WHERE account_id = ? AND "
                     "idempotency_key = ?",
                     (struct cx_value[]){cx_int(r->status), cx_text(text), cx_text(scope_of(r)),
                                         cx_text(r->idempotency_key)},
                     4, NULL);
    free(text);
    return err;
}
