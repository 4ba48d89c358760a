/*
 * fuzz_tzfile.c - any bytes as a time zone file and as its closing rule: refused, or a zone that
 * can be asked. SPDX-License-Identifier: GPL-2.0-or-later
 */
#include <stdlib.h>

#include "kamailio_mod/routing/tzfile.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct cx_tz tz;
    struct cx_zone_rule rule;

    if (cx_tz_parse(data, size, &tz) == 0)
        for (int64_t t = 0; t < 4294967295; t += 86413 * 97)
            if (abs(cx_zone_offset(&tz.zone, t)) > 26 * 3600)
                abort();
    if (cx_tz_rule((const char *)data, size, &rule)) {
        struct cx_zone zone = {.rule = rule};
        for (int64_t t = 0; t < 4294967295; t += 86413 * 97)
            cx_zone_offset(&zone, t);
    }
    return 0;
}
