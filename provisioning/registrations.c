/*
 * registrations.c - see registrations.h.
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include <stdio.h>
#include <string.h>

#include "engine.h"
#include "registrations.h"
#include "rpc.h"

static json_t *lookup(const struct cx_api *api, const char *username, const char *realm)
{
    char address[400];

    snprintf(address, sizeof(address), "%s@%s", username, realm);
    return cx_rpc(api, "ul.lookup", json_pack("[s, s]", "location", address));
}

bool cx_is_registered(const struct cx_api *api, const char *username, const char *realm)
{
    json_t *result = lookup(api, username, realm);
    bool found = json_is_object(result);

    json_decref(result);
    return found;
}

/* "<null>" and "[not set]" stand for nothing. */
static const char *text_of(const json_t *contact, const char *key)
{
    const char *text = cx_path_text(contact, key, "");

    return text[0] == '<' || text[0] == '[' ? "" : text;
}

json_t *cx_registered_contacts(const struct cx_api *api, const char *username, const char *realm)
{
    json_t *result = lookup(api, username, realm), *list = json_array(), *item;
    size_t i;

    json_array_foreach(json_object_get(result, "Contacts"), i, item)
    {
        const json_t *c = json_object_get(item, "Contact");
        const char *received = text_of(c, "Received");
        json_array_append_new(list, json_pack("{s:s, s:s, s:s, s:s, s:I, s:s}", "contact",
                                              text_of(c, "Address"), "received",
                                              received[0] ? received : text_of(c, "Address"),
                                              "user_agent", text_of(c, "User-Agent"), "call_id",
                                              text_of(c, "Call-ID"), "expires",
                                              json_integer_value(json_object_get(c, "Expires")),
                                              "socket", text_of(c, "Socket")));
    }
    json_decref(result);
    return list;
}
