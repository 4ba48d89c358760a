/*
 * doc_type.c - see doc_type.h. SPDX-License-Identifier: GPL-2.0-or-later
 */
#include <string.h>

#include "doc_type.h"

static const struct {
    const char *type, *ending;
} kinds[] = {[CX_DOC_UNKNOWN] = {NULL, ""},
             [CX_DOC_TIFF] = {"image/tiff", ".tif"},
             [CX_DOC_PDF] = {"application/pdf", ".pdf"},
             [CX_DOC_PNG] = {"image/png", ".png"},
             [CX_DOC_JPEG] = {"image/jpeg", ".jpg"},
             [CX_DOC_TEXT] = {"text/plain", ".txt"}};

const char *cx_document_type(enum cx_document kind)
{
    return kinds[kind].type;
}

const char *cx_document_ending(enum cx_document kind)
{
    return kinds[kind].ending;
}

enum cx_document cx_document_sniff(const void *data, size_t size)
{
    static const struct {
        enum cx_document kind;
        size_t len;
        const char *magic;
    } magics[] = {{CX_DOC_TIFF, 4, "II*\0"},
                  {CX_DOC_TIFF, 4, "MM\0*"},
                  {CX_DOC_PDF, 5, "%PDF-"},
                  {CX_DOC_PNG, 8, "\x89PNG\r\n\x1a\n"},
                  {CX_DOC_JPEG, 3, "\xff\xd8\xff"}};
    const unsigned char *text = data;

    for (size_t i = 0; i < sizeof(magics) / sizeof(*magics); i++)
        if (size >= magics[i].len && memcmp(data, magics[i].magic, magics[i].len) == 0)
            return magics[i].kind;
    for (size_t i = 0; i < size; i++)
        if ((text[i] < ' ' && !strchr("\t\n\f\r", text[i])) || text[i] == 0x7f)
            return CX_DOC_UNKNOWN;
    return size ? CX_DOC_TEXT : CX_DOC_UNKNOWN;
}
