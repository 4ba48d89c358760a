/*
 * fax_page.h - TIFF pages for tests of fax: made, and compared bit by bit.
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef CX_TEST_FAX_PAGE_H
#define CX_TEST_FAX_PAGE_H

#include <stdint.h>

/* A fax image (1728 wide, fine) of so many pages; each page looks different, and so for each seed.
 */
void fax_pages_make(const char *path, unsigned pages, unsigned rows, uint32_t seed);
/* Pages in the file, -1: it cannot be read. */
int fax_pages_count(const char *path);
/* How many pages at the start of both are equal, pixel by pixel. */
unsigned fax_pages_equal(const char *a, const char *b);

#endif
