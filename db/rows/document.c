/*
 * document.c - rows of all tables that are documents of one shape, in one query. See select.h.
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "select.h"

const char *const cx_document_tables[CX_DOCUMENT_KINDS] = {
    [CX_DOCUMENT_MENU] = "menu",           [CX_DOCUMENT_CONFERENCE] = "conference",
    [CX_DOCUMENT_DIRECTORY] = "directory", [CX_DOCUMENT_GROUP] = "user_group",
    [CX_DOCUMENT_RULE] = "temporal_rule",  [CX_DOCUMENT_RULE_SET] = "temporal_rule_set",
    [CX_DOCUMENT_BLACKLIST] = "blacklist", [CX_DOCUMENT_MATCH_LIST] = "match_list",
    [CX_DOCUMENT_FAXBOX] = "faxbox",
};

static void fill(struct cx_account_rows *rows, void *element, const struct cx_value *c)
{
    struct cx_row_document *d = element;

    d->kind = (int)cx_col_int(&c[0], 0);
    d->id = cx_col_text(rows, &c[1]);
    d->owner_id = cx_col_maybe(rows, &c[2]);
    d->name = cx_col_text(rows, &c[3]);
    d->doc = cx_col_text(rows, &c[4]);
}

/* The server pushes the condition into each part, which then reads by its key (account_id, id).
 * Kinds as in enum cx_document_kind. */
static const char documents_sql[] =
    "SELECT kind, id, owner_id, name, doc FROM ("
    "SELECT 0 AS kind, id, owner_id, name, doc, account_id FROM menu "
    "UNION ALL SELECT 1, id, owner_id, name, doc, account_id FROM conference "
    "UNION ALL SELECT 2, id, owner_id, name, doc, account_id FROM directory "
    "UNION ALL SELECT 3, id, owner_id, name, doc, account_id FROM user_group "
    "UNION ALL SELECT 4, id, owner_id, name, doc, account_id FROM temporal_rule "
    "UNION ALL SELECT 5, id, owner_id, name, doc, account_id FROM temporal_rule_set "
    "UNION ALL SELECT 6, id, owner_id, name, doc, account_id FROM blacklist "
    "UNION ALL SELECT 7, id, owner_id, name, doc, account_id FROM match_list "
    "UNION ALL SELECT 8, id, owner_id, name, doc, account_id FROM faxbox "
    ") d WHERE account_id = ? ORDER BY kind, id";

int cx_select_documents(struct cx_db *db, struct cx_account_rows *rows, const char *account_id)
{
    struct cx_row_document *all;
    size_t count;
    int err =
        cx_select(db, rows, documents_sql, account_id, sizeof(*all), fill, (void **)&all, &count);

    for (size_t i = 0; err == 0 && i < count; i++) {
        struct cx_row_documents *of = &rows->documents[all[i].kind];
        if (of->count++ == 0)
            of->items = &all[i];
    }
    return err;
}
