/*
 * faxboxes.c - fax numbers' settings: who may send, who is told. The faxes themselves: elsewhere.
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include <string.h>

#include "common.h"
#include "resources.h"

static const struct cx_field fields[] = {
    CX_DOCUMENT_ROWS,
    {.path = "caller_id", .type = CX_STRING, .max = 35, .flags = CX_LINE},
    {.path = "caller_name",
     .type = CX_STRING,
     .max = 128,
     .def = "\"Centrex Fax\"",
     .flags = CX_LINE},
    {.path = "fax_header",
     .type = CX_STRING,
     .max = 128,
     .def = "\"Centrex Fax\"",
     .flags = CX_LINE},
    {.path = "fax_identity", .type = CX_STRING, .max = 35, .flags = CX_LINE},
    {.path = "fax_timezone", .type = CX_STRING, .max = 64, .flags = CX_LINE},
    {.path = "retries", .type = CX_INTEGER, .min = 0, .max = 4, .def = "1"},
    {.path = "attempts", .type = CX_INTEGER, .min = 0, .max = 4, .def = "0"},
    {.path = "custom_smtp_email_address", .type = CX_STRING, .max = 254, .flags = CX_LINE},
    {.path = "smtp_permission_list", .type = CX_ARRAY, .max = 100, .def = "[]"},
    {.path = "smtp_permission_list.*", .type = CX_STRING, .min = 1, .max = 254, .flags = CX_LINE},
    {.path = "media", .type = CX_OBJECT, .def = "{}"},
    {.path = "media.fax_option", .type = CX_BOOLEAN},
    {.path = "notifications", .type = CX_OBJECT},
    {.path = "notifications.inbound", .type = CX_OBJECT},
    {.path = "notifications.inbound.email", .type = CX_OBJECT},
    {.path = "notifications.inbound.email.send_to", .type = CX_ANY},
    {.path = "notifications.inbound.callback", .type = CX_OBJECT},
    {.path = "notifications.inbound.callback.method", .type = CX_STRING, .choices = "post|put"},
    {.path = "notifications.inbound.callback.type",
     .type = CX_STRING,
     .choices = "json|www-url-form-encoded"},
    {.path = "notifications.inbound.callback.url",
     .type = CX_STRING,
     .max = 2048,
     .pattern = "^https?://",
     .flags = CX_LINE},
    {.path = "notifications.outbound", .type = CX_OBJECT},
    {.path = "notifications.outbound.email", .type = CX_OBJECT},
    {.path = "notifications.outbound.email.send_to", .type = CX_ANY},
    {.path = "notifications.outbound.callback", .type = CX_OBJECT},
    {.path = "notifications.outbound.callback.method", .type = CX_STRING, .choices = "post|put"},
    {.path = "notifications.outbound.callback.type",
     .type = CX_STRING,
     .choices = "json|www-url-form-encoded"},
    {.path = "notifications.outbound.callback.url",
     .type = CX_STRING,
     .max = 2048,
     .pattern = "^https?://",
     .flags = CX_LINE},
    CX_FLAGS_ROWS,
};

/* send_to: an address or a list of addresses. */
static int before(struct cx_request *r, struct cx_write *w)
{
    static const char *const paths[] = {"notifications.inbound.email.send_to",
                                        "notifications.outbound.email.send_to"};

    for (size_t i = 0; i < CX_COUNT(paths); i++) {
        const json_t *value = cx_path_get(w->record->doc, paths[i]), *one;
        size_t n = json_is_array(value) ? json_array_size(value) : value ? 1 : 0;
        for (size_t k = 0; k < n; k++) {
            one = json_is_array(value) ? json_array_get(value, k) : value;
            if (!json_is_string(one) ||
                (json_string_length(one) > 0 && !strchr(json_string_value(one), '@')) ||
                strpbrk(json_string_value(one), "\r\n<>"))
                cx_invalid(r, paths[i], "format", one, "An address of e-mail is wanted");
        }
    }
    return 0;
}

static void summary(struct cx_request *r, const struct cx_record *record, json_t *row)
{
    (void)r;
    json_object_set_new(row, "created", json_integer(record->created + CX_GREGORIAN));
}

const struct cx_resource cx_faxboxes = {
    .name = "faxboxes",
    .table = "faxbox",
    .owner = "owner_id",
    .fields = fields,
    .field_count = CX_COUNT(fields),
    .before = before,
    .summary = summary,
};

const struct cx_route cx_routes_faxboxes[] = {
    CX_COLLECTION("accounts/{}/faxboxes", &cx_faxboxes),
    CX_MEMBER("accounts/{}/faxboxes/{}", &cx_faxboxes),
    {.path = NULL},
};
