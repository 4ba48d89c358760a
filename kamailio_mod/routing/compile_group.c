/*
 * compile_group.c - groups, and the members that callflow nodes name, into rows of groups.h.
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "flow.h"

/* Seconds from year 0 (Kazoo's clock) to 1970. */
#define GREGORIAN_EPOCH 62167219200.0

static const char *const kinds[CX_MEMBER_KINDS] = {"user", "device", "group"};

uint32_t cx_build_group(const struct cx_build *b, const char *id)
{
    return cx_build_document(b, CX_DOCUMENT_GROUP, id);
}

static int kind_of(const char *text)
{
    for (int k = 0; text && k < CX_MEMBER_KINDS; k++)
        if (strcmp(text, kinds[k]) == 0)
            return k;
    return -1;
}

static uint32_t ref_of(const struct cx_build *b, int kind, const char *id)
{
    switch (kind) {
    case CX_MEMBER_USER:
        return cx_build_user(b, id);
    case CX_MEMBER_DEVICE:
        return cx_build_device(b, id);
    default:
        return cx_build_group(b, id);
    }
}

static void add_member(struct cx_build *b, struct cx_member member, const char *id)
{
    struct cx_member *row;

    member.ref = ref_of(b, member.kind, id);
    row = cx_build_add(b, CX_T_MEMBER);
    if (row)
        *row = member;
}

/* 1 to 100, else 0. */
static uint8_t weight_of(const json_t *endpoint)
{
    json_int_t w = json_integer_value(json_object_get(endpoint, "weight"));

    return (uint8_t)(w >= 1 && w <= 100 ? w : 0);
}

/* {"endpoints":{"<id>":{"type":"user","weight":1}}}. A member that says no kind is looked for in
 * all tables; one that cannot be read is left out: a group must not keep its account from
 * compiling. */
static void add_group(struct cx_build *b, const struct cx_row_document *r)
{
    struct cx_group *row, group = {.name = cx_build_text(b, r->name)};
    json_t *doc = json_loads(r->doc ? r->doc : "{}", 0, NULL), *value;
    const char *id;

    cx_id_parse(r->id, strlen(r->id), &group.id);
    group.member_first = cx_build_count(b, CX_T_MEMBER);
    json_object_foreach(json_object_get(doc, "endpoints"), id, value)
    {
        struct cx_member m = {.weight = weight_of(value)};
        int kind = kind_of(json_string_value(json_object_get(value, "type")));
        for (int k = 0; kind < 0 && k < CX_MEMBER_KINDS; k++)
            if (ref_of(b, k, id) != CX_NONE)
                kind = k;
        if (kind < 0)
            continue;
        m.kind = (uint8_t)kind;
        add_member(b, m, id);
    }
    group.member_count = cx_build_count(b, CX_T_MEMBER) - group.member_first;
    json_decref(doc);
    if ((row = cx_build_add(b, CX_T_GROUP)) != NULL)
        *row = group;
}

void cx_build_groups(struct cx_build *b)
{
    const struct cx_row_documents *groups = &b->rows->documents[CX_DOCUMENT_GROUP];

    for (size_t i = 0; i < groups->count; i++)
        add_group(b, &groups->items[i]);
}

/* ---- nodes */

static int endpoint(struct cx_flow *f, size_t index, const json_t *value)
{
    const char *id = json_string_value(json_object_get(value, "id"));
    const json_t *until = json_object_get(value, "disable_until");
    int kind = kind_of(json_string_value(json_object_get(value, "endpoint_type")));
    size_t path_len = strlen(f->path);
    struct cx_member m = {0};
    char member[64];
    long delay_s = 0, timeout_s = 0;
    int err;

    snprintf(member, sizeof(member), "data.endpoints.%zu", index);
    if (!json_is_object(value) || !id || !id[0])
        return cx_flow_refuse(f, member, "%s", "an endpoint wants an id and an endpoint_type");
    if (kind < 0)
        return cx_flow_refuse(f, member, "%s", "endpoint_type must be one of: user, device, group");
    snprintf(f->path + path_len, sizeof(f->path) - path_len, ".data.endpoints.%zu", index);
    err = cx_flow_number(f, value, "delay", 0, 3600, &delay_s);
    if (err == 0)
        err = cx_flow_number(f, value, "timeout", 0, 3600, &timeout_s);
    f->path[path_len] = '\0';
    if (err < 0 || !f->b)
        return err;
    m.kind = (uint8_t)kind;
    m.weight = weight_of(value);
    m.delay_s = (uint16_t)delay_s;
    m.timeout_s = (uint16_t)timeout_s;
    if (json_is_number(until)) {
        double s = json_number_value(until) - GREGORIAN_EPOCH;
        m.disabled_until = s <= 0 ? 0 : s < UINT32_MAX ? (uint32_t)s : UINT32_MAX;
    }
    add_member(f->b, m, id);
    return 0;
}

static void add_ring(struct cx_flow *f, const struct cx_ring *ring, struct cx_node *n)
{
    struct cx_ring *row;

    if (!f->b)
        return;
    n->ref = cx_build_count(f->b, CX_T_RING);
    if ((row = cx_build_add(f->b, CX_T_RING)) != NULL)
        *row = *ring;
}

int cx_flow_ring(struct cx_flow *f, const json_t *data, struct cx_node *n, struct cx_ring *ring)
{
    const json_t *endpoints = json_object_get(data, "endpoints"), *value;
    const char *name;
    size_t i;
    int err = cx_flow_text(f, data, "name", &name);

    if (err < 0)
        return err;
    if (endpoints && !json_is_array(endpoints))
        return cx_flow_refuse(f, "data.endpoints", "%s", "must be a list");
    if (f->b) {
        ring->name = cx_build_text(f->b, name);
        ring->member_first = cx_build_count(f->b, CX_T_MEMBER);
    }
    json_array_foreach(endpoints, i, value)
    {
        if ((err = endpoint(f, i, value)) < 0)
            return err;
    }
    if (f->b)
        ring->member_count = cx_build_count(f->b, CX_T_MEMBER) - ring->member_first;
    add_ring(f, ring, n);
    return 0;
}

/* data.PREFIXuser_id and so on, each as a member. */
static int named(struct cx_flow *f, const json_t *data, const char *prefix, uint32_t *first,
                 uint32_t *count)
{
    *first = f->b ? cx_build_count(f->b, CX_T_MEMBER) : 0;
    *count = 0;
    for (int k = 0; k < CX_MEMBER_KINDS; k++) {
        const char *id;
        char key[40];
        int err;

        snprintf(key, sizeof(key), "%s%s_id", prefix, kinds[k]);
        err = cx_flow_text(f, data, key, &id);
        if (err < 0)
            return err;
        if (!id || !id[0])
            continue;
        ++*count;
        if (f->b)
            add_member(f->b, (struct cx_member){.kind = (uint8_t)k}, id);
    }
    return 0;
}

int cx_flow_pickup(struct cx_flow *f, const json_t *data, struct cx_node *n)
{
    struct cx_ring ring = {0};
    int err = named(f, data, "", &ring.member_first, &ring.member_count);

    if (err == 0)
        err = named(f, data, "approved_", &ring.approved_first, &ring.approved_count);
    if (err == 0)
        add_ring(f, &ring, n);
    return err;
}
