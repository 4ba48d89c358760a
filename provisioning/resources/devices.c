/*
 * devices.c - phones and what stands for one. SIP passwords are kept as HA1 only.
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include <arpa/inet.h>
#include <errno.h>
#include <string.h>

#include "common.h"
#include "db/id.h"
#include "provisioning/password.h"
#include "provisioning/registrations.h"
#include "resources.h"

static const struct cx_field fields[] = {
    {.path = "name",
     .column = "name",
     .type = CX_STRING,
     .min = 1,
     .max = 128,
     .flags = CX_REQUIRED | CX_LIST},
    {.path = "device_type",
     .column = "device_type",
     .type = CX_STRING,
     .max = 32,
     .def = "\"sip_device\"",
     .flags = CX_LIST | CX_LINE | CX_ADMIN},
    {.path = "enabled",
     .column = "enabled",
     .type = CX_BOOLEAN,
     .def = "true",
     .flags = CX_LIST | CX_ADMIN},
    {.path = "owner_id",
     .column = "owner_id",
     .type = CX_STRING,
     .reference = "user",
     .flags = CX_LIST | CX_ADMIN},
    {.path = "mac_address",
     .column = "mac_address",
     .type = CX_STRING,
     .max = 17,
     .flags = CX_LIST | CX_ASCII | CX_ADMIN},
    {.path = "sip", .type = CX_OBJECT, .def = "{}", .flags = CX_ADMIN},
    {.path = "sip.username",
     .column = "sip_username",
     .type = CX_STRING,
     .min = 2,
     .max = 64,
     .pattern = "^[A-Za-z0-9_.!~*()&=+$,?-]*$",
     .flags = CX_LIST | CX_ASCII},
    {.path = "sip.password",
     .type = CX_STRING,
     .min = 5,
     .max = 64,
     .flags = CX_WRITE_ONLY | CX_LINE},
    {.path = "sip.ha1", .column = "sip_ha1", .type = CX_STRING, .flags = CX_HIDDEN},
    {.path = "sip.method",
     .column = "sip_method",
     .type = CX_STRING,
     .choices = "password|ip",
     .def = "\"password\""},
    {.path = "sip.ip", .column = "sip_ip", .type = CX_STRING, .max = 45, .flags = CX_ASCII},
    {.path = "sip.invite_format",
     .column = "sip_invite_format",
     .type = CX_STRING,
     .choices = "contact|username|npan|1npan|e164|route|strip_plus",
     .def = "\"contact\""},
    {.path = "sip.route", .column = "sip_route", .type = CX_STRING, .max = 255, .flags = CX_ASCII},
    {.path = "sip.realm", .type = CX_STRING, .min = 4, .max = 253, .flags = CX_ASCII | CX_LOWER},
    {.path = "sip.expire_seconds", .type = CX_INTEGER, .min = 30, .max = 86400, .def = "300"},
    {.path = "sip.custom_sip_headers", .type = CX_OBJECT},
    {.path = "sip.custom_sip_interface", .type = CX_STRING, .max = 255, .flags = CX_LINE},
    {.path = "sip.forward", .type = CX_STRING, .max = 255, .flags = CX_LINE},
    {.path = "sip.ignore_completed_elsewhere", .type = CX_BOOLEAN},
    {.path = "sip.number", .type = CX_STRING, .max = 64, .flags = CX_LINE},
    {.path = "sip.proxy", .type = CX_STRING, .max = 255, .flags = CX_LINE},
    {.path = "sip.static_invite", .type = CX_STRING, .max = 255, .flags = CX_LINE},
    {.path = "sip.static_route", .type = CX_STRING, .max = 255, .flags = CX_LINE},
    {.path = "sip.transport", .type = CX_STRING, .max = 16, .flags = CX_LINE},
    CX_DND_ROWS,
    CX_CALLER_ID_ROWS(CX_ADMIN),
    CX_RESTRICTION_ROWS,
    CX_FORWARD_ROWS("call_forward"),
    {.path = "hotdesk", .column = "hotdesk", .type = CX_OBJECT, .flags = CX_ADMIN},
    {.path = "hotdesk.users", .type = CX_OBJECT},
    {.path = "hotdesk.users.*", .type = CX_OBJECT},
    {.path = "mobile", .type = CX_OBJECT, .flags = CX_LIST},
    CX_RECORDING_ROWS("call_recording", CX_LIST | CX_ADMIN),
    CX_WAITING_ROWS,
    CX_PRIVACY_ROWS,
    CX_DIAL_ROWS,
    {.path = "language", .type = CX_STRING, .max = 16, .flags = CX_LINE},
    {.path = "timezone", .type = CX_STRING, .max = 64, .flags = CX_LINE},
    {.path = "presence_id", .type = CX_STRING, .max = 64, .flags = CX_LINE | CX_ADMIN},
    {.path = "outbound_flags", .type = CX_ANY, .flags = CX_ADMIN},
    {.path = "provision", .type = CX_OBJECT, .flags = CX_ADMIN},
    {.path = "provision.combo_keys", .type = CX_OBJECT},
    {.path = "provision.endpoint_brand", .type = CX_STRING, .max = 64},
    {.path = "provision.endpoint_family", .type = CX_STRING, .max = 64},
    {.path = "provision.feature_keys", .type = CX_OBJECT},
    {.path = "provision.id", .type = CX_STRING, .max = 64},
    {.path = "contact_list", .type = CX_OBJECT, .def = "{}"},
    {.path = "contact_list.exclude", .type = CX_BOOLEAN},
    {.path = "exclude_from_queues", .type = CX_BOOLEAN, .def = "false"},
    {.path = "mwi_unsolicited_updates", .type = CX_BOOLEAN, .def = "true"},
    {.path = "register_overwrite_notify", .type = CX_BOOLEAN, .def = "false"},
    {.path = "suppress_unregister_notifications", .type = CX_BOOLEAN, .def = "false"},
    CX_RINGTONE_ROWS,
    {.path = "media", .type = CX_OBJECT, .def = "{}"},
    CX_CODEC_ROWS,
    CX_MUSIC_ROWS,
    CX_FLAGS_ROWS,
};

static const struct cx_unique uniques[] = {{"sip_username", "sip.username", "The SIP user name"}};

static bool is_address(const char *text)
{
    unsigned char out[16];

    return inet_pton(AF_INET, text, out) == 1 || inet_pton(AF_INET6, text, out) == 1;
}

/* Users who are logged in at the phone must be the account's. */
static int check_hotdesk(struct cx_request *r, const json_t *doc)
{
    const char *id;
    json_t *value;

    json_object_foreach(cx_path_get(doc, "hotdesk.users"), id, value)
    {
        int err = cx_reference_find(r, "user", id);
        if (err == -ENOENT)
            cx_invalid(r, "hotdesk.users", "not_found", NULL, "There is no user %.40s", id);
        else if (err < 0)
            return err;
    }
    return 0;
}

static int before(struct cx_request *r, struct cx_write *w)
{
    json_t *doc = w->record->doc;
    const char *username = cx_path_text(doc, "sip.username", NULL);
    const char *password = cx_path_text(doc, "sip.password", NULL);
    const char *realm = cx_path_text(doc, "sip.realm", NULL);
    const char *ip = cx_path_text(doc, "sip.ip", NULL);
    bool renamed = w->before && strcmp(cx_path_text(w->before->doc, "sip.username", ""),
                                       username ? username : "") != 0;
    char ha1[33];
    int err;

    if (password && !username)
        cx_invalid(r, "sip.username", "required", NULL, "A password needs a user name");
    if (realm && strcmp(realm, r->account.realm) != 0) {
        cx_invalid(r, "sip.realm", "invalid", NULL, "The realm is the account's: %s",
                   r->account.realm);
        cx_invalid_detail(r, "sip.realm", "invalid", "target", json_string(r->account.realm));
    }
    if (renamed && username && !password && json_object_get(w->record->priv, "sip_ha1"))
        cx_invalid(r, "sip.password", "required", NULL,
                   "A new SIP user name needs the password too: it is part of the hash");
    if (ip && !is_address(ip))
        cx_invalid(r, "sip.ip", "format", NULL, "An IPv4 or IPv6 address is wanted");
    if (strcmp(cx_path_text(doc, "sip.method", ""), "ip") == 0 && !ip)
        cx_invalid(r, "sip.ip", "required", NULL, "Field is required but missing");
    err = check_hotdesk(r, doc);
    if (err < 0 || (r->errors && json_object_size(r->errors) > 0))
        return err;
    if (!username)
        json_object_clear(w->record->priv);
    if (!password)
        return 0;
    err = cx_sip_ha1(username, r->account.realm, password, ha1);
    if (err == 0)
        json_object_set_new(w->record->priv, "sip_ha1", json_string(ha1));
    return err;
}

static int removing(struct cx_request *r, const struct cx_record *record)
{
    return cx_groups_forget(r, record->id);
}

static void summary(struct cx_request *r, const struct cx_record *record, json_t *row)
{
    const char *username = cx_path_text(record->doc, "sip.username", NULL);

    if (!json_object_get(row, "mac_address"))
        json_object_set_new(row, "mac_address", json_string(""));
    if (strstr(r->route->path, "users/{}/devices"))
        json_object_set_new(
            row, "hotdesked",
            json_boolean(json_object_get(cx_path_get(record->doc, "hotdesk.users"),
                                         r->segments[r->segment_count - 2]) != NULL));
    if (!cx_query_is_true(r, "with_status"))
        return;
    json_object_set_new(row, "registrable",
                        json_boolean(username && json_object_get(record->priv, "sip_ha1")));
    json_object_set_new(
        row, "registered",
        json_boolean(username && cx_is_registered(r->api, username, r->account.realm)));
}

const struct cx_resource cx_devices = {
    .name = "devices",
    .table = "device",
    .owner = "owner_id",
    .fields = fields,
    .field_count = CX_COUNT(fields),
    .uniques = uniques,
    .unique_count = CX_COUNT(uniques),
    .before = before,
    .removing = removing,
    .summary = summary,
};

static int devices_of_user(struct cx_request *r)
{
    const char *user = r->segments[3];
    struct cx_value params[] = {cx_text(user), cx_text(user)};
    int err = cx_reference_find(r, "user", user);

    if (err == -ENOENT)
        return cx_not_found(r, user);
    if (err < 0)
        return err;
    return cx_engine_list_where(r, &cx_devices,
                                " AND (t.owner_id = ? OR JSON_CONTAINS_PATH(t.hotdesk, 'one', "
                                "CONCAT('$.users.\"', ?, '\"')))",
                                params, 2);
}

struct status {
    struct cx_request *r;
    json_t *list;
};

static int add_status(void *arg, struct cx_record *record)
{
    struct status *status = arg;
    const char *username = cx_path_text(record->doc, "sip.username", NULL);

    if (username && cx_is_registered(status->r->api, username, status->r->account.realm))
        json_array_append_new(status->list,
                              json_pack("{s:s, s:b}", "device_id", record->id, "registered", 1));
    return 0;
}

static int registered_devices(struct cx_request *r)
{
    struct status status = {r, json_array()};
    int err = cx_record_each(r, &cx_devices, " AND t.sip_username IS NOT NULL", NULL, 0, 0,
                             add_status, &status);

    if (err < 0) {
        json_decref(status.list);
        return err;
    }
    return cx_ok(r, 200, status.list);
}

const struct cx_route cx_routes_devices[] = {
    {.path = "accounts/{}/users/{}/devices", .handlers = {[CX_GET] = devices_of_user}},
    {.path = "accounts/{}/devices/status", .handlers = {[CX_GET] = registered_devices}},
    CX_COLLECTION("accounts/{}/devices", &cx_devices),
    CX_MEMBER("accounts/{}/devices/{}", &cx_devices),
    {.path = NULL},
};
