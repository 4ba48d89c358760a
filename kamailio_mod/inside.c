/*
 * inside.c - see inside.h.
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>

#include "core/ip_addr.h"

#include "cdr.h"
#include "cursor_key.h"
#include "inside.h"
#include "routing/cursor.h"
#include "snapshot.h"

#define TICKET_LIFE_MS 600000
#define SIGNATURE      32 /* hex digits */

struct cx_str cx_header(const struct sip_msg *msg, const char *name)
{
    const int len = (int)strlen(name);

    for (const struct hdr_field *h = msg->headers; h; h = h->next)
        if (h->name.len == len && strncasecmp(h->name.s, name, (size_t)len) == 0)
            return cx_str_of(h->body);
    return (struct cx_str){0};
}

/* ---- values: percent-encoded, after "name=", up to ';' */

static void encode(char *to, size_t size, const char *text)
{
    size_t n = 0;

    for (; *text && n + 4 < size; text++) {
        const unsigned char c = (unsigned char)*text;
        if (isalnum(c) || strchr("-.!*_+'~", c))
            to[n++] = (char)c;
        else
            n += (size_t)snprintf(to + n, 4, "%%%02X", c);
    }
    to[n] = '\0';
}

static int nibble(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    c = (char)(c | 0x20);
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* False: absent. Cut when too long; a NUL or a bad escape ends it. */
static bool value_of(struct cx_str text, const char *name, char *to, size_t size)
{
    const size_t len = strlen(name);
    const char *at = text.s, *end = text.s + text.len;
    size_t n = 0;

    while (at < end) {
        const char *stop = memchr(at, ';', (size_t)(end - at));
        if (!stop)
            stop = end;
        if ((size_t)(stop - at) > len && memcmp(at, name, len) == 0 && at[len] == '=') {
            for (at += len + 1; at < stop && n + 1 < size; at++) {
                char c = *at;
                if (c == '%') {
                    if (stop - at < 3 || nibble(at[1]) < 0 || nibble(at[2]) < 0)
                        break;
                    c = (char)(nibble(at[1]) << 4 | nibble(at[2]));
                    at += 2;
                }
                if (c == '\0')
                    break;
                to[n++] = c;
            }
            to[n] = '\0';
            return true;
        }
        at = stop + 1;
    }
    to[0] = '\0';
    return false;
}

bool cx_inside_wish(const struct sip_msg *msg, struct cx_wish *wish)
{
    static const char tag[] = "continue";
    const struct cx_str text = msg ? cx_header(msg, "X-Centrex-Outcome") : (struct cx_str){0};

    if (text.len < sizeof(tag) - 1 || memcmp(text.s, tag, sizeof(tag) - 1) != 0)
        return false;
    (void)value_of(text, "key", wish->key, sizeof(wish->key));
    (void)value_of(text, "dial", wish->dial, sizeof(wish->dial));
    if (strcmp(wish->key, "_") == 0)
        wish->key[0] = '\0';
    return true;
}

/* ---- the ticket of a forwarded leg */

static void sign(const char *text, size_t len, char out[SIGNATURE + 1])
{
    unsigned char mac[EVP_MAX_MD_SIZE];
    unsigned size = 0;

    HMAC(EVP_sha256(), cx_cursor_key, sizeof(cx_cursor_key), (const unsigned char *)text, len, mac,
         &size);
    for (unsigned i = 0; i < SIGNATURE / 2; i++)
        snprintf(out + 2 * i, 3, "%02x", mac[i]);
}

int cx_inside_ticket(const struct cx_context *ctx, const struct cx_leg *leg,
                     char text[CX_TICKET_MAX])
{
    char account[33], user[33], device[33], call[33], name[160], number[120], to[120];
    char signature[SIGNATURE + 1];
    int n;

    cx_id_format(ctx->in_account, account);
    cx_id_format(leg->owner, user);
    cx_id_format(leg->device, device);
    cx_id_format(ctx->interaction, call);
    encode(name, sizeof(name), ctx->show_name);
    encode(number, sizeof(number), ctx->show_number);
    encode(to, sizeof(to), leg->text);
    n = snprintf(text, CX_TICKET_MAX - SIGNATURE - 8,
                 "account=%s;user=%s;device=%s;call=%s;hops=%u;keep=%d;hide=%d;to=%s;name=%s;"
                 "number=%s;at=%lld",
                 account, user, device, call, ctx->hops + 1u, leg->keep_caller_id, ctx->privacy, to,
                 name, number, (long long)(cx_now_ms() / 1000));
    sign(text, (size_t)n, signature);
    return n + sprintf(text + n, ";sig=%s", signature);
}

/* The signed part of a ticket, empty when the signature is not ours or too old. */
static struct cx_str opened(struct cx_str ticket)
{
    static const char tag[] = ";sig=";
    const size_t tail = sizeof(tag) - 1 + SIGNATURE;
    char expect[SIGNATURE + 1], at[24];
    struct cx_str text = {ticket.s, ticket.len > tail ? ticket.len - (uint32_t)tail : 0};

    if (text.len == 0 || memcmp(text.s + text.len, tag, sizeof(tag) - 1) != 0)
        return (struct cx_str){0};
    sign(text.s, text.len, expect);
    if (CRYPTO_memcmp(text.s + text.len + sizeof(tag) - 1, expect, SIGNATURE) != 0)
        return (struct cx_str){0};
    (void)value_of(text, "at", at, sizeof(at));
    return cx_now_ms() - atoll(at) * 1000 < TICKET_LIFE_MS ? text : (struct cx_str){0};
}

static struct cx_id id_in(struct cx_str text, const char *name)
{
    struct cx_id id = {{0}};
    char hex[33];

    if (value_of(text, name, hex, sizeof(hex)) && !cx_id_parse(hex, strlen(hex), &id))
        memset(&id, 0, sizeof(id));
    return id;
}

static bool is_own_socket(const struct sip_msg *msg)
{
    return msg->rcv.src_port == msg->rcv.dst_port &&
           ip_addr_cmp((struct ip_addr *)&msg->rcv.src_ip, (struct ip_addr *)&msg->rcv.dst_ip);
}

bool cx_inside(struct sip_msg *msg)
{
    struct cx_cursor cursor;
    struct cx_source *s;
    struct cx_str text;

    if (parse_headers(msg, HDR_EOH_F, 0) < 0)
        return false;
    text = cx_header(msg, "X-Centrex-Forward");
    if (text.len) {
        text = opened(text);
        if (text.len == 0)
            return false;
        s = cx_source_new(msg);
        s->from = CX_FROM_DEVICE;
        s->inside = is_own_socket(msg) ? CX_INSIDE_LOOP : CX_INSIDE_FORWARD;
        s->account = id_in(text, "account");
        s->device = id_in(text, "device");
        s->owner = id_in(text, "user");
        return true;
    }
    if (cx_cursor_decode(cx_header(msg, "X-Centrex-Cursor"), cx_cursor_key, &cursor) < 0)
        return false;
    s = cx_source_new(msg);
    s->from = (enum cx_caller_kind)cursor.from;
    s->inside = CX_INSIDE_CONTINUE;
    s->account = cursor.account;
    s->device = cursor.caller_device;
    return true;
}

static bool take_forward(struct sip_msg *msg, struct cx_context *ctx)
{
    const struct cx_str text = opened(cx_header(msg, "X-Centrex-Forward"));
    char value[8], to[128];

    if (text.len == 0)
        return false;
    (void)value_of(text, "to", to, sizeof(to));
    if (strcmp(to, ctx->dialled) != 0)
        return false; /* signed for another number */
    (void)value_of(text, "name", ctx->caller_name, sizeof(ctx->caller_name));
    (void)value_of(text, "number", ctx->caller_number, sizeof(ctx->caller_number));
    (void)value_of(text, "hops", value, sizeof(value));
    ctx->hops = (uint8_t)atoi(value);
    (void)value_of(text, "keep", value, sizeof(value));
    ctx->keep_caller_id = value[0] == '1';
    (void)value_of(text, "hide", value, sizeof(value));
    ctx->anonymous = value[0] == '1';
    ctx->forwarder = id_in(text, "user");
    ctx->interaction = id_in(text, "call");
    return ctx->hops <= CX_HOPS_MAX;
}

static bool take_cursor(struct sip_msg *msg, struct cx_context *ctx)
{
    const struct cx_str call = cx_header(msg, "X-Centrex-Call");
    struct cx_cursor *cursor = &ctx->cursor;
    struct cx_image_device device;
    const struct cx_image *image;

    if (cx_cursor_decode(cx_header(msg, "X-Centrex-Cursor"), cx_cursor_key, cursor) < 0)
        return false;
    if (call.len == 32)
        (void)cx_id_parse(call.s, call.len, &ctx->interaction);
    memcpy(ctx->dialled, cursor->dialled, sizeof(cursor->dialled));
    memcpy(ctx->caller_name, cursor->caller_name, sizeof(cursor->caller_name));
    memcpy(ctx->caller_number, cursor->caller_number, sizeof(cursor->caller_number));
    ctx->anonymous = (cursor->flags & CX_CURSOR_ANONYMOUS) != 0;
    ctx->hops = cursor->forward_hops;
    image = cx_snapshot_by_id(cursor->account);
    if (image && cx_image_device_by_id(image, cursor->caller_device, &device))
        ctx->caller_owner = device.owner;
    return true;
}

bool cx_inside_take(struct sip_msg *msg, struct cx_context *ctx)
{
    return ctx->inside == CX_INSIDE_CONTINUE ? take_cursor(msg, ctx) : take_forward(msg, ctx);
}
