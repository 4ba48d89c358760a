/*
 * fuzz_compile.c - any bytes as a callflow, a pattern, a caller ID: compiled or refused with a
 * reason, and what compiled routes. SPDX-License-Identifier: GPL-2.0-or-later
 */
#include <stdlib.h>
#include <string.h>

#include "kamailio_mod/routing/pattern.h"
#include "tests/fuzz/sample.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void as_pattern(const char *text)
{
    uint32_t code[CX_PATTERN_CODE_MAX];
    struct cx_str capture;
    const char *why;
    int n = cx_pattern_compile(text, code, CX_PATTERN_CODE_MAX, &why);

    if (n < 0)
        return;
    if (!cx_pattern_check(code, (size_t)n))
        abort(); /* what we compile, we run */
    cx_pattern_run(code, (size_t)n, sample_z("+35315550100"), &capture);
    cx_pattern_run(code, (size_t)n, sample_z("*72aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"),
                   &capture);
}

static void as_document(const char *text, unsigned where)
{
    struct cx_env env = {.registered = sample_registered};
    struct cx_account_rows rows;
    struct cx_compile_error error;
    struct cx_image *image;
    static struct cx_step step;

    struct cx_row_document document;

    sample_rows(&rows);
    if (where % 16 >= 6) { /* any bytes as a document of any kind */
        struct cx_row_documents *of = &rows.documents[where % 16 % CX_DOCUMENT_KINDS];
        if (of->count == 0)
            return;
        document = of->items[0];
        document.doc = text;
        *of = (struct cx_row_documents){&document, 1};
    }
    switch (where % 16) {
    case 0:
        rows.callflows[1].flow = text;
        break;
    case 1:
        rows.account.caller_id = text;
        break;
    case 2:
        rows.users[0].call_restriction = text;
        break;
    case 3:
        rows.devices[1].hotdesk = text;
        break;
    case 4:
        rows.resources[0].rules = text;
        break;
    case 5:
        rows.account.doc = text;
        break;
    default:
        break;
    }
    if (cx_compile(&rows, &image, &error) < 0) {
        if (!error.message[0])
            abort(); /* refused without a word */
        return;
    }
    struct cx_call call = sample_call("202");
    cx_route(image, image, &env, &call, &step);
    call = sample_call("300");
    cx_route(image, image, &env, &call, &step);
    cx_route_dial(image, image, &env, &call, &step.cursor, sample_z("202"), &step);
    free(image);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char *text;

    if (size < 2 || size > 20000)
        return 0;
    text = malloc(size);
    memcpy(text, data + 1, size - 1);
    text[size - 1] = '\0';
    if (data[0] & 1)
        as_pattern(text);
    else
        as_document(text, data[0] >> 1);
    free(text);
    return 0;
}
