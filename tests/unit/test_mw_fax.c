/*
 * test_mw_fax.c - two fax machines in one process, over sound and over T.38: pages arrive bit by
 * bit, also when datagrams are lost; what is on disk when a page is confirmed; UDPTL by itself.
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "media_worker/fax/fax.h"
#include "media_worker/fax/udptl.h"
#include "tests/unit/fax_page.h"

enum { PAGES = 3, ROWS = 700, LONGEST_TICKS = 50 * 240 };

struct end {
    struct cx_fax *fax;
    struct end *peer;
    struct cx_fax_result result;
    unsigned done, pages, calls, on_disk;
    const char *file;
    unsigned long sent, drop_every;
};

static char folder[] = "/tmp/cx-fax-XXXXXX", sent[64], received[64];

static void done(void *arg, const struct cx_fax_result *r)
{
    struct end *e = arg;

    e->result = *r;
    e->done++;
}

static void page(void *arg, unsigned pages)
{
    struct end *e = arg;

    e->pages = pages;
    if (e->file) /* the receiver: what would a crash leave now? */
        e->on_disk = fax_pages_equal(e->file, sent);
}

static void calling(void *arg)
{
    ((struct end *)arg)->calls++;
}

static void to_peer(void *arg, const uint8_t *data, size_t len)
{
    struct end *e = arg;

    e->sent++;
    if (!e->drop_every || e->sent % e->drop_every != 0)
        cx_fax_datagram(e->peer->fax, data, len);
}

static void start(struct end *a, struct end *b)
{
    struct cx_fax_setup out = {
        .sends = true, .file = sent, .ident = "+35315550100", .page = page, .done = done, .arg = a};
    struct cx_fax_setup in = {.file = received,
                              .ident = "+35315550200",
                              .page = page,
                              .calling = calling,
                              .done = done,
                              .arg = b};

    unlink(received);
    *a = (struct end){.peer = b};
    *b = (struct end){.peer = a, .file = received};
    assert_int_equal(cx_fax_new(&out, &a->fax), 0);
    assert_int_equal(cx_fax_new(&in, &b->fax), 0);
}

static void run(struct end *a, struct end *b, unsigned ticks)
{
    for (unsigned i = 0; i < ticks && !(a->done && b->done); i++) {
        int16_t from_a[160], from_b[160];
        if (!cx_fax_is_t38(a->fax)) {
            cx_fax_speak(a->fax, from_a, 160);
            cx_fax_speak(b->fax, from_b, 160);
            cx_fax_hear(a->fax, from_b, 160);
            cx_fax_hear(b->fax, from_a, 160);
        }
        cx_fax_tick(a->fax);
        cx_fax_tick(b->fax);
    }
}

static void check(struct end *a, struct end *b, bool t38)
{
    assert_int_equal(a->done, 1);
    assert_int_equal(b->done, 1);
    if (!a->result.success || !b->result.success)
        print_message("sender: %s; receiver: %s\n", a->result.text, b->result.text);
    assert_true(a->result.success);
    assert_true(b->result.success);
    assert_int_equal(a->result.pages, PAGES);
    assert_int_equal(b->result.pages, PAGES);
    assert_true(b->result.ecm);
    assert_int_equal(b->result.bit_rate, 14400);
    assert_int_equal(b->result.t38, t38);
    assert_string_equal(b->result.remote_id, "+35315550100");
    assert_string_equal(a->result.remote_id, "+35315550200");
    assert_int_equal(b->pages, PAGES);
    assert_int_equal(b->on_disk, PAGES); /* the last one too, before it was confirmed */
    assert_int_equal(fax_pages_count(received), PAGES);
    assert_int_equal(fax_pages_equal(sent, received), PAGES);
    cx_fax_free(a->fax);
    cx_fax_free(b->fax);
}

static void over_sound(void **state)
{
    struct end a, b;

    (void)state;
    start(&a, &b);
    run(&a, &b, LONGEST_TICKS);
    assert_int_equal(b.calls, 1); /* CNG was heard, and told once */
    assert_int_equal(a.calls, 0);
    check(&a, &b, false);
}

static void over_t38_with_losses(void **state)
{
    const struct cx_t38_terms terms = {.max_bit_rate = 14400, .max_datagram = 400};
    struct end a, b;

    (void)state;
    start(&a, &b);
    run(&a, &b, 100); /* tones first, as in life */
    assert_false(a.done);
    a.drop_every = 5; /* each fifth of one way, each seventh of the other: copies make it good */
    b.drop_every = 7;
    assert_int_equal(cx_fax_switch(a.fax, &terms, to_peer, &a), 0);
    assert_int_equal(cx_fax_switch(b.fax, &terms, to_peer, &b), 0);
    assert_false(cx_fax_can_switch(b.fax));
    run(&a, &b, LONGEST_TICKS);
    check(&a, &b, true);
}

/* The line goes dead after the first page: the page is there, and why there are no more. */
static void line_goes_dead(void **state)
{
    struct cx_fax_result r;
    struct end a, b;
    unsigned i;

    (void)state;
    start(&a, &b);
    for (i = 0; i < LONGEST_TICKS && b.pages < 1; i++)
        run(&a, &b, 1);
    assert_int_equal(b.pages, 1);
    assert_false(cx_fax_can_switch(b.fax));
    cx_fax_result(b.fax, &r);
    assert_false(r.success);
    assert_int_equal(r.pages, 1);
    for (i = 0; i < LONGEST_TICKS && !b.done; i++) { /* T.30's timers run without packets */
        int16_t none[160];
        cx_fax_speak(b.fax, none, 160);
        cx_fax_tick(b.fax);
    }
    assert_int_equal(b.done, 1);
    assert_false(b.result.success);
    assert_int_equal(b.result.pages, 1);
    assert_true(strlen(b.result.text) > 5);
    assert_int_equal(fax_pages_equal(sent, received), 1);
    cx_fax_free(a.fax);
    cx_fax_free(b.fax);
}

/* Many hang up instead of saying good-bye: all pages are there, so it is good. */
static void sender_hangs_up_at_the_end(void **state)
{
    struct cx_fax_result r;
    struct end a, b;

    (void)state;
    start(&a, &b);
    for (unsigned i = 0; i < LONGEST_TICKS && b.pages < PAGES; i++)
        run(&a, &b, 1);
    assert_int_equal(b.done, 0);
    cx_fax_result(b.fax, &r);
    assert_true(r.success);
    assert_int_equal(r.pages, PAGES);
    cx_fax_result(a.fax, &r); /* but the sender does not know */
    assert_false(r.success);
    cx_fax_free(a.fax);
    cx_fax_free(b.fax);
}

/* Somebody speaks, or nobody: no page, and a reason. */
static void no_fax_at_all(void **state)
{
    struct end a, b;

    (void)state;
    start(&a, &b);
    for (unsigned i = 0; i < LONGEST_TICKS && !b.done; i++) {
        int16_t none[160] = {0};
        cx_fax_hear(b.fax, none, 160);
        cx_fax_speak(b.fax, none, 160);
        cx_fax_tick(b.fax);
    }
    assert_int_equal(b.done, 1);
    assert_false(b.result.success);
    assert_int_equal(b.result.pages, 0);
    cx_fax_free(a.fax);
    cx_fax_free(b.fax);
}

/* ---- UDPTL */

struct got {
    unsigned count;
    char text[200];
};

static void collect(void *arg, const uint8_t *ifp, size_t len, uint16_t seq)
{
    struct got *g = arg;

    (void)seq;
    g->count++;
    strncat(g->text, (const char *)ifp, len);
}

static void datagrams(void **state)
{
    struct cx_udptl_sender s = {0};
    struct cx_udptl_receiver r = {0};
    struct got got = {0};
    static const char letters[] = "abcdefghijkl";

    (void)state;
    for (unsigned i = 0; letters[i]; i++) {
        uint8_t out[CX_UDPTL_ROOM];
        struct cx_udptl_packet p;
        size_t n = cx_udptl_build(&s, (const uint8_t *)letters + i, 1, out);
        assert_int_equal(cx_udptl_parse(out, n, &p), 0);
        assert_int_equal(p.seq, i);
        assert_int_equal(p.older_count, i < CX_UDPTL_COPIES ? i : CX_UDPTL_COPIES);
        for (size_t cut = 0; cut < n; cut++) /* each length that is too short is noticed */
            assert_int_equal(cx_udptl_parse(out, cut, &p), -22);
        cx_udptl_parse(out, n, &p);
        if (i == 0 || i == 2 || i == 3 || (i >= 6 && i <= 9))
            continue; /* lost: four in a row are one too many */
        cx_udptl_receive(&r, &p, collect, &got);
        cx_udptl_receive(&r, &p, collect, &got); /* twice: once */
    }
    assert_string_equal(got.text, "abcdefhijkl");
    assert_int_equal(got.count, 11);
    assert_int_equal(r.lost, 1);
}

static void datagrams_over_the_end(void **state)
{
    struct cx_udptl_sender s = {.seq = 65534, .limit = 78};
    struct cx_udptl_receiver r = {0};
    struct got got = {0};
    uint8_t out[CX_UDPTL_ROOM], big[300] = {0};
    struct cx_udptl_packet p;

    (void)state;
    for (unsigned i = 0; i < 4; i++) {
        size_t n = cx_udptl_build(&s, (const uint8_t *)"wxyz" + i, 1, out);
        assert_int_equal(cx_udptl_parse(out, n, &p), 0);
        cx_udptl_receive(&r, &p, collect, &got);
    }
    assert_string_equal(got.text, "wxyz");
    /* the peer's limit: fewer copies, but the packet itself goes */
    assert_int_equal(cx_udptl_build(&s, big, 70, out), 2 + 1 + 70 + 1 + 1 + 2);
    assert_int_equal(cx_udptl_parse(out, 79, &p), 0);
    assert_int_equal(p.older_count, 1);
    assert_int_equal(cx_udptl_build(&s, big, 300, out), 2 + 2 + 300 + 2);
    assert_int_equal(cx_udptl_parse(out, 306, &p), 0);
    assert_int_equal(p.len, 300);
    /* parity instead of copies: the packet is read all the same */
    assert_int_equal(cx_udptl_parse((const uint8_t *)"\0\7\2ab\x80\1\1\1\0", 10, &p), 0);
    assert_int_equal(p.len, 2);
    assert_int_equal(p.older_count, 0);
}

static int make_folder(void **state)
{
    (void)state;
    if (!mkdtemp(folder))
        return -1;
    snprintf(sent, sizeof(sent), "%s/sent.tif", folder);
    snprintf(received, sizeof(received), "%s/received.tif", folder);
    fax_pages_make(sent, PAGES, ROWS, 7);
    return 0;
}

static int remove_folder(void **state)
{
    (void)state;
    unlink(sent);
    unlink(received);
    return rmdir(folder);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(datagrams),
        cmocka_unit_test(datagrams_over_the_end),
        cmocka_unit_test(over_sound),
        cmocka_unit_test(over_t38_with_losses),
        cmocka_unit_test(line_goes_dead),
        cmocka_unit_test(no_fax_at_all),
        cmocka_unit_test(sender_hangs_up_at_the_end),
    };

    return cmocka_run_group_tests_name("fax", tests, make_folder, remove_folder);
}
