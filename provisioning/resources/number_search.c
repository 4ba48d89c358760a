/*
 * number_search.c - free numbers of the local stock: by prefix, city, toll-free, in blocks.
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "kamailio_mod/routing/number.h"
#include "kamailio_mod/routing/restrict.h"
#include "resources.h"

#define QUANTITY_MAX 500

struct wanted {
    struct cx_request *r;
    char prefix[CX_NUMBER_MAX]; /* of the E.164 number */
    const char *city;
    bool tollfree;
    json_t *found; /* by number, in order of number */
};

static int add_number(void *arg, const struct cx_value *c, size_t n)
{
    struct wanted *w = arg;
    json_t *doc = json_loadb(c[1].s, c[1].len, 0, NULL);
    const char *city = cx_path_text(doc, "city", cx_path_text(doc, "locality", ""));
    struct cx_str s = {c[0].s, (uint32_t)c[0].len};
    const char *country = w->r->account.country[0] ? w->r->account.country : "IE";
    const char *class = cx_class_name(country, cx_classify(country, s));
    json_t *charge = cx_path_get(doc, "activation_charge");

    (void)n;
    if ((!w->city || strcasecmp(w->city, city) == 0) &&
        (!w->tollfree || strncmp(class, "tollfree", 8) == 0))
        json_object_set_new(
            w->found, c[0].s,
            json_pack("{s:s, s:s, s:o, s:s}", "number", c[0].s, "city", city, "activation_charge",
                      charge ? json_incref(charge) : json_integer(0), "source", "local"));
    json_decref(doc);
    return 0;
}

static int from_stock(struct wanted *w)
{
    char pattern[CX_NUMBER_MAX + 2];

    snprintf(pattern, sizeof(pattern), "%s%%", w->prefix);
    return cx_db_query(w->r->db,
                       "SELECT number, doc FROM phone_number WHERE account_id IS NULL AND state IN "
                       "('available', 'discovery') AND number LIKE ? ORDER BY number LIMIT 20000",
                       (struct cx_value[]){cx_text(pattern)}, 1, add_number, w);
}

/* What the client typed: digits of the number as one would say them, or from the + on. */
static void set_prefix(struct wanted *w, const char *given)
{
    static const struct {
        const char *country, *code;
    } codes[] = {{"IE", "353"}, {"US", "1"}, {"CA", "1"}, {"GB", "44"}, {"DE", "49"}, {"FR", "33"}};
    const char *country = cx_query(w->r, "country");
    const char *code = "";
    char digits[CX_NUMBER_MAX] = "";
    size_t n = 0;

    if (!country || !country[0])
        country = w->r->account.country[0] ? w->r->account.country : "IE";
    for (size_t i = 0; i < CX_COUNT(codes); i++)
        if (strcasecmp(codes[i].country, country) == 0)
            code = codes[i].code;
    for (const char *p = given ? given : ""; *p && n < 20; p++)
        if (*p >= '0' && *p <= '9')
            digits[n++] = *p;
    digits[n] = '\0';
    if (given && given[0] == '+')
        snprintf(w->prefix, sizeof(w->prefix), "+%s", digits);
    else
        snprintf(w->prefix, sizeof(w->prefix), "+%s%s", code,
                 digits + (digits[0] == '0' && strcmp(code, "1") != 0));
}

static long number_key(const char *key, const struct cx_request *r, long otherwise, long most)
{
    const char *text = cx_query(r, key);
    long n = text ? strtol(text, NULL, 10) : otherwise;

    return n < 0 ? 0 : n > most ? most : n;
}

/* Runs of numbers that follow each other, `size` long, `most` of them. */
static json_t *blocks_of(const json_t *numbers, long size, long most)
{
    json_t *blocks = json_array(), *value;
    long long first = 0, last = -2;
    const char *number;

    json_object_foreach((json_t *)numbers, number, value)
    {
        long long n = strtoll(number + 1, NULL, 10);
        if (n != last + 1)
            first = n;
        last = n;
        if (last - first + 1 < size || (long)json_array_size(blocks) >= most)
            continue;
        char from[32], to[32];
        snprintf(from, sizeof(from), "+%lld", first);
        snprintf(to, sizeof(to), "+%lld", last);
        json_array_append_new(blocks, json_pack("{s:s, s:s, s:I}", "start_number", from,
                                                "end_number", to, "size", (json_int_t)size));
        last = -2;
    }
    return blocks;
}

int cx_numbers_search(struct cx_request *r)
{
    struct wanted w = {.r = r, .city = cx_query(r, "city"), .found = json_object()};
    const char *blocks = cx_query(r, "blocks"), *class = cx_query(r, "type");
    long quantity = number_key("quantity", r, 10, QUANTITY_MAX),
         offset = number_key("offset", r, 0, 100000);
    json_t *rows, *value;
    const char *number;
    long at = 0;
    int err;

    w.tollfree = cx_query_is_true(r, "tollfree") || (class && strcmp(class, "tollfree") == 0);
    set_prefix(&w, cx_query(r, "prefix"));
    err = from_stock(&w);
    if (err < 0) {
        json_decref(w.found);
        return err;
    }
    if (blocks) {
        rows = blocks_of(w.found, quantity < 1 ? 1 : quantity, number_key("blocks", r, 1, 100));
    } else {
        rows = json_array();
        json_object_foreach(w.found, number, value)
        {
            if (at++ >= offset && (long)json_array_size(rows) < quantity)
                json_array_append(rows, value);
        }
    }
    json_decref(w.found);
    cx_reply_extra(r, "page_size", json_integer((json_int_t)json_array_size(rows)));
    return cx_ok(r, 200, rows);
}

/* ---- the places that numbers are of */

static int add_city(void *arg, const struct cx_value *c, size_t n)
{
    char prefix[8];

    (void)n;
    snprintf(prefix, sizeof(prefix), "%.6s", c[0].s);
    json_object_set_new(arg, prefix, json_true());
    return 0;
}

/* GET phone_numbers/prefix?city=: what numbers of this city begin with. */
static int prefixes(struct cx_request *r)
{
    const char *city = cx_query(r, "city"), *prefix;
    json_t *found = json_object(), *list = json_array(), *value;
    int err = cx_db_query(r->db,
                          "SELECT number FROM phone_number WHERE account_id IS NULL AND "
                          "JSON_VALUE(doc, '$.city') = ?",
                          (struct cx_value[]){cx_text(city ? city : "")}, 1, add_city, found);

    json_object_foreach(found, prefix, value)
    {
        json_array_append_new(list, json_string(prefix));
    }
    json_decref(found);
    if (err < 0) {
        json_decref(list);
        return err;
    }
    return cx_ok(r, 200, json_pack("{s:s, s:o}", "city", city ? city : "", "prefixes", list));
}

/* POST phone_numbers/locality {numbers}: where each is. */
static int locality(struct cx_request *r)
{
    json_t *numbers = json_object_get(r->data, "numbers"), *number, *good = json_object();
    size_t i;

    if (!json_is_array(numbers)) {
        json_decref(good);
        cx_invalid(r, "numbers", numbers ? "type" : "required", NULL,
                   "A list of numbers is wanted");
        return cx_check(r);
    }
    json_array_foreach(numbers, i, number)
    {
        if (json_is_string(number))
            json_object_set_new(good, json_string_value(number), json_object());
    }
    return cx_ok(r, 200, json_pack("{s:o, s:{}}", "success", good, "error"));
}

static int add_row(void *arg, const struct cx_value *c, size_t n)
{
    (void)n;
    return json_object_set_new(arg, c[0].s, json_pack("{s:s}", "state", c[1].s));
}

/* POST phone_numbers/fix: in one database nothing can disagree; tells what is there. */
static int fix(struct cx_request *r)
{
    const char *one = r->segment_count > 4 ? r->segments[4] : NULL;
    json_t *rows = json_object();
    int err = cx_db_query(
        r->db,
        "SELECT number, state FROM phone_number WHERE account_id = ? AND (? IS NULL "
        "OR number = ?)",
        (struct cx_value[]){cx_text(r->account.id), cx_text(cx_ascii(one)), cx_text(cx_ascii(one))},
        3, add_row, rows);

    if (err == 0 && one && json_object_size(rows) == 0)
        err = cx_not_found(r, one);
    if (err < 0) {
        json_decref(rows);
        return err;
    }
    return cx_ok(r, 200, rows);
}

const struct cx_route cx_routes_number_search[] = {
    {.path = "phone_numbers", .handlers = {[CX_GET] = cx_numbers_search}},
    {.path = "accounts/{}/phone_numbers/prefix", .handlers = {[CX_GET] = prefixes}},
    {.path = "accounts/{}/phone_numbers/locality", .handlers = {[CX_POST] = locality}},
    {.path = "accounts/{}/phone_numbers/fix", .handlers = {[CX_POST] = fix}},
    {.path = "accounts/{}/phone_numbers/fix/{}", .handlers = {[CX_POST] = fix}},
    {.path = NULL},
};
