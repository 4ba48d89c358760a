/*
 * cursor.c - see cursor.h.
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include <errno.h>
#include <string.h>

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>

#include "cursor.h"

#define SIGNATURE_BYTES 16
#define FORM            1 /* of the fields; another program's cursors are refused */

static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

static size_t to_base64(const uint8_t *in, size_t n, char *out)
{
    size_t k = 0;

    for (size_t i = 0; i < n; i += 3) {
        uint32_t v = (uint32_t)in[i] << 16 | (i + 1 < n ? (uint32_t)in[i + 1] << 8 : 0) |
                     (i + 2 < n ? in[i + 2] : 0);
        size_t left = n - i >= 3 ? 4 : n - i + 1;
        for (size_t c = 0; c < left; c++)
            out[k++] = alphabet[v >> (18 - 6 * c) & 63];
    }
    return k;
}

/* Number of bytes, or -1. */
static int from_base64(const char *in, size_t n, uint8_t *out, size_t room)
{
    uint32_t v = 0;
    unsigned bits = 0;
    size_t k = 0;

    for (size_t i = 0; i < n; i++) {
        const char *p = in[i] ? memchr(alphabet, in[i], 64) : NULL;
        if (!p)
            return -1;
        v = v << 6 | (uint32_t)(p - alphabet);
        bits += 6;
        if (bits >= 8) {
            bits -= 8;
            if (k >= room)
                return -1;
            out[k++] = (uint8_t)(v >> bits);
        }
    }
    return (int)k;
}

static void sign(const uint8_t *data, size_t n, const uint8_t key[32], uint8_t out[SIGNATURE_BYTES])
{
    uint8_t mac[EVP_MAX_MD_SIZE];
    unsigned len = 0;

    HMAC(EVP_sha256(), key, 32, data, n, mac, &len);
    memcpy(out, mac, SIGNATURE_BYTES);
}

static void put_u32(uint8_t *at, uint32_t v)
{
    for (int i = 0; i < 4; i++)
        at[i] = (uint8_t)(v >> (24 - 8 * i));
}

static uint32_t get_u32(const uint8_t *at)
{
    return (uint32_t)at[0] << 24 | (uint32_t)at[1] << 16 | (uint32_t)at[2] << 8 | at[3];
}

#define PACKED_BYTES (1 + 3 * 16 + 4 + 4 + 4)

size_t cx_cursor_encode(const struct cx_cursor *c, const uint8_t key[32],
                        char text[CX_CURSOR_TEXT_MAX])
{
    uint8_t packed[PACKED_BYTES] = {FORM}, signature[SIGNATURE_BYTES];
    size_t n;

    memcpy(packed + 1, c->account.b, 16);
    memcpy(packed + 17, c->callflow.b, 16);
    memcpy(packed + 33, c->caller_device.b, 16);
    put_u32(packed + 49, c->path_hash);
    put_u32(packed + 53, c->node);
    packed[57] = c->from;
    packed[58] = c->forward_hops;
    packed[59] = c->steps;
    packed[60] = c->flags;
    sign(packed, sizeof(packed), key, signature);
    n = to_base64(packed, sizeof(packed), text);
    text[n++] = '.';
    n += to_base64(signature, sizeof(signature), text + n);
    text[n] = '\0';
    return n;
}

int cx_cursor_decode(struct cx_str text, const uint8_t key[32], struct cx_cursor *c)
{
    uint8_t packed[PACKED_BYTES], signature[SIGNATURE_BYTES], expect[SIGNATURE_BYTES];
    const char *dot = text.len ? memchr(text.s, '.', text.len) : NULL;

    memset(c, 0, sizeof(*c));
    if (!dot ||
        from_base64(text.s, (size_t)(dot - text.s), packed, sizeof(packed)) != PACKED_BYTES ||
        from_base64(dot + 1, text.len - (size_t)(dot + 1 - text.s), signature, sizeof(signature)) !=
            SIGNATURE_BYTES ||
        packed[0] != FORM)
        return -EINVAL;
    sign(packed, sizeof(packed), key, expect);
    if (CRYPTO_memcmp(signature, expect, SIGNATURE_BYTES) != 0)
        return -EBADMSG;
    memcpy(c->account.b, packed + 1, 16);
    memcpy(c->callflow.b, packed + 17, 16);
    memcpy(c->caller_device.b, packed + 33, 16);
    c->path_hash = get_u32(packed + 49);
    c->node = get_u32(packed + 53);
    c->from = packed[57];
    c->forward_hops = packed[58];
    c->steps = packed[59];
    c->flags = packed[60];
    return 0;
}
