/*
 * branch.c - see branch.h.
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include <stdio.h>
#include <string.h>

#include "core/data_lump.h"
#include "core/dset.h"

#include "branch.h"
#include "context.h"
#include "cursor_key.h"
#include "inside.h"
#include "legs.h"
#include "routing/cursor.h"
#include "snapshot.h"
#include "tm_api.h"

int cx_branch_add(struct sip_msg *msg, struct cx_str uri, const char *ruid)
{
    str u = {(char *)uri.s, (int)uri.len}, r = {(char *)ruid, (int)strlen(ruid)};

    return ksr_push_branch(msg, &u, NULL, NULL, Q_UNSPECIFIED, 0, NULL, NULL, 0, &r, NULL) ? 1 : 0;
}

static void add_header(struct sip_msg *msg, const char *text, int len)
{
    struct lump *anchor = anchor_lump(msg, msg->unparsed - msg->buf, 0, HDR_OTHER_T);
    char *copy;

    if (!anchor || len <= 0 || !(copy = pkg_malloc((size_t)len)))
        return;
    memcpy(copy, text, (size_t)len);
    if (!insert_new_lump_before(anchor, copy, len, HDR_OTHER_T))
        pkg_free(copy);
}

/* A display name as quoted-string (RFC 3261 25.1): control characters out, quotes and backslashes
 * escaped. */
static int quote(char *to, size_t size, const char *name)
{
    size_t n = 0;

    to[n++] = '"';
    for (; *name && n + 3 < size; name++) {
        if ((unsigned char)*name < 0x20 || *name == 0x7f)
            continue;
        if (*name == '"' || *name == '\\')
            to[n++] = '\\';
        to[n++] = *name;
    }
    to[n++] = '"';
    to[n] = '\0';
    return (int)n;
}

/* The user part of a SIP URI takes these without escapes; a caller ID never needs others. */
static void clean_number(char *to, size_t size, const char *number)
{
    size_t n = 0;

    for (; *number && n + 1 < size; number++)
        if (strchr("0123456789+*#-_.!~'()&=$,;?/", *number) || (*number >= 'a' && *number <= 'z') ||
            (*number >= 'A' && *number <= 'Z'))
            to[n++] = *number;
    to[n] = '\0';
}

static void show_caller(struct sip_msg *msg, const struct cx_context *ctx, struct cx_str realm)
{
    char display[160], uri[256], number[64], header[512];
    str d = {display, 0}, u = {uri, 0};

    clean_number(number, sizeof(number), ctx->show_number);
    if (ctx->privacy || number[0] == '\0') { /* RFC 3323 4.1.1.3 */
        d.len = sprintf(display, "\"Anonymous\"");
        u.len = sprintf(uri, "sip:anonymous@anonymous.invalid");
    } else {
        d.len = quote(display, sizeof(display), ctx->show_name);
        u.len = snprintf(uri, sizeof(uri), "sip:%s@%.*s", number, (int)realm.len, realm.s);
    }
    if (d.len == 2)
        d.len = 0;
    cx_uac.replace_from(msg, &d, &u);
    if (ctx->kind == CX_STEP_OUTBOUND && number[0])
        add_header(msg, header,
                   snprintf(header, sizeof(header), "P-Asserted-Identity: <sip:%s@%.*s>\r\n%s",
                            number, (int)realm.len, realm.s,
                            ctx->privacy ? "Privacy: id\r\n" : ""));
    if (ctx->diversion[0] && ctx->kind == CX_STEP_OUTBOUND) {
        clean_number(number, sizeof(number), ctx->diversion);
        add_header(msg, header,
                   snprintf(header, sizeof(header),
                            "Diversion: <sip:%s@%.*s>;reason=unconditional\r\n", number,
                            (int)realm.len, realm.s));
    }
}

static void tell_worker(struct sip_msg *msg, const struct cx_context *ctx, const char *service,
                        const char *params)
{
    char account[33], interaction[33], cursor[CX_CURSOR_TEXT_MAX],
        header[CX_CURSOR_TEXT_MAX + CX_STEP_PARAMS_MAX + 300];

    cx_id_format(ctx->in_account, account);
    cx_id_format(ctx->interaction, interaction);
    cx_cursor_encode(&ctx->cursor, cx_cursor_key, cursor);
    add_header(
        msg, header,
        snprintf(header, sizeof(header),
                 "X-Centrex-Account: %s\r\nX-Centrex-Call: %s\r\nX-Centrex-Service: %s%s%s\r\n"
                 "X-Centrex-Cursor: %s\r\n",
                 account, interaction, service, params[0] ? ";" : "", params, cursor));
}

/* What the leg's branch carries beside the caller ID. */
static void tell_leg(struct sip_msg *msg, struct cx_context *ctx)
{
    const int i = cx_leg_of(ctx, cx_str_of(msg->ruid));
    char ticket[CX_TICKET_MAX], header[CX_TICKET_MAX + 32];
    const struct cx_leg *leg = i >= 0 ? &ctx->legs[i] : NULL;
    const char *tone = ctx->alert_info[0] ? ctx->alert_info : leg ? leg->ringtone : "";

    unsigned stage, number = 0;
    char ruid[24];

    CX_COPY(ruid, cx_str_of(msg->ruid));
    const bool picks_up = sscanf(ruid, "cx%u.%u", &stage, &number) == 2 && number == CX_LEG_PICKUP;

    if (tone[0] && strpbrk(tone, "\r\n") == NULL)
        add_header(msg, header, snprintf(header, sizeof(header), "Alert-Info: %s\r\n", tone));
    if (ctx->auto_answer ||
        picks_up) /* draft-ietf-sip-answermode's older brother, which phones know */
        add_header(
            msg, header,
            snprintf(header, sizeof(header), "Call-Info: <sip:localhost>;answer-after=0\r\n"));
    if (!leg || (leg->kind != CX_LEG_FORWARD && leg->kind != CX_LEG_CONFIRM))
        return;
    (void)cx_inside_ticket(ctx, leg, ticket);
    add_header(msg, header, snprintf(header, sizeof(header), "X-Centrex-Forward: %s\r\n", ticket));
    if (leg->kind == CX_LEG_CONFIRM)
        tell_worker(msg, ctx, "confirm", cx_leg_confirm(msg, ctx, leg));
}

int cx_branch(struct sip_msg *msg)
{
    struct cx_context *ctx = cx_context_get();
    const struct cx_image *image;
    char header[400];

    if (!ctx)
        return 1;
    cx_snapshot_enter();
    image = cx_snapshot_by_id(ctx->in_account);
    if (image)
        show_caller(msg, ctx, cx_image_realm(image));
    cx_snapshot_leave();
    if (ctx->kind == CX_STEP_SERVICE)
        tell_worker(msg, ctx, ctx->service, ctx->params);
    else if (ctx->kind == CX_STEP_PICKUP && ctx->replaces[0])
        add_header(msg, header,
                   snprintf(header, sizeof(header), "Replaces: %s\r\n", ctx->replaces));
    else
        tell_leg(msg, ctx);
    return 1;
}
