/*
 * branch_variable.c - callflow module "branch_variable": goes by the value of a variable. data:
 * variable, scope (custom_channel_vars, account, user, device, merged).
 *
 * custom_channel_vars are those of set_variables; the others are keys of documents ("name",
 * "caller_id.external.number"), looked up when the image is compiled. The child with the value as
 * key is next, else `_`.
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include <stdio.h>
#include <string.h>

#include "../variables.h"
#include "nodes.h"

enum { SCOPE_CALL, SCOPE_ACCOUNT, SCOPE_DEVICE, SCOPE_MERGED, SCOPE_USER };

/* The value at a dotted path as text; NULL: none, or an object. */
static const char *value_at(const json_t *doc, const char *path, char number[32])
{
    char copy[200], *rest = NULL;

    snprintf(copy, sizeof(copy), "%s", path);
    for (char *word = strtok_r(copy, ".", &rest); word; word = strtok_r(NULL, ".", &rest))
        doc = json_object_get(doc, word);
    if (json_is_boolean(doc))
        return json_is_true(doc) ? "true" : "false";
    if (json_is_integer(doc)) {
        snprintf(number, 32, "%lld", (long long)json_integer_value(doc));
        return number;
    }
    return json_string_value(doc);
}

static void add_value(struct cx_build *b, const char *variable, enum cx_value_kind kind,
                      uint32_t row, const char *doc_text, const char *column)
{
    json_t *doc = cx_doc_load(doc_text);
    char number[32];
    const char *value = column ? column : value_at(doc, variable, number);
    struct cx_value *to;

    if (value && value[0] && (to = cx_build_add(b, CX_T_VALUE)) != NULL)
        *to = (struct cx_value){cx_build_text(b, variable), kind, row, cx_build_text(b, value)};
    json_decref(doc);
}

/* Keys that are columns of their own. */
static const char *user_column(const struct cx_row_user *u, const char *variable)
{
    return strcmp(variable, "first_name") == 0    ? u->first_name
           : strcmp(variable, "last_name") == 0   ? u->last_name
           : strcmp(variable, "presence_id") == 0 ? u->presence_id
           : strcmp(variable, "id") == 0          ? u->id
                                                  : NULL;
}

static const char *device_column(const struct cx_row_device *d, const char *variable)
{
    return strcmp(variable, "name") == 0          ? d->name
           : strcmp(variable, "device_type") == 0 ? d->device_type
           : strcmp(variable, "owner_id") == 0    ? d->owner_id
           : strcmp(variable, "id") == 0          ? d->id
                                                  : NULL;
}

static const char *account_column(const struct cx_row_account *a, const char *variable)
{
    return strcmp(variable, "name") == 0       ? a->name
           : strcmp(variable, "realm") == 0    ? a->realm
           : strcmp(variable, "timezone") == 0 ? a->timezone
           : strcmp(variable, "language") == 0 ? a->language
                                               : NULL;
}

static bool is_known(const struct cx_build *b, cx_ref variable)
{
    for (uint32_t i = 0; i < cx_build_count(b, CX_T_VALUE); i++)
        if (((struct cx_value *)cx_build_row(b, CX_T_VALUE, i))->variable == variable)
            return true;
    return false;
}

/* All that anybody has of it, once a variable. */
static void add_values(struct cx_build *b, const char *variable)
{
    if (is_known(b, cx_build_text(b, variable)))
        return;
    add_value(b, variable, CX_VALUE_ACCOUNT, 0, b->rows->account.doc,
              account_column(&b->rows->account, variable));
    for (uint32_t i = 0; i < b->rows->user_count; i++)
        add_value(b, variable, CX_VALUE_USER, i, b->rows->users[i].doc,
                  user_column(&b->rows->users[i], variable));
    for (uint32_t i = 0; i < b->rows->device_count; i++)
        add_value(b, variable, CX_VALUE_DEVICE, i, b->rows->devices[i].doc,
                  device_column(&b->rows->devices[i], variable));
}

int cx_fill_branch_variable(struct cx_flow *f, const json_t *data, struct cx_node *n)
{
    static const char *const scopes[] = {
        "custom_channel_vars", "account", "device", "merged", "user", NULL};
    const json_t *v = json_object_get(data, "variable");
    char path[200] = "";
    const char *text = json_string_value(v);
    const json_t *word;
    unsigned scope;
    size_t i;
    int err = cx_flow_choice(f, data, "scope", scopes, &scope);

    if (err < 0)
        return err;
    if (text)
        snprintf(path, sizeof(path), "%s", text);
    json_array_foreach(v, i, word)
    {
        size_t at = strlen(path);
        snprintf(path + at, sizeof(path) - at, "%s%s", at ? "." : "",
                 json_is_string(word) ? json_string_value(word) : "");
    }
    if (!path[0])
        return cx_flow_refuse(f, "data.variable", "%s", "which variable? a name is wanted");
    n->number = (uint16_t)scope;
    if (!f->b)
        return 0;
    n->text = cx_build_text(f->b, path);
    if (scope != SCOPE_CALL)
        add_values(f->b, path);
    return 0;
}

static struct cx_str find(const struct cx_decide *d, cx_ref variable, enum cx_value_kind kind,
                          uint32_t row)
{
    const struct cx_value *v = cx_table(d->image, CX_T_VALUE);

    for (uint32_t i = 0; i < cx_count(d->image, CX_T_VALUE); i++, v++)
        if (v->variable == variable && v->kind == kind && v->row == row)
            return cx_pool(d->image, v->value);
    return (struct cx_str){0};
}

static struct cx_str value_of(struct cx_decide *d, const struct cx_node *node)
{
    struct cx_str value = {0};

    if (node->number == SCOPE_CALL)
        return cx_variables_get(cx_state(d)->variables, cx_pool(d->image, node->text));
    if ((node->number == SCOPE_DEVICE || node->number == SCOPE_MERGED) && d->device)
        value = find(d, node->text, CX_VALUE_DEVICE, cx_index(d->image, CX_T_DEVICE, d->device));
    if ((node->number == SCOPE_USER || node->number == SCOPE_MERGED) && d->user && !value.len)
        value = find(d, node->text, CX_VALUE_USER, cx_index(d->image, CX_T_USER, d->user));
    if ((node->number == SCOPE_ACCOUNT || node->number == SCOPE_MERGED) && !value.len)
        value = find(d, node->text, CX_VALUE_ACCOUNT, 0);
    return value;
}

enum cx_done cx_node_branch_variable(struct cx_decide *d, const struct cx_node *node)
{
    struct cx_str value = value_of(d, node);

    d->key = cx_text_make(d->step, "%.*s", (int)value.len, value.s ? value.s : "");
    cx_trace_add(d, CX_TRACE_NODE, (struct cx_id){{0}},
                 value.len ? "variable has the value" : "variable has no value", d->key);
    return CX_DONE_NEXT;
}
