/*
 * verify_documents.c - what must hold in the tables of documents.h.
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "verify.h"

#define OFFSET_MAX (26 * 3600)
#define TIME_MAX   (168 * 3600)

static bool code(struct cx_check *c, struct cx_code code)
{
    return code.count == 0 || cx_check_program(c, code.first, code.count);
}

static bool change(struct cx_check *c, const struct cx_zone_change *at)
{
    bool good = at->time_s > -TIME_MAX && at->time_s < TIME_MAX && at->day <= 366 &&
                (at->kind != CX_ZONE_WEEKDAY || (at->month >= 1 && at->month <= 12 &&
                                                 at->week >= 1 && at->week <= 5 && at->wday <= 6));

    return good || cx_check_bad(c, "a time zone's rule is damaged");
}

static bool offset(struct cx_check *c, int32_t s)
{
    return (s >= -OFFSET_MAX && s <= OFFSET_MAX) ||
           cx_check_bad(c, "a time zone's offset is damaged");
}

static bool zones(struct cx_check *c)
{
    const struct cx_zone_row *z = cx_table(c->image, CX_T_ZONE);
    const struct cx_shift *s = cx_table(c->image, CX_T_SHIFT);

    for (uint32_t i = 0; i < cx_count(c->image, CX_T_ZONE); i++, z++)
        if (!cx_check_text(c, z->name) ||
            !cx_check_range(c, z->shift_first, z->shift_count, CX_T_SHIFT) ||
            !offset(c, z->before) || !offset(c, z->rule.standard) || !offset(c, z->rule.summer) ||
            (z->rule.valid && z->rule.standard != z->rule.summer &&
             (!change(c, &z->rule.to_summer) || !change(c, &z->rule.to_standard))))
            return false;
    for (uint32_t i = 0; i < cx_count(c->image, CX_T_SHIFT); i++, s++)
        if (!offset(c, s->offset))
            return false;
    return true;
}

static bool hours(struct cx_check *c)
{
    const struct cx_hours_rule *r = cx_table(c->image, CX_T_HOURS);
    const struct cx_exclude *e = cx_table(c->image, CX_T_EXCLUDE);
    const struct cx_route_row *route = cx_table(c->image, CX_T_ROUTE);
    const struct cx_link *l = cx_table(c->image, CX_T_LINK);

    for (uint32_t i = 0; i < cx_count(c->image, CX_T_HOURS); i++, r++)
        if (!cx_check_text(c, r->name) || !cx_check_row_or_none(c, r->zone, CX_T_ZONE) ||
            !cx_check_range(c, r->exclude_first, r->exclude_count, CX_T_EXCLUDE))
            return false;
        else if (r->cycle >= CX_CYCLES || r->ordinal >= CX_ORDINALS || r->month > 12 ||
                 r->from_s < 0 || r->from_s > 86400 || r->to_s < 0 || r->to_s > 86400)
            return cx_check_bad(c, "a rule of time is damaged");
    for (uint32_t i = 0; i < cx_count(c->image, CX_T_EXCLUDE); i++, e++)
        if (!cx_check_row_or_none(c, e->rule, CX_T_HOURS))
            return false;
    for (uint32_t i = 0; i < cx_count(c->image, CX_T_ROUTE); i++, route++)
        if (!cx_check_row_or_none(c, route->zone, CX_T_ZONE) || !cx_check_text(c, route->rules) ||
            !cx_check_range(c, route->link_first, route->link_count, CX_T_LINK))
            return false;
        else if (route->action > CX_ROUTE_RESET)
            return cx_check_bad(c, "a temporal route is damaged");
    for (uint32_t i = 0; i < cx_count(c->image, CX_T_LINK); i++, l++)
        if (!cx_check_text(c, l->key) || !cx_check_row(c, l->rule, CX_T_HOURS))
            return false;
    return true;
}

static bool services(struct cx_check *c)
{
    const struct cx_menu *m = cx_table(c->image, CX_T_MENU);
    const struct cx_room *r = cx_table(c->image, CX_T_ROOM);
    const struct cx_room_number *n = cx_table(c->image, CX_T_ROOM_NUMBER);
    const struct cx_directory *d = cx_table(c->image, CX_T_DIRECTORY);
    const struct cx_listed *l = cx_table(c->image, CX_T_LISTED);
    const struct cx_faxbox *f = cx_table(c->image, CX_T_FAXBOX);

    for (uint32_t i = 0; i < cx_count(c->image, CX_T_MENU); i++, m++)
        if (!cx_check_text(c, m->name) || !cx_check_text(c, m->greeting) ||
            !cx_check_text(c, m->invalid) || !cx_check_text(c, m->transfer) ||
            !cx_check_text(c, m->exit) || !cx_check_text(c, m->pin) || !code(c, m->allow) ||
            !code(c, m->deny))
            return false;
    for (uint32_t i = 0; i < cx_count(c->image, CX_T_ROOM); i++, r++)
        if (!cx_check_text(c, r->name) || !cx_check_text(c, r->language) ||
            !cx_check_text(c, r->member_pins) || !cx_check_text(c, r->moderator_pins) ||
            !cx_check_row_or_none(c, r->owner, CX_T_USER))
            return false;
    for (uint32_t i = 0; i < cx_count(c->image, CX_T_ROOM_NUMBER); i++, n++)
        if (!cx_check_text(c, n->number) || !cx_check_row(c, n->room, CX_T_ROOM))
            return false;
    for (uint32_t i = 0; i < cx_count(c->image, CX_T_DIRECTORY); i++, d++)
        if (!cx_check_text(c, d->name) || !cx_check_text(c, d->search))
            return false;
    for (uint32_t i = 0; i < cx_count(c->image, CX_T_LISTED); i++, l++)
        if (!cx_check_row(c, l->directory, CX_T_DIRECTORY) ||
            !cx_check_row(c, l->callflow, CX_T_CALLFLOW) || !cx_check_row(c, l->user, CX_T_USER))
            return false;
    for (uint32_t i = 0; i < cx_count(c->image, CX_T_FAXBOX); i++, f++)
        if (!cx_check_text(c, f->name) || !cx_check_row_or_none(c, f->owner, CX_T_USER))
            return false;
    return true;
}

static bool lists(struct cx_check *c)
{
    const struct cx_blacklist *b = cx_table(c->image, CX_T_BLACKLIST);
    const cx_ref *blocked = cx_table(c->image, CX_T_BLOCKED);
    const struct cx_applies *a = cx_table(c->image, CX_T_APPLIES);
    const struct cx_match_list *list = cx_table(c->image, CX_T_MATCH_LIST);
    const struct cx_match *m = cx_table(c->image, CX_T_MATCH);
    const struct cx_value *v = cx_table(c->image, CX_T_VALUE);
    const struct cx_dial_rule *d = cx_table(c->image, CX_T_DIAL_RULE);

    for (uint32_t i = 0; i < cx_count(c->image, CX_T_BLACKLIST); i++, b++)
        if (!cx_check_text(c, b->name) ||
            !cx_check_range(c, b->number_first, b->number_count, CX_T_BLOCKED))
            return false;
    for (uint32_t i = 0; i < cx_count(c->image, CX_T_BLOCKED); i++)
        if (!cx_check_text(c, blocked[i]))
            return false;
    for (uint32_t i = 0; i < cx_count(c->image, CX_T_APPLIES); i++, a++)
        if (!cx_check_row_or_none(c, a->user, CX_T_USER) ||
            !cx_check_row(c, a->blacklist, CX_T_BLACKLIST))
            return false;
    for (uint32_t i = 0; i < cx_count(c->image, CX_T_MATCH_LIST); i++, list++)
        if (!cx_check_text(c, list->name) ||
            !cx_check_range(c, list->first, list->count, CX_T_MATCH))
            return false;
    for (uint32_t i = 0; i < cx_count(c->image, CX_T_MATCH); i++, m++)
        if (!cx_check_text(c, m->number) || !cx_check_text(c, m->name) ||
            !cx_check_text(c, m->key) || !code(c, m->pattern))
            return false;
    for (uint32_t i = 0; i < cx_count(c->image, CX_T_LIST); i++)
        if (!cx_check_row(c, CX_ROWS(c->image, CX_T_LIST, uint32_t)[i], CX_T_MATCH_LIST))
            return false;
    for (uint32_t i = 0; i < cx_count(c->image, CX_T_VALUE); i++, v++)
        if (!cx_check_text(c, v->variable) || !cx_check_text(c, v->value))
            return false;
    for (uint32_t i = 0; i < cx_count(c->image, CX_T_DIAL_RULE); i++, d++)
        if (!cx_check_text(c, d->prefix) || !cx_check_text(c, d->suffix) || !code(c, d->pattern))
            return false;
    return true;
}

bool cx_check_documents(struct cx_check *c)
{
    return zones(c) && hours(c) && services(c) && lists(c);
}
