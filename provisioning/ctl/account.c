/*
 * account.c - centrexctl account create, account list: how the first account comes to be.
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "ctl.h"
#include "db/change_log.h"
#include "db/id.h"
#include "provisioning/password.h"

struct create {
    const char *name, *realm, *parent, *timezone, *country, *admin, *password;
    bool if_absent, reseller, json;
    char account_id[33], user_id[33], name_key[129], md5[CX_PASSWORD_HASH_MAX],
        sha1[CX_PASSWORD_HASH_MAX];
};

static void usage(FILE *to)
{
    fputs("usage: centrexctl account create --name NAME --realm REALM --admin USER --password "
          "PASSWORD\n"
          "           [--parent ACCOUNT-ID] [--timezone ZONE] [--country CC] [--reseller] "
          "[--if-absent] [--json]\n"
          "       centrexctl account list\n"
          "The password may also come in the environment as CENTREX_ADMIN_PASSWORD. With "
          "--if-absent an account\n"
          "that has this realm already is left as it is.\n",
          to);
}

static int insert(struct cx_db *db, void *arg)
{
    const struct create *c = arg;
    int64_t now = (int64_t)time(NULL);
    struct cx_value account[] = {cx_text(c->account_id),
                                 cx_text(c->parent),
                                 cx_text(c->name),
                                 cx_text(c->name_key),
                                 cx_text(c->realm),
                                 cx_int(c->reseller),
                                 cx_text(c->timezone),
                                 cx_text(c->country),
                                 cx_int(now),
                                 cx_int(now)};
    struct cx_value user[] = {cx_text(c->user_id), cx_text(c->account_id), cx_text(c->admin),
                              cx_text(c->md5),     cx_text(c->sha1),       cx_int(now),
                              cx_int(now)};
    int err = cx_db_exec(
        db,
        "INSERT INTO account (id, parent_id, name, name_key, realm, is_reseller, timezone, "
        "country, created, modified) VALUES (?,?,?,?,?,?,?,?,?,?)",
        account, 10, NULL);

    if (err == 0)
        err = cx_db_exec(
            db,
            "INSERT INTO user (id, account_id, username, first_name, last_name, priv_level, "
            "password_md5, password_sha1, created, modified) "
            "VALUES (?,?,?,'Account','Admin','admin',?,?,?,?)",
            user, 7, NULL);
    if (err == 0)
        err = cx_change_append(db, c->account_id, "account", c->account_id, "create", "centrexctl");
    if (err == 0)
        err = cx_change_append(db, c->account_id, "user", c->user_id, "create", "centrexctl");
    return err;
}

static int keep_id(void *arg, const struct cx_value *columns, size_t n)
{
    (void)n;
    snprintf(arg, 33, "%s", columns[0].s);
    return 0;
}

static void print_result(const struct create *c, bool created)
{
    if (c->json)
        printf("{\"account_id\":\"%s\",\"created\":%s}\n", c->account_id,
               created ? "true" : "false");
    else
        printf("account %s (%s) %s\n", c->account_id, c->realm,
               created ? "created" : "was there already");
}

/* What Kazoo compares names by: lower case, letters and digits. */
static void make_name_key(struct create *c)
{
    size_t n = 0;

    for (const char *p = c->name; *p && n < sizeof(c->name_key) - 1; p++)
        if (isalnum((unsigned char)*p))
            c->name_key[n++] = (char)tolower((unsigned char)*p);
}

static bool hash_password(struct create *c)
{
    char hex[41];

    return cx_credentials_digest(CX_MD5, c->admin, c->password, hex) == 0 &&
           cx_password_hash(hex, c->md5) == 0 &&
           cx_credentials_digest(CX_SHA1, c->admin, c->password, hex) == 0 &&
           cx_password_hash(hex, c->sha1) == 0;
}

static int create(const struct cx_ctl *ctl, struct create *c)
{
    struct cx_value realm = cx_text(c->realm);
    struct cx_db *db;
    int err;

    if (!c->name || !c->realm || !c->admin || !c->password || !c->password[0]) {
        usage(stderr);
        return 2;
    }
    make_name_key(c);
    if (!c->name_key[0] || (c->parent && !cx_id_is_valid(c->parent)) || strlen(c->country) != 2) {
        fputs("centrexctl: --name wants a letter or digit, --parent an account id, --country two "
              "letters\n",
              stderr);
        return 2;
    }
    db = cx_ctl_open(ctl, 0);
    if (!db)
        return 1;
    err = cx_db_query(db, "SELECT id FROM account WHERE realm = ?", &realm, 1, keep_id,
                      c->account_id);
    if (err == 0 && c->account_id[0] && c->if_absent) {
        print_result(c, false);
        goto out;
    }
    cx_id_new(c->account_id);
    cx_id_new(c->user_id);
    if (err == 0 && !hash_password(c))
        err = -ENOMEM;
    if (err == 0)
        err = cx_db_transaction(db, insert, c);
    if (err == -EEXIST)
        fprintf(stderr, "centrexctl: another account has this %s\n",
                strcmp(cx_db_duplicate_key(db), "realm") == 0 ? "realm" : "name");
    else if (err == -ECHILD)
        fprintf(stderr, "centrexctl: there is no account %s to be the parent\n", c->parent);
    else if (err < 0)
        fprintf(stderr, "centrexctl: %s\n", cx_db_error(db));
    else
        print_result(c, true);
out:
    cx_db_close(db);
    return err < 0 ? 1 : 0;
}

static int print_account(void *arg, const struct cx_value *c, size_t n)
{
    (void)arg;
    (void)n;
    printf("%s  %-8s %6lld  %-36s %s\n", c[0].s, c[3].i ? "enabled" : "disabled", (long long)c[4].i,
           c[2].s, c[1].s);
    return 0;
}

static int list(const struct cx_ctl *ctl)
{
    struct cx_db *db = cx_ctl_open(ctl, 0);
    int err;

    if (!db)
        return 1;
    printf("%-32s  %-8s %6s  %-36s %s\n", "id", "state", "users", "realm", "name");
    err = cx_db_query(db,
                      "SELECT a.id, a.name, a.realm, a.enabled, "
                      "(SELECT COUNT(*) FROM user u WHERE u.account_id = a.id) "
                      "FROM account a ORDER BY a.name",
                      NULL, 0, print_account, NULL);
    if (err < 0)
        fprintf(stderr, "centrexctl: %s\n", cx_db_error(db));
    cx_db_close(db);
    return err < 0 ? 1 : 0;
}

int cx_ctl_account(const struct cx_ctl *ctl, int argc, char **argv)
{
    struct create c = {
        .timezone = "UTC", .country = "IE", .password = getenv("CENTREX_ADMIN_PASSWORD")};
    struct {
        const char *name;
        const char **value;
    } options[] = {{"--name", &c.name},         {"--realm", &c.realm},     {"--parent", &c.parent},
                   {"--timezone", &c.timezone}, {"--country", &c.country}, {"--admin", &c.admin},
                   {"--password", &c.password}};

    if (argc == 2 && strcmp(argv[1], "list") == 0)
        return list(ctl);
    if (argc < 2 || strcmp(argv[1], "create") != 0) {
        bool help = argc >= 2 && strcmp(argv[1], "--help") == 0;
        usage(help ? stdout : stderr);
        return help ? 0 : 2;
    }
    for (int i = 2; i < argc; i++) {
        bool known = true;
        if (strcmp(argv[i], "--if-absent") == 0)
            c.if_absent = true;
        else if (strcmp(argv[i], "--reseller") == 0)
            c.reseller = true;
        else if (strcmp(argv[i], "--json") == 0)
            c.json = true;
        else {
            known = false;
            for (size_t k = 0; k < sizeof(options) / sizeof(*options) && i + 1 < argc && !known;
                 k++)
                if (strcmp(argv[i], options[k].name) == 0) {
                    *options[k].value = argv[++i];
                    known = true;
                }
        }
        if (!known) {
            usage(stderr);
            return 2;
        }
    }
    return create(ctl, &c);
}
