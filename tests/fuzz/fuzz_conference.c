/*
 * fuzz_conference.c - the list of rooms in a service's parameter, and conference documents from the
 * database: the first line is a number that is looked for, the rest one or the other.
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "media_worker/conference/settings.h"

#define CHECK(what)                                                                                \
    do {                                                                                           \
        if (!(what))                                                                               \
            abort();                                                                               \
    } while (0)

static void look_at(const struct cx_conf_settings *s, const char *pin)
{
    enum cx_conf_role role = cx_conf_role_of(s, pin);

    CHECK(memchr(s->id, 0, sizeof(s->id)) && memchr(s->member_pins, 0, sizeof(s->member_pins)));
    /* nobody becomes a moderator with a PIN that is no moderator's */
    if (role == CX_CONF_MODERATOR)
        CHECK(cx_conf_list_has(s->moderator_pins, pin) ||
              (s->role == CX_CONF_MODERATOR && !s->moderator_pins[0]));
    if (role == CX_CONF_MEMBER && s->member_pins[0])
        CHECK(cx_conf_list_has(s->member_pins, pin));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char *text = malloc(size + 1), *rest;
    struct cx_conf_settings s;
    json_t *doc;

    CHECK(text);
    memcpy(text, data, size);
    text[size] = '\0';
    rest = strchr(text, '\n');
    if (rest) {
        *rest++ = '\0';
        if (cx_conf_find(rest, text, &s)) {
            CHECK(strlen(s.id) == 32 && *text);
            look_at(&s, text);
            look_at(&s, "");
        }
        doc = json_loads(rest, 0, NULL);
        cx_conf_from_document("c0000000000000000000000000000001", "", doc, text, &s);
        look_at(&s, text);
        look_at(&s, "");
        json_decref(doc);
    }
    free(text);
    return 0;
}
