/*
 * told.c - explain says beforehand what the core then decides: checked for every call of every
 * scenario, turn by turn. See play.h. SPDX-License-Identifier: GPL-2.0-or-later
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "kamailio_mod/routing/explain.h"
#include "play.h"

struct text {
    char *s;
    size_t len;
};

static void append(void *arg, const char *s, size_t len)
{
    struct text *t = arg;
    char *wider = realloc(t->s, t->len + len + 1);

    if (!wider)
        abort();
    memcpy(wider + t->len, s, len);
    t->s = wider;
    t->len += len;
    wider[t->len] = '\0';
}

void told_forget(struct play *p)
{
    json_decref(p->told);
    p->told = p->path = NULL;
}

static void same_text(const struct play *p, const struct line *at, const char *key,
                      struct cx_str decided)
{
    const char *told = json_string_value(json_object_get(p->path, key));

    if (!told || strlen(told) != decided.len ||
        (decided.len && memcmp(told, decided.s, decided.len) != 0))
        fail(at, "explain told %s '%s', and it is '%.*s'", key, told ? told : "(nothing)",
             (int)decided.len, decided.len ? decided.s : "");
}

static void same_number(const struct play *p, const struct line *at, const char *key, int decided)
{
    const json_t *told = json_object_get(p->path, key);

    if (!json_is_integer(told) || json_integer_value(told) != decided)
        fail(at, "explain told %s %d, and it is %d", key, (int)json_integer_value(told), decided);
}

static void same_ringing(struct play *p, const struct line *at)
{
    const json_t *step = p->path, *targets = json_object_get(step, "targets"), *told;
    size_t i;

    same_number(p, at, "timeout", p->step.u.ring.timeout_s);
    if (json_array_size(targets) != p->step.u.ring.count)
        fail(at, "explain told of %zu targets, and there are %u", json_array_size(targets),
             p->step.u.ring.count);
    json_array_foreach(targets, i, told)
    {
        const struct cx_target *t = &p->step.u.ring.targets[i];
        p->path = (json_t *)told;
        if (t->forward.number.len) {
            same_text(p, at, "forward", t->forward.number);
            same_text(p, at, "rule",
                      (struct cx_str){t->forward.rule, (uint32_t)strlen(t->forward.rule)});
        } else
            same_text(p, at, "username", t->route_uri.len ? t->route_uri : t->username);
        same_number(p, at, "delay", t->delay_s);
        same_number(p, at, "timeout", t->timeout_s);
    }
    p->path = (json_t *)step;
}

static void same(struct play *p, const struct line *at)
{
    static const char *const kinds[] = {"?",     "ring",  "service", "outbound",
                                        "enter", "reply", "pickup",  "park"};
    const struct cx_step *s = &p->step;

    same_text(p, at, "step", (struct cx_str){kinds[s->kind], (uint32_t)strlen(kinds[s->kind])});
    if (s->kind == CX_STEP_REPLY) {
        same_number(p, at, "code", s->u.reply.code);
        return;
    }
    same_text(p, at, "caller_id_name", s->caller_name);
    same_text(p, at, "caller_id_number", s->caller_number);
    if (s->kind == CX_STEP_RING)
        same_ringing(p, at);
    else if (s->kind == CX_STEP_SERVICE) {
        same_text(p, at, "service", s->u.service.name);
        same_text(p, at, "parameters", s->u.service.params);
    } else if (s->kind == CX_STEP_OUTBOUND)
        same_text(p, at, "number", s->u.outbound.number);
    else if (s->kind == CX_STEP_ENTER)
        same_text(p, at, "number", s->u.enter.number);
}

void told_begin(struct play *p, const struct line *line)
{
    struct cx_env env = env_of(p);
    struct text text = {0};
    json_error_t where;

    told_forget(p);
    if (cx_explain(p->account->image, p->world.cluster.image, &env, &p->call, CX_EXPLAIN_JSON,
                   append, &text) < 0)
        fail(line, "explain does not run");
    p->told = p->path = json_loadb(text.s, text.len, 0, &where);
    free(text.s);
    if (!p->told)
        fail(line, "explain's JSON: %s", where.text);
    same(p, line);
}

void told_next(struct play *p, const struct line *line, const char *outcome)
{
    static const struct {
        const char *word, *name;
    } names[] = {{"busy", "busy"},
                 {"no-answer", "no answer"},
                 {"declined", "declined"},
                 {"unreachable", "unreachable"},
                 {"failed", "no gateway works"},
                 {"continues", "afterwards"}};
    const json_t *then = json_object_get(p->path, "then");
    json_t *next = NULL;

    for (size_t i = 0; outcome && i < sizeof(names) / sizeof(*names); i++)
        if (strcmp(names[i].word, outcome) == 0)
            next = json_object_get(then, names[i].name);
    if (!next) { /* a child by a key, or deeper than explain goes */
        told_forget(p);
        return;
    }
    p->path = next;
    same(p, line);
}
