/*
 * fuzz_sip.c - the worker's SIP and SDP entry: any datagram may come. What is a message is
 * answered, opens a dialog, and its SDP is negotiated; what is none gets 400 or nothing.
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include <stdlib.h>
#include <string.h>

#include "media_worker/audio/codec.h"
#include "media_worker/sip/dialog.h"
#include "media_worker/sip/message.h"
#include "media_worker/sip/sdp.h"

#define CHECK(what)                                                                                \
    do {                                                                                           \
        if (!(what))                                                                               \
            abort();                                                                               \
    } while (0)

static void sdp_entry(const char *text, size_t len)
{
    static const struct cx_sdp_local local = {"127.0.0.1", 40000, 1, 1};
    struct cx_sdp_stream stream, again;
    struct cx_sdp sdp, back;
    char out[2048];
    int n;

    if (cx_sdp_parse(text, len, &sdp) < 0)
        return;
    CHECK(sdp.line_count <= CX_SDP_LINES);
    for (unsigned i = 0; i < sdp.line_count; i++)
        CHECK(sdp.lines[i].format_count <= CX_SDP_FORMATS);
    if (cx_sdp_negotiate(&sdp, NULL, &stream) < 0)
        return;
    CHECK(stream.line < sdp.line_count && stream.codec < CX_CODECS);
    n = cx_sdp_answer(&sdp, &stream, &local, out, sizeof(out));
    /* what we answer can be read, and says the same */
    CHECK(n > 0 && cx_sdp_parse(out, (size_t)n, &back) == 0);
    CHECK(back.line_count == sdp.line_count && back.lines[stream.line].port == 40000);
    CHECK(cx_sdp_negotiate(&sdp, &stream, &again) == 0 && again.codec == stream.codec);
    CHECK(cx_sdp_offer(&stream, &local, out, sizeof(out)) > 0);
}

static void request(const osip_message_t *m)
{
    static char out[65536];
    struct cx_text text = {out, sizeof(out), 0};
    struct cx_dialog dialog;
    osip_body_t *body = osip_list_get(&m->bodies, 0);

    cx_sip_response(m, 200, "OK", "tag", "X: y\r\n", NULL, &text);
    cx_sip_header(m, "x-centrex-service");
    cx_sip_has_token(m, "supported", "timer");
    if (body && body->body)
        sdp_entry(body->body, body->length);
    if (cx_dialog_init(&dialog, m) < 0)
        return;
    text.len = 0;
    cx_dialog_request(&dialog, "BYE", 0, "127.0.0.1:5070", NULL, NULL, &text);
    cx_dialog_owns(&dialog, m);
    cx_dialog_refresh(&dialog, m);
    cx_dialog_close(&dialog);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static bool ready;
    osip_event_t *event;
    char *copy, out[2048];
    int n;

    if (!ready)
        cx_sip_parser_init();
    ready = true;
    copy = malloc(size + 1);
    CHECK(copy);
    memcpy(copy, data, size);
    copy[size] = '\0'; /* as transport.c does */
    sdp_entry(copy, size);
    if (cx_sip_parse(copy, size, &event) == 0) {
        if (MSG_IS_REQUEST(event->sip))
            request(event->sip);
        osip_event_free(event);
    } else {
        CHECK(!event);
        n = cx_sip_bad_request(copy, size, 400, "Bad Request", out, sizeof(out));
        CHECK(n < (int)sizeof(out));
        CHECK(n < 0 || (memcmp(out, "SIP/2.0 400", 11) == 0 && strstr(out, "\r\n\r\n")));
    }
    free(copy);
    return 0;
}
