/*
 * directory.c - callflow module "directory": dial by name. data: id.
 *
 * A worker asks for the letters of a name and lets the caller choose; the tree goes on with the
 * callflow that the chosen user's document names for this directory.
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "nodes.h"

int cx_fill_directory(struct cx_flow *f, const json_t *data, struct cx_node *n)
{
    (void)data;
    if (f->b)
        n->ref = cx_build_document(f->b, CX_DOCUMENT_DIRECTORY, f->id_text);
    return cx_flow_wants_id(f, "which directory? an id is wanted");
}

static bool has_entries(const struct cx_decide *d, uint32_t directory)
{
    const struct cx_listed *l = cx_table(d->image, CX_T_LISTED);

    for (uint32_t i = 0; i < cx_count(d->image, CX_T_LISTED); i++)
        if (l[i].directory == directory)
            return true;
    return false;
}

enum cx_done cx_node_directory(struct cx_decide *d, const struct cx_node *node)
{
    const struct cx_directory *dir;
    struct cx_str search;
    char id[33];

    if (node->ref == CX_NONE) {
        cx_trace_add(d, CX_TRACE_NODE, cx_node_id(d->image, node), "directory does not exist",
                     (struct cx_str){0});
        return CX_DONE_NEXT;
    }
    dir = &CX_ROWS(d->image, CX_T_DIRECTORY, struct cx_directory)[node->ref];
    if (!has_entries(d, node->ref)) {
        cx_trace_add(d, CX_TRACE_NODE, dir->id, "nobody is in the directory",
                     cx_pool(d->image, dir->name));
        return CX_DONE_NEXT;
    }
    cx_trace_add(d, CX_TRACE_NODE, dir->id, "directory", cx_pool(d->image, dir->name));
    cx_id_format(dir->id, id);
    search = cx_pool(d->image, dir->search);
    cx_step_service(d, "directory", "id=%s;search=%s;sort=%s;min=%u;max=%u;confirm=%d", id,
                    cx_escape(d, search),
                    dir->flags & CX_DIRECTORY_FIRST_NAME ? "first_name" : "last_name",
                    dir->min_digits, dir->max_digits, (dir->flags & CX_DIRECTORY_CONFIRM) != 0);
    return CX_DONE_STEP;
}

/* number: the id of the callflow of somebody in the directory, or of that user. */
enum cx_done cx_dial_directory(struct cx_decide *d, const struct cx_node *node,
                               struct cx_str number)
{
    const struct cx_listed *l = cx_table(d->image, CX_T_LISTED);
    const struct cx_callflow *flows = cx_table(d->image, CX_T_CALLFLOW);
    const struct cx_user *users = cx_table(d->image, CX_T_USER);
    struct cx_id id;

    if (node->ref == CX_NONE || !cx_id_parse(number.s, number.len, &id))
        return CX_DONE_NEXT;
    for (uint32_t i = 0; i < cx_count(d->image, CX_T_LISTED); i++, l++)
        if (l->directory == node->ref &&
            (cx_id_equal(flows[l->callflow].id, id) || cx_id_equal(users[l->user].id, id))) {
            cx_trace_add(d, CX_TRACE_NUMBER, flows[l->callflow].id, "chosen in the directory",
                         cx_pool(d->image, users[l->user].name));
            d->jump = l->callflow;
            return CX_DONE_JUMP;
        }
    return CX_DONE_NEXT;
}
