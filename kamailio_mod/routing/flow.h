/*
 * flow.h - a callflow's tree while it is compiled: what a module's cx_fill_STEM() works with.
 * Private to this folder, never on the call path.
 *
 * A fill function reads the node's `data` into the node's row. Whatever it cannot take whole it
 * refuses by the member's path; a reference to a document that does not exist is no error (the node
 * then takes its default child when it runs). SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef CX_ROUTING_FLOW_H
#define CX_ROUTING_FLOW_H

#include "build.h"

struct cx_flow {
    struct cx_build *b; /* NULL: only a check, other documents are not known */
    struct cx_compile_error *error;
    const char *document;
    char path[256];
    unsigned depth, nodes;
    const json_t *node;  /* the whole node at hand: module, data, children */
    const char *id_text; /* data.id, or NULL */
};

/* data may be NULL. n->ref is CX_NONE. */
typedef int cx_fill_h(struct cx_flow *f, const json_t *data, struct cx_node *n);

/* member: below the node, "data.timeout"; "" is the node itself. format has one %s. -EINVAL. */
int cx_flow_refuse(struct cx_flow *f, const char *member, const char *format, const char *what);
/* data.KEY as a number, or as a string of digits (form fields). *value stays when it is absent. */
int cx_flow_number(struct cx_flow *f, const json_t *data, const char *key, long least, long most,
                   long *value);
/* data.KEY as text into *text (NULL: absent); refuses what is neither text nor null. */
int cx_flow_text(struct cx_flow *f, const json_t *data, const char *key, const char **text);
/* Index of data.KEY in the list (NULL-terminated); absent: 0. Another word is refused. */
int cx_flow_choice(struct cx_flow *f, const json_t *data, const char *key,
                   const char *const *choices, unsigned *index);
/* Refuses a node without data.id. */
int cx_flow_wants_id(struct cx_flow *f, const char *message);
bool cx_flow_true(const json_t *data, const char *key);
/* What a player is given: a system prompt by its name, or the storage key of the tenant's media. */
cx_ref cx_flow_sound(struct cx_build *b, const char *id);

/* compile_group.c: data.endpoints of a ring group, into a row of CX_T_RING, whose
 * index becomes n->ref. The row (NULL without a build) is good until the next one is added. */
int cx_flow_ring(struct cx_flow *f, const json_t *data, struct cx_node *n, struct cx_ring *ring);
/* Whose calls a pickup takes (data.device_id, user_id, group_id), and who may (approved_...). */
int cx_flow_pickup(struct cx_flow *f, const json_t *data, struct cx_node *n);
/* nodes/faxbox.c: data.media.fax_option into n->number. */
int cx_fax_option(struct cx_flow *f, const json_t *data, struct cx_node *n);

#endif
