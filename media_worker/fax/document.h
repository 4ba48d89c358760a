/*
 * document.h - documents to fax images and back: TIFF, PDF, pictures and text, by the programs that
 * do this best (ghostscript, libtiff's tools, img2pdf, paps), each a child with limits on its time
 * and memory. Never in the worker's loop: these functions wait.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef CX_FAX_DOCUMENT_H
#define CX_FAX_DOCUMENT_H

#include <stddef.h>

enum cx_document { CX_DOC_UNKNOWN, CX_DOC_TIFF, CX_DOC_PDF, CX_DOC_PNG, CX_DOC_JPEG, CX_DOC_TEXT };

enum { CX_DOC_PAGES_MAX = 200 };

/* What a document is, by its first bytes (512 are enough; text: all are looked at). */
enum cx_document cx_document_sniff(const void *data, size_t size);
const char *cx_document_type(enum cx_document kind);   /* "image/tiff"; unknown: NULL */
const char *cx_document_ending(enum cx_document kind); /* ".tif" */

/* Makes the fax image OUT (a TIFF of G4 pages, 204 x 196 dpi; one that is a fax image already keeps
 * its pixels) of the document IN. Intermediate files are OUT.1 and OUT.2. Pages, or -errno; why
 * says what is wrong with the document, for people. -EBADMSG: nothing can be made of it, ever. */
int cx_document_to_fax(const char *in, const char *out, char *why, size_t why_size);
/* The PDF of a fax image. 0, -EBADMSG, -errno. */
int cx_document_to_pdf(const char *fax, const char *pdf);
/* Pages of a fax image that are whole; 0: none, or no such file. */
unsigned cx_document_pages(const char *fax);

#endif
