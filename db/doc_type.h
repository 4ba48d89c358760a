/*
 * doc_type.h - what a document is that somebody wants to fax, by its first bytes. Pure.
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef CX_DB_DOC_TYPE_H
#define CX_DB_DOC_TYPE_H

#include <stddef.h>

enum cx_document { CX_DOC_UNKNOWN, CX_DOC_TIFF, CX_DOC_PDF, CX_DOC_PNG, CX_DOC_JPEG, CX_DOC_TEXT };

/* 512 bytes are enough; text: all are looked at. */
enum cx_document cx_document_sniff(const void *data, size_t size);
const char *cx_document_type(enum cx_document kind);   /* "image/tiff"; unknown: NULL */
const char *cx_document_ending(enum cx_document kind); /* ".tif" */

#endif
