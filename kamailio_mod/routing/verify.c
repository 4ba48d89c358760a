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

struct check {
    const struct cx_image *image;
    const char *why;
};

static bool bad(struct check *c, const char *why)
{
    if (!c->why)
        c->why = why;
    return false;
}

static bool is_text(struct check *c, cx_ref ref)
{
    const struct cx_image *image = c->image;
    uint16_t len;

    if (ref > image->pool_bytes || image->pool_bytes - ref < sizeof(len))
        return bad(c, "a string lies outside the pool");
    memcpy(&len, (const char *)image + image->pool + ref, sizeof(len));
    return image->pool_bytes - ref - sizeof(len) >= len || bad(c, "a string runs out of the pool");
}

static bool is_row(struct check *c, uint32_t index, enum cx_table table)
{
    return index < cx_count(c->image, table) || bad(c, "a reference points at no row");
}

static bool is_row_or_none(struct check *c, uint32_t index, enum cx_table table)
{
    return index == CX_NONE || is_row(c, index, table);
}

static bool is_range(struct check *c, uint32_t first, uint32_t count, enum cx_table table)
{
    uint32_t have = cx_count(c->image, table);

    return (first <= have && count <= have - first) || bad(c, "a range runs out of its table");
}

static bool caller_id(struct check *c, const struct cx_caller_id *id)
{
    return is_text(c, id->internal_name) && is_text(c, id->internal_number) &&
           is_text(c, id->external_name) && is_text(c, id->external_number) &&
           is_text(c, id->emergency_name) && is_text(c, id->emergency_number);
}

static bool program(struct check *c, uint32_t first, uint32_t count)
{
    return is_range(c, first, count, CX_T_CODE) &&
           (cx_pattern_check(CX_ROWS(c->image, CX_T_CODE, uint32_t) + first, count) ||
            bad(c, "a pattern's program is damaged"));
}

static bool layout(struct check *c, size_t size)
{
    const struct cx_image *image = c->image;

    if (image->pool > size || image->pool_bytes > size - image->pool || image->pool_bytes < 2)
        return bad(c, "the string pool lies outside the image");
    for (int t = 0; t < CX_TABLES; t++) {
        struct cx_span span = image->tables[t];
        if (span.offset % 4 || span.offset < sizeof(*image) || span.offset > size ||
            span.count > (size - span.offset) / cx_table_row_bytes[t])
            return bad(c, "a table lies outside the image");
    }
    return true;
}

static bool module_ref(struct check *c, const struct cx_node *n)
{
    enum cx_table table = cx_modules[n->module].table;

    return table == CX_TABLES || is_row_or_none(c, n->ref, table);
}

static bool people(struct check *c)
{
    const struct cx_image *image = c->image;
    const struct cx_user *u = cx_table(image, CX_T_USER);
    const struct cx_device *d = cx_table(image, CX_T_DEVICE);
    const struct cx_box *b = cx_table(image, CX_T_BOX);

    for (uint32_t i = 0; i < cx_count(image, CX_T_USER); i++, u++)
        if (!is_text(c, u->name) || !is_text(c, u->presence) || !caller_id(c, &u->caller_id) ||
            !is_range(c, u->owned_first, u->owned_count, CX_T_OWNED))
            return false;
    for (uint32_t i = 0; i < cx_count(image, CX_T_DEVICE); i++, d++)
        if (!is_text(c, d->name) || !is_text(c, d->username) || !is_text(c, d->ha1) ||
            !is_text(c, d->ip) || !is_text(c, d->route) || !caller_id(c, &d->caller_id) ||
            !is_row_or_none(c, d->owner, CX_T_USER))
            return false;
    for (uint32_t i = 0; i < cx_count(image, CX_T_BOX); i++, b++)
        if (!is_text(c, b->mailbox) || !is_text(c, b->greeting) ||
            !is_row_or_none(c, b->owner, CX_T_USER))
            return false;
    for (int t = CX_T_BY_USERNAME; t <= CX_T_OWNED; t++)
        for (uint32_t i = 0; i < cx_count(image, (enum cx_table)t); i++)
            if (!is_row(c, CX_ROWS(image, (enum cx_table)t, uint32_t)[i], CX_T_DEVICE))
                return false;
    return true;
}

static bool flows(struct check *c)
{
    const struct cx_image *image = c->image;
    const struct cx_callflow *f = cx_table(image, CX_T_CALLFLOW);
    const struct cx_node *n = cx_table(image, CX_T_NODE);
    const struct cx_child *child = cx_table(image, CX_T_CHILD);
    const struct cx_entry *e = cx_table(image, CX_T_ENTRY);
    const struct cx_pattern_row *p = cx_table(image, CX_T_PATTERN);

    for (uint32_t i = 0; i < cx_count(image, CX_T_CALLFLOW); i++, f++)
        if (f->node_count == 0 || !is_range(c, f->first_node, f->node_count, CX_T_NODE) ||
            !is_row_or_none(c, f->owner, CX_T_USER))
            return bad(c, "a callflow has no nodes");
    for (uint32_t i = 0; i < cx_count(image, CX_T_NODE); i++, n++)
        if (n->module >= CX_MODULES || !is_text(c, n->text) || !is_text(c, n->text2) ||
            !module_ref(c, n) || !is_range(c, n->child_first, n->child_count, CX_T_CHILD))
            return bad(c, "a node is damaged");
    for (uint32_t i = 0; i < cx_count(image, CX_T_CHILD); i++, child++)
        if (!is_text(c, child->key) || !is_row(c, child->node, CX_T_NODE))
            return false;
    for (uint32_t i = 0; i < cx_count(image, CX_T_ENTRY); i++, e++)
        if (!is_text(c, e->text) || !is_row(c, e->callflow, CX_T_CALLFLOW))
            return false;
    for (uint32_t i = 0; i < cx_count(image, CX_T_PATTERN); i++, p++)
        if (!is_text(c, p->text) || !is_row(c, p->callflow, CX_T_CALLFLOW) ||
            !program(c, p->code_first, p->code_count))
            return false;
    return true;
}

static bool carriers(struct check *c)
{
    const struct cx_image *image = c->image;
    const struct cx_number_row *n = cx_table(image, CX_T_NUMBER);
    const struct cx_resource_row *r = cx_table(image, CX_T_RESOURCE);
    const struct cx_gateway_row *g = cx_table(image, CX_T_GATEWAY);
    const struct cx_rule_row *rule = cx_table(image, CX_T_RULE);

    for (uint32_t i = 0; i < cx_count(image, CX_T_NUMBER); i++, n++)
        if (!is_text(c, n->text))
            return false;
    for (uint32_t i = 0; i < cx_count(image, CX_T_RESOURCE); i++, r++)
        if (!is_text(c, r->name) || !is_range(c, r->rule_first, r->rule_count, CX_T_RULE) ||
            !is_range(c, r->gateway_first, r->gateway_count, CX_T_GATEWAY))
            return false;
    for (uint32_t i = 0; i < cx_count(image, CX_T_GATEWAY); i++, g++)
        if (!is_text(c, g->server) || !is_text(c, g->transport) || !is_text(c, g->prefix) ||
            !is_text(c, g->suffix) || !is_row(c, g->resource, CX_T_RESOURCE))
            return false;
    for (uint32_t i = 0; i < cx_count(image, CX_T_RULE); i++, rule++)
        if (!program(c, rule->code_first, rule->code_count))
            return false;
    return true;
}

int cx_image_check(const void *block, size_t size, const char **why)
{
    struct check c = {.image = block};
    const struct cx_image *i = block;

    if (size < sizeof(*i) || (uintptr_t)block % _Alignof(struct cx_image))
        bad(&c, "too short to be an image");
    else if (i->magic != CX_IMAGE_MAGIC)
        bad(&c, "not an account image");
    else if (i->version != CX_IMAGE_VERSION)
        bad(&c, "image of another version");
    else if (i->size != size)
        bad(&c, "the image is cut, or has something behind it");
    else if (i->checksum != cx_checksum(&i->account, size - offsetof(struct cx_image, account)))
        bad(&c, "the checksum is wrong");
    else if (layout(&c, size))
        (void)(is_text(&c, i->name) && is_text(&c, i->realm) && is_text(&c, i->timezone) &&
               is_text(&c, i->language) && is_text(&c, i->external_name) &&
               is_text(&c, i->external_number) && is_text(&c, i->emergency_name) &&
               is_text(&c, i->emergency_number) && is_row_or_none(&c, i->no_match, CX_T_CALLFLOW) &&
               people(&c) && flows(&c) && carriers(&c));
    *why = c.why;
    return c.why ? -EINVAL : 0;
}
