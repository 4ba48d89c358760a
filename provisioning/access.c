/*
 * access.c - who calls, and may they be in this account? A token is good for its own account and
 * all below it. See api.h. SPDX-License-Identifier: GPL-2.0-or-later
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "addresses.h"
#include "api.h"
#include "db/id.h"
#include "login.h"
#include "token.h"

struct one {
    cx_db_row_h *each;
    void *arg;
    bool found;
};

static int see(void *arg, const struct cx_value *columns, size_t n)
{
    struct one *one = arg;

    one->found = true;
    return one->each ? one->each(one->arg, columns, n) : 0;
}

int cx_db_one(struct cx_db *db, const char *sql, const struct cx_value *params, size_t n,
              cx_db_row_h *each, void *arg)
{
    struct one one = {each, arg, false};
    int err = cx_db_query(db, sql, params, n, see, &one);

    return err < 0 ? err : one.found ? 0 : -ENOENT;
}

int cx_db_exists(struct cx_db *db, const char *sql, const struct cx_value *params, size_t n)
{
    return cx_db_one(db, sql, params, n, NULL, NULL);
}

static int unauthorized(struct cx_request *r)
{
    return cx_fail(r, 401, "invalid_credentials",
                   json_pack("{s:s}", "message", "invalid credentials"));
}

struct caller {
    bool admin, enabled, master, near;
    const char *address;
};

/* list: the account's access list as JSON, or NULL. */
static bool is_near(const struct cx_value *list, const char *address)
{
    json_t *json = list->type == CX_TEXT ? json_loadb(list->s, list->len, 0, NULL) : NULL;
    bool near = cx_address_allowed(json, address);

    json_decref(json);
    return near;
}

static int keep_near(void *arg, const struct cx_value *c, size_t n)
{
    struct caller *caller = arg;

    (void)n;
    caller->near = is_near(&c[0], caller->address);
    return 0;
}

static int too_far(struct cx_request *r)
{
    fprintf(stderr, "%s refused: %s is not in the account's access list\n", r->id, r->remote);
    return cx_fail(r, 403, "forbidden",
                   json_pack("{s:s}", "message", "this address may not manage the account"));
}

int cx_login_address(struct cx_request *r, const char *account_id)
{
    struct caller caller = {.near = true, .address = r->remote};
    int err =
        cx_db_query(r->db, "SELECT JSON_QUERY(doc, '$.pvt_access_lists') FROM account WHERE id = ?",
                    (struct cx_value[]){cx_text(account_id)}, 1, keep_near, &caller);

    return err < 0 ? err : caller.near ? 0 : too_far(r);
}

static int keep_caller(void *arg, const struct cx_value *c, size_t n)
{
    struct caller *caller = arg;

    (void)n;
    caller->admin = c[0].type == CX_TEXT && strcmp(c[0].s, "admin") == 0;
    caller->enabled = c[1].i == 1 && c[2].i == 1;
    caller->master = c[3].i == 1;
    caller->near = is_near(&c[4], caller->address);
    return 0;
}

int cx_access_token(struct cx_request *r)
{
    struct cx_claims claims;
    struct caller caller = {.address = r->remote};
    int err;

    if (!r->token || cx_token_read(r->api, r->token, r->now, &claims) < 0)
        return unauthorized(r);
    /* a token without a user is the account's own: its API key gave it */
    err = cx_db_one(
        r->db,
        "SELECT IF(t.owner_id IS NULL, 'admin', u.priv_level), t.owner_id IS NULL OR u.enabled, "
        "a.enabled, a.parent_id IS NULL, JSON_QUERY(a.doc, '$.pvt_access_lists') FROM token t "
        "JOIN account a ON a.id = t.account_id LEFT JOIN user u ON u.id = t.owner_id AND "
        "u.account_id = t.account_id WHERE t.id = ? AND t.account_id = ? AND COALESCE(t.owner_id, "
        "'') = ? AND NOT t.revoked",
        (struct cx_value[]){cx_text(claims.id), cx_text(claims.account_id),
                            cx_text(claims.owner_id)},
        3, keep_caller, &caller);
    if (err == -ENOENT || (err == 0 && !caller.enabled))
        return unauthorized(r);
    if (err == 0 && !caller.near)
        return too_far(r);
    if (err < 0)
        return err;
    memcpy(r->token_id, claims.id, 33);
    memcpy(r->token_account, claims.account_id, 33);
    memcpy(r->user_id, claims.owner_id, 33);
    r->admin = caller.admin;
    r->master = caller.master && caller.admin;
    return 0;
}

struct walk {
    const char *token_account;
    bool first, within;
    struct cx_request_account *account;
};

static void keep(char *to, size_t size, const struct cx_value *value)
{
    snprintf(to, size, "%s", value->type == CX_TEXT ? value->s : "");
}

/* Rows come from the account upwards. */
static int keep_account(void *arg, const struct cx_value *c, size_t n)
{
    struct walk *w = arg;
    struct cx_request_account *a = w->account;

    (void)n;
    if (w->first) {
        memset(a, 0, sizeof(*a));
        keep(a->id, sizeof(a->id), &c[0]);
        keep(a->parent_id, sizeof(a->parent_id), &c[1]);
        keep(a->name, sizeof(a->name), &c[2]);
        keep(a->realm, sizeof(a->realm), &c[3]);
        keep(a->country, sizeof(a->country), &c[4]);
        keep(a->timezone, sizeof(a->timezone), &c[5]);
        a->enabled = c[6].i == 1;
        a->is_reseller = c[7].i == 1;
    } else if (!a->reseller_id[0] && (c[7].i == 1 || c[1].type == CX_NULL)) {
        keep(a->reseller_id, sizeof(a->reseller_id), &c[0]);
    }
    w->first = false;
    if (w->token_account && c[0].type == CX_TEXT && strcmp(c[0].s, w->token_account) == 0)
        w->within = true;
    return 0;
}

static int read_account(struct cx_db *db, const char *id, struct walk *w)
{
    int err = cx_db_one(
        db,
        "WITH RECURSIVE up AS (SELECT a.*, 0 AS n FROM account a WHERE a.id = ? UNION ALL "
        "SELECT p.*, up.n + 1 FROM account p JOIN up ON p.id = up.parent_id WHERE up.n < 64) "
        "SELECT id, parent_id, name, realm, country, timezone, enabled, is_reseller FROM up "
        "ORDER BY n",
        (struct cx_value[]){cx_text(id)}, 1, keep_account, w);

    if (err == 0 && !w->account->reseller_id[0])
        memcpy(w->account->reseller_id, w->account->id, 33);
    return err;
}

int cx_account_read(struct cx_db *db, const char *id, struct cx_request_account *account)
{
    struct walk w = {.first = true, .account = account};

    return read_account(db, id, &w);
}

int cx_access_account(struct cx_request *r, const char *account_id)
{
    struct walk w = {.token_account = r->token_account, .first = true, .account = &r->account};
    int err;

    if (!cx_id_is_valid(account_id))
        return cx_not_found(r, account_id);
    err = read_account(r->db, account_id, &w);
    if (err == -ENOENT)
        return cx_not_found(r, account_id);
    if (err < 0)
        return err;
    /* Plain users stay in their own account. */
    if (!w.within || (!r->admin && strcmp(account_id, r->token_account) != 0)) {
        memset(&r->account, 0, sizeof(r->account));
        return cx_forbidden(r);
    }
    return 0;
}
