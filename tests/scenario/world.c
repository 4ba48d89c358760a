/*
 * world.c - see world.h.
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "world.h"

void make_id(const char *account, const char *kind, const char *name, char id[33])
{
    uint64_t a = 14695981039346656037u, b = 1099511628211u;
    const char *parts[] = {account, kind, name};

    for (int i = 0; i < 3; i++) {
        for (const char *p = parts[i]; *p; p++) {
            a = (a ^ (unsigned char)*p) * 1099511628211u;
            b = (b + (unsigned char)*p) * 6364136223846793005u + 1442695040888963407u;
        }
        a = (a ^ 0xff) * 1099511628211u;
    }
    snprintf(id, 33, "%016llx%016llx", (unsigned long long)a, (unsigned long long)b);
}

static struct account *last_account(struct world *w, const struct line *at)
{
    if (w->account_count == 0)
        fail(at, "an account must come first");
    return &w->accounts[w->account_count - 1];
}

struct account *world_account(struct world *w, const char *name)
{
    for (int i = 0; i < w->account_count; i++)
        if (strcmp(w->accounts[i].name, name) == 0)
            return &w->accounts[i];
    return NULL;
}

struct account *world_by_id(struct world *w, struct cx_id id)
{
    char hex[33];

    cx_id_format(id, hex);
    for (int i = 0; i < w->account_count; i++)
        if (strcmp(w->accounts[i].id, hex) == 0)
            return &w->accounts[i];
    return NULL;
}

const struct named_device *find_device(const struct account *a, const char *text)
{
    char full[80];

    for (int i = 0; i < a->device_count; i++) {
        const struct named_device *d = &a->devices[i];
        snprintf(full, sizeof(full), "%s-%s", d->user, d->name);
        if (strcmp(full, text) == 0 || strcmp(d->name, text) == 0)
            return d;
    }
    return NULL;
}

const struct named_device *device_by_id(const struct account *a, struct cx_id id)
{
    for (int i = 0; i < a->device_count; i++)
        if (cx_id_equal(a->devices[i].id, id))
            return &a->devices[i];
    return NULL;
}

/* ---- rows that grow one by one */

static void *grow(struct cx_account_rows *rows, void **array, size_t *count, size_t size)
{
    char *wider = cx_rows_alloc(rows, (*count + 1) * size);

    if (*count)
        memcpy(wider, *array, *count * size);
    memset(wider + *count * size, 0, size);
    *array = wider;
    return wider + (*count)++ * size;
}
#define GROW(a, array, count, type)                                                                \
    ((type *)grow(&(a)->rows, (void **)&(a)->rows.array, &(a)->rows.count, sizeof(type)))

static const char *dup(struct account *a, const char *text)
{
    return cx_rows_strdup(&a->rows, text);
}

static const char *dupf(struct account *a, const char *format, const char *x, const char *y)
{
    char text[2048];

    snprintf(text, sizeof(text), format, x, y);
    return dup(a, text);
}

static const char *id_for(struct account *a, const char *kind, const char *name)
{
    char id[33];

    make_id(a->name, kind, name, id);
    return dup(a, id);
}

/* "a,b" -> {"a":{"action":"deny"},"b":{"action":"deny"}} */
static const char *deny_object(struct account *a, const char *list)
{
    char text[1024] = "{", copy[512], *rest = NULL;

    snprintf(copy, sizeof(copy), "%s", list);
    for (char *word = strtok_r(copy, ",", &rest); word; word = strtok_r(NULL, ",", &rest))
        snprintf(text + strlen(text), sizeof(text) - strlen(text), "%s\"%s\":{\"action\":\"deny\"}",
                 text[1] ? "," : "", word);
    strcat(text, "}");
    return dup(a, text);
}

static const char *next_word(const struct line *line, int *i)
{
    if (*i + 1 >= line->count)
        fail(line, "'%s' wants a word behind it", line->words[*i]);
    return line->words[++*i];
}

static void add_number(struct account *a, const char *number, bool force)
{
    struct cx_row_number *n = GROW(a, numbers, number_count, struct cx_row_number);

    n->number = dup(a, number);
    n->force_outbound = force;
}

static void init_account(struct account *a, const char *name)
{
    snprintf(a->name, sizeof(a->name), "%s", name);
    make_id(name, "account", name, a->id);
    a->rows.account = (struct cx_row_account){.id = dup(a, a->id),
                                              .name = dup(a, name),
                                              .realm = dupf(a, "%s.test%s", name, ""),
                                              .enabled = true,
                                              .timezone = "UTC",
                                              .language = "en-us",
                                              .country = "IE",
                                              .max_calls = -1,
                                              .doc = "{}"};
}

/* account NAME [country CC] [tz ZONE] [main NUMBER] [external NUMBER] [emergency NUMBER] [deny A,B]
 * [disabled] */
static void account_line(struct world *w, const struct line *line)
{
    struct account *a = &w->accounts[w->account_count];
    const char *external = NULL, *emergency = NULL;

    if (w->account_count >= ACCOUNTS_MAX - 1 || line->count < 2)
        fail(line, "account NAME, seven at most");
    w->account_count++;
    init_account(a, line->words[1]);
    for (int i = 2; i < line->count; i++) {
        const char *word = line->words[i];
        if (strcmp(word, "country") == 0)
            a->rows.account.country = dup(a, next_word(line, &i));
        else if (strcmp(word, "tz") == 0)
            a->rows.account.timezone = dup(a, next_word(line, &i));
        else if (strcmp(word, "main") == 0)
            add_number(a, next_word(line, &i), false);
        else if (strcmp(word, "external") == 0)
            external = next_word(line, &i);
        else if (strcmp(word, "emergency") == 0)
            emergency = next_word(line, &i);
        else if (strcmp(word, "deny") == 0)
            a->rows.account.call_restriction = deny_object(a, next_word(line, &i));
        else if (strcmp(word, "disabled") == 0)
            a->rows.account.enabled = false;
        else
            fail(line, "account: what is '%s'?", word);
    }
    if (external || emergency)
        a->rows.account.caller_id =
            dupf(a, "{\"external\":{\"number\":\"%s\"},\"emergency\":{\"number\":\"%s\"}}",
                 external ? external : "", emergency ? emergency : "");
}

static struct cx_row_callflow *add_flow(struct account *a, const char *name, const char *flow)
{
    struct cx_row_callflow *f = GROW(a, callflows, callflow_count, struct cx_row_callflow);

    f->id = id_for(a, "flow", name);
    f->name = dup(a, name);
    f->flow = flow;
    return f;
}

static void flow_number(struct account *a, struct cx_row_callflow *f, const char *number)
{
    f->numbers = grow(&a->rows, (void **)&f->numbers, &f->number_count, sizeof(char *));
    f->numbers -= f->number_count - 1;
    f->numbers[f->number_count - 1] = dup(a, number);
}

/* forward always|busy|no-answer|failover NUMBER [keep] [confirm] [direct-only] [also-ring]
 * [early-media]: *i stands on "forward". The object, and which one it is. */
static const char *forward_words(struct account *a, const struct line *line, int *i, int *rule)
{
    static const char *const rules[] = {"always", "busy", "no-answer", "failover"};
    static const struct {
        const char *word, *key;
        bool on, off;
    } flags[] = {{"keep", "keep_caller_id", true, false},
                 {"confirm", "require_keypress", true, false},
                 {"direct-only", "direct_calls_only", true, false},
                 {"also-ring", "substitute", false, true},
                 {"early-media", "ignore_early_media", false, true}};
    bool said[5] = {false};
    const char *name = next_word(line, i), *number = next_word(line, i);
    char text[512];
    bool more = true;

    for (*rule = 0; *rule < 4 && strcmp(rules[*rule], name) != 0; ++*rule)
        ;
    if (*rule == 4)
        fail(line, "forward: what is '%s'?", name);
    while (more && *i + 1 < line->count) {
        more = false;
        for (size_t k = 0; k < 5; k++)
            if (strcmp(line->words[*i + 1], flags[k].word) == 0) {
                said[k] = more = true;
                ++*i;
                break;
            }
    }
    snprintf(text, sizeof(text), "{\"enabled\":true,\"number\":\"%s\"", number);
    for (size_t k = 0; k < 5; k++)
        snprintf(text + strlen(text), sizeof(text) - strlen(text), ",\"%s\":%s", flags[k].key,
                 (said[k] ? flags[k].on : flags[k].off) ? "true" : "false");
    strcat(text, "}");
    return dup(a, text);
}

/* ; device NAME [registered] [disabled] [dnd] [route URI] [hotdesk USER,..] [deny A,B] */
static void device_words(struct account *a, const struct line *line, int *i, const char *user)
{
    struct cx_row_device *d = GROW(a, devices, device_count, struct cx_row_device);
    struct named_device *n = &a->devices[a->device_count];
    const char *name = next_word(line, i);
    char hot[512] = "", copy[200], *rest = NULL, id[33];

    if (a->device_count >= DEVICES_MAX)
        fail(line, "too many devices");
    a->device_count++;
    snprintf(n->user, sizeof(n->user), "%s", user ? user : "");
    snprintf(n->name, sizeof(n->name), "%s", name);
    snprintf(n->username, sizeof(n->username), "%s-%s", user ? user : "nobody", name);
    make_id(a->name, "device", n->username, id);
    cx_id_parse(id, 32, &n->id);
    *d = (struct cx_row_device){.id = dup(a, id),
                                .owner_id = user ? id_for(a, "user", user) : NULL,
                                .name = dup(a, name),
                                .device_type = "sip_device",
                                .enabled = true,
                                .sip_username = dup(a, n->username),
                                .sip_ha1 = "0123456789abcdef0123456789abcdef",
                                .sip_method = "password",
                                .sip_invite_format = "contact",
                                .doc = "{}"};
    while (*i + 1 < line->count && strcmp(line->words[*i + 1], ";") != 0) {
        const char *word = line->words[++*i];
        if (strcmp(word, "registered") == 0)
            n->registered = true;
        else if (strcmp(word, "disabled") == 0)
            d->enabled = false;
        else if (strcmp(word, "dnd") == 0)
            d->do_not_disturb = true;
        else if (strcmp(word, "external") == 0)
            d->caller_id = dupf(a, "{\"external\":{\"number\":\"%s\"}}%s", next_word(line, i), "");
        else if (strcmp(word, "emergency") == 0)
            d->caller_id = dupf(a, "{\"emergency\":{\"number\":\"%s\"}}%s", next_word(line, i), "");
        else if (strcmp(word, "deny") == 0)
            d->call_restriction = deny_object(a, next_word(line, i));
        else if (strcmp(word, "route") == 0) {
            d->sip_invite_format = "route";
            d->sip_route = dup(a, next_word(line, i));
        } else if (strcmp(word, "hotdesk") == 0) {
            snprintf(copy, sizeof(copy), "%s", next_word(line, i));
            for (char *u = strtok_r(copy, ",", &rest); u; u = strtok_r(NULL, ",", &rest))
                snprintf(hot + strlen(hot), sizeof(hot) - strlen(hot), "%s\"%s\":{}",
                         hot[0] ? "," : "", id_for(a, "user", u));
            d->hotdesk = dupf(a, "{\"users\":{%s}}%s", hot, "");
        } else if (strcmp(word, "forward") == 0) {
            int rule;
            const char *object = forward_words(a, line, i, &rule);
            if (rule == 0)
                d->call_forward = object;
            else
                d->doc = dupf(a, "{\"%s\":%s}",
                              rule == 1   ? "call_forward_busy"
                              : rule == 2 ? "call_forward_no_answer"
                                          : "call_failover",
                              object);
        } else
            fail(line, "device: what is '%s'?", word);
    }
}

/* user NAME ext N [ringing S] [vmbox N] [did NUMBER] [external NUMBER] [emergency NUMBER] [dnd]
 * [disabled] [deny A,B] [no-flow] ; device ... */
static void user_line(struct world *w, const struct line *line)
{
    struct account *a = last_account(w, line);
    struct cx_row_user *u = GROW(a, users, user_count, struct cx_row_user);
    const char *name = line->count > 1 ? line->words[1] : "", *ext = NULL, *box = NULL,
               *external = "", *emergency = "", *dids[8];
    int did_count = 0;
    bool flow = true;
    char text[1024], node[400];

    *u = (struct cx_row_user){.id = id_for(a, "user", name),
                              .first_name = dup(a, name),
                              .last_name = "",
                              .enabled = true,
                              .timeout_s = -1,
                              .max_calls = -1,
                              .doc = "{}"};
    for (int i = 2; i < line->count; i++) {
        const char *word = line->words[i];
        if (strcmp(word, "ext") == 0)
            ext = next_word(line, &i);
        else if (strcmp(word, "ringing") == 0)
            u->timeout_s = atoi(next_word(line, &i));
        else if (strcmp(word, "vmbox") == 0)
            box = next_word(line, &i);
        else if (strcmp(word, "did") == 0 && did_count < 8)
            dids[did_count++] = next_word(line, &i);
        else if (strcmp(word, "external") == 0)
            external = next_word(line, &i);
        else if (strcmp(word, "emergency") == 0)
            emergency = next_word(line, &i);
        else if (strcmp(word, "dnd") == 0)
            u->do_not_disturb = true;
        else if (strcmp(word, "disabled") == 0)
            u->enabled = false;
        else if (strcmp(word, "deny") == 0)
            u->call_restriction = deny_object(a, next_word(line, &i));
        else if (strcmp(word, "forward") == 0) {
            int rule;
            const char *object = forward_words(a, line, &i, &rule);
            *(rule == 0   ? &u->call_forward
              : rule == 1 ? &u->call_forward_busy
              : rule == 2 ? &u->call_forward_no_answer
                          : &u->call_failover) = object;
        } else if (strcmp(word, "hotdesk") == 0)
            u->hotdesk = "{\"enabled\":true,\"id\":\"1234\"}";
        else if (strcmp(word, "max-calls") == 0)
            u->max_calls = atoi(next_word(line, &i));
        else if (strcmp(word, "no-flow") == 0)
            flow = false;
        else if (strcmp(word, ";") == 0 && i + 1 < line->count &&
                 strcmp(line->words[i + 1], "device") == 0) {
            i++;
            device_words(a, line, &i, name);
        } else
            fail(line, "user: what is '%s'?", word);
    }
    if (!ext)
        fail(line, "user NAME ext N");
    u->presence_id = dup(a, ext);
    snprintf(text, sizeof(text),
             "{\"internal\":{\"name\":\"%s\",\"number\":\"%s\"},\"external\":{\"number\":\"%s\"},"
             "\"emergency\":{\"number\":\"%s\"}}",
             name, ext, external, emergency);
    u->caller_id = dup(a, text);
    if (box) {
        struct cx_row_vmbox *b = GROW(a, vmboxes, vmbox_count, struct cx_row_vmbox);
        *b = (struct cx_row_vmbox){.id = id_for(a, "vmbox", box),
                                   .owner_id = u->id,
                                   .mailbox = dup(a, box),
                                   .check_if_owner = true,
                                   .max_message_length_s = -1};
        snprintf(node, sizeof(node),
                 "\"_\":{\"module\":\"voicemail\",\"data\":{\"id\":\"%s\"},\"children\":{}}",
                 b->id);
    } else
        node[0] = '\0';
    if (flow) {
        struct cx_row_callflow *f;
        snprintf(text, sizeof(text),
                 "{\"module\":\"user\",\"data\":{\"id\":\"%s\"},\"children\":{%s}}", u->id, node);
        f = add_flow(a, name, dup(a, text));
        f->owner_id = u->id;
        flow_number(a, f, ext);
        for (int i = 0; i < did_count; i++)
            flow_number(a, f, dids[i]);
    }
    for (int i = 0; i < did_count; i++)
        add_number(a, dids[i], false);
}

/* Words like @user:bob in a flow's JSON become ids. */
const char *with_ids(struct account *a, const char *json)
{
    char text[4096];
    size_t n = 0;

    while (*json && n + 40 < sizeof(text)) {
        char kind[16], name[64], id[33];
        int used = 0;
        if (*json == '@' && sscanf(json, "@%15[a-z]:%63[a-zA-Z0-9_-]%n", kind, name, &used) == 2 &&
            used > 0) {
            make_id(a->name, kind, name, id);
            memcpy(text + n, id, 32);
            n += 32;
            json += used;
        } else
            text[n++] = *json++;
    }
    text[n] = '\0';
    return dup(a, text);
}

/* flow NAME numbers A,B [patterns P] [owner USER] : JSON */
static void flow_line(struct world *w, const struct line *line)
{
    struct account *a = last_account(w, line);
    const char *json = strstr(line->text, " : ");
    struct cx_row_callflow *f;
    char *rest = NULL;

    if (!json || line->count < 4)
        fail(line, "flow NAME numbers A,B : JSON");
    f = add_flow(a, line->words[1], with_ids(a, json + 3));
    for (int i = 2; i < line->count && strcmp(line->words[i], ":") != 0; i++) {
        if (strcmp(line->words[i], "numbers") == 0) {
            char copy[400];
            snprintf(copy, sizeof(copy), "%s", next_word(line, &i));
            for (char *n = strtok_r(copy, ",", &rest); n; n = strtok_r(NULL, ",", &rest))
                flow_number(a, f, n);
        } else if (strcmp(line->words[i], "patterns") == 0) {
            const char **p = cx_rows_alloc(&a->rows, sizeof(*p));
            *p = dup(a, next_word(line, &i));
            f->patterns = p;
            f->pattern_count = 1;
        } else if (strcmp(line->words[i], "owner") == 0) {
            f->owner_id = id_for(a, "user", next_word(line, &i));
        } else
            fail(line, "flow: what is '%s'?", line->words[i]);
    }
}

/* number N [force-outbound]: in service on the account, without a callflow of its own */
static void number_line(struct world *w, const struct line *line)
{
    if (line->count < 2)
        fail(line, "number +E164");
    add_number(last_account(w, line), line->words[1],
               line->count > 2 && strcmp(line->words[2], "force-outbound") == 0);
}

/* carrier NAME [own] [weight N] [rule P]... [disabled] [emergency] gateway ADDRESS [prefix P]... */
static void carrier_line(struct world *w, const struct line *line)
{
    bool own = false;
    struct account *a;
    struct cx_row_resource *r;
    char rules[512] = "";

    for (int i = 2; i < line->count; i++)
        own |= strcmp(line->words[i], "own") == 0;
    a = own ? last_account(w, line) : &w->cluster;
    r = GROW(a, resources, resource_count, struct cx_row_resource);
    *r = (struct cx_row_resource){.id = id_for(a, "carrier", line->words[1]),
                                  .name = dup(a, line->words[1]),
                                  .enabled = true,
                                  .weight_cost = 50,
                                  .doc = "{}"};
    for (int i = 2; i < line->count; i++) {
        const char *word = line->words[i];
        if (strcmp(word, "own") == 0)
            continue;
        if (strcmp(word, "weight") == 0)
            r->weight_cost = (uint8_t)atoi(next_word(line, &i));
        else if (strcmp(word, "disabled") == 0)
            r->enabled = false;
        else if (strcmp(word, "emergency") == 0)
            r->emergency = true;
        else if (strcmp(word, "rule") == 0) {
            const char *p = next_word(line, &i);
            size_t n = strlen(rules);
            n += (size_t)snprintf(rules + n, sizeof(rules) - n, "%s\"", n ? "," : "[");
            for (; *p && n + 4 < sizeof(rules); p++) {
                if (*p == '\\')
                    rules[n++] = '\\';
                rules[n++] = *p;
            }
            rules[n++] = '"';
            rules[n] = '\0';
        } else if (strcmp(word, "gateway") == 0) {
            struct cx_row_gateway *g =
                grow(&a->rows, (void **)&r->gateways, &r->gateway_count, sizeof(*g));
            r->gateways = g - (r->gateway_count - 1);
            *g = (struct cx_row_gateway){.name = "",
                                         .enabled = true,
                                         .server = dup(a, next_word(line, &i)),
                                         .port = 5060,
                                         .transport = "udp",
                                         .prefix = "",
                                         .suffix = "",
                                         .inbound = true};
        } else if (strcmp(word, "prefix") == 0 && r->gateway_count > 0)
            r->gateways[r->gateway_count - 1].prefix = dup(a, next_word(line, &i));
        else
            fail(line, "carrier: what is '%s'?", word);
    }
    if (rules[0])
        r->rules = dupf(a, "%s]%s", rules, "");
}

/* device NAME ...: a phone that belongs to nobody */
static void device_line(struct world *w, const struct line *line)
{
    int i = 0;

    device_words(last_account(w, line), line, &i, NULL);
}

/* doc account|user NAME|device USER_NAME : JSON      further keys of the document */
/* column user NAME COLUMN : JSON, or device: a JSON column as it stands */
static void column_line(struct world *w, const struct line *line)
{
    struct account *a = last_account(w, line);
    const char *json = strstr(line->text, " : "), **column = NULL, *id;
    bool user = line->count > 4 && strcmp(line->words[1], "user") == 0;

    if (!json || line->count < 5)
        fail(line, "column user|device NAME COLUMN : JSON");
    id = id_for(a, line->words[1], line->words[2]);
    for (size_t i = 0; user && i < a->rows.user_count; i++) {
        struct cx_row_user *u = &a->rows.users[i];
        const struct {
            const char *name, **at;
        } columns[] = {{"call_forward", &u->call_forward},
                       {"call_failover", &u->call_failover},
                       {"call_forward_busy", &u->call_forward_busy},
                       {"call_forward_no_answer", &u->call_forward_no_answer},
                       {"hotdesk", &u->hotdesk}};
        for (size_t k = 0; strcmp(u->id, id) == 0 && k < 5; k++)
            if (strcmp(columns[k].name, line->words[3]) == 0)
                column = columns[k].at;
    }
    for (size_t i = 0; !user && i < a->rows.device_count; i++)
        if (strcmp(a->rows.devices[i].id, id) == 0)
            column = strcmp(line->words[3], "hotdesk") == 0 ? &a->rows.devices[i].hotdesk
                                                            : &a->rows.devices[i].call_forward;
    if (!column)
        fail(line, "there is no such column");
    *column = with_ids(a, json + 3);
}

static void doc_line(struct world *w, const struct line *line)
{
    struct account *a = last_account(w, line);
    const char *json = strstr(line->text, " : "), *kind = line->count > 1 ? line->words[1] : "";
    const char *name = line->count > 2 ? line->words[2] : "", *id, **doc = NULL;

    id = id_for(a, kind, name);
    if (strcmp(kind, "account") == 0)
        doc = &a->rows.account.doc;
    for (size_t i = 0; strcmp(kind, "user") == 0 && i < a->rows.user_count; i++)
        if (strcmp(a->rows.users[i].id, id) == 0)
            doc = &a->rows.users[i].doc;
    for (size_t i = 0; strcmp(kind, "device") == 0 && i < a->rows.device_count; i++)
        if (strcmp(a->rows.devices[i].id, id) == 0)
            doc = &a->rows.devices[i].doc;
    if (!json || !doc)
        fail(line, "doc account|user NAME|device USER-DEVICE : JSON");
    *doc = with_ids(a, json + 3);
}

bool world_line(struct world *w, const struct line *line)
{
    static const struct {
        const char *word;
        void (*use)(struct world *w, const struct line *line);
    } lines[] = {{"account", account_line}, {"user", user_line},       {"device", device_line},
                 {"flow", flow_line},       {"carrier", carrier_line}, {"number", number_line},
                 {"doc", doc_line},         {"column", column_line}};

    if (!w->cluster.rows.account.id) {
        init_account(&w->cluster, "cluster");
        w->cluster.rows.account.id = "";
    }
    for (size_t i = 0; i < sizeof(lines) / sizeof(*lines); i++)
        if (strcmp(line->words[0], lines[i].word) == 0) {
            lines[i].use(w, line);
            return true;
        }
    return document_line(w, line) || media_line(w, line);
}

/* Rows must come as the database gives them: sorted by id (which is their first member), numbers by
 * number. */
static int by_first(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static void sort(void *rows, size_t count, size_t size)
{
    if (count > 1)
        qsort(rows, count, size, by_first);
}

static void compile(struct account *a, const struct line *at)
{
    struct cx_account_rows *r = &a->rows;
    struct cx_compile_error error;

    sort(r->users, r->user_count, sizeof(*r->users));
    sort(r->devices, r->device_count, sizeof(*r->devices));
    sort(r->vmboxes, r->vmbox_count, sizeof(*r->vmboxes));
    sort(r->callflows, r->callflow_count, sizeof(*r->callflows));
    sort(r->numbers, r->number_count, sizeof(*r->numbers));
    sort(r->media, r->media_count, sizeof(*r->media));
    documents_sort(a);
    if (cx_compile(r, &a->image, &error) < 0)
        fail(at, "account %s does not compile: %s %s: %s", a->name, error.document, error.path,
             error.message);
}

/* The same users and extensions as the first account, all registered: nothing of it may ever
 * appear. */
static void add_shadow(struct world *w)
{
    struct account *a = &w->accounts[w->account_count], *first = &w->accounts[0];

    w->account_count++;
    init_account(a, "shadow");
    for (size_t i = 0; i < first->rows.user_count; i++) {
        struct line line = {.file = "shadow"};
        snprintf(line.text, sizeof(line.text), "user %s ext %s vmbox %s ; device desk registered",
                 first->rows.users[i].first_name, first->rows.users[i].presence_id,
                 first->rows.users[i].presence_id);
        char *rest = NULL;
        for (char *word = strtok_r(line.text, " ", &rest); word; word = strtok_r(NULL, " ", &rest))
            line.words[line.count++] = word;
        user_line(w, &line);
    }
}

void world_refused(struct world *w, const struct line *at, const char *path, const char *message)
{
    struct account *a = last_account(w, at);
    struct cx_compile_error error;

    sort(a->rows.callflows, a->rows.callflow_count, sizeof(*a->rows.callflows));
    documents_sort(a);
    if (cx_compile(&a->rows, &a->image, &error) == 0)
        fail(at, "it compiles");
    if (strcmp(error.path, path) != 0 || !strstr(error.message, message))
        fail(at, "refused at %s: %s", error.path, error.message);
}

void world_compile(struct world *w, const struct line *at)
{
    if (w->account_count == 0)
        fail(at, "no account");
    add_shadow(w);
    for (int i = 0; i < w->account_count; i++)
        compile(&w->accounts[i], at);
    compile(&w->cluster, at);
}

void world_free(struct world *w)
{
    for (int i = 0; i < w->account_count; i++) {
        free(w->accounts[i].image);
        cx_rows_free(&w->accounts[i].rows);
    }
    free(w->cluster.image);
    cx_rows_free(&w->cluster.rows);
}
