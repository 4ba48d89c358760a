/*
 * test_routing_property.c - what must hold of every account and every call, tried on random ones
 * (seeded): compiling is deterministic; routing always ends, forwards followed; nothing of another
 * account is ever used; explain says what routing then does; a damaged image is refused or
 * harmless. SPDX-License-Identifier: GPL-2.0-or-later
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <jansson.h>

#include "kamailio_mod/routing/compile.h"
#include "kamailio_mod/routing/explain.h"
#include "kamailio_mod/routing/layout.h"

#define USERS     6
#define DEVICES   8
#define GROUPS    3
#define FLOWS     12
#define TEXT      6000
#define ACCOUNT_A 0xa

static unsigned seed;

static unsigned any(unsigned n)
{
    return (unsigned)rand_r(&seed) % n;
}

/* An account's things are told apart by the first digit of their ids; accounts look alike else. */
struct random_account {
    unsigned digit;
    char ids[64][33];
    unsigned id_count;
    struct cx_row_user users[USERS];
    struct cx_row_device devices[DEVICES];
    struct cx_row_vmbox boxes[2];
    struct cx_row_callflow flows[FLOWS];
    struct cx_row_number numbers[2];
    struct cx_row_resource resources[1];
    struct cx_row_gateway gateways[1];
    struct cx_row_document groups[GROUPS];
    const char *extensions[FLOWS][1];
    char names[FLOWS][16], flow_text[FLOWS][TEXT], forwards[USERS * 4 + DEVICES][200],
        hotdesk[DEVICES][300], group_text[GROUPS][600], usernames[DEVICES][24], number_text[2][20];
    unsigned forward_count;
    struct cx_account_rows rows;
};

static const char *id_of(struct random_account *a, unsigned kind, unsigned n)
{
    char *id = a->ids[a->id_count++ % 64];

    snprintf(id, 33, "%x%07x%08x%08x%08x", a->digit, kind, 0u, 0u, n);
    return id;
}
enum { USER = 1, DEVICE, BOX, FLOW, GROUP };

/* What a document names: now and then it is another account's, which must be as good as nothing. */
static const char *named(struct random_account *a, unsigned kind, unsigned n)
{
    char *id = (char *)id_of(a, kind, n);

    if (any(8) == 0)
        id[0] = 'b';
    return id;
}

static const char *forward(struct random_account *a)
{
    static const char *const numbers[] = {"200", "201",           "203",        "**200",
                                          "*97", "+353861234567", "0861234567", "",
                                          "305", "112",           "\\u00e4"};
    char *text = a->forwards[a->forward_count++];

    if (any(2))
        return NULL;
    snprintf(text, 200,
             "{\"enabled\":%s,\"number\":\"%s\",\"keep_caller_id\":%s,\"substitute\":%s,"
             "\"failover\":%s,\"direct_calls_only\":%s,\"require_keypress\":%s}",
             any(3) ? "true" : "false", numbers[any(11)], any(2) ? "true" : "false",
             any(2) ? "true" : "false", any(2) ? "true" : "false", any(3) ? "false" : "true",
             any(2) ? "true" : "false");
    return text;
}

static int endpoint(struct random_account *a, char *out, size_t size)
{
    static const char *const kinds[] = {"user", "device", "group"};
    unsigned kind = any(3);
    const char *id = kind == 0   ? named(a, USER, any(USERS + 1))
                     : kind == 1 ? named(a, DEVICE, any(DEVICES + 1))
                                 : named(a, GROUP, any(GROUPS + 1));

    return snprintf(out, size,
                    "{\"endpoint_type\":\"%s\",\"id\":\"%s\",\"delay\":%u,\"timeout\":%u,"
                    "\"weight\":%u}",
                    kinds[kind], id, any(2) * any(30), any(40), 1 + any(100));
}

static size_t node(struct random_account *a, char *out, size_t size, unsigned depth)
{
    static const char *const plain[] = {
        "privacy\",\"data\":{\"mode\":\"full\"}",
        "intercom\",\"data\":{}",
        "park\",\"data\":{\"action\":\"auto\"}",
        "move\",\"data\":{}",
        "hotdesk\",\"data\":{\"action\":\"login\"}",
        "do_not_disturb\",\"data\":{\"action\":\"toggle\"}",
        "call_forward\",\"data\":{\"action\":\"activate\"}",
        "call_return\",\"data\":{}",
        "offnet\",\"data\":{}",
        "resources\",\"data\":{}",
        "voicemail\",\"data\":{\"action\":\"check\"}",
        "group_pickup_feature\",\"data\":{\"type\":\"extension\"}",
        "response\",\"data\":{\"code\":500}",
    };
    static const char *const keys[] = {"_", "_", "_", "USER_BUSY", "NO_ANSWER", "sip:603", "1"};
    size_t n = (size_t)snprintf(out, size, "{\"module\":\"");

    switch (any(9)) {
    case 0:
    case 1:
        n += (size_t)snprintf(out + n, size - n, "user\",\"data\":{\"id\":\"%s\"%s}",
                              named(a, USER, any(USERS + 1)),
                              any(4) ? "" : ",\"can_call_self\":true");
        break;
    case 2:
        n += (size_t)snprintf(out + n, size - n, "device\",\"data\":{\"id\":\"%s\"}",
                              named(a, DEVICE, any(DEVICES + 1)));
        break;
    case 3:
    case 4:
        n += (size_t)snprintf(out + n, size - n,
                              "%s\",\"data\":{\"strategy\":\"%s\",\"repeats\":%u,\"endpoints\":[",
                              "ring_group",
                              any(3)   ? "simultaneous"
                              : any(2) ? "single"
                                       : "weighted_random",
                              1 + any(3));
        for (unsigned i = 0, count = any(5); i < count; i++) {
            n += (size_t)snprintf(out + n, size - n, "%s", i ? "," : "");
            n += (size_t)endpoint(a, out + n, size - n);
        }
        n += (size_t)snprintf(out + n, size - n, "]}");
        break;
    case 5:
        n += (size_t)snprintf(out + n, size - n, "callflow\",\"data\":{\"id\":\"%s\"}",
                              named(a, FLOW, any(FLOWS + 1)));
        break;
    case 6:
        n += (size_t)snprintf(out + n, size - n,
                              "%s\",\"data\":{\"group_id\":\"%s\",\"approved_user_id\":\"%s\"}",
                              any(2) ? "group_pickup" : "intercept", named(a, GROUP, any(GROUPS)),
                              named(a, USER, any(USERS)));
        break;
    case 7:
        n += (size_t)snprintf(out + n, size - n, "voicemail\",\"data\":{\"id\":\"%s\"}",
                              named(a, BOX, any(3)));
        break;
    default:
        n += (size_t)snprintf(out + n, size - n, "%s", plain[any(13)]);
    }
    n += (size_t)snprintf(out + n, size - n, ",\"children\":{");
    if (depth < 4 && any(3)) {
        n += (size_t)snprintf(out + n, size - n, "\"%s\":", keys[any(7)]);
        n += node(a, out + n, size - n, depth + 1);
    }
    return n + (size_t)snprintf(out + n, size - n, "}}");
}

static void make(struct random_account *a, unsigned digit)
{
    static const char *const pattern[] = {"^\\*[0-9]([0-9]*)$"};

    memset(a, 0, sizeof(*a));
    a->digit = digit;
    for (unsigned i = 0; i < USERS; i++)
        a->users[i] = (struct cx_row_user){
            .id = strdup(id_of(a, USER, i)),
            .first_name = "U",
            .last_name = "",
            .enabled = any(8) > 0,
            .do_not_disturb = any(8) == 0,
            .timeout_s = any(2) ? -1 : (int)any(60),
            .max_calls = -1,
            .call_forward = forward(a),
            .call_forward_busy = forward(a),
            .call_forward_no_answer = forward(a),
            .call_failover = forward(a),
            .hotdesk = "{\"enabled\":true}",
            .call_restriction = any(3) ? NULL
                                       : "{\"mobile_ie\":{\"action\":\"deny\"},"
                                         "\"closed_groups\":{\"action\":\"deny\"}}",
            .doc = any(3) ? "{}" : "{\"call_waiting\":{\"enabled\":false}}"};
    for (unsigned i = 0; i < DEVICES; i++) {
        snprintf(a->usernames[i], sizeof(a->usernames[i]), "phone%u", i);
        if (any(3) == 0)
            snprintf(a->hotdesk[i], sizeof(a->hotdesk[i]), "{\"users\":{\"%s\":{},\"%s\":{}}}",
                     named(a, USER, any(USERS + 1)), named(a, USER, any(USERS + 1)));
        a->devices[i] =
            (struct cx_row_device){.id = strdup(id_of(a, DEVICE, i)),
                                   .owner_id = any(5) ? strdup(id_of(a, USER, any(USERS))) : NULL,
                                   .name = "d",
                                   .device_type = "sip_device",
                                   .enabled = any(8) > 0,
                                   .do_not_disturb = any(10) == 0,
                                   .sip_username = a->usernames[i],
                                   .sip_ha1 = "0123456789abcdef0123456789abcdef",
                                   .sip_method = "password",
                                   .sip_invite_format = "contact",
                                   .call_forward = forward(a),
                                   .hotdesk = a->hotdesk[i][0] ? a->hotdesk[i] : NULL,
                                   .doc = "{}"};
    }
    for (unsigned i = 0; i < 2; i++)
        a->boxes[i] = (struct cx_row_vmbox){.id = strdup(id_of(a, BOX, i)),
                                            .owner_id = strdup(id_of(a, USER, i)),
                                            .mailbox = i ? "201" : "200",
                                            .max_message_length_s = -1};
    for (unsigned i = 0; i < GROUPS; i++) {
        snprintf(a->group_text[i], sizeof(a->group_text[i]),
                 "{\"endpoints\":{\"%s\":{\"type\":\"user\"},\"%s\":{\"type\":\"group\"},"
                 "\"%s\":{}}}",
                 id_of(a, USER, any(USERS)), id_of(a, GROUP, any(GROUPS)),
                 id_of(a, DEVICE, any(DEVICES)));
        a->groups[i] = (struct cx_row_document){.kind = CX_DOCUMENT_GROUP,
                                                .id = strdup(id_of(a, GROUP, i)),
                                                .name = "g",
                                                .doc = a->group_text[i]};
    }
    for (unsigned i = 0; i < FLOWS; i++) {
        snprintf(a->names[i], sizeof(a->names[i]), "%u", (i < 6 ? 200 : 294) + i);
        a->extensions[i][0] = a->names[i];
        node(a, a->flow_text[i], TEXT, 0);
        a->flows[i] = (struct cx_row_callflow){.id = strdup(id_of(a, FLOW, i)),
                                               .owner_id = any(2) ? a->users[any(USERS)].id : NULL,
                                               .flow = a->flow_text[i],
                                               .numbers = a->extensions[i],
                                               .number_count = 1,
                                               .patterns = (const char **)(i == 0 ? pattern : NULL),
                                               .pattern_count = i == 0};
    }
    for (unsigned i = 0; i < 2; i++) {
        snprintf(a->number_text[i], sizeof(a->number_text[i]), "+3531%x00000%u", digit - 9, i);
        a->numbers[i] = (struct cx_row_number){.number = a->number_text[i]};
    }
    a->gateways[0] = (struct cx_row_gateway){.name = "",
                                             .enabled = true,
                                             .server = "10.0.0.1",
                                             .port = 5060,
                                             .transport = "udp",
                                             .prefix = "",
                                             .suffix = ""};
    a->resources[0] = (struct cx_row_resource){.id = strdup(id_of(a, 9, 1)),
                                               .name = "r",
                                               .enabled = true,
                                               .doc = "{}",
                                               .gateways = a->gateways,
                                               .gateway_count = 1};
    a->rows = (struct cx_account_rows){
        .account = {.id = strdup(id_of(a, 8, 0)),
                    .name = "A",
                    .realm = "a.test",
                    .enabled = true,
                    .timezone = "UTC",
                    .language = "en-us",
                    .country = "IE",
                    .max_calls = -1,
                    .doc = "{}"},
        .users = a->users,
        .user_count = USERS,
        .devices = a->devices,
        .device_count = DEVICES,
        .vmboxes = a->boxes,
        .vmbox_count = 2,
        .callflows = a->flows,
        .callflow_count = FLOWS,
        .numbers = a->numbers,
        .number_count = 2,
        .resources = a->resources,
        .resource_count = 1,
        .documents[CX_DOCUMENT_GROUP] = {a->groups, GROUPS},
    };
}

static void unmake(struct random_account *a)
{
    for (unsigned i = 0; i < USERS; i++)
        free((void *)a->users[i].id);
    for (unsigned i = 0; i < DEVICES; i++) {
        free((void *)a->devices[i].id);
        free((void *)a->devices[i].owner_id);
    }
    for (unsigned i = 0; i < 2; i++) {
        free((void *)a->boxes[i].id);
        free((void *)a->boxes[i].owner_id);
    }
    for (unsigned i = 0; i < GROUPS; i++)
        free((void *)a->groups[i].id);
    for (unsigned i = 0; i < FLOWS; i++)
        free((void *)a->flows[i].id);
    free((void *)a->resources[0].id);
    free((void *)a->rows.account.id);
}

/* ---- the world around: which phones are there and busy is the same within a call */

static unsigned there, talking;

static unsigned phone_number(struct cx_str username)
{
    return username.len == 6 ? (unsigned char)username.s[5] & 7u : 0;
}

static bool registered(void *arg, struct cx_str username, struct cx_str realm)
{
    (void)arg;
    (void)realm;
    return there >> phone_number(username) & 1;
}

static bool busy(void *arg, struct cx_str username, struct cx_str realm)
{
    (void)arg;
    (void)realm;
    return talking >> phone_number(username) & 1;
}

static size_t last_number(void *arg, struct cx_id device, bool dialled, char *text, size_t size)
{
    (void)arg;
    (void)device;
    return (size_t)snprintf(text, size, dialled ? "201" : "0861234567");
}

static const struct cx_env env = {
    .registered = registered, .busy = busy, .last_number = last_number};

static bool is_own(struct cx_id id)
{
    return cx_id_is_zero(id) || id.b[0] >> 4 == ACCOUNT_A;
}

static void check_step(const struct cx_image *image, const struct cx_call *call,
                       const struct cx_step *step)
{
    const struct cx_target *t = step->kind == CX_STEP_RING     ? step->u.ring.targets
                                : step->kind == CX_STEP_PICKUP ? step->u.pickup.targets
                                                               : NULL;
    unsigned count = step->kind == CX_STEP_RING     ? step->u.ring.count
                     : step->kind == CX_STEP_PICKUP ? step->u.pickup.count
                                                    : 0;

    assert_true(step->kind >= CX_STEP_RING && step->kind <= CX_STEP_PARK);
    assert_true(count <= CX_STEP_TARGETS_MAX && step->trace_count <= CX_TRACE_MAX);
    if (t)
        assert_true(count > 0);
    for (unsigned i = 0; i < count; i++) {
        struct cx_image_device device;
        assert_true(is_own(t[i].device) && is_own(t[i].owner) && is_own(t[i].forward.user));
        if (t[i].forward.number.len == 0)
            assert_true(cx_image_device_by_id(image, t[i].device, &device));
        else
            assert_true(call->forward_hops < 5 && t[i].forward.rule);
        if (call->from == CX_FROM_DEVICE && !call->forwarded)
            assert_false(cx_id_equal(t[i].device, call->device));
        for (unsigned k = 0; k < i; k++) /* nobody twice, one forward a user */
            assert_false(t[i].forward.number.len && t[k].forward.number.len
                             ? cx_id_equal(t[i].forward.user, t[k].forward.user) &&
                                   cx_id_equal(t[i].forward.device, t[k].forward.device)
                             : t[i].forward.number.len == t[k].forward.number.len &&
                                   cx_id_equal(t[i].device, t[k].device));
    }
    for (unsigned i = 0; i < step->trace_count; i++)
        assert_true(is_own(step->trace[i].document) ||
                    strstr(step->trace[i].reason, "does not exist") ||
                    strstr(step->trace[i].reason, "no such"));
    if (step->kind == CX_STEP_SERVICE)
        assert_null(memmem(step->u.service.params.s, step->u.service.params.len, "=b00000", 7));
    if (step->kind == CX_STEP_OUTBOUND) {
        struct cx_str shown = step->caller_number;
        bool kept = call->forwarded && call->keep_caller_id;
        assert_true(kept || shown.len == 0 || cx_find_number(image, shown));
    }
}

/* ---- explain beside execution */

struct sink {
    char *text;
    size_t len, room;
};

static void collect(void *arg, const char *text, size_t len)
{
    struct sink *s = arg;

    if (s->len + len + 1 > s->room) {
        s->room = (s->len + len + 1) * 2;
        s->text = realloc(s->text, s->room);
        assert_non_null(s->text);
    }
    memcpy(s->text + s->len, text, len);
    s->len += len;
}

static void same_as_told(const json_t *told, const struct cx_step *step)
{
    static const char *const kinds[] = {"?",     "ring",  "service", "outbound",
                                        "enter", "reply", "pickup",  "park"};

    if (!told)
        return;
    assert_string_equal(json_string_value(json_object_get(told, "step")), kinds[step->kind]);
    if (step->kind == CX_STEP_RING)
        assert_int_equal(json_array_size(json_object_get(told, "targets")), step->u.ring.count);
    if (step->kind == CX_STEP_REPLY)
        assert_int_equal(json_integer_value(json_object_get(told, "code")), step->u.reply.code);
    if (step->kind == CX_STEP_SERVICE) {
        const char *params = json_string_value(json_object_get(told, "parameters"));
        assert_int_equal(strlen(params), step->u.service.params.len);
        assert_memory_equal(params, step->u.service.params.s, step->u.service.params.len);
    }
}

static const struct {
    enum cx_outcome outcome;
    uint16_t code;
    const char *name;
} turns[] = {{CX_OUT_BUSY, 486, "busy"},
             {CX_OUT_NO_ANSWER, 480, "no answer"},
             {CX_OUT_REJECTED, 603, "declined"},
             {CX_OUT_UNREACHABLE, 480, "unreachable"},
             {CX_OUT_FAILED, 503, "no gateway works"},
             {CX_OUT_CONTINUE, 0, "afterwards"}};

static unsigned calls; /* made of one, forwarded legs included */

static void play(const struct cx_image *image, const struct cx_call *call, const json_t *told);

static void follow(const struct cx_image *image, const struct cx_call *outer,
                   const struct cx_step *step)
{
    for (unsigned i = 0; i < step->u.ring.count && calls < 200; i++) {
        const struct cx_target *t = &step->u.ring.targets[i];
        struct cx_call call = {.from = CX_FROM_DEVICE,
                               .device = t->forward.device,
                               .caller_name = step->caller_name,
                               .caller_number = step->caller_number,
                               .dialled = t->forward.number,
                               .forward_hops = (uint8_t)(outer->forward_hops + 1),
                               .forwarded = true,
                               .keep_caller_id = t->forward.keep_caller_id,
                               .forward_user = t->forward.user};
        if (t->forward.number.len)
            play(image, &call, NULL);
    }
}

static void play(const struct cx_image *image, const struct cx_call *call, const json_t *told)
{
    struct cx_step *step = malloc(sizeof(*step));
    int steps = 0;

    calls++;
    assert_true(call->forward_hops <= 5);
    cx_route(image, NULL, &env, call, step);
    check_step(image, call, step);
    same_as_told(told, step);
    while (step->kind != CX_STEP_REPLY && step->kind != CX_STEP_ENTER && steps++ < 300) {
        struct cx_cursor cursor = step->cursor;
        unsigned i = any(6);
        if (step->kind == CX_STEP_RING && steps < 4)
            follow(image, call, step);
        told = json_object_get(json_object_get(told, "then"), turns[i].name);
        cx_route_next(image, NULL, &env, call, &cursor, turns[i].outcome, turns[i].code,
                      (struct cx_str){0}, step);
        check_step(image, call, step);
        same_as_told(told, step);
    }
    assert_true(steps < 300);
    free(step);
}

static struct cx_call random_call(const struct random_account *a)
{
    static const char *const dialled[] = {"200", "201",   "202",        "203", "204",  "205",
                                          "300", "301",   "302",        "303", "304",  "305",
                                          "112", "*3200", "0861234567", "999", "+4412"};
    const char *text = dialled[any(17)];
    struct cx_call call = {.from = any(4) ? CX_FROM_DEVICE : CX_FROM_CARRIER,
                           .dialled = {text, (uint32_t)strlen(text)},
                           .caller_number = {"+353871111111", 13},
                           .now_ms = any(1000000)};

    if (call.from == CX_FROM_DEVICE)
        cx_id_parse(a->devices[any(DEVICES)].id, 32, &call.device);
    if (any(8) == 0) { /* a transfer, or the account itself */
        call.forwarded = true;
        if (any(2))
            call.device = (struct cx_id){{0}};
        if (any(2))
            cx_id_parse(a->users[any(USERS)].id, 32, &call.forward_user);
    }
    return call;
}

static struct cx_image *compiled(const struct random_account *a)
{
    struct cx_compile_error error;
    struct cx_image *image, *again;

    for (unsigned i = 0; i < FLOWS; i++) /* the API's question before it saves */
        assert_int_equal(cx_compile_check_flow(a->flow_text[i], &error), 0);

    if (cx_compile(&a->rows, &image, &error) < 0)
        fail_msg("%s %s: %s", error.document, error.path, error.message);
    assert_int_equal(cx_compile(&a->rows, &again, &error), 0);
    assert_int_equal(cx_image_size(image), cx_image_size(again));
    assert_memory_equal(image, again, cx_image_size(image));
    free(again);
    return image;
}

static void calls_end_stay_at_home_and_are_explained(void **state)
{
    static struct random_account a;

    (void)state;
    seed = 20261125;
    for (int round = 0; round < 120; round++) {
        struct cx_image *image;

        make(&a, ACCOUNT_A);
        image = compiled(&a);
        for (int k = 0; k < 12; k++) {
            struct cx_call call = random_call(&a);
            struct sink sink = {0};
            json_t *told;

            there = any(4) ? any(256) : 255;
            talking = any(2) ? 0 : any(256);
            assert_int_equal(cx_explain(image, NULL, &env, &call, CX_EXPLAIN_JSON, collect, &sink),
                             0);
            told = json_loadb(sink.text, sink.len, 0, NULL);
            assert_non_null(told);
            calls = 0;
            play(image, &call, told);
            json_decref(told);
            free(sink.text);
        }
        free(image);
        unmake(&a);
    }
}

static void damaged_images_are_refused_or_harmless(void **state)
{
    static struct random_account a;
    unsigned harmless = 0, refused = 0;

    (void)state;
    seed = 42;
    for (int round = 0; round < 12; round++) {
        struct cx_image *good;
        size_t size;

        make(&a, ACCOUNT_A);
        good = compiled(&a);
        size = cx_image_size(good);
        for (int k = 0; k < 400; k++) {
            struct cx_image *bad = malloc(size);
            const char *why;

            memcpy(bad, good, size);
            for (unsigned n = 1 + any(3); n > 0; n--)
                ((uint8_t *)bad)[16 + any((unsigned)size - 16)] ^= (uint8_t)(1u << any(8));
            bad->checksum = cx_checksum(&bad->account, size - offsetof(struct cx_image, account));
            if (cx_image_check(bad, size, &why) < 0) {
                refused++;
                assert_non_null(why);
            } else {
                struct cx_call call = random_call(&a);
                struct cx_step *step = malloc(sizeof(*step));
                there = 255;
                harmless++;
                cx_route(bad, bad, &env, &call, step);
                for (int i = 0; i < 8 && step->kind != CX_STEP_REPLY; i++) {
                    struct cx_cursor cursor = step->cursor;
                    cx_route_next(bad, NULL, &env, &call, &cursor, turns[any(6)].outcome, 480,
                                  (struct cx_str){0}, step);
                }
                free(step);
            }
            free(bad);
        }
        free(good);
        unmake(&a);
    }
    assert_true(harmless > 100 && refused > 100);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(calls_end_stay_at_home_and_are_explained),
        cmocka_unit_test(damaged_images_are_refused_or_harmless),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
