/*
 * test_routing_image.c - images: deterministic, small, refused when damaged; compiling refuses bad
 * rows by name. SPDX-License-Identifier: GPL-2.0-or-later
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "kamailio_mod/routing/cursor.h"
#include "kamailio_mod/routing/explain.h"
#include "kamailio_mod/routing/number.h"
#include "kamailio_mod/routing/restrict.h"
#include "tests/fuzz/sample.h"

static struct cx_image *sample(void)
{
    struct cx_account_rows rows;
    struct cx_compile_error error;
    struct cx_image *image;

    sample_rows(&rows);
    if (cx_compile(&rows, &image, &error) < 0)
        fail_msg("%s %s %s", error.document, error.path, error.message);
    return image;
}

static void same_rows_give_the_same_bytes(void **state)
{
    struct cx_image *a = sample(), *b = sample();

    (void)state;
    assert_int_equal(cx_image_size(a), cx_image_size(b));
    assert_memory_equal(a, b, cx_image_size(a));
    free(a);
    free(b);
}

static void damaged_images_are_refused(void **state)
{
    struct cx_image *image = sample();
    size_t size = cx_image_size(image);
    uint8_t *copy = malloc(size + 8);
    const char *why;

    (void)state;
    assert_int_equal(cx_image_check(image, size, &why), 0);
    for (size_t cut = 0; cut < size; cut++) {
        uint8_t *exact = malloc(cut + 1); /* so that the sanitizer sees a read beyond */
        memcpy(exact, image, cut);
        assert_true(cx_image_check(exact, cut, &why) < 0);
        free(exact);
    }
    for (size_t bit = 0; bit < size * 8; bit++) {
        memcpy(copy, image, size);
        copy[bit / 8] ^= (uint8_t)(1u << bit % 8);
        assert_true(cx_image_check(copy, size, &why) < 0);
        assert_non_null(why);
    }
    free(copy);
    free(image);
}

static void finds_devices(void **state)
{
    struct cx_image *image = sample();
    struct cx_image_device device;

    (void)state;
    assert_true(cx_image_device_by_username(image, sample_z("alice"), &device));
    assert_true(cx_image_device_by_username(image, sample_z("ALICE"), &device));
    assert_int_equal(device.ha1.len, 32);
    assert_true(device.enabled);
    assert_false(cx_image_device_by_username(image, sample_z("alic"), &device));
    assert_false(cx_image_device_by_username(image, sample_z(""), &device));
    free(image);
}

static void refuses(struct cx_account_rows *rows, const char *document, const char *path)
{
    struct cx_compile_error error;
    struct cx_image *image;

    assert_true(cx_compile(rows, &image, &error) < 0);
    assert_null(image);
    assert_string_equal(error.document, document);
    assert_string_equal(error.path, path);
    assert_true(error.message[0]);
}

static void bad_rows_are_refused_by_document_and_path(void **state)
{
    static const struct {
        const char *flow, *path;
    } flows[] = {
        {"", "flow"},
        {"{", "flow"},
        {"[]", "flow"},
        {"{\"module\":\"pivot\"}", "flow.module"},
        {"{\"data\":{}}", "flow.module"},
        {"{\"module\":\"user\",\"data\":{}}", "flow.data.id"},
        {"{\"module\":\"user\",\"data\":{\"id\":5}}", "flow.data.id"},
        {"{\"module\":\"user\",\"data\":{\"id\":\"x\",\"timeout\":\"soon\"}}", "flow.data.timeout"},
        {"{\"module\":\"offnet\",\"data\":[]}", "flow.data"},
        {"{\"module\":\"offnet\",\"children\":{\"_\":{\"module\":\"nope\"}}}",
         "flow.children._.module"},
        {"{\"module\":\"offnet\",\"children\":{\"1\":{\"module\":\"offnet\",\"children\":{\"2\":7}}"
         "}}",
         "flow.children.1.children.2"},
        {"{\"module\":\"voicemail\",\"data\":{\"action\":\"dance\"}}", "flow.data.action"},
        {"{\"module\":\"response\",\"data\":{\"code\":200}}", "flow.data.code"},
    };
    struct cx_account_rows rows;

    (void)state;
    for (size_t i = 0; i < sizeof(flows) / sizeof(*flows); i++) {
        struct cx_compile_error error;
        sample_rows(&rows);
        rows.callflows[1].flow = flows[i].flow;
        refuses(&rows, rows.callflows[1].id, flows[i].path);
        assert_true(cx_compile_check_flow(flows[i].flow, &error) < 0);
        assert_string_equal(error.path, flows[i].path);
    }
    sample_rows(&rows);
    rows.users[0].caller_id = "not json";
    refuses(&rows, SAMPLE_ALICE, "caller_id");
    sample_rows(&rows);
    rows.devices[1].sip_username = "ALICE";
    refuses(&rows, rows.devices[1].id, "sip.username");
    sample_rows(&rows);
    rows.resources[0].rules = "[\"(\"]";
    refuses(&rows, rows.resources[0].id, "rules");
}

static void deep_trees_are_refused(void **state)
{
    enum { DEPTH = 5000 };
    char *flow = malloc(DEPTH * 60 + 10), *at = flow;
    struct cx_compile_error error;

    (void)state;
    for (int i = 0; i < DEPTH; i++)
        at += sprintf(at, "{\"module\":\"offnet\",\"children\":{\"_\":");
    at += sprintf(at, "{\"module\":\"offnet\"}");
    for (int i = 0; i < DEPTH; i++)
        at += sprintf(at, "}}");
    assert_true(cx_compile_check_flow(flow, &error) < 0);
    free(flow);
}

static void cursors_are_signed(void **state)
{
    static const uint8_t key[32] = {1}, other[32] = {2};
    struct cx_cursor c = {.path_hash = 0xdeadbeef, .node = 3, .from = CX_FROM_CARRIER, .steps = 9},
                     d;
    char text[CX_CURSOR_TEXT_MAX];
    size_t n;

    (void)state;
    memset(c.account.b, 0xab, 16);
    memset(c.callflow.b, 0xcd, 16);
    n = cx_cursor_encode(&c, key, text);
    assert_int_equal(n, strlen(text));
    assert_int_equal(cx_cursor_decode((struct cx_str){text, (uint32_t)n}, key, &d), 0);
    assert_memory_equal(&c, &d, sizeof(c));
    assert_int_equal(cx_cursor_decode((struct cx_str){text, (uint32_t)n}, other, &d), -EBADMSG);
    for (size_t i = 0; i < n; i++) {
        char keep = text[i];
        text[i] = keep == 'A' ? 'B' : 'A';
        /* the last letter of each part has bits that say nothing: those may change */
        if (cx_cursor_decode((struct cx_str){text, (uint32_t)n}, key, &d) == 0)
            assert_memory_equal(&c, &d, sizeof(c));
        text[i] = keep;
    }
    assert_int_equal(cx_cursor_decode((struct cx_str){"", 0}, key, &d), -EINVAL);
    assert_int_equal(cx_cursor_decode(sample_z("."), key, &d), -EINVAL);
}

/* Every text full, every frame used: it still fits, and comes back as it was. */
static void full_cursors_fit(void **state)
{
    static const uint8_t key[32] = {3};
    struct cx_cursor c, d;
    char text[CX_CURSOR_TEXT_MAX];
    char *const texts[] = {c.dialled,  c.capture,    c.caller_name, c.caller_number,
                           c.set_name, c.set_number, c.name_prefix, c.number_prefix,
                           c.language, c.alert_info, c.variables};
    size_t n;

    (void)state;
    memset(&c, 0, sizeof(c));
    memset((char *)&c + offsetof(struct cx_cursor, dialled), 'x',
           offsetof(struct cx_cursor, record) - offsetof(struct cx_cursor, dialled));
    for (size_t i = 0; i < sizeof(texts) / sizeof(*texts); i++) {
        char *end = i + 1 < sizeof(texts) / sizeof(*texts) ? texts[i + 1] : (char *)&c.record;
        end[-1] = '\0';
    }
    c.frame_count = CX_CURSOR_FRAMES;
    memset(c.frames, 0x5a, sizeof(c.frames));
    c.record = CX_RECORD_START;
    c.record_limit_s = 3600;
    n = cx_cursor_encode(&c, key, text);
    assert_true(n < CX_CURSOR_TEXT_MAX);
    assert_int_equal(cx_cursor_decode((struct cx_str){text, (uint32_t)n}, key, &d), 0);
    assert_int_equal(d.frame_count, CX_CURSOR_FRAMES);
    assert_memory_equal(c.frames, d.frames, sizeof(c.frames));
    assert_string_equal(c.variables, d.variables);
    assert_string_equal(c.dialled, d.dialled);
    assert_int_equal(d.record_limit_s, 3600);
    for (size_t cut = 0; cut < n; cut++)
        assert_true(cx_cursor_decode((struct cx_str){text, (uint32_t)cut}, key, &d) < 0);
}

static void numbers_by_country(void **state)
{
    static const struct {
        const char *country, *dialled, *number;
        enum cx_class class;
    } table[] = {
        {"IE", "0861234567", "+353861234567", CX_CLASS_MOBILE},
        {"IE", "015550100", "+35315550100", CX_CLASS_DID},
        {"IE", "1800123456", "+3531800123456", CX_CLASS_TOLLFREE},
        {"IE", "1550123456", "+3531550123456", CX_CLASS_PREMIUM},
        {"IE", "0818123456", "+353818123456", CX_CLASS_SHARED},
        {"IE", "00442071234567", "+442071234567", CX_CLASS_INTERNATIONAL},
        {"IE", "+1 202-555-0123", "+12025550123", CX_CLASS_INTERNATIONAL},
        {"IE", "112", "112", CX_CLASS_EMERGENCY},
        {"IE", "201", "201", CX_CLASS_UNKNOWN},
        {"IE", "*72", "*72", CX_CLASS_UNKNOWN},
        {"GB", "02079460000", "+442079460000", CX_CLASS_DID},
        {"GB", "07700900123", "+447700900123", CX_CLASS_MOBILE},
        {"GB", "09098790000", "+449098790000", CX_CLASS_PREMIUM},
        {"US", "2025550123", "+12025550123", CX_CLASS_DID},
        {"US", "18005550123", "+18005550123", CX_CLASS_TOLLFREE},
        {"US", "19005550123", "+19005550123", CX_CLASS_PREMIUM},
        {"US", "18765550123", "+18765550123", CX_CLASS_CARIBBEAN},
        {"US", "011442071234567", "+442071234567", CX_CLASS_INTERNATIONAL},
        {"FR", "0033123456789", "+33123456789", CX_CLASS_INTERNATIONAL},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(table) / sizeof(*table); i++) {
        char text[CX_NUMBER_MAX];
        struct cx_str n = cx_number_normalise(table[i].country, sample_z(table[i].dialled), text);
        if (n.len != strlen(table[i].number) || memcmp(n.s, table[i].number, n.len) != 0)
            fail_msg("%s in %s is %.*s", table[i].dialled, table[i].country, (int)n.len, n.s);
        if (cx_classify(table[i].country, n) != table[i].class)
            fail_msg("%s in %s is %s", table[i].dialled, table[i].country,
                     cx_class_name(table[i].country, cx_classify(table[i].country, n)));
    }
}

struct sink {
    char text[65536];
    size_t len;
};

static void collect(void *arg, const char *text, size_t len)
{
    struct sink *s = arg;

    assert_true(s->len + len < sizeof(s->text));
    memcpy(s->text + s->len, text, len);
    s->len += len;
    s->text[s->len] = '\0';
}

/* What explain says first is the step that a call takes. */
static void explain_says_what_route_does(void **state)
{
    struct cx_env env = {.registered = sample_registered};
    struct cx_call call = sample_call("202");
    struct cx_image *image = sample();
    static struct sink sink;

    (void)state;
    assert_int_equal(cx_explain(image, NULL, &env, &call, CX_EXPLAIN_JSON, collect, &sink), 0);
    assert_non_null(strstr(sink.text, "{\"step\":\"ring\",\"timeout\":15,\"targets\":["));
    assert_non_null(strstr(sink.text, "\"a2000000000000000000000000000202\""));
    assert_non_null(strstr(sink.text, "\"then\":{\"no answer\":{\"step\":\"service\""));
    free(image);
}

/* Random callflows over random documents: routing always ends, and rings nothing but this account's
 * phones. */
static void random_flow(unsigned *seed, char *out, size_t size, int depth)
{
    static const char *const leaves[] = {
        "{\"module\":\"user\",\"data\":{\"id\":\"" SAMPLE_BOB "\"}",
        "{\"module\":\"user\",\"data\":{\"id\":\"" SAMPLE_ALICE "\"}",
        "{\"module\":\"voicemail\",\"data\":{}",
        "{\"module\":\"callflow\",\"data\":{\"id\":\"a3000000000000000000000000000201\"}",
        "{\"module\":\"callflow\",\"data\":{\"id\":\"a3000000000000000000000000000202\"}",
        "{\"module\":\"offnet\",\"data\":{}",
        "{\"module\":\"response\",\"data\":{\"code\":500}",
        "{\"module\":\"user\",\"data\":{\"id\":\"missing\",\"skip_module\":true}",
        "{\"module\":\"menu\",\"data\":{\"id\":\"" SAMPLE_MENU "\"}",
        "{\"module\":\"temporal_route\",\"data\":{\"rules\":[\"" SAMPLE_RULE "\"]}",
        "{\"module\":\"conference\",\"data\":{}",
        "{\"module\":\"conference\",\"data\":{\"id\":\"" SAMPLE_ROOM "\"}",
        "{\"module\":\"directory\",\"data\":{\"id\":\"" SAMPLE_DIRECTORY "\"}",
        "{\"module\":\"faxbox\",\"data\":{}",
        "{\"module\":\"play\",\"data\":{\"id\":\"system_media/hello\"}",
        "{\"module\":\"tts\",\"data\":{\"text\":\"hello\"}",
        "{\"module\":\"sleep\",\"data\":{\"duration\":1}",
        "{\"module\":\"disa\",\"data\":{\"pin\":\"4711\"}",
        "{\"module\":\"prepend_cid\",\"data\":{\"caller_id_name_prefix\":\"Sales \"}",
        "{\"module\":\"set_cid\",\"data\":{\"caller_id_number\":\"+353800000000\"}",
        "{\"module\":\"check_cid\",\"data\":{\"regex\":\"^2\"}",
        "{\"module\":\"cidlistmatch\",\"data\":{\"id\":\"" SAMPLE_LIST "\"}",
        "{\"module\":\"lookupcidname\",\"data\":{\"lists\":[\"" SAMPLE_LIST "\"]}",
        "{\"module\":\"branch_variable\",\"data\":{\"variable\":\"x\",\"scope\":\"merged\"}",
        "{\"module\":\"set_variables\",\"data\":{\"custom_application_vars\":{\"x\":\"1\"}}",
        "{\"module\":\"language\",\"data\":{\"language\":\"fr\"}",
        "{\"module\":\"dynamic_cid\",\"data\":{\"action\":\"lists\"}",
        "{\"module\":\"voicemail\",\"data\":{\"action\":\"check\"}"};
    static const char *const keys[] = {"_", "_", "_", "USER_BUSY", "1", "match", SAMPLE_RULE};
    const unsigned count = sizeof(leaves) / sizeof(*leaves);
    char child[4000];

    if (depth > 4 || rand_r(seed) % 3 == 0) {
        snprintf(out, size, "%s,\"children\":{}}", leaves[(unsigned)rand_r(seed) % count]);
        return;
    }
    random_flow(seed, child, sizeof(child), depth + 1);
    snprintf(out, size, "%s,\"children\":{\"%s\":%s}}", leaves[(unsigned)rand_r(seed) % count],
             keys[(unsigned)rand_r(seed) % 7], child);
}

/* What goes out shows a number of the account, whatever nodes and callers made of it. */
static void shows_nobody_else(const struct cx_image *image, const struct cx_step *step)
{
    struct cx_str number = step->caller_number;
    bool own = number.len == 0;

    for (uint32_t i = 0; i < cx_image_number_count(image); i++) {
        struct cx_str n = cx_image_number(image, i);
        own |= n.len == number.len && memcmp(n.s, number.s, n.len) == 0;
    }
    if (step->kind == CX_STEP_OUTBOUND && !own)
        fail_msg("%.*s is shown outside", (int)number.len, number.s);
}

static void routing_always_ends_and_stays_at_home(void **state)
{
    static const char *const dials[] = {"202", "0861234567", "112",
                                        "a3000000000000000000000000000202"};
    struct cx_env env = {.registered = sample_registered};
    static struct cx_step step;
    unsigned seed = 20261124;

    (void)state;
    for (int round = 0; round < 3000; round++) {
        char flows[2][4096];
        struct cx_account_rows rows;
        struct cx_compile_error error;
        struct cx_image *image;
        struct cx_call call = sample_call(round % 2 ? "201" : "202");
        int steps = 0;

        sample_rows(&rows);
        random_flow(&seed, flows[0], sizeof(flows[0]), 0);
        random_flow(&seed, flows[1], sizeof(flows[1]), 0);
        rows.callflows[0].flow = flows[0];
        rows.callflows[1].flow = flows[1];
        if (cx_compile(&rows, &image, &error) < 0)
            fail_msg("%s: %s", error.path, error.message);
        cx_route(image, image, &env, &call, &step);
        while (step.kind != CX_STEP_REPLY && steps++ < 300) {
            struct cx_cursor cursor = step.cursor;
            shows_nobody_else(image, &step);
            for (int i = 0; step.kind == CX_STEP_RING && i < step.u.ring.count; i++) {
                struct cx_image_device device;
                if (step.u.ring.targets[i].forward.number.len == 0)
                    assert_true(
                        cx_image_device_by_id(image, step.u.ring.targets[i].device, &device));
            }
            if (step.kind == CX_STEP_SERVICE && rand_r(&seed) % 4 == 0) {
                call.answered = true;
                cx_route_dial(image, image, &env, &call, &cursor,
                              sample_z(dials[(unsigned)rand_r(&seed) % 4]), &step);
                continue;
            }
            cx_route_next(image, image, &env, &call, &cursor,
                          (enum cx_outcome)(2 + rand_r(&seed) % 6), 486,
                          rand_r(&seed) % 3 ? sample_z("1") : (struct cx_str){0}, &step);
        }
        assert_true(steps < 300);
        free(image);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(same_rows_give_the_same_bytes),
        cmocka_unit_test(damaged_images_are_refused),
        cmocka_unit_test(finds_devices),
        cmocka_unit_test(bad_rows_are_refused_by_document_and_path),
        cmocka_unit_test(deep_trees_are_refused),
        cmocka_unit_test(cursors_are_signed),
        cmocka_unit_test(full_cursors_fit),
        cmocka_unit_test(numbers_by_country),
        cmocka_unit_test(explain_says_what_route_does),
        cmocka_unit_test(routing_always_ends_and_stays_at_home),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
