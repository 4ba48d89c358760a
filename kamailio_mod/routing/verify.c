/*
 * verify.c - what must hold in an image before anyone reads it: cx_image_check().
 *
 * Images come from files, and files rot. After this no reader checks a bound.
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include <errno.h>
#include <string.h>

#include "nodes/nodes.h"
#include "pattern.h"
#include "verify.h"

bool cx_check_bad(struct cx_check *c, const char *why)
{
    if (!c->why)
        c->why = why;
    return false;
}

bool cx_check_text(struct cx_check *c, cx_ref ref)
{
    const struct cx_image *image = c->image;
    uint16_t len;

    if (ref > image->pool_bytes || image->pool_bytes - ref < sizeof(len))
        return cx_check_bad(c, "a string lies outside the pool");
    memcpy(&len, (const char *)image + image->pool + ref, sizeof(len));
    return image->pool_bytes - ref - sizeof(len) >= len ||
           cx_check_bad(c, "a string runs out of the pool");
}

bool cx_check_row(struct cx_check *c, uint32_t index, enum cx_table table)
{
    return index < cx_count(c->image, table) || cx_check_bad(c, "a reference points at no row");
}

bool cx_check_row_or_none(struct cx_check *c, uint32_t index, enum cx_table table)
{
    return index == CX_NONE || cx_check_row(c, index, table);
}

bool cx_check_range(struct cx_check *c, uint32_t first, uint32_t count, enum cx_table table)
{
    uint32_t have = cx_count(c->image, table);

    return (first <= have && count <= have - first) ||
           cx_check_bad(c, "a range runs out of its table");
}

static bool caller_id(struct cx_check *c, const struct cx_caller_id *id)
{
    return cx_check_text(c, id->internal_name) && cx_check_text(c, id->internal_number) &&
           cx_check_text(c, id->external_name) && cx_check_text(c, id->external_number) &&
           cx_check_text(c, id->emergency_name) && cx_check_text(c, id->emergency_number);
}

bool cx_check_program(struct cx_check *c, uint32_t first, uint32_t count)
{
    return cx_check_range(c, first, count, CX_T_CODE) &&
           (cx_pattern_check(CX_ROWS(c->image, CX_T_CODE, uint32_t) + first, count) ||
            cx_check_bad(c, "a pattern's program is damaged"));
}

static bool layout(struct cx_check *c, size_t size)
{
    const struct cx_image *image = c->image;

    if (image->pool > size || image->pool_bytes > size - image->pool || image->pool_bytes < 2)
        return cx_check_bad(c, "the string pool lies outside the image");
    for (int t = 0; t < CX_TABLES; t++) {
        struct cx_span span = image->tables[t];
        if (span.offset % 4 || span.offset < sizeof(*image) || span.offset > size ||
            span.count > (size - span.offset) / cx_table_row_bytes[t])
            return cx_check_bad(c, "a table lies outside the image");
    }
    return true;
}

static bool module_ref(struct cx_check *c, const struct cx_node *n)
{
    enum cx_table table = cx_modules[n->module].table;

    return cx_check_row_or_none(c, n->id, CX_T_ID) &&
           (table == CX_TABLES || cx_check_row_or_none(c, n->ref, table));
}

static bool people(struct cx_check *c)
{
    const struct cx_image *image = c->image;
    const struct cx_user *u = cx_table(image, CX_T_USER);
    const struct cx_device *d = cx_table(image, CX_T_DEVICE);
    const struct cx_box *b = cx_table(image, CX_T_BOX);

    for (uint32_t i = 0; i < cx_count(image, CX_T_USER); i++, u++)
        if (!cx_check_text(c, u->name) || !cx_check_text(c, u->presence) ||
            !caller_id(c, &u->caller_id) || !cx_check_row(c, u->recording, CX_T_RECORDING) ||
            !cx_check_range(c, u->owned_first, u->owned_count, CX_T_OWNED))
            return false;
    for (uint32_t i = 0; i < cx_count(image, CX_T_DEVICE); i++, d++)
        if (!cx_check_text(c, d->name) || !cx_check_text(c, d->username) ||
            !cx_check_text(c, d->ha1) || !cx_check_text(c, d->ip) || !cx_check_text(c, d->route) ||
            !caller_id(c, &d->caller_id) || !cx_check_row(c, d->recording, CX_T_RECORDING) ||
            !cx_check_row_or_none(c, d->owner, CX_T_USER))
            return false;
    for (uint32_t i = 0; i < cx_count(image, CX_T_BOX); i++, b++)
        if (!cx_check_text(c, b->mailbox) || !cx_check_text(c, b->greeting) ||
            !cx_check_row_or_none(c, b->owner, CX_T_USER))
            return false;
    for (int t = CX_T_BY_USERNAME; t <= CX_T_OWNED; t++)
        for (uint32_t i = 0; i < cx_count(image, (enum cx_table)t); i++)
            if (!cx_check_row(c, CX_ROWS(image, (enum cx_table)t, uint32_t)[i], CX_T_DEVICE))
                return false;
    return true;
}

static bool flows(struct cx_check *c)
{
    const struct cx_image *image = c->image;
    const struct cx_callflow *f = cx_table(image, CX_T_CALLFLOW);
    const struct cx_node *n = cx_table(image, CX_T_NODE);
    const struct cx_child *child = cx_table(image, CX_T_CHILD);
    const struct cx_entry *e = cx_table(image, CX_T_ENTRY);
    const struct cx_pattern_row *p = cx_table(image, CX_T_PATTERN);

    for (uint32_t i = 0; i < cx_count(image, CX_T_CALLFLOW); i++, f++)
        if (f->node_count == 0 || !cx_check_range(c, f->first_node, f->node_count, CX_T_NODE) ||
            !cx_check_row_or_none(c, f->owner, CX_T_USER))
            return cx_check_bad(c, "a callflow has no nodes");
    for (uint32_t i = 0; i < cx_count(image, CX_T_NODE); i++, n++)
        if (n->module >= CX_MODULES || !cx_check_text(c, n->text) || !cx_check_text(c, n->text2) ||
            !module_ref(c, n) || !cx_check_range(c, n->child_first, n->child_count, CX_T_CHILD))
            return cx_check_bad(c, "a node is damaged");
    for (uint32_t i = 0; i < cx_count(image, CX_T_CHILD); i++, child++)
        if (!cx_check_text(c, child->key) || !cx_check_row(c, child->node, CX_T_NODE))
            return false;
    for (uint32_t i = 0; i < cx_count(image, CX_T_ENTRY); i++, e++)
        if (!cx_check_text(c, e->text) || !cx_check_row(c, e->callflow, CX_T_CALLFLOW))
            return false;
    for (uint32_t i = 0; i < cx_count(image, CX_T_PATTERN); i++, p++)
        if (!cx_check_text(c, p->text) || !cx_check_row(c, p->callflow, CX_T_CALLFLOW) ||
            !cx_check_program(c, p->code_first, p->code_count))
            return false;
    return true;
}

static bool carriers(struct cx_check *c)
{
    const struct cx_image *image = c->image;
    const struct cx_number_row *n = cx_table(image, CX_T_NUMBER);
    const struct cx_resource_row *r = cx_table(image, CX_T_RESOURCE);
    const struct cx_gateway_row *g = cx_table(image, CX_T_GATEWAY);
    const struct cx_rule_row *rule = cx_table(image, CX_T_RULE);

    for (uint32_t i = 0; i < cx_count(image, CX_T_NUMBER); i++, n++)
        if (!cx_check_text(c, n->text))
            return false;
    for (uint32_t i = 0; i < cx_count(image, CX_T_RESOURCE); i++, r++)
        if (!cx_check_text(c, r->name) ||
            !cx_check_range(c, r->rule_first, r->rule_count, CX_T_RULE) ||
            !cx_check_range(c, r->gateway_first, r->gateway_count, CX_T_GATEWAY))
            return false;
    for (uint32_t i = 0; i < cx_count(image, CX_T_GATEWAY); i++, g++)
        if (!cx_check_text(c, g->server) || !cx_check_text(c, g->transport) ||
            !cx_check_text(c, g->prefix) || !cx_check_text(c, g->suffix) ||
            !cx_check_row(c, g->resource, CX_T_RESOURCE))
            return false;
    for (uint32_t i = 0; i < cx_count(image, CX_T_RULE); i++, rule++)
        if (!cx_check_program(c, rule->code_first, rule->code_count))
            return false;
    return true;
}

int cx_image_check(const void *block, size_t size, const char **why)
{
    struct cx_check c = {.image = block};
    const struct cx_image *i = block;

    if (size < sizeof(*i) || (uintptr_t)block % _Alignof(struct cx_image))
        cx_check_bad(&c, "too short to be an image");
    else if (i->magic != CX_IMAGE_MAGIC)
        cx_check_bad(&c, "not an account image");
    else if (i->version != CX_IMAGE_VERSION)
        cx_check_bad(&c, "image of another version");
    else if (i->size != size)
        cx_check_bad(&c, "the image is cut, or has something behind it");
    else if (i->checksum != cx_checksum(&i->account, size - offsetof(struct cx_image, account)))
        cx_check_bad(&c, "the checksum is wrong");
    else if (layout(&c, size))
        (void)(cx_check_text(&c, i->name) && cx_check_text(&c, i->realm) &&
               cx_check_text(&c, i->timezone) && cx_check_text(&c, i->language) &&
               cx_check_text(&c, i->external_name) && cx_check_text(&c, i->external_number) &&
               cx_check_text(&c, i->emergency_name) && cx_check_text(&c, i->emergency_number) &&
               cx_check_row_or_none(&c, i->no_match, CX_T_CALLFLOW) &&
               cx_check_row_or_none(&c, i->preflow, CX_T_CALLFLOW) &&
               cx_check_row_or_none(&c, i->zone, CX_T_ZONE) && people(&c) && flows(&c) &&
               carriers(&c) && cx_check_groups(&c) && cx_check_documents(&c));
    *why = c.why;
    return c.why ? -EINVAL : 0;
}
