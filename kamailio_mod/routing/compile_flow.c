/*
 * compile_flow.c - the tree of a callflow -> nodes of the image.
 *
 * What cannot be run is refused here, by its path in the tree: never skipped silently at call time.
 * A reference to a document that does not exist (any more) compiles: the node then takes its
 * default child, and says so in the trace. SPDX-License-Identifier: GPL-2.0-or-later
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "build.h"
#include "nodes/nodes.h"

#define DEPTH_MAX 50
#define NODES_MAX 2000

int cx_flow_refuse(struct cx_flow *f, const char *member, const char *format, const char *what)
{
    char path[sizeof(f->path) + 64];

    snprintf(path, sizeof(path), "%s%s%s", f->path, member[0] ? "." : "", member);
    return cx_compile_fail(f->error, f->document, path, format, what);
}

/* FNV-1a over the keys from the root: the node keeps its hash while the tree around it changes. */
static uint32_t hash_key(uint32_t hash, const char *key)
{
    hash = (hash ^ 0xff) * 16777619u;
    for (; *key; key++)
        hash = (hash ^ (unsigned char)*key) * 16777619u;
    return hash;
}

static int module_of(struct cx_flow *f, const json_t *node, enum cx_module *module)
{
    const char *name = json_string_value(json_object_get(node, "module"));

    if (!name)
        return cx_flow_refuse(f, "module", "%s", "a node wants a module");
    for (int m = 0; m < CX_MODULES; m++)
        if (strcmp(cx_modules[m].name, name) == 0) {
            *module = (enum cx_module)m;
            return 0;
        }
    return cx_flow_refuse(f, "module", "module '%.80s' is not supported", name);
}

int cx_flow_number(struct cx_flow *f, const json_t *data, const char *key, long least, long most,
                   long *value)
{
    const json_t *v = json_object_get(data, key);
    char member[80], *end, limits[64];

    if (!v || json_is_null(v))
        return 0;
    if (json_is_number(v)) {
        double number = json_number_value(v);
        *value = number >= (double)least && number <= (double)most ? (long)number : least - 1;
    } else {
        const char *text = json_string_value(v);
        *value = text ? strtol(text, &end, 10) : -1;
        if (!text || *end || end == text)
            *value = least - 1;
    }
    snprintf(member, sizeof(member), "data.%s", key);
    snprintf(limits, sizeof(limits), "must be a number from %ld to %ld", least, most);
    return *value < least || *value > most ? cx_flow_refuse(f, member, "%s", limits) : 0;
}

int cx_flow_text(struct cx_flow *f, const json_t *data, const char *key, const char **text)
{
    const json_t *v = json_object_get(data, key);
    char member[80];

    *text = json_string_value(v);
    snprintf(member, sizeof(member), "data.%s", key);
    return *text || !v || json_is_null(v) ? 0 : cx_flow_refuse(f, member, "%s", "must be a string");
}

int cx_flow_choice(struct cx_flow *f, const json_t *data, const char *key,
                   const char *const *choices, unsigned *index)
{
    char member[80], what[200] = "";
    const char *text;
    int err = cx_flow_text(f, data, key, &text);

    *index = 0;
    if (err < 0 || !text)
        return err;
    for (unsigned i = 0; choices[i]; i++) {
        size_t n = strlen(what);
        if (strcmp(choices[i], text) == 0) {
            *index = i;
            return 0;
        }
        snprintf(what + n, sizeof(what) - n, "%s%s", i ? ", " : "", choices[i]);
    }
    snprintf(member, sizeof(member), "data.%s", key);
    return cx_flow_refuse(f, member, "must be one of: %s", what);
}

bool cx_flow_true(const json_t *data, const char *key)
{
    const json_t *v = json_object_get(data, key);

    return json_is_true(v) || (json_is_string(v) && strcmp(json_string_value(v), "true") == 0);
}

int cx_flow_wants_id(struct cx_flow *f, const char *message)
{
    return f->id_text && f->id_text[0] ? 0 : cx_flow_refuse(f, "data.id", "%s", message);
}

cx_ref cx_flow_sound(struct cx_build *b, const char *id)
{
    const struct cx_row_media *media;

    if (!id || strncmp(id, "system_media/", 13) == 0)
        return cx_build_text(b, id);
    media = cx_build_media(b, id);
    return cx_build_text(b, media ? media->storage_key : NULL);
}

/* The id of a document that the node has no row of: it is named in decisions all the same. */
static void keep_id(struct cx_flow *f, struct cx_node *n)
{
    struct cx_id *row, id;

    if (!f->b || !f->id_text || !cx_id_parse(f->id_text, strlen(f->id_text), &id) ||
        (n->ref != CX_NONE && cx_has_ids(cx_modules[n->module].table)))
        return;
    n->id = cx_build_count(f->b, CX_T_ID);
    if ((row = cx_build_add(f->b, CX_T_ID)) != NULL)
        *row = id;
}

static int fill_module(struct cx_flow *f, const json_t *data, struct cx_node *n)
{
    const json_t *id = json_object_get(data, "id");
    int err;

    n->ref = CX_NONE;
    f->id_text = json_string_value(id);
    n->id = CX_NONE;
    if (!f->id_text && id && !json_is_null(id))
        return cx_flow_refuse(f, "data.id", "%s", "must be a string");
    if (cx_flow_true(data, "skip_module"))
        n->flags |= CX_NODE_SKIP;
    if (cx_flow_true(data, "can_call_self"))
        n->flags |= CX_NODE_CAN_CALL_SELF;
    err = cx_modules[n->module].fill(f, data, n);
    keep_id(f, n);
    return err;
}

static int add_node(struct cx_flow *f, const json_t *node, uint32_t hash, uint32_t *index);

/* Children are nodes first, then rows of the child table in one run, in order of their keys
 * (deterministic). */
static int add_children(struct cx_flow *f, const json_t *children, uint32_t hash, uint32_t parent)
{
    size_t count = json_object_size(children), i = 0, path_len = strlen(f->path);
    struct {
        const char *key;
        const json_t *node;
        uint32_t index;
    } *list = count ? calloc(count, sizeof(*list)) : NULL;
    const char *key;
    json_t *child;
    int err = 0;

    if (count == 0)
        return 0;
    if (!list)
        return -ENOMEM;
    json_object_foreach((json_t *)children, key, child)
    {
        size_t k = i++;
        for (; k > 0 && strcmp(list[k - 1].key, key) > 0; k--)
            list[k] = list[k - 1];
        list[k].key = key;
        list[k].node = child;
    }
    for (i = 0; i < count && err == 0; i++) {
        snprintf(f->path + path_len, sizeof(f->path) - path_len, ".children.%s", list[i].key);
        err = add_node(f, list[i].node, hash_key(hash, list[i].key), &list[i].index);
        f->path[path_len] = '\0';
    }
    if (err == 0 && f->b) {
        uint32_t first = cx_build_count(f->b, CX_T_CHILD);
        for (i = 0; i < count; i++) {
            struct cx_child *row = cx_build_add(f->b, CX_T_CHILD);
            if (row)
                *row = (struct cx_child){cx_build_text(f->b, list[i].key), list[i].index};
        }
        if (!f->b->no_memory) {
            struct cx_node *n = cx_build_row(f->b, CX_T_NODE, parent);
            n->child_first = first;
            n->child_count = (uint32_t)count;
        }
    }
    free(list);
    return err;
}

static int add_node(struct cx_flow *f, const json_t *node, uint32_t hash, uint32_t *index)
{
    const json_t *data = json_object_get(node, "data"),
                 *children = json_object_get(node, "children");
    struct cx_node n = {0}, *row;
    enum cx_module module = CX_MODULES;
    int err;

    *index = 0;
    if (!json_is_object(node))
        return cx_flow_refuse(f, "", "%s",
                              "a node must be an object with module, data and children");
    if (++f->nodes > NODES_MAX)
        return cx_flow_refuse(f, "", "%s", "more than 2,000 nodes in one callflow");
    if (f->depth >= DEPTH_MAX)
        return cx_flow_refuse(f, "", "%s", "nested deeper than 50 nodes");
    if (data && !json_is_object(data) && !json_is_null(data))
        return cx_flow_refuse(f, "data", "%s", "must be an object");
    if (children && !json_is_object(children) && !json_is_null(children))
        return cx_flow_refuse(f, "children", "%s", "must be an object");
    err = module_of(f, node, &module);
    if (err == 0) {
        n.module = (uint8_t)module;
        n.path_hash = hash;
        f->node = node;
        err = fill_module(f, data, &n);
    }
    if (err < 0)
        return err;
    if (f->b) {
        *index = cx_build_count(f->b, CX_T_NODE);
        row = cx_build_add(f->b, CX_T_NODE);
        if (row)
            *row = n;
    }
    f->depth++;
    err = add_children(f, children, hash, *index);
    f->depth--;
    return err;
}

static int compile_tree(struct cx_flow *f, const char *text, uint32_t *root)
{
    json_error_t where;
    json_t *tree = json_loads(text, JSON_REJECT_DUPLICATES, &where);
    int err;

    snprintf(f->path, sizeof(f->path), "flow");
    if (!tree)
        return cx_compile_fail(f->error, f->document, "flow", "is not JSON: %.150s (line %d)",
                               where.text, where.line);
    err = add_node(f, tree, 2166136261u, root);
    json_decref(tree);
    return err;
}

int cx_build_flow(struct cx_build *b, const struct cx_row_callflow *row, struct cx_callflow *flow)
{
    struct cx_flow f = {.b = b, .error = b->error, .document = row->id};
    uint32_t root, first = cx_build_count(b, CX_T_NODE);
    int err = compile_tree(&f, row->flow, &root);

    flow->first_node = first;
    flow->node_count = cx_build_count(b, CX_T_NODE) - first;
    return err;
}

int cx_compile_check_flow(const char *flow_json, struct cx_compile_error *error)
{
    struct cx_flow f = {.error = error, .document = ""};
    uint32_t root;

    memset(error, 0, sizeof(*error));
    return compile_tree(&f, flow_json, &root);
}
