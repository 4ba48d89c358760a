/*
 * image.c - reading an account image that verify.c has found good.
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include <string.h>

#include "nodes/nodes.h"

const uint32_t cx_table_row_bytes[CX_TABLES] = {
    [CX_T_USER] = sizeof(struct cx_user),
    [CX_T_DEVICE] = sizeof(struct cx_device),
    [CX_T_BY_USERNAME] = sizeof(uint32_t),
    [CX_T_OWNED] = sizeof(uint32_t),
    [CX_T_FORWARD] = sizeof(struct cx_forward_row),
    [CX_T_GROUP] = sizeof(struct cx_group),
    [CX_T_MEMBER] = sizeof(struct cx_member),
    [CX_T_RING] = sizeof(struct cx_ring),
    [CX_T_BOX] = sizeof(struct cx_box),
    [CX_T_CALLFLOW] = sizeof(struct cx_callflow),
    [CX_T_NODE] = sizeof(struct cx_node),
    [CX_T_CHILD] = sizeof(struct cx_child),
    [CX_T_ENTRY] = sizeof(struct cx_entry),
    [CX_T_PATTERN] = sizeof(struct cx_pattern_row),
    [CX_T_NUMBER] = sizeof(struct cx_number_row),
    [CX_T_RESOURCE] = sizeof(struct cx_resource_row),
    [CX_T_GATEWAY] = sizeof(struct cx_gateway_row),
    [CX_T_RULE] = sizeof(struct cx_rule_row),
    [CX_T_CODE] = sizeof(uint32_t),
    [CX_T_ZONE] = sizeof(struct cx_zone_row),
    [CX_T_SHIFT] = sizeof(struct cx_shift),
    [CX_T_HOURS] = sizeof(struct cx_hours_rule),
    [CX_T_EXCLUDE] = sizeof(struct cx_exclude),
    [CX_T_ROUTE] = sizeof(struct cx_route_row),
    [CX_T_LINK] = sizeof(struct cx_link),
    [CX_T_MENU] = sizeof(struct cx_menu),
    [CX_T_ROOM] = sizeof(struct cx_room),
    [CX_T_ROOM_NUMBER] = sizeof(struct cx_room_number),
    [CX_T_DIRECTORY] = sizeof(struct cx_directory),
    [CX_T_LISTED] = sizeof(struct cx_listed),
    [CX_T_FAXBOX] = sizeof(struct cx_faxbox),
    [CX_T_BLACKLIST] = sizeof(struct cx_blacklist),
    [CX_T_BLOCKED] = sizeof(cx_ref),
    [CX_T_APPLIES] = sizeof(struct cx_applies),
    [CX_T_MATCH_LIST] = sizeof(struct cx_match_list),
    [CX_T_MATCH] = sizeof(struct cx_match),
    [CX_T_LIST] = sizeof(uint32_t),
    [CX_T_VALUE] = sizeof(struct cx_value),
    [CX_T_DIAL_RULE] = sizeof(struct cx_dial_rule),
    [CX_T_ID] = sizeof(struct cx_id),
    [CX_T_RECORDING] = sizeof(struct cx_recording),
};

struct cx_str cx_pool(const struct cx_image *image, cx_ref ref)
{
    const char *at = (const char *)image + image->pool + ref;
    uint16_t len;

    memcpy(&len, at, sizeof(len));
    return (struct cx_str){at + sizeof(len), len};
}

int cx_str_compare(struct cx_str a, struct cx_str b)
{
    uint32_t n = a.len < b.len ? a.len : b.len;
    int c = n ? memcmp(a.s, b.s, n) : 0;

    return c ? c : (a.len > b.len) - (a.len < b.len);
}

bool cx_str_equal_z(struct cx_str a, const char *z)
{
    return strlen(z) == a.len && memcmp(a.s, z, a.len) == 0;
}

/* Rows are sorted by id, and the id is a row's first field. */
const void *cx_find_id(const struct cx_image *image, enum cx_table table, struct cx_id id)
{
    const char *rows = cx_table(image, table);
    uint32_t lo = 0, hi = cx_count(image, table), size = cx_table_row_bytes[table];

    while (lo < hi) {
        uint32_t mid = lo + (hi - lo) / 2;
        int c = memcmp(rows + (size_t)mid * size, id.b, sizeof(id.b));
        if (c == 0)
            return rows + (size_t)mid * size;
        if (c < 0)
            lo = mid + 1;
        else
            hi = mid;
    }
    return NULL;
}

bool cx_has_ids(enum cx_table table)
{
    switch (table) {
    case CX_T_USER:
    case CX_T_DEVICE:
    case CX_T_BOX:
    case CX_T_CALLFLOW:
    case CX_T_MENU:
    case CX_T_ROOM:
    case CX_T_DIRECTORY:
    case CX_T_FAXBOX:
    case CX_T_MATCH_LIST:
        return true;
    default:
        return false;
    }
}

struct cx_id cx_node_id(const struct cx_image *image, const struct cx_node *node)
{
    enum cx_table table = cx_modules[node->module].table;
    struct cx_id id = {{0}};

    if (node->id != CX_NONE)
        id = CX_ROWS(image, CX_T_ID, struct cx_id)[node->id];
    else if (node->ref != CX_NONE && cx_has_ids(table))
        memcpy(&id,
               (const char *)cx_table(image, table) + (size_t)node->ref * cx_table_row_bytes[table],
               sizeof(id));
    return id;
}

uint32_t cx_index(const struct cx_image *image, enum cx_table table, const void *row)
{
    return (uint32_t)((size_t)((const char *)row - (const char *)cx_table(image, table)) /
                      cx_table_row_bytes[table]);
}

const struct cx_device *cx_find_device(const struct cx_image *image, struct cx_id id)
{
    return cx_find_id(image, CX_T_DEVICE, id);
}

const struct cx_user *cx_find_user(const struct cx_image *image, struct cx_id id)
{
    return cx_find_id(image, CX_T_USER, id);
}

const struct cx_callflow *cx_find_callflow(const struct cx_image *image, struct cx_id id)
{
    return cx_find_id(image, CX_T_CALLFLOW, id);
}

/* SIP user names are compared in lower case: registrars fold them. */
static int compare_folded(struct cx_str a, struct cx_str b)
{
    uint32_t n = a.len < b.len ? a.len : b.len;

    for (uint32_t i = 0; i < n; i++) {
        unsigned char x = (unsigned char)a.s[i], y = (unsigned char)b.s[i];
        x = x >= 'A' && x <= 'Z' ? (unsigned char)(x + 32) : x;
        y = y >= 'A' && y <= 'Z' ? (unsigned char)(y + 32) : y;
        if (x != y)
            return x < y ? -1 : 1;
    }
    return (a.len > b.len) - (a.len < b.len);
}

const struct cx_device *cx_find_username(const struct cx_image *image, struct cx_str username)
{
    const uint32_t *order = cx_table(image, CX_T_BY_USERNAME);
    const struct cx_device *devices = cx_table(image, CX_T_DEVICE);
    uint32_t lo = 0, hi = cx_count(image, CX_T_BY_USERNAME);

    while (lo < hi) {
        uint32_t mid = lo + (hi - lo) / 2;
        const struct cx_device *d = &devices[order[mid]];
        int c = compare_folded(cx_pool(image, d->username), username);
        if (c == 0)
            return d;
        if (c < 0)
            lo = mid + 1;
        else
            hi = mid;
    }
    return NULL;
}

bool cx_find_entry(const struct cx_image *image, struct cx_str text, uint32_t *callflow)
{
    const struct cx_entry *rows = cx_table(image, CX_T_ENTRY);
    uint32_t lo = 0, hi = cx_count(image, CX_T_ENTRY);

    while (lo < hi) {
        uint32_t mid = lo + (hi - lo) / 2;
        int c = cx_str_compare(cx_pool(image, rows[mid].text), text);
        if (c == 0) {
            *callflow = rows[mid].callflow;
            return true;
        }
        if (c < 0)
            lo = mid + 1;
        else
            hi = mid;
    }
    return false;
}

const struct cx_number_row *cx_find_number(const struct cx_image *image, struct cx_str e164)
{
    const struct cx_number_row *rows = cx_table(image, CX_T_NUMBER);
    uint32_t lo = 0, hi = cx_count(image, CX_T_NUMBER);

    while (lo < hi) {
        uint32_t mid = lo + (hi - lo) / 2;
        int c = cx_str_compare(cx_pool(image, rows[mid].text), e164);
        if (c == 0)
            return &rows[mid];
        if (c < 0)
            lo = mid + 1;
        else
            hi = mid;
    }
    return NULL;
}

size_t cx_image_size(const struct cx_image *image)
{
    return image->size;
}

struct cx_id cx_image_account(const struct cx_image *image)
{
    return image->account;
}

struct cx_str cx_image_realm(const struct cx_image *image)
{
    return cx_pool(image, image->realm);
}

struct cx_str cx_image_name(const struct cx_image *image)
{
    return cx_pool(image, image->name);
}

bool cx_image_enabled(const struct cx_image *image)
{
    return image->enabled != 0;
}

int32_t cx_image_max_calls(const struct cx_image *image)
{
    return image->limits.calls;
}

void cx_image_limits(const struct cx_image *image, struct cx_image_limits *limits)
{
    *limits = (struct cx_image_limits){.calls = image->limits.calls,
                                       .inbound = image->limits.inbound,
                                       .outbound = image->limits.outbound,
                                       .outbound_per_minute = image->limits.outbound_per_minute};
}

int32_t cx_image_user_max_calls(const struct cx_image *image, struct cx_id user)
{
    const struct cx_user *u = cx_find_user(image, user);

    return u ? u->max_calls : -1;
}

uint32_t cx_image_number_count(const struct cx_image *image)
{
    return cx_count(image, CX_T_NUMBER);
}

struct cx_str cx_image_number(const struct cx_image *image, uint32_t index)
{
    return cx_pool(image, CX_ROWS(image, CX_T_NUMBER, struct cx_number_row)[index].text);
}

uint32_t cx_image_user_count(const struct cx_image *image)
{
    return cx_count(image, CX_T_USER);
}

static void describe_device(const struct cx_image *image, const struct cx_device *d,
                            struct cx_image_device *device)
{
    const struct cx_user *users = cx_table(image, CX_T_USER);
    const struct cx_user *owner = d->owner == CX_NONE ? NULL : &users[d->owner];

    *device = (struct cx_image_device){
        .id = d->id,
        .owner = owner ? owner->id : (struct cx_id){{0}},
        .username = cx_pool(image, d->username),
        .ha1 = cx_pool(image, d->ha1),
        .ip = cx_pool(image, d->ip),
        .enabled = image->enabled && (d->flags & CX_DEVICE_ENABLED) &&
                   (!owner || (owner->flags & CX_USER_ENABLED)),
    };
}

bool cx_image_device_by_username(const struct cx_image *image, struct cx_str username,
                                 struct cx_image_device *device)
{
    const struct cx_device *d = cx_find_username(image, username);

    if (d)
        describe_device(image, d, device);
    return d != NULL;
}

bool cx_image_device_by_id(const struct cx_image *image, struct cx_id id,
                           struct cx_image_device *device)
{
    const struct cx_device *d = cx_find_device(image, id);

    if (d)
        describe_device(image, d, device);
    return d != NULL;
}

uint32_t cx_image_device_count(const struct cx_image *image)
{
    return cx_count(image, CX_T_DEVICE);
}

void cx_image_device_at(const struct cx_image *image, uint32_t index,
                        struct cx_image_device *device)
{
    describe_device(image, &CX_ROWS(image, CX_T_DEVICE, struct cx_device)[index], device);
}

uint32_t cx_image_box_count(const struct cx_image *image)
{
    return cx_count(image, CX_T_BOX);
}

void cx_image_box_at(const struct cx_image *image, uint32_t index, struct cx_image_box *box)
{
    const struct cx_box *b = &CX_ROWS(image, CX_T_BOX, struct cx_box)[index];
    const struct cx_user *users = cx_table(image, CX_T_USER);

    *box = (struct cx_image_box){
        .id = b->id,
        .owner = b->owner == CX_NONE ? (struct cx_id){{0}} : users[b->owner].id,
        .mailbox = cx_pool(image, b->mailbox),
    };
}

uint32_t cx_image_gateway_count(const struct cx_image *image)
{
    return cx_count(image, CX_T_GATEWAY);
}

void cx_image_gateway_at(const struct cx_image *image, uint32_t index,
                         struct cx_image_gateway *gateway)
{
    const struct cx_gateway_row *g = &CX_ROWS(image, CX_T_GATEWAY, struct cx_gateway_row)[index];
    const struct cx_resource_row *r =
        &CX_ROWS(image, CX_T_RESOURCE, struct cx_resource_row)[g->resource];

    *gateway = (struct cx_image_gateway){
        .resource = r->id,
        .resource_name = cx_pool(image, r->name),
        .server = cx_pool(image, g->server),
        .transport = cx_pool(image, g->transport),
        .port = g->port,
        .enabled = (r->flags & CX_RESOURCE_ENABLED) && (g->flags & CX_GATEWAY_ENABLED),
        .inbound = (g->flags & CX_GATEWAY_INBOUND) != 0,
    };
}

static int hex_value(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    if (c >= 'a' && c <= 'f')
        return c - 'a' + 10;
    return -1;
}

bool cx_id_parse(const char *hex, size_t len, struct cx_id *id)
{
    memset(id, 0, sizeof(*id));
    if (len != 32)
        return false;
    for (int i = 0; i < 16; i++) {
        int hi = hex_value(hex[2 * i]), lo = hex_value(hex[2 * i + 1]);
        if (hi < 0 || lo < 0) {
            memset(id, 0, sizeof(*id));
            return false;
        }
        id->b[i] = (uint8_t)(hi << 4 | lo);
    }
    return true;
}

void cx_id_format(struct cx_id id, char hex[33])
{
    static const char digits[] = "0123456789abcdef";

    for (int i = 0; i < 16; i++) {
        hex[2 * i] = digits[id.b[i] >> 4];
        hex[2 * i + 1] = digits[id.b[i] & 15];
    }
    hex[32] = '\0';
}

bool cx_id_is_zero(struct cx_id id)
{
    static const struct cx_id zero;

    return memcmp(&id, &zero, sizeof(id)) == 0;
}

bool cx_id_equal(struct cx_id a, struct cx_id b)
{
    return memcmp(&a, &b, sizeof(a)) == 0;
}

/* CRC-32C, by nibbles: small, and images are read once a change. */
uint32_t cx_checksum(const void *data, size_t len)
{
    static const uint32_t table[16] = {
        0x00000000, 0x105ec76f, 0x20bd8ede, 0x30e349b1, 0x417b1dbc, 0x5125dad3,
        0x61c69362, 0x7198540d, 0x82f63b78, 0x92a8fc17, 0xa24bb5a6, 0xb21572c9,
        0xc38d26c4, 0xd3d3e1ab, 0xe330a81a, 0xf36e6f75,
    };
    const uint8_t *p = data;
    uint32_t crc = ~0u;

    while (len-- > 0) {
        crc ^= *p++;
        crc = crc >> 4 ^ table[crc & 15];
        crc = crc >> 4 ^ table[crc & 15];
    }
    return ~crc;
}

struct cx_str cx_image_user_presence(const struct cx_image *image, struct cx_id user)
{
    const struct cx_user *u = cx_find_user(image, user);

    return u ? cx_pool(image, u->presence) : (struct cx_str){0};
}
