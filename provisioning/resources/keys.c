/*
 * keys.c - other ways in than a password: an account's API key, looking at the portal as one of
 * one's clients' users; and from which addresses an account may be managed.
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include <arpa/inet.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <openssl/evp.h>
#include <openssl/hmac.h>

#include "db/change_log.h"
#include "db/id.h"
#include "provisioning/addresses.h"
#include "provisioning/login.h"
#include "provisioning/throttle.h"
#include "provisioning/token.h"
#include "resources.h"

static void hex(const unsigned char *bytes, size_t n, char *text)
{
    for (size_t i = 0; i < n; i++)
        snprintf(text + 2 * i, 3, "%02x", bytes[i]);
}

/* The key that belongs to a nonce, and its hash, each 64 hex digits. */
static int key_of(const struct cx_request *r, const char *account_id, const char *nonce,
                  char key[65], char hash[65])
{
    unsigned char out[EVP_MAX_MD_SIZE];
    char text[128];
    unsigned n = 0;

    snprintf(text, sizeof(text), "api_key:%s:%s", account_id, nonce);
    if (!HMAC(EVP_sha256(), r->api->secret, (int)strlen(r->api->secret), (unsigned char *)text,
              strlen(text), out, &n))
        return -EINVAL;
    hex(out, 32, key);
    if (!EVP_Digest(key, 64, out, &n, EVP_sha256(), NULL))
        return -EINVAL;
    hex(out, 32, hash);
    return 0;
}

static int keep_text(void *arg, const struct cx_value *c, size_t n)
{
    (void)n;
    snprintf(arg, 33, "%s", c[0].type == CX_TEXT ? c[0].s : "");
    return 0;
}

static int new_key(struct cx_db *db, void *arg)
{
    struct cx_request *r = arg;
    char nonce[33], key[65], hash[65];
    int err;

    cx_id_new(nonce);
    err = key_of(r, r->account.id, nonce, key, hash);
    if (err == 0)
        err = cx_db_exec(db,
                         "UPDATE account SET api_key_nonce = ?, api_key_hash = ?, revision = "
                         "revision + 1, modified = ? WHERE id = ?",
                         (struct cx_value[]){cx_text(nonce), cx_text(hash), cx_int(r->now),
                                             cx_text(r->account.id)},
                         4, NULL);
    /* tokens that the old key gave end with it */
    if (err == 0)
        err = cx_db_exec(
            db, "UPDATE token SET revoked = TRUE WHERE account_id = ? AND owner_id IS NULL",
            (struct cx_value[]){cx_text(r->account.id)}, 1, NULL);
    if (err == 0)
        err = cx_change_append(db, r->account.id, "account", r->account.id, "update", r->user_id);
    return err < 0 ? err : cx_ok(r, 201, json_pack("{s:s}", "api_key", key));
}

static int make_key(struct cx_request *r)
{
    return cx_db_transaction(r->db, new_key, r);
}

/* The first look makes one. */
static int get_key(struct cx_request *r)
{
    char nonce[33] = "", key[65], hash[65];
    int err;

    if (!r->admin)
        return cx_forbidden(r);
    err = cx_db_query(r->db, "SELECT api_key_nonce FROM account WHERE id = ?",
                      (struct cx_value[]){cx_text(r->account.id)}, 1, keep_text, nonce);
    if (err == 0 && !nonce[0]) {
        err = make_key(r);
        r->status = err == 0 ? 200 : r->status;
        return err;
    }
    if (err == 0)
        err = key_of(r, r->account.id, nonce, key, hash);
    return err < 0 ? err : cx_ok(r, 200, json_pack("{s:s}", "api_key", key));
}

static int login_by_key(struct cx_request *r)
{
    const char *key = cx_path_text(r->data, "api_key", NULL);
    struct cx_request_account account = {.id = ""};
    unsigned char out[EVP_MAX_MD_SIZE];
    char hash[65], id[33] = "";
    unsigned n = 0;
    json_t *data = NULL;
    int err;

    if (!key)
        cx_invalid(r, "api_key", "required", NULL, "Field is required but missing");
    else if (strlen(key) != 64)
        cx_invalid(r, "api_key", strlen(key) < 64 ? "minLength" : "maxLength", NULL,
                   "64 hex digits are wanted");
    err = cx_check(r);
    if (err < 0)
        return err;
    if (!cx_throttle_allows(r->api->throttle, r->remote, r->now,
                            (unsigned)r->api->failures_of_address))
        return cx_fail(r, 429, "too_many_requests",
                       json_pack("{s:s}", "message", "too many failed logins: wait a minute"));
    if (!EVP_Digest(key, 64, out, &n, EVP_sha256(), NULL))
        return -EINVAL;
    hex(out, 32, hash);
    err = cx_db_one(r->db, "SELECT id FROM account WHERE api_key_hash = ?",
                    (struct cx_value[]){cx_text(hash)}, 1, keep_text, id);
    if (err == -ENOENT) {
        cx_throttle_failed(r->api->throttle, r->remote, r->now);
        return cx_fail(r, 401, "invalid_credentials",
                       json_pack("{s:s}", "message", "invalid credentials"));
    }
    if (err == 0)
        err = cx_account_read(r->db, id, &account);
    if (err < 0)
        return err;
    if (!account.enabled)
        return cx_fail(r, 423, "locked",
                       json_pack("{s:{s:{s:s}}}", "account", "disabled", "message", "disabled"));
    err = cx_login_address(r, id);
    if (err == 0)
        err = cx_token_new(r, id, NULL, r->reply_token, sizeof(r->reply_token));
    if (err == 0)
        err = cx_login_describe(r, id, NULL, &data);
    return err < 0 ? err : cx_ok(r, 201, data);
}

/* ---- in somebody's place */

static int keep_enabled(void *arg, const struct cx_value *c, size_t n)
{
    (void)n;
    *(bool *)arg = c[0].i == 1;
    return 0;
}

/* Those above an account may act as one of its users; what is done so is logged under his name, and
 * that it began under theirs. */
static int impersonate(struct cx_request *r)
{
    const char *id = r->segments[3];
    bool enabled = false;
    json_t *data = NULL;
    int err;

    if (strcmp(cx_path_text(r->data, "action", ""), "impersonate_user") != 0) {
        cx_invalid(r, "action", "enum", NULL, "impersonate_user is wanted");
        return cx_check(r);
    }
    if (strcmp(r->account.id, r->token_account) == 0)
        return cx_forbidden(r);
    err = cx_id_is_valid(id)
              ? cx_db_one(r->db, "SELECT enabled FROM user WHERE id = ? AND account_id = ?",
                          (struct cx_value[]){cx_text(id), cx_text(r->account.id)}, 2, keep_enabled,
                          &enabled)
              : -ENOENT;
    if (err == -ENOENT)
        return cx_not_found(r, id);
    if (err == 0 && !enabled)
        return cx_fail(r, 423, "locked",
                       json_pack("{s:{s:{s:s}}}", "user", "disabled", "message", "disabled"));
    if (err == 0)
        err = cx_change_append(r->db, r->account.id, "user", id, "update", r->user_id);
    if (err == 0)
        err = cx_token_new(r, r->account.id, id, r->reply_token, sizeof(r->reply_token));
    if (err == 0)
        err = cx_login_describe(r, r->account.id, id, &data);
    fprintf(stderr, "%s user %s of %s acts as %s of %s\n", r->id, r->user_id, r->token_account, id,
            r->account.id);
    return err < 0 ? err : cx_ok(r, 201, data);
}

/* ---- from where */

static const struct cx_field list_fields[] = {
    {.path = "order", .type = CX_STRING, .choices = "allow,deny|deny,allow", .flags = CX_REQUIRED},
    {.path = "cidrs", .type = CX_ARRAY, .max = 200, .flags = CX_REQUIRED},
    {.path = "cidrs.*", .type = CX_STRING, .max = 64, .flags = CX_ASCII},
    {.path = "user_agent", .type = CX_STRING, .max = 128, .flags = CX_LINE},
};
static const struct cx_resource access_list = {.name = "access_lists",
                                               .table = "account",
                                               .fields = list_fields,
                                               .field_count = CX_COUNT(list_fields)};

static int keep_list(void *arg, const struct cx_value *c, size_t n)
{
    json_t **list = arg;

    (void)n;
    *list = c[0].type == CX_TEXT ? json_loadb(c[0].s, c[0].len, 0, NULL) : NULL;
    return 0;
}

static int get_list(struct cx_request *r)
{
    json_t *list = NULL;
    int err =
        cx_db_query(r->db, "SELECT JSON_QUERY(doc, '$.pvt_access_lists') FROM account WHERE id = ?",
                    (struct cx_value[]){cx_text(r->account.id)}, 1, keep_list, &list);

    return err < 0 ? err : cx_ok(r, 200, list ? list : json_object());
}

struct saving {
    struct cx_request *r;
    const char *text; /* NULL: none */
};

static int save_list(struct cx_db *db, void *arg)
{
    const struct saving *s = arg;
    struct cx_request *r = s->r;
    struct cx_value params[] = {cx_text(s->text), cx_int(r->now), cx_text(r->account.id)};
    int err =
        s->text ? cx_db_exec(db,
                             "UPDATE account SET doc = JSON_SET(doc, '$.pvt_access_lists', "
                             "JSON_COMPACT(?)), revision = revision + 1, modified = ? WHERE id = ?",
                             params, 3, NULL)
                : cx_db_exec(db,
                             "UPDATE account SET doc = JSON_REMOVE(doc, '$.pvt_access_lists'), "
                             "revision = revision + 1, modified = ? WHERE id = ?",
                             params + 1, 2, NULL);

    return err < 0 ? err
                   : cx_change_append(db, r->account.id, "account", r->account.id, "update",
                                      r->user_id);
}

static int write_list(struct cx_request *r)
{
    json_t *list = r->data ? json_deep_copy(r->data) : json_object(), *cidr;
    struct saving saving = {r, NULL};
    char *text = NULL;
    size_t i;
    int err = 0;

    if (r->verb == CX_DELETE)
        json_object_clear(list);
    else
        err = cx_validate(r, &access_list, list);
    json_array_foreach(json_object_get(list, "cidrs"), i, cidr)
    {
        char path[32];
        snprintf(path, sizeof(path), "cidrs.%zu", i);
        if (json_is_string(cidr) && !cx_cidr_is_valid(json_string_value(cidr)))
            cx_invalid(r, path, "format", cidr, "An address or a network (192.0.2.0/24) is wanted");
    }
    /* nobody shuts himself out */
    if (err == 0 && !r->errors && r->verb != CX_DELETE &&
        strcmp(r->account.id, r->token_account) == 0 && !cx_address_allowed(list, r->remote))
        cx_invalid(r, "cidrs", "forbidden", NULL, "Your own address %s would be shut out",
                   r->remote);
    if (err == 0)
        err = cx_check(r);
    if (err == 0 && r->verb != CX_DELETE)
        saving.text = text = json_dumps(list, JSON_COMPACT);
    if (err == 0)
        err = cx_db_transaction(r->db, save_list, &saving);
    free(text);
    if (err < 0) {
        json_decref(list);
        return err;
    }
    return cx_ok(r, 200, list);
}

const struct cx_route cx_routes_access[] = {
    {.path = "api_auth", .handlers = {[CX_PUT] = login_by_key}, .flags = CX_ROUTE_OPEN},
    {.path = "accounts/{}/api_key", .handlers = {[CX_GET] = get_key, [CX_PUT] = make_key}},
    {.path = "accounts/{}/users/{}/user_auth", .handlers = {[CX_PUT] = impersonate}},
    {.path = "accounts/{}/access_lists",
     .handlers = {[CX_GET] = get_list, [CX_POST] = write_list, [CX_DELETE] = write_list}},
    {.path = NULL},
};
