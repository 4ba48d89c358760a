/*
 * document.c - see document.h. SPDX-License-Identifier: GPL-2.0-or-later
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <tiffio.h>
#include <unistd.h>

#include "../child.h"
#include "document.h"

/* ---- TIFF */

static void quiet(const char *module, const char *format, va_list args)
{
    (void)module, (void)format, (void)args;
}

static TIFF *open_tiff(const char *path)
{
    TIFFSetErrorHandler(quiet);
    TIFFSetWarningHandler(quiet);
    return TIFFOpen(path, "rm"); /* m: no mapping, a file may be growing */
}

unsigned cx_document_pages(const char *fax)
{
    TIFF *t;
    unsigned pages = 0;
    struct stat st;

    if (stat(fax, &st) < 0 || st.st_size < 8)
        return 0;
    t = open_tiff(fax);
    if (!t)
        return 0;
    pages = TIFFNumberOfDirectories(t);
    TIFFClose(t);
    return pages;
}

/* Would a fax machine take these pages as they are? */
static bool is_fax_image(const char *path)
{
    TIFF *t = open_tiff(path);
    bool good = t != NULL;

    while (good) {
        uint32_t width = 0;
        uint16_t bits = 0, samples = 1, unit = RESUNIT_INCH;
        float x = 0, y = 0;

        TIFFGetField(t, TIFFTAG_IMAGEWIDTH, &width);
        TIFFGetFieldDefaulted(t, TIFFTAG_BITSPERSAMPLE, &bits);
        TIFFGetFieldDefaulted(t, TIFFTAG_SAMPLESPERPIXEL, &samples);
        TIFFGetFieldDefaulted(t, TIFFTAG_RESOLUTIONUNIT, &unit);
        TIFFGetField(t, TIFFTAG_XRESOLUTION, &x);
        TIFFGetField(t, TIFFTAG_YRESOLUTION, &y);
        if (unit == RESUNIT_CENTIMETER) {
            x *= 2.54f;
            y *= 2.54f;
        }
        good =
            bits == 1 && samples == 1 && width == 1728 && x > 195 && x < 210 && y > 90 && y < 400;
        if (!TIFFReadDirectory(t))
            break;
    }
    if (t)
        TIFFClose(t);
    return good;
}

/* ---- the ways from one to the other */

static int tiff_to_pdf(const char *in, const char *out)
{
    const char *const argv[] = {"tiff2pdf", "-o", out, in, NULL};

    return cx_child_run(argv, NULL);
}

static int picture_to_pdf(const char *in, const char *out)
{
    const char *const argv[] = {"img2pdf", "--pagesize", "A4", "--border", "1cm", "--auto-orient",
                                "--fit",   "into",       "-o", out,        in,    NULL};

    return cx_child_run(argv, NULL);
}

static int text_to_ps(const char *in, const char *out)
{
    const char *const argv[] = {"paps", "--paper=A4", "--font=Monospace 10", in, NULL};

    return cx_child_run(argv, out);
}

static int to_pixels(const char *in, const char *out)
{
    char output[4200];
    const char *const argv[] = {"gs",
                                "-q",
                                "-dNOPAUSE",
                                "-dBATCH",
                                "-dSAFER",
                                "-sDEVICE=tiffg4",
                                "-r204x196",
                                "-sPAPERSIZE=a4",
                                "-dFIXEDMEDIA",
                                "-dPDFFitPage",
                                "-dAdjustWidth=1", /* a fax line: 1728 pixels */
                                "-dMaxStripSize=0",
                                "-dLastPage=201",
                                output,
                                in,
                                NULL};

    snprintf(output, sizeof(output), "-sOutputFile=%s", out);
    return cx_child_run(argv, NULL);
}

static int fax_image_as_it_is(const char *in, const char *out)
{
    /* through a child, so that no damaged file is read by us */
    const char *const argv[] = {"tiffcp", "-c",     "g4", "-f", "lsb2msb",
                                "-r",     "100000", in,   out,  NULL};
    int err = cx_child_run(argv, NULL);

    if (err < 0)
        return err;
    return is_fax_image(out) ? 0 : -EBADMSG;
}

static int convert(enum cx_document kind, const char *in, const char *out, const char *between)
{
    int err;

    switch (kind) {
    case CX_DOC_PDF:
        return to_pixels(in, out);
    case CX_DOC_TIFF:
        err = fax_image_as_it_is(in, out);
        if (err != -EBADMSG)
            return err;
        err = tiff_to_pdf(in, between);
        break;
    case CX_DOC_PNG:
    case CX_DOC_JPEG:
        err = picture_to_pdf(in, between);
        break;
    case CX_DOC_TEXT:
        err = text_to_ps(in, between);
        break;
    default:
        return -EBADMSG;
    }
    return err < 0 ? err : to_pixels(between, out);
}

static enum cx_document kind_of(const char *path)
{
    char head[4096];
    FILE *f = fopen(path, "rbe");
    size_t n = f ? fread(head, 1, sizeof(head), f) : 0;

    if (f)
        fclose(f);
    return cx_document_sniff(head, n);
}

int cx_document_to_fax(const char *in, const char *out, char *why, size_t why_size)
{
    char between[4200], made[4200];
    enum cx_document kind;
    int err;
    unsigned pages;

    if (access(in, R_OK) < 0)
        return -errno;
    kind = kind_of(in);
    if (kind == CX_DOC_UNKNOWN) {
        snprintf(why, why_size, "The document is no PDF, TIFF, PNG, JPEG or plain text");
        return -EBADMSG;
    }
    snprintf(between, sizeof(between), "%s.1", out);
    snprintf(made, sizeof(made), "%s.2", out);
    err = convert(kind, in, made, between);
    unlink(between);
    pages = err == 0 ? cx_document_pages(made) : 0;
    if (err == 0 && pages == 0)
        err = -EBADMSG;
    if (err == 0 && pages > CX_DOC_PAGES_MAX) {
        snprintf(why, why_size, "The document has more than %d pages", CX_DOC_PAGES_MAX);
        unlink(made);
        return -EBADMSG;
    }
    if (err == 0 && rename(made, out) < 0)
        err = -errno;
    if (err < 0) {
        unlink(made);
        snprintf(why, why_size,
                 err == -EBADMSG ? "The document (%s) is damaged or locked" : "The converter: %s",
                 err == -EBADMSG ? cx_document_type(kind) : strerror(-err));
        return err;
    }
    return (int)pages;
}

int cx_document_to_pdf(const char *fax, const char *pdf)
{
    int err = tiff_to_pdf(fax, pdf);

    if (err < 0)
        unlink(pdf);
    return err;
}
