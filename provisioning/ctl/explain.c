/*
 * explain.c - centrexctl explain: the rows of the account as they are now, compiled and walked by
 * the code that routes. SPDX-License-Identifier: GPL-2.0-or-later
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "ctl.h"
#include "db/account_load.h"
#include "db/id.h"
#include "kamailio_mod/routing/compile.h"
#include "kamailio_mod/routing/explain.h"

static void usage(FILE *to)
{
    fputs("usage: centrexctl explain --account REALM|ID --from WHO --to NUMBER [--at 'YYYY-MM-DD "
          "HH:MM'] [--json]\n"
          "           [--unregistered SIP-USER]...\n"
          "WHO is the SIP user name of a phone of the account, or a number outside. All phones "
          "count as registered,\n"
          "but for those that --unregistered names. Shows every path that the call could take, "
          "with the reason for\n"
          "each turn and the id of the document that it came from. The time is UTC; without --at "
          "it is now.\n",
          to);
}

struct question {
    const char *account, *from, *to, *at;
    bool json;
    const char *unregistered[32];
    int unregistered_count;
    struct cx_db *db;
};

static bool registered(void *arg, struct cx_str username, struct cx_str realm)
{
    const struct question *q = arg;

    (void)realm;
    for (int i = 0; i < q->unregistered_count; i++)
        if (strlen(q->unregistered[i]) == username.len &&
            strncasecmp(q->unregistered[i], username.s, username.len) == 0)
            return false;
    return true;
}

static int keep_id(void *arg, const struct cx_value *columns, size_t n)
{
    (void)n;
    snprintf(arg, 33, "%s", columns[0].s);
    return 0;
}

static bool number_owner(void *arg, struct cx_str number, struct cx_id *account)
{
    const struct question *q = arg;
    struct cx_value param = cx_textn(number.s, number.len);
    char id[33] = "";

    return cx_db_query(
               q->db,
               "SELECT account_id FROM phone_number WHERE number = ? AND account_id IS NOT NULL "
               "AND state IN ('in_service', 'port_out')",
               &param, 1, keep_id, id) == 0 &&
           cx_id_parse(id, strlen(id), account);
}

static void print(void *arg, const char *text, size_t len)
{
    fwrite(text, 1, len, arg);
}

/* One account's rows as an image; says what is wrong with them. */
static struct cx_image *compile(const struct question *q, const char *id)
{
    struct cx_account_rows rows;
    struct cx_compile_error error;
    struct cx_image *image = NULL;
    int err = id ? cx_account_load(q->db, id, &rows) : cx_cluster_load(q->db, &rows);

    if (err < 0)
        fprintf(stderr, "centrexctl: %s\n",
                err == -ENOENT ? "no such account" : cx_db_error(q->db));
    else if (cx_compile(&rows, &image, &error) < 0)
        fprintf(stderr, "centrexctl: %s %s: %s\n", error.document, error.path, error.message);
    cx_rows_free(&rows);
    return image;
}

static bool parse_time(const char *text, int64_t *ms)
{
    struct tm tm = {0};
    const char *end = strptime(text, "%Y-%m-%d %H:%M", &tm);

    if (!end || *end)
        return false;
    *ms = (int64_t)timegm(&tm) * 1000;
    return true;
}

static int answer(const struct question *q, const char *id)
{
    struct cx_call call = {.from = CX_FROM_CARRIER,
                           .dialled = {q->to, (uint32_t)strlen(q->to)},
                           .caller_number = {q->from, (uint32_t)strlen(q->from)},
                           .now_ms = (int64_t)time(NULL) * 1000};
    struct cx_env env = {.arg = (void *)q, .registered = registered, .number_owner = number_owner};
    struct cx_image *image = compile(q, id), *cluster = image ? compile(q, NULL) : NULL;
    struct cx_image_device device;
    int err = -EINVAL;

    if (q->at && !parse_time(q->at, &call.now_ms))
        fputs("centrexctl: --at wants 'YYYY-MM-DD HH:MM'\n", stderr);
    else if (image && cluster) {
        if (cx_image_device_by_username(image, call.caller_number, &device)) {
            call.from = CX_FROM_DEVICE;
            call.device = device.id;
        }
        err = cx_explain(image, cluster, &env, &call, q->json ? CX_EXPLAIN_JSON : CX_EXPLAIN_TEXT,
                         print, stdout);
        if (q->json)
            putchar('\n');
    }
    free(image);
    free(cluster);
    return err < 0 ? 1 : 0;
}

int cx_ctl_explain(const struct cx_ctl *ctl, int argc, char **argv)
{
    struct question q = {0};
    char id[33] = "";
    int result = 2;

    for (int i = 1; i < argc; i++) {
        const char **value = strcmp(argv[i], "--account") == 0 ? &q.account
                             : strcmp(argv[i], "--from") == 0  ? &q.from
                             : strcmp(argv[i], "--to") == 0    ? &q.to
                             : strcmp(argv[i], "--at") == 0    ? &q.at
                             : strcmp(argv[i], "--unregistered") == 0 && q.unregistered_count < 32
                                 ? &q.unregistered[q.unregistered_count++]
                                 : NULL;
        if (strcmp(argv[i], "--json") == 0)
            q.json = true;
        else if (value && i + 1 < argc)
            *value = argv[++i];
        else {
            bool help = strcmp(argv[i], "--help") == 0;
            usage(help ? stdout : stderr);
            return help ? 0 : 2;
        }
    }
    if (!q.account || !q.from || !q.to) {
        usage(stderr);
        return 2;
    }
    q.db = cx_ctl_open(ctl, 0);
    if (!q.db)
        return 1;
    if (cx_id_is_valid(q.account))
        snprintf(id, sizeof(id), "%s", q.account);
    else {
        struct cx_value realm = cx_text(q.account);
        cx_db_query(q.db, "SELECT id FROM account WHERE realm = ?", &realm, 1, keep_id, id);
    }
    if (id[0])
        result = answer(&q, id);
    else {
        fprintf(stderr, "centrexctl: no account has the realm or id '%s'\n", q.account);
        result = 1;
    }
    cx_db_close(q.db);
    return result;
}
