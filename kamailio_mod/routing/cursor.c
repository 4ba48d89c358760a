/*
 * cursor.c - see cursor.h.
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include <errno.h>
#include <stddef.h>
#include <string.h>

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>

#include "cursor.h"

#define SIGNATURE_BYTES 16
#define FORM            2 /* of the fields; another program's cursors are refused */

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

/* ---- the fields */

#define FIXED_BYTES (1 + 3 * 16 + 4 + 4 + 4 + 4 + 1 + 5 + 16)
#define PACKED_MAX  1024
#define TEXT(member)                                                                               \
    {                                                                                              \
        offsetof(struct cx_cursor, member), sizeof(((struct cx_cursor *)0)->member)                \
    }

/* Texts follow the fixed fields and the frames in this order: a byte of length, then the bytes. */
static const struct {
    size_t offset, size;
} texts[] = {
    TEXT(dialled),  TEXT(capture),    TEXT(caller_name), TEXT(caller_number),
    TEXT(set_name), TEXT(set_number), TEXT(name_prefix), TEXT(number_prefix),
    TEXT(language), TEXT(alert_info), TEXT(variables),
};
#define TEXTS (sizeof(texts) / sizeof(*texts))

static void put_u32(uint8_t *at, uint32_t v)
{
    for (int i = 0; i < 4; i++)
        at[i] = (uint8_t)(v >> (24 - 8 * i));
}

static uint32_t get_u32(const uint8_t *at)
{
    return (uint32_t)at[0] << 24 | (uint32_t)at[1] << 16 | (uint32_t)at[2] << 8 | at[3];
}

static size_t pack(const struct cx_cursor *c, uint8_t packed[PACKED_MAX])
{
    size_t n = FIXED_BYTES;

    packed[0] = FORM;
    memcpy(packed + 1, c->account.b, 16);
    memcpy(packed + 17, c->callflow.b, 16);
    memcpy(packed + 33, c->caller_device.b, 16);
    put_u32(packed + 49, c->path_hash);
    put_u32(packed + 53, c->node);
    packed[57] = c->from;
    packed[58] = c->forward_hops;
    packed[59] = c->steps;
    packed[60] = c->flags;
    packed[61] = c->record;
    packed[62] = c->record_wav;
    packed[63] = (uint8_t)(c->record_limit_s >> 8);
    packed[64] = (uint8_t)c->record_limit_s;
    packed[65] = c->frame_count <= CX_CURSOR_FRAMES ? c->frame_count : CX_CURSOR_FRAMES;
    packed[66] = c->stage;
    packed[67] = (uint8_t)(c->turn >> 8);
    packed[68] = (uint8_t)c->turn;
    packed[69] = (uint8_t)(c->seed >> 8);
    packed[70] = (uint8_t)c->seed;
    memcpy(packed + 71, c->forward_user.b, 16);
    for (unsigned i = 0; i < packed[65]; i++, n += 20) {
        memcpy(packed + n, c->frames[i].callflow.b, 16);
        put_u32(packed + n + 16, c->frames[i].path_hash);
    }
    for (size_t i = 0; i < TEXTS; i++) {
        const char *text = (const char *)c + texts[i].offset;
        size_t len = strnlen(text, texts[i].size - 1);
        packed[n++] = (uint8_t)len;
        memcpy(packed + n, text, len);
        n += len;
    }
    return n;
}

static bool unpack(const uint8_t *packed, size_t size, struct cx_cursor *c)
{
    size_t n = FIXED_BYTES;

    memcpy(c->account.b, packed + 1, 16);
    memcpy(c->callflow.b, packed + 17, 16);
    memcpy(c->caller_device.b, packed + 33, 16);
    c->path_hash = get_u32(packed + 49);
    c->node = get_u32(packed + 53);
    c->from = packed[57];
    c->forward_hops = packed[58];
    c->steps = packed[59];
    c->flags = packed[60];
    c->record = packed[61];
    c->record_wav = packed[62];
    c->record_limit_s = (uint16_t)(packed[63] << 8 | packed[64]);
    c->frame_count = packed[65];
    c->stage = packed[66];
    c->turn = (uint16_t)(packed[67] << 8 | packed[68]);
    c->seed = (uint16_t)(packed[69] << 8 | packed[70]);
    memcpy(c->forward_user.b, packed + 71, 16);
    if (c->frame_count > CX_CURSOR_FRAMES || size - n < 20u * c->frame_count)
        return false;
    for (unsigned i = 0; i < c->frame_count; i++, n += 20) {
        memcpy(c->frames[i].callflow.b, packed + n, 16);
        c->frames[i].path_hash = get_u32(packed + n + 16);
    }
    for (size_t i = 0; i < TEXTS; i++) {
        size_t len = n < size ? packed[n++] : SIZE_MAX;
        if (len >= texts[i].size || size - n < len)
            return false;
        memcpy((char *)c + texts[i].offset, packed + n, len);
        n += len;
    }
    return n == size;
}

_Static_assert(FIXED_BYTES + 20 * CX_CURSOR_FRAMES + TEXTS + sizeof(struct cx_cursor) -
                       offsetof(struct cx_cursor, dialled) <=
                   PACKED_MAX,
               "a full cursor has room");
_Static_assert((PACKED_MAX + 2) / 3 * 4 + 1 + 22 + 1 <= CX_CURSOR_TEXT_MAX, "and its text, too");

size_t cx_cursor_encode(const struct cx_cursor *c, const uint8_t key[32],
                        char text[CX_CURSOR_TEXT_MAX])
{
    uint8_t packed[PACKED_MAX], signature[SIGNATURE_BYTES];
    size_t size = pack(c, packed), n;

    sign(packed, size, key, signature);
    n = to_base64(packed, size, text);
    text[n++] = '.';
    n += to_base64(signature, sizeof(signature), text + n);
    text[n] = '\0';
    return n;
}

int cx_cursor_decode(struct cx_str text, const uint8_t key[32], struct cx_cursor *c)
{
    uint8_t packed[PACKED_MAX], signature[SIGNATURE_BYTES], expect[SIGNATURE_BYTES];
    const char *dot = text.len ? memchr(text.s, '.', text.len) : NULL;
    int size;

    memset(c, 0, sizeof(*c));
    if (!dot)
        return -EINVAL;
    size = from_base64(text.s, (size_t)(dot - text.s), packed, sizeof(packed));
    if (size < FIXED_BYTES || packed[0] != FORM ||
        from_base64(dot + 1, text.len - (size_t)(dot + 1 - text.s), signature, sizeof(signature)) !=
            SIGNATURE_BYTES)
        return -EINVAL;
    sign(packed, (size_t)size, key, expect);
    if (CRYPTO_memcmp(signature, expect, SIGNATURE_BYTES) != 0)
        return -EBADMSG;
    if (!unpack(packed, (size_t)size, c)) {
        memset(c, 0, sizeof(*c));
        return -EINVAL;
    }
    return 0;
}

void cx_cursor_call(const struct cx_cursor *c, struct cx_call *call)
{
    memset(call, 0, sizeof(*call));
    call->from = (enum cx_caller_kind)c->from;
    call->device = c->caller_device;
    call->forwarded = (c->flags & CX_CURSOR_FORWARDED) != 0;
    call->forward_user = c->forward_user;
    call->keep_caller_id = (c->flags & CX_CURSOR_KEEP_CALLER) != 0;
    call->caller_name = (struct cx_str){c->caller_name, (uint32_t)strlen(c->caller_name)};
    call->caller_number = (struct cx_str){c->caller_number, (uint32_t)strlen(c->caller_number)};
    call->dialled = (struct cx_str){c->dialled, (uint32_t)strlen(c->dialled)};
    call->anonymous = (c->flags & CX_CURSOR_ANONYMOUS) != 0;
    call->forward_hops = c->forward_hops;
}
