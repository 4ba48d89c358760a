/*
 * fax_page.c - see fax_page.h. SPDX-License-Identifier: GPL-2.0-or-later
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <tiffio.h>

#include "tests/unit/fax_page.h"

enum { WIDTH = 1728, ROW = WIDTH / 8 };

static uint32_t next(uint32_t *seed)
{
    *seed ^= *seed << 13;
    *seed ^= *seed >> 17;
    *seed ^= *seed << 5;
    return *seed;
}

/* Boxes and strokes, like print: noise would compress to nothing that a fax ever sends. */
static void draw(uint8_t *row, unsigned y, unsigned page, uint32_t seed)
{
    uint32_t random = (seed + 1) * 2654435761u + y / 7 * 97 + page * 131;

    memset(row, 0, ROW);
    for (unsigned i = 0; i < 12; i++) {
        unsigned at = next(&random) % (ROW - 8), width = next(&random) % 6 + 1;
        if (y % 31 < 20)
            memset(row + at, y % 3 ? 0xff : 0x5a, width);
    }
}

void fax_pages_make(const char *path, unsigned pages, unsigned rows, uint32_t seed)
{
    TIFF *t = TIFFOpen(path, "w");
    uint8_t row[ROW];

    if (!t)
        abort();
    for (unsigned p = 0; p < pages; p++) {
        TIFFSetField(t, TIFFTAG_SUBFILETYPE, FILETYPE_PAGE);
        TIFFSetField(t, TIFFTAG_IMAGEWIDTH, WIDTH);
        TIFFSetField(t, TIFFTAG_IMAGELENGTH, rows);
        TIFFSetField(t, TIFFTAG_BITSPERSAMPLE, 1);
        TIFFSetField(t, TIFFTAG_SAMPLESPERPIXEL, 1);
        TIFFSetField(t, TIFFTAG_ROWSPERSTRIP, rows);
        TIFFSetField(t, TIFFTAG_COMPRESSION, COMPRESSION_CCITTFAX4);
        TIFFSetField(t, TIFFTAG_PHOTOMETRIC, PHOTOMETRIC_MINISWHITE);
        TIFFSetField(t, TIFFTAG_FILLORDER, FILLORDER_LSB2MSB);
        TIFFSetField(t, TIFFTAG_RESOLUTIONUNIT, RESUNIT_INCH);
        TIFFSetField(t, TIFFTAG_XRESOLUTION, 204.0);
        TIFFSetField(t, TIFFTAG_YRESOLUTION, 196.0);
        TIFFSetField(t, TIFFTAG_PAGENUMBER, p, pages);
        for (unsigned y = 0; y < rows; y++) {
            draw(row, y, p, seed);
            TIFFWriteScanline(t, row, y, 0);
        }
        TIFFWriteDirectory(t);
    }
    TIFFClose(t);
}

int fax_pages_count(const char *path)
{
    TIFF *t = TIFFOpen(path, "r");
    int n;

    if (!t)
        return -1;
    n = (int)TIFFNumberOfDirectories(t);
    TIFFClose(t);
    return n;
}

static int same_page(TIFF *a, TIFF *b)
{
    uint32_t wa = 0, wb = 0, ha = 0, hb = 0;
    uint16_t pa = 0, pb = 0;
    int same = 1;

    TIFFGetField(a, TIFFTAG_IMAGEWIDTH, &wa);
    TIFFGetField(b, TIFFTAG_IMAGEWIDTH, &wb);
    TIFFGetField(a, TIFFTAG_IMAGELENGTH, &ha);
    TIFFGetField(b, TIFFTAG_IMAGELENGTH, &hb);
    TIFFGetField(a, TIFFTAG_PHOTOMETRIC, &pa);
    TIFFGetField(b, TIFFTAG_PHOTOMETRIC, &pb);
    if (wa != WIDTH || wb != WIDTH || ha != hb)
        return 0;
    for (uint32_t y = 0; same && y < ha; y++) {
        uint8_t ra[ROW], rb[ROW];
        if (TIFFReadScanline(a, ra, y, 0) < 0 || TIFFReadScanline(b, rb, y, 0) < 0)
            return 0;
        for (unsigned i = 0; i < ROW; i++)
            same &= ra[i] == (pa == pb ? rb[i] : (uint8_t)~rb[i]);
    }
    return same;
}

unsigned fax_pages_equal(const char *path_a, const char *path_b)
{
    TIFF *a = TIFFOpen(path_a, "r"), *b = TIFFOpen(path_b, "r");
    unsigned n = 0;

    while (a && b && same_page(a, b)) {
        n++;
        if (!TIFFReadDirectory(a) || !TIFFReadDirectory(b))
            break;
    }
    if (a)
        TIFFClose(a);
    if (b)
        TIFFClose(b);
    return n;
}
