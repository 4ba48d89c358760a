/*
 * live.c - what is going on now, asked of Kamailio and told to it: calls in progress,
 * registrations, presence, who is logged in at which phone, "read your configuration again".
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "db/id.h"
#include "provisioning/registrations.h"
#include "provisioning/rpc.h"
#include "resources.h"

/* ---- calls */

/* "sip:alice@acme.example;x=y" -> "alice" or "alice@acme.example". */
static json_t *party(const char *uri, bool with_host)
{
    const char *from = strchr(uri, ':') ? strchr(uri, ':') + 1 : uri;
    size_t n = strcspn(from, with_host ? ";>" : "@;>");
    json_t *text = json_stringn(from, n);

    return text ? text : json_string("");
}

static json_t *call_json(const struct cx_request *r, const json_t *dialog)
{
    static const char *const states[] = {"", "ringing", "ringing", "answered", "answered", "ended"};
    json_int_t state = json_integer_value(json_object_get(dialog, "state"));
    json_int_t began = json_integer_value(json_object_get(dialog, "init_ts"));
    json_int_t answered = json_integer_value(json_object_get(dialog, "start_ts"));
    const char *id = cx_path_text(dialog, "call-id", "");
    const char *from = cx_path_text(dialog, "from_uri", ""),
               *to = cx_path_text(dialog, "to_uri", "");

    return json_pack("{s:s, s:s, s:s, s:s, s:s, s:o, s:o, s:o, s:o, s:b, s:I, s:I, s:I}", "uuid",
                     id, "call_id", id, "bridge_id", id, "direction", "inbound", "state",
                     states[state > 0 && state < 6 ? state : 0], "from", party(from, true), "to",
                     party(to, true), "caller_id_number", party(from, false), "callee_id_number",
                     party(to, false), "answered", state == 3 || state == 4, "timestamp",
                     began + (json_int_t)CX_GREGORIAN, "elapsed_s",
                     began > 0 ? (json_int_t)r->now - began : 0, "answered_s",
                     answered > 0 ? (json_int_t)r->now - answered : 0);
}

/* The account's dialogs: an array (new), perhaps empty. */
static json_t *dialogs(struct cx_request *r)
{
    json_t *result =
        cx_rpc(r->api, "dlg.profile_list", json_pack("[s, s]", "account", r->account.id));

    if (json_is_object(result)) /* one alone */
        result = json_pack("[o]", result);
    return json_is_array(result) ? result : (json_decref(result), json_array());
}

/* A plain user's own calls: from or to a SIP name of his devices. */
struct names {
    json_t *names;
};

static int keep_name(void *arg, const struct cx_value *c, size_t n)
{
    (void)n;
    return json_array_append_new(arg, json_string(c[0].s));
}

static int own_names(struct cx_request *r, json_t **names)
{
    const char *user = r->admin ? NULL : r->user_id;
    const char *path = r->route->path;

    *names = NULL;
    if (strstr(path, "users/{}/") && (r->admin || strcmp(r->segments[3], r->user_id) == 0))
        user = r->segments[3];
    else if (strstr(path, "users/{}/"))
        return cx_forbidden(r);
    if (!user && !strstr(path, "devices/{}/"))
        return 0;
    *names = json_array();
    return strstr(path, "devices/{}/")
               ? cx_db_query(r->db,
                             "SELECT sip_username FROM device WHERE account_id = ? AND id = ? AND "
                             "sip_username IS NOT NULL AND (? OR owner_id = ?)",
                             (struct cx_value[]){cx_text(r->account.id),
                                                 cx_text(cx_ascii(r->segments[3])),
                                                 cx_int(r->admin), cx_text(r->user_id)},
                             4, keep_name, *names)
               : cx_db_query(r->db,
                             "SELECT sip_username FROM device WHERE account_id = ? AND owner_id = "
                             "? AND sip_username IS NOT NULL",
                             (struct cx_value[]){cx_text(r->account.id), cx_text(cx_ascii(user))},
                             2, keep_name, *names);
}

static bool is_named(const json_t *names, const json_t *call)
{
    json_t *name;
    size_t i;

    if (!names)
        return true;
    json_array_foreach(names, i, name)
    {
        if (json_equal(name, json_object_get(call, "caller_id_number")) ||
            json_equal(name, json_object_get(call, "callee_id_number")))
            return true;
    }
    return false;
}

static int list_channels(struct cx_request *r)
{
    json_t *names, *rows = json_array(), *all, *dialog;
    size_t i;
    int err = own_names(r, &names);

    if (err == 0) {
        all = dialogs(r);
        json_array_foreach(all, i, dialog)
        {
            json_t *call = call_json(r, dialog);
            if (call && is_named(names, call))
                json_array_append(rows, call);
            json_decref(call);
        }
        json_decref(all);
    }
    json_decref(names);
    if (err < 0) {
        json_decref(rows);
        return err;
    }
    cx_reply_extra(r, "page_size", json_integer((json_int_t)json_array_size(rows)));
    return cx_ok(r, 200, rows);
}

/* The dialog of the path's call (new), or NULL with a 404. */
static json_t *find_dialog(struct cx_request *r)
{
    json_t *all = dialogs(r), *dialog, *found = NULL;
    size_t i;

    json_array_foreach(all, i, dialog)
    {
        if (strcmp(cx_path_text(dialog, "call-id", ""), r->segments[3]) == 0)
            found = json_incref(dialog);
    }
    json_decref(all);
    if (!found)
        cx_not_found(r, r->segments[3]);
    return found;
}

static int get_channel(struct cx_request *r)
{
    json_t *names, *dialog, *call;
    int err = own_names(r, &names);

    dialog = err == 0 ? find_dialog(r) : NULL;
    if (!dialog) {
        json_decref(names);
        return err < 0 ? err : -ECANCELED;
    }
    call = call_json(r, dialog);
    json_decref(dialog);
    err =
        is_named(names, call) ? cx_ok(r, 200, json_incref(call)) : cx_not_found(r, r->segments[3]);
    json_decref(call);
    json_decref(names);
    return err;
}

static int act_on_channel(struct cx_request *r)
{
    const char *action = cx_path_text(r->data, "action", "");
    json_t *dialog, *result;

    if (strcmp(action, "hangup") != 0) {
        cx_invalid(r, "action", action[0] ? "enum" : "required", NULL, "hangup is wanted");
        return cx_check(r);
    }
    dialog = find_dialog(r);
    if (!dialog)
        return -ECANCELED;
    result = cx_rpc(
        r->api, "dlg.end_dlg",
        json_pack("[O, O]", json_object_get(dialog, "h_entry"), json_object_get(dialog, "h_id")));
    json_decref(result);
    json_decref(dialog);
    return cx_ok(r, 200, json_pack("{s:s, s:s}", "uuid", r->segments[3], "action", action));
}

/* ---- registrations */

struct phones {
    struct cx_request *r;
    json_t *rows;
};

static void set_address(json_t *row, const char *received)
{
    const char *from = strchr(received, ':'), *at;
    size_t n;

    from = from ? from + 1 : received;
    at = strchr(from, '@');
    from = at ? at + 1 : from;
    n = from[0] == '[' ? strcspn(from, "]") + 1 : strcspn(from, ":;>");
    json_object_set_new(row, "source_ip", json_stringn(from, strnlen(from, n)));
    if (strnlen(from, n) == n && from[n] == ':')
        json_object_set_new(row, "source_port", json_integer(strtol(from + n + 1, NULL, 10)));
}

static int add_registrations(void *arg, const struct cx_value *c, size_t n)
{
    struct phones *phones = arg;
    json_t *contacts = cx_registered_contacts(phones->r->api, c[1].s, phones->r->account.realm);
    json_t *row;
    size_t i;

    (void)n;
    json_array_foreach(contacts, i, row)
    {
        set_address(row, cx_path_text(row, "received", ""));
        json_object_set_new(row, "username", json_string(c[1].s));
        json_object_set_new(row, "realm", json_string(phones->r->account.realm));
        json_object_set_new(row, "device_id", json_string(c[0].s));
        json_object_set_new(row, "device_name", json_string(c[2].s));
        if (c[3].type == CX_TEXT)
            json_object_set_new(row, "owner_id", json_string(c[3].s));
        json_array_append(phones->rows, row);
    }
    json_decref(contacts);
    return 0;
}

static int list_registrations(struct cx_request *r)
{
    struct phones phones = {r, json_array()};
    struct cx_value params[] = {cx_text(r->account.id), cx_int(r->admin), cx_text(r->user_id)};
    int err =
        cx_db_query(r->db,
                    "SELECT id, sip_username, name, owner_id FROM device WHERE account_id = ? "
                    "AND sip_username IS NOT NULL AND (? OR owner_id = ?) ORDER BY created, id",
                    params, 3, add_registrations, &phones);

    if (err < 0) {
        json_decref(phones.rows);
        return err;
    }
    cx_reply_extra(r, "page_size", json_integer((json_int_t)json_array_size(phones.rows)));
    return cx_ok(r, 200, phones.rows);
}

static int keep_device(void *arg, const struct cx_value *c, size_t n)
{
    json_t *device = arg;

    (void)n;
    json_object_set_new(device, "id", json_string(c[0].s));
    json_object_set_new(device, "username", json_string(c[1].type == CX_TEXT ? c[1].s : ""));
    json_object_set_new(device, "owner_id", json_string(c[2].type == CX_TEXT ? c[2].s : ""));
    return 0;
}

/* A phone forgets nothing: its contacts are removed until it registers again. */
static int remove_registration(struct cx_request *r)
{
    char address[400];
    json_t *device = json_object();
    int err =
        cx_db_one(r->db,
                  "SELECT id, sip_username, owner_id FROM device WHERE account_id = ? AND "
                  "sip_username = ?",
                  (struct cx_value[]){cx_text(r->account.id), cx_text(cx_ascii(r->segments[3]))}, 2,
                  keep_device, device);

    if (err == 0) {
        snprintf(address, sizeof(address), "%s@%s", cx_path_text(device, "username", ""),
                 r->account.realm);
        json_decref(cx_rpc(r->api, "ul.rm", json_pack("[s, s]", "location", address)));
    }
    json_decref(device);
    return err == -ENOENT ? cx_not_found(r, r->segments[3])
           : err < 0      ? err
                          : cx_ok(r, 200, json_object());
}

/* ---- a phone reads its configuration again: NOTIFY check-sync to where it is registered */

static int send_check_sync(struct cx_request *r, const char *username, bool reboot)
{
    json_t *contacts = cx_registered_contacts(r->api, username, r->account.realm), *contact;
    char headers[512], next[300];
    size_t i, n = json_array_size(contacts);

    snprintf(headers, sizeof(headers),
             "From: <sip:centrex@%s>\r\nTo: <sip:%s@%s>\r\nEvent: check-sync%s\r\n"
             "Subscription-State: terminated\r\n",
             r->account.realm, username, r->account.realm, reboot ? ";reboot=true" : "");
    json_array_foreach(contacts, i, contact)
    {
        snprintf(next, sizeof(next), "%s", cx_path_text(contact, "received", "."));
        json_decref(cx_rpc(r->api, "tm.t_uac_start",
                           json_pack("[s, s, s, s, s]", "NOTIFY",
                                     cx_path_text(contact, "contact", ""), next, ".", headers)));
    }
    json_decref(contacts);
    return (int)n;
}

int cx_phone_check_sync(struct cx_request *r, const char *username, bool reboot)
{
    return send_check_sync(r, username, reboot);
}

static int sync_device(struct cx_request *r)
{
    json_t *device = json_object();
    const char *id = r->segments[3];
    bool reboot = strcmp(cx_path_text(r->data, "action", ""), "reboot") == 0;
    int err = cx_id_is_valid(id)
                  ? cx_db_one(r->db,
                              "SELECT id, sip_username, owner_id FROM device WHERE account_id = ? "
                              "AND id = ?",
                              (struct cx_value[]){cx_text(r->account.id), cx_text(id)}, 2,
                              keep_device, device)
                  : -ENOENT;

    if (err == 0 && !r->admin && strcmp(cx_path_text(device, "owner_id", ""), r->user_id) != 0)
        err = cx_forbidden(r);
    if (err == 0)
        err = cx_ok(r, 202,
                    json_pack("{s:i}", "contacts",
                              send_check_sync(r, cx_path_text(device, "username", ""), reboot)));
    json_decref(device);
    return err == -ENOENT ? cx_not_found(r, id) : err;
}

/* ---- hot desks and presence */

static int add_hotdesk(void *arg, const struct cx_value *c, size_t n)
{
    (void)n;
    return json_array_append_new(
        arg, json_pack("{s:s, s:s}", "device_id", c[0].s, "device_name", c[1].s));
}

static int hotdesks(struct cx_request *r)
{
    const char *id = r->segments[3];
    json_t *rows;
    int err = cx_reference_find(r, "user", id);

    if (err == -ENOENT)
        return cx_not_found(r, id);
    if (err < 0)
        return err;
    rows = json_array();
    err =
        cx_db_query(r->db,
                    "SELECT id, name FROM device WHERE account_id = ? AND hotdesk IS NOT NULL AND "
                    "JSON_CONTAINS_PATH(hotdesk, 'one', CONCAT('$.users.\"', ?, '\"')) ORDER BY "
                    "name, id",
                    (struct cx_value[]){cx_text(r->account.id), cx_text(id)}, 2, add_hotdesk, rows);
    if (err < 0) {
        json_decref(rows);
        return err;
    }
    return cx_ok(r, 200, rows);
}

/* Portals say "confirmed" after do-not-disturb was switched on. Lamps follow the user's own
 * settings and calls, so there is nothing more to do than to say that it was understood. */
static int set_presence(struct cx_request *r)
{
    static const struct cx_field fields[] = {
        {.path = "action", .type = CX_STRING, .choices = "set|reset", .flags = CX_REQUIRED},
        {.path = "state", .type = CX_STRING, .choices = "confirmed|early|terminated"},
    };
    static const struct cx_resource checked = {
        .name = "presence", .fields = fields, .field_count = CX_COUNT(fields)};
    const char *table = strcmp(r->segments[2], "users") == 0 ? "user" : "device";
    json_t *data = r->data ? json_deep_copy(r->data) : json_object();
    int err = cx_reference_find(r, table, r->segments[3]);

    if (err == -ENOENT)
        err = cx_not_found(r, r->segments[3]);
    if (err == 0 && !r->admin && strcmp(table, "user") == 0 &&
        strcmp(r->segments[3], r->user_id) != 0)
        err = cx_forbidden(r);
    if (err == 0)
        err = cx_validate(r, &checked, data);
    if (err == 0)
        err = cx_check(r);
    json_decref(data);
    return err < 0 ? err : cx_ok(r, 200, json_deep_copy(r->data));
}

static int add_presence(void *arg, const struct cx_value *c, size_t n)
{
    struct phones *phones = arg;

    (void)n;
    return json_object_set_new(phones->rows, c[0].s,
                               json_pack("{s:s, s:s, s:s}", "user_id", c[1].s, "state",
                                         c[2].i == 1 ? "confirmed" : "terminated", "reason",
                                         c[2].i == 1 ? "do_not_disturb" : ""));
}

/* By presence id: who wants no calls, who is in one. */
static int list_presence(struct cx_request *r)
{
    struct phones phones = {r, json_object()};
    json_t *all, *dialog;
    size_t i;
    int err =
        cx_db_query(r->db,
                    "SELECT presence_id, id, do_not_disturb FROM user WHERE account_id = ? AND "
                    "presence_id IS NOT NULL",
                    (struct cx_value[]){cx_text(r->account.id)}, 1, add_presence, &phones);

    if (err < 0) {
        json_decref(phones.rows);
        return err;
    }
    all = dialogs(r);
    json_array_foreach(all, i, dialog)
    {
        json_t *call = call_json(r, dialog);
        const char *sides[] = {cx_path_text(call, "caller_id_number", ""),
                               cx_path_text(call, "callee_id_number", "")};
        for (size_t k = 0; k < 2; k++) {
            json_t *row = json_object_get(phones.rows, sides[k]);
            if (row) {
                json_object_set_new(
                    row, "state",
                    json_string(cx_path_true(call, "answered") ? "confirmed" : "early"));
                json_object_set_new(row, "reason", json_string("call"));
            }
        }
        json_decref(call);
    }
    json_decref(all);
    return cx_ok(r, 200, phones.rows);
}

#define A "accounts/{}/"
const struct cx_route cx_routes_live[] = {
    {.path = A "channels", .handlers = {[CX_GET] = list_channels}},
    {.path = A "channels/{}",
     .handlers = {[CX_GET] = get_channel, [CX_PUT] = act_on_channel, [CX_POST] = act_on_channel}},
    {.path = A "users/{}/channels", .handlers = {[CX_GET] = list_channels}},
    {.path = A "devices/{}/channels", .handlers = {[CX_GET] = list_channels}},
    {.path = A "registrations", .handlers = {[CX_GET] = list_registrations}},
    {.path = A "registrations/{}", .handlers = {[CX_DELETE] = remove_registration}},
    {.path = A "devices/{}/sync", .handlers = {[CX_POST] = sync_device}, .flags = CX_ROUTE_USER},
    {.path = A "users/{}/hotdesks", .handlers = {[CX_GET] = hotdesks}},
    {.path = A "users/{}/presence", .handlers = {[CX_POST] = set_presence}, .flags = CX_ROUTE_USER},
    {.path = A "devices/{}/presence", .handlers = {[CX_POST] = set_presence}},
    {.path = A "presence", .handlers = {[CX_GET] = list_presence}},
    {.path = NULL},
};
