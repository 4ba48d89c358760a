/*
 * fuzz_record.c - descriptions of recording subscriptions: any text is refused or answered, within
 * its bounds. SPDX-License-Identifier: GPL-2.0-or-later
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "media_worker/record_sdp.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    unsigned ports[CX_RECORD_LEGS] = {40000, 40002, 0, 40006, 65534, 1};
    struct cx_record_offer offer;
    char *text = malloc(size + 1), answer[4096];
    int n;

    memcpy(text, data, size);
    text[size] = '\0';
    if (cx_record_offer_read(text, &offer) == 0) {
        if (offer.count == 0 || offer.count > CX_RECORD_LEGS)
            abort();
        n = cx_record_answer(&offer, "127.0.0.1", ports, answer, sizeof(answer));
        if (n >= 0 && (size_t)n != strlen(answer))
            abort();
    }
    free(text);
    return 0;
}
