/*
 * token.c - see token.h.
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <jwt.h>

#include "db/id.h"
#include "token.h"

int cx_token_new(struct cx_request *r, const char *account_id, const char *owner_id, char *text,
                 size_t size)
{
    int64_t expires = r->now + r->api->token_seconds;
    const char *secret = r->api->secret;
    char id[33], *encoded = NULL;
    jwt_t *jwt = NULL;
    int err = -ENOMEM;

    cx_id_new(id);
    if (jwt_new(&jwt) != 0)
        return -ENOMEM;
    if (jwt_set_alg(jwt, JWT_ALG_HS256, (const unsigned char *)secret, (int)strlen(secret)) == 0 &&
        jwt_add_grant(jwt, "iss", "centrex") == 0 && jwt_add_grant(jwt, "jti", id) == 0 &&
        jwt_add_grant(jwt, "account_id", account_id) == 0 &&
        jwt_add_grant(jwt, "owner_id", owner_id ? owner_id : "") == 0 &&
        jwt_add_grant_int(jwt, "iat", (long)r->now) == 0 &&
        jwt_add_grant_int(jwt, "exp", (long)expires) == 0)
        encoded = jwt_encode_str(jwt);
    if (encoded && strlen(encoded) < size) {
        struct cx_value params[] = {cx_text(id), cx_text(account_id), cx_text(owner_id),
                                    cx_int(r->now), cx_int(expires)};
        strcpy(text, encoded);
        err = cx_db_exec(r->db,
                         "INSERT INTO token (id, account_id, owner_id, created, expires) "
                         "VALUES (?,?,?,?,?)",
                         params, 5, NULL);
    }
    /* Old ones go a few at a time, so that nothing else has to. */
    if (err == 0)
        err = cx_db_exec(r->db, "DELETE FROM token WHERE expires < ? LIMIT 20",
                         &(struct cx_value){.type = CX_INT, .i = r->now - 3600}, 1, NULL);
    free(encoded);
    jwt_free(jwt);
    return err;
}

int cx_token_read(const struct cx_api *api, const char *text, int64_t now, struct cx_claims *claims)
{
    jwt_t *jwt = NULL;
    const char *id, *account, *owner;
    int err = -EACCES;

    memset(claims, 0, sizeof(*claims));
    if (jwt_decode(&jwt, text, (const unsigned char *)api->secret, (int)strlen(api->secret)) != 0 ||
        !jwt)
        return -EACCES;
    id = jwt_get_grant(jwt, "jti");
    account = jwt_get_grant(jwt, "account_id");
    owner = jwt_get_grant(jwt, "owner_id");
    claims->expires = jwt_get_grant_int(jwt, "exp");
    if (jwt_get_alg(jwt) == JWT_ALG_HS256 && id && account && owner && cx_id_is_valid(id) &&
        cx_id_is_valid(account) && (!owner[0] || cx_id_is_valid(owner)) && claims->expires > now) {
        memcpy(claims->id, id, 33);
        memcpy(claims->account_id, account, 33);
        snprintf(claims->owner_id, sizeof(claims->owner_id), "%s", owner);
        err = 0;
    }
    jwt_free(jwt);
    return err;
}

int cx_token_revoke(struct cx_request *r, const char *account_id, const char *owner_id,
                    const char *but)
{
    struct cx_value params[] = {cx_text(account_id), cx_text(owner_id), cx_text(but ? but : "")};

    return cx_db_exec(
        r->db, "UPDATE token SET revoked = TRUE WHERE account_id = ? AND owner_id = ? AND id <> ?",
        params, 3, NULL);
}
