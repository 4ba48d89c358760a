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

#include "../../db/doc_type.h"

enum { CX_DOC_PAGES_MAX = 200 };

/* Makes the fax image OUT (a TIFF of G4 pages, 204 x 196 dpi; one that is a fax image already keeps
 * its pixels) of the document IN. Intermediate files are OUT.1 and OUT.2. Pages, or -errno; why
 * says what is wrong with the document, for people. -EBADMSG: nothing can be made of it, ever. */
int cx_document_to_fax(const char *in, const char *out, char *why, size_t why_size);
/* The PDF of a fax image. 0, -EBADMSG, -errno. */
int cx_document_to_pdf(const char *fax, const char *pdf);
/* Pages of a fax image that are whole; 0: none, or no such file. */
unsigned cx_document_pages(const char *fax);

#endif
