/*
 * addresses.c - see addresses.h.
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "addresses.h"

struct network {
    unsigned char bytes[16];
    int size, bits; /* bytes of an address; leading bits that count */
};

static bool parse(const char *text, struct network *to)
{
    char address[64], *end;
    size_t n = strcspn(text, "/");

    if (n == 0 || n >= sizeof(address))
        return false;
    snprintf(address, sizeof(address), "%.*s", (int)n, text);
    if (inet_pton(AF_INET, address, to->bytes) == 1)
        to->size = 4;
    else if (inet_pton(AF_INET6, address, to->bytes) == 1)
        to->size = 16;
    else
        return false;
    to->bits = to->size * 8;
    if (!text[n])
        return true;
    if (text[n + 1] < '0' || text[n + 1] > '9')
        return false;
    to->bits = (int)strtol(text + n + 1, &end, 10);
    return !*end && to->bits <= to->size * 8;
}

bool cx_cidr_is_valid(const char *text)
{
    struct network network;

    return parse(text, &network);
}

bool cx_cidr_has(const char *cidr, const char *address)
{
    struct network network, one;

    if (!parse(cidr, &network) || !parse(address, &one) || network.size != one.size)
        return false;
    for (int i = 0; i < network.bits; i++)
        if ((network.bytes[i / 8] ^ one.bytes[i / 8]) & 0x80 >> i % 8)
            return false;
    return true;
}

bool cx_address_allowed(const json_t *list, const char *address)
{
    const char *order = json_string_value(json_object_get(list, "order"));
    json_t *cidr, *cidrs = json_object_get(list, "cidrs");
    bool named = false;
    size_t i;

    if (!order || json_array_size(cidrs) == 0)
        return true;
    json_array_foreach(cidrs, i, cidr)
    {
        if (json_is_string(cidr) && cx_cidr_has(json_string_value(cidr), address))
            named = true;
    }
    return strcmp(order, "allow,deny") == 0 ? named : !named;
}
