/*
 * id.c - see id.h.
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#include "id.h"

void cx_id_new(char id[33])
{
    static const char digits[] = "0123456789abcdef";
    unsigned char bytes[16];

    /* 16 bytes come whole or, before the kernel is seeded at boot, late: never a part
     * (getrandom(2)). */
    if (getrandom(bytes, sizeof(bytes), 0) != (ssize_t)sizeof(bytes))
        abort();
    for (int i = 0; i < 16; i++) {
        id[2 * i] = digits[bytes[i] >> 4];
        id[2 * i + 1] = digits[bytes[i] & 15];
    }
    id[32] = '\0';
}

bool cx_id_is_valid(const char *text)
{
    return text && strlen(text) == 32 && strspn(text, "0123456789abcdef") == 32;
}
