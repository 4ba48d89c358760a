/*
 * test_mw_document.c - documents become fax images and fax images PDFs, with the real programs.
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "media_worker/fax/document.h"
#include "tests/unit/fax_page.h"

static char folder[] = "/tmp/cx-document-XXXXXX";

static char *at(const char *name)
{
    static char paths[4][128];
    static unsigned turn;
    char *path = paths[turn++ % 4];

    snprintf(path, sizeof(paths[0]), "%s/%s", folder, name);
    return path;
}

static void write_file(const char *name, const char *text, size_t len)
{
    FILE *f = fopen(at(name), "wb");

    assert_non_null(f);
    fwrite(text, 1, len, f);
    fclose(f);
}

static void sniffing(void **state)
{
    (void)state;
    assert_int_equal(cx_document_sniff("%PDF-1.4", 8), CX_DOC_PDF);
    assert_int_equal(cx_document_sniff("II*\0abc", 7), CX_DOC_TIFF);
    assert_int_equal(cx_document_sniff("\xff\xd8\xff\xe0", 4), CX_DOC_JPEG);
    assert_int_equal(cx_document_sniff("Good morning\r\n\xc3\xa9", 16), CX_DOC_TEXT);
    assert_int_equal(cx_document_sniff("PK\x03\x04", 4), CX_DOC_UNKNOWN);
    assert_int_equal(cx_document_sniff("", 0), CX_DOC_UNKNOWN);
}

/* A fax image keeps each pixel, also on the way through a PDF (which holds its G4 data). */
static void fax_images(void **state)
{
    char why[200] = "";

    (void)state;
    fax_pages_make(at("in.tif"), 3, 400, 5);
    assert_int_equal(cx_document_to_fax(at("in.tif"), at("out.tif"), why, sizeof(why)), 3);
    assert_int_equal(fax_pages_equal(at("in.tif"), at("out.tif")), 3);
    assert_int_equal(cx_document_to_pdf(at("out.tif"), at("out.pdf")), 0);
    assert_int_equal(cx_document_to_fax(at("out.pdf"), at("again.tif"), why, sizeof(why)), 3);
    assert_int_equal(cx_document_pages(at("again.tif")), 3);
}

static void text(void **state)
{
    char why[200] = "";

    (void)state;
    write_file("in.txt", "Dear Sir,\n\nna\xc3\xafve, \xe2\x82\xac 20.\n", 28);
    assert_int_equal(cx_document_to_fax(at("in.txt"), at("text.tif"), why, sizeof(why)), 1);
}

static void refused(void **state)
{
    char why[200] = "";

    (void)state;
    write_file("in.zip", "PK\x03\x04zzzz", 8);
    assert_int_equal(cx_document_to_fax(at("in.zip"), at("no.tif"), why, sizeof(why)), -EBADMSG);
    assert_non_null(strstr(why, "no PDF"));
    write_file("bad.pdf", "%PDF-1.4\nnothing", 16);
    assert_int_equal(cx_document_to_fax(at("bad.pdf"), at("no.tif"), why, sizeof(why)), -EBADMSG);
    assert_non_null(strstr(why, "application/pdf"));
    write_file("bad.tif", "II*\0\xff\xff\xff\x7f", 8);
    assert_int_equal(cx_document_to_fax(at("bad.tif"), at("no.tif"), why, sizeof(why)), -EBADMSG);
    assert_int_equal(access(at("no.tif"), F_OK), -1);
    assert_int_equal(access(at("no.tif.2"), F_OK), -1);
    assert_int_equal(cx_document_to_fax(at("absent"), at("no.tif"), why, sizeof(why)), -ENOENT);
}

/* What a dead worker leaves: whole pages and a part of one. */
static void cut_off(void **state)
{
    FILE *f;

    (void)state;
    fax_pages_make(at("cut.tif"), 2, 400, 9);
    f = fopen(at("cut.tif"), "ab");
    fputs("a third page that had only begun", f);
    fclose(f);
    assert_int_equal(cx_document_pages(at("cut.tif")), 2);
    assert_int_equal(cx_document_to_pdf(at("cut.tif"), at("cut.pdf")), 0);
    write_file("empty.tif", "", 0);
    assert_int_equal(cx_document_pages(at("empty.tif")), 0);
}

static int make_folder(void **state)
{
    (void)state;
    return mkdtemp(folder) ? 0 : -1;
}

static int remove_folder(void **state)
{
    char command[200];

    (void)state;
    snprintf(command, sizeof(command), "rm -rf %s", folder);
    return system(command);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(sniffing), cmocka_unit_test(fax_images), cmocka_unit_test(text),
        cmocka_unit_test(refused),  cmocka_unit_test(cut_off),
    };

    return cmocka_run_group_tests_name("documents", tests, make_folder, remove_folder);
}
