/*
 * numbers.c - external numbers: an account's, and taking them from and giving them back to the
 * cluster's inventory; number classes.
 *
 * A number is a way to receive other people's calls. So only the operator (the master account's
 * admins) brings new ones in; others take what is free in the inventory.
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common.h"
#include "db/change_log.h"
#include "kamailio_mod/routing/number.h"
#include "kamailio_mod/routing/restrict.h"
#include "resources.h"

#define SELECT_SQL                                                                                 \
    "SELECT t.number, t.account_id, t.state, t.force_outbound, t.doc, t.revision, t.created, "     \
    "t.modified, EXISTS(SELECT 1 FROM callflow_number c WHERE c.account_id = t.account_id AND "    \
    "c.number = t.number) FROM phone_number t WHERE "

static const struct cx_field fields[] = {
    {.path = "carrier_name", .type = CX_STRING, .min = 1, .max = 30},
    {.path = "cnam", .type = CX_OBJECT},
    {.path = "cnam.display_name", .type = CX_STRING, .min = 1, .max = 15, .flags = CX_LINE},
    {.path = "cnam.inbound_lookup", .type = CX_BOOLEAN},
    {.path = "create_with_state", .type = CX_STRING, .choices = "available|reserved|in_service"},
    {.path = "force_outbound", .type = CX_BOOLEAN},
    {.path = "prepend", .type = CX_OBJECT},
    {.path = "prepend.enabled", .type = CX_BOOLEAN},
    {.path = "prepend.name", .type = CX_STRING, .max = 35, .flags = CX_LINE},
    {.path = "prepend.number", .type = CX_STRING, .max = 35, .flags = CX_LINE},
    {.path = "failover", .type = CX_OBJECT},
    {.path = "failover.e164", .type = CX_STRING, .max = 35, .flags = CX_LINE},
    {.path = "failover.sip", .type = CX_STRING, .max = 255, .flags = CX_LINE},
    {.path = "e911", .type = CX_OBJECT},
    {.path = "e911.caller_name", .type = CX_STRING, .min = 3, .max = 64, .flags = CX_LINE},
    {.path = "e911.street_address", .type = CX_STRING, .max = 128},
    {.path = "e911.locality", .type = CX_STRING, .max = 64},
    {.path = "e911.postal_code", .type = CX_STRING, .max = 16},
    {.path = "e911.region", .type = CX_STRING, .max = 32},
    {.path = "porting", .type = CX_OBJECT},
};

/* Only for validation: rows of this table are kept by number, not by id. */
static const struct cx_resource numbers = {
    .name = "phone_numbers",
    .table = "phone_number",
    .fields = fields,
    .field_count = CX_COUNT(fields),
};

struct number {
    bool found;
    char number[CX_NUMBER_MAX], account_id[33], state[16];
    bool force_outbound, used;
    json_t *doc;
    int64_t revision, created, modified;
};

static int keep(void *arg, const struct cx_value *c, size_t n)
{
    struct number *number = arg;

    (void)n;
    json_decref(number->doc);
    memset(number, 0, sizeof(*number));
    number->found = true;
    snprintf(number->number, sizeof(number->number), "%s", c[0].s);
    snprintf(number->account_id, sizeof(number->account_id), "%s",
             c[1].type == CX_TEXT ? c[1].s : "");
    snprintf(number->state, sizeof(number->state), "%s", c[2].s);
    number->force_outbound = c[3].i == 1;
    number->doc = json_loadb(c[4].s, c[4].len, 0, NULL);
    number->revision = c[5].i;
    number->created = c[6].i;
    number->modified = c[7].i;
    number->used = c[8].i == 1;
    return number->doc ? 0 : -EINVAL;
}

/* "Features" are the services that a number has: those keys of its document. */
static json_t *features_of(const struct number *number)
{
    static const char *const names[] = {"cnam", "e911", "failover", "prepend", "porting"};
    json_t *features = json_array();

    for (size_t i = 0; i < CX_COUNT(names); i++)
        if (json_object_size(json_object_get(number->doc, names[i])) > 0)
            json_array_append_new(features, json_string(names[i]));
    if (number->force_outbound)
        json_array_append_new(features, json_string("force_outbound"));
    return features;
}

static json_t *row_of(const struct number *number)
{
    return json_pack("{s:s, s:o, s:[], s:s, s:I, s:I, s:s}", "state", number->state, "features",
                     features_of(number), "features_available", "assigned_to", number->account_id,
                     "created", (json_int_t)(number->created + CX_GREGORIAN), "updated",
                     (json_int_t)(number->modified + CX_GREGORIAN), "used_by",
                     number->used ? "callflow" : "");
}

static json_t *document_of(const struct number *number)
{
    json_t *doc = json_deep_copy(number->doc);

    json_object_update_new(doc, row_of(number));
    json_object_set_new(doc, "id", json_string(number->number));
    json_object_set_new(doc, "force_outbound", json_boolean(number->force_outbound));
    return doc;
}

/* The number of the path as E.164 in text; false with an error reply. */
static int number_of(struct cx_request *r, const char *given, char text[CX_NUMBER_MAX])
{
    char buffer[CX_NUMBER_MAX];
    struct cx_str plain = cx_number_normalise(
        r->account.country, (struct cx_str){given, (uint32_t)strlen(given)}, buffer);
    bool ok = plain.len >= 6 && plain.len <= 16 && plain.s[0] == '+';

    for (uint32_t i = 1; ok && i < plain.len; i++)
        ok = plain.s[i] >= '0' && plain.s[i] <= '9';
    if (!ok) {
        cx_invalid(r, "number", cx_is_emergency(plain) ? "forbidden" : "invalid", NULL,
                   "%.64s is not an E.164 number", given);
        return cx_check(r);
    }
    snprintf(text, CX_NUMBER_MAX, "%.*s", (int)plain.len, plain.s);
    return 0;
}

static int load(struct cx_request *r, const char *number, bool lock, struct number *found)
{
    int err =
        cx_db_query(r->db, lock ? SELECT_SQL "t.number = ? FOR UPDATE" : SELECT_SQL "t.number = ?",
                    (struct cx_value[]){cx_text(number)}, 1, keep, found);

    return err;
}

/* ---- lists */

struct listing {
    struct cx_request *r;
    json_t *numbers;
};

static int add(void *arg, const struct cx_value *c, size_t n)
{
    struct listing *l = arg;
    struct number number = {.doc = NULL};
    struct cx_record record = {.id = ""};
    int err = keep(&number, c, n);

    if (err < 0)
        return err;
    record.doc = document_of(&number);
    record.created = number.created;
    record.modified = number.modified;
    if (cx_filter(l->r, &record))
        json_object_set_new(l->numbers, number.number, row_of(&number));
    json_decref(record.doc);
    json_decref(number.doc);
    return 0;
}

static int list(struct cx_request *r)
{
    struct listing l = {r, json_object()};
    int err;

    if (cx_query(r, "prefix") || cx_query(r, "city") || cx_query(r, "blocks")) {
        json_decref(l.numbers);
        return cx_numbers_search(r);
    }
    err = cx_db_query(r->db, SELECT_SQL "t.account_id = ? ORDER BY t.number",
                      (struct cx_value[]){cx_text(r->account.id)}, 1, add, &l);

    if (err < 0) {
        json_decref(l.numbers);
        return err;
    }
    cx_reply_extra(r, "page_size", json_integer((json_int_t)json_object_size(l.numbers)));
    return cx_ok(r, 200, json_pack("{s:o, s:i}", "numbers", l.numbers, "cascade_quantity", 0));
}

static int get(struct cx_request *r)
{
    struct number number = {.doc = NULL};
    char text[CX_NUMBER_MAX];
    int err = number_of(r, r->segments[3], text);

    if (err == 0)
        err = load(r, text, false, &number);
    if (err == 0 && (!number.found || strcmp(number.account_id, r->account.id) != 0))
        err = cx_not_found(r, r->segments[3]);
    if (err == 0) {
        r->revision = number.revision;
        cx_ok(r, 200, document_of(&number));
    }
    json_decref(number.doc);
    return err;
}

/* ---- writing */

enum action { CREATE, ACTIVATE, RESERVE, REPLACE, MERGE, RELEASE };

struct job {
    struct cx_request *r;
    enum action action;
    char number[CX_NUMBER_MAX];
    json_t *result;
};

static int conflict(struct cx_request *r, const char *number)
{
    return cx_fail(r, 409, "number_exists",
                   json_pack("{s:s, s:s, s:{s:s}}", "message", "number already exists", "cause",
                             number, "409", "message", "the number belongs to another account"));
}

/* May the path's account have this number with this action, and what does it become? */
static int may(struct job *job, const struct number *number)
{
    struct cx_request *r = job->r;
    bool own = number->found && strcmp(number->account_id, r->account.id) == 0;
    bool free_one = number->found && !number->account_id[0];

    switch (job->action) {
    case CREATE:
        if (!r->master)
            return cx_forbidden(r);
        return number->found && !free_one ? conflict(r, job->number) : 0;
    case ACTIVATE:
    case RESERVE:
        if (own)
            return 0;
        if (number->found && !free_one)
            return conflict(r, job->number);
        if (free_one && (strcmp(number->state, "available") == 0 || r->master))
            return 0;
        return r->master ? 0 : cx_not_found(r, job->number);
    default:
        return own ? 0 : cx_not_found(r, job->number);
    }
}

static void strip(json_t *doc)
{
    static const char *const told[] = {
        "id",      "state",   "features", "features_available", "assigned_to",
        "created", "updated", "used_by",  "force_outbound",     "create_with_state"};

    cx_strip(&numbers, doc);
    for (size_t i = 0; i < CX_COUNT(told); i++)
        json_object_del(doc, told[i]);
}

static const char *state_after(const struct job *job, const struct number *number)
{
    const char *wanted = cx_path_text(job->r->data, "create_with_state", NULL);

    switch (job->action) {
    case CREATE:
        return wanted ? wanted : "in_service";
    case ACTIVATE:
        return "in_service";
    case RESERVE:
        return "reserved";
    case RELEASE:
        return "available";
    default:
        return number->state;
    }
}

static int save(struct job *job, struct number *number)
{
    struct cx_request *r = job->r;
    const char *state = state_after(job, number);
    bool free_after = strcmp(state, "available") == 0;
    bool was = number->found && strcmp(number->account_id, r->account.id) == 0;
    char *text;
    int err;

    text = json_dumps(number->doc, JSON_COMPACT);
    if (!text)
        return -ENOMEM;
    struct cx_value params[] = {
        cx_text(job->number), free_after ? cx_null() : cx_text(r->account.id),
        cx_text(state),       cx_int(number->force_outbound),
        cx_text(text),        cx_int(r->now),
        cx_int(r->now)};
    err = cx_db_exec(r->db,
                     "INSERT INTO phone_number (number, account_id, state, force_outbound, doc, "
                     "created, modified) VALUES (?,?,?,?,?,?,?) ON DUPLICATE KEY UPDATE account_id "
                     "= VALUES(account_id), state = VALUES(state), force_outbound = "
                     "VALUES(force_outbound), doc = VALUES(doc), modified = VALUES(modified), "
                     "revision = revision + 1",
                     params, 7, NULL);
    free(text);
    if (err == 0)
        err = cx_change_append(r->db, r->account.id, "phone_number", job->number,
                               job->action == RELEASE ? "delete"
                               : was                  ? "update"
                                                      : "create",
                               r->user_id);
    return err;
}

/* What was sent, over what was there (PATCH, activation) or in its place (POST). */
static int change_document(struct job *job, struct number *number)
{
    json_t *doc = job->action == REPLACE ? json_object() : json_deep_copy(number->doc);
    int err = doc ? 0 : -ENOMEM;

    if (err == 0 && number->force_outbound && job->action != REPLACE)
        json_object_set_new(doc, "force_outbound", json_true());
    if (err == 0)
        err = cx_merge(doc, job->r->data);
    if (err == 0)
        err = cx_validate(job->r, &numbers, doc);
    if (err == 0 && cx_json_too_deep(doc, 28))
        cx_invalid(job->r, "data", "maxDepth", NULL, "nested deeper than 28 levels");
    if (err == 0)
        err = cx_check(job->r);
    if (err == 0) {
        number->force_outbound = cx_path_true(doc, "force_outbound");
        strip(doc);
        json_decref(number->doc);
        number->doc = json_incref(doc);
    }
    json_decref(doc);
    return err;
}

static int work(struct cx_db *db, void *arg)
{
    struct job *job = arg;
    struct cx_request *r = job->r;
    struct number number = {.doc = NULL};
    int err = load(r, job->number, true, &number);

    (void)db;
    json_decref(job->result);
    job->result = NULL;
    if (err == 0)
        err = may(job, &number);
    if (err < 0)
        goto out;
    if (!number.doc || job->action == RELEASE) {
        json_decref(number.doc);
        number.doc = json_object();
    }
    if (number.found && job->action >= REPLACE)
        err = cx_if_match(r, number.revision);
    if (err == 0 && r->data && job->action != RELEASE)
        err = change_document(job, &number);
    if (err == 0)
        err = save(job, &number);
    if (err == 0)
        err = load(r, job->number, false, &number);
    if (err == 0) {
        r->revision = number.revision;
        job->result = document_of(&number);
    }
out:
    json_decref(number.doc);
    return err;
}

static int run(struct cx_request *r, enum action action, int status)
{
    struct job job = {.r = r, .action = action};
    int err = number_of(r, r->segments[3], job.number);

    if (err == 0)
        err = cx_db_transaction(r->db, work, &job);
    if (err < 0) {
        json_decref(job.result);
        return err;
    }
    return cx_ok(r, status, job.result);
}

static int create(struct cx_request *r)
{
    return run(r, CREATE, 201);
}

static int activate(struct cx_request *r)
{
    return run(r, ACTIVATE, 201);
}

static int reserve(struct cx_request *r)
{
    return run(r, RESERVE, 201);
}

static int replace(struct cx_request *r)
{
    return run(r, REPLACE, 200);
}

static int merge(struct cx_request *r)
{
    return run(r, MERGE, 200);
}

static int release(struct cx_request *r)
{
    return run(r, RELEASE, 200);
}

static int identify(struct cx_request *r)
{
    int err = get(r);
    json_t *data;

    if (err < 0)
        return err;
    data = json_pack("{s:s, s:O}", "account_id", r->account.id, "number",
                     json_object_get(r->reply_data, "id"));
    return cx_ok(r, 200, data);
}

/* ---- several at once: each for itself */

static int collection(struct cx_request *r, enum action action)
{
    json_t *wanted = json_object_get(r->data, "numbers"), *value;
    json_t *good = json_object(), *bad = json_object();
    size_t i;

    if (!json_is_array(wanted) || json_array_size(wanted) > 200) {
        json_decref(good);
        json_decref(bad);
        cx_invalid(r, "numbers", wanted ? "type" : "required", NULL,
                   "A list of up to 200 numbers is wanted");
        return cx_check(r);
    }
    json_array_foreach(wanted, i, value)
    {
        struct job job = {.r = r, .action = action};
        const char *given = json_string_value(value) ? json_string_value(value) : "";
        int err = number_of(r, given, job.number);
        if (err == 0)
            err = cx_db_transaction(r->db, work, &job);
        if (err < 0)
            json_decref(job.result);
        if (err < 0 && err != -ECANCELED) {
            json_decref(good);
            json_decref(bad);
            return err;
        }
        if (err == 0)
            json_object_set_new(good, job.number, job.result);
        else
            json_object_set_new(bad, given,
                                json_pack("{s:i, s:s, s:s, s:s}", "code", r->status, "error",
                                          r->message, "message", r->message, "cause", given));
    }
    r->revision = 0;
    return cx_ok(r, action == RELEASE ? 200 : 201,
                 json_pack("{s:o, s:o}", "success", good, "error", bad));
}

static int collection_create(struct cx_request *r)
{
    return collection(r, CREATE);
}

static int collection_activate(struct cx_request *r)
{
    return collection(r, ACTIVATE);
}

static int collection_release(struct cx_request *r)
{
    return collection(r, RELEASE);
}

/* ---- classes */

static const char *country(const struct cx_request *r)
{
    return r->account.country[0] ? r->account.country : "IE";
}

static json_t *class_json(struct cx_request *r, enum cx_class class)
{
    const char *name = cx_class_name(country(r), class);
    json_t *json =
        json_pack("{s:s, s:s, s:s, s:s}", "name", name, "friendly_name", cx_class_friendly(class),
                  "regex", cx_class_regex(country(r), class), "pretty_print", "");

    if (class == CX_CLASS_EMERGENCY)
        json_object_set_new(json, "emergency", json_true());
    return json;
}

static int classifiers(struct cx_request *r)
{
    json_t *all = json_object();

    /* those that this country has; the order is the one in which clients try them */
    for (int i = 0; i < CX_CLASSES; i++)
        if (cx_class_regex(country(r), (enum cx_class)i)[0])
            json_object_set_new(all, cx_class_name(country(r), (enum cx_class)i),
                                class_json(r, (enum cx_class)i));
    return cx_ok(r, 200, all);
}

static int classify(struct cx_request *r)
{
    const char *given = r->segments[r->segment_count - 1];
    char text[CX_NUMBER_MAX];
    struct cx_str plain =
        cx_number_normalise(country(r), (struct cx_str){given, (uint32_t)strlen(given)}, text);
    json_t *json = class_json(r, cx_classify(country(r), plain));

    json_object_set_new(json, "e164", json_stringn(plain.s, plain.len));
    return cx_ok(r, 200, json);
}

static int carriers_info(struct cx_request *r)
{
    return cx_ok(r, 200,
                 json_pack("{s:i, s:[], s:[s, s, s]}", "maximal_prefix_length", 3,
                           "usable_carriers", "usable_creation_states", "available", "reserved",
                           "in_service"));
}

const struct cx_route cx_routes_numbers[] = {
    {.path = "phone_numbers/classifiers", .handlers = {[CX_GET] = classifiers}},
    {.path = "phone_numbers/classifiers/{}", .handlers = {[CX_GET] = classify}},
    {.path = "accounts/{}/phone_numbers/classifiers", .handlers = {[CX_GET] = classifiers}},
    {.path = "accounts/{}/phone_numbers/classifiers/{}", .handlers = {[CX_GET] = classify}},
    {.path = "accounts/{}/phone_numbers/carriers_info", .handlers = {[CX_GET] = carriers_info}},
    {.path = "accounts/{}/phone_numbers/collection",
     .handlers = {[CX_PUT] = collection_create, [CX_DELETE] = collection_release}},
    {.path = "accounts/{}/phone_numbers/collection/activate",
     .handlers = {[CX_PUT] = collection_activate}},
    {.path = "accounts/{}/phone_numbers", .handlers = {[CX_GET] = list}},
    {.path = "accounts/{}/phone_numbers/{}", .handlers = {get, create, replace, merge, release}},
    {.path = "accounts/{}/phone_numbers/{}/activate", .handlers = {[CX_PUT] = activate}},
    {.path = "accounts/{}/phone_numbers/{}/reserve", .handlers = {[CX_PUT] = reserve}},
    {.path = "accounts/{}/phone_numbers/{}/identify", .handlers = {[CX_GET] = identify}},
    {.path = NULL},
};
