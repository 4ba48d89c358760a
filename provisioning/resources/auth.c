/*
 * auth.c - user_auth: a token for a name and a password; auth/tokeninfo: whose token is this?
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "kamailio_mod/routing/number.h"
#include "provisioning/login.h"
#include "provisioning/throttle.h"
#include "provisioning/token.h"
#include "resources.h"

static int refused(struct cx_request *r)
{
    return cx_fail(r, 401, "invalid_credentials",
                   json_pack("{s:s}", "message", "invalid credentials"));
}

static int keep_id(void *arg, const struct cx_value *c, size_t n)
{
    (void)n;
    snprintf(arg, 33, "%s", c[0].type == CX_TEXT ? c[0].s : "");
    return 0;
}

static void name_key(const char *name, char key[129])
{
    size_t n = 0;

    for (; *name && n < 128; name++)
        if (isalnum((unsigned char)*name))
            key[n++] = (char)tolower((unsigned char)*name);
    key[n] = '\0';
}

/* The account that a login means. 0, -ENOENT or a db error. */
static int find_account(struct cx_request *r, char id[33])
{
    const char *name = cx_path_text(r->data, "account_name", NULL);
    const char *realm =
        cx_path_text(r->data, "account_realm", cx_path_text(r->data, "realm", NULL));
    const char *number = cx_path_text(r->data, "phone_number", NULL);
    char key[129], text[CX_NUMBER_MAX];
    struct cx_value value;
    struct cx_str plain;
    const char *sql;

    if (name && name[0]) {
        name_key(name, key);
        value = cx_text(key);
        sql = "SELECT id FROM account WHERE name_key = ?";
    } else if (realm && realm[0]) {
        value = cx_text(cx_ascii(realm));
        sql = "SELECT id FROM account WHERE realm = LOWER(?)";
    } else if (number && number[0]) {
        plain = cx_number_normalise("", (struct cx_str){number, (uint32_t)strlen(number)}, text);
        value = plain.s == text ? cx_textn(plain.s, plain.len) : cx_text("");
        sql = "SELECT account_id FROM phone_number WHERE number = ? AND account_id IS NOT NULL";
    } else {
        cx_invalid(r, "account_name", "required", NULL,
                   "account_name, account_realm or phone_number is required");
        return cx_check(r);
    }
    return cx_db_one(r->db, sql, &value, 1, keep_id, id);
}

/* Is it the hex digest that the method asks for? In lower case into to. */
static bool is_digest(const char *text, size_t digits, char to[41])
{
    if (!text || strlen(text) != digits || strspn(text, "0123456789abcdefABCDEF") != digits)
        return false;
    for (size_t i = 0; i <= digits; i++)
        to[i] = (char)tolower((unsigned char)text[i]);
    return true;
}

static int read_user(void *arg, const struct cx_value *c, size_t n)
{
    json_t *data = arg;

    (void)n;
    json_object_set_new(data, "language",
                        json_string(c[0].type == CX_TEXT && c[0].s[0] ? c[0].s : "en-us"));
    json_object_set_new(data, "account_name", json_string(c[1].s));
    return 0;
}

int cx_login_describe(struct cx_request *r, const char *account_id, const char *user_id,
                      json_t **out)
{
    struct cx_request_account account;
    json_t *data = json_object();
    int err = cx_account_read(r->db, account_id, &account);

    if (err == 0)
        err = cx_db_one(r->db,
                        "SELECT COALESCE(u.language, a.language), a.name FROM account a LEFT JOIN "
                        "user u ON u.account_id = a.id AND u.id = ? WHERE a.id = ?",
                        (struct cx_value[]){cx_text(user_id), cx_text(account_id)}, 2, read_user,
                        data);
    if (err < 0) {
        json_decref(data);
        return err;
    }
    json_object_update_new(
        data, json_pack("{s:s, s:s, s:b, s:s, s:b, s:s, s:[], s:{}, s:{s:{s:{s:b, s:b}}}}",
                        "account_id", account_id, "owner_id", user_id ? user_id : "", "is_reseller",
                        account.is_reseller || !account.parent_id[0], "reseller_id",
                        account.reseller_id, "is_master_account", !account.parent_id[0],
                        "cluster_id", r->api->node, "apps", "ui_config", "capabilities",
                        "voicemail", "transcription", "available", 0, "default", 0));
    *out = data;
    return 0;
}

static int is_disabled(struct cx_request *r, const char *what)
{
    return cx_fail(r, 423, "locked",
                   json_pack("{s:{s:{s:s}}}", what, "disabled", "message", "disabled"));
}

/* What failed logins are counted by: the address, and the address with the account or what was said
 * to name one (unknown names are not one account). */
struct attempt {
    const char *address;
    char both[512];
    uint64_t tag;
};

static void describe_attempt(const struct cx_request *r, const char *account_id, const char *digest,
                             struct attempt *a)
{
    static const char *const keys[] = {"account_name", "account_realm", "realm", "phone_number"};

    a->address = r->remote;
    a->tag = cx_login_tag(r->api, account_id, digest);
    snprintf(a->both, sizeof(a->both), "%s %s", r->remote, account_id);
    for (size_t i = 0; !account_id[0] && i < CX_COUNT(keys); i++) {
        size_t n = strlen(a->both);
        snprintf(a->both + n, sizeof(a->both) - n, "%s=%s ", keys[i],
                 cx_path_text(r->data, keys[i], ""));
    }
}

/* Nobody is locked out: credentials that were good before are tried whatever others guess. */
static bool may_try(const struct cx_request *r, const struct attempt *a)
{
    const struct cx_api *api = r->api;

    return cx_throttle_knows(api->throttle, a->tag) ||
           (cx_throttle_allows(api->throttle, a->address, r->now,
                               (unsigned)api->failures_of_address) &&
            cx_throttle_allows(api->throttle, a->both, r->now, (unsigned)api->failures_of_account));
}

static void failed(const struct cx_request *r, const struct attempt *a)
{
    cx_throttle_forget(r->api->throttle, a->tag);
    cx_throttle_failed(r->api->throttle, a->address, r->now);
    cx_throttle_failed(r->api->throttle, a->both, r->now);
    fprintf(stderr, "%s login from %s refused\n", r->id, r->remote);
}

static int login(struct cx_request *r)
{
    const char *method = cx_path_text(r->data, "method", "md5");
    enum cx_digest kind = strncmp(method, "sha", 3) == 0 ? CX_SHA1 : CX_MD5;
    char digest[41], account_id[33] = "", user_id[33] = "";
    struct cx_request_account account;
    struct attempt attempt;
    bool enabled = false;
    json_t *data = NULL;
    int err;

    if (!r->data || !json_object_get(r->data, "credentials"))
        cx_invalid(r, "credentials", "required", NULL, "Field is required but missing");
    else if (!is_digest(cx_path_text(r->data, "credentials", NULL), kind == CX_MD5 ? 32 : 40,
                        digest))
        cx_invalid(r, "credentials", "pattern", NULL, "The %s of user:password is wanted, in hex",
                   kind == CX_MD5 ? "md5" : "sha1");
    if (strcmp(method, "md5") != 0 && strcmp(method, "sha") != 0 && strcmp(method, "sha1") != 0)
        cx_invalid(r, "method", "enum", NULL, "Value not found in enumerated list of values");
    err = cx_check(r);
    if (err < 0)
        return err;
    err = find_account(r, account_id);
    if (err < 0 && err != -ENOENT)
        return err;
    describe_attempt(r, account_id, digest, &attempt);
    if (!may_try(r, &attempt))
        return cx_fail(r, 429, "too_many_requests",
                       json_pack("{s:s}", "message", "too many failed logins: wait a minute"));
    err = cx_login_find(r, account_id, kind, digest, user_id, &enabled);
    if (err == -EACCES) {
        failed(r, &attempt);
        return refused(r);
    }
    if (err == 0)
        cx_throttle_good(r->api->throttle, attempt.tag);
    if (err == 0)
        err = cx_account_read(r->db, account_id, &account);
    if (err < 0)
        return err;
    if (!account.enabled || !enabled)
        return is_disabled(r, account.enabled ? "user" : "account");
    err = cx_login_address(r, account_id);
    if (err == 0)
        err = cx_token_new(r, account_id, user_id, r->reply_token, sizeof(r->reply_token));
    if (err == 0)
        err = cx_login_describe(r, account_id, user_id, &data);
    return err < 0 ? err : cx_ok(r, 201, data);
}

static int tokeninfo(struct cx_request *r)
{
    const char *given = cx_path_text(r->data, "token", cx_query(r, "token"));
    json_t *data = NULL;
    int err;

    if (given) {
        free(r->token);
        r->token = strdup(given);
    }
    err = cx_access_token(r);
    if (err == 0)
        err = cx_login_describe(r, r->token_account, r->user_id[0] ? r->user_id : NULL, &data);
    return err < 0 ? err : cx_ok(r, 200, data);
}

/* Ends the token that asks for it. */
static int logout(struct cx_request *r)
{
    int err = cx_db_exec(r->db, "UPDATE token SET revoked = TRUE WHERE id = ?",
                         (struct cx_value[]){cx_text(r->token_id)}, 1, NULL);

    return err < 0 ? err : cx_ok(r, 200, json_object());
}

const struct cx_route cx_routes_auth[] = {
    {.path = "user_auth", .handlers = {[CX_PUT] = login}, .flags = CX_ROUTE_OPEN},
    {.path = "auth/tokeninfo",
     .handlers = {[CX_GET] = tokeninfo, [CX_POST] = tokeninfo},
     .flags = CX_ROUTE_OPEN},
    {.path = "auth/logout", .handlers = {[CX_DELETE] = logout}, .flags = CX_ROUTE_USER},
    {.path = NULL},
};
