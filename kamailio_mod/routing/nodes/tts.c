/*
 * tts.c - callflow module "tts": a spoken text. data: text, voice, language, endless_playback.
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "nodes.h"

#define TEXT_MAX                                                                                   \
    1500 /* bytes as a parameter, percent-encoded: 1,000 characters of most languages */

static size_t encoded_bytes(const char *text)
{
    size_t n = 0;

    for (; *text; text++)
        n += isalnum((unsigned char)*text) ? 1 : 3;
    return n;
}

static bool is_word(const char *text)
{
    size_t n = strlen(text);

    for (size_t i = 0; i < n; i++)
        if (!isalnum((unsigned char)text[i]) && !strchr("-_/", text[i]))
            return false;
    return n > 0 && n < 40;
}

int cx_fill_tts(struct cx_flow *f, const json_t *data, struct cx_node *n)
{
    const char *text, *voice, *language;
    char how[120];
    int err = cx_flow_text(f, data, "text", &text);

    if (err == 0)
        err = cx_flow_text(f, data, "voice", &voice);
    if (err == 0)
        err = cx_flow_text(f, data, "language", &language);
    if (err < 0)
        return err;
    if (!text || !text[0])
        return cx_flow_refuse(f, "data.text", "%s", "what is to be said? a text is wanted");
    if (encoded_bytes(text) > TEXT_MAX)
        return cx_flow_refuse(f, "data.text", "%s", "is longer than 1,000 characters");
    if (voice && !is_word(voice))
        return cx_flow_refuse(f, "data.voice", "%s", "must be a word");
    if (language && !is_word(language))
        return cx_flow_refuse(f, "data.language", "%s", "must be a language, like en or en-gb");
    if (cx_flow_true(data, "endless_playback"))
        return cx_flow_refuse(f, "data.endless_playback", "%s", "a text is said once");
    snprintf(how, sizeof(how), "%s%s%s%s", voice ? ";voice=" : "", voice ? voice : "",
             language ? ";language=" : "", language ? language : "");
    if (f->b) {
        n->text = cx_build_text(f->b, text);
        n->text2 = cx_build_text(f->b, how);
    }
    return 0;
}

enum cx_done cx_node_tts(struct cx_decide *d, const struct cx_node *node)
{
    struct cx_str text = cx_pool(d->image, node->text), how = cx_pool(d->image, node->text2);

    cx_trace_add(d, CX_TRACE_NODE, (struct cx_id){{0}}, "says", text);
    cx_step_service(d, "tts", "text=%s%.*s", cx_escape(d, text), (int)how.len, how.s);
    cx_service_play_on(d, node, false);
    return CX_DONE_STEP;
}
