/*
 * runner.c - plays tests/scenarios/.call files against the routing core. See
 * tests/scenarios/README.md.
 *
 * A scenario runs in a child process: one that crashes fails alone.
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "kamailio_mod/routing/cursor.h"
#include "kamailio_mod/routing/tzfile.h"
#include "play.h"

void fail(const struct line *at, const char *format, ...)
{
    va_list ap;

    printf("  %s:%d: ", at->file, at->number);
    va_start(ap, format);
    vprintf(format, ap);
    va_end(ap);
    printf("\n");
    fflush(stdout);
    _exit(1);
}

static void split(struct line *line)
{
    static char copy[sizeof(line->text)];
    char *p = copy;

    snprintf(copy, sizeof(copy), "%s", line->text);
    line->count = 0;
    while (*p && line->count < WORDS_MAX) {
        while (*p == ' ' || *p == '\t')
            p++;
        if (!*p)
            break;
        bool quoted = *p == '"';
        line->words[line->count++] = p += quoted;
        while (*p && (quoted ? *p != '"' : *p != ' ' && *p != '\t'))
            p++;
        if (*p)
            *p++ = '\0';
    }
}

static bool registered(void *arg, struct cx_str username, struct cx_str realm)
{
    struct play *p = arg;

    for (int i = 0; i < p->world.account_count; i++) {
        struct account *a = &p->world.accounts[i];
        const char *r = a->rows.account.realm;
        if (strlen(r) != realm.len || memcmp(r, realm.s, realm.len) != 0)
            continue;
        for (int k = 0; k < a->device_count; k++)
            if (strlen(a->devices[k].username) == username.len &&
                memcmp(a->devices[k].username, username.s, username.len) == 0)
                return a->devices[k].registered;
    }
    return false;
}

static bool number_owner(void *arg, struct cx_str number, struct cx_id *account)
{
    struct play *p = arg;

    for (int i = 0; i < p->world.account_count; i++) {
        const struct cx_account_rows *r = &p->world.accounts[i].rows;
        for (size_t k = 0; k < r->number_count; k++)
            if (strlen(r->numbers[k].number) == number.len &&
                memcmp(r->numbers[k].number, number.s, number.len) == 0)
                return cx_id_parse(p->world.accounts[i].id, 32, account);
    }
    return false;
}

struct cx_env env_of(struct play *p)
{
    return (struct cx_env){.arg = p,
                           .registered = registered,
                           .busy = phone_busy,
                           .last_number = phone_last_number,
                           .number_owner = number_owner};
}

void check_isolation(struct play *p, const struct line *at)
{
    const struct account *shadow = &p->world.accounts[p->world.account_count - 1];
    char hex[33];

    if (p->step.kind == CX_STEP_PICKUP)
        for (int i = 0; i < p->step.u.pickup.count; i++)
            if (device_by_id(shadow, p->step.u.pickup.targets[i].device))
                fail(at, "a call of the other tenant is taken");
    if (p->step.kind == CX_STEP_RING)
        for (int i = 0; i < p->step.u.ring.count; i++)
            if (device_by_id(shadow, p->step.u.ring.targets[i].device))
                fail(at, "a phone of the other tenant rings");
    for (size_t i = 0; p->step.kind == CX_STEP_SERVICE && i < shadow->rows.vmbox_count; i++)
        if (memmem(p->step.u.service.params.s, p->step.u.service.params.len,
                   shadow->rows.vmboxes[i].id, 32))
            fail(at, "a box of the other tenant is used");
    for (int i = 0; i < p->step.trace_count && i < CX_TRACE_MAX; i++) {
        cx_id_format(p->step.trace[i].document, hex);
        if (strcmp(hex, shadow->id) == 0)
            fail(at, "a decision names the other tenant");
    }
}

/* Goes on to another account as the module does. */
static void enter(struct play *p, const struct line *at, const char *wanted)
{
    struct account *a = world_by_id(&p->world, p->step.u.enter.account);
    struct cx_env env = env_of(p);

    if (!a || strcmp(a->name, wanted) != 0)
        fail(at, "goes on to account %s, not %s", a ? a->name : "?", wanted);
    snprintf(p->dialled, sizeof(p->dialled), "%.*s", (int)p->step.u.enter.number.len,
             p->step.u.enter.number.s);
    snprintf(p->number, sizeof(p->number), "%.*s", (int)p->step.caller_number.len,
             p->step.caller_number.len ? p->step.caller_number.s : "");
    p->account = a;
    p->call.from = CX_FROM_ONNET;
    p->call.forwarded = p->call.keep_caller_id = false;
    p->call.device = (struct cx_id){{0}};
    p->call.dialled = (struct cx_str){p->dialled, (uint32_t)strlen(p->dialled)};
    p->call.caller_number = (struct cx_str){p->number, (uint32_t)strlen(p->number)};
    cx_route(a->image, p->world.cluster.image, &env, &p->call, &p->step);
    check_isolation(p, at);
    told_begin(p, at);
}

/* By the clock on the account's wall; [ms] unix. */
static int64_t local_time(const struct play *p, const struct line *at, const char *text)
{
    static struct cx_tz tz;
    struct tm tm = {0};
    int64_t wall;

    if (!strptime(text, "%Y-%m-%d %H:%M:%S", &tm))
        fail(at, "local \"YYYY-MM-DD HH:MM:SS\"");
    if (cx_tz_load(p->account->rows.account.timezone, &tz) < 0)
        fail(at, "the account's time zone is unknown");
    wall = timegm(&tm);
    wall -= cx_zone_offset(&tz.zone, wall - cx_zone_offset(&tz.zone, wall));
    return wall * 1000;
}

/* call DEVICE|carrier [from NUMBER] -> DIALLED [at 'YYYY-MM-DD HH:MM:SS'] */
static void start_call(struct play *p, const struct line *line)
{
    struct cx_env env = env_of(p);
    const struct named_device *d;
    int i = 2;

    if (!p->compiled)
        world_compile(&p->world, line);
    p->compiled = true;
    p->account = &p->world.accounts[0];
    memset(&p->call, 0, sizeof(p->call));
    p->number[0] = p->name[0] = '\0';
    if (line->count < 4)
        fail(line, "call WHO -> NUMBER");
    if (strcmp(line->words[1], "carrier") == 0) {
        p->call.from = CX_FROM_CARRIER;
    } else {
        d = find_device(p->account, line->words[1]);
        if (!d)
            fail(line, "there is no phone %s", line->words[1]);
        p->call.from = CX_FROM_DEVICE;
        p->call.device = d->id;
        snprintf(p->number, sizeof(p->number), "%s", d->username);
    }
    for (; i < line->count; i++) {
        const char *word = line->words[i];
        if (i + 1 >= line->count)
            fail(line, "'%s' wants a word behind it", word);
        if (strcmp(word, "->") == 0)
            snprintf(p->dialled, sizeof(p->dialled), "%s", line->words[++i]);
        else if (strcmp(word, "from") == 0)
            snprintf(p->number, sizeof(p->number), "%s", line->words[++i]);
        else if (strcmp(word, "name") == 0)
            snprintf(p->name, sizeof(p->name), "%s", line->words[++i]);
        else if (strcmp(word, "at") == 0) {
            struct tm tm = {0};
            if (!strptime(line->words[++i], "%Y-%m-%d %H:%M:%S", &tm))
                fail(line, "at \"YYYY-MM-DD HH:MM:SS\"");
            p->call.now_ms = (int64_t)timegm(&tm) * 1000;
        } else if (strcmp(word, "local") == 0) {
            p->call.now_ms = local_time(p, line, line->words[++i]);
        } else if (strcmp(word, "anonymous") == 0 && strcmp(line->words[++i], "yes") == 0) {
            p->call.anonymous = true;
        } else
            fail(line, "call: what is '%s'?", word);
    }
    if (p->call.from == CX_FROM_CARRIER) { /* the number's owner, as the module finds it */
        struct cx_id id;
        struct cx_str n = {p->dialled, (uint32_t)strlen(p->dialled)};
        if (number_owner(p, n, &id))
            p->account = world_by_id(&p->world, id);
    }
    p->call.dialled = (struct cx_str){p->dialled, (uint32_t)strlen(p->dialled)};
    p->call.caller_number = (struct cx_str){p->number, (uint32_t)strlen(p->number)};
    p->call.caller_name = (struct cx_str){p->name, (uint32_t)strlen(p->name)};
    cx_route(p->account->image, p->world.cluster.image, &env, &p->call, &p->step);
    p->has_step = true;
    check_isolation(p, line);
    told_begin(p, line);
}

static const char *kind_name(enum cx_step_kind kind)
{
    static const char *const names[] = {"?",      "rings", "service",  "outbound",
                                        "enters", "reply", "picks-up", "parks"};

    return names[kind];
}

void want_kind(const struct play *p, const struct line *at, enum cx_step_kind kind)
{
    if (p->step.kind != kind)
        fail(at, "%s was expected, got %s %u %.*s", kind_name(kind), kind_name(p->step.kind),
             p->step.kind == CX_STEP_REPLY ? p->step.u.reply.code : 0,
             p->step.kind == CX_STEP_SERVICE ? (int)p->step.u.service.params.len : 0,
             p->step.u.service.params.s);
}

void want_text(const struct line *at, const char *what, struct cx_str got, const char *wanted)
{
    if (got.len != strlen(wanted) || (got.len && memcmp(got.s, wanted, got.len) != 0))
        fail(at, "%s is '%.*s', not '%s'", what, (int)got.len, got.len ? got.s : "", wanted);
}

/* service NAME [TEXT-IN-PARAMETERS]... ; @kind:name in a text is an id */
static void want_service(struct play *p, const struct line *line)
{
    want_kind(p, line, CX_STEP_SERVICE);
    want_text(line, "service", p->step.u.service.name, line->count > 1 ? line->words[1] : "");
    for (int i = 2; i < line->count; i++) {
        char text[256], kind[16], name[64], id[33], *at;
        snprintf(text, sizeof(text), "%s", line->words[i]);
        at = strchr(text, '@');
        if (at && sscanf(at, "@%15[a-z]:%63s", kind, name) == 2) {
            make_id(p->account->name, kind, name, id);
            snprintf(at, sizeof(text) - (size_t)(at - text), "%s", id);
        }
        if (!memmem(p->step.u.service.params.s, p->step.u.service.params.len, text, strlen(text)))
            fail(line, "parameters are '%.*s'", (int)p->step.u.service.params.len,
                 p->step.u.service.params.s);
    }
}

/* outbound NUMBER [as NUMBER] [via ADDRESS...] [sends NUMBER] [emergency] */
static void want_outbound(struct play *p, const struct line *line)
{
    bool private = false;

    want_kind(p, line, CX_STEP_OUTBOUND);
    want_text(line, "number", p->step.u.outbound.number, line->count > 1 ? line->words[1] : "");
    for (int i = 2; i < line->count; i++) {
        if (strcmp(line->words[i], "as") == 0 && i + 1 < line->count)
            want_text(line, "caller number", p->step.caller_number, line->words[++i]);
        else if (strcmp(line->words[i], "sends") == 0 && i + 1 < line->count)
            want_text(line, "number sent", p->step.u.outbound.gateways[0].number, line->words[++i]);
        else if (strcmp(line->words[i], "diversion") == 0 && i + 1 < line->count)
            want_text(line, "diversion", p->step.u.outbound.diversion, line->words[++i]);
        else if (strcmp(line->words[i], "private") == 0) {
            private = true;
        } else if (strcmp(line->words[i], "emergency") == 0) {
            if (!p->step.u.outbound.emergency)
                fail(line, "it is not treated as an emergency call");
        } else if (strcmp(line->words[i], "via") == 0) {
            unsigned n = 0;
            for (i++; i < line->count; i++, n++) {
                if (n >= p->step.u.outbound.count)
                    fail(line, "only %u gateways", p->step.u.outbound.count);
                want_text(line, "gateway", p->step.u.outbound.gateways[n].server, line->words[i]);
            }
            if (n != p->step.u.outbound.count)
                fail(line, "%u gateways", p->step.u.outbound.count);
        } else
            fail(line, "outbound: what is '%s'?", line->words[i]);
    }
    if (private != p->step.privacy)
        fail(line, "the caller is %shidden", p->step.privacy ? "" : "not ");
}

static void want_reply(struct play *p, const struct line *line)
{
    want_kind(p, line, CX_STEP_REPLY);
    if (line->count < 2 || p->step.u.reply.code != atoi(line->words[1]))
        fail(line, "reply is %u %.*s", p->step.u.reply.code, (int)p->step.u.reply.reason.len,
             p->step.u.reply.reason.s);
}

static void want_enters(struct play *p, const struct line *line)
{
    want_kind(p, line, CX_STEP_ENTER);
    if (line->count < 2)
        fail(line, "enters ACCOUNT [as NUMBER]");
    if (line->count > 3)
        want_text(line, "caller number", p->step.caller_number, line->words[3]);
    enter(p, line, line->words[1]);
}

/* alert TEXT: header Alert-Info */
static void want_alert(struct play *p, const struct line *line)
{
    want_text(line, "alert info", p->step.alert_info, line->count > 1 ? line->words[1] : "");
}

/* because TEXT: some decision of the step says so */
static void want_because(struct play *p, const struct line *line)
{
    const char *wanted = line->count > 1 ? line->words[1] : "";

    for (int i = 0; i < p->step.trace_count; i++)
        if (strstr(p->step.trace[i].reason, wanted))
            return;
    fail(line, "no decision says '%s'", wanted);
}

/* recorded [by account|endpoint|callflow] [as mp3|wav] [for S] [if DEVICE]; not-recorded */
static void want_recorded(struct play *p, const struct line *line)
{
    static const char *const scopes[] = {"callflow", "account", "endpoint"};
    const struct cx_record_rule *r = &p->step.record;

    for (int i = 1; i + 1 < line->count; i++) {
        const struct named_device *d;
        if (strcmp(line->words[i], "if") != 0)
            continue;
        d = find_device(p->account, line->words[i + 1]);
        r = NULL;
        for (int k = 0; d && p->step.kind == CX_STEP_RING && k < p->step.u.ring.count; k++)
            if (cx_id_equal(p->step.u.ring.targets[k].device, d->id))
                r = &p->step.u.ring.targets[k].record;
    }
    if (!r || !r->on)
        fail(line, "it is not recorded");
    for (int i = 1; i + 1 < line->count; i += 2) {
        const char *word = line->words[i], *value = line->words[i + 1];
        if (strcmp(word, "by") == 0)
            want_text(line, "whose rule it is",
                      (struct cx_str){scopes[r->scope], (uint32_t)strlen(scopes[r->scope])}, value);
        else if (strcmp(word, "as") == 0)
            want_text(line, "format", (struct cx_str){r->wav ? "wav" : "mp3", 3}, value);
        else if (strcmp(word, "for") == 0 && r->limit_s != atoi(value))
            fail(line, "the limit is %u s", r->limit_s);
    }
}

static void want_not_recorded(struct play *p, const struct line *line)
{
    if (p->step.record.on)
        fail(line, "it is recorded");
    for (int k = 0; p->step.kind == CX_STEP_RING && k < p->step.u.ring.count; k++)
        if (p->step.u.ring.targets[k].record.on)
            fail(line, "it is recorded if one of the phones answers");
}

static const struct {
    const char *word;
    void (*check)(struct play *p, const struct line *line);
} checks[] = {
    {"rings", want_rings},     {"service", want_service},   {"outbound", want_outbound},
    {"reply", want_reply},     {"enters", want_enters},     {"because", want_because},
    {"alert", want_alert},     {"leg", want_leg},           {"target", want_target},
    {"targets", want_targets}, {"ringing", want_ringing},   {"picks-up", want_picks_up},
    {"parks", want_parks},     {"recorded", want_recorded}, {"not-recorded", want_not_recorded}};

static const struct {
    const char *word;
    enum cx_outcome outcome;
    uint16_t code;
} outcomes[] = {{"busy", CX_OUT_BUSY, 486},         {"no-answer", CX_OUT_NO_ANSWER, 480},
                {"declined", CX_OUT_REJECTED, 603}, {"unreachable", CX_OUT_UNREACHABLE, 480},
                {"failed", CX_OUT_FAILED, 503},     {"continues", CX_OUT_CONTINUE, 0}};

static bool outcome_line(struct play *p, const struct line *line)
{
    struct cx_env env = env_of(p);

    for (size_t i = 0; i < sizeof(outcomes) / sizeof(*outcomes); i++) {
        const char *key = line->count > 1 ? line->words[1] : "";
        struct cx_cursor cursor = p->step.cursor;
        if (strcmp(line->words[0], outcomes[i].word) != 0)
            continue;
        cx_route_next(p->account->image, p->world.cluster.image, &env, &p->call, &cursor,
                      outcomes[i].outcome, outcomes[i].code,
                      (struct cx_str){key, (uint32_t)strlen(key)}, &p->step);
        check_isolation(p, line);
        told_next(p, line, key[0] ? NULL : outcomes[i].word);
        return true;
    }
    return false;
}

/* goes-on [KEY], dials NUMBER: a worker that answered continues the tree, as the module lets it,
 * with nothing but the cursor in its header. */
static bool continue_line(struct play *p, const struct line *line)
{
    static const uint8_t key[32] = {7};
    struct cx_env env = env_of(p);
    static struct cx_cursor cursor;
    const char *word = with_ids(p->account, line->count > 1 ? line->words[1] : "");
    bool dials = strcmp(line->words[0], "dials") == 0;
    char text[CX_CURSOR_TEXT_MAX];
    int64_t now_ms = p->call.now_ms;
    struct cx_str w = {word, (uint32_t)strlen(word)};

    if (!dials && strcmp(line->words[0], "goes-on") != 0)
        return false;
    if (p->step.kind != CX_STEP_SERVICE)
        fail(line, "only a service goes on");
    if (cx_cursor_decode(
            (struct cx_str){text, (uint32_t)cx_cursor_encode(&p->step.cursor, key, text)}, key,
            &cursor) < 0)
        fail(line, "the cursor does not come back");
    cx_cursor_call(&cursor, &p->call);
    p->call.now_ms = now_ms;
    p->call.answered = true;
    if (dials)
        cx_route_dial(p->account->image, p->world.cluster.image, &env, &p->call, &cursor, w,
                      &p->step);
    else
        cx_route_next(p->account->image, p->world.cluster.image, &env, &p->call, &cursor,
                      CX_OUT_CONTINUE, 0, w, &p->step);
    check_isolation(p, line);
    told_forget(p);
    return true;
}

static void use_line(struct play *p, struct line *line)
{
    bool known = false;

    split(line);
    if (line->count == 0)
        return;
    if (!p->compiled && world_line(&p->world, line))
        return;
    if (phone_line(p, line))
        return;
    if (strcmp(line->words[0], "call") == 0) {
        start_call(p, line);
        return;
    }
    if (strcmp(line->words[0], "refused") == 0 && line->count > 1) {
        world_refused(&p->world, line, line->words[1], line->count > 2 ? line->words[2] : "");
        p->checked++;
        return;
    }
    if (!p->has_step)
        fail(line, "what is '%s'?", line->words[0]);
    if (strcmp(line->words[0], "follow") == 0) {
        follow_line(p, line);
        return;
    }
    for (size_t i = 0; i < sizeof(checks) / sizeof(*checks); i++)
        if (strcmp(line->words[0], checks[i].word) == 0) {
            checks[i].check(p, line);
            p->checked++;
            known = true;
        }
    if (!known && !outcome_line(p, line) && !continue_line(p, line))
        fail(line, "what is '%s'?", line->words[0]);
}

static void play_file(const char *path)
{
    struct play *p = calloc(1, sizeof(*p));
    struct line line = {.file = path};
    FILE *f = fopen(path, "re");

    if (!f || !p)
        fail(&line, "cannot be read");
    while (fgets(line.text, sizeof(line.text), f)) {
        line.number++;
        line.text[strcspn(line.text, "\r\n")] = '\0';
        if (line.text[0] != '#')
            use_line(p, &line);
    }
    if (p->checked == 0)
        fail(&line, "expects nothing");
    fclose(f);
    told_forget(p);
    world_free(&p->world);
    free(p);
}

int main(int argc, char **argv)
{
    int passed = 0, failed = 0;

    if (argc < 2 || strcmp(argv[1], "--help") == 0) {
        puts("usage: scenario_runner FILE.call...");
        return argc < 2 ? 2 : 0;
    }
    for (int i = 1; i < argc; i++) {
        int status = 1;
        pid_t child;
        fflush(stdout);
        child = fork();
        if (child == 0) {
            play_file(argv[i]);
            fflush(stdout);
            exit(0); /* not _exit: the sanitizers look for leaks now */
        }
        if (child < 0 || waitpid(child, &status, 0) < 0)
            status = 1;
        printf("%s %s\n", status == 0 ? "ok  " : "FAIL", argv[i]);
        *(status == 0 ? &passed : &failed) += 1;
    }
    printf("%d passed, %d failed\n", passed, failed);
    return failed ? 1 : 0;
}
